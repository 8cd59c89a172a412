"""One connection of a client to a wire that can fail: its exchanges, and answers that wait to be sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from emulators.modbus.faults.draft import Draft, SentAnswer
from emulators.modbus.faults.exchange import Exchange
from emulators.modbus.faults.fault import Stage
from emulators.modbus.faults.interface import Door, Ending, WireFraming
from emulators.modbus.faults.sending import SendQueue

if TYPE_CHECKING:
    from emulators.modbus.faults.pipeline import FaultPipeline

__all__ = ["FaultedConnection"]

_STAGES = (Stage.REQUEST, Stage.RESPONSE, Stage.FRAME, Stage.SENDING)


class FaultedConnection:
    """Satisfies ``ConnectionFaults``: the exchanges of one connection and what still waits to be sent."""

    __slots__ = ("_earlier", "_framing", "_pipeline", "_queue", "_stretch", "door", "number", "peer")

    def __init__(self, pipeline: FaultPipeline, framing: WireFraming, number: int, peer: str) -> None:
        self.number = number
        self.peer = peer
        self.door = Door.OPEN
        self._pipeline = pipeline
        self._framing = framing
        self._queue = SendQueue()
        self._earlier: SentAnswer | None = None
        self._stretch = 0  # of the pipeline, when that was answered

    @property
    def is_active(self) -> bool:
        return self._pipeline.is_active or not self._queue.is_idle

    @property
    def is_inside_frame(self) -> bool:
        return self._queue.is_inside_frame

    @property
    def next_ns(self) -> int | None:
        return self._queue.next_ns

    def take(self, now_ns: int) -> tuple[bytes, Ending]:
        """Return the next bytes that are due."""
        return self._queue.take(now_ns)

    def is_unit_off(self, number: int, unit_id: int, request: bytes, now_ns: int) -> bool:
        """Whether a rule switches the unit off, which is counted then."""
        pipeline, exchange = self._pipeline, Exchange(self.number, self.peer, number, unit_id, request)
        time_ns = pipeline.plant_ns(now_ns)
        for acting in pipeline.acting(exchange, time_ns):
            if acting.each.rule.fault.STAGE is Stage.UNIT:
                acting.wire.record(acting.each, exchange, time_ns)
                return True
        return False

    def exchange(
        self, number: int, transaction_id: int, unit_id: int, request: bytes, answer: Callable[[], bytes], now_ns: int
    ) -> None:
        """Answer a request as the rules say."""
        pipeline = self._pipeline
        lane = unit_id if self._framing.has_transactions else 0
        if pipeline.is_cut:
            return
        exchange, time_ns = Exchange(self.number, self.peer, number, unit_id, request), pipeline.plant_ns(now_ns)
        acting = pipeline.acting(exchange, time_ns)
        earlier = self._earlier if self._stretch == pipeline.stretch else None  # unseen ones may have come since
        draft = Draft(self._framing, transaction_id, unit_id, request, answer, earlier)
        for stage in _STAGES:
            if stage is Stage.FRAME and self._framing.is_broadcast(unit_id):
                break  # nobody answers it, nor refuses it
            self._reach(stage, draft)
            for wire, each, draws in acting:
                fault = each.rule.fault
                if fault.STAGE is stage and (draft.pdu or not fault.NEEDS_ANSWER or stage is Stage.REQUEST):
                    draft.match, draft.draws = each.rule.match, draws
                    if fault.act(draft):
                        wire.record(each, exchange, time_ns)
        self._send(lane, draft, now_ns)

    def _reach(self, stage: Stage, draft: Draft) -> None:
        if stage is Stage.RESPONSE and draft.pdu is None:
            draft.pdu = draft.ask()
            if draft.pdu:
                self._earlier = SentAnswer(draft.transaction_id, draft.unit_id, draft.pdu)
                self._stretch = self._pipeline.stretch
        if stage is Stage.FRAME and draft.pdu:
            draft.frame = draft.framing.encode(draft.transaction_id, draft.unit_id, draft.pdu)

    def _send(self, lane: int, draft: Draft, now_ns: int) -> None:
        last = draft.copies - 1
        hold_ns = 0 if self._queue.is_holding else draft.hold_ns  # a frame that overtakes does not wait itself
        for index in range(draft.copies):
            ending = draft.ending if index == last else Ending.NONE
            if draft.frame or ending is not Ending.NONE:
                self._queue.put(
                    lane,
                    now_ns + draft.delay_ns,
                    draft.frame,
                    gap_ns=draft.gap_ns,
                    ending=ending,
                    hold_ns=hold_ns,
                )
