"""What can go wrong with an exchange: one class a fault, all of them in ``FAULTS``.

A fault acts at its stage: on the request before the device sees it, on the response PDU, on the frame, or on how it
is sent. ``act`` returns False when there was nothing to spoil; the rule then counts no injection.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from emulators.modbus.codes import ExceptionCode
from emulators.modbus.faults.draft import Draft
from emulators.modbus.faults.interface import Door, Ending
from emulators.modbus.faults.matching import touched_addresses
from emulators.timebase import NS_PER_MS

__all__ = ["FAULTS", "DoorFault", "Option", "Stage", "WireFault", "faults_on"]


class Stage(enum.IntEnum):
    """When a fault acts, in this order."""

    DOOR = 0
    UNIT = 1  # behind the wire: the request comes to no unit
    REQUEST = 2
    RESPONSE = 3
    FRAME = 4
    SENDING = 5


@dataclass(frozen=True, slots=True)
class Option:
    """How an option of a fault is written: one of ``choices``, a duration, or a number in ``low..high``."""

    low: int = 0
    high: int = 0
    choices: tuple[str, ...] = ()
    is_duration: bool = False
    words: Mapping[str, int] | None = None


def _duration(default_ns: int, *, low_ns: int = 0) -> Any:
    return field(default=default_ns, metadata={"option": Option(low_ns, 3600 * 10**9, is_duration=True)})


def _number(default: int, low: int, high: int, words: Mapping[str, int] | None = None) -> Any:
    return field(default=default, metadata={"option": Option(low, high, words=words)})


def _choice(*choices: str) -> Any:
    return field(default=choices[0], metadata={"option": Option(choices=choices)})


@dataclass(frozen=True, slots=True)
class WireFault:
    """Base of all faults. The first option, if any, is what a bare value of the fault sets."""

    NAME: ClassVar[str] = ""
    STAGE: ClassVar[Stage] = Stage.SENDING
    SUMMARY: ClassVar[str] = ""
    NEEDS_ANSWER: ClassVar[bool] = True

    def act(self, draft: Draft) -> bool:
        """Spoil the exchange; False if there is nothing to spoil."""
        raise TypeError(f"{type(self).__name__} does not act on exchanges")


@dataclass(frozen=True, slots=True)
class DoorFault(WireFault):
    """Base of the faults that keep clients out."""

    STAGE: ClassVar[Stage] = Stage.DOOR
    DOOR: ClassVar[Door] = Door.REFUSE


@dataclass(frozen=True, slots=True)
class RefuseConnection(DoorFault):
    NAME: ClassVar[str] = "refuse_connection"
    SUMMARY: ClassVar[str] = "a client that connects is reset at once"


@dataclass(frozen=True, slots=True)
class TlsFailure(DoorFault):
    NAME: ClassVar[str] = "tls_failure"
    SUMMARY: ClassVar[str] = "the TLS handshake ends with an alert"
    DOOR: ClassVar[Door] = Door.FAIL_TLS


@dataclass(frozen=True, slots=True)
class UnitOff(WireFault):
    NAME: ClassVar[str] = "unit_off"
    STAGE: ClassVar[Stage] = Stage.UNIT
    SUMMARY: ClassVar[str] = "the unit is off: nobody answers, a gateway says so (0B) after its time-out"
    NEEDS_ANSWER: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class NoResponse(WireFault):
    NAME: ClassVar[str] = "no_response"
    STAGE: ClassVar[Stage] = Stage.REQUEST
    SUMMARY: ClassVar[str] = "no answer: the request is lost, or carried out and its answer lost"
    NEEDS_ANSWER: ClassVar[bool] = False
    lost: str = _choice("request", "answer")

    def act(self, draft: Draft) -> bool:
        if self.lost == "answer" and draft.pdu is None:
            draft.ask()
        draft.pdu = b""
        return True


@dataclass(frozen=True, slots=True)
class ForcedException(WireFault):
    NAME: ClassVar[str] = "exception"
    STAGE: ClassVar[Stage] = Stage.REQUEST
    SUMMARY: ClassVar[str] = "an exception response in place of carrying the request out"
    code: int = _number(4, 0, 255, {code.name.lower(): int(code) for code in ExceptionCode})

    def act(self, draft: Draft) -> bool:
        draft.pdu = bytes((draft.request[0] | 0x80, self.code))
        return True


@dataclass(frozen=True, slots=True)
class Busy(WireFault):
    NAME: ClassVar[str] = "busy"
    STAGE: ClassVar[Stage] = Stage.REQUEST
    SUMMARY: ClassVar[str] = "exception 06: the device is busy with an earlier request"

    def act(self, draft: Draft) -> bool:
        return ForcedException(ExceptionCode.SERVER_DEVICE_BUSY).act(draft)


@dataclass(frozen=True, slots=True)
class Corrupt(WireFault):
    """Spoils values that a read returns, only those among the addresses of the rule if it names some."""

    NAME: ClassVar[str] = "corrupt"
    STAGE: ClassVar[Stage] = Stage.RESPONSE
    SUMMARY: ClassVar[str] = "values that a read returns are wrong: one bit flipped, all random, zero or ones"
    values: str = _choice("bit", "random", "zero", "ones")

    def act(self, draft: Draft) -> bool:
        cells = _read_cells(draft)
        if not cells:
            return False
        pdu = bytearray(draft.answered)
        chosen = [cells[draft.draws.below(len(cells), 1)]] if self.values == "bit" else cells
        for index, (position, low_bit, width) in enumerate(chosen):
            mask = (1 << width) - 1 << low_bit
            size = 2 if width == 16 else 1
            present = int.from_bytes(pdu[position : position + size], "big")
            pdu[position : position + size] = self._spoilt(draft, present, mask, index).to_bytes(size, "big")
        draft.pdu = bytes(pdu)
        return True

    def _spoilt(self, draft: Draft, present: int, mask: int, index: int) -> int:
        width = mask.bit_count()
        shift = (mask & -mask).bit_length() - 1
        match self.values:
            case "bit":
                return present ^ 1 << shift + draft.draws.below(width, 2)
            case "random":
                drawn = draft.draws.below(1 << width, 3 + (index << 26))
                return present & ~mask | drawn << shift
            case "zero":
                return present & ~mask
        return present | mask


def _read_cells(draft: Draft) -> list[tuple[int, int, int]]:
    """Return position in the PDU, lowest bit and width of each value that a read returned and the rule is about."""
    function, pdu = draft.request[0], draft.answered
    touched = touched_addresses(draft.request)
    if not pdu or pdu[0] != function or function not in (1, 2, 3, 4, 23) or not touched:
        return []
    start, count = touched[-1]
    wanted = draft.match.addresses
    chosen = [index for index in range(count) if wanted is None or start + index in wanted]
    if function <= 2:
        return [(2 + index // 8, index % 8, 1) for index in chosen if 2 + index // 8 < len(pdu)]
    return [(2 + 2 * index, 0, 16) for index in chosen if 3 + 2 * index < len(pdu)]


@dataclass(frozen=True, slots=True)
class ShortRead(WireFault):
    """Leaves the last values out: registers, or bytes of bits."""

    NAME: ClassVar[str] = "short_read"
    STAGE: ClassVar[Stage] = Stage.RESPONSE
    SUMMARY: ClassVar[str] = "a read returns fewer values than were asked for, in a whole frame"
    by: int = _number(1, 1, 250)

    def act(self, draft: Draft) -> bool:
        pdu = draft.answered
        if not _read_cells(draft):
            return False
        values = pdu[2 : len(pdu) - self.by * (1 if pdu[0] <= 2 else 2)]
        draft.pdu = bytes((pdu[0], len(values))) + values
        return True


@dataclass(frozen=True, slots=True)
class StaleReply(WireFault):
    NAME: ClassVar[str] = "stale_reply"
    STAGE: ClassVar[Stage] = Stage.RESPONSE
    SUMMARY: ClassVar[str] = "the answer to the request before is sent again, with its old transaction id or the new"
    transaction: str = _choice("old", "new")

    def act(self, draft: Draft) -> bool:
        earlier = draft.earlier
        if earlier is None or not draft.pdu:
            return False
        draft.pdu, draft.unit_id = earlier.pdu, earlier.unit_id
        if self.transaction == "old":
            draft.transaction_id = earlier.transaction_id
        return True


@dataclass(frozen=True, slots=True)
class WrongFunction(WireFault):
    NAME: ClassVar[str] = "wrong_function"
    STAGE: ClassVar[Stage] = Stage.RESPONSE
    SUMMARY: ClassVar[str] = "the answer carries another function code"
    add: int = _number(1, 1, 127)

    def act(self, draft: Draft) -> bool:
        if not draft.pdu:
            return False
        code = draft.pdu[0]
        draft.pdu = bytes((code & 0x80 | code + self.add & 0x7F, *draft.pdu[1:]))
        return True


@dataclass(frozen=True, slots=True)
class WrongUnit(WireFault):
    NAME: ClassVar[str] = "wrong_unit"
    STAGE: ClassVar[Stage] = Stage.RESPONSE
    SUMMARY: ClassVar[str] = "the answer carries another unit id"
    add: int = _number(1, 1, 255)

    def act(self, draft: Draft) -> bool:
        draft.unit_id = draft.unit_id + self.add & 0xFF
        return bool(draft.pdu)


@dataclass(frozen=True, slots=True)
class WrongTransactionId(WireFault):
    NAME: ClassVar[str] = "wrong_transaction_id"
    STAGE: ClassVar[Stage] = Stage.RESPONSE
    SUMMARY: ClassVar[str] = "the answer carries another transaction id; serial frames have none"
    add: int = _number(1, 1, 65535)

    def act(self, draft: Draft) -> bool:
        draft.transaction_id = draft.transaction_id + self.add & 0xFFFF
        return bool(draft.pdu) and draft.framing.has_transactions


@dataclass(frozen=True, slots=True)
class BadChecksum(WireFault):
    NAME: ClassVar[str] = "bad_checksum"
    STAGE: ClassVar[Stage] = Stage.FRAME
    SUMMARY: ClassVar[str] = "CRC or LRC is wrong; frames of Modbus TCP have none"

    def act(self, draft: Draft) -> bool:
        spoil = draft.framing.spoil_checksum
        if spoil is None:
            return False
        draft.frame = spoil(draft.frame)
        return True


@dataclass(frozen=True, slots=True)
class Truncate(WireFault):
    NAME: ClassVar[str] = "truncate"
    STAGE: ClassVar[Stage] = Stage.FRAME
    SUMMARY: ClassVar[str] = "the last bytes of the answer are missing"
    by: int = _number(1, 1, 512)

    def act(self, draft: Draft) -> bool:
        draft.cut(max(0, len(draft.frame) - self.by))
        return True


@dataclass(frozen=True, slots=True)
class ExtraBytes(WireFault):
    NAME: ClassVar[str] = "extra_bytes"
    STAGE: ClassVar[Stage] = Stage.FRAME
    SUMMARY: ClassVar[str] = "random bytes follow the answer"
    size: int = _number(1, 1, 1024)

    def act(self, draft: Draft) -> bool:
        draws = draft.draws
        draft.frame += bytes(draws.below(256, 1 + (index << 26)) for index in range(self.size))
        return True


@dataclass(frozen=True, slots=True)
class Delay(WireFault):
    NAME: ClassVar[str] = "delay"
    SUMMARY: ClassVar[str] = "the answer comes late: by a time and a draw from 0 to the jitter"
    time_ns: int = _duration(500 * NS_PER_MS)
    jitter_ns: int = _duration(0)

    def act(self, draft: Draft) -> bool:
        draft.delay_ns += self.time_ns + (draft.draws.below(self.jitter_ns + 1, 1) if self.jitter_ns else 0)
        return True


@dataclass(frozen=True, slots=True)
class Dribble(WireFault):
    NAME: ClassVar[str] = "dribble"
    SUMMARY: ClassVar[str] = "the answer comes byte by byte, with a gap before each"
    gap_ns: int = _duration(5 * NS_PER_MS, low_ns=1)

    def act(self, draft: Draft) -> bool:
        draft.gap_ns = self.gap_ns
        return True


@dataclass(frozen=True, slots=True)
class Duplicate(WireFault):
    NAME: ClassVar[str] = "duplicate"
    SUMMARY: ClassVar[str] = "the answer comes more than once"
    extra: int = _number(1, 1, 100)

    def act(self, draft: Draft) -> bool:
        draft.copies += self.extra
        return True


@dataclass(frozen=True, slots=True)
class Reorder(WireFault):
    NAME: ClassVar[str] = "reorder"
    SUMMARY: ClassVar[str] = "the answer comes after the next one of its connection, at the latest after a time"
    within_ns: int = _duration(1000 * NS_PER_MS, low_ns=1)

    def act(self, draft: Draft) -> bool:
        draft.hold_ns = self.within_ns
        return True


@dataclass(frozen=True, slots=True)
class _Break(WireFault):
    """The request is carried out; its answer goes out not at all, in half, or whole before the break."""

    NEEDS_ANSWER: ClassVar[bool] = False
    ENDING: ClassVar[Ending] = Ending.RESET
    when: str = _choice("before", "middle", "after")

    def act(self, draft: Draft) -> bool:
        kept = {"before": 0, "middle": len(draft.frame) // 2, "after": len(draft.frame)}
        draft.cut(kept[self.when])
        draft.ending = self.ENDING
        return True


@dataclass(frozen=True, slots=True)
class HalfClose(_Break):
    NAME: ClassVar[str] = "half_close"
    SUMMARY: ClassVar[str] = "the device ends its side of the connection before, in or after the answer"
    ENDING: ClassVar[Ending] = Ending.HALF_CLOSE


@dataclass(frozen=True, slots=True)
class Reset(_Break):
    NAME: ClassVar[str] = "reset"
    SUMMARY: ClassVar[str] = "the connection is reset before, in or after the answer"


FAULTS: Mapping[str, type[WireFault]] = {
    kind.NAME: kind
    for kind in (
        RefuseConnection,
        TlsFailure,
        UnitOff,
        NoResponse,
        ForcedException,
        Busy,
        Corrupt,
        ShortRead,
        StaleReply,
        WrongFunction,
        WrongUnit,
        WrongTransactionId,
        BadChecksum,
        Truncate,
        ExtraBytes,
        Delay,
        Dribble,
        Duplicate,
        Reorder,
        HalfClose,
        Reset,
    )
}

_SERIAL = ("wrong_transaction_id", "refuse_connection", "tls_failure", "half_close", "reset")
_IMPOSSIBLE = {
    "modbus-tcp": ("bad_checksum", "tls_failure"),
    "modbus-tls": ("bad_checksum",),
    "modbus-udp": ("bad_checksum", "refuse_connection", "tls_failure", "half_close", "reset"),
    "modbus-rtu-over-tcp": ("wrong_transaction_id", "tls_failure"),
    "modbus-rtu": _SERIAL,
    "modbus-ascii": _SERIAL,
}


def faults_on(protocol: str) -> dict[str, type[WireFault]]:
    """Return the faults that can happen on wires of a protocol: no handshake fails where there is none."""
    impossible = _IMPOSSIBLE.get(protocol, ())
    return {name: kind for name, kind in FAULTS.items() if name not in impossible}
