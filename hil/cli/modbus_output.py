"""Values of a Modbus device as people read them: with names, units and named bits, refusals with their reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulators.description import RegisterEntry
    from emulators.errors import LinkError
    from emulators.signals.tags import TagValue

__all__ = ["reason", "shown"]

_FLOAT32_DIGITS, _DIGITS = 7, 12


def shown(entry: RegisterEntry, value: TagValue | LinkError) -> str:
    """Return a value as people read it, with its name, unit and named bits; NaN in words, a refusal in parentheses."""
    from hil.cli.running_cell import format_value

    if not isinstance(value, bool | int | float | str):
        return f"({reason(value)})"
    if value != value:
        return "no value"
    names = [list(pair) for pair in entry.names]
    digits = _FLOAT32_DIGITS if entry.type.native_label == "f32" else _DIGITS
    text = f"{format_value(value, digits=digits, names=names)} {entry.unit}".rstrip()
    return f"{text} ({', '.join(_set_flags(entry, value))})" if entry.flags and value else text


def _set_flags(entry: RegisterEntry, value: TagValue) -> list[str]:
    """Return the names of the bits that are set; ``bit 13`` of those without one."""
    names = dict(entry.flags)
    bits = int(value) & ((1 << 16 * entry.quantity) - 1)
    return [names.get(bit, f"bit {bit}") for bit in range(bits.bit_length()) if bits >> bit & 1]


def reason(error: LinkError) -> str:
    """Return the last words of a refusal, for where the place stands beside it already."""
    _, separator, answer = str(error).rpartition(" answered ")
    return answer if separator else str(error)
