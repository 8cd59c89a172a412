"""Tags as OPC UA variables whose value is read when somebody asks, never written by the scan.

The scan swaps one immutable snapshot in; a Read builds its DataValue from the snapshot of that moment. A client's
Write is judged here (access, type, range) and queued for the latch; the value a client reads back is the one the
control program then has.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from asyncua import ua
from asyncua.server.address_space import AddressSpace, AttributeService, NodeData
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.status_codes import StatusCodes

from emulators.signals.publication import (
    ClientWrite,
    Publication,
    PublishedSnapshot,
    PublishedTag,
    RefusalReason,
    WriteRefusal,
)
from emulators.signals.tags import TagValue

if TYPE_CHECKING:
    from asyncua.crypto.permission_rules import User

__all__ = ["VARIANT_TYPES", "LiveAttributeService", "LiveTags"]

VARIANT_TYPES = MappingProxyType(
    {
        "bool": ua.VariantType.Boolean,
        "i8": ua.VariantType.SByte,
        "i16": ua.VariantType.Int16,
        "i32": ua.VariantType.Int32,
        "i64": ua.VariantType.Int64,
        "u8": ua.VariantType.Byte,
        "u16": ua.VariantType.UInt16,
        "u32": ua.VariantType.UInt32,
        "u64": ua.VariantType.UInt64,
        "f32": ua.VariantType.Float,
        "f64": ua.VariantType.Double,
    }
)
"""Machine type → built-in type, as OPC 30000 table 27 maps the IEC elementary types."""

_REFUSALS = MappingProxyType(
    {
        RefusalReason.NOT_WRITABLE: StatusCodes.BadNotWritable,
        RefusalReason.WRONG_TYPE: StatusCodes.BadTypeMismatch,
        RefusalReason.NOT_FINITE: StatusCodes.BadOutOfRange,
        RefusalReason.OUT_OF_RANGE: StatusCodes.BadOutOfRange,
    }
)


def _status(code: int) -> ua.StatusCode:
    return ua.StatusCode(ua.UInt32(code))


def _date_time(moment: datetime) -> ua.DateTime:
    return ua.DateTime.fromtimestamp(moment.timestamp(), UTC)


class LiveTags:
    """Values of an endpoint's tags; ``publish`` and ``take_writes`` come from the scan's thread.

    ``epoch`` is the wall time of plant time 0: source timestamps are ``epoch`` plus plant time.
    """

    def __init__(self, publication: Publication, epoch: datetime | None = None) -> None:
        self.publication = publication
        self._epoch = epoch if epoch is not None else datetime.now(UTC)
        self._snapshot: PublishedSnapshot | None = None
        self._writes: list[ClientWrite] = []
        self._lock = threading.Lock()
        self._tag_of_node: dict[ua.NodeId, PublishedTag] = {}

    @property
    def tag_of_node(self) -> Mapping[ua.NodeId, PublishedTag]:
        """Variable nodes that are tags."""
        return self._tag_of_node

    def bind(self, node_id: ua.NodeId, node: NodeData, tag: PublishedTag) -> None:
        """Make a variable node show a tag from now on."""
        self._tag_of_node[node_id] = tag
        attribute = node.attributes[AttributeIds.Value]
        attribute.value = None
        attribute.value_callback = lambda _node_id, _attribute: self.data_value(tag)

    def publish(self, snapshot: PublishedSnapshot) -> None:
        """Show a snapshot from now on: one swap of a reference."""
        self._snapshot = snapshot

    @property
    def snapshot(self) -> PublishedSnapshot | None:
        """What is shown now."""
        return self._snapshot

    def take_writes(self) -> Sequence[ClientWrite]:
        """Return the writes accepted since the last call, oldest first."""
        with self._lock:
            taken, self._writes = self._writes, []
        return taken

    def data_value(self, tag: PublishedTag) -> ua.DataValue:
        """Return value, status and source timestamp of a tag in the present snapshot."""
        snapshot = self._snapshot
        if snapshot is None:
            return ua.DataValue(StatusCode=_status(StatusCodes.BadWaitingForInitialData))
        value = snapshot.value(self.publication, tag.name)
        status = snapshot.status.get(tag.name)
        return ua.DataValue(
            ua.Variant(value, VARIANT_TYPES[tag.native_label]),
            _status(int(status) if status is not None else StatusCodes.Good),
            SourceTimestamp=_date_time(self._epoch + timedelta(microseconds=snapshot.time_ns // 1000)),
            ServerTimestamp=_date_time(datetime.now(UTC)),
        )

    def write(self, tag: PublishedTag, written: ua.WriteValue) -> ua.StatusCode:
        """Judge and queue one write; return what the client is told."""
        if written.AttributeId != AttributeIds.Value:
            return _status(StatusCodes.BadNotWritable)
        if not tag.is_writable:
            return _status(StatusCodes.BadNotWritable)
        if written.IndexRange:
            return _status(StatusCodes.BadIndexRangeNoData)
        value = written.Value
        if value.StatusCode is not None and not value.StatusCode.is_good():
            return _status(StatusCodes.BadWriteNotSupported)
        if value.SourceTimestamp is not None or value.ServerTimestamp is not None:
            return _status(StatusCodes.BadWriteNotSupported)
        variant = value.Value
        if variant is None or variant.VariantType != VARIANT_TYPES[tag.native_label] or variant.is_array:
            return _status(StatusCodes.BadTypeMismatch)
        try:
            accepted: TagValue = tag.accept(variant.Value)
        except WriteRefusal as refusal:
            return _status(_REFUSALS[refusal.reason])
        with self._lock:
            self._writes.append(ClientWrite(tag.name, accepted))
        return _status(StatusCodes.Good)


class LiveAttributeService(AttributeService):
    """Attribute services that pass writes to tags on to ``LiveTags`` and leave the rest as it is."""

    def __init__(self, address_space: AddressSpace, live: LiveTags) -> None:
        super().__init__(address_space)
        self._live = live
        self._nodes = address_space

    async def write(self, params: ua.WriteParameters, user: User | None = None) -> list[ua.StatusCode]:
        results: list[ua.StatusCode] = []
        for written in params.NodesToWrite:
            tag = self._live.tag_of_node.get(written.NodeId)
            if tag is not None:
                results.append(self._live.write(tag, written))
                continue
            if written.NodeId not in self._nodes:
                results.append(_status(StatusCodes.BadNodeIdUnknown))
                continue
            single = dataclasses.replace(params, NodesToWrite=[written])
            results += await (super().write(single) if user is None else super().write(single, user))
        return results
