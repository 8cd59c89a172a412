"""A bench small enough to read: one tank with an inflow, a level transmitter that can stick, a pump with a trip.

The pump runs from START until STOP or until the measured level passes 90 %. The trip looks at the transmitter, so a
stuck transmitter and a high inflow together let the level pass 90 % with the pump still running: the planted defect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from emulators.cell.catalogue import FaultDescription, TargetDescription, TargetKind
from emulators.cell.tape import Operation, TapeEvent, TapeValue
from emulators.timebase import NS_PER_S
from hil.bench.protocol import Capability, Stimuli, column_descriptions
from hil.bench.steps import StepByStep
from hil.trace.meta import TraceMeta
from hil.trace.trace import Trace

STEP_NS = NS_PER_S // 10
_TARGETS = [
    TargetDescription("START", "BOOL", writable=True),
    TargetDescription("STOP", "BOOL", writable=True),
    TargetDescription("INFLOW", "LREAL", "%/s", (0.0, 2.0), writable=True, is_plant_truth=True),
    TargetDescription("LEVEL", "LREAL", "%", (0.0, 100.0), is_plant_truth=True),
    TargetDescription(
        "LT-101", "LREAL", "%", (0.0, 100.0), faults=(FaultDescription("stuck", "float", 0.0, 100.0, "%"),)
    ),
    TargetDescription("P-101.RUN", "BOOL"),
    TargetDescription("PLC1", kind=TargetKind.CONTROLLER),
]


class ToyBench(StepByStep):
    """Implements the Bench protocol in plain Python; counts its runs and resets."""

    step_ns = STEP_NS
    target_name = "emulated"
    capabilities = frozenset(Capability)
    catalogue = {target.name: target for target in _TARGETS}
    hashes = {"program": "p123", "rig": "r456"}

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[tuple[str, ...] | None] = []
        self.resets = 0
        self._start()

    def _start(self) -> None:
        self.values: dict[str, TapeValue] = {
            "START": False,
            "STOP": False,
            "INFLOW": 0.5,
            "LEVEL": 10.0,
            "LT-101": 10.0,
            "P-101.RUN": False,
        }
        self.stuck: float | None = None
        self.is_powered = True
        self.tape: list[TapeEvent] = []
        self.tick = 0
        self.rows: list[dict[str, TapeValue]] = []

    @property
    def time_ns(self) -> int:
        return self.tick * STEP_NS

    def reset(self) -> None:
        self.resets += 1
        self._start()

    def apply(self, events: Iterable[TapeEvent]) -> None:
        self.tape = sorted([*self.tape, *events], key=lambda event: (event.time_ns, event.order))

    def read(self, name: str) -> TapeValue:
        return self.values[name]

    def advance_steps(self, n_steps: int) -> None:
        for _ in range(n_steps):
            self.tick += 1
            while self.tape and self.tape[0].time_ns <= self.time_ns:
                self._play(self.tape.pop(0))
            self._step()
            self.rows.append(dict(self.values))

    def _play(self, event: TapeEvent) -> None:
        match event.operation:
            case Operation.FAULT:
                self.stuck = None if event.value is None else float(event.value)
            case Operation.RESTART:
                self.is_powered = event.value != "power_off"
            case _:
                self.values[event.target] = event.value

    def _step(self) -> None:
        values = self.values
        level = float(values["LEVEL"]) + float(values["INFLOW"]) / 10
        values["LEVEL"] = min(100.0, max(0.0, level - (0.01 if values["P-101.RUN"] else 0.0)))
        values["LT-101"] = values["LEVEL"] if self.stuck is None else self.stuck
        if not self.is_powered or values["STOP"] or float(values["LT-101"]) > 90.0:
            values["P-101.RUN"] = False
        elif values["START"]:
            values["P-101.RUN"] = True

    def mark(self) -> object | None:
        if Capability.SNAPSHOT not in self.capabilities:
            return None
        return dict(self.values), self.stuck, self.is_powered, list(self.tape), self.tick, len(self.rows)

    def rewind(self, mark: object) -> None:
        values, self.stuck, self.is_powered, self.tape, self.tick, rows = mark
        self.values = dict(values)
        del self.rows[rows:]

    def recorded(self) -> Trace:
        return self._trace(self.rows, list(self.values))

    def _trace(self, rows: list[dict[str, TapeValue]], names: Sequence[str]) -> Trace:
        described: Mapping[str, TargetDescription] = self.catalogue
        columns = {
            name: np.array([row[name] for row in rows], dtype=np.uint8 if described[name].is_bool else np.float64)
            for name in names
        }
        times = np.arange(1, len(rows) + 1, dtype=np.int64) * STEP_NS
        return Trace(columns, times, TraceMeta(step_ns=STEP_NS, columns=column_descriptions(described)))

    def run(self, timeline: Stimuli, *, columns: Sequence[str] | None = None, seed: int | None = None) -> Trace:
        self.runs.append(None if columns is None else tuple(columns))
        self._start()
        self.apply(timeline.tape())
        self.advance_steps(timeline.duration_ns // STEP_NS)
        return self._trace(self.rows, list(self.values) if columns is None else columns)

    def coverage(self) -> Mapping[str, int]:
        return {"toy.st:1:1": len(self.runs), "toy.st:2:1 true": 0}

    def close(self) -> None:
        self._start()
