"""Requests and their only right answers, by clause of the Modbus Application Protocol V1.1b3."""

from __future__ import annotations

import pytest

from emulators.modbus.device import ModbusDevice
from emulators.modbus.memory import BitCells, RegisterCells, UnitMemory

# The unit under test. Holding registers 0..199 hold 0x0100 + address; 50 does not exist; 60..63 are read-only.
# Input registers 0..199 hold 0x0200 + address. Coils 0..2999: every third is on; 40 does not exist, 48 is read-only.
# Discrete inputs 0..2999: every fifth is on.

ROWS = [
    # clause and case, request, response
    ("6.1 read one coil that is on", "01 0003 0001", "01 01 01"),
    ("6.1 read one coil that is off", "01 0004 0001", "01 01 00"),
    ("6.1 read ten coils, last byte padded with zeros", "01 0000 000A", "01 02 49 02"),
    ("6.1 read coils across a byte boundary", "01 0006 0008", "01 01 49"),
    ("6.1 quantity 0", "01 0000 0000", "81 03"),
    ("6.1 quantity 2001", "01 0000 07D1", "81 03"),
    ("6.1 quantity 65535", "01 0000 FFFF", "81 03"),
    ("6.1 ends at the last coil", "01 0BB7 0001", "01 01 00"),
    ("6.1 ends after the last coil", "01 0BB7 0002", "81 02"),
    ("6.1 starts after the last coil", "01 0BB8 0001", "81 02"),
    ("6.1 runs over a gap", "01 0020 0010", "81 02"),
    ("6.1 address and quantity pass 65536", "01 FFFF 0002", "81 02"),
    ("6.1 quantity is checked before the address", "01 FFFF 0000", "81 03"),
    ("6.1 request one byte short", "01 0000 00", "81 03"),
    ("6.1 request one byte long", "01 0000 0001 00", "81 03"),
    ("6.1 function code only", "01", "81 03"),
    ("6.2 read discrete inputs", "02 0000 0008", "02 01 21"),
    ("6.2 quantity 0", "02 0000 0000", "82 03"),
    ("6.2 quantity 2001", "02 0000 07D1", "82 03"),
    ("6.2 ends after the last input", "02 0BB7 0002", "82 02"),
    ("6.2 request one byte short", "02 0000 00", "82 03"),
    ("6.3 read one register", "03 0005 0001", "03 02 0105"),
    ("6.3 read three registers", "03 006B 0003", "03 06 016B 016C 016D"),
    ("6.3 quantity 0", "03 0000 0000", "83 03"),
    ("6.3 quantity 126", "03 0000 007E", "83 03"),
    ("6.3 ends at the last register", "03 00C6 0002", "03 04 01C6 01C7"),
    ("6.3 ends after the last register", "03 00C6 0003", "83 02"),
    ("6.3 runs over a gap", "03 0031 0003", "83 02"),
    ("6.3 reads a read-only register", "03 003C 0001", "03 02 013C"),
    ("6.3 address and quantity pass 65536", "03 FFFF 0002", "83 02"),
    ("6.3 quantity is checked before the address", "03 FFFF 007E", "83 03"),
    ("6.3 request one byte short", "03 0000 00", "83 03"),
    ("6.3 request one byte long", "03 0000 0001 00", "83 03"),
    ("6.4 read input registers", "04 0008 0002", "04 04 0208 0209"),
    ("6.4 quantity 0", "04 0000 0000", "84 03"),
    ("6.4 quantity 126", "04 0000 007E", "84 03"),
    ("6.4 ends after the last register", "04 00C7 0002", "84 02"),
    ("6.5 switch a coil on", "05 0004 FF00", "05 0004 FF00"),
    ("6.5 switch a coil off", "05 0003 0000", "05 0003 0000"),
    ("6.5 value 0001", "05 0003 0001", "85 03"),
    ("6.5 value FF01", "05 0003 FF01", "85 03"),
    ("6.5 value FFFF", "05 0003 FFFF", "85 03"),
    ("6.5 value 00FF", "05 0003 00FF", "85 03"),
    ("6.5 value is checked before the address", "05 FFFF 0001", "85 03"),
    ("6.5 coil does not exist", "05 0028 FF00", "85 02"),
    ("6.5 coil is read-only", "05 0030 FF00", "85 02"),
    ("6.5 request one byte short", "05 0003 FF", "85 03"),
    ("6.6 write a register", "06 0001 0003", "06 0001 0003"),
    ("6.6 any value is legal", "06 0001 FFFF", "06 0001 FFFF"),
    ("6.6 register does not exist", "06 0032 0000", "86 02"),
    ("6.6 register is read-only", "06 003D 0000", "86 02"),
    ("6.6 request one byte short", "06 0001 00", "86 03"),
    ("6.6 request one byte long", "06 0001 0003 00", "86 03"),
    ("6.11 write ten coils", "0F 0013 000A 02 CD01", "0F 0013 000A"),
    ("6.11 quantity 0", "0F 0013 0000 00", "8F 03"),
    ("6.11 quantity 1969", "0F 0013 07B1 F7" + "00" * 247, "8F 03"),
    ("6.11 quantity 1968", "0F 0064 07B0 F6" + "00" * 246, "0F 0064 07B0"),
    ("6.11 byte count too small", "0F 0013 000A 01 CD", "8F 03"),
    ("6.11 byte count too large", "0F 0013 000A 03 CD0100", "8F 03"),
    ("6.11 fewer bytes than the byte count", "0F 0013 000A 02 CD", "8F 03"),
    ("6.11 more bytes than the byte count", "0F 0013 000A 02 CD0100", "8F 03"),
    ("6.11 over a gap", "0F 0024 000A 02 CD01", "8F 02"),
    ("6.11 over a read-only coil", "0F 0029 000A 02 CD01", "8F 02"),
    ("6.11 byte count is checked before the address", "0F FFFF 000A 01 CD", "8F 03"),
    ("6.11 head only", "0F 0013 000A", "8F 03"),
    ("6.12 write two registers", "10 0001 0002 04 000A 0102", "10 0001 0002"),
    ("6.12 quantity 0", "10 0001 0000 00", "90 03"),
    ("6.12 quantity 124", "10 0041 007C F8" + "00" * 248, "90 03"),
    ("6.12 quantity 123", "10 0041 007B F6" + "00" * 246, "10 0041 007B"),
    ("6.12 byte count not twice the quantity", "10 0001 0002 03 000A01", "90 03"),
    ("6.12 fewer bytes than the byte count", "10 0001 0002 04 000A01", "90 03"),
    ("6.12 more bytes than the byte count", "10 0001 0002 04 000A0102FF", "90 03"),
    ("6.12 over a gap", "10 0031 0002 04 000A 0102", "90 02"),
    ("6.12 ends in a read-only register", "10 003B 0002 04 000A 0102", "90 02"),
    ("6.12 ends after the last register", "10 00C7 0002 04 000A 0102", "90 02"),
    ("6.12 byte count is checked before the address", "10 FFFF 0002 03 000A01", "90 03"),
    ("6.12 head only", "10 0001 0002", "90 03"),
    ("6.16 mask write", "16 0004 00F2 0025", "16 0004 00F2 0025"),
    ("6.16 register is read-only", "16 003C 00F2 0025", "96 02"),
    ("6.16 register does not exist", "16 0032 00F2 0025", "96 02"),
    ("6.16 request one byte short", "16 0004 00F2 00", "96 03"),
    ("6.17 writes before it reads", "17 0003 0002 0004 0001 02 ABCD", "17 04 0103 ABCD"),
    ("6.17 read quantity 0", "17 0003 0000 0004 0001 02 ABCD", "97 03"),
    ("6.17 read quantity 126", "17 0003 007E 0004 0001 02 ABCD", "97 03"),
    ("6.17 write quantity 0", "17 0003 0001 0004 0000 00", "97 03"),
    ("6.17 write quantity 122", "17 0003 0001 0041 007A F4" + "00" * 244, "97 03"),
    ("6.17 write quantity 121", "17 0003 0001 0041 0079 F2" + "00" * 242, "17 02 0103"),
    ("6.17 byte count not twice the quantity", "17 0003 0001 0004 0001 03 ABCD00", "97 03"),
    ("6.17 fewer bytes than the byte count", "17 0003 0001 0004 0001 02 AB", "97 03"),
    ("6.17 reads over a gap", "17 0031 0002 0004 0001 02 ABCD", "97 02"),
    ("6.17 writes a read-only register", "17 0003 0001 003C 0001 02 ABCD", "97 02"),
    ("6.17 quantity is checked before the address", "17 FFFF 0000 0004 0001 02 ABCD", "97 03"),
    ("7 function code 0", "00 0000 0001", "80 01"),
    ("7 unassigned function code 9", "09 0000 0001", "89 01"),
    ("7 user-defined function code 65", "41 00", "C1 01"),
    ("7 function code above 127 keeps its bit", "83 0000 0001", "83 01"),
    ("7 function code is checked before anything else", "63", "E3 01"),
]


