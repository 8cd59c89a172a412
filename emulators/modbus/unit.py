"""One Modbus unit: a request PDU in, a response PDU out; no socket, no clock."""

from __future__ import annotations

from collections.abc import Mapping

from emulators.modbus.codes import ExceptionCode, ModbusRefusal
from emulators.modbus.functions.table import FUNCTIONS, AnswerFunction
from emulators.modbus.memory import UnitMemory

__all__ = ["ModbusUnit", "exception_response"]


class ModbusUnit:
    """A device behind a unit id: its memory and the function codes it supports."""

    __slots__ = ("_functions", "memory")

    def __init__(self, memory: UnitMemory, *, functions: Mapping[int, AnswerFunction] = FUNCTIONS) -> None:
        self.memory = memory
        self._functions = dict(functions)  # plain integers as keys: one hash lookup a request

    def pdu(self, request: bytes) -> bytes:
        """Return the response to any request of at least one byte: the answer or an exception response."""
        function_code = request[0]
        answer = self._functions.get(function_code)
        if answer is None:
            return exception_response(function_code, ExceptionCode.ILLEGAL_FUNCTION)
        try:
            return answer(self.memory, request)
        except ModbusRefusal as refusal:
            return exception_response(function_code, refusal.code)


def exception_response(function_code: int, code: ExceptionCode) -> bytes:
    """Return the two bytes of an exception response."""
    return bytes((function_code | 0x80, code))
