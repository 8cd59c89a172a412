"""Function codes, exception codes and limits of the Modbus Application Protocol V1.1b3."""

from __future__ import annotations

import enum

__all__ = [
    "MAX_PDU_SIZE",
    "MAX_READ_BITS",
    "MAX_READ_REGISTERS",
    "MAX_READ_WRITE_REGISTERS",
    "MAX_WRITE_BITS",
    "MAX_WRITE_REGISTERS",
    "ExceptionCode",
    "FunctionCode",
    "ModbusRefusal",
    "exception_response",
]

MAX_PDU_SIZE = 253
MAX_READ_BITS = 2000
MAX_READ_REGISTERS = 125
MAX_WRITE_BITS = 1968
MAX_WRITE_REGISTERS = 123
MAX_READ_WRITE_REGISTERS = 121


class FunctionCode(enum.IntEnum):
    """Public function codes that this server knows."""

    READ_COILS = 0x01
    READ_DISCRETE_INPUTS = 0x02
    READ_HOLDING_REGISTERS = 0x03
    READ_INPUT_REGISTERS = 0x04
    WRITE_SINGLE_COIL = 0x05
    WRITE_SINGLE_REGISTER = 0x06
    WRITE_MULTIPLE_COILS = 0x0F
    WRITE_MULTIPLE_REGISTERS = 0x10
    MASK_WRITE_REGISTER = 0x16
    READ_WRITE_MULTIPLE_REGISTERS = 0x17


class ExceptionCode(enum.IntEnum):
    """Second byte of an exception response, clause 7."""

    ILLEGAL_FUNCTION = 0x01
    ILLEGAL_DATA_ADDRESS = 0x02
    ILLEGAL_DATA_VALUE = 0x03
    SERVER_DEVICE_FAILURE = 0x04
    ACKNOWLEDGE = 0x05
    SERVER_DEVICE_BUSY = 0x06
    NEGATIVE_ACKNOWLEDGE = 0x07
    MEMORY_PARITY_ERROR = 0x08
    GATEWAY_PATH_UNAVAILABLE = 0x0A
    GATEWAY_TARGET_FAILED = 0x0B


class ModbusRefusal(Exception):  # noqa: N818 - an answer of the protocol, not a defect
    """A request is answered with an exception response; never leaves ``ModbusDevice.pdu``."""

    def __init__(self, code: ExceptionCode, reason: str = "") -> None:
        super().__init__(reason or code.name)
        self.code = code


def exception_response(function_code: int, code: ExceptionCode) -> bytes:
    """Return the two bytes of an exception response."""
    return bytes((function_code | 0x80, code))
