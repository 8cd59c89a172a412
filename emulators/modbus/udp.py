"""Modbus over UDP: a datagram holds one or several frames, the answers go back to where it came from.

What a datagram begins and does not end is dropped; frames of a wire that fails leave in a datagram each. Answers to
several clients never mix: each has its own framing.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import cast

from emulators.modbus.faults.interface import ConnectionFaults, EndpointFaults
from emulators.modbus.mbap import MBAP_WIRE, MbapConnection, UnitDirectory
from emulators.timebase import NS_PER_S

__all__ = ["ModbusUdpServer"]

_MAX_PEERS = 1024  # those heard of longest ago are forgotten, with answers that still wait

PeerAddress = tuple[str, int]


class ModbusUdpServer:
    """Serves a directory of units on one UDP address; ``start`` and ``stop`` run on the event loop."""

    def __init__(
        self,
        directory: UnitDirectory,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        make: Callable[[UnitDirectory, ConnectionFaults | None], MbapConnection] = MbapConnection,
        faults: EndpointFaults | None = None,
    ) -> None:
        self.directory = directory
        self.faults = faults
        self._make = make
        self._address = (host, port)
        self._transport: asyncio.DatagramTransport | None = None
        self._datagrams: _Datagrams | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port where it listens; the port is known after ``start``."""
        return self._address

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the address cannot be bound.
        """
        loop = asyncio.get_running_loop()
        transport, self._datagrams = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self, loop), local_addr=self._address
        )
        self._transport = transport
        self._address = (self._address[0], transport.get_extra_info("sockname")[1])

    async def stop(self) -> None:
        """Stop listening. Does nothing when it is not started."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def reset_connections(self) -> None:
        """Know no client any more: answers that still wait are lost."""
        if self._datagrams is not None:
            self._datagrams.forget_all()

    def framing_for(self, peer: PeerAddress, now_ns: int) -> MbapConnection:
        """Return the framing of a client that has not been heard of yet."""
        faults = None
        if self.faults is not None:
            faults = self.faults.connect(MBAP_WIRE, now_ns, f"{peer[0]}:{peer[1]}")
        return self._make(self.directory, faults)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: ModbusUdpServer, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self._transport: asyncio.DatagramTransport | None = None
        self._peers: OrderedDict[PeerAddress, MbapConnection] = OrderedDict()
        self._timers: dict[PeerAddress, asyncio.TimerHandle] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.forget_all()
        self._transport = None

    def forget_all(self) -> None:
        """Know no client any more."""
        for peer in tuple(self._peers):
            self._forget(peer)

    def datagram_received(self, data: bytes, addr: PeerAddress) -> None:
        now_ns = self._now_ns()
        framing = self._peers.get(addr)
        if framing is None:
            framing = self._peers[addr] = self._server.framing_for(addr, now_ns)
            framing.send_apart(partial(self._send, addr))
            if len(self._peers) > _MAX_PEERS:
                self._forget(next(iter(self._peers)))
        self._peers.move_to_end(addr)
        answers = framing.feed(data, now_ns)
        framing.forget_partial()
        self._go_on(answers, addr, framing)

    def error_received(self, exc: Exception) -> None:
        """A client that is gone refuses its answer; nobody else is concerned."""

    def _pass_time(self, peer: PeerAddress, due_ns: int) -> None:
        del self._timers[peer]
        framing = self._peers[peer]
        self._go_on(framing.poll(max(due_ns, self._now_ns())), peer, framing)

    def _send(self, peer: PeerAddress, answers: bytes) -> None:
        if answers and self._transport is not None:
            self._transport.sendto(answers, peer)

    def _go_on(self, answers: bytes, peer: PeerAddress, framing: MbapConnection) -> None:
        self._send(peer, answers)
        timer = self._timers.pop(peer, None)
        if timer is not None:
            timer.cancel()
        if framing.due_ns is not None:
            when_s = framing.due_ns / NS_PER_S
            self._timers[peer] = self._loop.call_at(when_s, self._pass_time, peer, framing.due_ns)

    def _forget(self, peer: PeerAddress) -> None:
        self._peers.pop(peer).leave(self._now_ns())
        timer = self._timers.pop(peer, None)
        if timer is not None:
            timer.cancel()

    def _now_ns(self) -> int:
        return int(self._loop.time() * NS_PER_S)
