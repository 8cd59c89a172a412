"""Whatever a map says, it says again after it was written as TOML or as CSV and read."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.description.register_map_reader import parse_register_map
from emulators.description.register_map_writer import lost_in_csv, map_as_csv, map_as_toml
from emulators.description.source import SourceFile
from emulators.errors import DescriptionError

numbers = st.one_of(st.integers(-99, 99), st.floats(-1e6, 1e6, allow_nan=False).filter(bool))
words = st.text(st.sampled_from("ab |\\=,;\"'#\n\té"), max_size=8)
durations = st.integers(1, 10**12).map(lambda count: f"{count} ns")
names = st.dictionaries(st.integers(0, 15), words, min_size=1, max_size=3)
behaviours = st.one_of(
    st.fixed_dictionaries({"kind": st.just("sine"), "low": st.just(-1.5), "high": st.just(2), "period": durations}),
    st.fixed_dictionaries({"kind": st.just("counter"), "step": numbers, "period": durations}),
    st.fixed_dictionaries({"kind": st.just("mirror"), "of": st.just("V|0"), "delay": durations}),
    st.fixed_dictionaries(
        {"kind": st.just("replay"), "file": st.just("a b|c.csv"), "column": st.just("x=y"), "repeats": st.booleans()}
    ),
)
further = {
    "word_order": st.sampled_from(["big", "little"]),
    "byte_order": st.sampled_from(["big", "little"]),
    "access": st.sampled_from(["r", "rw", "w", "once"]),
    "unit": st.sampled_from(["V", "%", "m3/h"]),
    "description": words,
}
number_entries = st.fixed_dictionaries(
    {"type": st.sampled_from(["int16", "uint32", "int48", "float32", "float64", "uint64", "bcd64", "mod10k48"])},
    optional={
        **further,
        "scale": st.sampled_from([0.1, 2, 1e-7]),
        "offset": numbers,
        "range": st.just([-5, 1e6]),
        "initial": st.integers(0, 99),
        "behaviour": behaviours,
    },
)
word_entries = st.fixed_dictionaries(
    {"type": st.just("uint16")}, optional={**further, "names": names, "flags": names, "initial": st.just(3)}
)
missing_entries = st.fixed_dictionaries(
    {"type": st.sampled_from(["int16", "uint48"]), "no_value": st.integers(-32768, 65535).map(abs)},
    optional={**further, "initial": st.sampled_from([5, math.nan])},
)
field_entries = st.fixed_dictionaries({"type": st.just("bits[3]"), "bit": st.integers(0, 13)}, optional=further)
text_entries = st.fixed_dictionaries(
    {"type": st.just("string[8]"), "initial": words.filter(lambda text: len(text) <= 8)}, optional=further
)
entries = st.one_of(number_entries, word_entries, missing_entries, field_entries, text_entries)
wholes = st.fixed_dictionaries(
    {"description": words},
    optional={
        "unit_id": st.integers(1, 247),
        "gaps": st.just("zero"),
        "half_values": st.sampled_from(["refuse", "allow", "read"]),
        "identity": st.fixed_dictionaries({"vendor_name": st.sampled_from(["A, B", "it's", 'x"y'])}),
    },
)


def toml(value):
    match value:
        case bool():
            return str(value).lower()
        case dict():
            return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }"
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            return f'"{escaped}"'
    return repr(value)


def document(whole, rows):
    lines = ["format = 1", *(f"{key} = {toml(value)}" for key, value in whole.items())]
    for index, row in enumerate(rows):
        lines += ["[[register]]", f'tag = "V|{index}"', 'table = "holding"', f"address = {10 * index}"]
        lines += [f"{key} = {toml(value)}" for key, value in row.items()]
    return "\n".join(lines) + "\n"


@given(whole=wholes, rows=st.lists(entries, min_size=1, max_size=4))
@settings(max_examples=150, derandomize=True, deadline=None)
def test_a_map_survives_toml_and_csv(whole, rows):
    first = parse_register_map(SourceFile("m.toml", document(whole, rows)))

    text = map_as_toml(first)
    csv = map_as_csv(first)

    assert map_as_toml(parse_register_map(SourceFile("m.toml", text))) == text
    assert lost_in_csv(first, csv) == []


@given(text=st.text(st.sampled_from("atg,;\"|\\=#!\n 01'[]{}"), max_size=80))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_any_text_is_a_map_or_a_finding_with_a_place(text):
    source = SourceFile("m.csv", "tag,reference,type,names,behaviour,initial\n" + text)

    outcome = parsed_or_error(source)

    assert outcome.startswith("name") or "m.csv" in outcome


def parsed_or_error(source):
    try:
        return "name " + parse_register_map(source).name
    except DescriptionError as error:
        return str(error)
