"""The functions of a device that takes fewer requests, or smaller ones, than the protocol allows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from emulators.description.device_requests import DeviceRequests
from emulators.modbus.codes import ExceptionCode, FunctionCode, ModbusRefusal
from emulators.modbus.device import ModbusDevice
from emulators.modbus.functions.table import FUNCTIONS, AnswerFunction

__all__ = ["limited_functions"]

_QUANTITIES_AT = {
    FunctionCode.READ_COILS: (3,),
    FunctionCode.READ_DISCRETE_INPUTS: (3,),
    FunctionCode.READ_HOLDING_REGISTERS: (3,),
    FunctionCode.READ_INPUT_REGISTERS: (3,),
    FunctionCode.WRITE_MULTIPLE_COILS: (3,),
    FunctionCode.WRITE_MULTIPLE_REGISTERS: (3,),
    FunctionCode.READ_WRITE_MULTIPLE_REGISTERS: (3, 7),
}
"""Where quantities stand in a request."""
_OF_BITS = (FunctionCode.READ_COILS, FunctionCode.READ_DISCRETE_INPUTS, FunctionCode.WRITE_MULTIPLE_COILS)


def limited_functions(requests: DeviceRequests) -> Mapping[int, AnswerFunction]:
    """Return the public functions that a device has, by function code."""
    return {
        code: _limited(code, answer, requests)
        for code, answer in FUNCTIONS.items()
        if not requests.functions or code in requests.functions
    }


def _limited(code: int, answer: AnswerFunction, requests: DeviceRequests) -> AnswerFunction:
    most = requests.max_bits if code in _OF_BITS else requests.max_registers
    places = _QUANTITIES_AT.get(FunctionCode(code), ())
    return answer if most is None or not places else partial(_answer_within, answer, places, most)


def _answer_within(
    answer: AnswerFunction, places: tuple[int, ...], most: int, device: ModbusDevice, request: bytes
) -> bytes:
    if any(int.from_bytes(request[at : at + 2], "big") > most for at in places):
        raise ModbusRefusal(ExceptionCode.ILLEGAL_DATA_VALUE, f"more than {most} in a request")
    return answer(device, request)
