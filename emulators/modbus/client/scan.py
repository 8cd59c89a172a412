"""The scan of one device: every period all its requests, one after the other, with retries; no time passes here.

What a request asks for and what becomes of an answer is up to ``ScanRequest``. When a request may go out, and how long
its answer is waited for, is up to the ``Scanner`` that has the connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from emulators.modbus.client.requests import ResponseError, check_response

__all__ = ["Scan", "ScanRequest", "ScanSettings", "ScanStatus"]

ValuesT = TypeVar("ValuesT", contravariant=True)


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """``period_ns`` runs from the start of a scan to the start of the next, or to its end if that comes later.

    A request without an answer after ``timeout_ns`` is sent again up to ``retries`` times; ``silence_ns`` passes
    before each request. Nobody answers requests of a scan that ``is_broadcast``: they are done after ``timeout_ns``.
    """

    unit_id: int
    period_ns: int
    timeout_ns: int
    retries: int = 0
    silence_ns: int = 0
    is_broadcast: bool = False


class ScanRequest(Protocol[ValuesT]):
    """One request of a scan, over values that ``advance`` is given."""

    def pdu(self, values: ValuesT) -> bytes:
        """Return the request as it is to be sent now."""
        ...

    def accept(self, payload: bytes, values: ValuesT) -> None:
        """Take what the answer holds; raises ValueError where that makes no sense."""
        ...


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


class Scan(Generic[ValuesT]):
    """Starts at time 0. ``due_ns`` is from when on its next request may go out, None while one is under way, and for
    ever where there are no requests."""

    def __init__(self, settings: ScanSettings, requests: Sequence[ScanRequest[ValuesT]]) -> None:
        self.settings = settings
        self.status = ScanStatus()
        self.due_ns: int | None = 0 if requests else None
        self._requests = requests
        self._index = 0
        self._tries = 0
        self._has_failed = False
        self._scan_ns = 0
        self._pdu = b""

    def request(self, values: ValuesT) -> bytes:
        """Return the request that goes out now: the next, or the one that is repeated."""
        if not self._tries:
            self._pdu = self._requests[self._index].pdu(values)
        return self._pdu

    def begin(self) -> None:
        """Count a request that goes out, or is kept from it."""
        self.status.request_count += 1
        self.due_ns = None

    def take(self, response: bytes, values: ValuesT, time_ns: int) -> None:
        """Take the answer to the request."""
        try:
            self._requests[self._index].accept(check_response(self._pdu, response), values)
        except (ResponseError, ValueError) as error:
            self.fail(time_ns, exception_code=getattr(error, "exception_code", 0))
        else:
            self.go_on(time_ns)

    def miss(self, time_ns: int) -> bool:
        """Take note that no answer has come in time; return whether the request is to be repeated."""
        if self._tries < self.settings.retries:
            self._tries += 1
            self.due_ns = time_ns + self.settings.silence_ns
            return True
        self.fail(time_ns)
        return False

    def fail(self, time_ns: int, *, exception_code: int = 0) -> None:
        """Give the request up."""
        self.status.failure_count += 1
        self.status.is_failing = self._has_failed = True
        self.status.exception_code = exception_code
        self.go_on(time_ns)

    def go_on(self, time_ns: int) -> None:
        """Turn to the next request, or end the scan."""
        self._tries = 0
        self._index += 1
        self.due_ns = again_ns = time_ns + self.settings.silence_ns
        if self._index < len(self._requests):
            return
        self.status.is_failing = self._has_failed
        if not self._has_failed:
            self.status.good_ns = time_ns
        self._index, self._has_failed = 0, False
        self._scan_ns = self.due_ns = max(self._scan_ns + self.settings.period_ns, again_ns)

    def restart(self, time_ns: int) -> None:
        """Forget what was under way; the next scan starts at this time."""
        self._index = self._tries = 0
        self._has_failed = False
        self._scan_ns = time_ns
        self.due_ns = time_ns if self._requests else None
