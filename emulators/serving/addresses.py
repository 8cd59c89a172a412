"""Where a running cell can be reached: plain data, cheap to import for clients."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

__all__ = ["ControlAddress", "EndpointAddress"]


@dataclass(frozen=True, slots=True)
class EndpointAddress:
    """Where an endpoint listens, as written to the ports file; a serial line has no host and port 0."""

    name: str
    protocol: str
    url: str
    controller: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0


@dataclass(frozen=True, slots=True)
class ControlAddress:
    """Where a control channel listens and what opens it; the token stays out of texts for people."""

    url: str
    token: str = field(repr=False)
