"""Reads what an entry of a register map says of its value: names, initial value, number for none, behaviour."""

from __future__ import annotations

import math
from collections.abc import Mapping

from emulators.description.behaviour import BehaviourEntry, read_behaviour
from emulators.description.register_types import RegisterType
from emulators.description.source import Findings, Located
from emulators.description.table_reader import TableReader
from emulators.description.toml_nodes import TomlScalar
from emulators.errors import did_you_mean
from emulators.signals.tags import TagValue

__all__ = ["ValueReader"]


class ValueReader:
    """Reads keys of one ``[[register]]`` in the light of its type, None where the type is wrong."""

    def __init__(self, reader: TableReader, what: str, findings: Findings) -> None:
        self._reader = reader
        self._what = what
        self._findings = findings

    def names(self, key: str, value_type: RegisterType | None) -> tuple[tuple[int, str], ...]:
        """Return names of values or of bits: ``names = { 0 = "off", 1 = "on" }``."""
        table = self._reader.table(key)
        if table is None or value_type is None:
            return ()
        limits = value_type.limits if key == "names" else _bit_numbers(value_type)
        if limits is None:
            what = "values" if key == "names" else "bits"
            self._findings.add(table.span, f"a {value_type.name} has no names of {what}", f"drop {key}")
            return ()
        names = []
        for number, node in table.entries.items():
            text = node.value if isinstance(node, TomlScalar) else None
            is_number = number.removeprefix("-").isdecimal() and number.isascii() and len(number) <= 20
            if not is_number or not isinstance(text, str):
                hint = f'write {key} = {{ 0 = "off", 1 = "on" }}'
                self._findings.add(node.key_span, f"{self._what}: {key} are texts by whole numbers", hint)
            elif not limits[0] <= int(number) <= limits[1]:
                message = f"{self._what}: {number} is outside {limits[0]}..{limits[1]}"
                self._findings.add(node.key_span, message, "name what the type can hold")
            else:
                names.append((int(number), text))
        return tuple(sorted(names))

    def initial(
        self, value_type: RegisterType | None, names: tuple[tuple[int, str], ...], *, may_be_nan: bool
    ) -> Located[TagValue] | None:
        reader = self._reader
        node = reader.entry("initial")
        if node is None or value_type is None:
            return None
        if names and isinstance(node, TomlScalar) and isinstance(node.value, str):
            return self._initial_name(node, {text: number for number, text in names})
        if value_type.is_string:
            return self._initial_text(value_type)
        if value_type.is_bit:
            is_set = reader.boolean("initial", default=False)
            return Located(is_set, reader.key_span("initial"))
        if may_be_nan and isinstance(node, TomlScalar) and node.value != node.value:
            return Located(math.nan, node)
        if value_type.is_float and isinstance(node, TomlScalar) and node.value in (math.inf, -math.inf):
            return Located(node.value, node)
        number = reader.boolean_or_number("initial")
        if number is None:
            return None
        if not isinstance(number.value, bool):
            self._check_fits(number, value_type)
            return number
        self._findings.add(number.span, f"{self._what}: initial must be a number", "write digits")
        return None

    def _initial_name(self, node: TomlScalar, numbers: Mapping[str, int]) -> Located[TagValue] | None:
        if node.value in numbers:
            return Located(numbers[node.value], node.span)
        hint = did_you_mean(node.value, numbers) or f"write a number, or one of {', '.join(numbers)}"
        self._findings.add(node.span, f"{self._what}: initial '{node.value}' is none of its names", hint)
        return None

    def _check_fits(self, number: Located[bool | int | float], value_type: RegisterType) -> None:
        """Report an unscaled initial value that its registers cannot hold."""
        limits = value_type.limits
        is_scaled = any(self._reader.has(key) for key in ("scale", "offset", "scale_factor"))
        if limits is None or is_scaled or limits[0] <= number.value <= limits[1]:
            return
        message = f"{self._what}: initial {number.value} is outside {limits[0]}..{limits[1]} of {value_type.name}"
        self._findings.add(number.span, message, "write a value that the type can hold")

    def _initial_text(self, value_type: RegisterType) -> Located[TagValue] | None:
        text = self._reader.text("initial")
        if text is None:
            return None
        if len(text.value) > value_type.length or not all(ord(character) < 256 for character in text.value):
            message = f"{self._what}: the text does not fit {value_type.name}"
            self._findings.add(text.span, message, "shorten it; characters take one byte (ISO 8859-1)")
            return None
        return Located(text.value, text.span)

    def behaviour(self, value_type: RegisterType | None) -> BehaviourEntry | None:
        table = self._reader.table("behaviour")
        if table is None:
            return None
        behaviour = read_behaviour(table, self._what, self._findings)
        if behaviour is None or value_type is None:
            return None
        if value_type.is_string and behaviour.kind not in ("mirror", "python"):
            message = f"a {value_type.name} cannot be a {behaviour.kind}"
            self._findings.add(behaviour.span, message, "use a number, or the behaviour mirror or python")
            return None
        return behaviour

    def no_value(self, value_type: RegisterType | None) -> int | None:
        """Return the number that stands for no value, two's complement undone: ``no_value = 0x8000`` of an int16."""
        if value_type is None or not self._reader.has("no_value"):
            return None
        limits = value_type.limits
        if limits is None or value_type.is_field or value_type.is_decimal:
            message = f"a {value_type.name} has no number that means no value"
            hint = "drop no_value; a float says it by NaN" if value_type.is_float else "drop no_value"
            self._findings.add(self._reader.key_span("no_value"), message, hint)
            return None
        span = 1 << 16 * value_type.quantity
        number = self._reader.integer("no_value", low=limits[0], high=span - 1)
        if number is None:
            return None
        return number.value - span if number.value > limits[1] else number.value


def _bit_numbers(value_type: RegisterType) -> tuple[int, int] | None:
    """Return the first and the last bit of a type whose bits may have names."""
    if value_type.is_decimal or value_type.limits is None:
        return None
    return 0, (value_type.bit_count or 16 * value_type.quantity) - 1
