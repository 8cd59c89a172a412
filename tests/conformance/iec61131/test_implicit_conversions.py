"""Implicit conversions of IEC 61131-3 (the figure of implicit type conversions): every pair of elementary types."""

from __future__ import annotations

import pytest

from emulators.iec61131 import SourceText, check

# source: targets it converts to implicitly, besides itself
IMPLICIT = {
    "BOOL": "BYTE WORD DWORD LWORD",
    "BYTE": "WORD DWORD LWORD",
    "WORD": "DWORD LWORD",
    "DWORD": "LWORD",
    "LWORD": "",
    "SINT": "INT DINT LINT REAL LREAL",
    "INT": "DINT LINT REAL LREAL",
    "DINT": "LINT LREAL",
    "LINT": "",
    "USINT": "UINT UDINT ULINT INT DINT LINT REAL LREAL",
    "UINT": "UDINT ULINT DINT LINT REAL LREAL",
    "UDINT": "ULINT LINT LREAL",
    "ULINT": "",
    "REAL": "LREAL",
    "LREAL": "",
    "TIME": "LTIME",
    "LTIME": "",
    "DATE": "LDATE",
    "LDATE": "",
    "TOD": "LTOD",
    "LTOD": "",
    "DT": "LDT",
    "LDT": "",
    "STRING": "",
    "WSTRING": "",
    "CHAR": "STRING",
    "WCHAR": "WSTRING",
}


@pytest.mark.parametrize("source", IMPLICIT)
def test_a_type_converts_implicitly_to_exactly_the_types_of_its_row(source):
    targets = list(IMPLICIT)
    variables = "".join(f"y_{target} : {target}; " for target in targets)
    body = "".join(f"y_{target} := x;\n" for target in targets)
    text = f"PROGRAM p\nVAR x : {source}; {variables}END_VAR\n{body}END_PROGRAM"

    found = check([SourceText("a.st", text)])

    refused = [targets[each.span.line - 3] for each in found if each.code == "ST3004"]
    allowed = {source, *IMPLICIT[source].split()}
    assert refused == [target for target in targets if target not in allowed]
    assert {each.code for each in found} <= {"ST3004"}


# left type, right type, type both take in a sum; empty: there is none
COMMON = [
    ("INT", "INT", "INT"),
    ("INT", "DINT", "DINT"),
    ("INT", "UINT", "DINT"),
    ("SINT", "USINT", "INT"),
    ("DINT", "UDINT", "LINT"),
    ("LINT", "ULINT", ""),
    ("INT", "REAL", "REAL"),
    ("DINT", "REAL", "LREAL"),
    ("UINT", "REAL", "REAL"),
    ("LINT", "LREAL", ""),
    ("REAL", "LREAL", "LREAL"),
    ("TIME", "LTIME", "LTIME"),
    ("INT", "WORD", ""),
    ("BOOL", "INT", ""),
    ("TIME", "INT", ""),
    ("TIME", "REAL", ""),
    ("WORD", "WORD", ""),
]


@pytest.mark.parametrize(("left", "right", "common"), COMMON)
def test_sum_has_the_narrowest_type_that_holds_both(left, right, common):
    targets = list(IMPLICIT)
    holders = [target for target in targets if common and target in (common, *IMPLICIT[common].split())]
    variables = "".join(f"y_{target} : {target}; " for target in targets)
    body = "".join(f"y_{target} := a + b;\n" for target in targets)
    text = f"PROGRAM p\nVAR a : {left}; b : {right}; {variables}END_VAR\n{body}END_PROGRAM"

    found = check([SourceText("a.st", text)])

    assert [target for i, target in enumerate(targets) if i + 3 not in {e.span.line for e in found}] == holders
