"""What a served cell answers to each request: one line a request. Runs on a worker thread, may block."""

from __future__ import annotations

import dataclasses
from typing import Any

from emulators.cell.catalogue import TargetDescription
from emulators.serving.control.requests import (
    Force,
    Inject,
    ListTargets,
    Pause,
    Read,
    Release,
    Request,
    RequestError,
    Restart,
    Resume,
    Status,
    Step,
    Write,
)
from emulators.serving.stepped_cell import ControlledCell

__all__ = ["answer_request"]

_TARGET_MEMBERS = tuple(member.name for member in dataclasses.fields(TargetDescription))


def answer_request(cell: ControlledCell, request: Request) -> dict[str, Any]:
    """Carry out a request and return the members of its answer.

    Raises:
        EmulatorError: the cell refuses; the text says why.
    """
    match request:
        case Read(names):
            return {"values": cell.read(names)}
        case Write(name, value):
            cell.write(name, value)
        case Force(name, value):
            cell.force(name, value)
        case Release(names):
            return {"released": list(cell.release(names))}
        case Inject(name, value):
            cell.inject(name, value)
        case Restart(name, kind):
            cell.restart(name, kind)
        case Pause():
            cell.pause()
        case Resume():
            cell.resume()
        case Step(steps):
            return {"tick": cell.step(steps)}
        case Status():
            return dataclasses.asdict(cell.status())
        case ListTargets():
            return {"targets": [_target_to_json(target) for target in cell.targets().values()]}
        case _:
            raise RequestError("subscriptions belong to a connection")
    return {}


def _target_to_json(target: TargetDescription) -> dict[str, Any]:
    members = {
        name: getattr(target, name) for name in _TARGET_MEMBERS
    }  # asdict copies each in depth: a fleet has 24,000
    return {**members, "kind": target.kind.value, "faults": [dataclasses.asdict(fault) for fault in target.faults]}
