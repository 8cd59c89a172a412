"""Where answers leave a framing: straight to the wire, or through the faults that are switched on for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from emulators.modbus.faults.interface import ConnectionFaults, Ending, WireFraming

__all__ = ["WireExit"]


class WireExit:
    """One connection's way out. ``ending`` is what the shell is to do once the bytes taken have gone.

    Where bytes do not run together, ``send_apart`` takes each piece that the faults let go, as soon as it goes.
    """

    __slots__ = ("_answer", "_wire", "ending", "faults", "send_apart")

    def __init__(
        self, wire: WireFraming, answer: Callable[[int, bytes], bytes], faults: ConnectionFaults | None
    ) -> None:
        self.faults = faults
        self.ending = Ending.NONE
        self.send_apart: Callable[[bytes], object] | None = None
        self._wire = wire
        self._answer = answer

    @property
    def is_plain(self) -> bool:
        """Whether answers may be made without coming here."""
        return self.faults is None or not self.faults.is_active

    @property
    def due_ns(self) -> int | None:
        """When ``take`` will return something."""
        return None if self.faults is None else self.faults.next_ns

    def answer(
        self,
        number: int,
        transaction_id: int,
        unit_id: int,
        request: bytes,
        now_ns: int,
        ask: Callable[[], bytes] | None = None,
    ) -> bytes:
        """Execute the ``number``-th request; return the frame that is to be sent now, if any.

        ``ask`` executes it elsewhere and returns the response PDU; whether a unit is off has been asked there.
        """
        faults = self.faults
        if ask is None:
            if self.is_unit_off(number, unit_id, request, now_ns):
                return self.take(now_ns)
            ask = partial(self._answer, unit_id, request)
        if faults is not None and faults.is_active:
            faults.exchange(number, transaction_id, unit_id, request, ask, now_ns)
            return self.take(now_ns)
        response = ask()
        return self._wire.encode(transaction_id, unit_id, response) if response else b""

    def is_unit_off(self, number: int, unit_id: int, request: bytes, now_ns: int) -> bool:
        """Whether a fault keeps a request from its unit."""
        faults = self.faults
        return faults is not None and faults.is_active and faults.is_unit_off(number, unit_id, request, now_ns)

    def take(self, now_ns: int) -> bytes:
        """Return what the faults let go by now."""
        if self.faults is None:
            return b""
        taken = bytearray()
        while self.ending is Ending.NONE:
            piece, self.ending = self.faults.take(now_ns)
            if not piece:
                break
            if self.send_apart is not None:
                self.send_apart(piece)
            else:
                taken += piece
        return bytes(taken)
