"""Errors of the harness, beside those of the emulators that it passes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emulators.errors import CompileError, DescriptionError, EmulatorError, InternalError, LinkError
from emulators.timebase import format_timestamp

__all__ = [
    "CompileError",
    "DescriptionError",
    "EmulatorError",
    "InternalError",
    "LinkError",
    "OracleViolation",
    "SafetyRefusal",
    "UnknownNameError",
]


class SafetyRefusal(EmulatorError):  # noqa: N818 - the word of the glossary
    """The safety gate refused a write to a physical target."""


class OracleViolation(AssertionError):  # noqa: N818 - the only failed test: an assertion by nature
    """A requirement does not hold on a trace: the only error that is a FAIL verdict.

    Attributes:
        explanation: one line a person reads, such as ``LEVEL 93.1 %, P-101.RUN still on 2.0 s later``.
        formula: sentence of the formula that does not hold.
        robustness: signed margin in percent of range, negative or 0.
        trigger_ns: plant time of the row that is explained.
        start_ns, end_ns: stretch of plant time in which the formula is violated, for shading.
        columns: names of the signals the formula reads.
        limits: (name, number) of each comparison of a signal with a constant in the formula, for drawing.
    """

    def __init__(
        self,
        explanation: str,
        *,
        formula: str = "",
        robustness: float = 0.0,
        trigger_ns: int = 0,
        start_ns: int = 0,
        end_ns: int = 0,
        columns: Sequence[str] = (),
        limits: Sequence[tuple[str, float]] = (),
    ) -> None:
        self.explanation = explanation
        self.formula = formula
        self.robustness = robustness
        self.trigger_ns = trigger_ns
        self.start_ns = start_ns
        self.end_ns = end_ns
        self.columns = tuple(columns)
        self.limits = tuple(limits)
        super().__init__(explanation)

    def __str__(self) -> str:
        if not self.formula:
            return self.explanation
        moment = format_timestamp(self.trigger_ns)
        return f"{moment}  {self.explanation}; required: {self.formula}; robustness {self.robustness:.3g}"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.explanation,), dict(self.__dict__)


class UnknownNameError(EmulatorError, LookupError):
    """A test names a signal that neither the rig nor the trace has."""
