"""Reading tags from an OPC UA server. The one door to asyncua on this side."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from asyncua.client.client import Client
from asyncua.ua.uaerrors import UaError

from emulators.errors import LinkError
from emulators.opcua import node_id_text
from emulators.signals.tags import TagValue

__all__ = ["read_opcua"]


def read_opcua(url: str, tags: Sequence[str], *, timeout_s: float = 5.0) -> dict[str, TagValue]:
    """Return the values of tags, read in one request.

    Raises:
        LinkError: the server cannot be reached, or a value is bad.
    """
    return asyncio.run(_read(url, tuple(tags), timeout_s))


async def _read(url: str, tags: tuple[str, ...], timeout_s: float) -> dict[str, TagValue]:
    try:
        async with Client(url, timeout=timeout_s) as client:
            values = await client.read_values([client.get_node(node_id_text(tag)) for tag in tags])
    except (OSError, TimeoutError, UaError) as error:
        raise LinkError(f"opcua {url}: {type(error).__name__}: {error}") from error
    return dict(zip(tags, values, strict=True))
