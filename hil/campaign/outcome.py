"""What a campaign found: counts, the narrowest margin, coverage, and the failure with its reduced timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from emulators.errors import EmulatorError
from hil.bench.protocol import PlantFault
from hil.oracle.judgement import Verdict
from hil.scenario.timeline import Timeline
from hil.trace.trace import Trace

__all__ = ["CampaignResult", "Failure", "UnrepeatableRun"]


class UnrepeatableRun(EmulatorError):  # noqa: N818 - names the run, not the fault
    """A timeline failed and then did not: the verdict is error, not fail."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A failing scenario, reduced and run once more with everything recorded.

    ``index`` is the number of the scenario in the search, from 0; ``original`` its timeline as drawn.
    ``violation`` and ``trace`` belong to the reduced ``timeline``: a requirement that does not hold (verdict FAIL) or a
    component of the plant that stopped the run (verdict ERROR).
    """

    index: int
    original: Timeline
    timeline: Timeline
    violation: AssertionError | PlantFault
    robustness: float
    reduction_runs: int
    trace: Trace

    @property
    def verdict(self) -> Verdict:
        return Verdict.ERROR if isinstance(self.violation, PlantFault) else Verdict.FAIL


@dataclass(frozen=True, slots=True)
class CampaignResult:
    """How a search went. ``robustness`` is the least of all runs, in percent of range.

    ``verdicts`` counts runs by verdict; a property whose runs are all ``NONE`` was never put to the test.
    ``coverage`` counts hits by place of the control program, empty where the bench does not count.
    """

    seed: int
    scenarios: int
    plant_time_ns: int
    robustness: float
    verdicts: Mapping[Verdict, int] = field(default_factory=dict)
    coverage: Mapping[str, int] = field(default_factory=dict)
    failure: Failure | None = None

    @property
    def verdict(self) -> Verdict:
        """Verdict of the property: that of the failure if there is one, pass if one scenario passed."""
        if self.failure is not None:
            return self.failure.verdict
        for verdict in (Verdict.PASS, Verdict.INCONCLUSIVE):
            if self.verdicts.get(verdict):
                return verdict
        return Verdict.NONE
