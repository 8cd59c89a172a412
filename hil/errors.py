"""Errors of the harness, beside those of the emulators that it passes on."""

from __future__ import annotations

from emulators.errors import CompileError, DescriptionError, EmulatorError, InternalError, LinkError

__all__ = [
    "CompileError",
    "DescriptionError",
    "EmulatorError",
    "InternalError",
    "LinkError",
    "OracleViolation",
    "SafetyRefusal",
]


class SafetyRefusal(EmulatorError):  # noqa: N818 - the word of the glossary
    """The safety gate refused a write to a physical target."""


class OracleViolation(AssertionError):  # noqa: N818 - the only failed test: an assertion by nature
    """A requirement does not hold on a trace: the only error that is a FAIL verdict."""
