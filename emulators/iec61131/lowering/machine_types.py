"""Machine types of IEC types, and the structures that hold instances.

Durations, dates and times are I64 nanoseconds. A ``STRING[n]`` is ``n + 1`` bytes, a ``WSTRING[n]`` ``n + 1`` code
units of 16 bits, both ended by a zero and filled up with zeros. Arrays of several dimensions are nested, row-major.
"""

from __future__ import annotations

from typing import Protocol

from emulators.errors import InternalError
from emulators.iec61131.types import (
    ArrayType,
    Elementary,
    EnumerationType,
    FunctionBlockType,
    IecType,
    Kind,
    Section,
    StringType,
    StructureType,
    SubrangeType,
    Variable,
)
from emulators.native import ir
from emulators.native.ir import Scalar

__all__ = [
    "MachineTypes",
    "constant",
    "edge_memory",
    "is_located",
    "is_scalar",
    "is_unsigned_kind",
    "read",
    "scalar_of",
    "takes_space",
    "type_of",
]

_SCALARS = {
    Elementary.BOOL: Scalar.BOOL,
    Elementary.BYTE: Scalar.U8,
    Elementary.WORD: Scalar.U16,
    Elementary.DWORD: Scalar.U32,
    Elementary.LWORD: Scalar.U64,
    Elementary.SINT: Scalar.I8,
    Elementary.INT: Scalar.I16,
    Elementary.DINT: Scalar.I32,
    Elementary.LINT: Scalar.I64,
    Elementary.USINT: Scalar.U8,
    Elementary.UINT: Scalar.U16,
    Elementary.UDINT: Scalar.U32,
    Elementary.ULINT: Scalar.U64,
    Elementary.REAL: Scalar.F32,
    Elementary.LREAL: Scalar.F64,
    Elementary.CHAR: Scalar.U8,
    Elementary.WCHAR: Scalar.U16,
}


def is_scalar(iec_type: IecType) -> bool:
    """Return whether values of the type fit one machine scalar."""
    return isinstance(iec_type, Elementary | EnumerationType | SubrangeType)


def scalar_of(iec_type: IecType) -> Scalar:
    """Return the machine scalar of an elementary type, enumeration or subrange."""
    match iec_type:
        case Elementary():
            return _SCALARS.get(iec_type, Scalar.I64)
        case EnumerationType() | SubrangeType():
            return scalar_of(iec_type.base)
    raise InternalError(f"no machine scalar for {type(iec_type).__name__}")


def constant(value: bool | int | float | str, iec_type: IecType) -> ir.Const:
    """Return the machine constant of a value of the typed tree."""
    scalar = scalar_of(iec_type)
    if isinstance(value, str):
        return ir.Const(ord(value[0]) if value else 0, scalar)
    if scalar is Scalar.BOOL:
        return ir.Const(bool(value), scalar)
    return ir.Const(float(value) if scalar.is_float else int(value), scalar)


def read(local: ir.Local) -> ir.Load:
    """Return the value of a scalar local."""
    assert isinstance(local.type, Scalar)
    return ir.Load(local, local.type)


def is_located(variable: Variable) -> bool:
    """Return whether a variable is read and written in a process image, not in a field of its own."""
    return variable.address is not None and is_scalar(variable.type)


def takes_space(variable: Variable) -> bool:
    """Return whether a variable of a function block or program is a field of its instances."""
    if variable.section in (Section.IN_OUT, Section.TEMP, Section.EXTERNAL):
        return False
    return not is_located(variable)


class Typed(Protocol):
    """Node of the typed tree with a type."""

    @property
    def type(self) -> IecType | None: ...


class MachineTypes:
    """Structures of one module, made when first needed; dependencies come first in ``structs``."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.structs: list[ir.Struct] = []
        self._by_type: dict[StructureType | FunctionBlockType, ir.Struct] = {}
        self._names: set[str] = set()

    def machine_type(self, iec_type: IecType) -> ir.Type:
        """Return how a value of the type is stored."""
        match iec_type:
            case StringType():
                return ir.Array(Scalar.U16 if iec_type.is_wide else Scalar.U8, iec_type.length + 1)
            case ArrayType():
                stored = self.machine_type(iec_type.element)
                for low, high in reversed(iec_type.bounds):
                    stored = ir.Array(stored, high - low + 1)
                return stored
            case StructureType() | FunctionBlockType():
                return self.struct_of(iec_type)
            case _:
                return scalar_of(iec_type)

    def struct_of(self, owner: StructureType | FunctionBlockType) -> ir.Struct:
        """Return the structure of a STRUCT or of the instances of a function block."""
        known = self._by_type.get(owner)
        if known is None:
            if isinstance(owner, StructureType):
                fields = [ir.Field(member.name, self.machine_type(member.type)) for member in owner.fields]
            else:
                fields = self.fields_of(owner.variables)
            known = self.new_struct(owner.name or "anonymous", fields)
            self._by_type[owner] = known
        return known

    def fields_of(self, variables: tuple[Variable, ...]) -> list[ir.Field]:
        """Return the fields of an instance: its variables in order; of an edge input also the memory."""
        fields = []
        for variable in variables:
            if takes_space(variable):
                fields.append(ir.Field(variable.name, self.machine_type(variable.type)))
            if variable.edge is not None:
                fields.append(ir.Field(edge_memory(variable), Scalar.BOOL))
        return fields

    def new_struct(self, name: str, fields: list[ir.Field]) -> ir.Struct:
        """Add a structure with a name of its own in the module."""
        own_name, number = f"{self.prefix}_{name}", 1
        while own_name.upper() in self._names:
            number += 1
            own_name = f"{self.prefix}_{name}_{number}"
        self._names.add(own_name.upper())
        struct = ir.Struct(own_name, tuple(fields))
        self.structs.append(struct)
        return struct


def edge_memory(variable: Variable) -> str:
    """Return the field that remembers the last value of an R_EDGE or F_EDGE input."""
    return f"{variable.name}__memory"


def is_unsigned_kind(iec_type: IecType) -> bool:
    """Return whether numbers of the type count without sign (bit strings too)."""
    return isinstance(iec_type, Elementary) and iec_type.kind in (Kind.BOOL, Kind.BITS, Kind.UNSIGNED)


def type_of(node: Typed) -> IecType:
    """Return the type of an expression that has a value."""
    if node.type is None:
        raise InternalError("a call without a result stands where a value is needed")
    return node.type
