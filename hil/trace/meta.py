"""What a trace knows beside its numbers: where it comes from and what each column means."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulators.modbus.faults.injection import Injection

__all__ = ["FORMAT_VERSION", "ColumnDescription", "ColumnKind", "TraceMeta"]

FORMAT_VERSION = 1


class ColumnKind(enum.Enum):
    """How a column is read and drawn: two levels, or a number."""

    DIGITAL = "digital"
    ANALOG = "analog"


@dataclass(frozen=True, slots=True)
class ColumnDescription:
    """Meaning of one column.

    ``kind`` None is decided by the type of the column: ``bool`` and ``uint8`` are digital, all others analog.
    ``eu_range`` is the engineering range low..high; robustness is measured in percent of it.
    ``value_names`` name the integers of an enumeration: ``((0, "IDLE"), (1, "FILLING"))``.
    """

    unit: str = ""
    eu_range: tuple[float, float] | None = None
    kind: ColumnKind | None = None
    description: str = ""
    value_names: tuple[tuple[int, str], ...] = ()

    def __post_init__(self) -> None:
        if self.eu_range is not None and not self.eu_range[0] < self.eu_range[1]:
            low, high = self.eu_range
            raise ValueError(f"range {low}..{high} is empty or reversed; the lower number comes first")

    def name_of(self, value: int) -> str | None:
        """Return the name of an enumeration value, or None when it has none."""
        return next((name for number, name in self.value_names if number == value), None)

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a file; defaults are left out."""
        content: dict[str, Any] = {}
        if self.unit:
            content["unit"] = self.unit
        if self.eu_range is not None:
            content["eu_range"] = list(self.eu_range)
        if self.kind is not None:
            content["kind"] = self.kind.value
        if self.description:
            content["description"] = self.description
        if self.value_names:
            content["value_names"] = [list(pair) for pair in self.value_names]
        return content

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> ColumnDescription:
        """Return the description that :meth:`to_json` wrote."""
        eu_range = content.get("eu_range")
        kind = content.get("kind")
        return cls(
            unit=str(content.get("unit", "")),
            eu_range=None if eu_range is None else (eu_range[0], eu_range[1]),
            kind=None if kind is None else ColumnKind(kind),
            description=str(content.get("description", "")),
            value_names=tuple((int(value), str(name)) for value, name in content.get("value_names", ())),
        )


@dataclass(frozen=True, slots=True)
class TraceMeta:
    """Where a trace comes from. None of it enters the digest of the trace: the same run has the same digest
    whatever executor made it.

    ``step_ns`` is the communication step of the run, None when unknown; rows may be rarer than steps. ``injections``
    are the faults that have happened on wires, oldest first.
    """

    program_sha256: str = ""
    rig_sha256: str = ""
    rig: str = ""
    tool: str = ""
    executor: str = ""
    seed: int | None = None
    step_ns: int | None = None
    columns: Mapping[str, ColumnDescription] = field(default_factory=dict)
    injections: tuple[Injection, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", MappingProxyType(dict(self.columns)))

    def __reduce__(self) -> tuple[Any, ...]:
        return TraceMeta.from_json, (self.to_json(),)

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a file."""
        content: dict[str, Any] = {
            "program_sha256": self.program_sha256,
            "rig_sha256": self.rig_sha256,
            "rig": self.rig,
            "tool": self.tool,
            "executor": self.executor,
            "seed": self.seed,
            "step_ns": self.step_ns,
            "columns": {name: description.to_json() for name, description in self.columns.items()},
        }
        if self.injections:
            content["injections"] = [dataclasses.asdict(each) for each in self.injections]
        return content

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> TraceMeta:
        """Return the meta that :meth:`to_json` wrote."""
        columns = {name: ColumnDescription.from_json(item) for name, item in content.get("columns", {}).items()}
        texts = {key: str(content.get(key, "")) for key in ("program_sha256", "rig_sha256", "rig", "tool", "executor")}
        injections = _injections(content["injections"]) if "injections" in content else ()
        return cls(
            **texts, seed=content.get("seed"), step_ns=content.get("step_ns"), columns=columns, injections=injections
        )


def _injections(content: Iterable[Mapping[str, Any]]) -> tuple[Injection, ...]:
    from emulators.modbus.faults.injection import Injection  # loads Modbus, which few traces need

    return tuple(Injection(**each) for each in content)