@pytest.fixture
def unit() -> ModbusDevice:
    def marks(count: int, *absent: int) -> bytes:
        return bytes(0 if address in absent else 1 for address in range(count))

    memory = UnitMemory(
        coils=BitCells(marks(3000, 40), marks(3000, 40, 48)),
        discrete_inputs=BitCells(marks(3000), bytes(3000)),
        input_registers=RegisterCells(marks(200), bytes(200)),
        holding_registers=RegisterCells(marks(200, 50), marks(200, 50, 60, 61, 62, 63)),
    )
    for address in range(200):
        memory.holding_registers.store_in_place(address, 1, (0x0100 + address).to_bytes(2, "big"))
        memory.input_registers.store_in_place(address, 1, (0x0200 + address).to_bytes(2, "big"))
    for address in range(3000):
        memory.coils.store_in_place(address, 1, bytes([address % 3 == 0]))
        memory.discrete_inputs.store_in_place(address, 1, bytes([address % 5 == 0]))
    return ModbusDevice(memory)


@pytest.mark.parametrize(("request_hex", "response_hex"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_response_is_the_one_the_clause_asks_for(unit: ModbusDevice, request_hex: str, response_hex: str) -> None:
    response = unit.pdu(bytes.fromhex(request_hex))

    assert response == bytes.fromhex(response_hex)


@pytest.mark.parametrize(
    "request_hex", [row[1] for row in ROWS if row[2][0] in "89C"], ids=[row[0] for row in ROWS if row[2][0] in "89C"]
)
def test_refused_request_leaves_every_cell_as_it_was(unit: ModbusDevice, request_hex: str) -> None:
    before = (bytes(unit.memory.coils.cells), bytes(unit.memory.holding_registers.cells))

    unit.pdu(bytes.fromhex(request_hex))

    assert (bytes(unit.memory.coils.cells), bytes(unit.memory.holding_registers.cells)) == before


READ_BACK_ROWS = [
    # clause and case, write request, read request, answer to the read
    ("6.5 the coil is on", "05 0004 FF00", "01 0003 0003", "01 01 03"),
    ("6.5 the coil is off", "05 0003 0000", "01 0000 0008", "01 01 41"),
    ("6.6 the register holds the value", "06 0001 BEEF", "03 0000 0003", "03 06 0100 BEEF 0102"),
    ("6.11 only the ten coils change", "0F 0013 000A 02 CD01", "01 0010 0010", "01 02 6C 4E"),
    ("6.12 only the two registers change", "10 0001 0002 04 000A 0102", "03 0000 0004", "03 08 0100 000A 0102 0103"),
    ("6.16 the masks work as the clause says", "16 0004 00F2 0025", "03 0004 0001", "03 02 0005"),
]


@pytest.mark.parametrize(
    ("write_hex", "read_hex", "answer_hex"), [row[1:] for row in READ_BACK_ROWS], ids=[row[0] for row in READ_BACK_ROWS]
)
def test_read_after_write_shows_exactly_what_was_written(
    unit: ModbusDevice, write_hex: str, read_hex: str, answer_hex: str
) -> None:
    unit.pdu(bytes.fromhex(write_hex))

    assert unit.pdu(bytes.fromhex(read_hex)) == bytes.fromhex(answer_hex)
