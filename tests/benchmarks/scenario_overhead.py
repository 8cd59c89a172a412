"""A scenario of 10 minutes at 10 ms with 20 recorded columns and five properties against the bare loop.

Run: ``python tests/benchmarks/scenario_overhead.py [--json]``. Judged is as in a campaign: verdicts and robustness.
The bare loop is the same native call with the same tape and no columns, on the same state block.
"""

from __future__ import annotations

import dataclasses
import shutil
import sys

from measure import Ratio, Timing, interleave, report

import hil
from emulators.cell import Cell, build_blueprint, make_executor
from emulators.description import load_rig
from emulators.timebase import NS_PER_MS
from hil.bench.emulated import EmulatedBench
from hil.campaign.player import Player
from hil.oracle import Run
from hil.resources import resolve_rig
from hil.scenario.drawing import Drawer
from hil.scenario.random_source import RandomSource

STEPS = 60_000
COLUMNS = (
    *("LEVEL", "TEMPERATURE", "SUPPLY", "INFLOW", "LT-101", "TT-101", "P-101.current_a", "LV-101.position_pct"),
    *("T-101.level_m", "E-101.power_kw", "P-101.speed_frac", "START", "STOP", "ACK", "P-101.RUN", "XV-102.is_open"),
    *("E-101.is_on", "P-101.is_tripped", "XV-100.is_open", "HA-101.is_lit"),
)


def five_properties(run: Run) -> None:
    """Assert five things that hold, so that nothing is cut short."""
    run.whenever(run["LEVEL"] > 99).then(~run["P-101.RUN"], within="2 s")
    run.never(run["TEMPERATURE"] > 119)
    run.whenever(hil.rose(run["STOP"])).then(~run["P-101.is_tripped"], within="3 s")
    run.always((run["P-101.current_a"] < 1000) & (run["LV-101.position_pct"] <= 101))
    run.whenever(run["E-101.is_on"]).then(run["TEMPERATURE"] > 1, within="10 s")


def measured(executor: str) -> dict[str, Timing]:
    """Return the cost of a step: bare, recorded, and recorded and judged."""
    rig = dataclasses.replace(load_rig(resolve_rig("two_tanks")), step_ns=10 * NS_PER_MS)
    blueprint = build_blueprint(rig)
    cell = Cell(blueprint, make_executor(blueprint, executor))
    bench = EmulatedBench(cell)
    scenario = hil.scenario(
        "10 min",
        operator=[hil.press("START", "STOP", "ACK", every=("5 s", "2 min")), hil.setpoint("LIC-101.SP", 20, 80)],
        process=[hil.step("INFLOW", 0, 10)],
    )
    timeline = Drawer(scenario, bench.catalogue).draw(RandomSource(7, 0))
    player = Player(bench, five_properties, columns=COLUMNS)
    tape = timeline.tape()

    def bare() -> None:
        cell.reset(seed=timeline.seed)
        cell.run(STEPS, tape=tape, columns=[])

    assert len(bench.run(timeline, columns=COLUMNS)) == STEPS
    played = player.play(timeline)
    assert played.violation is None, played.violation
    candidates = {
        f"{executor}: bare loop": bare,
        f"{executor}: 20 columns": lambda: bench.run(timeline, columns=COLUMNS),
        f"{executor}: 20 columns, five properties": lambda: player.play(timeline),
    }
    return interleave(candidates, operations=STEPS)


def main() -> int:
    timings: list[Timing] = []
    ratios: list[Ratio] = []
    for executor in ("tcc", "gcc") if shutil.which("gcc") else ("tcc",):
        found = list(measured(executor).values())
        timings += found
        sentence = f"10 min at 10 ms with 20 columns and five properties against the bare loop, {executor}"
        ratios.append(Ratio(sentence, found[2].median_ns / found[0].median_ns, 2.5))
    return 0 if report("Cost of a judged scenario, per step", timings, ratios) else 1


if __name__ == "__main__":
    sys.exit(main())
