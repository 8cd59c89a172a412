"""Builds cells from a rig, control programs and components written in a test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from small_loop import LOOP_ENDPOINT, LOOP_MAP, LOOP_PARTS, LOOP_PROGRAM, LOOP_RIG

from emulators.cell import Blueprint, Cell, Operation, TapeEvent, TapeValue, build_blueprint, make_executor
from emulators.description import load_rig

__all__ = ["MS", "S", "SmallCells", "event", "fault", "force", "release", "restart", "write"]

MS = 1_000_000
S = 1_000_000_000

_HEAD = 'format = 1\nname = "small"\nstep = "10 ms"\nseed = 5\n'


class SmallCells:
    """Writes files into a folder and builds what they describe."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, **files: str) -> None:
        """Write files; ``parts_py`` is the file ``parts.py``."""
        for name, text in files.items():
            stem, _, suffix = name.rpartition("_")
            (self.folder / f"{stem}.{suffix}").write_text(text, encoding="utf-8")

    def blueprint(self, rig: str, **files: str) -> Blueprint:
        """Return the blueprint of a rig; the text gets a head with a step of 10 ms unless it has its own."""
        text = rig if rig.startswith("format") else _HEAD + rig
        self.write(rig_toml=text, **files)
        return build_blueprint(load_rig(self.folder / "rig.toml"))

    def cell(self, rig: str, *, executor: str = "tcc", seed: int | None = None, **files: str) -> Cell:
        """Return a cell at time 0."""
        blueprint = self.blueprint(rig, **files)
        return Cell(blueprint, make_executor(blueprint, executor), seed=seed)

    def controllers(
        self, programs: Mapping[str, str], *, extra: str = "", executor: str = "tcc", seed: int | None = None
    ) -> Cell:
        """Return a cell of controllers without a plant, by name and program text; ``extra`` ends the rig file."""
        files = {f"{name}_st": text for name, text in programs.items()}
        rig = "".join(f'[controllers.{name}]\nlanguage = "st"\nsources = "{name}.st"\n' for name in programs)
        return self.cell(rig + extra, executor=executor, seed=seed, **files)

    def loop(self, *, rig: str = LOOP_RIG, executor: str = "tcc", seed: int | None = None) -> Cell:
        """Return the small loop of ``small_loop`` at time 0."""
        return self.cell(rig, executor=executor, seed=seed, parts_py=LOOP_PARTS, PLC1_st=LOOP_PROGRAM)

    def served_loop(self) -> Path:
        """Write the small loop with a Modbus endpoint; return the rig file."""
        text = _HEAD + LOOP_RIG + LOOP_ENDPOINT
        self.write(rig_toml=text, parts_py=LOOP_PARTS, PLC1_st=LOOP_PROGRAM, map_toml=LOOP_MAP)
        return self.folder / "rig.toml"

    def plc(self, program: str, *, extra: str = "", seed: int | None = None) -> Cell:
        """Return a cell with the one controller ``PLC1``."""
        return self.controllers({"PLC1": program}, extra=extra, seed=seed)


def event(time_ns: int, operation: Operation, target: str, value: TapeValue = None, *, order: int = 0) -> TapeEvent:
    """Return a tape event."""
    return TapeEvent(time_ns, order, operation, target, value)


def write(time_ns: int, target: str, value: TapeValue) -> TapeEvent:
    """Return a write."""
    return event(time_ns, Operation.WRITE, target, value)


def force(time_ns: int, target: str, value: TapeValue) -> TapeEvent:
    """Return a force."""
    return event(time_ns, Operation.FORCE, target, value)


def release(time_ns: int, target: str) -> TapeEvent:
    """Return the end of a force."""
    return event(time_ns, Operation.RELEASE, target)


def fault(time_ns: int, target: str, value: TapeValue) -> TapeEvent:
    """Return a fault; None clears it."""
    return event(time_ns, Operation.FAULT, target, value)


def restart(time_ns: int, target: str, kind: str) -> TapeEvent:
    """Return a command to a controller."""
    return event(time_ns, Operation.RESTART, target, kind)
