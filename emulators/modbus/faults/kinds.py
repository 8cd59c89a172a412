"""What can go wrong with an exchange: one class a fault, all of them in ``FAULTS``.

A fault acts at its stage: on the request before the device sees it, on the response PDU, on the frame, or on how it
is sent. ``act`` returns False when there was nothing to spoil; the rule then counts no injection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from emulators.modbus.codes import ExceptionCode
from emulators.modbus.faults.draft import Draft
from emulators.modbus.faults.fault import (
    DoorFault,
    FrameFault,
    RequestFault,
    ResponseFault,
    Stage,
    WireFault,
    choice,
    duration,
    number,
)
from emulators.modbus.faults.interface import Door, Ending
from emulators.modbus.faults.matching import touched_addresses
from emulators.timebase import NS_PER_MS

__all__ = ["FAULTS", "faults_on"]


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


@dataclass(frozen=True, slots=True)
class Corrupt(ResponseFault):
    """Values that a read returns are wrong: one bit flipped, all random, zero or ones.

    Spoils values that a read returns, only those among the addresses of the rule if it names some.
    """

    values: str = choice("bit", "random", "zero", "ones")

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
class ShortRead(ResponseFault):
    """A read returns fewer values than were asked for, in a whole frame.

    Leaves the last values out: registers, or bytes of bits.
    """

    by: int = number(1, 1, 250)

    def act(self, draft: Draft) -> bool:
        pdu = draft.answered
        if not _read_cells(draft):
            return False
        values = pdu[2 : len(pdu) - self.by * (1 if pdu[0] <= 2 else 2)]
        draft.pdu = bytes((pdu[0], len(values))) + values
        return True


@dataclass(frozen=True, slots=True)
class StaleReply(ResponseFault):
    """The answer to the request before is sent again, with its old transaction id or the new."""

    transaction: str = choice("old", "new")

    def act(self, draft: Draft) -> bool:
        earlier = draft.earlier
        if earlier is None or not draft.pdu:
            return False
        draft.pdu, draft.unit_id = earlier.pdu, earlier.unit_id
        if self.transaction == "old":
            draft.transaction_id = earlier.transaction_id
        return True


@dataclass(frozen=True, slots=True)
class WrongFunction(ResponseFault):
    """The answer carries another function code."""

    add: int = number(1, 1, 127)

    def act(self, draft: Draft) -> bool:
        if not draft.pdu:
            return False
        code = draft.pdu[0]
        draft.pdu = bytes((code & 0x80 | code + self.add & 0x7F, *draft.pdu[1:]))
        return True


@dataclass(frozen=True, slots=True)
class WrongUnit(ResponseFault):
    """The answer carries another unit id."""

    add: int = number(1, 1, 255)

    def act(self, draft: Draft) -> bool:
        draft.unit_id = draft.unit_id + self.add & 0xFF
        return bool(draft.pdu)


@dataclass(frozen=True, slots=True)
class WrongTransactionId(ResponseFault):
    """The answer carries another transaction id; serial frames have none."""

    add: int = number(1, 1, 65535)

    def act(self, draft: Draft) -> bool:
        draft.transaction_id = draft.transaction_id + self.add & 0xFFFF
        return bool(draft.pdu) and draft.framing.has_transactions


@dataclass(frozen=True, slots=True)
class BadChecksum(FrameFault):
    """CRC or LRC is wrong; frames of Modbus TCP have none."""

    def act(self, draft: Draft) -> bool:
        spoil = draft.framing.spoil_checksum
        if spoil is None:
            return False
        draft.frame = spoil(draft.frame)
        return True


@dataclass(frozen=True, slots=True)
class Truncate(FrameFault):
    """The last bytes of the answer are missing."""

    by: int = number(1, 1, 512)

    def act(self, draft: Draft) -> bool:
        draft.cut(max(0, len(draft.frame) - self.by))
        return True


@dataclass(frozen=True, slots=True)
class ExtraBytes(FrameFault):
    """Random bytes follow the answer."""

    size: int = number(1, 1, 1024)

    def act(self, draft: Draft) -> bool:
        draws = draft.draws
        draft.frame += bytes(draws.below(256, 1 + (index << 26)) for index in range(self.size))
        return True


@dataclass(frozen=True, slots=True)
class Delay(WireFault):
    """The answer comes late: by a time and a draw from 0 to the jitter."""

    time_ns: int = duration(500 * NS_PER_MS)
    jitter_ns: int = duration(0)

    def act(self, draft: Draft) -> bool:
        draft.delay_ns += self.time_ns + (draft.draws.below(self.jitter_ns + 1, 1) if self.jitter_ns else 0)
        return True


@dataclass(frozen=True, slots=True)
class Dribble(WireFault):
    """The answer comes byte by byte, with a gap before each."""

    gap_ns: int = duration(5 * NS_PER_MS, low_ns=1)

    def act(self, draft: Draft) -> bool:
        draft.gap_ns = self.gap_ns
        return True


@dataclass(frozen=True, slots=True)
class Duplicate(WireFault):
    """The answer comes more than once."""

    extra: int = number(1, 1, 100)

    def act(self, draft: Draft) -> bool:
        draft.copies += self.extra
        return True


@dataclass(frozen=True, slots=True)
class Reorder(WireFault):
    """The answer comes after the next one of its connection, at the latest after a time."""

    within_ns: int = duration(1000 * NS_PER_MS, low_ns=1)

    def act(self, draft: Draft) -> bool:
        draft.hold_ns = self.within_ns
        return True


@dataclass(frozen=True, slots=True)
class _Break(WireFault):
    """The request is carried out; its answer goes out not at all, in half, or whole before the break."""

    NEEDS_ANSWER: ClassVar[bool] = False
    ENDING: ClassVar[Ending] = Ending.RESET
    when: str = choice("before", "middle", "after")

    def act(self, draft: Draft) -> bool:
        kept = {"before": 0, "middle": len(draft.frame) // 2, "after": len(draft.frame)}
        draft.cut(kept[self.when])
        draft.ending = self.ENDING
        return True


@dataclass(frozen=True, slots=True)
class HalfClose(_Break):
    """The device ends its side of the connection before, in or after the answer."""

    ENDING: ClassVar[Ending] = Ending.HALF_CLOSE


@dataclass(frozen=True, slots=True)
class Reset(_Break):
    """The connection is reset before, in or after the answer."""


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
