"""A Modbus device by the tags of its register map: engineering values, read in few requests, written safely."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType

from emulators.description import RegisterAccess, RegisterEntry, RegisterMapDescription
from emulators.errors import LinkError, did_you_mean
from emulators.modbus.codec import EntryCodec
from emulators.modbus.codes import ExceptionCode
from emulators.modbus.scan_groups import ScanGroup, ScanLimits, plan_scan_groups
from emulators.signals.tags import TagValue
from hil.targets.modbus_client import ModbusClient
from hil.targets.modbus_errors import ExceptionAnswerError
from hil.targets.modbus_scale_factors import factor_tags, with_factor
from hil.targets.modbus_url import ModbusUrl
from hil.targets.modbus_written_number import refusal_of_number

__all__ = ["ModbusLink", "read_modbus", "usual_limits"]

_SERIAL_MAX_GAP = 10  # two characters a register against about twenty for a request of its own


class ModbusLink:
    """Context manager around one device and its map.

    Writes go to this machine (loopback, ptys) and to ``allowed_hosts``: host names or serial ports as in the address.
    """

    def __init__(
        self,
        url: ModbusUrl | str,
        register_map: RegisterMapDescription,
        *,
        allowed_hosts: Collection[str] = (),
        timeout_s: float = 3.0,
        requests_per_s: float | None = None,
        limits: ScanLimits | None = None,
    ) -> None:
        """Prepare; nothing is sent.

        Raises:
            LinkError: the address is malformed.
        """
        self.url = _parsed(url) if isinstance(url, str) else url
        self.register_map = register_map
        self.client = ModbusClient(
            self.url, timeout_s=timeout_s, requests_per_s=requests_per_s, allowed_hosts=allowed_hosts
        )
        self._readable = _first_by_tag(entry for entry in register_map.entries if entry.is_readable)
        self._writable = _first_by_tag(entry for entry in register_map.entries if entry.is_writable)
        self._limits = limits or usual_limits(self.url, register_map)

    def __enter__(self) -> ModbusLink:
        """Connect; raises LinkError."""
        self.client.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def read(self, tags: Iterable[str] | None = None) -> dict[str, TagValue]:
        """Return engineering values in the order asked; without ``tags`` everything that can be read.

        Raises:
            LinkError: a tag is not in the map or write-only, the device refuses or is silent.
        """
        entries = self._chosen(tags)
        scaled, others = self._scaled(entries)
        values = {tag: _given(value) for tag, value in others.items()}
        for group in self._groups(scaled):
            values.update(self._decoded(group, self._read(group)))
        return {entry.tag: values[entry.tag] for entry in entries}

    def read_each(self, tags: Iterable[str] | None = None) -> dict[str, TagValue | LinkError]:
        """Return the same, with the device's refusal in place of each value that it does not give.

        Where a group is refused, its entries are asked for one by one. Raises LinkError when the device is silent.
        """
        entries = self._chosen(tags)
        scaled, values = self._scaled(entries)
        for group in self._groups(scaled):
            values.update(self._read_apart(group))
        return {entry.tag: values[entry.tag] for entry in entries}

    def write(self, tag: str, value: TagValue) -> None:
        """Write one engineering value; a text names a value of an enumeration.

        Raises:
            SafetyRefusal: the device is neither on this machine nor in ``allowed_hosts``.
            LinkError: the map does not allow the tag or the value, or the device refuses or is silent.
        """
        self.check_write(tag, value)
        scaled, others = self._scaled([self._writable[tag]])
        if others:
            _given(others[tag])
            raise self._refused(self._writable[tag], "the device has no scale factor for it")
        (entry,) = scaled
        accepted = self._accepted(entry, value)
        if entry.table.has_bits:
            self.client.write_coil(entry.address, is_on=bool(accepted))
        elif entry.type.is_bit or entry.type.is_field:
            self._write_bits(entry, accepted)
        else:
            self.client.write_registers(entry.address, EntryCodec(entry).encode(accepted))

    def check_write(self, tag: str, value: TagValue, *, is_sent: bool = True) -> TagValue:
        """Return the value that :meth:`write` would send; sends nothing and raises as it does.

        With ``is_sent`` false it asks the map only, not who may be written to.
        """
        entry = self._writable.get(tag) or self.entry(tag)
        if is_sent:
            self.client.require_writable()
        return self._accepted(entry, value)

    def entry(self, tag: str) -> RegisterEntry:
        """Return the place where a tag is read, or written if it is write-only; raises LinkError."""
        found = self._readable.get(tag) or self._writable.get(tag)
        if found is None:
            hint = did_you_mean(tag, {**self._readable, **self._writable}) or "'hil map' lists them"
            raise LinkError(f"{self.url.name}: map {self.register_map.name} has no register for '{tag}'; {hint}")
        return found

    def _chosen(self, tags: Iterable[str] | None) -> list[RegisterEntry]:
        if tags is None:
            return list(self._readable.values())
        entries = [self.entry(tag) for tag in tags]
        for entry in entries:
            if not entry.is_readable:
                raise LinkError(f"{self.url.name}: {entry.tag} is write-only, see {entry.span.file}:{entry.span.line}")
        return entries

    def _scaled(self, entries: Sequence[RegisterEntry]) -> tuple[list[RegisterEntry], dict[str, TagValue | LinkError]]:
        """Return the entries as the device scales them now, and by tag what others are: NaN where it has no factor."""
        tags = factor_tags(entries)
        factors = self.read_each(tags) if tags else {}
        scaled: list[RegisterEntry] = []
        others: dict[str, TagValue | LinkError] = {}
        for entry in entries:
            factor = None if entry.scale_factor is None else factors[entry.scale_factor.value]
            if factor is None:
                scaled.append(entry)
            elif factor != factor:
                others[entry.tag] = math.nan
            else:
                try:
                    scaled.append(with_factor(entry, factor))
                except LinkError as error:
                    others[entry.tag] = error
        return scaled, others

    def _groups(self, entries: Sequence[RegisterEntry]) -> tuple[ScanGroup, ...]:
        return plan_scan_groups(entries, self.register_map, self._limits)

    def _read(self, group: ScanGroup) -> bytes:
        return self.client.read(group.table, group.address, group.count)

    def _read_apart(self, group: ScanGroup) -> Mapping[str, TagValue | LinkError]:
        try:
            return self._decoded(group, self._read(group))
        except ExceptionAnswerError as error:
            if len(group.entries) == 1:
                return {group.entries[0].tag: error}
        except _UndecodableError as error:
            if len(group.entries) == 1:
                return {group.entries[0].tag: error}
        values: dict[str, TagValue | LinkError] = {}
        for entry in group.entries:
            values.update(self._read_apart(ScanGroup(group.table, entry.address, entry.quantity, (entry,))))
        return values

    def _decoded(self, group: ScanGroup, cells: bytes) -> dict[str, TagValue]:
        values: dict[str, TagValue] = {}
        for entry in group.entries:
            offset = entry.address - group.address
            if entry.table.has_bits:
                values[entry.tag] = bool(cells[offset])
                continue
            try:
                values[entry.tag] = EntryCodec(entry).decode(cells[2 * offset : 2 * (offset + entry.quantity)])
            except ValueError as error:
                raise _UndecodableError(f"{self.url.name}: {error}") from error
        return values

    def _write_bits(self, entry: RegisterEntry, value: TagValue) -> None:
        """Change some bits of a register: in the device where it can, else read, change, write."""
        codec = EntryCodec(entry)
        mask = int.from_bytes(codec.on_wire(codec.field_mask.to_bytes(2, "big")), "big")
        bits = int.from_bytes(codec.encode(value), "big")
        try:
            self.client.mask_register(entry.address, kept=~mask & 0xFFFF, added=bits)
        except ExceptionAnswerError as error:
            if error.code != ExceptionCode.ILLEGAL_FUNCTION:
                raise
            present = int.from_bytes(self.client.read(entry.table, entry.address, 1), "big")
            self.client.write_registers(entry.address, (present & ~mask & 0xFFFF | bits).to_bytes(2, "big"))

    def _accepted(self, entry: RegisterEntry, value: TagValue) -> TagValue:
        if entry.access is RegisterAccess.READ:
            raise self._refused(entry, 'the map says access = "r"')
        if entry.type.is_string:
            return self._accepted_text(entry, value)
        value = self._unnamed(entry, value)
        if entry.type.is_bit:
            if value not in (0, 1):
                raise self._refused(entry, f"{value!r} is neither true nor false")
            return bool(value)
        return self._accepted_number(entry, float(value) if isinstance(value, bool) else value)

    def _accepted_text(self, entry: RegisterEntry, value: TagValue) -> str:
        text = value if isinstance(value, str) else str(value)
        try:
            EntryCodec(entry).encode(text)
        except ValueError as error:
            raise self._refused(entry, f"the text does not fit {entry.type.name} (ISO 8859-1)") from error
        return text

    def _unnamed(self, entry: RegisterEntry, value: TagValue) -> bool | int | float:
        if not isinstance(value, str):
            return value
        numbers = {name: number for number, name in entry.names}
        if value not in numbers:
            hint = did_you_mean(value, numbers) or (
                f"write one of {', '.join(numbers)}" if numbers else "write a number"
            )
            raise self._refused(entry, f"'{value}' is no value of it; {hint}")
        return numbers[value]

    def _accepted_number(self, entry: RegisterEntry, value: int | float) -> int | float:
        refusal = refusal_of_number(entry, value)
        if refusal:
            raise self._refused(entry, refusal)
        return value

    def _refused(self, entry: RegisterEntry, reason: str) -> LinkError:
        where = f", see {entry.span.file}:{entry.span.line}" if self.register_map.file else ""
        return LinkError(f"{self.url.name}: {entry.tag} was not written: {reason}{where}")


def _given(value: TagValue | LinkError) -> TagValue:
    """Return a value, raise a refusal."""
    if isinstance(value, LinkError):
        raise value
    return value


class _UndecodableError(LinkError):
    """The bytes mean nothing in the entry's type."""


def usual_limits(url: ModbusUrl, register_map: RegisterMapDescription) -> ScanLimits:
    """Return the limits of a request that suit device and transport: the map's, with small gaps on a slow line."""
    limits = ScanLimits.of_device(register_map.requests)
    return replace(limits, max_gap=_SERIAL_MAX_GAP) if url.is_serial else limits


def read_modbus(
    url: str, register_map: RegisterMapDescription, tags: Sequence[str], *, timeout_s: float = 3.0
) -> dict[str, TagValue]:
    """Return engineering values of tags, in the order asked, in as few requests as the map allows.

    Raises:
        LinkError: the server cannot be reached, answers with an exception, or the map lacks a tag.
    """
    with ModbusLink(url, register_map, timeout_s=timeout_s) as link:
        return link.read(tags)


def _first_by_tag(entries: Iterable[RegisterEntry]) -> dict[str, RegisterEntry]:
    found: dict[str, RegisterEntry] = {}
    for entry in entries:
        found.setdefault(entry.tag, entry)
    return found


def _parsed(text: str) -> ModbusUrl:
    try:
        return ModbusUrl.parse(text)
    except ValueError as error:
        raise LinkError(str(error)) from error
