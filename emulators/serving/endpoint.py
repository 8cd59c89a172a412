"""What every endpoint offers, whatever protocol it speaks, and the host that keeps several of them together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from emulators.serving.addresses import EndpointAddress
from emulators.serving.loop_thread import DEADLINE_S, EventLoopThread
from emulators.signals.publication import ClientWrite, PublishedSnapshot

__all__ = ["Endpoint", "EndpointHost"]


class Endpoint(Protocol):
    """Server that shows a cell's tags. ``start``, ``restart`` and ``stop`` run on the event loop, the rest on the
    scan's thread.

    ``publish`` and ``take_writes`` neither block nor wait for the event loop: a slow client must not slow the scan.
    """

    @property
    def name(self) -> str:
        """Name in the rig file."""
        ...

    @property
    def protocol(self) -> str:
        """``modbus-tcp``, ``opcua``, …"""
        ...

    @property
    def url(self) -> str:
        """Where clients find it; complete once it is started."""
        ...

    @property
    def controller(self) -> str:
        """Controller whose wire it is."""
        ...

    async def start(self) -> None:
        """Listen; returns once clients can connect. Raises LinkError where that is not possible."""
        ...

    async def restart(self, seed: int) -> None:
        """Be as at the beginning of a run with this seed, at the same place: what clients have done is forgotten."""
        ...

    async def stop(self) -> None:
        """Close every connection and stop listening. Does nothing when it is not started."""
        ...

    def publish(self, snapshot: PublishedSnapshot) -> None:
        """Show a snapshot from now on."""
        ...

    def take_writes(self, tick: int) -> Sequence[ClientWrite]:
        """Return the accepted writes since the last call, oldest first; they act in step ``tick``."""
        ...


class EndpointHost:
    """Endpoints of one cell on one event-loop thread: all of them start, or none."""

    def __init__(self, thread: EventLoopThread, endpoints: Sequence[Endpoint]) -> None:
        self._thread = thread
        self._endpoints = tuple(endpoints)

    @property
    def addresses(self) -> tuple[EndpointAddress, ...]:
        """Where the endpoints listen; complete after ``start``."""
        return tuple(EndpointAddress(each.name, each.protocol, each.url, each.controller) for each in self._endpoints)

    def start(self, *, deadline_s: float = DEADLINE_S) -> None:
        """Start every endpoint; when one fails, stop the others and raise its error.

        Raises:
            LinkError: an endpoint cannot listen, or not all of them do by the deadline.
        """
        try:
            self._thread.run(self._start_all(), deadline_s=deadline_s)
        except BaseException:
            self.stop()
            raise

    def stop(self, *, deadline_s: float = DEADLINE_S) -> None:
        """Stop every endpoint, also when one of them fails; raise the first failure."""
        self._thread.run(self._stop_all(), deadline_s=deadline_s)

    def restart(self, seed: int) -> None:
        """Let every endpoint be as at the beginning of a run with this seed; time stands meanwhile."""
        self._thread.run(self._restart_all(seed))

    def publish(self, snapshot: PublishedSnapshot) -> None:
        """Show a snapshot at every endpoint."""
        for endpoint in self._endpoints:
            endpoint.publish(snapshot)

    def take_writes(self, tick: int) -> list[ClientWrite]:
        """Return the accepted writes of all endpoints, in the order of the endpoints."""
        return [write for endpoint in self._endpoints for write in endpoint.take_writes(tick)]

    async def _start_all(self) -> None:
        for endpoint in self._endpoints:
            await endpoint.start()

    async def _restart_all(self, seed: int) -> None:
        for endpoint in self._endpoints:
            await endpoint.restart(seed)

    async def _stop_all(self) -> None:
        outcomes = await asyncio.gather(*(endpoint.stop() for endpoint in self._endpoints), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
