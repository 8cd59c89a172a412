"""The printout of a failing scenario, as the architecture shows it."""

from __future__ import annotations

import re
from dataclasses import replace

from hil.report import FailureDetail, render_failure

EXPECTED = """\
FAIL test_high_level_stops_the_pump   robustness -3.1   412 scenarios, reduced in 31 runs, seed 7
  00:00.0  START pressed
  00:12.0  LT-101 stuck at 61.2 %
  00:45.3  LEVEL 93.1 %, P-101.RUN still on 2.0 s later      requirement FDS-3.1, control.st:88
  replay: pytest --hil-replay .hil/failures/a91f.json"""


def test_a_failure_is_printed_as_a_timeline(failure: FailureDetail) -> None:
    assert render_failure(failure) == EXPECTED


def test_on_a_terminal_only_colours_are_added(failure: FailureDetail) -> None:
    coloured = render_failure(failure, is_terminal=True)

    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == EXPECTED


def test_what_is_not_known_is_left_out(failure: FailureDetail) -> None:
    bare = replace(
        failure,
        robustness=None,
        scenarios=1,
        reduction_runs=0,
        seed=None,
        requirement="",
        source="",
        replay="",
        marks=(),
    )

    assert render_failure(bare) == (
        "FAIL test_high_level_stops_the_pump   1 scenario\n  00:45.3  LEVEL 93.1 %, P-101.RUN still on 2.0 s later"
    )
