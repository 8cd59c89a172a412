"""A cell as the endpoints of a bench see it: recorded as it is stepped, with the values of devices' own beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emulators.cell import Cell, TapeEvent
from emulators.serving import Endpoint, SteppedCell
from emulators.serving.device_cell import DeviceCell
from emulators.serving.emulated_cell import EmulatedCell
from emulators.signals.tags import TagValue

__all__ = ["OwnRows", "RecordedCell", "ServedParts"]


@dataclass(frozen=True, slots=True)
class ServedParts:
    """What is put around a cell: ``surround(cell, seed)`` adds the values of devices' own at time 0, ``endpoints``
    makes the servers that show the result."""

    surround: Callable[[SteppedCell, int], SteppedCell]
    endpoints: Callable[[SteppedCell], Sequence[Endpoint]]


class RecordedCell(EmulatedCell):
    """Hands its steps to ``record``, which runs the cell and keeps the rows."""

    def __init__(self, cell: Cell) -> None:
        super().__init__(cell)
        self.record: Callable[[int, Sequence[TapeEvent]], None] = super().advance

    def advance(self, n_steps: int, events: Sequence[TapeEvent]) -> None:
        self.record(n_steps, events)


class OwnRows:
    """Rows of values of devices' own; texts have none."""

    def __init__(self, stepped: SteppedCell, names: Iterable[str]) -> None:
        self._stepped = stepped
        self._values: dict[str, list[TagValue]] = {name: [] for name in names}

    @staticmethod
    def names(stepped: SteppedCell) -> tuple[str, ...]:
        """Return the values of devices' own that can be recorded."""
        if not isinstance(stepped, DeviceCell):
            return ()
        return tuple(name for name, tag in stepped.own_tags.items() if not tag.is_text)

    @property
    def longest_step(self) -> int | None:
        """How many steps at most the values stand still; None for ever, until a client writes."""
        return 1 if isinstance(self._stepped, DeviceCell) and self._stepped.are_values_moving else None

    def add(self, n_rows: int) -> None:
        """Keep the present values as the last rows."""
        for name, values in self._values.items():
            values += [self._stepped.read(name)] * n_rows

    def columns(self) -> dict[str, NDArray[np.generic]]:
        """Return what was kept: name → array of shape (n_rows,), truth values as uint8."""
        tags = self._stepped.publication.tags
        return {
            name: np.array(values, dtype=np.uint8 if tags[name].is_bool else tags[name].dtype)
            for name, values in self._values.items()
        }
