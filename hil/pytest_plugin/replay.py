"""``--hil-replay FILE``: one stored timeline instead of a search, or one test with the faults of wires that it had."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulators.description.source import file_span
from emulators.errors import DescriptionError, Diagnostic
from hil.bench.emulated import EmulatedBench
from hil.bench.protocol import Bench
from hil.campaign.requirement_tests import SCENARIO_ATTRIBUTE
from hil.errors import UnknownNameError
from hil.scenario.timeline import Timeline
from hil.scenario.timeline_file import FailureRecord
from hil.scenario.timeline_reader import parse_timeline_file

__all__ = ["keep_what_is_replayed", "replay_injections", "replayed_timeline"]

_REPLAYED: pytest.StashKey[tuple[Timeline, FailureRecord | None]] = pytest.StashKey()


def replayed_timeline(config: pytest.Config) -> Timeline | None:
    """Return the timeline to play, or None in an ordinary session."""
    return _read(config)[0] if config.getoption("hil_replay") else None


def replay_injections(config: pytest.Config, bench: Bench) -> None:
    """Let what has happened on wires happen again, where the file has it.

    Raises:
        DescriptionError: the bench has not all of these wires.
    """
    record = _read(config)[1] if config.getoption("hil_replay") else None
    if record is not None and record.injections and isinstance(bench, EmulatedBench):
        try:
            bench.replay_injections(record.injections)
        except UnknownNameError as error:
            message, _, hint = str(error).partition("; ")
            where = file_span(str(config.getoption("hil_replay")))
            raise DescriptionError([Diagnostic(where, "", message, hint)]) from None


def keep_what_is_replayed(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect all tests but the one that failed; a timeline written by hand keeps every property.

    Raises:
        UsageError: the file is wrong, or its test is not among those collected.
    """
    record = _read(config)[1]
    if record is None or not record.test:
        kept = [item for item in items if hasattr(getattr(item, "obj", None), SCENARIO_ATTRIBUTE)]
    else:
        kept = [item for item in items if item.nodeid == record.test]
        if not kept and items:
            raise pytest.UsageError(
                f"{config.getoption('hil_replay')}: its test {record.test} was not collected; run pytest on its folder"
            )
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def _read(config: pytest.Config) -> tuple[Timeline, FailureRecord | None]:
    if _REPLAYED not in config.stash:
        path = Path(config.invocation_params.dir) / str(config.getoption("hil_replay"))
        try:
            config.stash[_REPLAYED] = parse_timeline_file(path.read_text(encoding="utf-8"), str(path))
        except (OSError, UnicodeDecodeError, DescriptionError) as error:
            raise pytest.UsageError(f"--hil-replay: {error}") from error
    return config.stash[_REPLAYED]
