"""TOML as a tree of values that know where they stand; mistakes in the syntax become diagnostics."""

from __future__ import annotations

import contextlib
import re
import tomllib
from types import MappingProxyType
from typing import Any

from emulators.description.source import Findings, SourceFile
from emulators.description.toml_nodes import TomlArray, TomlNode, TomlScalar, TomlTable
from emulators.description.toml_plain import plain_table
from emulators.description.toml_scanner import Place, ScanStopped, TomlScanner
from emulators.errors import DescriptionError, SourceSpan

__all__ = ["parse_toml"]


_PLACE_IN_MESSAGE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
_LONG_INTEGER = re.compile(r"[0-9_]{4000,}")
_DEEPEST = 50
_NAME_TAKEN = ("Cannot declare", "Cannot overwrite", "Cannot mutate", "Cannot redefine", "Duplicate inline table key")
_TEXT_OPEN = ("Unterminated string", "Illegal character '\\n'", 'Expected "', "Found invalid character '\\n'")
_MESSAGES = (
    ("Invalid statement", "this is neither a [table], a key = value nor a # comment", "write key = value"),
    (
        "Expected newline or end of document",
        "unexpected text after the value",
        "one key = value a line; text needs quotes",
    ),
    ("Expected ']' at the end", "the table header is not closed", "write ']' after the name"),
    ("Expected ']]' at the end", "the header of the array of tables is not closed", "write ']]' after the name"),
    ("Expected '=' after a key", "'=' is missing after the key", "write key = value"),
    ("Invalid initial character for a key part", "a key is missing here", "write letters, digits, '_' or '-'"),
    ("Unclosed array", "the array is not closed", "separate items by ',' and end with ']'"),
    (
        "Unclosed inline table",
        "the inline table is not closed",
        "separate entries by ',' and end with '}' on this line",
    ),
    ("Unescaped '\\'", "a backslash starts no known escape", "write '\\\\' for a backslash or use 'single quotes'"),
    ("Invalid hex value", "the escape needs hexadecimal digits", "write \\u and four digits or \\U and eight"),
    ("Escaped character is not", "the escape names no Unicode character", "write the character itself"),
    ("Illegal character", "a control character stands in the text", "remove it"),
    ("Found invalid character", "a control character stands in the text", "remove it"),
    ("Invalid date or datetime", "there is no such date or time", "correct it, or put quotes around a text"),
)


def parse_toml(source: SourceFile) -> TomlTable:
    """Return the document as a located tree.

    Raises:
        DescriptionError: not TOML; ``tomllib`` finds one mistake at a time, so there is one diagnostic.
    """
    plain = plain_table(source)
    if plain is not None:
        return plain
    try:
        values = tomllib.loads(source.text)
        places = TomlScanner(source.text).scan()
        return _table(source, values, places, depth=0)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(source, str(error)) from None
    except RecursionError:
        raise _single_finding(source.span(0, 0), "values are nested too deeply", "flatten the file") from None
    except ValueError:
        match = _LONG_INTEGER.search(source.text)
        span = source.span(match.start(), match.end()) if match else source.span(0, 0)
        raise _single_finding(span, "the number has too many digits", "write a smaller number") from None


def _node(source: SourceFile, value: Any, place: Place, *, depth: int) -> TomlNode:
    if depth > _DEEPEST:
        raise RecursionError
    if isinstance(value, dict):
        return _table(source, value, place, depth=depth)
    if isinstance(value, list):
        pairs = zip(value, place.items, strict=True)
        items = tuple(_node(source, item, inner, depth=depth + 1) for item, inner in pairs)
        return TomlArray(items, source, place.start, place.end, place.key_start, place.key_end)
    return TomlScalar(value, source, place.start, place.end, place.key_start, place.key_end)


def _table(source: SourceFile, values: dict[str, Any], place: Place, *, depth: int) -> TomlTable:
    entries = {key: _node(source, value, place.members[key], depth=depth + 1) for key, value in values.items()}
    proxy = MappingProxyType(entries)
    return TomlTable(proxy, source, place.start, place.end, place.key_start, place.key_end)


def _syntax_error(source: SourceFile, text: str) -> DescriptionError:
    match = _PLACE_IN_MESSAGE.fullmatch(text)
    reason = match[1] if match else text
    has_place = match is not None and match[2] is not None
    offset = source.offset(int(match[2]), int(match[3])) if match and has_place else len(source.text.rstrip())
    scanner = TomlScanner(source.text)
    with contextlib.suppress(ScanStopped, RecursionError):
        scanner.scan()
    if reason.startswith(_NAME_TAKEN):
        return _name_taken(source, scanner, offset)
    if reason.startswith(_TEXT_OPEN) and scanner.open_text is not None:
        span = source.span(scanner.open_text, scanner.open_text + 1)
        return _single_finding(span, "the text that starts here is not closed", "add the closing quote")
    span = source.span(offset, min(offset + 1, len(source.text)))
    if reason.startswith("Invalid value"):
        return _invalid_value(source, offset)
    for start, message, hint in _MESSAGES:
        if reason.startswith(start):
            return _single_finding(span, message, hint)
    return _single_finding(span, reason[:1].lower() + reason[1:], "correct the TOML syntax")


def _name_taken(source: SourceFile, scanner: TomlScanner, offset: int) -> DescriptionError:
    conflict = scanner.conflict
    if conflict is None or conflict.start > offset:
        return _single_finding(source.span(offset, offset), "this name is taken already", "keep one of the two")
    name = source.text[conflict.start : conflict.end]
    line, column = source.line_and_column(conflict.earlier.key_start)
    return _single_finding(
        source.span(conflict.start, conflict.end),
        f"'{name}' is already defined at {source.name}:{line}:{column}",
        "keep one of the two",
    )


def _invalid_value(source: SourceFile, offset: int) -> DescriptionError:
    match = re.compile(r"[^\s,\]}#=]*").match(source.text, offset)
    word = match[0] if match else ""
    span = source.span(offset, offset + max(len(word), 1) if offset < len(source.text) else offset)
    if not word:
        return _single_finding(span, "a value is missing here", 'write text in quotes ("…"), a number, true or false')
    if word in ("True", "False", "TRUE", "FALSE"):
        return _single_finding(span, f"'{word}' is not a value", f"write {word.lower()}")
    return _single_finding(span, f"'{word}' is not a value", f'put quotes around a text: "{word}"')


def _single_finding(span: SourceSpan, message: str, hint: str) -> DescriptionError:
    findings = Findings()
    findings.add(span, message, hint)
    return DescriptionError(findings.diagnostics)
