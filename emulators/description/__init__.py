"""Descriptions that people write: rig files, register maps, I/O lists; each with ``file:line:column`` in its errors."""

from emulators.description.io_list import IO_LIST_COLUMNS, IoListDescription, load_io_list
from emulators.description.kinds import DescriptionKind, description_kind
from emulators.description.parameters import ParameterEntry, ParameterValue
from emulators.description.register_map import (
    ByteOrder,
    HalfValues,
    RegisterAccess,
    RegisterEntry,
    RegisterMapDescription,
    RegisterTable,
    TwinEntry,
)
from emulators.description.register_map_reader import load_register_map
from emulators.description.register_types import RegisterType, register_type_named
from emulators.description.rig import (
    ConnectionEntry,
    ControllerEntry,
    EndpointEntry,
    FileReference,
    LeftOut,
    PlantEntry,
    RigDescription,
    TaskEntry,
    UnitEntry,
    WireEntry,
)
from emulators.description.rig_reader import load_rig, read_rig
from emulators.description.source import Located
from emulators.description.tag_checks import TagEntry

__all__ = [
    "IO_LIST_COLUMNS",
    "ByteOrder",
    "ConnectionEntry",
    "ControllerEntry",
    "DescriptionKind",
    "EndpointEntry",
    "FileReference",
    "HalfValues",
    "IoListDescription",
    "LeftOut",
    "Located",
    "ParameterEntry",
    "ParameterValue",
    "PlantEntry",
    "RegisterAccess",
    "RegisterEntry",
    "RegisterMapDescription",
    "RegisterTable",
    "RegisterType",
    "RigDescription",
    "TagEntry",
    "TaskEntry",
    "TwinEntry",
    "UnitEntry",
    "WireEntry",
    "description_kind",
    "load_io_list",
    "load_register_map",
    "load_rig",
    "read_rig",
    "register_type_named",
]
