"""A client that scans one device: every period all its requests, one after the other, with time-outs and retries.

No socket, no clock: ``advance`` moves it to a time, over everything that falls due until then, each at its own time.
What a request asks for and what becomes of an answer is up to ``ScanRequest``; the far end is a ``Framing`` that
``connect`` makes, with the device and the faults of the wire in it. The same times and answers give the same requests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from emulators.modbus.client.frames import ClientFrames, StreamLost
from emulators.modbus.client.requests import ResponseError, check_response
from emulators.modbus.faults.interface import ConnectionFaults, Door, Ending
from emulators.modbus.framing import Framing, earliest

__all__ = ["Connection", "ScanRequest", "ScanSettings", "ScanStatus", "Scanner"]

ValuesT = TypeVar("ValuesT", contravariant=True)


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """``period_ns`` runs from the start of a scan to the start of the next, or to its end if that comes later.

    A request without an answer after ``timeout_ns`` is sent again up to ``retries`` times; ``silence_ns`` passes
    before each request.
    """

    unit_id: int
    period_ns: int
    timeout_ns: int
    retries: int = 0
    silence_ns: int = 0


class ScanRequest(Protocol[ValuesT]):
    """One request of a scan, over values that ``advance`` is given."""

    def pdu(self, values: ValuesT) -> bytes:
        """Return the request as it is to be sent now."""
        ...

    def accept(self, payload: bytes, values: ValuesT) -> None:
        """Take what the answer holds; raises ValueError where that makes no sense."""
        ...


@dataclass(slots=True)
class Connection:
    """The far end of an open connection, and how it let the client in."""

    framing: Framing
    faults: ConnectionFaults


@dataclass(slots=True)
class ScanStatus:
    """How the scan is doing: ``is_failing`` is whether a request of the present or the last scan has failed.

    ``good_ns`` is when the last scan without a failure ended. ``exception_code`` is that of the last failure, 0 if it
    was no exception response.
    """

    is_failing: bool = False
    good_ns: int = 0
    request_count: int = 0
    failure_count: int = 0
    exception_code: int = 0


class Scanner(Generic[ValuesT]):
    """Starts with a scan at time 0."""

    def __init__(
        self,
        settings: ScanSettings,
        requests: Sequence[ScanRequest[ValuesT]],
        frames: ClientFrames,
        connect: Callable[[int], Connection],
    ) -> None:
        self.status = ScanStatus()
        self._settings = settings
        self._requests = requests
        self._frames = frames
        self._connect = connect
        self._connection: Connection | None = None
        self._index = 0
        self._tries = 0
        self._has_failed = False
        self._scan_ns = 0
        self._send_ns: int | None = 0 if requests else None
        self._deadline_ns: int | None = None
        self._pdu = b""

    @property
    def due_ns(self) -> int | None:
        """When ``advance`` will next have something to do."""
        return earliest(self._send_ns, self._deadline_ns, self._far_end_due_ns)

    @property
    def _far_end_due_ns(self) -> int | None:
        return None if self._connection is None else self._connection.framing.due_ns

    def advance(self, time_ns: int, values: ValuesT) -> None:
        """Do everything that is due by now, in the order of time."""
        while True:
            far_end_ns = self._far_end_due_ns
            due_ns = earliest(self._send_ns, self._deadline_ns, far_end_ns)
            if due_ns is None or due_ns > time_ns:
                return
            if due_ns == far_end_ns:
                assert self._connection is not None
                self._receive(self._connection.framing.poll(due_ns), due_ns, values)
            elif self._deadline_ns is not None and self._deadline_ns <= due_ns:
                self._fail(due_ns, may_retry=True)
            else:
                self._send(due_ns, values)

    def stop(self, time_ns: int) -> None:
        """Lose the connection and what was under way; the next scan starts at this time."""
        self._forget_connection(time_ns)
        self._index = self._tries = 0
        self._has_failed, self._deadline_ns = False, None
        self._scan_ns = time_ns
        self._send_ns = time_ns if self._requests else None

    def lose_connection(self, time_ns: int) -> None:
        """Let the connection end, as a reset does: the request that is under way fails."""
        if self._connection is None or not self._frames.is_stream:
            return
        self._forget_connection(time_ns)
        if self._deadline_ns is not None:
            self._fail(time_ns, may_retry=False)

    def _send(self, time_ns: int, values: ValuesT) -> None:
        if self._connection is None:
            self._connection = self._connect(time_ns)
        self.status.request_count += 1
        self._send_ns = None
        if self._connection.faults.door is not Door.OPEN:
            self._forget_connection(time_ns)
            self._fail(time_ns, may_retry=False)
            return
        if not self._tries:
            self._pdu = self._requests[self._index].pdu(values)
        self._deadline_ns = time_ns + self._settings.timeout_ns
        frame = self._frames.request(self._settings.unit_id, self._pdu)
        self._receive(self._connection.framing.feed(frame, time_ns), time_ns, values)

    def _receive(self, chunk: bytes, time_ns: int, values: ValuesT) -> None:
        assert self._connection is not None
        try:
            response = self._frames.feed(chunk) if chunk else None
        except StreamLost:
            self.lose_connection(time_ns)
            return
        if response is not None and self._deadline_ns is not None:
            try:
                self._requests[self._index].accept(check_response(self._pdu, response), values)
            except (ResponseError, ValueError) as error:
                self._fail(time_ns, may_retry=False, exception_code=getattr(error, "exception_code", 0))
            else:
                self._go_on(time_ns)
        if self._connection is not None and (
            self._connection.framing.ending is not Ending.NONE or self._connection.framing.is_closed
        ):
            self.lose_connection(time_ns)

    def _fail(self, time_ns: int, *, may_retry: bool, exception_code: int = 0) -> None:
        if may_retry and self._tries < self._settings.retries:
            self._tries += 1
            self._deadline_ns = None
            self._send_ns = time_ns + self._settings.silence_ns
            return
        self.status.failure_count += 1
        self.status.is_failing = self._has_failed = True
        self.status.exception_code = exception_code
        self._go_on(time_ns)

    def _go_on(self, time_ns: int) -> None:
        """Turn to the next request, or end the scan."""
        self._deadline_ns, self._tries = None, 0
        self._index += 1
        self._send_ns = time_ns + self._settings.silence_ns
        if self._index < len(self._requests):
            return
        self.status.is_failing = self._has_failed
        if not self._has_failed:
            self.status.good_ns = time_ns
        self._index, self._has_failed = 0, False
        self._scan_ns = max(self._scan_ns + self._settings.period_ns, self._send_ns)
        self._send_ns = self._scan_ns

    def _forget_connection(self, time_ns: int) -> None:
        if self._frames.is_stream and self._connection is not None:
            self._connection.framing.leave(time_ns)
            self._connection = None
