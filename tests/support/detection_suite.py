"""What every shipped cell must show: its planted defects are found, its good program survives.

A cell's test file subclasses ``DetectionSuite`` and names the program and the causes of its interlocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pytest
from detection import SEEDS, Cause, ProgramUnderTest

from hil.bench.emulated import EmulatedBench
from hil.campaign import run_campaign


class DetectionSuite:
    """``causes`` must all come about in the 2,000 scenarios; the counts set how long the short runs are."""

    program: ClassVar[ProgramUnderTest]
    causes: ClassVar[Mapping[str, Cause]]
    few_scenarios: ClassVar[int] = 20
    slice_scenarios: ClassVar[int] = 300

    def test_the_good_program_passes_the_plain_start_up_test(self, good_bench: EmulatedBench) -> None:
        self.program.start_up_test(good_bench)

    def test_the_good_program_survives(self, good_bench: EmulatedBench) -> None:
        outcome = self.program.survives(good_bench, count=self.few_scenarios, seed=0)

        assert outcome.failure == ""

    def test_a_planted_defect_is_found(self, defect_name: str, defective_bench: EmulatedBench) -> None:
        defect = self.program.defects[defect_name]

        assert self.program.scenarios_to_find(defect, defective_bench, seed=0) is not None

    def test_a_planted_defect_passes_the_plain_start_up_test(self, defective_bench: EmulatedBench) -> None:
        self.program.start_up_test(defective_bench)

    @pytest.mark.campaign
    def test_slice_of_the_good_program_survives(self, good_bench: EmulatedBench) -> None:
        outcome = self.program.survives(good_bench, count=self.slice_scenarios, seed=1)

        assert outcome.failure == ""

    @pytest.mark.campaign
    @pytest.mark.timeout(1800)
    def test_the_good_program_survives_two_thousand_scenarios_that_reach_everything(self) -> None:
        bench = self.program.bench(coverage=True)

        outcome = self.program.survives(bench, count=2000, seed=0, causes=self.causes)

        assert outcome.failure == ""
        assert outcome.unseen == ()
        assert list(self.program.uncovered(bench)) == []

    @pytest.mark.campaign
    @pytest.mark.timeout(1800)
    def test_a_planted_defect_is_found_for_every_seed(self, defect_name: str, defective_bench: EmulatedBench) -> None:
        defect = self.program.defects[defect_name]

        found = [self.program.scenarios_to_find(defect, defective_bench, seed) for seed in SEEDS]

        assert None not in found

    @pytest.mark.campaign
    def test_a_planted_defect_needs_at_least_two_events(self, defect_name: str, defective_bench: EmulatedBench) -> None:
        defect = self.program.defects[defect_name]
        (test, *_) = self.program.tests_of(defect.requirement)

        result = run_campaign(defective_bench, test.scenario, test.check, count=500, seed=0)

        assert result.failure is not None
        assert len(result.failure.timeline.events) >= 2
