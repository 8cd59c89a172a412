"""Where a running cell can be reached: plain data, cheap to import for clients."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["ControlAddress", "EndpointAddress"]


@dataclass(frozen=True, slots=True)
class EndpointAddress:
    """Where an endpoint listens, as written to the ports file."""

    name: str
    protocol: str
    url: str
    controller: str


@dataclass(frozen=True, slots=True)
class ControlAddress:
    """Where a control channel listens and what opens it; the token stays out of texts for people."""

    url: str
    token: str = field(repr=False)
