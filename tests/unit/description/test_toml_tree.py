"""Places of keys and values are exact; mistakes in the syntax are diagnostics with places."""

import re
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.description.source import SourceFile
from emulators.description.toml_nodes import TomlArray, TomlScalar, TomlTable
from emulators.description.toml_tree import parse_toml
from emulators.errors import DescriptionError

DOCUMENT = '''\
a = 1
b.c = "x" # hi
[plant.T-101]
x = [1, 2,
  3]
inline = { from = "a", p = { q = 1, "r s" = 'z' } }
[[ep]]
d = 1979-05-27 07:32:00
[[ep]]
text = """a
"""""
[ep.sub]
k=true
'''


def written(source, span):
    return source.text[source.offset(span.line, span.column) : source.offset(span.end_line, span.end_column)]


def scalars(node):
    """Yield every scalar of a tree."""
    match node:
        case TomlScalar():
            yield node
        case TomlArray():
            for item in node.items:
                yield from scalars(item)
        case TomlTable():
            for entry in node.entries.values():
                yield from scalars(entry)


def keys(node):
    """Yield name and span of every key of a tree."""
    match node:
        case TomlArray():
            for item in node.items:
                yield from keys(item)
        case TomlTable():
            for name, entry in node.entries.items():
                yield name, entry.key_span
                yield from keys(entry)


def plain(node):
    match node:
        case TomlScalar():
            return node.value
        case TomlArray():
            return [plain(item) for item in node.items]
    return {name: plain(entry) for name, entry in node.entries.items()}


def entry_at(tree, *path):
    for step in path[:-1]:
        tree = tree.items[step] if isinstance(step, int) else tree.entries[step]
    return tree.entries[path[-1]]


# path, place of the key, place of the value
PLACES = [
    (("a",), "1:1", "1:5"),
    (("b", "c"), "2:3", "2:7"),
    (("plant", "T-101"), "3:8", "3:1"),
    (("plant", "T-101", "x"), "4:1", "4:5"),
    (("plant", "T-101", "inline", "from"), "6:12", "6:19"),
    (("plant", "T-101", "inline", "p", "r s"), "6:37", "6:45"),
    (("ep", 0, "d"), "8:1", "8:5"),
    (("ep", 1, "text"), "10:1", "10:8"),
    (("ep", 1, "sub", "k"), "13:1", "13:3"),
]


@pytest.mark.parametrize(("path", "key", "value"), PLACES, ids=[".".join(map(str, row[0])) for row in PLACES])
def test_keys_and_values_know_their_places(path, key, value):
    entry = entry_at(parse_toml(SourceFile("f", DOCUMENT)), *path)

    assert str(entry.key_span) == f"f:{key}"
    assert str(entry.span) == f"f:{value}"


def test_items_of_an_array_over_several_lines_know_their_places():
    array = entry_at(parse_toml(SourceFile("f", DOCUMENT)), "plant", "T-101", "x")

    assert [str(item.span) for item in array.items] == ["f:4:6", "f:4:9", "f:5:3"]


# text, what the one diagnostic says
SYNTAX_ERRORS = [
    ("a = x", "f:1:5: 'x' is not a value; put quotes around a text: \"x\""),
    ("a = True", "f:1:5: 'True' is not a value; write true"),
    ("a =\n", 'f:1:4: a value is missing here; write text in quotes ("…"), a number, true or false'),
    ('a = "x\nb = 1', "f:1:5: the text that starts here is not closed; add the closing quote"),
    ("a = '''x", "f:1:5: the text that starts here is not closed; add the closing quote"),
    ("a = 1\na = { b = 2 }", "f:2:1: 'a' is already defined at f:1:1; keep one of the two"),
    ("[t.x]\n[t.x]", "f:2:4: 'x' is already defined at f:1:4; keep one of the two"),
    ("a = { b = 1, b = 2 }", "f:1:14: 'b' is already defined at f:1:7; keep one of the two"),
    ("a = 1\n[a.b]", "f:2:2: 'a' is already defined at f:1:1; keep one of the two"),
    ("[[a]]\n[a]", "f:2:2: 'a' is already defined at f:1:3; keep one of the two"),
    ("a b", "f:1:3: '=' is missing after the key; write key = value"),
    ("a = 1 2", "f:1:7: unexpected text after the value; one key = value a line; text needs quotes"),
    ("[a\n", "f:1:3: the table header is not closed; write ']' after the name"),
    ("a = [1, 2\n", "f:1:10: the array is not closed; separate items by ',' and end with ']'"),
    ('a = "\\q"', "f:1:8: a backslash starts no known escape; write '\\\\' for a backslash or use 'single quotes'"),
    ("a = " + "9" * 5000, "f:1:5: the number has too many digits; write a smaller number"),
]


@pytest.mark.parametrize(("text", "expected"), SYNTAX_ERRORS, ids=[str(n) for n in range(len(SYNTAX_ERRORS))])
def test_a_mistake_in_the_syntax_says_what_where_and_what_to_do(text, expected):
    with pytest.raises(DescriptionError) as caught:
        parse_toml(SourceFile("f", text))

    assert str(caught.value) == expected


@pytest.mark.parametrize("text", ["a=" + "[" * 100_000, "a = " + "[" * 60 + "]" * 60, ".".join("a" * 900) + " = 1"])
def test_nesting_without_end_is_a_diagnostic(text):
    with pytest.raises(DescriptionError, match=r"f:1:1: values are nested too deeply; flatten the file"):
        parse_toml(SourceFile("f", text))


TOKENS = st.sampled_from(
    [*"\"'[]{}=,.\n#\\ \t-_:1aé", '""', '"""', "'''", "[[", "]]", "true", "1e5", "2020-01-01", "\x00", "x = 1\n"]
)


@settings(derandomize=True, max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(DOCUMENT)), st.integers(0, 6), TOKENS), max_size=3))
def test_a_mutated_document_is_read_like_tomllib_reads_it_or_is_a_description_error(edits):
    text = DOCUMENT
    for position, length, token in edits:
        text = text[:position] + token + text[position + length :]
    source = SourceFile("f", text)

    try:
        tree = parse_toml(source)
    except DescriptionError:
        return

    assert repr(plain(tree)) == repr(tomllib.loads(text))
    assert all(repr(tomllib.loads("v=" + written(source, n.span))["v"]) == repr(n.value) for n in scalars(tree))
    assert all(list(tomllib.loads(written(source, span) + "=0")) == [name] for name, span in keys(tree))


def test_lines_and_columns_are_those_an_editor_shows():
    source = SourceFile("f", "é = 1\nab = 2\n")

    assert [source.line_and_column(match.start()) for match in re.finditer("[é2]", source.text)] == [(1, 1), (2, 6)]
