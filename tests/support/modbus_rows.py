"""Requests and their only right answers, by clause of the Modbus Application Protocol V1.1b3.

A row is a name, then requests and responses in turn, all in one conversation with a fresh device; an empty response
is silence. ``conformance_device`` returns that device:

* Holding registers 0..199 hold 0x0100 + address, input registers 0..199 hold 0x0200 + address.
* Coils 0..2999: every third is on. Discrete inputs 0..2999: every fifth is on.
* Files 3 and 4 of 20 records, file 5 of 10,000 records, file 9 read-only; queues of 2, 31, 32 and 0 registers.

With ``is_protected``, holding register 50 and coil 40 do not exist, holding registers 60..63 and coil 48 are read-only.
"""

from __future__ import annotations

from emulators.modbus.device import ModbusDevice
from emulators.modbus.device_files import FileRecords
from emulators.modbus.device_identity import DeviceIdentity
from emulators.modbus.memory import BitCells, RegisterCells, UnitMemory

Row = tuple[str, ...]


def _registers_hex(first: int, count: int) -> str:
    return "".join(f"{first + address:04X}" for address in range(count))


def _bits_hex(count: int, every: int) -> str:
    bits = sum(1 << address for address in range(0, count, every))
    return bits.to_bytes((count + 7) // 8, "little").hex()


def _zero(counter: int) -> tuple[str, str]:
    return f"08 {counter:04X} 0000", f"08 {counter:04X} 0000"


def _no_event() -> tuple[str, str]:
    return "0B", "0B 0000 0000"


DATA_ROWS: list[Row] = [
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
    ("6.1 address and quantity pass 65536", "01 FFFF 0002", "81 02"),
    ("6.1 quantity is checked before the address", "01 FFFF 0000", "81 03"),
    ("6.1 request one byte short", "01 0000 00", "81 03"),
    ("6.1 request one byte long", "01 0000 0001 00", "81 03"),
    ("6.1 function code only", "01", "81 03"),
    ("6.2 read discrete inputs", "02 0000 0008", "02 01 21"),
    ("6.2 quantity 0", "02 0000 0000", "82 03"),
    ("6.2 quantity 2001", "02 0000 07D1", "82 03"),
    ("6.2 ends after the last input", "02 0BB7 0002", "82 02"),
    ("6.2 quantity is checked before the address", "02 FFFF 07D1", "82 03"),
    ("6.2 request one byte short", "02 0000 00", "82 03"),
    ("6.3 read one register", "03 0005 0001", "03 02 0105"),
    ("6.3 read three registers", "03 006B 0003", "03 06 016B 016C 016D"),
    ("6.3 quantity 0", "03 0000 0000", "83 03"),
    ("6.3 quantity 126", "03 0000 007E", "83 03"),
    ("6.3 ends at the last register", "03 00C6 0002", "03 04 01C6 01C7"),
    ("6.3 ends after the last register", "03 00C6 0003", "83 02"),
    ("6.3 address and quantity pass 65536", "03 FFFF 0002", "83 02"),
    ("6.3 quantity is checked before the address", "03 FFFF 007E", "83 03"),
    ("6.3 request one byte short", "03 0000 00", "83 03"),
    ("6.3 request one byte long", "03 0000 0001 00", "83 03"),
    ("6.4 read input registers", "04 0008 0002", "04 04 0208 0209"),
    ("6.4 quantity 0", "04 0000 0000", "84 03"),
    ("6.4 quantity 126", "04 0000 007E", "84 03"),
    ("6.4 ends after the last register", "04 00C7 0002", "84 02"),
    ("6.4 address and quantity pass 65536", "04 FFFF 0002", "84 02"),
    ("6.4 quantity is checked before the address", "04 FFFF 0000", "84 03"),
    ("6.4 request one byte long", "04 0000 0001 00", "84 03"),
    ("6.5 switch a coil on", "05 0004 FF00", "05 0004 FF00"),
    ("6.5 switch a coil off", "05 0003 0000", "05 0003 0000"),
    ("6.5 value 0001", "05 0003 0001", "85 03"),
    ("6.5 value FF01", "05 0003 FF01", "85 03"),
    ("6.5 value FFFF", "05 0003 FFFF", "85 03"),
    ("6.5 value 00FF", "05 0003 00FF", "85 03"),
    ("6.5 value is checked before the address", "05 FFFF 0001", "85 03"),
    ("6.5 last coil", "05 0BB7 FF00", "05 0BB7 FF00"),
    ("6.5 after the last coil", "05 0BB8 FF00", "85 02"),
    ("6.5 request one byte long", "05 0003 FF00 00", "85 03"),
    ("6.5 request one byte short", "05 0003 FF", "85 03"),
    ("6.6 write a register", "06 0001 0003", "06 0001 0003"),
    ("6.6 any value is legal", "06 0001 FFFF", "06 0001 FFFF"),
    ("6.6 last register", "06 00C7 0003", "06 00C7 0003"),
    ("6.6 after the last register", "06 00C8 0003", "86 02"),
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
    ("6.11 byte count is checked before the address", "0F FFFF 000A 01 CD", "8F 03"),
    ("6.11 head only", "0F 0013 000A", "8F 03"),
    ("6.11 last coil", "0F 0BB7 0001 01 01", "0F 0BB7 0001"),
    ("6.11 ends after the last coil", "0F 0BB7 0002 01 03", "8F 02"),
    ("6.11 address and quantity pass 65536", "0F FFFF 0002 01 03", "8F 02"),
    ("6.12 write two registers", "10 0001 0002 04 000A 0102", "10 0001 0002"),
    ("6.12 quantity 0", "10 0001 0000 00", "90 03"),
    ("6.12 quantity 124", "10 0041 007C F8" + "00" * 247, "90 03"),
    ("6.12 quantity 123", "10 0041 007B F6" + "00" * 246, "10 0041 007B"),
    ("6.12 byte count not twice the quantity", "10 0001 0002 03 000A01", "90 03"),
    ("6.12 fewer bytes than the byte count", "10 0001 0002 04 000A01", "90 03"),
    ("6.12 more bytes than the byte count", "10 0001 0002 04 000A0102FF", "90 03"),
    ("6.12 ends after the last register", "10 00C7 0002 04 000A 0102", "90 02"),
    ("6.12 byte count is checked before the address", "10 FFFF 0002 03 000A01", "90 03"),
    ("6.12 head only", "10 0001 0002", "90 03"),
    ("6.12 last register", "10 00C7 0001 02 000A", "10 00C7 0001"),
    ("6.12 address and quantity pass 65536", "10 FFFF 0002 04 000A 0102", "90 02"),
    ("6.16 mask write", "16 0004 00F2 0025", "16 0004 00F2 0025"),
    ("6.16 request one byte short", "16 0004 00F2 00", "96 03"),
    ("6.16 request one byte long", "16 0004 00F2 0025 00", "96 03"),
    ("6.16 last register", "16 00C7 00F2 0025", "16 00C7 00F2 0025"),
    ("6.16 after the last register", "16 00C8 00F2 0025", "96 02"),
    ("6.17 writes before it reads", "17 0003 0002 0004 0001 02 ABCD", "17 04 0103 ABCD"),
    ("6.17 read quantity 0", "17 0003 0000 0004 0001 02 ABCD", "97 03"),
    ("6.17 read quantity 126", "17 0003 007E 0004 0001 02 ABCD", "97 03"),
    ("6.17 write quantity 0", "17 0003 0001 0004 0000 00", "97 03"),
    ("6.17 write quantity 122", "17 0003 0001 0041 007A F4" + "00" * 243, "97 03"),
    ("6.17 write quantity 121", "17 0003 0001 0041 0079 F2" + "00" * 242, "17 02 0103"),
    ("6.17 byte count not twice the quantity", "17 0003 0001 0004 0001 03 ABCD00", "97 03"),
    ("6.17 fewer bytes than the byte count", "17 0003 0001 0004 0001 02 AB", "97 03"),
    ("6.17 more bytes than the byte count", "17 0003 0001 0004 0001 02 ABCD 00", "97 03"),
    ("6.17 head only", "17 0003 0001 0004 0001", "97 03"),
    ("6.17 last register", "17 00C7 0001 00C7 0001 02 ABCD", "17 02 ABCD"),
    ("6.17 quantity is checked before the address", "17 FFFF 0000 0004 0001 02 ABCD", "97 03"),
    ("7 function code 0", "00 0000 0001", "80 01"),
    ("7 unassigned function code 9", "09 0000 0001", "89 01"),
    ("7 user-defined function code 65", "41 00", "C1 01"),
    ("7 function code above 127 keeps its bit", "83 0000 0001", "83 01"),
    ("7 function code is checked before anything else", "63", "E3 01"),
]

PROTECTED_ROWS: list[Row] = [
    ("6.1 runs over a gap", "01 0020 0010", "81 02"),
    ("6.3 runs over a gap", "03 0031 0003", "83 02"),
    ("6.3 reads a read-only register", "03 003C 0001", "03 02 013C"),
    ("6.5 coil does not exist", "05 0028 FF00", "85 02"),
    ("6.5 coil is read-only", "05 0030 FF00", "85 02"),
    ("6.6 register does not exist", "06 0032 0000", "86 02"),
    ("6.6 register is read-only", "06 003D 0000", "86 02"),
    ("6.11 over a gap", "0F 0024 000A 02 CD01", "8F 02"),
    ("6.11 over a read-only coil", "0F 0029 000A 02 CD01", "8F 02"),
    ("6.12 over a gap", "10 0031 0002 04 000A 0102", "90 02"),
    ("6.12 ends in a read-only register", "10 003B 0002 04 000A 0102", "90 02"),
    ("6.16 register is read-only", "16 003C 00F2 0025", "96 02"),
    ("6.16 register does not exist", "16 0032 00F2 0025", "96 02"),
    ("6.17 reads over a gap", "17 0031 0002 0004 0001 02 ABCD", "97 02"),
    ("6.17 writes a read-only register", "17 0003 0001 003C 0001 02 ABCD", "97 02"),
]

CONVERSATION_ROWS: list[Row] = [
    # clause and case, then requests and responses in turn
    ("6.5 the coil is on", "05 0004 FF00", "05 0004 FF00", "01 0003 0003", "01 01 03"),
    ("6.5 the coil is off", "05 0003 0000", "05 0003 0000", "01 0000 0008", "01 01 41"),
    ("6.6 the register holds the value", "06 0001 BEEF", "06 0001 BEEF", "03 0000 0003", "03 06 0100 BEEF 0102"),
    ("6.11 only the ten coils change", "0F 0013 000A 02 CD01", "0F 0013 000A", "01 0010 0010", "01 02 6C 4E"),
    ("6.11 surplus bits are ignored", "0F 0000 0001 01 FE", "0F 0000 0001", "01 0000 0008", "01 01 48"),
    (
        "6.12 only the two registers change",
        *("10 0001 0002 04 000A 0102", "10 0001 0002"),
        *("03 0000 0004", "03 08 0100 000A 0102 0103"),
    ),
    (
        "6.16 the masks work as the clause says",
        *("10 0004 0001 02 0012", "10 0004 0001"),
        *("16 0004 00F2 0025", "16 0004 00F2 0025"),
        *("03 0004 0001", "03 02 0017"),
    ),
    (
        "6.17 a refused read keeps the write out",
        *("17 00C7 0002 0004 0001 02 ABCD", "97 02"),
        *("03 0004 0001", "03 02 0104"),
    ),
    (
        "6.17 a refused write keeps the registers",
        *("17 0003 0001 00C7 0002 04 ABCD ABCD", "97 02"),
        *("03 00C7 0001", "03 02 01C7"),
    ),
    ("6.12 a refused write keeps the registers", "10 00C7 0002 04 ABCD ABCD", "90 02", "03 00C7 0001", "03 02 01C7"),
    ("6.11 a refused write keeps the coils", "0F 0BB0 000A 02 FFFF", "8F 02", "01 0BB0 0008", "01 01 24"),
]

LIMIT_ROWS: list[Row] = [
    # clause and case, request, response at the largest quantity
    ("6.1 quantity 2000", "01 0000 07D0", "01 FA" + _bits_hex(2000, 3)),
    ("6.2 quantity 2000", "02 0000 07D0", "02 FA" + _bits_hex(2000, 5)),
    ("6.3 quantity 125", "03 0000 007D", "03 FA" + _registers_hex(0x0100, 125)),
    ("6.4 quantity 125", "04 0000 007D", "04 FA" + _registers_hex(0x0200, 125)),
    ("6.17 read quantity 125", "17 0000 007D 0000 0001 02 0100", "17 FA" + _registers_hex(0x0100, 125)),
]

STATUS_ROWS: list[Row] = [
    ("6.7 no exception status", "07", "07 00"),
    ("6.7 request one byte long", "07 00", "87 03"),
    ("6.8 sub 0 loops the data back", "08 0000 A537", "08 0000 A537"),
    ("6.8 sub 0 loops 250 bytes back", "08 0000" + "A5" * 250, "08 0000" + "A5" * 250),
    ("6.8 sub 0 without data", "08 0000", "88 03"),
    ("6.8 sub 0 half a word", "08 0000 A5", "88 03"),
    ("6.8 sub 1 restart", "08 0001 0000", "08 0001 0000"),
    ("6.8 sub 1 restart and clear the log", "08 0001 FF00", "08 0001 FF00"),
    ("6.8 sub 1 another option", "08 0001 0001", "88 03"),
    ("6.8 sub 2 diagnostic register", "08 0002 0000", "08 0002 0000"),
    ("6.8 sub 2 data is not zero", "08 0002 0001", "88 03"),
    ("6.8 sub 3 ASCII delimiter", "08 0003 3B00", "08 0003 3B00"),
    ("6.8 sub 3 low byte is not zero", "08 0003 3B01", "88 03"),
    ("6.8 sub 4 data is not zero", "08 0004 0001", "88 03", "03 0005 0001", "03 02 0105"),
    (
        "6.8 sub 4 silences the device until sub 1",
        *("08 0004 0000", ""),
        *("03 0005 0001", ""),
        *("08 0000 A537", ""),
        *("06 0005 FFFF", ""),
        *("63", ""),
        *("08 0001 0002", ""),
        *("08 0001 0000", ""),
        *("03 0005 0001", "03 02 0105"),
    ),
    (
        "6.8 sub 1 with FF00 clears the log of a time in listen-only mode too",
        *("08 0004 0000", ""),
        *("08 0001 FF00", ""),
        *("0C", "0C 08 0000 0000 0001 80 00"),
    ),
    ("6.8 sub 5 is reserved", "08 0005 0000", "88 01"),
    ("6.8 sub 10 clears the counters", "03 0000 0000", "83 03", "08 000A 0000", "08 000A 0000", *_zero(0x0D)),
    ("6.8 sub 10 data is not zero", "08 000A 0001", "88 03"),
    ("6.8 sub 11 counts messages, this one too", "03 0005 0001", "03 02 0105", "08 000B 0000", "08 000B 0002"),
    ("6.8 sub 11 counts refused messages", "63", "E3 01", "08 000B 0000", "08 000B 0002"),
    ("6.8 sub 11 begins again after sub 10", "08 000A 0000", "08 000A 0000", "08 000B 0000", "08 000B 0001"),
    ("6.8 sub 11 begins again after a restart", "08 0001 0000", "08 0001 0000", "08 000B 0000", "08 000B 0001"),
    ("6.8 sub 11 data is not zero", "08 000B 0001", "88 03"),
    ("6.8 sub 11 request one byte short", "08 000B 00", "88 03"),
    ("6.8 sub 12 no damaged message", *_zero(0x0C)),
    ("6.8 sub 13 counts exceptions", "63", "E3 01", "03 0000 0000", "83 03", "08 000D 0000", "08 000D 0002"),
    ("6.8 sub 13 no exception yet", "03 0005 0001", "03 02 0105", *_zero(0x0D)),
    ("6.8 sub 14 counts processed messages", "03 0005 0001", "03 02 0105", "08 000E 0000", "08 000E 0002"),
    ("6.8 sub 15 every message was answered", "03 0005 0001", "03 02 0105", *_zero(0x0F)),
    ("6.8 sub 16 no negative acknowledge", *_zero(0x10)),
    ("6.8 sub 17 never busy", *_zero(0x11)),
    ("6.8 sub 18 no overrun", *_zero(0x12)),
    ("6.8 sub 19 is reserved", "08 0013 0000", "88 01"),
    ("6.8 sub 20 clears the overrun counter", "08 0014 0000", "08 0014 0000", *_zero(0x12)),
    ("6.8 sub 20 data is not zero", "08 0014 0001", "88 03"),
    ("6.8 sub 21 is reserved", "08 0015 0000", "88 01"),
    ("6.8 sub 65535 is reserved", "08 FFFF 0000", "88 01"),
    ("6.8 half a subfunction", "08 00", "88 03"),
    ("6.8 function code only", "08", "88 03"),
    ("6.9 no event yet", "0B", "0B 0000 0000"),
    ("6.9 counts a success", "03 0005 0001", "03 02 0105", "0B", "0B 0000 0001"),
    ("6.9 counts no exception", "03 0000 0000", "83 03", "0B", "0B 0000 0000"),
    ("6.9 does not count itself", "0B", "0B 0000 0000", "0B", "0B 0000 0000"),
    ("6.9 begins again after sub 10", "03 0005 0001", "03 02 0105", "08 000A 0000", "08 000A 0000", *_no_event()),
    ("6.9 begins again after a restart", "03 0005 0001", "03 02 0105", "08 0001 0000", "08 0001 0000", *_no_event()),
    ("6.9 request one byte long", "0B 00", "8B 03"),
    ("6.10 log of the first request", "0C", "0C 07 0000 0000 0001 80"),
    ("6.10 log of a success", "03 0005 0001", "03 02 0105", "0C", "0C 09 0000 0001 0002 80 40 80"),
    ("6.10 log of an exception", "03 0000 0000", "83 03", "0C", "0C 09 0000 0000 0002 80 41 80"),
    ("6.10 log after a restart", "08 0001 0000", "08 0001 0000", "0C", "0C 0A 0000 0000 0001 80 00 40 80"),
    ("6.10 log cleared by a restart", "08 0001 FF00", "08 0001 FF00", "0C", "0C 08 0000 0000 0001 80 00"),
    (
        "6.10 log of a time in listen-only mode",
        *("08 0004 0000", ""),
        *("03 0005 0001", ""),
        *("08 0001 0000", ""),
        *("0C", "0C 0F 0000 0000 0001 80 00 60 A0 60 A0 60 04 80"),
    ),
    (
        "6.10 log holds 64 events",
        *("03 0005 0001", "03 02 0105") * 40,
        *("0C", "0C 46 0000 0028 0029 80" + "4080" * 31 + "40"),
    ),
    ("6.10 request one byte long", "0C 00", "8C 03"),
]

FILE_ROWS: list[Row] = [
    ("6.14 read two records", "14 07 06 0004 0001 0002", "14 06 05 06 0401 0402"),
    (
        "6.14 read two groups",
        "14 0E 06 0004 0001 0002 06 0003 0009 0002",
        "14 0C 05 06 0401 0402 05 06 0309 030A",
    ),
    ("6.14 read record 9999", "14 07 06 0005 270F 0001", "14 04 03 06 0000"),
    ("6.14 record 10000", "14 07 06 0005 2710 0001", "94 02"),
    ("6.14 thirty-five groups", "14 F5" + "06 0004 0001 0001" * 35, "14 8C" + "03 06 0401" * 35),
    ("6.14 largest response", "14 07 06 0005 0000 007C", "14 FA F9 06" + "00" * 248),
    ("6.14 response would be too long", "14 07 06 0005 0000 007D", "94 03"),
    ("6.14 response of two groups would be too long", "14 0E 06 0005 0000 003F 06 0005 0000 003F", "94 03"),
    ("6.14 reference type 5", "14 07 05 0004 0001 0002", "94 02"),
    ("6.14 file 0", "14 07 06 0000 0001 0002", "94 02"),
    ("6.14 file does not exist", "14 07 06 0007 0001 0002", "94 02"),
    ("6.14 ends after the last record", "14 07 06 0004 0013 0002", "94 02"),
    ("6.14 length 0", "14 07 06 0004 0001 0000", "94 02"),
    ("6.14 second group does not exist", "14 0E 06 0004 0001 0002 06 0007 0009 0002", "94 02"),
    ("6.14 byte count 0", "14 00", "94 03"),
    ("6.14 byte count 6", "14 06 06 0004 0001 00", "94 03"),
    ("6.14 byte count no multiple of 7", "14 08 06 0004 0001 0002 06", "94 03"),
    ("6.14 byte count 246", "14 F6" + "00" * 246, "94 03"),
    ("6.14 fewer bytes than the byte count", "14 0E 06 0004 0001 0002", "94 03"),
    ("6.14 more bytes than the byte count", "14 07 06 0004 0001 0002 00", "94 03"),
    ("6.14 byte count is checked before the file", "14 06 06 0007 0001 00", "94 03"),
    ("6.14 function code only", "14", "94 03"),
    (
        "6.15 write three records",
        *("15 0D 06 0004 0007 0003 06AF 04BE 100D", "15 0D 06 0004 0007 0003 06AF 04BE 100D"),
        *("14 07 06 0004 0006 0005", "14 0C 0B 06 0406 06AF 04BE 100D 040A"),
    ),
    (
        "6.15 write two groups",
        *("15 12 06 0004 0000 0001 AAAA 06 0003 0001 0001 BBBB", "15 12 06 0004 0000 0001 AAAA 06 0003 0001 0001 BBBB"),
        *("14 0E 06 0004 0000 0001 06 0003 0001 0001", "14 08 03 06 AAAA 03 06 BBBB"),
    ),
    (
        "6.15 a refused group keeps the others out",
        *("15 12 06 0004 0000 0001 AAAA 06 0007 0001 0001 BBBB", "95 02"),
        *("14 07 06 0004 0000 0001", "14 04 03 06 0400"),
    ),
    ("6.15 largest request", *("15 FB 06 0005 0000 007A" + "55" * 244,) * 2),
    ("6.15 reference type 7", "15 09 07 0004 0000 0001 AAAA", "95 02"),
    ("6.15 file does not exist", "15 09 06 0007 0000 0001 AAAA", "95 02"),
    ("6.15 ends after the last record", "15 0B 06 0004 0013 0002 AAAA BBBB", "95 02"),
    ("6.15 file is read-only", "15 09 06 0009 0000 0001 AAAA", "95 02"),
    ("6.15 byte count 8", "15 08 06 0004 0000 0000 AA", "95 03"),
    ("6.15 fewer records than the length", "15 0B 06 0004 0000 0003 AAAA BBBB", "95 03"),
    ("6.15 a byte behind the last group", "15 0A 06 0004 0000 0001 AAAA 06", "95 03"),
    ("6.15 fewer bytes than the byte count", "15 0B 06 0004 0000 0002 AAAA", "95 03"),
    ("6.15 byte count is checked before the file", "15 0A 06 0007 0000 0001 AAAA 06", "95 03"),
    ("6.18 read two registers", "18 04DE", "18 0006 0002 01B8 1284"),
    ("6.18 reading empties nothing", *("18 04DE", "18 0006 0002 01B8 1284") * 2),
    ("6.18 empty queue", "18 0700", "18 0002 0000"),
    ("6.18 queue of 31", "18 0500", "18 0040 001F" + "0102" * 31),
    ("6.18 queue of 32", "18 0600", "98 03"),
    ("6.18 queue does not exist", "18 04DF", "98 02"),
    ("6.18 request one byte short", "18 04", "98 03"),
    ("6.18 request one byte long", "18 04DE 00", "98 03"),
]

_BASIC = "00 07" + b"Company".hex() + "01 0A" + b"Product XX".hex() + "02 05" + b"V2.11".hex()
_MODEL = "05 03" + b"M-1".hex()
_LONG = "A5" * 200

IDENTITY_ROWS: list[Row] = [
    ("6.13 server id, run indicator, additional", "11", "11 05 0A2B FF 0102"),
    ("6.13 request one byte long", "11 00", "91 03"),
    ("6.21 basic stream", "2B 0E 01 00", "2B 0E 01 83 00 00 03" + _BASIC),
    ("6.21 regular stream", "2B 0E 02 00", "2B 0E 02 83 00 00 04" + _BASIC + _MODEL),
    (
        "6.21 extended stream goes on in a second response",
        *("2B 0E 03 00", "2B 0E 03 83 FF 91 06" + _BASIC + _MODEL + "80 02 CAFE 90 C8" + _LONG),
        *("2B 0E 03 91", "2B 0E 03 83 00 00 01 91 C8" + _LONG),
    ),
    ("6.21 stream from an object", "2B 0E 01 02", "2B 0E 01 83 00 00 01 02 05" + b"V2.11".hex()),
    ("6.21 stream from an unknown object begins at 0", "2B 0E 01 03", "2B 0E 01 83 00 00 03" + _BASIC),
    ("6.21 single object", "2B 0E 04 01", "2B 0E 04 83 00 00 01 01 0A" + b"Product XX".hex()),
    ("6.21 single extended object", "2B 0E 04 80", "2B 0E 04 83 00 00 01 80 02 CAFE"),
    ("6.21 single object that does not exist", "2B 0E 04 06", "AB 02"),
    ("6.21 read code 0", "2B 0E 00 00", "AB 03"),
    ("6.21 read code 5", "2B 0E 05 00", "AB 03"),
    ("6.21 request one byte short", "2B 0E 01", "AB 03"),
    ("6.21 request one byte long", "2B 0E 01 00 00", "AB 03"),
    ("6.19 another interface type", "2B 0F 01 00", "AB 01"),
    ("6.19 another interface type alone", "2B 0F", "AB 01"),
    ("6.20 CANopen is not there", "2B 0D 01 00", "AB 01"),
    ("6.19 function code only", "2B", "AB 03"),
]


def conformance_device(*, is_protected: bool = False) -> ModbusDevice:
    """Return the device that every row speaks to."""

    def marks(count: int, *absent: int) -> bytes:
        return bytes(0 if is_protected and address in absent else 1 for address in range(count))

    memory = UnitMemory(
        coils=BitCells(marks(3000, 40), marks(3000, 40, 48)),
        discrete_inputs=BitCells(marks(3000), bytes(3000)),
        input_registers=RegisterCells(marks(200), bytes(200)),
        holding_registers=RegisterCells(marks(200, 50), marks(200, 50, 60, 61, 62, 63)),
    )
    memory.holding_registers.cells[:] = bytes.fromhex(_registers_hex(0x0100, 200))
    memory.input_registers.cells[:] = bytes.fromhex(_registers_hex(0x0200, 200))
    memory.coils.cells[:] = bytes.fromhex(_bits_hex(3000, 3))
    memory.discrete_inputs.cells[:] = bytes.fromhex(_bits_hex(3000, 5))
    return ModbusDevice(memory, identity=IDENTITY, files=_files(), fifo_queues=FIFO_QUEUES)


IDENTITY = DeviceIdentity(
    vendor_name="Company",
    product_code="Product XX",
    revision="V2.11",
    model_name="M-1",
    further_objects={0x80: b"\xca\xfe", 0x90: b"\xa5" * 200, 0x91: b"\xa5" * 200},
    server_id=b"\x0a\x2b",
    additional=b"\x01\x02",
)
FIFO_QUEUES = {0x04DE: [0x01B8, 0x1284], 0x0500: [0x0102] * 31, 0x0600: [0x0102] * 32, 0x0700: []}


def _files() -> FileRecords:
    numbered = {number: bytes.fromhex(_registers_hex(number << 8, 20)) for number in (3, 4, 9)}
    return FileRecords({**numbered, 5: bytes(20_000)}, read_only=(9,))
