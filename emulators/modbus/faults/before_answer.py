"""Faults that keep an answer from being made: at the door, of the unit, and of the request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from emulators.modbus.codes import ExceptionCode
from emulators.modbus.faults.draft import Draft
from emulators.modbus.faults.fault import DoorFault, RequestFault, Stage, WireFault, choice, number
from emulators.modbus.faults.interface import Door

__all__ = ["Busy", "ForcedException", "NoResponse", "RefuseConnection", "TlsFailure", "UnitOff"]


@dataclass(frozen=True, slots=True)
class RefuseConnection(DoorFault):
    """A client that connects is reset at once."""


@dataclass(frozen=True, slots=True)
class TlsFailure(DoorFault):
    """The TLS handshake ends with an alert."""

    DOOR: ClassVar[Door] = Door.FAIL_TLS


@dataclass(frozen=True, slots=True)
class UnitOff(WireFault):
    """The unit is off: nobody answers, a gateway says so (0B) after its time-out."""

    STAGE: ClassVar[Stage] = Stage.UNIT
    NEEDS_ANSWER: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class NoResponse(RequestFault):
    """No answer: the request is lost, or carried out and its answer lost."""

    NEEDS_ANSWER: ClassVar[bool] = False
    lost: str = choice("request", "answer")

    def act(self, draft: Draft) -> bool:
        if self.lost == "answer" and draft.pdu is None:
            draft.ask()
        draft.pdu = b""
        return True


@dataclass(frozen=True, slots=True)
class ForcedException(RequestFault):
    """An exception response in place of carrying the request out."""

    NAME: ClassVar[str] = "exception"
    code: int = number(4, 0, 255, {code.name.lower(): int(code) for code in ExceptionCode})

    def act(self, draft: Draft) -> bool:
        draft.pdu = bytes((draft.request[0] | 0x80, self.code))
        return True


@dataclass(frozen=True, slots=True)
class Busy(RequestFault):
    """Exception 06: the device is busy with an earlier request."""

    def act(self, draft: Draft) -> bool:
        return ForcedException(ExceptionCode.SERVER_DEVICE_BUSY).act(draft)
