"""``--hil-report``: one HTML file at the end of the session, also from workers."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("extra", [(), ("-n2",)], ids=["one process", "xdist"])
def test_the_report_holds_verdicts_failures_and_what_was_blocked(
    failing_project: pytest.Pytester, extra: tuple[str, ...]
) -> None:
    failing_project.makepyfile(
        test_steps="""
        import hil, pytest
        from hil.bench import Capability
        pytestmark = pytest.mark.rig("rigs/toy.toml")

        @hil.requirement("FDS-1", text="START starts the pump.")
        def test_start(bench):
            bench["START"].press()
            bench.wait_for(bench["P-101.RUN"], within="1 s")

        @hil.requirement("FDS-2")
        def test_level(bench):
            bench.wait_for(bench["LEVEL"] > 50, within="2 s")

        @hil.requirement("FDS-4")
        def test_fault(bench, monkeypatch):
            monkeypatch.setattr(type(bench), "capabilities", frozenset({Capability.ADVANCE}))
            bench["LT-101"].inject("stuck", 1.0)
        """
    )

    result = failing_project.runpytest("--hil-report=out", "--hil-seed=7", *extra)

    page = (failing_project.path / "out" / "index.html").read_text(encoding="utf-8")
    result.stdout.fnmatch_lines(["*out?index.html"])
    for expected in (
        "FDS-1",
        "START starts the pump.",
        "A high level stops the pump.",
        "LT-101 stuck at",
        "no capability &#x27;inject&#x27;",
        "pytest --hil-replay .hil/failures/",
        "rigs/toy.toml",
        "toy.st",
    ):
        assert expected in page
    assert page.count("<svg") >= 2


def test_without_the_option_nothing_is_written(failing_project: pytest.Pytester) -> None:
    failing_project.runpytest("--hil-seed=7")

    assert list(failing_project.path.glob("**/*.html")) == []
