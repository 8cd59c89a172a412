"""Planted defects must be found, good programs must survive: shared by the tests of all cells.

Run as a script it prints, for each defect, how many scenarios it took over twenty seeds:
``python tests/support/detection.py two_tanks``.
"""

from __future__ import annotations

import inspect
import runpy
import statistics
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hil.assembly import make_bench
from hil.bench.emulated import EmulatedBench
from hil.campaign import Defect, RequirementTest, load_defects, load_requirement_tests, run_campaign
from hil.oracle import Formula, Run, eventually
from hil.oracle.judgement import Verdict
from hil.resources import shipped_path

Cause = Callable[[Run], Formula]
MOST_SCENARIOS = 500
SEEDS = range(20)


@dataclass(frozen=True, slots=True)
class Survival:
    """``failure``: what broke, empty when nothing did. ``unseen``: causes that never came about."""

    failure: str
    unseen: tuple[str, ...]
    scenarios: int


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

    def start_up_test(self, bench: EmulatedBench) -> None:
        """Run the plain tests of the file: those that take nothing but ``bench``."""
        for name, function in runpy.run_path(str(self.folder / "test_requirements.py")).items():
            if name.startswith("test") and list(inspect.signature(function).parameters) == ["bench"]:
                bench.reset()
                function(bench)

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

    def survives(
        self, bench: EmulatedBench, *, count: int, seed: int, causes: Mapping[str, Cause] | None = None
    ) -> Survival:
        """Run all requirements on the same scenarios, and see which causes of interlocks came about."""
        seen: set[str] = set()

        def check(run: Run) -> None:
            for test in self.requirement_tests:
                test.check(run)
            for name, cause in (causes or {}).items():
                if name not in seen and run.judge(eventually(cause(run))).verdict is Verdict.PASS:
                    seen.add(name)

        scenario = self.requirement_tests[0].scenario
        result = run_campaign(bench, scenario, check, count=count, seed=seed)
        failure = result.failure
        text = "" if failure is None else f"{failure.timeline.events}\n{failure.violation}"
        return Survival(text, tuple(name for name in causes or {} if name not in seen), result.scenarios)

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
    sys.exit(max(main(name) for name in sys.argv[1:] or ("two_tanks", "sorting_line", "pump_station", "fan_drive")))
