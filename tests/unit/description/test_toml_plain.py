"""The fast reader of plain TOML agrees with ``tomllib`` in values and with the scanner in places, or gives up."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.description import toml_tree
from emulators.description.source import SourceFile, read_source_file
from emulators.description.toml_plain import plain_table
from emulators.errors import DescriptionError

SHIPPED = sorted(Path(__file__).parents[3].glob("fixtures/*/*.toml"))

keys = st.sampled_from(["a", "b", "tag", "T-1", "_x", "1"])
scalars = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=True).map(repr),
    st.sampled_from(
        [
            "nan",
            "-nan",
            "nano",
            "true",
            "0xFF",
            "0x0",
            "1_000",
            "+1.5e3",
            "01",
            "1.",
            "-0",
            "1979-05-27",
            '"""x"""',
            "''",
            "inf",
        ]
    ),
    st.text(st.sampled_from("ab \"\\\t#]},'é"), max_size=6).map(lambda text: f'"{text}"'),
    st.text(st.sampled_from('ab \t#]},"é'), max_size=6).map(lambda text: f"'{text}'"),
)
blanks = st.sampled_from(["", " ", "\t", "  "])
ends = st.sampled_from(["\n", " # note\n", "\n\n", "\r\n", " x\n"])
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(inner, max_size=3).map(lambda items: "[\n" + "".join(f"  {item}, # x\n" for item in items) + "]"),
        st.lists(st.tuples(keys, inner), max_size=3).map(
            lambda pairs: "{ " + ", ".join(f"{key} = {value}" for key, value in pairs) + " }"
        ),
    ),
    max_leaves=6,
)
lines = st.one_of(
    st.tuples(keys, blanks, blanks, values, ends).map(lambda part: f"{part[0]}{part[1]}={part[2]}{part[3]}{part[4]}"),
    st.tuples(keys, ends).map(lambda part: f"[{part[0]}]{part[1]}"),
    st.tuples(keys, ends).map(lambda part: f"[[{part[0]}]]{part[1]}"),
    st.sampled_from(["\n", "# note\n", "a.b = 1\n", "[a.b]\n", "[ a ]\n", "[[a]\n"]),
)
documents = st.lists(lines, max_size=6).map("".join)


def outcome_without_the_fast_reader(source, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(toml_tree, "plain_table", lambda source: None)
        try:
            return toml_tree.parse_toml(source)
        except DescriptionError as error:
            return str(error)


@given(text=documents)
@settings(max_examples=400, derandomize=True, deadline=None)
def test_what_is_read_fast_is_what_tomllib_and_the_scanner_find(text):
    source = SourceFile("f.toml", text)

    with pytest.MonkeyPatch.context() as monkeypatch:
        slow = outcome_without_the_fast_reader(source, monkeypatch)
    fast = plain_table(source)

    assert fast is None or repr(fast) == repr(slow)


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_every_shipped_map_is_read_fast(path):
    assert plain_table(read_source_file(path)) is not None
