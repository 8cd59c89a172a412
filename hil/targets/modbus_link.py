"""Reading tags from a Modbus server by its register map. The one door to pymodbus."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from emulators.description import RegisterEntry, RegisterMapDescription, RegisterTable
from emulators.errors import LinkError
from emulators.modbus.binding import BoundEntry
from emulators.signals.publication import PublishedTag
from emulators.signals.tags import TagValue

__all__ = ["read_modbus"]


def read_modbus(
    url: str, register_map: RegisterMapDescription, tags: Sequence[str], *, timeout_s: float = 3.0
) -> dict[str, TagValue]:
    """Return engineering values of tags, one request a tag, in the order asked.

    ``url`` is ``modbus-tcp://host:port/unit``.

    Raises:
        LinkError: the server cannot be reached, answers with an exception, or the map lacks a tag.
    """
    address = urlsplit(url)
    unit_id = int(address.path.strip("/") or 1)
    entries = {entry.tag: entry for entry in register_map.entries}
    missing = [tag for tag in tags if tag not in entries]
    if missing:
        raise LinkError(f"modbus {url}: map {register_map.name} has no register for {', '.join(missing)}")
    client = ModbusTcpClient(address.hostname or "127.0.0.1", port=address.port or 502, timeout=timeout_s)
    try:
        if not client.connect():  # type: ignore[no-untyped-call]  # pymodbus leaves it unannotated
            raise LinkError(f"modbus {url}: no connection; is the server running?")
        return {tag: _read(client, url, entries[tag], unit_id) for tag in tags}
    except ModbusException as error:
        raise LinkError(f"modbus {url}: {error}") from error
    finally:
        client.close()  # type: ignore[no-untyped-call]  # pymodbus leaves it unannotated


def _read(client: ModbusTcpClient, url: str, entry: RegisterEntry, unit_id: int) -> TagValue:
    read = {
        RegisterTable.COIL: client.read_coils,
        RegisterTable.DISCRETE_INPUT: client.read_discrete_inputs,
        RegisterTable.INPUT_REGISTER: client.read_input_registers,
        RegisterTable.HOLDING_REGISTER: client.read_holding_registers,
    }[entry.table]
    answer: ModbusPDU = read(entry.address, count=entry.quantity, device_id=unit_id)
    if answer.isError():
        raise LinkError(f"modbus {url} unit {unit_id}: read of {entry.tag} at {entry.reference} answered {answer}")
    if entry.table.has_bits:
        return bool(answer.bits[0])
    wire = b"".join(register.to_bytes(2, "big") for register in answer.registers)
    if entry.type.is_bit:
        return bool(int.from_bytes(wire, "big") >> (entry.bit or 0) & 1)
    tag = PublishedTag(entry.tag, entry.type.native_label or "i16")
    return BoundEntry(entry, tag, 0).decode(wire)
