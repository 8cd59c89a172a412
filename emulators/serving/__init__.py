"""Serving: a cell on a paced thread, its endpoints on one event loop, a control channel beside them.

``ServedCell`` steps a ``SteppedCell`` and puts what clients write on the tape; ``EndpointHost`` runs the endpoints on
an ``EventLoopThread``; ``ControlServer`` lets ``hil inject``, ``hil force`` and ``hil read`` in.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

_MODULES = {
    "DEFAULT_PORTS_FILE": "ports_file",
    "CellState": "scan",
    "CellStatus": "stepped_cell",
    "ControlAddress": "addresses",
    "ControlClient": "control.client",
    "ControlRefusal": "control.client",
    "ControlServer": "control.server",
    "ControlledCell": "stepped_cell",
    "Endpoint": "endpoint",
    "EndpointAddress": "addresses",
    "EndpointHost": "endpoint",
    "EventLoopThread": "loop_thread",
    "Pacing": "pacing",
    "Ports": "ports_file",
    "Sample": "control.client",
    "ServedCell": "served_cell",
    "ServingRefusal": "scan",
    "SteppedCell": "stepped_cell",
    "read_ports_file": "ports_file",
    "write_ports_file": "ports_file",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
