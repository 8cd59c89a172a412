"""Every standard function of IEC 61131-3 against a table: call, arguments, type and value of the result.

Arguments are written ``{INT 5}``: each becomes a variable with that initial value, so that nothing is folded before
run time. All rows are one program, run by the first and the last executor of the machine.
"""

from __future__ import annotations

import math
import re

import pytest
from st_plc import NativePlc, compile_text

from emulators.native import Executor, NativeFault, available_executors

DAY = 86_400 * 10**9
S = 10**9
MS = 10**6

# clause 6.6.2.5.5: numerical functions of one variable, clause 6.6.2.5.6: arithmetic
NUMERIC = [
    ("ABS({INT -5})", "INT", 5),
    ("ABS({INT -32768})", "INT", -32768),
    ("ABS({UINT 5})", "UINT", 5),
    ("ABS({REAL -2.5})", "REAL", 2.5),
    ("SQRT({REAL 2.0})", "REAL", 1.41421354),
    ("SQRT({LREAL 2.0})", "LREAL", math.sqrt(2)),
    ("LN({LREAL 10.0})", "LREAL", 2.302585092994046),
    ("LOG({LREAL 1000.0})", "LREAL", 3.0),
    ("EXP({LREAL 1.0})", "LREAL", math.e),
    ("SIN({LREAL 0.5})", "LREAL", 0.479425538604203),
    ("COS({LREAL 0.5})", "LREAL", 0.8775825618903728),
    ("TAN({LREAL 0.5})", "LREAL", 0.5463024898437905),
    ("ASIN({LREAL 0.5})", "LREAL", 0.5235987755982989),
    ("ACOS({LREAL 0.5})", "LREAL", 1.0471975511965979),
    ("ATAN({LREAL 0.5})", "LREAL", 0.4636476090008061),
    ("ATAN2({LREAL 1.0}, {LREAL -1.0})", "LREAL", 2.356194490192345),
    ("ADD({INT 32767}, {INT 1})", "INT", -32768),
    ("ADD({INT 1}, {INT 2}, {INT 3}, {INT 4})", "INT", 10),
    ("ADD({INT 1}, {DINT 70000})", "DINT", 70001),
    ("MUL({USINT 16}, {USINT 17})", "USINT", 16),
    ("MUL({REAL 1.5}, {REAL 2.0}, {REAL 3.0})", "REAL", 9.0),
    ("SUB({UINT 1}, {UINT 2})", "UINT", 65535),
    ("DIV({INT -7}, {INT 2})", "INT", -3),
    ("DIV({INT -32768}, {INT -1})", "INT", -32768),
    ("DIV({LREAL 1.0}, {LREAL 3.0})", "LREAL", 1 / 3),
    ("MOD_INT({INT -7}, {INT 2})", "INT", -1),
    ("MOD_INT({INT 7}, {INT -2})", "INT", 1),
    ("MOD_DINT({DINT -2147483648}, {DINT -1})", "DINT", 0),
    ("EXPT({REAL 2.0}, {INT 10})", "REAL", 1024.0),
    ("EXPT({LREAL 2.0}, {LREAL 0.5})", "LREAL", math.sqrt(2)),
    ("{LREAL 2.0} ** {INT -1}", "LREAL", 0.5),
    ("-{LREAL 3.0} ** {LREAL 2.0}", "LREAL", 9.0),
    ("MOVE({DINT -5})", "DINT", -5),
    ("ADD_INT({INT 3}, {INT 4})", "INT", 7),
    ("({REAL 0.1} + {REAL 0.2}) * {REAL 10.0} - {REAL 3.0}", "REAL", 0.0),
    ("{LINT 9223372036854775806} + {LINT 1}", "LINT", 2**63 - 1),
    ("{ULINT 18446744073709551615} / {ULINT 10}", "ULINT", 1844674407370955161),
]
# clause 6.6.2.5.7: bit shift and bitwise Boolean functions
BITS = [
    ("SHL({BYTE 16#81}, {INT 1})", "BYTE", 0x02),
    ("SHL({WORD 16#8001}, {INT 15})", "WORD", 0x8000),
    ("SHL({DWORD 1}, {INT 32})", "DWORD", 0),
    ("SHL({LWORD 1}, {INT 63})", "LWORD", 1 << 63),
    ("SHR({BYTE 16#81}, {INT 1})", "BYTE", 0x40),
    ("SHR({WORD 16#8000}, {INT 16})", "WORD", 0),
    ("ROL({BYTE 16#81}, {INT 1})", "BYTE", 0x03),
    ("ROL({WORD 16#8001}, {INT 17})", "WORD", 0x0003),
    ("ROR({BYTE 16#81}, {INT 1})", "BYTE", 0xC0),
    ("ROR({LWORD 1}, {INT 1})", "LWORD", 1 << 63),
    ("ROR({DWORD 16#12345678}, {INT 0})", "DWORD", 0x12345678),
    ("AND_BYTE({BYTE 16#F0}, {BYTE 16#3C}, {BYTE 16#FF})", "BYTE", 0x30),
    ("OR_BOOL({BOOL FALSE}, {BOOL FALSE}, {BOOL TRUE})", "BOOL", True),
    ("XOR_WORD({WORD 16#FFFF}, {WORD 16#0F0F})", "WORD", 0xF0F0),
    ("NOT({BYTE 16#0F})", "BYTE", 0xF0),
    ("NOT {BOOL TRUE}", "BOOL", False),
    ("{BYTE 16#F0} AND NOT {BYTE 16#30}", "BYTE", 0xC0),
]
# operators written as functions: clause 6.6.2.5.6 (MOD) and clause 6.6.2.5.7 (AND, OR, XOR, NOT)
FUNCTION_FORMS = [
    ("MOD({INT -7}, {INT 2})", "INT", -1),
    ("MOD({DINT -2147483648}, {DINT -1})", "DINT", 0),
    ("MOD(IN1 := {INT 7}, IN2 := {INT -2})", "INT", 1),
    ("MOD(IN2 := {INT 4}, IN1 := {INT 7})", "INT", 3),
    ("mod({INT 17}, mod({INT 12}, {INT 7}))", "INT", 2),
    ("1 + MOD({INT 7}, {INT 4}) * 2", "INT", 7),
    ("AND({BOOL TRUE}, {BOOL TRUE}, {BOOL FALSE})", "BOOL", False),
    ("AND({WORD 16#F0F0}, {WORD 16#3FFF})", "WORD", 0x30F0),
    ("AND({BYTE 16#F0}, {WORD 16#3FFF})", "WORD", 0x00F0),
    ("AND(IN1 := {BYTE 16#F0}, IN2 := {BYTE 16#3C}, IN3 := {BYTE 16#1F})", "BYTE", 0x10),
    ("OR({BOOL FALSE}, {BOOL FALSE}, {BOOL TRUE})", "BOOL", True),
    ("OR({BOOL FALSE}, {BOOL TRUE}) AND {BOOL FALSE}", "BOOL", False),
    ("OR({DWORD 16#12340000}, {DWORD 16#5678})", "DWORD", 0x12345678),
    ("XOR({BOOL TRUE}, {BOOL TRUE}, {BOOL TRUE})", "BOOL", True),
    ("XOR({LWORD 16#FFFF}, {LWORD 16#FF00})", "LWORD", 0x00FF),
    ("NOT({BOOL TRUE})", "BOOL", False),
    ("NOT(IN := {BYTE 16#0F})", "BYTE", 0xF0),
    ("NOT(IN := {BOOL FALSE}) AND NOT({BOOL FALSE})", "BOOL", True),
    ("NOT({BOOL TRUE} AND {BOOL FALSE}) OR {BOOL FALSE}", "BOOL", True),
    ("NOT(EN := {BOOL FALSE}, IN := {BOOL FALSE})", "BOOL", False),
    ("MOD(EN := {BOOL FALSE}, IN1 := {INT 7}, IN2 := {INT 0})", "INT", 0),
]
# clause 6.6.2.5.8: selection, clause 6.6.2.5.9: comparison
SELECTION = [
    ("SEL({BOOL FALSE}, {INT 1}, {INT 2})", "INT", 1),
    ("SEL(G := {BOOL TRUE}, IN0 := {INT 1}, IN1 := {INT 2})", "INT", 2),
    ("SEL({BOOL TRUE}, {STRING 'a'}, {STRING 'bc'})", "STRING", "bc"),
    ("MAX({INT 3}, {INT -4}, {INT 5})", "INT", 5),
    ("MAX({STRING 'ab'}, {STRING 'abc'})", "STRING", "abc"),
    ("MAX({TIME T#1s}, {TIME T#999ms})", "TIME", S),
    ("MIN({LREAL 3.0}, {LREAL -4.0}, {LREAL 5.0})", "LREAL", -4.0),
    ("LIMIT({INT 0}, {INT 7}, {INT 5})", "INT", 5),
    ("LIMIT({INT 0}, {INT -7}, {INT 5})", "INT", 0),
    ("LIMIT(MN := {REAL 0.0}, IN := {REAL 2.5}, MX := {REAL 5.0})", "REAL", 2.5),
    ("LIMIT({INT 9}, {INT 7}, {INT 5})", "INT", 5),
    ("LIMIT({STRING 'b'}, {STRING 'a'}, {STRING 'c'})", "STRING", "b"),
    ("MUX({INT 0}, {INT 10}, {INT 20}, {INT 30})", "INT", 10),
    ("MUX({INT 2}, {INT 10}, {INT 20}, {INT 30})", "INT", 30),
    ("MUX({INT 1}, {STRING 'x'}, {STRING 'yy'})", "STRING", "yy"),
    ("GT({INT 3}, {INT 2}, {INT 1})", "BOOL", True),
    ("GT({INT 3}, {INT 1}, {INT 1})", "BOOL", False),
    ("GE({INT 3}, {INT 1}, {INT 1})", "BOOL", True),
    ("EQ({INT 1}, {INT 1}, {INT 1})", "BOOL", True),
    ("LE({REAL 1.0}, {REAL 1.0}, {REAL 0.5})", "BOOL", False),
    ("LT({STRING 'ab'}, {STRING 'abc'})", "BOOL", True),
    ("NE({BOOL TRUE}, {BOOL FALSE})", "BOOL", True),
    ("{STRING 'ab'} < {STRING 'b'}", "BOOL", True),
    ("{STRING 'Z'} < {STRING 'a'}", "BOOL", True),
    ("{STRING ''} = {STRING ''}", "BOOL", True),
    ("{DATE D#2024-02-29} < {DATE D#2024-03-01}", "BOOL", True),
]
# clause 6.6.2.5.10: character strings
STRINGS = [
    ("LEN({STRING 'ASTRING'})", "INT", 7),
    ("LEN({STRING ''})", "INT", 0),
    ("LEFT({STRING 'ASTR'}, {INT 3})", "STRING", "AST"),
    ("LEFT({STRING 'ASTR'}, {INT 30})", "STRING", "ASTR"),
    ("LEFT({STRING 'ASTR'}, {INT -1})", "STRING", ""),
    ("RIGHT({STRING 'ASTR'}, {INT 3})", "STRING", "STR"),
    ("MID({STRING 'ASTR'}, {INT 2}, {INT 2})", "STRING", "ST"),
    ("MID(IN := {STRING 'ASTR'}, L := {INT 20}, P := {INT 3})", "STRING", "TR"),
    ("MID({STRING 'ASTR'}, {INT 2}, {INT 9})", "STRING", ""),
    ("CONCAT({STRING 'AB'}, {STRING 'CD'}, {STRING 'E'})", "STRING", "ABCDE"),
    ("INSERT({STRING 'ABC'}, {STRING 'XY'}, {INT 2})", "STRING", "ABXYC"),
    ("INSERT({STRING 'ABC'}, {STRING 'XY'}, {INT 0})", "STRING", "XYABC"),
    ("DELETE({STRING 'ABXYC'}, {INT 2}, {INT 3})", "STRING", "ABC"),
    ("REPLACE({STRING 'ABCDE'}, {STRING 'X'}, {INT 2}, {INT 3})", "STRING", "ABXE"),
    ("FIND({STRING 'ABCBC'}, {STRING 'BC'})", "INT", 2),
    ("FIND({STRING 'ABC'}, {STRING 'X'})", "INT", 0),
    ('CONCAT({WSTRING "A"}, {WSTRING "Ω"})', "WSTRING", "AΩ"),
    ('LEN({WSTRING "AΩ"})', "INT", 2),
]
# clause 6.6.2.5.12: dates and durations
TIMES = [
    ("{TIME T#1s} + {TIME T#500ms}", "TIME", 1500 * MS),
    ("ADD({TIME T#1s}, {TIME T#2s})", "TIME", 3 * S),
    ("ADD_TIME({TIME T#1s}, {TIME T#2s})", "TIME", 3 * S),
    ("ADD_TOD_TIME({TOD TOD#12:00:00}, {TIME T#1h})", "TOD", 13 * 3600 * S),
    ("ADD_DT_TIME({DT DT#1970-01-01-23:00:00}, {TIME T#2h})", "DT", DAY + 3600 * S),
    ("SUB_TIME({TIME T#1s}, {TIME T#2s})", "TIME", -S),
    ("SUB_DATE_DATE({DATE D#1970-01-03}, {DATE D#1970-01-01})", "TIME", 2 * DAY),
    ("SUB_TOD_TIME({TOD TOD#12:00:00}, {TIME T#1h})", "TOD", 11 * 3600 * S),
    ("SUB_TOD_TOD({TOD TOD#12:00:00}, {TOD TOD#11:00:00})", "TIME", 3600 * S),
    ("SUB_DT_TIME({DT DT#1970-01-02-00:00:00}, {TIME T#1d})", "DT", 0),
    ("SUB_DT_DT({DT DT#1970-01-02-00:00:00}, {DT DT#1970-01-01-12:00:00})", "TIME", DAY // 2),
    ("{TIME T#1s} * {INT 3}", "TIME", 3 * S),
    ("MUL_TIME({TIME T#1s}, {LREAL 1.5})", "TIME", 1500 * MS),
    ("MULTIME({TIME T#1s}, {INT 2})", "TIME", 2 * S),
    ("{TIME T#1s} / {INT 3}", "TIME", 333_333_333),
    ("DIV_TIME({TIME T#3s}, {LREAL 2.0})", "TIME", 1500 * MS),
    ("ADD_LTIME({LTIME LTIME#1ns}, {LTIME LTIME#1us})", "LTIME", 1001),
    ("CONCAT_DATE_TOD({DATE D#1970-01-02}, {TOD TOD#01:00:00})", "DT", DAY + 3600 * S),
    ("CONCAT_DATE({INT 2024}, {INT 2}, {INT 29})", "DATE", 19782 * DAY),
    ("CONCAT_DATE({INT 1969}, {INT 12}, {INT 31})", "DATE", -DAY),
    ("CONCAT_TOD({INT 1}, {INT 2}, {INT 3}, {INT 4})", "TOD", (3723 * 1000 + 4) * MS),
    ("CONCAT_DT({INT 1970}, {INT 1}, {INT 2}, {INT 0}, {INT 0}, {INT 1}, {INT 0})", "DT", DAY + S),
    ("DAY_OF_WEEK({DATE D#1970-01-01})", "INT", 4),
    ("DAY_OF_WEEK({DATE D#2024-02-25})", "INT", 0),
    ("DT_TO_DATE({DT DT#2024-02-29-13:30:00})", "DATE", 19782 * DAY),
    ("DT_TO_TOD({DT DT#2024-02-29-13:30:00})", "TOD", (13 * 60 + 30) * 60 * S),
    ("DATE_AND_TIME_TO_TIME_OF_DAY({DT DT#2024-02-29-13:30:00})", "TOD", (13 * 60 + 30) * 60 * S),
]
# clause 6.6.2.5.2 to 6.6.2.5.4: conversions
CONVERSIONS = [
    ("REAL_TO_INT({REAL 0.5})", "INT", 0),
    ("REAL_TO_INT({REAL 1.5})", "INT", 2),
    ("REAL_TO_INT({REAL 2.5})", "INT", 2),
    ("REAL_TO_INT({REAL -2.5})", "INT", -2),
    ("LREAL_TO_LINT({LREAL 9007199254740992.0})", "LINT", 2**53),
    ("TRUNC({REAL -2.7})", "DINT", -2),
    ("TRUNC_INT({LREAL 2.7})", "INT", 2),
    ("REAL_TRUNC_SINT({REAL -2.7})", "SINT", -2),
    ("INT_TO_SINT({INT 300})", "SINT", 44),
    ("INT_TO_UINT({INT -1})", "UINT", 65535),
    ("DINT_TO_BYTE({DINT -1})", "BYTE", 255),
    ("WORD_TO_INT({WORD 16#FFFF})", "INT", -1),
    ("BYTE_TO_INT({BYTE 16#FF})", "INT", 255),
    ("SINT_TO_WORD({SINT -1})", "WORD", 65535),
    ("BOOL_TO_INT({BOOL TRUE})", "INT", 1),
    ("BOOL_TO_REAL({BOOL TRUE})", "REAL", 1.0),
    ("INT_TO_BOOL({INT 2})", "BOOL", True),
    ("REAL_TO_BOOL({REAL 0.0})", "BOOL", False),
    ("DINT_TO_REAL({DINT 16777217})", "REAL", 16777216.0),
    ("ULINT_TO_REAL({ULINT 18446744073709551615})", "REAL", 18446744073709551616.0),
    ("LREAL_TO_REAL({LREAL 0.1})", "REAL", 0.10000000149011612),
    ("REAL_TO_DWORD({REAL 1.0})", "DWORD", 0x3F800000),
    ("DWORD_TO_REAL({DWORD 16#40490FDB})", "REAL", 3.1415927410125732),
    ("LWORD_TO_LREAL({LWORD 16#3FF0000000000000})", "LREAL", 1.0),
    ("WORD_TO_REAL({WORD 3})", "REAL", 3.0),
    ("TIME_TO_DINT({TIME T#3s})", "DINT", 3000),
    ("TIME_TO_REAL({TIME T#1500us})", "REAL", 1.5),
    ("DINT_TO_TIME({DINT 250})", "TIME", 250 * MS),
    ("REAL_TO_TIME({REAL 0.5})", "TIME", 500_000),
    ("LTIME_TO_LINT({LTIME LTIME#1us})", "LINT", 1000),
    ("TIME_TO_LTIME({TIME T#1s})", "LTIME", S),
    ("DT_TO_UDINT({DT DT#1970-01-02-00:00:00})", "UDINT", 86400),
    ("TOD_TO_DINT({TOD TOD#00:00:01})", "DINT", 1000),
    ("UDINT_TO_DATE({UDINT 86400})", "DATE", DAY),
    ("TO_INT({REAL 3.5})", "INT", 4),
    ("TO_REAL({INT 3})", "REAL", 3.0),
    ("WORD_BCD_TO_UINT({WORD 16#1234})", "UINT", 1234),
    ("BCD_TO_UDINT({DWORD 16#98765432})", "UDINT", 98765432),
    ("UINT_TO_BCD_WORD({UINT 1234})", "WORD", 0x1234),
    ("TO_BCD_DWORD({UDINT 98765432})", "DWORD", 0x98765432),
    ("IS_VALID({REAL 1.0})", "BOOL", True),
    ("IS_VALID_BCD({WORD 16#12A4})", "BOOL", False),
    ("IS_VALID_BCD({WORD 16#1294})", "BOOL", True),
]
# strings of values and back; where the standard is silent, what vendors do
SPELLINGS = [
    ("BOOL_TO_STRING({BOOL TRUE})", "STRING", "TRUE"),
    ("BOOL_TO_STRING({BOOL FALSE})", "STRING", "FALSE"),
    ("INT_TO_STRING({INT -32768})", "STRING", "-32768"),
    ("ULINT_TO_STRING({ULINT 18446744073709551615})", "STRING", "18446744073709551615"),
    ("WORD_TO_STRING({WORD 16#FF})", "STRING", "255"),
    ("REAL_TO_STRING({REAL 0.1})", "STRING", "0.1"),
    ("REAL_TO_STRING({REAL 10.0})", "STRING", "10.0"),
    ("REAL_TO_STRING({REAL -1.0E20})", "STRING", "-1.0E+20"),
    ("REAL_TO_STRING({REAL 1.0E-5})", "STRING", "1.0E-05"),
    ("LREAL_TO_STRING({LREAL 123456.789})", "STRING", "123456.789"),
    ("TIME_TO_STRING({TIME T#0s})", "STRING", "T#0s"),
    ("TIME_TO_STRING({TIME T#1d2h3m4s5ms})", "STRING", "T#1d2h3m4s5ms"),
    ("TIME_TO_STRING({TIME T#-1500ms})", "STRING", "T#-1s500ms"),
    ("LTIME_TO_STRING({LTIME LTIME#1us1ns})", "STRING", "LTIME#1us1ns"),
    ("DATE_TO_STRING({DATE D#2024-02-29})", "STRING", "D#2024-02-29"),
    ("TOD_TO_STRING({TOD TOD#12:34:56.789})", "STRING", "TOD#12:34:56.789"),
    ("DT_TO_STRING({DT DT#1998-09-13-12:12:03})", "STRING", "DT#1998-09-13-12:12:03"),
    ("CHAR_TO_STRING({CHAR 'A'})", "STRING", "A"),
    ("STRING_TO_WSTRING({STRING 'ab'})", "WSTRING", "ab"),
    ('WSTRING_TO_STRING({WSTRING "aΩ"})', "STRING", "a?"),
    ("STRING_TO_INT({STRING ' -12 '})", "INT", -12),
    ("STRING_TO_INT({STRING '16#7F'})", "INT", 127),
    ("STRING_TO_INT({STRING 'abc'})", "INT", 0),
    ("STRING_TO_INT({STRING '12abc'})", "INT", 12),
    ("STRING_TO_LINT({STRING '9_223_372_036_854_775_807'})", "LINT", 2**63 - 1),
    ("STRING_TO_BOOL({STRING 'true'})", "BOOL", True),
    ("STRING_TO_BOOL({STRING '1'})", "BOOL", True),
    ("STRING_TO_BOOL({STRING 'no'})", "BOOL", False),
    ("STRING_TO_REAL({STRING '0.1'})", "REAL", 0.10000000149011612),
    ("STRING_TO_REAL({STRING '1.5e3'})", "REAL", 1500.0),
    ("STRING_TO_LREAL({STRING '2.2250738585072011e-308'})", "LREAL", 2.2250738585072011e-308),
    ("STRING_TO_LREAL({STRING '9007199254740993'})", "LREAL", 9007199254740992.0),
    ("STRING_TO_TIME({STRING 'T#1d2h3m4s5ms'})", "TIME", DAY + (2 * 3600 + 184) * S + 5 * MS),
    ("STRING_TO_TIME({STRING 'TIME#1.5s'})", "TIME", 1500 * MS),
    ("STRING_TO_DATE({STRING 'D#2024-02-29'})", "DATE", 19782 * DAY),
    ("STRING_TO_TOD({STRING 'TOD#12:34:56.5'})", "TOD", (45296 * 1000 + 500) * MS),
    ("STRING_TO_DT({STRING 'DT#1970-01-02-00:00:01'})", "DT", DAY + S),
]
ROWS = [*NUMERIC, *BITS, *FUNCTION_FORMS, *SELECTION, *STRINGS, *TIMES, *CONVERSIONS, *SPELLINGS]

# calls that stop the PLC, with the code
FAULTS = [
    ("{INT 1} / {INT 0}", "INT", "DIVISION_BY_ZERO"),
    ("{INT 1} MOD {INT 0}", "INT", "DIVISION_BY_ZERO"),
    ("MOD({INT 1}, {INT 0})", "INT", "DIVISION_BY_ZERO"),
    ("{REAL 1.0} / {REAL 0.0}", "REAL", "DIVISION_BY_ZERO"),
    ("{TIME T#1s} / {INT 0}", "TIME", "DIVISION_BY_ZERO"),
    ("REAL_TO_INT({REAL 32768.0})", "INT", "CONVERSION"),
    ("LREAL_TO_ULINT({LREAL -1.0})", "ULINT", "CONVERSION"),
    ("TRUNC({REAL 3.0E9})", "DINT", "CONVERSION"),
    ("MUX({INT 2}, {INT 1}, {INT 2})", "INT", "INDEX_OUT_OF_BOUNDS"),
    ("MUX({INT -1}, {INT 1}, {INT 2})", "INT", "INDEX_OUT_OF_BOUNDS"),
    ("SQRT({REAL -1.0})", "REAL", "DOMAIN"),
    ("LN({LREAL 0.0})", "LREAL", "DOMAIN"),
    ("ASIN({LREAL 1.5})", "LREAL", "DOMAIN"),
    ("CONCAT_DATE({INT 2023}, {INT 2}, {INT 29})", "DATE", "DOMAIN"),
    ("CONCAT_TOD({INT 24}, {INT 0}, {INT 0}, {INT 0})", "TOD", "DOMAIN"),
    ("WORD_BCD_TO_UINT({WORD 16#12A4})", "UINT", "CONVERSION"),
    ("UINT_TO_BCD_BYTE({UINT 100})", "BYTE", "OVERFLOW"),
]
_ARGUMENT = re.compile(r"\{(\w+) ([^}]*)\}")


def _program(rows: list[tuple[str, str]]) -> str:
    declarations: list[str] = []
    statements: list[str] = []
    for number, (call, iec_type) in enumerate(rows):

        def argument(match: re.Match[str], number: int = number) -> str:
            name = f"a{number}_{match.start()}"
            declarations.append(f"  {name} : {match[1]} := {match[2]};")
            return name

        statements.append(f"r{number} := {_ARGUMENT.sub(argument, call)};")
        declarations.append(f"  r{number} : {iec_type};")
    return "\n".join(["PROGRAM P", "VAR", *declarations, "END_VAR", *statements, "END_PROGRAM"])


@pytest.fixture(scope="module", params=sorted({available_executors()[0], available_executors()[-1]}, key=str))
def plc(request):
    plc = NativePlc(compile_text(_program([(call, iec_type) for call, iec_type, _ in ROWS])), request.param)
    plc.scan()
    return plc


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[row[0] for row in ROWS])
def test_standard_function_gives_the_value_of_the_table(plc, number):
    expected = ROWS[number][2]

    result = plc.read(f"P.r{number}")

    assert result == pytest.approx(expected, rel=1e-7) if isinstance(expected, float) else result == expected


@pytest.mark.parametrize(("call", "iec_type", "code"), FAULTS, ids=[row[0] for row in FAULTS])
def test_standard_function_outside_its_domain_stops_the_plc(call, iec_type, code):
    text = _program([(call, iec_type)])
    plc = NativePlc(compile_text(text), Executor.TCC)

    with pytest.raises(NativeFault) as caught:
        plc.scan()

    line_of_the_call = len(text.splitlines()) - 1
    assert (caught.value.code.name, caught.value.span.line) == (code, line_of_the_call)


def test_split_functions_assign_their_outputs():
    text = """
        PROGRAM P
        VAR t : DT := DT#2024-02-29-13:14:15.678; y, mo, d, h, mi, s, ms : INT; END_VAR
        SPLIT_DT(IN := t, YEAR => y, MONTH => mo, DAY => d, HOUR => h, MINUTE => mi, SECOND => s, MILLISECOND => ms);
        END_PROGRAM
    """
    plc = NativePlc(compile_text(text))

    plc.scan()

    names = ("y", "mo", "d", "h", "mi", "s", "ms")
    assert [plc.read(f"P.{name}") for name in names] == [2024, 2, 29, 13, 14, 15, 678]
