"""The committed bad files: every mistake is found at once, at its place, and causes no second message."""

from pathlib import Path

import pytest

from emulators.description import load_io_list, load_register_map, load_rig
from emulators.errors import DescriptionError

BAD = Path(__file__).parent / "bad"

TEN_MISTAKES = """\
ten_mistakes.toml:4:8: step must be a duration, not the number 10; write it in quotes with its unit: "10 ms"
ten_mistakes.toml:5:1: unknown key 'sed' in the rig; did you mean 'seed'?
ten_mistakes.toml:8:1: unknown key 'componnt' in plant component T-101; did you mean 'component'?
ten_mistakes.toml:10:30: 'P-102.flow_m3_per_s': there is no P-102; did you mean 'P-101'?
ten_mistakes.toml:14:21: parameter max_flow_m3_per_s cannot be a date or time; write a number, true, false, a text or \
an array of numbers
ten_mistakes.toml:17:12: language 'stt' is unknown; did you mean 'st'?
ten_mistakes.toml:18:12: there is no file missing.st; paths start at the rig's folder
ten_mistakes.toml:26:9: range 100..0 is reversed; swap the two numbers
ten_mistakes.toml:30:8: unknown unit 'm3/hr'; did you mean 'm3/h'?
ten_mistakes.toml:35:14: there is no controller 'PLC2'; did you mean 'PLC1'?"""

OVERLAPS = """\
overlaps.toml:12:13: FLOW at holding 1..2 overlaps LEVEL at holding 0..1, see overlaps.toml:7; move one of them
overlaps.toml:32:11: STOPPED at holding 10 bit 3 overlaps RUNNING at holding 10 bit 3, see overlaps.toml:18; \
move one of them
overlaps.toml:39:11: STATUS_WORD at holding 10 overlaps RUNNING at holding 10 bit 3, see overlaps.toml:18; \
keep the word and name its bits, flags = { 3 = 'RUNNING' }, or the bits and leave the word out
overlaps.toml:49:11: STOP at coil 0 overlaps START at coil 0, see overlaps.toml:44; move one of them"""

IO_LIST = """\
io_list.csv:3:1: tag LT-101 is already defined at io_list.csv:2:1; keep one of the two
io_list.csv:4:43: unknown unit 'degX'; did you mean 'deg'?
io_list.csv:5:38: low '0,5' is not a number; write a decimal point
io_list.csv:6:45: writable 'maybe' is neither yes nor no; write yes or no
io_list.csv:6:54: maximum rate 0 of LIC-101.SP must be above 0; write units per second
io_list.csv:7:1: the cell 'tag' is empty; name the tag
io_list.csv:8:1: this line has 3 cells, the header has 9; add or remove separators; put quotes around a cell that \
contains one
io_list.csv:9:42: range 90..20 is reversed; swap low and high
io_list.csv:10:29: there is a low end of the range but no high end; fill in high
io_list.csv:11:19: the quote that starts here is not closed; add the closing quote"""


@pytest.mark.parametrize(
    ("name", "load", "expected"),
    [
        ("ten_mistakes.toml", load_rig, TEN_MISTAKES),
        ("overlaps.toml", load_register_map, OVERLAPS),
        ("io_list.csv", load_io_list, IO_LIST),
    ],
)
def test_all_mistakes_are_reported_at_their_places(monkeypatch, name, load, expected):
    monkeypatch.chdir(BAD)

    with pytest.raises(DescriptionError) as caught:
        load(name)

    assert str(caught.value) == expected


def test_a_finding_covers_the_whole_wrong_text():
    with pytest.raises(DescriptionError) as caught:
        load_rig(BAD / "ten_mistakes.toml")

    spans = [diagnostic.span for diagnostic in caught.value.diagnostics]
    assert [(span.column, span.end_column) for span in spans[:4]] == [(8, 10), (1, 4), (1, 9), (30, 51)]
