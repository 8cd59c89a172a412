"""Links to controllers and devices over real wires: values by tag through Modbus and OPC UA."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hil.targets.modbus_link import ModbusLink, read_modbus
    from hil.targets.opcua_link import read_opcua

__all__ = ["ModbusLink", "read_modbus", "read_opcua"]

_HOMES = {"ModbusLink": "modbus_link", "read_modbus": "modbus_link", "read_opcua": "opcua_link"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
