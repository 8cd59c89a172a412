"""What live clients did is on the tape of the served cell: it replays to the same state, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from pymodbus.client import ModbusTcpClient
from small_cells import SmallCells

from emulators.serving import ControlClient, Pacing
from emulators.serving.control.client import Sample
from hil.assembly import make_cell
from hil.assembly.serving import running_cell


def wait_for_steps(control: ControlClient, samples: Iterator[Sample]) -> None:
    """Wait until the cell has stepped since this call, however many samples are waiting."""
    now_ns = control.status()["time_ns"]
    next(sample for sample in samples if sample.time_ns > now_ns)


def test_the_tape_of_a_live_run_replays_to_the_same_state(tmp_path: Path) -> None:
    rig = SmallCells(tmp_path).served_loop()

    with running_cell(rig, pacing=Pacing.WALL, speed=20.0, seed=9) as running:
        address = urlsplit(running.endpoints[0].url)
        modbus = ModbusTcpClient(str(address.hostname), port=int(address.port or 0), timeout=60)
        assert modbus.connect()
        with ControlClient(running.control) as control:
            samples = control.samples(control.subscribe(["SCANS"], 50_000_000))
            for turn in range(12):
                modbus.write_register(0, 10 * turn % 100, device_id=1)
                modbus.write_coil(0, turn % 3 != 0, device_id=1)
                wait_for_steps(control, samples)
            control.inject("L.offset", 2.5)
            control.force("PLC1.level", 7.0)
            wait_for_steps(control, samples)
            control.restart("PLC1", "warm")
            control.release()
            wait_for_steps(control, samples)
            control.pause()
        modbus.close()
        tape, blueprint, live = running.served.tape, running.blueprint, running.served
        tick = live.status().tick
        values = live.read([*blueprint.directory.aliases, "T.level", "V.moves", "L.reading", "PLC1.seen"])

    replayed = make_cell(blueprint, seed=9)
    replayed.run(tick, tape=tape)

    assert len(tape) >= 15
    assert tick > 60
    assert {name: replayed.read(name) for name in values} == values
    assert values["V.moves"] > 0


def test_a_replay_in_slices_gives_the_block_of_the_served_cell(tmp_path: Path) -> None:
    rig = SmallCells(tmp_path).served_loop()

    with running_cell(rig, pacing=Pacing.STEPPED, seed=3) as running:
        served = running.served
        for turn in range(20):
            served.write("GO", turn % 2 == 0)
            served.inject("T.leak", turn / 10)
            served.step(7)
        tape, blueprint, tick = served.tape, running.blueprint, served.status().tick
        levels = served.read(["T.level", "L.reading", "PLC1.scans"])

    whole, sliced = make_cell(blueprint, seed=3), make_cell(blueprint, seed=3)
    whole.run(tick, tape=tape)
    for turn in range(20):
        first_ns, last_ns = turn * 7 * whole.step_ns, (turn + 1) * 7 * whole.step_ns
        sliced.run(7, tape=[event for event in tape if first_ns < event.time_ns <= last_ns])

    assert {name: whole.read(name) for name in levels} == levels
    assert np.array_equal(whole.block, sliced.block)
