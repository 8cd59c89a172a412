"""OPC UA: tags of a cell as nodes of a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulators.opcua.endpoint import OpcUaEndpoint, node_id_text

__all__ = ["OpcUaEndpoint", "node_id_text"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from emulators.opcua import endpoint

        return getattr(endpoint, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
