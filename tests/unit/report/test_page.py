"""The report page: one file, nothing from the network, everything escaped."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from hil.oracle import Verdict
from hil.report import (
    CoverageItem,
    EventMark,
    FailureDetail,
    ReportData,
    RequirementResult,
    render_page,
    write_report,
)

VOID = {"meta", "br", "img", "input", "hr", "link"}
SECOND_NS = 1_000_000_000
HOSTILE = "</script><script>alert(1)</script> & \"quoted\" 'x'"


class _Balance(HTMLParser):
    """Collects tags and text, and fails on tags that do not close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _parsed(page: str) -> _Balance:
    parser = _Balance()
    parser.feed(page)
    parser.close()
    return parser


def _data(failure: FailureDetail, text: str = "High level stops the pump") -> ReportData:
    result = RequirementResult(
        requirement="FDS-3.1",
        text=text,
        verdict=Verdict.FAIL,
        tests=(failure.test,),
        scenarios=412,
        plant_time_ns=412 * 600 * SECOND_NS,
        worst_robustness=-3.1,
        best_robustness=38.25,
        seed=7,
        remark=text,
    )
    missing = CoverageItem("branches of control.st", 118, 120, ("control.st:88 ELSE",))
    return ReportData(
        title=text,
        rig="rigs/two_tanks.toml",
        date="2026-01-01",
        tool="plc-hil 0.1.0",
        requirements=(result, RequirementResult(requirement="FDS-9", verdict=Verdict.NONE)),
        failures=(failure,),
        coverage=(missing, CoverageItem("interlock causes", 0, 0)),
        facts=(("took", "12 s"),),
    )


def test_the_page_says_what_was_found(failure: FailureDetail) -> None:
    text = " ".join(_parsed(render_page(_data(failure))).text)

    for part in (
        "rigs/two_tanks.toml",
        "2026-01-01",
        "plc-hil 0.1.0",
        "68 h 40 min",
        "38.2",
        "LEVEL 93.1 %, P-101.RUN still on 2.0 s later",
        "whenever LEVEL > 90 %, not P-101.RUN within 2 s",
        "from 14 to 2 events in 31 runs",
        "pytest --hil-replay .hil/failures/a91f.json",
        "control.st:88 ELSE",
        "ab" * 32,
    ):
        assert part in text


def test_the_page_is_well_formed_and_loads_nothing(failure: FailureDetail) -> None:
    page = render_page(_data(failure))

    parser = _parsed(page)

    assert parser.open == []
    assert not {"link", "img", "iframe", "object"} & set(parser.seen)
    assert re.findall(r"(?:src|href)\s*=|https?://|@import|url\(", page) == []


def test_text_of_users_is_never_markup(failure: FailureDetail) -> None:
    hostile = replace(
        failure,
        test=HOSTILE,
        explanation=HOSTILE,
        formula=HOSTILE,
        requirement=HOSTILE,
        source=HOSTILE,
        replay=HOSTILE,
        marks=(EventMark(0, HOSTILE),),
        hashes=((HOSTILE, HOSTILE),),
        lanes=tuple(
            replace(lane, name=HOSTILE, unit=HOSTILE, description=HOSTILE, value_names=((0, HOSTILE), (1, HOSTILE)))
            for lane in failure.lanes
        ),
    )

    page = render_page(_data(hostile, HOSTILE))

    assert _parsed(page).seen.count("script") == _parsed(render_page(_data(failure))).seen.count("script")
    assert "alert(1)</script>" not in page


def test_the_cursor_finds_the_values_of_every_lane(failure: FailureDetail) -> None:
    page = render_page(_data(failure))

    found = re.search(r'<script type="application/json" id="failure-1-lanes">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    lanes = json.loads(found[1])

    assert [lane["kind"] for lane in lanes] == ["analog", "digital", "analog", "named", "steps"]
    assert all(len(lane["times"]) == len(lane["values"]) for lane in lanes)
    assert lanes[3]["names"] == {"0": "IDLE", "1": "FILL & HOLD"}
    assert lanes[0]["values"][-1] == 40


def test_a_report_without_failures_has_no_drawing() -> None:
    page = render_page(ReportData(title="Empty", rig="r", date="d", tool="t"))

    assert "<svg" not in page
    assert _parsed(page).open == []


def test_the_report_is_written_into_a_new_folder(tmp_path: Path, failure: FailureDetail) -> None:
    path = write_report(_data(failure), tmp_path / "new" / "hil-report")

    assert path == tmp_path / "new" / "hil-report" / "index.html"
    assert path.read_text("utf-8") == render_page(_data(failure))


@pytest.mark.parametrize(("n_missing", "is_folded"), [(8, False), (9, True)])
def test_a_long_list_of_places_that_were_not_exercised_is_folded(n_missing: int, is_folded: bool) -> None:
    item = CoverageItem(
        "conditions", 1, 1 + n_missing, tuple(f"{line}:3 START never FALSE" for line in range(n_missing))
    )

    page = render_page(ReportData(title="t", rig="r", date="d", tool="t", coverage=(item,)))

    assert ("<details><summary>9 places</summary>" in page) is is_folded
    assert page.count("START never FALSE") == n_missing


def test_impossible_coverage_is_refused() -> None:
    with pytest.raises(ValueError, match="coverage of branches: 3 of 2 is impossible"):
        CoverageItem("branches", 3, 2)
