"""Faults of the response PDU: values, function code, unit id and transaction id that are wrong."""

from __future__ import annotations

from dataclasses import dataclass

from emulators.modbus.faults.draft import Draft
from emulators.modbus.faults.fault import ResponseFault, choice, number
from emulators.modbus.faults.matching import touched_addresses

__all__ = ["Corrupt", "ShortRead", "StaleReply", "WrongFunction", "WrongTransactionId", "WrongUnit"]


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
    """The answer to the request before is sent again, with its old transaction id or the new.

    A wire knows only answers that were given while one of its faults was switched on.
    """

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
