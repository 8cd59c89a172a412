"""Same seed, same bits: the shipped cells over 10,000 steps, on every executor and every Python."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulators.cell import Operation, TapeValue, TargetDescription
from emulators.description import load_rig
from emulators.native import Executor, available_executors
from hil.assembly import make_bench
from hil.bench.emulated import EmulatedBench
from hil.cli.main import main
from hil.resources import resolve_rig, shipped_rigs
from hil.scenario.timeline import Event, Timeline

GOLDEN = Path(__file__).parent / "simulate_sha256.json"
STEPS = 10_000
FEW_STEPS = 400
SEED = 7
ALL_RIGS = sorted(shipped_rigs())
RIGS = [name for name in ALL_RIGS if load_rig(resolve_rig(name)).controllers]  # devices alone change with their maps
KINDS = ("left alone", "with everything moved")


def fraction(*words: object) -> float:
    """Return a number in 0..1 that depends on the words alone."""
    digest = hashlib.sha256(" ".join(map(str, words)).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def value_for(target: TargetDescription, turn: int) -> TapeValue:
    if target.is_bool:
        return turn % 2 == 0
    low, high = target.eu_range or (0.0, 10.0)
    number = low + (high - low) * fraction(target.name, turn)
    return number if target.is_float else round(number)


def events(bench: EmulatedBench, n_steps: int) -> Iterator[Event]:
    """Yield writes to all tags that are meant to be written, faults of all components, restarts of all controllers."""
    end_ns = n_steps * bench.step_ns
    catalogue = bench.catalogue
    for entry in bench.cell.blueprint.rig.tags:
        for turn in range(24 if entry.tag.is_writable else 0):
            at_ns = int(end_ns * (turn + fraction(entry.tag.name, "at", turn)) / 24)
            yield Event(at_ns, Operation.WRITE, entry.tag.name, value_for(catalogue[entry.tag.name], turn))
    for name, neutral in bench.cell.blueprint.directory.faults.items():
        owner, _, fault_name = name.partition(".")
        fault = catalogue[owner].fault(fault_name)
        if fault is None or not isinstance(neutral, bool | float):
            continue
        at_ns = int(end_ns * (0.1 + 0.8 * fraction(name)))
        low, high = fault.low or 0.0, fault.high or 1.0
        size: TapeValue = True if isinstance(neutral, bool) else low + (high - low) * 0.1 * fraction(name, "size")
        yield Event(at_ns, Operation.FAULT, name, size, until_ns=at_ns + end_ns // 20)
    for name in bench.cell.blueprint.plcs:
        yield Event(end_ns // 2, Operation.RESTART, name, "power_off", until_ns=end_ns * 11 // 20)
        yield Event(end_ns * 4 // 5, Operation.RESTART, name, "cold")


def timeline(bench: EmulatedBench, kind: str, n_steps: int) -> Timeline:
    """Return the run of this kind; left alone, with the rig's own seed."""
    if kind == KINDS[0]:
        return Timeline(n_steps * bench.step_ns)
    return Timeline(n_steps * bench.step_ns, tuple(events(bench, n_steps)), SEED)


def digest(rig: str, kind: str, executor: str, n_steps: int = STEPS) -> str:
    bench = make_bench(rig, executor=executor)
    return bench.run(timeline(bench, kind, n_steps)).sha256()


@pytest.fixture(scope="module")
def golden(update_golden: bool) -> dict[str, Any]:
    if update_golden:
        found = {rig: {kind: digest(rig, kind, "tcc") for kind in KINDS} for rig in RIGS}
        content = {"steps": STEPS, "seed": SEED, "sha256": found}
        GOLDEN.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return json.loads(GOLDEN.read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rig", RIGS)
def test_tcc_gives_the_committed_bits(golden: dict[str, Any], rig: str, kind: str) -> None:
    assert digest(rig, kind, "tcc", golden["steps"]) == golden["sha256"][rig][kind]


@pytest.mark.skipif(Executor.GCC not in available_executors(), reason="no gcc or clang here")
@pytest.mark.parametrize("rig", RIGS)
def test_gcc_gives_the_committed_bits(golden: dict[str, Any], rig: str) -> None:
    assert digest(rig, KINDS[1], "gcc", golden["steps"]) == golden["sha256"][rig][KINDS[1]]


@pytest.mark.parametrize("rig", ALL_RIGS)
def test_the_plant_in_plain_python_gives_the_bits_of_tcc(rig: str) -> None:
    assert digest(rig, KINDS[1], "python", FEW_STEPS) == digest(rig, KINDS[1], "tcc", FEW_STEPS)


@pytest.mark.campaign
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rig", RIGS)
def test_the_plant_in_plain_python_gives_the_committed_bits_slice(golden: dict[str, Any], rig: str, kind: str) -> None:
    assert digest(rig, kind, "python", golden["steps"]) == golden["sha256"][rig][kind]


def test_the_command_prints_the_committed_digest(golden: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "two_tanks", "--for", "500s", "--executor", "tcc", "--sha256"]) == 0

    assert capsys.readouterr().out.strip() == golden["sha256"]["two_tanks"][KINDS[0]]
