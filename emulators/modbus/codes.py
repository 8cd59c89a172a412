"""Function codes, exception codes and limits of the Modbus Application Protocol V1.1b3."""

from __future__ import annotations

import enum

__all__ = [
    "BROADCAST",
    "MAX_FIFO_COUNT",
    "MAX_PDU_SIZE",
    "MAX_READ_BITS",
    "MAX_READ_REGISTERS",
    "MAX_READ_WRITE_REGISTERS",
    "MAX_WRITE_BITS",
    "MAX_WRITE_REGISTERS",
    "MEI_DEVICE_IDENTIFICATION",
    "DiagnosticCode",
    "ExceptionCode",
    "FunctionCode",
    "ModbusRefusal",
    "exception_response",
]

BROADCAST = 0
"""Unit id of a frame for every unit, on serial lines."""
MAX_PDU_SIZE = 253
MAX_READ_BITS = 2000
MAX_READ_REGISTERS = 125
MAX_WRITE_BITS = 1968
MAX_WRITE_REGISTERS = 123
MAX_READ_WRITE_REGISTERS = 121
MAX_FIFO_COUNT = 31
MEI_DEVICE_IDENTIFICATION = 0x0E


class FunctionCode(enum.IntEnum):
    """Public function codes that this server knows."""

    READ_COILS = 0x01
    READ_DISCRETE_INPUTS = 0x02
    READ_HOLDING_REGISTERS = 0x03
    READ_INPUT_REGISTERS = 0x04
    WRITE_SINGLE_COIL = 0x05
    WRITE_SINGLE_REGISTER = 0x06
    READ_EXCEPTION_STATUS = 0x07
    DIAGNOSTICS = 0x08
    GET_COMM_EVENT_COUNTER = 0x0B
    GET_COMM_EVENT_LOG = 0x0C
    WRITE_MULTIPLE_COILS = 0x0F
    WRITE_MULTIPLE_REGISTERS = 0x10
    REPORT_SERVER_ID = 0x11
    READ_FILE_RECORD = 0x14
    WRITE_FILE_RECORD = 0x15
    MASK_WRITE_REGISTER = 0x16
    READ_WRITE_MULTIPLE_REGISTERS = 0x17
    READ_FIFO_QUEUE = 0x18
    ENCAPSULATED_INTERFACE = 0x2B


class DiagnosticCode(enum.IntEnum):
    """Subfunctions of Diagnostics, clause 6.8.1."""

    RETURN_QUERY_DATA = 0x00
    RESTART_COMMUNICATIONS = 0x01
    RETURN_DIAGNOSTIC_REGISTER = 0x02
    CHANGE_ASCII_DELIMITER = 0x03
    FORCE_LISTEN_ONLY = 0x04
    CLEAR_COUNTERS = 0x0A
    BUS_MESSAGE_COUNT = 0x0B
    BUS_COMMUNICATION_ERROR_COUNT = 0x0C
    BUS_EXCEPTION_ERROR_COUNT = 0x0D
    SERVER_MESSAGE_COUNT = 0x0E
    SERVER_NO_RESPONSE_COUNT = 0x0F
    SERVER_NAK_COUNT = 0x10
    SERVER_BUSY_COUNT = 0x11
    BUS_CHARACTER_OVERRUN_COUNT = 0x12
    CLEAR_OVERRUN_COUNTER = 0x14


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
