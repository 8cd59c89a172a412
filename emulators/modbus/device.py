"""One Modbus device: a request PDU in, a response PDU out; no socket, no clock, no state shared with other devices."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from emulators.modbus.codes import MAX_PDU_SIZE, ExceptionCode, ModbusRefusal, exception_response
from emulators.modbus.device_diagnostics import CommunicationDiagnostics
from emulators.modbus.functions.table import FUNCTIONS, AnswerFunction
from emulators.modbus.memory import UnitMemory

__all__ = ["ModbusDevice"]

_LOGGER = logging.getLogger(__name__)
_ALL_FUNCTIONS = dict(FUNCTIONS)  # a plain dict with plain integers as keys: one quick lookup a request


class ModbusDevice:
    """A device behind a unit id: its memory, what it counts about its communication, the functions it supports.

    ``functions`` is the whole table of a device that knows other functions than all public ones;
    ``user_functions`` adds codes to it, or replaces some. A function refuses by raising ModbusRefusal; any other
    exception of a user's function is logged and answered with SERVER DEVICE FAILURE. Methods are to be called from
    one thread.
    """

    __slots__ = ("_answers", "_functions", "diagnostics", "exception_status", "memory")

    def __init__(
        self,
        memory: UnitMemory,
        *,
        functions: Mapping[int, AnswerFunction] | None = None,
        user_functions: Mapping[int, AnswerFunction] | None = None,
    ) -> None:
        self.memory = memory
        self.diagnostics = CommunicationDiagnostics()
        self.exception_status = 0
        self._functions = _ALL_FUNCTIONS if functions is None else _plain(functions)
        if user_functions:
            guarded = {code: _guarded(answer) for code, answer in user_functions.items()}
            self._functions = self._functions | _plain(guarded)
        self._answers = self._functions

    @property
    def function_codes(self) -> frozenset[int]:
        """The function codes that the device supports."""
        return frozenset(self._functions)

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
        return response

    return answer_or_fail


def _refuse_function(device: ModbusDevice, request: bytes) -> bytes:
    raise ModbusRefusal(ExceptionCode.ILLEGAL_FUNCTION)
