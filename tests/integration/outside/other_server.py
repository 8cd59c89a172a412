"""Serves 200 holding registers (7 times their address) with a package that others wrote; argument: its name.

Prints the URL once it listens, ends when its input does. Not a test: it runs in a process of its own.
"""

from __future__ import annotations

import sys
import threading

DEADLINE_S = 30.0
REGISTERS = [7 * address for address in range(200)]


def py_modbus_tcp() -> str:
    from pyModbusTCP.server import DataBank, DeviceIdentification, ModbusServer

    bank = DataBank(h_regs_size=200, i_regs_size=1, coils_size=1, d_inputs_size=1)
    bank.set_holding_registers(0, REGISTERS)
    identity = DeviceIdentification(vendor_name=b"Example", product_code=b"X", major_minor_revision=b"1")
    server = ModbusServer("127.0.0.1", 0, no_block=True, data_bank=bank, device_id=identity)
    server.start()
    return f"modbus-tcp://127.0.0.1:{server._service.server_address[1]}/1"


def modbus_tk() -> str:
    from modbus_tk.modbus_tcp import TcpServer

    is_listening = threading.Event()

    class AnnouncedServer(TcpServer):
        def _do_init(self) -> None:  # binds and listens, in the server's own thread
            super()._do_init()
            is_listening.set()

    server = AnnouncedServer(0, "127.0.0.1")
    unit = server.add_slave(3)
    unit.add_block("holding", 3, 0, 200)
    unit.set_values("holding", 0, REGISTERS)
    server._thread.daemon = True
    server.start()
    if not is_listening.wait(DEADLINE_S):
        raise TimeoutError(f"modbus_tk does not listen after {DEADLINE_S} s")
    return f"modbus-tcp://127.0.0.1:{server._sock.getsockname()[1]}/3"


if __name__ == "__main__":
    print({"pyModbusTCP": py_modbus_tcp, "modbus_tk": modbus_tk}[sys.argv[1]](), flush=True)  # noqa: T201 - the URL
    sys.stdin.read()
