"""Serving: a cell on a paced thread, its endpoints on one event loop, a control channel beside them.

``ServedCell`` steps a ``SteppedCell`` and puts what clients write on the tape; ``EndpointHost`` runs the endpoints on
an ``EventLoopThread``; ``ControlServer`` lets ``hil inject``, ``hil force`` and ``hil read`` in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.exports import lazy_exports

if TYPE_CHECKING:
    from emulators.serving.addresses import ControlAddress, EndpointAddress
    from emulators.serving.control.client import ControlClient, ControlRefusal, Sample
    from emulators.serving.control.server import ControlServer
    from emulators.serving.endpoint import Endpoint, EndpointHost
    from emulators.serving.loop_thread import EventLoopThread
    from emulators.serving.pacing import Pacing
    from emulators.serving.ports_file import DEFAULT_PORTS_FILE, Ports, read_ports_file, write_ports_file
    from emulators.serving.scan import CellState, ServingRefusal
    from emulators.serving.served_cell import ServedCell
    from emulators.serving.stepped_cell import CellStatus, ControlledCell, SteppedCell
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "addresses": ("ControlAddress", "EndpointAddress"),
            "control.client": ("ControlClient", "ControlRefusal", "Sample"),
            "control.server": ("ControlServer",),
            "endpoint": ("Endpoint", "EndpointHost"),
            "loop_thread": ("EventLoopThread",),
            "pacing": ("Pacing",),
            "ports_file": ("DEFAULT_PORTS_FILE", "Ports", "read_ports_file", "write_ports_file"),
            "scan": ("CellState", "ServingRefusal"),
            "served_cell": ("ServedCell",),
            "stepped_cell": ("CellStatus", "ControlledCell", "SteppedCell"),
        },
    )

__all__ = [
    "DEFAULT_PORTS_FILE",
    "CellState",
    "CellStatus",
    "ControlAddress",
    "ControlClient",
    "ControlRefusal",
    "ControlServer",
    "ControlledCell",
    "Endpoint",
    "EndpointAddress",
    "EndpointHost",
    "EventLoopThread",
    "Pacing",
    "Ports",
    "Sample",
    "ServedCell",
    "ServingRefusal",
    "SteppedCell",
    "read_ports_file",
    "write_ports_file",
]
