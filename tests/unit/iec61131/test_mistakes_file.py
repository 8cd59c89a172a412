"""A control program with a mistake on every tenth line: exactly those are found, at the exact places."""

from __future__ import annotations

from pathlib import Path

from emulators.iec61131 import SourceText, check

PROGRAM = Path(__file__).parent / "bad" / "mistake_on_every_tenth_line.st"

# line, column, end column, code, a word of the message or hint
MISTAKES = [
    (10, 19, 23, "ST3002", "did you mean 'REAL'?"),
    (20, 13, 24, "ST3029", "reversed"),
    (30, 27, 31, "ST1007", "T#1x"),
    (40, 17, 23, "ST3034", "0 to 7"),
    (50, 37, 49, "ST3030", "4 values for 3 elements"),
    (60, 44, 53, "ST3001", "did you mean 'FULL_SCALE'?"),
    (70, 15, 44, "ST3006", "BOOL and REAL"),
    (80, 24, 29, "ST3005", "does not fit INT"),
    (90, 15, 17, "ST3010", "did you mean 'Q'?"),
    (100, 22, 27, "ST3004", "BOOL_TO_INT"),
    (110, 5, 8, "ST3003", "line 109"),
    (120, 27, 27, "ST2002", "';'"),
    (130, 13, 18, "ST3002", "did you mean 'DINT'?"),
    (140, 22, 24, "ST3013", "0..9"),
    (150, 5, 13, "ST3038", "CONTINUE"),
    (160, 26, 29, "ST3010", "did you mean 'PT'?"),
    (170, 24, 31, "ST3001", "did you mean 'LAMP_OFF'?"),
    (180, 36, 51, "ST3019", "name them all"),
    (190, 5, 18, "ST3009", "CONSTANT"),
    (200, 15, 16, "ST3004", "StationMode#IDLE"),
    (210, 22, 23, "ST2012", "':='"),
    (220, 9, 13, "ST3032", "line 200"),
    (230, 17, 18, "ST3005", "1..8"),
    (240, 13, 23, "ST3006", "STRING"),
    (250, 37, 38, "ST2001", "')'"),
    (260, 11, 18, "ST2004", "END_VAR"),
]


def test_every_mistake_is_found_at_its_place_and_nothing_else():
    found = check([SourceText("station.st", PROGRAM.read_text("utf-8"))])

    spans = [(each.span.line, each.span.column, each.span.end_column, each.code) for each in found]
    assert spans == [row[:4] for row in MISTAKES]
    assert all(each.span.line == each.span.end_line for each in found)


def test_every_mistake_is_explained_in_the_users_words():
    found = check([SourceText("station.st", PROGRAM.read_text("utf-8"))])

    lines = [str(each) for each in found]
    assert [word for line, (*_, word) in zip(lines, MISTAKES, strict=True) if word not in line] == []
    assert lines[0] == "station.st:10:19: ST3002 type 'REEL' is not declared; did you mean 'REAL'?"


def test_mistakes_stand_on_every_tenth_line():
    assert [row[0] for row in MISTAKES] == list(range(10, 261, 10))
