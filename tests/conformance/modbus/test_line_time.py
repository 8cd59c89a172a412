"""Characters and silences of a serial line by clause of Modbus over Serial Line V1.02."""

from __future__ import annotations

import pytest

from emulators.modbus.checksums import with_crc
from emulators.modbus.device import ModbusDevice
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.rtu import RtuLine
from emulators.modbus.serial_settings import Parity, SerialSettings

NONE, EVEN, ODD = Parity.NONE, Parity.EVEN, Parity.ODD

ROWS = [
    # clause and case, (baud, parity, stop bits, data bits), bits a character, t1.5 and t3.5 in µs
    ("2.5.1 default of the standard", (19_200, EVEN, 1, 8), 11, 859.375, 2005.208),
    ("2.5.1 odd parity", (9600, ODD, 1, 8), 11, 1718.75, 4010.417),
    ("2.5.1 no parity needs two stop bits", (9600, NONE, 2, 8), 11, 1718.75, 4010.417),
    ("2.5.1 no parity and one stop bit, as devices have it", (9600, NONE, 1, 8), 10, 1562.5, 3645.833),
    ("2.5.1 parity and two stop bits", (9600, EVEN, 2, 8), 12, 1875.0, 4375.0),
    ("2.5.2 default of ASCII", (19_200, EVEN, 1, 7), 10, 781.25, 1822.917),
    ("2.5.2 ASCII without parity", (9600, NONE, 2, 7), 10, 1562.5, 3645.833),
    ("2.5.2 ASCII, nine bits", (9600, NONE, 1, 7), 9, 1406.25, 3281.25),
    ("2.5.1.1 slowest rate in use", (1200, EVEN, 1, 8), 11, 13_750.0, 32_083.333),
    ("2.5.1.1 up to 19,200 baud by characters", (19_200, NONE, 1, 8), 10, 781.25, 1822.917),
    ("2.5.1.1 above 19,200 baud fixed", (19_201, EVEN, 1, 8), 11, 750.0, 1750.0),
    ("2.5.1.1 38,400 baud", (38_400, EVEN, 1, 8), 11, 750.0, 1750.0),
    ("2.5.1.1 115,200 baud", (115_200, NONE, 2, 8), 11, 750.0, 1750.0),
]


@pytest.mark.parametrize(
    ("line", "bits", "t1_5_us", "t3_5_us"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_characters_and_silences_last_as_the_standard_says(line, bits, t1_5_us, t3_5_us) -> None:
    settings = SerialSettings(*line)

    assert settings.bits_per_character == bits
    assert settings.character_ns == pytest.approx(bits * 1e9 / settings.baud_rate, abs=1)
    assert settings.t1_5_ns / 1000 == pytest.approx(t1_5_us, abs=0.01)
    assert settings.t3_5_ns / 1000 == pytest.approx(t3_5_us, abs=0.01)


@pytest.mark.parametrize(
    ("line", "bits", "t1_5_us", "t3_5_us"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_exchange_takes_request_silence_and_answer(line, bits, t1_5_us, t3_5_us) -> None:
    settings = SerialSettings(*line[:3])  # RTU has eight data bits
    rtu = RtuLine(UnitDirectory({1: ModbusDevice(UnitMemory.of_size(10))}), settings)
    rtu.feed(with_crc(bytes.fromhex("01 03 0000 0001")), 0)
    end_ns = 15 * settings.character_ns + settings.t3_5_ns

    early, last = rtu.poll(end_ns - 1), rtu.poll(end_ns)

    assert early + last == with_crc(bytes.fromhex("01 03 02 0000"))
    assert len(last) == 1


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (SerialSettings(9600, EVEN), SerialSettings(19_200, EVEN)),
        (SerialSettings(19_200, EVEN), SerialSettings(9600, EVEN)),
        (SerialSettings(9600, EVEN), SerialSettings(9600, ODD)),
        (SerialSettings(9600, EVEN), SerialSettings(9600, NONE, 1)),
        (SerialSettings(9600, EVEN, 1, 8), SerialSettings(9600, EVEN, 1, 7)),
    ],
    ids=lambda settings: str(settings),
)
def test_units_do_not_understand_a_client_that_is_set_otherwise(ours, theirs) -> None:
    rtu = RtuLine(UnitDirectory({1: ModbusDevice(UnitMemory.of_size(10))}), ours)
    rtu.line.far_end = theirs

    rtu.feed(with_crc(bytes.fromhex("01 03 0000 0001")), 0)

    assert rtu.poll(10**12) == b""
    assert rtu.damaged_count == 1
