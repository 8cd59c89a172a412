"""OPC UA: tags of a cell as nodes of a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.exports import lazy_exports

if TYPE_CHECKING:
    from emulators.opcua.endpoint import OpcUaEndpoint, node_id_text
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "endpoint": ("OpcUaEndpoint", "node_id_text"),
        },
    )

__all__ = ["OpcUaEndpoint", "node_id_text"]
