"""The catalogue of variables: every elementary variable with its path, type, place and comment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, product

from emulators.iec61131.compiled import VariableDescription
from emulators.iec61131.lowering.located import element_address
from emulators.iec61131.lowering.machine_types import is_located, scalar_of, takes_space
from emulators.iec61131.lowering.module_builder import IMAGE_FIELDS
from emulators.iec61131.lowering.placed import PlacedProgram
from emulators.iec61131.project import Project
from emulators.iec61131.types import (
    Address,
    ArrayInitial,
    ArrayType,
    EnumerationType,
    FunctionBlockType,
    IecType,
    Initial,
    StringType,
    StructureInitial,
    StructureType,
    Variable,
    type_name,
)
from emulators.native.ir import Scalar

__all__ = ["MOST_ELEMENTS", "describe_variables"]

MOST_ELEMENTS = 4096
"""Arrays with more elements are not in the catalogue element by element."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a variable stands for the user and in memory, and what it inherits from the variable around it."""

    path: str
    layout_path: str
    variable: Variable
    address: Address | None = None
    is_retain: bool = False


def describe_variables(project: Project, programs: tuple[PlacedProgram, ...]) -> tuple[VariableDescription, ...]:
    """Return the variables of the whole program: globals first, then program instances in order."""
    found: list[VariableDescription] = []
    for variable in project.globals:
        found += _variable(variable, variable.name, f"globals.{variable.name}", is_retain=False)
    for placed in programs:
        for variable in placed.instance.program.variables:
            if takes_space(variable) or is_located(variable):
                path, layout = f"{placed.instance.name}.{variable.name}", f"{placed.field}.{variable.name}"
                found += _variable(variable, path, layout, is_retain=placed.instance.is_retain)
    return tuple(_with_placements(found, project))


def _with_placements(found: list[VariableDescription], project: Project) -> Iterator[VariableDescription]:
    """Let variables that VAR_CONFIG locates be read and written in their image."""
    addresses = {".".join(p.path).upper(): p.address for p in project.placements if p.address is not None}
    for description in found:
        address = addresses.get(description.path.upper())
        if address is None:
            yield description
        else:
            yield replace(
                description,
                layout_path=_image_path(address),
                bit=address.bit,
                location=address.text,
                area=address.area.value,
            )


def _variable(variable: Variable, path: str, layout_path: str, *, is_retain: bool) -> Iterator[VariableDescription]:
    place = _Place(path, layout_path, variable, variable.address, is_retain or variable.is_retain)
    yield from _of_type(variable.type, variable.initial, place)


def _of_type(iec_type: IecType, initial: Initial, place: _Place) -> Iterator[VariableDescription]:
    match iec_type:
        case ArrayType():
            yield from _elements(iec_type, initial, place)
        case StructureType():
            assert isinstance(initial, StructureInitial)
            values = {name.upper(): value for name, value in initial.values}
            for member in iec_type.fields:
                inner = _Place(
                    f"{place.path}.{member.name}",
                    f"{place.layout_path}.{member.name}",
                    place.variable,
                    None,
                    place.is_retain,
                )
                yield from _of_type(member.type, values.get(member.name.upper(), member.initial), inner)
        case FunctionBlockType():
            assert isinstance(initial, StructureInitial)
            values = {name.upper(): value for name, value in initial.values}
            for variable in iec_type.variables:
                if takes_space(variable):
                    path, layout = f"{place.path}.{variable.name}", f"{place.layout_path}.{variable.name}"
                    inner = _Place(path, layout, variable, None, place.is_retain or variable.is_retain)
                    yield from _of_type(variable.type, values.get(variable.name.upper(), variable.initial), inner)
        case _:
            assert not isinstance(initial, ArrayInitial | StructureInitial)
            yield _leaf(iec_type, initial, place)


def _elements(array: ArrayType, initial: Initial, place: _Place) -> Iterator[VariableDescription]:
    assert isinstance(initial, ArrayInitial)
    if array.length > MOST_ELEMENTS:
        return
    values = (value for count, value in initial.parts for _ in range(count))
    ranges = [range(low, high + 1) for low, high in array.bounds]
    for position, (indices, value) in enumerate(zip(product(*ranges), islice(values, array.length), strict=True)):
        written = ",".join(str(index) for index in indices)
        stored = "".join(f"[{index - low}]" for index, (low, _) in zip(indices, array.bounds, strict=True))
        address = element_address(place.address, position) if place.address is not None else None
        inner = _Place(
            f"{place.path}[{written}]", f"{place.layout_path}{stored}", place.variable, address, place.is_retain
        )
        yield from _of_type(array.element, value, inner)


def _image_path(address: Address) -> str:
    return f"{IMAGE_FIELDS[address.area]}[{address.byte_offset}]"


def _leaf(iec_type: IecType, initial: bool | int | float | str, place: _Place) -> VariableDescription:
    variable, layout_path = place.variable, place.layout_path
    is_text = isinstance(iec_type, StringType)
    if isinstance(iec_type, StringType):
        native = Scalar.U16 if iec_type.is_wide else Scalar.U8
    else:
        native = scalar_of(iec_type)
    address = place.address
    if address is not None and not is_text:
        layout_path = _image_path(address)
    enumerators: tuple[tuple[int, str], ...] = ()
    if isinstance(iec_type, EnumerationType):
        enumerators = tuple((value.value, value.name) for value in iec_type.values)
    return VariableDescription(
        path=place.path,
        iec_type=type_name(iec_type),
        native=native,
        layout_path=layout_path,
        span=variable.span,
        bit=address.bit if address is not None else None,
        location=address.text if address is not None else None,
        area=address.area.value if address is not None else None,
        is_retain=place.is_retain,
        is_constant=variable.is_constant,
        initial=initial,
        enumerators=enumerators,
        description=variable.description,
        string_length=iec_type.length if isinstance(iec_type, StringType) else None,
        section=variable.section.value,
    )
