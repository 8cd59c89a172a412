"""What a plant is made of, as data: instances of components and the wires between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from emulators.component import Component, Phase
from emulators.errors import SourceSpan
from emulators.native.ir import NO_SPAN

__all__ = ["InstanceDescription", "PlantDescription", "Wire"]


@dataclass(frozen=True, slots=True)
class InstanceDescription:
    """One component of the plant.

    ``name`` is its ISA tag; ``component`` a name of the registry, ``package.module:Class``,
    ``file.py:Class`` or a class.
    ``parameters`` sets parameters, initial states, initial faults, and what an unwired input holds.
    ``phase`` overrides the phase of a SENSOR or ACTUATOR class, for what can stand on either side, such as a transport.
    ``spans`` has the places of the word ``component`` and of the parameters' names, where they are known.
    """

    name: str
    component: str | type[Component]
    parameters: Mapping[str, float | int | bool] = field(default_factory=dict)
    span: SourceSpan = NO_SPAN
    phase: Phase | None = None
    spans: Mapping[str, SourceSpan] = field(default_factory=dict)

    def span_of(self, part: str) -> SourceSpan:
        """Return where ``component`` or a parameter is written, or where the whole instance is."""
        return self.spans.get(part, self.span)


@dataclass(frozen=True, slots=True)
class Wire:
    """Connection of one input, written ``instance.member``; several sources of a float input are summed in order.

    ``span`` is that of the target; ``source_spans``, where known, has one for each source.
    """

    sources: tuple[str, ...]
    target: str
    span: SourceSpan = NO_SPAN
    source_spans: tuple[SourceSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class PlantDescription:
    """A whole plant; instances act in their order here wherever wires leave a choice.

    ``left_out`` names instances that are known to be wrong and not among ``instances``: wires to them are left out too.
    """

    instances: tuple[InstanceDescription, ...]
    wires: tuple[Wire, ...] = ()
    left_out: frozenset[str] = frozenset()
