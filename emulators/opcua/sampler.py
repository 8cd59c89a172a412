"""Tells subscribers about tags that changed: visits only what is monitored, at most twenty times a second."""

from __future__ import annotations

import asyncio
import contextlib

from asyncua import ua
from asyncua.server.address_space import AddressSpace
from asyncua.ua.attribute_ids import AttributeIds

from emulators.opcua.live_tags import LiveTags

__all__ = ["SAMPLING_INTERVAL_S", "Sampler"]

SAMPLING_INTERVAL_S = 0.05


class Sampler:
    """Task on the event loop; compares value and status of each monitored tag with what was told last."""

    def __init__(self, live: LiveTags, address_space: AddressSpace) -> None:
        self._live = live
        self._address_space = address_space
        self._told: dict[ua.NodeId, tuple[object, int]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Sample until ``stop``."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End the task."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self) -> None:
        seen = None
        while True:
            snapshot = self._live.snapshot
            if snapshot is not seen:
                seen = snapshot
                await self._visit()
            await asyncio.sleep(SAMPLING_INTERVAL_S)

    async def _visit(self) -> None:
        for node_id, tag in self._live.tag_of_node.items():
            callbacks = self._address_space[node_id].attributes[AttributeIds.Value].datachange_callbacks
            if not callbacks:
                self._told.pop(node_id, None)
                continue
            value = self._live.data_value(tag)
            status = value.StatusCode.value if value.StatusCode is not None else 0
            now = (value.Value.Value if value.Value is not None else None, status)
            if self._told.get(node_id) == now:
                continue
            self._told[node_id] = now
            for handle, callback in list(callbacks.items()):
                await callback(handle, value)
