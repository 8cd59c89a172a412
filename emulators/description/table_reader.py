"""Typed reading of one TOML table: every mistake becomes a finding with its place, none hides another.

A getter returns None when the key is absent or wrong; what is wrong has been reported by then, so callers go on
without it. ``finish`` reports the keys that nobody asked for.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from typing import Any

from emulators.description.source import Findings, Located
from emulators.description.toml_nodes import TomlArray, TomlNode, TomlScalar, TomlTable
from emulators.errors import SourceSpan, closest_name, did_you_mean
from emulators.timebase import parse_duration

__all__ = ["TableReader", "describe_node", "read_format", "texts_of_node"]


def describe_node(node: TomlNode) -> str:
    """Return what a value is in words of TOML: ``the text 'abc'``, ``the number 5``, ``an array``."""
    match node:
        case TomlTable():
            return "a table"
        case TomlArray():
            return "an array"
    value = node.value
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, str):
        return f"the text '{_shorten(value)}'"
    if isinstance(value, int | float):
        return f"the number {_shorten(str(value))}"
    return "a date or time"


class TableReader:
    """Reads one table; ``what`` names it in messages: ``plant component T-101``."""

    def __init__(self, table: TomlTable, what: str, findings: Findings) -> None:
        self._table = table
        self._entries = table.entries
        self._what = what
        self._findings = findings
        self._known: dict[str, None] = {}
        self._required: dict[str, None] = {}

    @property
    def span(self) -> SourceSpan:
        return self._table.span

    def has(self, key: str) -> bool:
        """Whether the key is written, rightly or wrongly."""
        self._known[key] = None
        return key in self._entries

    def has_misspelt(self, key: str) -> bool:
        """Whether the key is absent and one that no getter has named looks like it."""
        unknown = [name for name in self._entries if name not in self._known]
        return key not in self._entries and closest_name(key, unknown) is not None

    def key_span(self, key: str) -> SourceSpan:
        """Return where the key is written, or the table's place when it is absent."""
        entry = self._entries.get(key)
        return entry.key_span if entry is not None else self.span

    def entry(self, key: str) -> TomlNode | None:
        self._known[key] = None
        return self._entries.get(key)

    def require(self, *keys: str) -> None:
        """Demand keys. What is absent is reported by ``finish`` or ``others``, as a misspelling where one is near."""
        self._known.update(dict.fromkeys(keys))
        self._required.update(dict.fromkeys(keys))

    def text(self, key: str, *, may_be_empty: bool = True) -> Located[str] | None:
        node = self.entry(key)
        if node is None:
            return None
        scalar = self._scalar_of(node, key, str, "a text", "put it in quotes")
        if scalar is None:
            return None
        if not may_be_empty and not scalar.value.strip():
            self._findings.add(scalar.span, f"{key} is empty", "write a text")
            return None
        return Located(scalar.value, scalar)

    def boolean(self, key: str, *, default: bool) -> bool:
        scalar = self._scalar(key, bool, "a boolean", "write true or false")
        return default if scalar is None else bool(scalar.value)

    def integer(self, key: str, *, low: int, high: int) -> Located[int] | None:
        scalar = self._scalar(key, int, "a whole number", "write digits only")
        if scalar is None:
            return None
        if not low <= scalar.value <= high:
            self._findings.add(
                scalar.span, f"{key} {_shorten(str(scalar.value))} is outside {low}..{high}", "write a number in it"
            )
            return None
        return Located(scalar.value, scalar)

    def number(self, key: str) -> Located[float] | None:
        scalar = self._scalar(key, (int, float), "a number", "write digits without quotes")
        if scalar is None:
            return None
        number = self._finite(scalar, key)
        return None if number is None else Located(number, scalar)

    def choice(self, key: str, names: Collection[str]) -> Located[str] | None:
        """Return one of the given texts."""
        text = self.text(key)
        if text is None:
            return None
        if text.value not in names:
            hint = did_you_mean(text.value, names) or f"write {_one_of(list(names))}"
            self._findings.add(text.span, f"{key} '{_shorten(text.value)}' is unknown", hint)
            return None
        return text

    def duration_ns(self, key: str, *, may_be_zero: bool = True) -> Located[int] | None:
        """Return nanoseconds of a text with a unit (``"10 ms"``); a bare number has no unit and is refused."""
        scalar = self._scalar(key, str, "a duration", 'write it in quotes with its unit: "10 ms"')
        if scalar is None:
            return None
        try:
            duration_ns = parse_duration(scalar.value)
        except ValueError as error:
            message, _, hint = str(error).partition("; ")
            self._findings.add(scalar.span, f"{key}: {message}", hint or "write it in whole nanoseconds")
            return None
        if duration_ns > 2**63 - 1:
            self._findings.add(scalar.span, f"{key} is longer than 292 years", "write a shorter one")
            return None
        if duration_ns == 0 and not may_be_zero:
            self._findings.add(scalar.span, f"{key} must be above zero", 'write a duration such as "10 ms"')
            return None
        return Located(duration_ns, scalar)

    def duration_pair_ns(self, key: str) -> Located[tuple[int, int]] | None:
        """Return ``["2 ms", "5 ms"]`` in ns, shortest first; a single duration is both ends."""
        texts = self.texts(key)
        if not texts:
            return None
        if len(texts) > 2:
            self._findings.add(
                texts[2].span, f"{key} must be one duration or two", "write the shortest and the longest"
            )
            return None
        durations = []
        for text in texts:
            try:
                durations.append(parse_duration(text.value))
            except ValueError as error:
                message, _, hint = str(error).partition("; ")
                self._findings.add(text.span, f"{key}: {message}", hint or "write it in whole nanoseconds")
        if len(durations) < len(texts):
            return None
        if durations[0] > durations[-1]:
            self._findings.add(texts[0].span, f"{key} is reversed", "write the shortest first")
            return None
        return Located((durations[0], durations[-1]), texts[0].span)

    def boolean_or_number(self, key: str) -> Located[bool | int | float] | None:
        scalar = self._scalar(key, (bool, int, float), "a number or a boolean", "write no quotes")
        if scalar is None:
            return None
        if isinstance(scalar.value, bool):
            return Located(scalar.value, scalar)
        return None if self._finite(scalar, key) is None else Located(scalar.value, scalar)

    def number_pair(self, key: str) -> Located[tuple[float, float]] | None:
        """Return ``[low, high]`` with low below high."""
        node = self.entry(key)
        if node is None:
            return None
        scalars = [item for item in node.items if isinstance(item, TomlScalar)] if isinstance(node, TomlArray) else []
        if not isinstance(node, TomlArray) or len(node.items) != 2 or not all(map(_is_number, node.items)):
            self._findings.add(node.span, f"{key} must be two numbers, not {describe_node(node)}", "write [low, high]")
            return None
        low, high = (self._finite(scalar, key) for scalar in scalars)
        if low is None or high is None:
            return None
        if low >= high:
            reason = "is reversed" if low > high else "is empty"
            hint = "swap the two numbers" if low > high else "the first number must be below the second"
            self._findings.add(node.span, f"{key} {low:g}..{high:g} {reason}", hint)
            return None
        return Located((low, high), node.span)

    def texts(self, key: str) -> list[Located[str]]:
        """Return the texts of ``"a"`` or ``["a", "b"]``."""
        entry = self.entry(key)
        if entry is None:
            return []
        return texts_of_node(entry, key, self._findings)

    def table(self, key: str) -> TomlTable | None:
        entry = self.entry(key)
        if entry is None:
            return None
        if not isinstance(entry, TomlTable):
            found = describe_node(entry)
            self._findings.add(entry.span, f"{key} must be a table, not {found}", f"write [{key}] or {key} = {{ … }}")
            return None
        return entry

    def named_tables(self, key: str) -> Iterator[tuple[Located[str], TomlTable]]:
        """Yield name and table of ``[key.name]`` in the order of the file."""
        outer = self.table(key)
        for name, entry in (outer.entries if outer else {}).items():
            if isinstance(entry, TomlTable):
                yield Located(name, entry.key_span), entry
            else:
                found = describe_node(entry)
                self._findings.add(
                    entry.key_span, f"{key}.{name} must be a table, not {found}", f'write [{key}."{name}"] and its keys'
                )

    def array_of_tables(self, key: str) -> Iterator[TomlTable]:
        """Yield the tables of ``[[key]]``."""
        entry = self.entry(key)
        if entry is None:
            return
        items = entry.items if isinstance(entry, TomlArray) else (entry,)
        for item in items:
            if isinstance(item, TomlTable) and isinstance(entry, TomlArray):
                yield item
            else:
                found = describe_node(item)
                self._findings.add(item.span, f"{key} must be an array of tables, not {found}", f"write [[{key}]]")

    def others(self) -> Iterator[tuple[str, TomlNode]]:
        """Yield the entries that no getter has named, and take them as known."""
        self._report_missing()
        for key, entry in self._entries.items():
            if key not in self._known:
                yield key, entry
        self._known.update(dict.fromkeys(self._entries))

    def finish(self) -> None:
        """Report required keys that are absent and every key that no getter has named."""
        self._report_missing()
        for key, entry in self._entries.items():
            if key not in self._known:
                self.report_unknown(key, entry)

    def _report_missing(self) -> None:
        missing = []
        for key in self._required:
            if key in self._entries:
                continue
            unknown = [name for name in self._entries if name not in self._known]
            misspelt = closest_name(key, unknown)
            if misspelt is None:
                missing.append(key)
                continue
            self._known[misspelt] = None
            self._findings.add(
                self._entries[misspelt].key_span,
                f"unknown key '{_shorten(misspelt)}' in {self._what}",
                f"did you mean '{key}'?",
            )
        self._required.clear()
        if missing:
            names = ", ".join(missing)
            noun = "key" if len(missing) == 1 else "keys"
            self._findings.add(self.span, f"{self._what} lacks the {noun} {names}", f"add {names}")

    def report_unknown(self, key: str, entry: TomlNode) -> None:
        candidates = [name for name in self._known if name not in self._entries]
        hint = did_you_mean(key, candidates) or f"known are {', '.join(name for name in self._known if name != key)}"
        self._findings.add(entry.key_span, f"unknown key '{_shorten(key)}' in {self._what}", hint)

    def _scalar(self, key: str, types: type | tuple[type, ...], wanted: str, hint: str) -> TomlScalar | None:
        node = self.entry(key)
        return None if node is None else self._scalar_of(node, key, types, wanted, hint)

    def _scalar_of(
        self, node: TomlNode, key: str, types: type | tuple[type, ...], wanted: str, hint: str
    ) -> TomlScalar | None:
        is_right = isinstance(node, TomlScalar) and isinstance(node.value, types)
        if is_right and isinstance(node, TomlScalar) and (not isinstance(node.value, bool) or _allows_bool(types)):
            return node
        self._findings.add(node.span, f"{key} must be {wanted}, not {describe_node(node)}", hint)
        return None

    def _finite(self, scalar: TomlScalar, key: str) -> float | None:
        try:
            number = float(scalar.value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
        self._findings.add(scalar.span, f"{key} must be a finite number", "write a finite number")
        return None


def texts_of_node(node: TomlNode, key: str, findings: Findings) -> list[Located[str]]:
    """Return the texts of a node that is a text or an array of texts; report everything else."""
    texts = []
    for item in node.items if isinstance(node, TomlArray) else (node,):
        if isinstance(item, TomlScalar) and isinstance(item.value, str):
            texts.append(Located(item.value, item.span))
        else:
            findings.add(item.span, f"{key} must be a text, not {describe_node(item)}", "put it in quotes")
    if isinstance(node, TomlArray) and not node.items:
        findings.add(node.span, f"{key} is an empty array", "name at least one")
    return texts


def read_format(reader: TableReader, findings: Findings) -> None:
    """Report a file whose ``format`` is absent or not the one that this version reads."""
    reader.require("format")
    version = reader.integer("format", low=0, high=2**31)
    if version is not None and version.value != 1:
        findings.add(version.span, f"format {version.value} is unknown", "this version reads format = 1")


def _allows_bool(types: type | tuple[type, ...]) -> bool:
    return types is bool or (isinstance(types, tuple) and bool in types)


def _is_number(node: TomlNode) -> bool:
    value: Any = node.value if isinstance(node, TomlScalar) else None
    return isinstance(value, int | float) and not isinstance(value, bool)


def _one_of(names: list[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def _shorten(text: str) -> str:
    printable = text if text.isprintable() else repr(text)[1:-1]
    return printable if len(printable) <= 40 else printable[:37] + "..."
