"""Where every scalar of a structure lies: the one truth for tags, forces, tape, trace and register maps.

Natural alignment as the C compilers use it on 64-bit machines: a scalar lies at a multiple of its size, a structure
is aligned as its strictest field and padded to a multiple of that. A structure without fields takes one byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from emulators.errors import did_you_mean
from emulators.native.ir import Array, Scalar, Struct, Type

__all__ = ["Layout", "LayoutEntry", "struct_layout"]

_STEP = re.compile(r"\.?([A-Za-z_]\w*)|\[([0-9]+)\]", re.ASCII)


@dataclass(frozen=True, slots=True)
class LayoutEntry:
    """Place in a state block: ``offset`` in bytes from its start; ``bit`` names one bit of an integer."""

    path: str
    offset: int
    type: Type
    bit: int | None = None


class Layout:
    """Layout of one root structure; paths are written ``tank.level_m``, ``belt.parts[3].height_m``."""

    def __init__(self, struct: Struct) -> None:
        self.struct = struct
        self._measures: dict[Struct, tuple[int, int, dict[str, tuple[int, Type]]]] = {}
        self.size, self.alignment = self.measure(struct)

    def measure(self, of: Type) -> tuple[int, int]:
        """Return size and alignment of a type in bytes."""
        match of:
            case Scalar():
                return of.size, of.size
            case Array(element, length):
                size, alignment = self.measure(element)
                return size * length, alignment
            case Struct():
                size, alignment, _ = self._measure_struct(of)
                return size, alignment

    def _measure_struct(self, struct: Struct) -> tuple[int, int, dict[str, tuple[int, Type]]]:
        known = self._measures.get(struct)
        if known is not None:
            return known
        offset, strictest = 0, 1
        fields: dict[str, tuple[int, Type]] = {}
        for member in struct.fields:
            size, alignment = self.measure(member.type)
            offset = _round_up(offset, alignment)
            fields[member.name] = (offset, member.type)
            offset += size
            strictest = max(strictest, alignment)
        result = (_round_up(max(offset, 1), strictest), strictest, fields)
        self._measures[struct] = result
        return result

    def entry(self, path: str) -> LayoutEntry:
        """Return the place of ``path``, a scalar or an aggregate.

        Raises:
            KeyError: no such field, or an index outside the array; the message names the nearest field.
        """
        offset, of, position = 0, self.struct, 0
        here: Type = of
        while position < len(path):
            match = _STEP.match(path, position)
            if match is None:
                raise KeyError(f"'{path}' is not a path of fields and indices")
            name, index = match[1], match[2]
            step, here = self._field(here, name, path) if name else self._element(here, int(index), path)
            offset += step
            position = match.end()
        return LayoutEntry(path, offset, here)

    def _field(self, of: Type, name: str, path: str) -> tuple[int, Type]:
        if not isinstance(of, Struct):
            raise KeyError(f"'{path}': '{name}' is asked of something that has no fields")
        fields = self._measure_struct(of)[2]
        if name not in fields:
            hint = did_you_mean(name, fields)
            raise KeyError(f"'{path}': structure {of.name} has no field '{name}'" + (f"; {hint}" if hint else ""))
        return fields[name]

    def _element(self, of: Type, index: int, path: str) -> tuple[int, Type]:
        if not isinstance(of, Array):
            raise KeyError(f"'{path}': index {index} is asked of something that is no array")
        if index >= of.length:
            raise KeyError(f"'{path}': index {index} is outside 0..{of.length - 1}")
        return index * self.measure(of.element)[0], of.element

    def entries(self) -> Iterator[LayoutEntry]:
        """Yield every scalar in order of its offset."""
        return self._walk(self.struct, "", 0)

    def _walk(self, of: Type, path: str, offset: int) -> Iterator[LayoutEntry]:
        match of:
            case Scalar():
                yield LayoutEntry(path, offset, of)
            case Array(element, length):
                size = self.measure(element)[0]
                for index in range(length):
                    yield from self._walk(element, f"{path}[{index}]", offset + index * size)
            case Struct():
                for name, (start, inner) in self._measure_struct(of)[2].items():
                    yield from self._walk(inner, f"{path}.{name}" if path else name, offset + start)


def struct_layout(struct: Struct) -> Layout:
    """Return the layout of a root structure."""
    return Layout(struct)


def _round_up(offset: int, alignment: int) -> int:
    return (offset + alignment - 1) // alignment * alignment
