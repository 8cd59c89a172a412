"""Register maps from pymodbus's ``SimDevice`` objects, by their public attributes: nothing here imports pymodbus.

One block of registers is shared between the tables: a value stands in the map as a holding register, which clients
write where the original lets them, and as an input register. What has no counterpart becomes a note.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from emulators.description.imported_map import ImportedMap, MapBuilder, identity_texts
from emulators.description.register_map import RegisterTable
from emulators.description.register_types import RegisterType, register_type_named
from emulators.description.source import Findings, file_span
from emulators.signals.tags import TagValue

__all__ = ["map_of_sim_device"]

_SIM_BLOCKS = (
    RegisterTable.COIL,
    RegisterTable.DISCRETE_INPUT,
    RegisterTable.HOLDING_REGISTER,
    RegisterTable.INPUT_REGISTER,
)


def map_of_sim_device(device: Any, name: str, file: str) -> ImportedMap:
    """Read a pymodbus ``SimDevice`` by its public attributes.

    Raises:
        DescriptionError: the object is no ``SimDevice``.
    """
    builder = MapBuilder(file)
    try:
        simdata = device.simdata
        if isinstance(simdata, tuple):
            for table, block in zip(_SIM_BLOCKS, simdata, strict=True):
                _add_block(builder, (table,), block)
        else:
            block = simdata if isinstance(simdata, list) else [simdata]
            _add_block(builder, (RegisterTable.HOLDING_REGISTER, RegisterTable.INPUT_REGISTER), block)
        if getattr(device, "action", None) is not None:
            builder.note("the action function is left out; write a behaviour of kind python")
        theirs = getattr(device, "identity", None)
        identity = identity_texts(lambda text: getattr(theirs, text, None))
        unit_id = int(device.id) or None  # 0 is every unit that has no device of its own
    except (AttributeError, TypeError, ValueError, KeyError) as error:
        findings = Findings()
        findings.add(file_span(file), f"'{name}' is no SimDevice: {error}", "name a SimDevice of the file")
        findings.raise_if_any()
        raise
    return builder.finished(name, unit_id, identity)


def _add_block(builder: MapBuilder, tables: Sequence[RegisterTable], block: Sequence[Any]) -> None:
    for data in block:
        kind_name = str(data.datatype.name).lower()
        if kind_name == "invalid":
            continue
        values = list(data.values) if isinstance(data.values, list) else [data.values]
        address = int(data.address)
        for kind, initial in itertools.chain.from_iterable(
            [_typed_values(kind_name, values, data, tables[0])] * int(data.count)
        ):
            builder.add(tables, address, kind, initial, is_writable=not data.readonly)
            address += kind.quantity


def _typed_values(
    kind_name: str, values: Sequence[Any], data: Any, table: RegisterTable
) -> list[tuple[RegisterType, TagValue]]:
    if table.has_bits:
        return [(_type("bool"), bit) for bit in _bits_of(values)]
    if kind_name == "bits":
        bits = list(_bits_of(values))
        words = [bits[at : at + 16] for at in range(0, len(bits), 16)]
        return [(_type("uint16"), sum(bit << index for index, bit in enumerate(word))) for word in words]
    if kind_name == "registers":
        return [(_type("uint16"), int(value) & 0xFFFF) for value in values]
    if kind_name == "string":
        texts = [str(value).encode(data.string_encoding).decode("latin-1") for value in values]
        return [(_type(f"string[{len(text) + len(text) % 2}]"), text) for text in texts]
    kind = _type(kind_name)
    return [(kind, float(value) if kind.is_float else int(value)) for value in values]


def _bits_of(values: Sequence[Any]) -> Iterator[bool]:
    for value in values:
        if isinstance(value, bool):
            yield value
        else:
            yield from (bool(int(value) >> bit & 1) for bit in range(16))


def _type(name: str) -> RegisterType:
    kind = register_type_named(name)
    if kind is None:
        raise ValueError(f"there is no counterpart of the data type {name}")
    return kind
