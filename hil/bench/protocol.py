"""What scenarios, campaigns and the pytest plugin need of a loop under test, emulated or not."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from emulators.cell.catalogue import FaultDescription, TargetDescription, TargetKind
from emulators.cell.tape import Operation, TapeEvent
from emulators.errors import EmulatorError
from hil.trace.meta import ColumnDescription, ColumnKind
from hil.trace.trace import Trace

__all__ = [
    "Action",
    "Bench",
    "Capability",
    "CoveredBench",
    "FaultDescription",
    "MissingCapability",
    "PlantFault",
    "Stimuli",
    "TargetDescription",
    "TargetKind",
    "column_descriptions",
    "needed_capabilities",
]


class Capability(enum.Enum):
    """What a target can do; a test that needs more than its target has is blocked, not failed."""

    ADVANCE = "advance"  # move plant time on demand
    SNAPSHOT = "snapshot"  # return to a state
    INJECT = "inject"  # put a fault into an instrument, actuator or plant part
    FORCE = "force"  # hold a variable of a controller
    RESTART = "restart"  # restart or power-cycle a controller
    LINK = "link"  # cut a connection
    PLANT_TRUTH = "plant truth"  # read and write what the plant truly does


class MissingCapability(EmulatorError):  # noqa: N818 - what is missing, not what went wrong
    """A test needs what its target cannot do: the test is blocked, not failed."""

    def __init__(self, capability: Capability, target: str, reason: str = "") -> None:
        self.capability = capability
        self.target = target
        self.reason = reason
        super().__init__(f"target {target} has no capability '{capability.value}'{f'; {reason}' if reason else ''}")

    def __reduce__(self) -> tuple[type[MissingCapability], tuple[Capability, str, str]]:
        return type(self), (self.capability, self.target, self.reason)


class PlantFault(EmulatorError):  # noqa: N818 - the word of the glossary
    """A component of the plant stopped the run at ``time_ns``: an error of the model, whatever was to be judged.

    ``trace`` has what was recorded before the step that failed, ``place`` the line of the component, ``reason`` what
    happened there.
    """

    def __init__(self, message: str, time_ns: int, place: str, reason: str, trace: Trace) -> None:
        self.message = message
        self.time_ns = time_ns
        self.place = place
        self.reason = reason
        self.trace = trace
        super().__init__(message, time_ns, place, reason, trace)

    def __str__(self) -> str:
        return self.message


class Stimuli(Protocol):
    """What a bench plays: a timeline, or anything that expands to a tape."""

    @property
    def duration_ns(self) -> int: ...

    @property
    def seed(self) -> int | None:
        """Seed of noise and jitter in this run; None leaves the rig's."""

    def tape(self) -> tuple[TapeEvent, ...]:
        """Return the events in order of time and rank."""


class Bench(Protocol):
    """A loop under test. ``run`` starts from the initial state each time and leaves nothing behind."""

    @property
    def step_ns(self) -> int: ...

    @property
    def catalogue(self) -> Mapping[str, TargetDescription]:
        """Names that a scenario or a formula may use."""

    @property
    def capabilities(self) -> frozenset[Capability]: ...

    @property
    def hashes(self) -> Mapping[str, str]:
        """Hashes of program, rig, tool and executor."""

    def reset(self) -> None:
        """Return to the initial state at time 0."""

    def run(self, timeline: Stimuli, *, columns: Sequence[str] | None = None, seed: int | None = None) -> Trace:
        """Play the timeline from the initial state; ``columns`` None records everything, ``seed`` goes before its own.

        Raises:
            LinkError: the far end of a wire did not answer.
            SafetyRefusal: the gate refused a write.
            PlantFault: a component of an emulated plant stopped the run.
        """

    def close(self) -> None:
        """Let go of everything that is open; closing twice is harmless."""


@runtime_checkable
class CoveredBench(Protocol):
    """A bench that counts how often each place of its control programs was reached."""

    def coverage(self) -> Mapping[str, int]:
        """Return hits since the bench was made by ``file:line:column label``, unreached places with 0."""


def column_descriptions(catalogue: Mapping[str, TargetDescription]) -> dict[str, ColumnDescription]:
    """Return unit, range and kind of every name with a value, as formulas and displays want them."""
    return {
        name: ColumnDescription(
            unit=target.unit,
            eu_range=target.eu_range,
            kind=ColumnKind.DIGITAL if target.is_bool else ColumnKind.ANALOG,
            description=target.description,
            value_names=target.enumerators,
        )
        for name, target in catalogue.items()
        if target.has_value
    }


class Action(Protocol):
    """Something done to a target: an entry of a tape, an event of a timeline."""

    @property
    def operation(self) -> Operation: ...

    @property
    def target(self) -> str: ...


def needed_capabilities(
    events: Iterable[Action], catalogue: Mapping[str, TargetDescription]
) -> dict[Capability, tuple[str, ...]]:
    """Return what a target must be able to do to play ``events``, with the targets that ask for it."""
    needed: dict[Capability, dict[str, None]] = {}
    for event in events:
        capability = _BY_OPERATION.get(event.operation)
        described = catalogue.get(event.target)
        if capability is None and described is not None and described.is_plant_truth:
            capability = Capability.PLANT_TRUTH
        if capability is not None:
            needed.setdefault(capability, {})[event.target] = None
    return {capability: tuple(targets) for capability, targets in needed.items()}


_BY_OPERATION = {
    Operation.FORCE: Capability.FORCE,
    Operation.RELEASE: Capability.FORCE,
    Operation.FAULT: Capability.INJECT,
    Operation.RESTART: Capability.RESTART,
    Operation.LINK: Capability.LINK,
}
