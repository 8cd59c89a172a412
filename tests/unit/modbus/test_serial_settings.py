from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis.strategies import binary, sampled_from

from emulators.modbus.serial_settings import Parity, SerialSettings
from emulators.modbus.uart import receive

EVEN_9600 = SerialSettings(9600, Parity.EVEN, 1)


def test_character_of_eleven_bits_takes_its_time_at_9600_baud() -> None:
    assert EVEN_9600.bits_per_character == 11
    assert EVEN_9600.character_ns == 1_145_833
    assert (EVEN_9600.t1_5_ns, EVEN_9600.t3_5_ns) == (1_718_749, 4_010_415)


@pytest.mark.parametrize("baud_rate", [38_400, 115_200])
def test_silences_are_fixed_above_19200_baud(baud_rate: int) -> None:
    line = SerialSettings(baud_rate)

    assert (line.t1_5_ns, line.t3_5_ns) == (750_000, 1_750_000)


def test_silences_are_of_characters_up_to_19200_baud() -> None:
    line = SerialSettings(19_200)

    assert (line.t1_5_ns, line.t3_5_ns) == (859_374, 2_005_206)


@pytest.mark.parametrize("baud_rate", [50, 4_000_000])
def test_slowest_and_fastest_line_are_settings(baud_rate: int) -> None:
    assert SerialSettings(baud_rate).character_ns == 11 * 1_000_000_000 // baud_rate


@pytest.mark.parametrize("wrong", [{"baud_rate": 49}, {"baud_rate": 4_000_001}, {"stop_bits": 3}, {"data_bits": 5}])
def test_settings_that_no_port_has_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"bits|baud"):
        SerialSettings(**wrong)


@settings(derandomize=True, max_examples=60)
@given(binary(max_size=30), sampled_from([9600, 19200]), sampled_from(list(Parity)))
def test_second_stop_bit_of_the_sender_harms_no_receiver(octets: bytes, baud_rate: int, parity: Parity) -> None:
    seen = receive(octets, SerialSettings(baud_rate, parity, 2), SerialSettings(baud_rate, parity, 1))

    assert (seen.characters, seen.is_damaged) == (octets, False)


@settings(derandomize=True, max_examples=60)
@given(binary(min_size=1, max_size=30), sampled_from([0.98, 0.99, 1.01, 1.02]))
def test_baud_rates_two_per_cent_apart_still_understand_each_other(octets: bytes, ratio: float) -> None:
    seen = receive(octets, SerialSettings(round(9600 * ratio)), SerialSettings(9600))

    assert (seen.characters, seen.is_damaged) == (octets, False)


@settings(derandomize=True, max_examples=60)
@given(binary(min_size=8, max_size=30), sampled_from([(9600, 19200), (19200, 9600), (115200, 9600), (9600, 38400)]))
def test_wrong_baud_rate_never_lets_the_characters_through(octets: bytes, rates: tuple[int, int]) -> None:
    seen = receive(octets, SerialSettings(rates[0]), SerialSettings(rates[1]))

    assert seen.is_damaged or seen.characters != octets


@pytest.mark.parametrize(
    ("sender", "receiver"),
    [(Parity.EVEN, Parity.ODD), (Parity.ODD, Parity.EVEN), (Parity.EVEN, Parity.NONE), (Parity.NONE, Parity.EVEN)],
    ids=["even-odd", "odd-even", "even-none", "none-even"],
)
def test_wrong_parity_damages_a_read_request(sender: Parity, receiver: Parity) -> None:
    request = bytes.fromhex("010300000002C40B")

    assert receive(request, SerialSettings(9600, sender), SerialSettings(9600, receiver)).is_damaged
