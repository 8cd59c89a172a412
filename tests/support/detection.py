"""Planted defects must be found, good programs must survive: shared by the tests of all cells.

Run as a script it prints, for each defect, how many scenarios it took over twenty seeds:
``python tests/support/detection.py two_tanks``.
"""

from __future__ import annotations

import statistics
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hil.assembly import make_bench
from hil.bench.emulated import EmulatedBench
from hil.campaign import Defect, RequirementTest, load_defects, load_requirement_tests, run_campaign
from hil.resources import shipped_path

MOST_SCENARIOS = 500
SEEDS = range(20)


@dataclass(frozen=True)
class ProgramUnderTest:
    """A shipped control program with its rig, requirement tests and defects, all named alike."""

    name: str

    @cached_property
    def folder(self) -> Path:
        return shipped_path(f"fixtures/programs/{self.name}")

    @cached_property
    def requirement_tests(self) -> tuple[RequirementTest, ...]:
        return load_requirement_tests(self.folder / "test_requirements.py")

    @cached_property
    def defects(self) -> Mapping[str, Defect]:
        return {defect.name: defect for defect in load_defects(self.folder / "defects")}

    def bench(self, defect: Defect | None = None, *, coverage: bool = False, executor: str = "auto") -> EmulatedBench:
        """Return a bench of the good program, or of the program with a defect."""
        overrides: dict[Path, str] = {}
        if defect is not None:
            text = (self.folder / "control.st").read_text("utf-8")
            overrides[self.folder / "control.st"] = defect.apply(text)
        return make_bench(self.name, overrides=overrides, coverage=coverage, executor=executor)

    def tests_of(self, requirement: str) -> tuple[RequirementTest, ...]:
        """Return the tests that name a requirement."""
        return tuple(
            test
            for test in self.requirement_tests
            if requirement in (identifier for identifier, _ in test.requirements)
        )

    def scenarios_to_find(self, defect: Defect, bench: EmulatedBench, seed: int) -> int | None:
        """Return how many scenarios it took a defect's own requirement to catch it, None for more than the limit."""
        (test, *_) = self.tests_of(defect.requirement)
        result = run_campaign(bench, test.scenario, test.check, count=MOST_SCENARIOS, seed=seed, reduction_budget=0)
        return result.scenarios if result.failure is not None else None

    def survives(self, bench: EmulatedBench, *, count: int, seed: int) -> str:
        """Run all requirements on the same scenarios; return what failed, empty when the program survives."""

        def check(run: object) -> None:
            for test in self.requirement_tests:
                test.check(run)

        scenario = self.requirement_tests[0].scenario
        result = run_campaign(bench, scenario, check, count=count, seed=seed)
        return "" if result.failure is None else f"{result.failure.timeline.events}\n{result.failure.violation}"

    def uncovered(self, bench: EmulatedBench) -> Counter[str]:
        """Return branches of the program that no scenario took, without the listed exceptions."""
        missed = Counter(place for place, hits in bench.coverage().items() if not hits and " branch " in place)
        for exception in self.coverage_exceptions:
            missed = Counter({place: 1 for place in missed if exception not in place})
        return missed

    @cached_property
    def coverage_exceptions(self) -> Sequence[str]:
        """Places that cannot be reached, each with its reason in ``coverage_exceptions.toml``."""
        path = self.folder / "coverage_exceptions.toml"
        return tuple(tomllib.loads(path.read_text("utf-8"))["exception"]) if path.exists() else ()


def main(name: str) -> int:
    """Print the scenarios each defect needs: median and worst of twenty seeds."""
    program, missed = ProgramUnderTest(name), 0
    for defect in program.defects.values():
        bench = program.bench(defect)
        found = [program.scenarios_to_find(defect, bench, seed) for seed in SEEDS]
        counts = [count for count in found if count is not None]
        missed += len(found) - len(counts)
        median = statistics.median(counts) if counts else float("nan")
        sys.stdout.write(
            f"{name:14} {defect.name:24} {defect.requirement:8} found {len(counts)}/{len(found)}, "
            f"median {median:g}, worst {max(counts, default=0)} scenarios\n"
        )
        sys.stdout.flush()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(max(main(name) for name in sys.argv[1:] or ("two_tanks", "sorting_line", "pump_station")))
