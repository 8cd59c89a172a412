"""I/O lists: separators, quotes, optional columns, random text."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.description.io_list import parse_io_list
from emulators.description.source import SourceFile
from emulators.errors import DescriptionError


def tags_of(text):
    return [entry.tag for entry in parse_io_list(SourceFile("f.csv", text)).entries]


def test_columns_may_stand_in_any_order_and_be_absent():
    (tag,) = tags_of("signal,Tag,truth\nT-101.level_pct,LEVEL,yes\n")

    assert (tag.name, tag.signal, tag.is_truth, tag.eu_range) == ("LEVEL", "T-101.level_pct", True, None)


def test_semicolons_separate_where_the_header_has_them():
    (tag,) = tags_of("tag;signal;description\nLEVEL;T-101.level_pct;first, second\n")

    assert tag.description == "first, second"


def test_numbers_have_a_decimal_comma_where_a_semicolon_separates_cells():
    (tag,) = tags_of("tag;signal;low;high\nLEVEL;T-101.level_pct;-0,5;99,5\n")

    assert tag.eu_range == (-0.5, 99.5)


def test_a_quoted_cell_may_hold_separators_quotes_and_line_ends():
    first, second = tags_of('tag,signal,description\nA,T.x,"a, ""b""\nc"\nB,T.y,\n')

    assert (first.description, second.name) == ('a, "b"\nc', "B")


def test_comments_and_empty_lines_are_skipped():
    assert len(tags_of("# I/O list\n\ntag,signal\n# one\nA,T.x\n\n")) == 1


def test_safe_values_are_numbers_or_booleans():
    tags = tags_of("tag,signal,safe\nA,T.x,false\nB,T.y,1.5e1\n")

    assert [tag.safe_value for tag in tags] == [False, 15.0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "f.csv:1:1: the I/O list is empty; start with the header tag,signal,"),
        ("tag,signl\nA,B.c\n", "f.csv:1:5: unknown column 'signl'; did you mean 'signal'?"),
        ("tag,signal,tag\n", "f.csv:1:12: column 'tag' stands twice; keep one of the two"),
        ("tag,signal\n1 A,B.c\n", "f.csv:2:1: '1 A' is not a tag name; write it like LT-101 or LIC-101.SP"),
        ('tag,signal\nA,"B.c" d\n', "f.csv:2:8: text after the closing quote; double the quotes inside a cell"),
        (
            "tag,signal,low,high\nA,B.c,nan,5\n",
            "f.csv:2:7: low 'nan' is not a number; write a finite number such as 12.5",
        ),
    ],
)
def test_a_mistake_is_reported_at_its_place(text, expected):
    with pytest.raises(DescriptionError) as caught:
        tags_of(text)

    assert str(caught.value).splitlines()[0].startswith(expected)


@settings(derandomize=True, max_examples=300)
@given(st.text(alphabet=st.sampled_from([*'tagsignl,;"\n\r# 01.-%xé\x00\t'])))
def test_random_text_gives_tags_or_a_description_error(text):
    with contextlib.suppress(DescriptionError):
        tags_of("tag,signal,low,high\n" + text)
