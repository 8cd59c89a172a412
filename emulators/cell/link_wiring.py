"""Which registers a link scans: those that its controller's inputs take and its outputs drive.

A register lies in the cell as a value under way: the input wire of the controller starts there, its output drive ends
there, and the link moves it to and from the device between communication steps.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from emulators.cell.transports import is_timed
from emulators.component import members_of
from emulators.description import ConnectionEntry, RegisterEntry
from emulators.description.rig import LineEntry, LinkEntry
from emulators.description.source import Findings
from emulators.devices.links import LINK_VALUES, LineStatus, LinkStatus
from emulators.errors import did_you_mean
from emulators.native.ir import Scalar
from emulators.plant import InstanceDescription

__all__ = ["LINE_STATUS_NAMES", "STATUS_NAMES", "LineWiring", "LinkWiring", "LinkedRegister", "value_type"]

LINE_STATUS_NAMES = tuple(members_of(LineStatus))
STATUS_NAMES = tuple(members_of(LinkStatus))
_SCALARS = {bool: Scalar.BOOL, int: Scalar.I64, float: Scalar.F64}


def value_type(entry: RegisterEntry) -> type[bool] | type[int] | type[float]:
    """Return bool, int or float: what a register is in engineering values."""
    if entry.table.has_bits or entry.type.is_bit:
        return bool
    return float if entry.is_float else int


@dataclass(frozen=True, slots=True)
class LinkedRegister:
    """Register ``entry`` as ``name`` (``VFD.SPEED``); its value under way lies in ``instance``."""

    name: str
    entry: RegisterEntry
    is_written: bool
    instance: InstanceDescription

    @property
    def slot(self) -> str:
        """Name of the slot of the value under way."""
        return f"{self.instance.name}.value"

    @property
    def scalar(self) -> Scalar:
        return _SCALARS[value_type(self.entry)]


@dataclass(slots=True)
class LinkWiring:
    """One link and the registers that are wired so far, by name."""

    entry: LinkEntry
    registers: dict[str, LinkedRegister] = field(default_factory=dict)

    @property
    def status_instance(self) -> InstanceDescription:
        return InstanceDescription(self.entry.name, LinkStatus, {}, self.entry.span)

    def plan(self, connection: ConnectionEntry, *, is_written: bool, findings: Findings) -> Scalar | None:
        """Return the type at the link's end of a connection; None for a mistake, which is reported."""
        near, far = (connection.source, connection.target) if is_written else (connection.target, connection.source)
        controller, tag = near.value.partition(".")[0], far.value.partition(".")[2]
        ends = f"{connection.source.value} -> {connection.target.value}"
        if self.entry.controller.value not in ("", controller):
            message = f"{ends}: link {self.entry.name} belongs to {self.entry.controller.value}"
            findings.add(far.span, message, f"give {controller} a link of its own")
            return None
        if is_timed(connection):
            findings.add(far.span, f"{ends}: a link has its own timing", "drop period, delay and jitter")
            return None
        if not is_written and tag in STATUS_NAMES:
            return members_of(LinkStatus)[tag].scalar
        if not is_written and self.entry.is_broadcast:
            message = f"{ends}: {self.entry.name} is a broadcast, which nobody answers"
            findings.add(far.span, message, "read from a link to one unit")
            return None
        entry = self._entry(tag, is_written=is_written)
        if entry is None and not self._is_whole:
            return None  # it may be among what has been reported
        if entry is None:
            findings.add(far.span, f"{ends}: {self._missing(tag, is_written=is_written)}", self._hint(tag, is_written))
            return None
        known = self.registers.get(far.value)
        if known is not None and known.is_written is not is_written:
            findings.add(far.span, f"{ends}: {far.value} is read and written", "keep one of the two")
            return None
        instance = InstanceDescription(self._holder(entry), LINK_VALUES[value_type(entry)], {}, far.span)
        register = self.registers.setdefault(far.value, LinkedRegister(far.value, entry, is_written, instance))
        return register.scalar

    @property
    def _is_whole(self) -> bool:
        return self.entry.register_map is not None and self.entry.register_map.is_whole

    def _holder(self, entry: RegisterEntry) -> str:
        bit = "" if entry.bit is None else f".{entry.bit}"
        return f"link:{self.entry.name}:{entry.table.value}{entry.address}{bit}"

    def _entry(self, tag: str, *, is_written: bool) -> RegisterEntry | None:
        return next((each for each in self._offered(is_written) if each.tag == tag), None)

    def _offered(self, is_written: bool) -> list[RegisterEntry]:
        entries = self.entry.register_map.entries if self.entry.register_map is not None else ()
        fitting = [each for each in entries if not each.type.is_string]
        return [each for each in fitting if (each.is_writable if is_written else each.is_readable)]

    def _missing(self, tag: str, *, is_written: bool) -> str:
        return f"the map of link {self.entry.name} has no register '{tag}' to {'write' if is_written else 'read'}"

    def _hint(self, tag: str, is_written: bool) -> str:
        names = [each.tag for each in self._offered(is_written)]
        known = names if is_written else [*names, *STATUS_NAMES]
        return did_you_mean(tag, known) or f"it has {', '.join(dict.fromkeys(known)) or 'none'}"


@dataclass(frozen=True, slots=True)
class LineWiring:
    """A line that links share: controllers see how it is doing."""

    entry: LineEntry

    @property
    def status_instance(self) -> InstanceDescription:
        return InstanceDescription(self.entry.name, LineStatus, {}, self.entry.span)

    def plan(self, connection: ConnectionEntry, *, is_written: bool, findings: Findings) -> Scalar | None:
        """Return the type at the line's end of a connection; None for a mistake, which is reported."""
        far = connection.target if is_written else connection.source
        ends = f"{connection.source.value} -> {connection.target.value}"
        line, tag = self.entry.name, far.value.partition(".")[2]
        if is_written:
            findings.add(
                far.span, f"{ends}: nothing of line {line} can be driven", "drive a register of one of its links"
            )
            return None
        if is_timed(connection):
            findings.add(far.span, f"{ends}: a line has its own timing", "drop period, delay and jitter")
            return None
        if tag not in LINE_STATUS_NAMES:
            hint = did_you_mean(tag, LINE_STATUS_NAMES) or f"it has {', '.join(LINE_STATUS_NAMES)}"
            findings.add(far.span, f"{ends}: line {line} has no '{tag}'", hint)
            return None
        return members_of(LineStatus)[tag].scalar
