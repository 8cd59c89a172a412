"""The table of function codes: a new one is its file beside the others and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from emulators.modbus.codes import FunctionCode
from emulators.modbus.functions.communication_events import (
    get_comm_event_counter,
    get_comm_event_log,
    read_exception_status,
)
from emulators.modbus.functions.diagnostics import diagnostics
from emulators.modbus.functions.file_records import read_file_record, write_file_record
from emulators.modbus.functions.identification import encapsulated_interface, report_server_id
from emulators.modbus.functions.mask_write import mask_write_register
from emulators.modbus.functions.read_bits import read_coils, read_discrete_inputs
from emulators.modbus.functions.read_fifo import read_fifo_queue
from emulators.modbus.functions.read_registers import read_holding_registers, read_input_registers
from emulators.modbus.functions.read_write_registers import read_write_multiple_registers
from emulators.modbus.functions.write_multiple import write_multiple_coils, write_multiple_registers
from emulators.modbus.functions.write_single import write_single_coil, write_single_register

if TYPE_CHECKING:
    from emulators.modbus.device import ModbusDevice

__all__ = ["FUNCTIONS", "AnswerFunction"]

AnswerFunction = Callable[["ModbusDevice", bytes], bytes]
"""``answer(device, request) -> response``, both with their function code; raises ModbusRefusal. An empty response is
none at all."""

FUNCTIONS: Mapping[int, AnswerFunction] = MappingProxyType(
    {
        FunctionCode.READ_COILS: read_coils,
        FunctionCode.READ_DISCRETE_INPUTS: read_discrete_inputs,
        FunctionCode.READ_HOLDING_REGISTERS: read_holding_registers,
        FunctionCode.READ_INPUT_REGISTERS: read_input_registers,
        FunctionCode.WRITE_SINGLE_COIL: write_single_coil,
        FunctionCode.WRITE_SINGLE_REGISTER: write_single_register,
        FunctionCode.READ_EXCEPTION_STATUS: read_exception_status,
        FunctionCode.DIAGNOSTICS: diagnostics,
        FunctionCode.GET_COMM_EVENT_COUNTER: get_comm_event_counter,
        FunctionCode.GET_COMM_EVENT_LOG: get_comm_event_log,
        FunctionCode.WRITE_MULTIPLE_COILS: write_multiple_coils,
        FunctionCode.WRITE_MULTIPLE_REGISTERS: write_multiple_registers,
        FunctionCode.REPORT_SERVER_ID: report_server_id,
        FunctionCode.READ_FILE_RECORD: read_file_record,
        FunctionCode.WRITE_FILE_RECORD: write_file_record,
        FunctionCode.MASK_WRITE_REGISTER: mask_write_register,
        FunctionCode.READ_WRITE_MULTIPLE_REGISTERS: read_write_multiple_registers,
        FunctionCode.READ_FIFO_QUEUE: read_fifo_queue,
        FunctionCode.ENCAPSULATED_INTERFACE: encapsulated_interface,
    }
)
