"""One Modbus device: a request PDU in, a response PDU out; no socket, no clock, no state shared with other devices."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Mapping

from emulators.modbus.codes import MAX_PDU_SIZE, ExceptionCode, FunctionCode, ModbusRefusal, exception_response
from emulators.modbus.device_diagnostics import CommunicationDiagnostics
from emulators.modbus.device_files import FileRecords
from emulators.modbus.device_identity import DeviceIdentity
from emulators.modbus.functions.diagnostics import monitor, restart_or_monitor
from emulators.modbus.functions.table import FUNCTIONS, AnswerFunction
from emulators.modbus.memory import UnitMemory

__all__ = ["ModbusDevice"]

_LOGGER = logging.getLogger(__name__)
_ANONYMOUS = DeviceIdentity()
_LINE_FEED = 0x0A


class ModbusDevice:
    """A device behind a unit id: memory, files, queues, identity, and what it counts about its communication.

    ``functions`` is the whole table of a device that knows other functions than all public ones;
    ``user_functions`` adds codes to it, or replaces some. A function refuses by raising ModbusRefusal; any other
    exception of a user's function is logged and answered with SERVER DEVICE FAILURE.

    ``is_ready`` is whether it does what it is asked: it is neither busy nor in listen-only mode.
    ``exception_status`` are the eight bits of Read Exception Status, ``is_running`` the run indicator of Report
    Server ID, ``ascii_delimiter`` the second byte that ends a frame on an ASCII line. A register in a FIFO queue is
    an integer 0..65535. Everything is to be called from one thread.
    """

    __slots__ = (
        "_answers",
        "_first_queues",
        "_functions",
        "_is_busy",
        "_is_listening",
        "ascii_delimiter",
        "diagnostics",
        "exception_status",
        "fifo_queues",
        "files",
        "identity",
        "is_ready",
        "is_running",
        "memory",
    )

    def __init__(
        self,
        memory: UnitMemory,
        *,
        identity: DeviceIdentity = _ANONYMOUS,
        files: FileRecords | None = None,
        fifo_queues: Mapping[int, Iterable[int]] | None = None,
        functions: Mapping[int, AnswerFunction] | None = None,
        user_functions: Mapping[int, AnswerFunction] | None = None,
    ) -> None:
        self.memory = memory
        self.identity = identity
        self.files = files or FileRecords()
        self._first_queues = {address: tuple(registers) for address, registers in (fifo_queues or {}).items()}
        self.diagnostics = CommunicationDiagnostics()
        self._functions = _ALL_FUNCTIONS if functions is None else _plain(functions)
        if user_functions:
            guarded = {code: _guarded(answer) for code, answer in user_functions.items()}
            self._functions = self._functions | _plain(guarded)
        self.restart()

    def restart(self) -> None:
        """Be as it was made, but for its memory: nothing counted or logged, files and queues with what they held.
        What the functions of a user remember is theirs."""
        self.files.restart()
        self.fifo_queues = {address: deque(registers) for address, registers in self._first_queues.items()}
        self.diagnostics.forget()
        self.exception_status = 0
        self.is_running = True
        self.ascii_delimiter = _LINE_FEED
        self._is_busy = self._is_listening = False
        self._choose_answers()

    @property
    def function_codes(self) -> frozenset[int]:
        """The function codes that the device supports."""
        return frozenset(self._functions)

    def function(self, code: int) -> AnswerFunction | None:
        """Return what answers requests with a function code, None for a code that the device does not support."""
        return self._functions.get(code)

    @property
    def is_listening(self) -> bool:
        """Whether the device is in listen-only mode: it acts on nothing and answers nothing until it is restarted."""
        return self._is_listening

    @property
    def is_busy(self) -> bool:
        """Whether a long command is running: everything but diagnostics is refused with SERVER DEVICE BUSY."""
        return self._is_busy

    @is_busy.setter
    def is_busy(self, is_busy: bool) -> None:
        self._is_busy = is_busy
        self._choose_answers()

    def listen_only(self) -> None:
        """Enter listen-only mode."""
        self._is_listening = True
        self._choose_answers()

    def restart_communications(self, *, clear_log: bool) -> None:
        """Leave listen-only mode and set all counters to zero."""
        self.diagnostics.restart(is_listening=self._is_listening, clear_log=clear_log)
        self._is_listening = False
        self._choose_answers()

    def _choose_answers(self) -> None:
        self.is_ready = not (self._is_listening or self._is_busy)
        if self._is_listening:
            self._answers = _LISTENING
        elif self._is_busy:
            known = self._functions
            self._answers = {code: known[code] if code in _ANSWERED_WHILE_BUSY else _refuse_busy for code in known}
        else:
            self._answers = self._functions

    def pdu(self, request: bytes) -> bytes:
        """Return the response to any request of at least one byte, or nothing when there is to be no response."""
        self.diagnostics.request_count += 1
        answer = self._answers.get(request[0])
        if answer is None:
            self.diagnostics.record_exception(ExceptionCode.ILLEGAL_FUNCTION)
            return exception_response(request[0], ExceptionCode.ILLEGAL_FUNCTION)
        try:
            return answer(self, request)
        except ModbusRefusal as refusal:
            self.diagnostics.record_exception(refusal.code)
            return exception_response(request[0], refusal.code)

    def broadcast(self, request: bytes) -> None:
        """Execute a request that is for every device on the line; nobody answers it."""
        diagnostics = self.diagnostics
        diagnostics.request_count += 1
        diagnostics.is_broadcast = True
        try:
            self._answers.get(request[0], _refuse_function)(self, request)
            diagnostics.record_broadcast()
        except ModbusRefusal as refusal:
            diagnostics.record_exception(refusal.code)
        finally:
            diagnostics.is_broadcast = False


def _plain(functions: Mapping[int, AnswerFunction]) -> dict[int, AnswerFunction]:
    for code in functions:
        if not 1 <= code <= 127:
            raise ValueError(f"function code {code} is outside 1..127")
    return {int(code): answer for code, answer in functions.items()}


def _guarded(answer: AnswerFunction) -> AnswerFunction:
    """Return a user's function whose defects become SERVER DEVICE FAILURE."""

    def answer_or_fail(device: ModbusDevice, request: bytes) -> bytes:
        try:
            response = answer(device, request)
            if len(response) > MAX_PDU_SIZE:
                raise ValueError(f"response of {len(response)} bytes; a PDU has at most {MAX_PDU_SIZE}")
        except ModbusRefusal:
            raise
        except Exception as error:
            _LOGGER.exception("function code %d of the user failed", request[0])
            raise ModbusRefusal(ExceptionCode.SERVER_DEVICE_FAILURE) from error
        device.diagnostics.no_response_count += not response
        return response

    return answer_or_fail


def _refuse_function(device: ModbusDevice, request: bytes) -> bytes:
    raise ModbusRefusal(ExceptionCode.ILLEGAL_FUNCTION)


def _refuse_busy(device: ModbusDevice, request: bytes) -> bytes:
    raise ModbusRefusal(ExceptionCode.SERVER_DEVICE_BUSY)


_ALL_FUNCTIONS = _plain(FUNCTIONS)
_LISTENING: dict[int, AnswerFunction] = {
    **dict.fromkeys(range(256), monitor),
    int(FunctionCode.DIAGNOSTICS): restart_or_monitor,
}
_ANSWERED_WHILE_BUSY = frozenset(
    (FunctionCode.DIAGNOSTICS, FunctionCode.GET_COMM_EVENT_COUNTER, FunctionCode.GET_COMM_EVENT_LOG)
)
