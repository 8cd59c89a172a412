"""``ModbusLink`` over every transport that its addresses name, against our own servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

import pytest

from emulators.modbus.ascii import AsciiLine
from emulators.modbus.device import ModbusDevice
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.rtu import RtuLine
from emulators.modbus.serial_port import PtyPort
from emulators.modbus.serial_server import ModbusSerialServer
from emulators.modbus.serial_settings import Parity, SerialSettings
from emulators.modbus.tcp import RTU_STREAM, ModbusTcpServer
from emulators.modbus.udp import ModbusUdpServer
from emulators.serving.loop_thread import EventLoopThread
from hil.targets import ModbusLink
from hil.targets.modbus_errors import NoAnswerError
from hil.targets.modbus_ranges import map_of_ranges
from hil.targets.modbus_url import ModbusUrl

DEADLINE_S = 60.0
RANGES = map_of_ranges(["holding:0..9", "holding:20:float32", "coil:3"])

Serve = Callable[[str], str]


def devices() -> UnitDirectory:
    return UnitDirectory({3: ModbusDevice(UnitMemory.of_size(100))})


def server_and_url(scheme: str) -> tuple[ModbusSerialServer | ModbusTcpServer | ModbusUdpServer, Callable[[], str]]:
    line = SerialSettings(115_200, Parity.NONE, 1)
    make = {
        "modbus-rtu": lambda: ModbusSerialServer(PtyPort(line), partial(RtuLine, devices(), line)),
        "modbus-ascii": lambda: ModbusSerialServer(PtyPort(line), partial(AsciiLine, devices(), line)),
        "modbus-tcp": lambda: ModbusTcpServer(devices()),
        "modbus-rtu-over-tcp": lambda: ModbusTcpServer(devices(), kind=RTU_STREAM),
        "modbus-udp": lambda: ModbusUdpServer(devices()),
    }
    server = make[scheme]()
    if isinstance(server, ModbusSerialServer):
        return server, lambda: f"{scheme}://{server.port.path}?baud=115200&parity=none&unit=3"
    return server, lambda: f"{scheme}://127.0.0.1:{server.address[1]}/3"


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve unit 3 over the transport of a scheme and return its address; all are stopped at the end."""
    with EventLoopThread() as thread, ExitStack() as cleanup:

        def start(scheme: str) -> str:
            server, url = server_and_url(scheme)
            thread.run(server.start(), deadline_s=DEADLINE_S)
            cleanup.callback(lambda: thread.run(server.stop(), deadline_s=DEADLINE_S))
            return url()

        yield start


@pytest.mark.parametrize("scheme", ["modbus-tcp", "modbus-rtu-over-tcp", "modbus-udp", "modbus-rtu", "modbus-ascii"])
def test_values_are_written_and_read_over_every_transport(serve, scheme):
    with ModbusLink(serve(scheme), RANGES) as link:
        link.write("holding:4", 4711)
        link.write("holding:20", -1.5)
        link.write("coil:3", True)

        values = link.read()

    assert (values["holding:4"], values["holding:20"], values["coil:3"]) == (4711, -1.5, True)


@pytest.mark.parametrize("scheme", ["modbus-rtu-over-tcp", "modbus-rtu"])
def test_a_unit_that_is_not_on_the_line_is_silent_and_the_next_request_works(serve, scheme):
    url = serve(scheme)

    with ModbusLink(url, RANGES, timeout_s=0.5) as link:
        with pytest.raises(NoAnswerError, match=r"no answer within 0\.5 s"):
            link.client.read(RANGES.entries[0].table, 0, 1, unit_id=9)

        assert link.read(["holding:0"]) == {"holding:0": 0}


def test_a_broadcast_acts_and_is_said_to_have_no_answer(serve) -> None:
    url = serve("modbus-rtu")

    with (
        ModbusLink(str(ModbusUrl.parse(url).with_unit(0)), RANGES, timeout_s=0.5) as everybody,
        pytest.raises(NoAnswerError, match="unit 0 is the broadcast"),
    ):
        everybody.write("holding:4", 77)

    with ModbusLink(url, RANGES, timeout_s=DEADLINE_S) as link:
        assert link.read(["holding:4"]) == {"holding:4": 77}


def test_a_serial_port_that_goes_away_is_said_to_be_gone() -> None:
    line = SerialSettings(115_200, Parity.NONE, 1)
    server = ModbusSerialServer(PtyPort(line), partial(RtuLine, devices(), line))
    with EventLoopThread() as thread:
        thread.run(server.start(), deadline_s=DEADLINE_S)
        url = f"modbus-rtu://{server.port.path}?baud=115200&parity=none&unit=3"
        with ModbusLink(url, RANGES, timeout_s=DEADLINE_S) as link:
            assert link.read(["holding:0"]) == {"holding:0": 0}
            thread.run(server.stop(), deadline_s=DEADLINE_S)

            refusals = [refusal(link), refusal(link)]

    assert [text.rpartition(": ")[2] for text in refusals] == ["the serial port is gone"] * 2


def refusal(link: ModbusLink) -> str:
    with pytest.raises(NoAnswerError) as refused:
        link.read(["holding:0"])
    return str(refused.value)
