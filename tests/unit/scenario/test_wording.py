"""Events read as an operator would say them."""

from __future__ import annotations

import pytest

from emulators.cell.catalogue import FaultDescription, TargetDescription
from emulators.cell.tape import Operation
from emulators.cell.wires import wire_target
from emulators.timebase import NS_PER_S
from hil.scenario.timeline import Event
from hil.scenario.wording import describe_event

SECOND = NS_PER_S
WORDS = [
    (Event(0, Operation.WRITE, "START", True, SECOND // 2), "START pressed"),
    (Event(0, Operation.WRITE, "START", True, 3 * SECOND), "START pressed for 3.0 s"),
    (Event(0, Operation.WRITE, "DOOR", False, 3 * SECOND), "DOOR at off for 3.0 s"),
    (Event(0, Operation.WRITE, "AUTO", True), "AUTO set to on"),
    (Event(0, Operation.WRITE, "LT-101", 61.23456), "LT-101 set to 61.23 %"),
    (Event(0, Operation.WRITE, "MODE", 3), "MODE set to 3"),
    (Event(0, Operation.WRITE, "LT-101", 40.0, 2 * SECOND, ramp_from=10.0), "LT-101 ramps from 10 to 40 % in 2.0 s"),
    (Event(0, Operation.WRITE, "LT-101", 40.0, 2 * SECOND, rest=0.0), "LT-101 at 40 % for 2.0 s"),
    (Event(0, Operation.FORCE, "RUN", True, SECOND), "RUN forced to on for 1.0 s"),
    (Event(0, Operation.RELEASE, "RUN"), "RUN released"),
    (Event(0, Operation.FAULT, "LT-101.stuck_at_pct", 61.2), "LT-101 stuck at 61.2 %"),
    (Event(0, Operation.FAULT, "LT-101.is_open_circuit", True, 5 * SECOND), "LT-101 open circuit for 5.0 s"),
    (Event(0, Operation.FAULT, "LT-101.stuck_at_pct"), "LT-101 stuck ends"),
    (Event(0, Operation.FAULT, "T-101.leak_m3_per_s", 0.004), "T-101 leak 0.004"),
    (Event(0, Operation.FAULT, "XV-102.leak_frac", 0.3), "XV-102 leak 30 %"),
    (Event(0, Operation.FAULT, "LT-101.slow_factor", 2.5), "LT-101 slow factor 2.5"),
    (Event(0, Operation.FAULT, "BUS.delay", 0.25, SECOND), "BUS delay 0.25 s for 1.0 s"),
    (Event(0, Operation.FAULT, "BUS.delay", "80ms function=3,4"), "BUS delay 80ms function=3,4"),
    (Event(0, Operation.FAULT, "BUS.truncate", 1), "BUS truncate 1 byte"),
    (Event(0, Operation.FAULT, "BUS.truncate", 2), "BUS truncate 2 bytes"),
    (Event(0, Operation.FAULT, "BUS.wrong_unit", True), "BUS wrong unit"),
    (Event(0, Operation.RESTART, "PLC1", "power_off", 2 * SECOND), "PLC1 loses power for 2.0 s"),
    (Event(0, Operation.RESTART, "PLC1", "warm"), "PLC1 restarts warm"),
    (Event(0, Operation.LINK, "plc1-modbus", "down", SECOND), "plc1-modbus goes down for 1.0 s"),
]


@pytest.mark.parametrize(("event", "words"), WORDS, ids=[words for _, words in WORDS])
def test_an_event_reads_as_a_phrase(event: Event, words: str) -> None:
    faults = (
        FaultDescription("stuck_at_pct", "float", 0, 100, "%"),
        FaultDescription("is_open_circuit"),
        FaultDescription("slow_factor", "float", 1, 9, "1"),
    )
    catalogue = {
        "LT-101": TargetDescription("LT-101", "REAL", "%", faults=faults),
        "BUS": wire_target("BUS", "modbus-rtu", "a link"),
    }

    assert describe_event(event, catalogue) == words
