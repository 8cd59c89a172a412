"""Tags: the names under which people know signals, with unit, range and what may be written to them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from emulators.signals.elementary_types import elementary_type
from emulators.signals.units import unit_named

__all__ = ["TAG_NAME", "Tag", "TagValue"]

TagValue = bool | int | float | str

TAG_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:[-.][A-Za-z0-9_]+)*")
"""``LT-101``, ``LIC-101.SP``, ``LEVEL``: letters, digits, ``_``, parts joined by ``-`` or ``.`` (ISA-5.1 fits)."""


@dataclass(frozen=True, slots=True)
class Tag:
    """Signal under its ISA-5.1 identifier.

    ``signal`` is a plant signal (``T-101.level_pct``) or a controller variable (``PLC1.LIC101_SP``). ``is_truth``
    marks what the plant truly does, as no instrument reports it. ``type`` is an IEC elementary type, empty when the
    signal's own type holds. ``eu_range`` bounds writes. ``safe_value`` is written when a tester goes away. ``names``
    are those of an enumeration's values, empty where the signal's own hold.
    """

    name: str
    signal: str
    is_truth: bool = False
    type: str = ""
    unit: str = ""
    eu_range: tuple[float, float] | None = None
    is_writable: bool = False
    safe_value: bool | int | float | None = None
    max_rate_per_s: float | None = None
    description: str = ""
    names: tuple[tuple[int, str], ...] = ()

    def __post_init__(self) -> None:
        if not TAG_NAME.fullmatch(self.name):
            raise ValueError(f"'{self.name}' is not a tag name; write it like LT-101 or LIC-101.SP")
        if self.type and elementary_type(self.type) is None:
            raise ValueError(f"tag {self.name}: '{self.type}' is not an elementary type")
        if self.unit and unit_named(self.unit) is None:
            raise ValueError(f"tag {self.name}: unknown unit '{self.unit}'")
        self._check_range()
        if self.max_rate_per_s is not None and not 0 < self.max_rate_per_s < math.inf:
            raise ValueError(f"tag {self.name}: max_rate_per_s {self.max_rate_per_s} must be above 0")

    def _check_range(self) -> None:
        if self.eu_range is None:
            return
        low, high = self.eu_range
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError(f"tag {self.name}: range {low}..{high} is not a range")
        if self.safe_value is not None and not low <= self.safe_value <= high:
            raise ValueError(f"tag {self.name}: safe value {self.safe_value} is outside {low}..{high}")
