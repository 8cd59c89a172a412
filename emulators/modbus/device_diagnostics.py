"""What a device counts and logs about its communication, clauses 6.8, 6.9 and 6.10.

A normal exchange costs one addition: counters are derived from the number of requests, and the two log entries of
each normal exchange are written when something else is logged or the log is read. Counters are 16 bits wide on the
wire and wrap. The log holds the 64 most recent entries.
"""

from __future__ import annotations

from collections import deque

from emulators.modbus.codes import ExceptionCode

__all__ = ["CommunicationDiagnostics"]

_RECEIVED, _SENT = 0x80, 0x40
_COMMUNICATION_ERROR, _OVERRUN, _LISTENING, _BROADCAST = 0x02, 0x10, 0x20, 0x40
_ENTERED_LISTEN_ONLY, _RESTARTED = 0x04, 0x00
_LOG_SIZE = 64
_SENT_EXCEPTION: dict[int, int] = {
    ExceptionCode.ILLEGAL_FUNCTION: 0x01,
    ExceptionCode.ILLEGAL_DATA_ADDRESS: 0x01,
    ExceptionCode.ILLEGAL_DATA_VALUE: 0x01,
    ExceptionCode.SERVER_DEVICE_FAILURE: 0x02,
    ExceptionCode.ACKNOWLEDGE: 0x04,
    ExceptionCode.SERVER_DEVICE_BUSY: 0x04,
    ExceptionCode.NEGATIVE_ACKNOWLEDGE: 0x08,
}


class CommunicationDiagnostics:
    """Counters and event log of one device; times do not occur in them.

    ``request_count`` is how many requests were meant for the device, broadcasts included; whoever hands a request to
    the device adds to it before the device acts. The serial line reports what only it can see: frames for other
    devices and damaged frames. ``is_broadcast`` is True while the last request is one to all devices.
    """

    __slots__ = (
        "_log",
        "_logged_count",
        "busy_count",
        "communication_error_count",
        "diagnostic_register",
        "exception_count",
        "foreign_count",
        "is_broadcast",
        "monitored_count",
        "negative_acknowledge_count",
        "no_response_count",
        "overrun_count",
        "request_count",
        "uneventful_count",
    )

    def __init__(self) -> None:
        self._log: deque[int] = deque(maxlen=_LOG_SIZE)
        self.is_broadcast = False
        self._zero()

    def _zero(self) -> None:
        self.request_count = 0
        self.foreign_count = 0
        self.monitored_count = 0
        self.exception_count = 0
        self.uneventful_count = 0
        self.communication_error_count = 0
        self.no_response_count = 0
        self.negative_acknowledge_count = 0
        self.busy_count = 0
        self.overrun_count = 0
        self.diagnostic_register = 0
        self._logged_count = 0

    @property
    def bus_message_count(self) -> int:
        """Undamaged messages on the line, for this device or not."""
        return self.request_count + self.foreign_count

    @property
    def server_message_count(self) -> int:
        """Requests that the device has processed, broadcasts included."""
        return self.request_count - self.monitored_count

    @property
    def event_count(self) -> int:
        """Requests completed with success, without those that fetch this very count."""
        return self.request_count - self.exception_count - self.uneventful_count

    @property
    def event_log(self) -> bytes:
        """Log entries, the most recent first."""
        self._log_normal_exchanges(self.request_count)
        return bytes(self._log)

    def event_log_during_request(self) -> bytes:
        """Return the log as a request that is being answered sees it: received, its answer not yet sent."""
        self._log_normal_exchanges(self.request_count - 1)
        return bytes((_RECEIVED, *self._log))[:_LOG_SIZE]

    def record_exception(self, code: int) -> None:
        """Count and log the refusal of the last request."""
        self.exception_count += 1
        self.busy_count += code == ExceptionCode.SERVER_DEVICE_BUSY
        self.negative_acknowledge_count += code == ExceptionCode.NEGATIVE_ACKNOWLEDGE
        self.no_response_count += self.is_broadcast
        self._log_exchange(self._received, _SENT | _SENT_EXCEPTION.get(code, 0))

    def record_broadcast(self) -> None:
        """Count and log the last request as a broadcast that was executed, unless it has logged itself."""
        if self._logged_count != self.request_count:
            self.no_response_count += 1
            self._log_exchange(self._received, _SENT)

    def record_monitored(self) -> None:
        """Count and log the last request as one that the device, in listen-only mode, let pass."""
        self.monitored_count += 1
        self.uneventful_count += 1
        self.no_response_count += 1
        self._log_exchange(self._received | _LISTENING, _SENT | _LISTENING)

    def record_listen_only(self) -> None:
        """Count and log the last request as the one that silenced the device."""
        self.no_response_count += 1
        self._log_exchange(self._received, _ENTERED_LISTEN_ONLY, _SENT | _LISTENING)

    def record_foreign(self) -> None:
        """Count an undamaged message for another device on the same line."""
        self.foreign_count += 1

    def record_communication_error(self, *, is_overrun: bool = False) -> None:
        """Count and log a message that arrived damaged: a check sum that is wrong, or characters lost."""
        self._log_normal_exchanges(self.request_count)
        if is_overrun:
            self.overrun_count += 1
        else:
            self.communication_error_count += 1
        self._log.appendleft(_RECEIVED | (_OVERRUN if is_overrun else _COMMUNICATION_ERROR))

    def restart(self, *, is_listening: bool, clear_log: bool) -> None:
        """Set every counter to zero and log the restart, which the last request asked for."""
        listening = _LISTENING if is_listening else 0
        self._log_exchange(self._received | listening, _SENT | listening)
        if clear_log:
            self._log.clear()
        self._log.appendleft(_RESTARTED)
        self._zero()

    def forget(self) -> None:
        """Have counted and logged nothing."""
        self._log.clear()
        self._zero()

    def clear(self) -> None:
        """Set every counter and the diagnostic register to zero; the log stays."""
        self._log_normal_exchanges(self.request_count)
        self._zero()

    @property
    def _received(self) -> int:
        return _RECEIVED | _BROADCAST if self.is_broadcast else _RECEIVED

    def _log_exchange(self, *entries: int) -> None:
        self._log_normal_exchanges(self.request_count - 1)
        self._log.extendleft(entries)
        self._logged_count = self.request_count

    def _log_normal_exchanges(self, until_count: int) -> None:
        pending = until_count - self._logged_count
        if pending > 0:
            self._log.extendleft((_RECEIVED, _SENT) * min(pending, _LOG_SIZE // 2))
            self._logged_count = until_count
