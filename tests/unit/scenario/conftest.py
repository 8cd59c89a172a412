"""A catalogue like that of the two-tank cell, without a cell behind it."""

from __future__ import annotations

import pytest

from emulators.cell.catalogue import FaultDescription, TargetDescription, TargetKind


@pytest.fixture
def catalogue() -> dict[str, TargetDescription]:
    level = (
        FaultDescription("stuck", "float", 0.0, 100.0, "%"),
        FaultDescription("bias", "float", -20.0, 20.0, "%", neutral=0.0),
        FaultDescription("open_circuit"),
    )
    targets = [
        TargetDescription("START", "BOOL", writable=True),
        TargetDescription("STOP", "BOOL", writable=True),
        TargetDescription("ACK", "BOOL", writable=True),
        TargetDescription("MODE", "INT", writable=True),
        TargetDescription("LIC-101.SP", "REAL", "%", (0.0, 100.0), writable=True),
        TargetDescription("INFLOW", "LREAL", "l/min", (0.0, 60.0), writable=True, is_plant_truth=True),
        TargetDescription("LEVEL", "LREAL", "%", (0.0, 100.0), is_plant_truth=True),
        TargetDescription("P-101.RUN", "BOOL"),
        TargetDescription("LT-101", "REAL", "%", (0.0, 100.0), faults=level),
        TargetDescription("XV-102", kind=TargetKind.COMPONENT, faults=(FaultDescription("stuck"),)),
        TargetDescription("PLC1", kind=TargetKind.CONTROLLER),
        TargetDescription("PLC2", kind=TargetKind.CONTROLLER),
        TargetDescription("plc1-modbus", kind=TargetKind.LINK),
    ]
    return {target.name: target for target in targets}
