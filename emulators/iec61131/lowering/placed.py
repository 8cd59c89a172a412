"""A program instance inside the instance of the whole."""

from __future__ import annotations

from dataclasses import dataclass

from emulators.iec61131.project import ProgramInstance

__all__ = ["PlacedProgram"]


@dataclass(frozen=True, slots=True)
class PlacedProgram:
    """A program instance, its field in the instance of the whole, and the function that runs it."""

    instance: ProgramInstance
    field: str
    run: str
