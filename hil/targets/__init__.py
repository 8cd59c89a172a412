"""Links to controllers and devices over real wires: values by tag through Modbus and OPC UA."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.exports import lazy_exports

if TYPE_CHECKING:
    from hil.targets.modbus_link import ModbusLink, read_modbus
    from hil.targets.opcua_link import read_opcua
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "modbus_link": ("ModbusLink", "read_modbus"),
            "opcua_link": ("read_opcua",),
        },
    )

__all__ = ["ModbusLink", "read_modbus", "read_opcua"]
