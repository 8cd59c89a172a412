"""Request PDUs that a client sends, and what a normal response to them holds. Addresses are 0-based."""

from __future__ import annotations

from struct import Struct

from emulators.description.register_map import RegisterTable
from emulators.errors import EmulatorError
from emulators.modbus.codes import FunctionCode

__all__ = ["ResponseError", "check_response", "read_request", "response_size", "write_request"]

_READ = {
    RegisterTable.COIL: FunctionCode.READ_COILS,
    RegisterTable.DISCRETE_INPUT: FunctionCode.READ_DISCRETE_INPUTS,
    RegisterTable.HOLDING_REGISTER: FunctionCode.READ_HOLDING_REGISTERS,
    RegisterTable.INPUT_REGISTER: FunctionCode.READ_INPUT_REGISTERS,
}
_READ_CODES = frozenset(_READ.values())
_BIT_CODES = (FunctionCode.READ_COILS, FunctionCode.READ_DISCRETE_INPUTS)
_HEAD = Struct(">BHH")
_WRITE_HEAD = Struct(">BHHB")


class ResponseError(EmulatorError):
    """A whole response that is not the answer wanted; ``exception_code`` is 0 where it is no exception response."""

    def __init__(self, message: str, exception_code: int = 0) -> None:
        super().__init__(message)
        self.exception_code = exception_code


def read_request(table: RegisterTable, address: int, count: int) -> bytes:
    """Return the request that reads ``count`` coils or registers."""
    return _HEAD.pack(_READ[table], address, count)


def write_request(table: RegisterTable, address: int, count: int, payload: bytes) -> bytes:
    """Return the request that writes coils (packed, first bit lowest) or holding registers (big-endian)."""
    is_coil = table is RegisterTable.COIL
    code = FunctionCode.WRITE_MULTIPLE_COILS if is_coil else FunctionCode.WRITE_MULTIPLE_REGISTERS
    return _WRITE_HEAD.pack(code, address, count, len(payload)) + payload


def response_size(request: bytes) -> int:
    """Return the size of the normal response to a request of this module."""
    code, count = request[0], int.from_bytes(request[3:5], "big")
    if code not in _READ_CODES:
        return _HEAD.size
    return 2 + ((count + 7) // 8 if code in _BIT_CODES else 2 * count)


def check_response(request: bytes, response: bytes) -> bytes:
    """Return what a read asked for, nothing for a write.

    Raises:
        ResponseError: an exception response, or an answer to something else.
    """
    if len(response) == 2 and response[0] == request[0] | 0x80:
        raise ResponseError(f"exception {response[1]:02X}", response[1])
    if response[0] != request[0]:
        raise ResponseError(f"function code {response[0]:02X} instead of {request[0]:02X}")
    if len(response) != response_size(request):
        raise ResponseError(f"{len(response)} bytes instead of {response_size(request)}")
    if request[0] in _READ_CODES:
        if response[1] != len(response) - 2:
            raise ResponseError(f"byte count {response[1]} instead of {len(response) - 2}")
        return response[2:]
    if response != request[: _HEAD.size]:
        raise ResponseError("a write that is confirmed differently")
    return b""
