"""The transport of plain sockets over a socket pair, with either watch."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from emulators.sockets.serving_loop import ServingLoop
from emulators.sockets.shared_watch import SharedWatch
from emulators.sockets.transport import SocketTransport
from emulators.sockets.watch import SocketWatch

DEADLINE_S = 60.0


class Witness(asyncio.Protocol):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.is_over = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self.told.append(data)

    def eof_received(self) -> bool:
        self.told.append("end")
        return False

    def pause_writing(self) -> None:
        self.told.append("pause")

    def resume_writing(self) -> None:
        self.told.append("resume")

    def connection_lost(self, exc: Exception | None) -> None:
        self.told.append(type(exc))
        self.is_over.set()


class Bench:
    """A loop with a watch, and connections on it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.watch: SocketWatch = loop.watch if isinstance(loop, ServingLoop) else SharedWatch(loop)

    def connect(self, protocol: asyncio.Protocol) -> tuple[SocketTransport, socket.socket]:
        here, there = socket.socketpair()
        here.setblocking(False)
        there.setblocking(False)
        transport = SocketTransport(self.loop, self.watch, here, "", protocol)
        transport.start()
        return transport, there


Story = Callable[[Bench], Awaitable[None]]


@pytest.fixture(params=[ServingLoop, asyncio.new_event_loop], ids=["our loop", "any loop"])
def play(request: pytest.FixtureRequest) -> Callable[[Story], None]:
    """Run a story on a loop."""

    def run(story: Story) -> None:
        async def told() -> None:
            await asyncio.wait_for(story(Bench(asyncio.get_running_loop())), DEADLINE_S)

        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(told())

    return run


async def until(condition: Callable[[], object]) -> None:
    while not condition():
        await asyncio.sleep(0)


def test_flood_of_one_client_is_handed_over_in_pieces_between_those_of_others(play: Callable[[Story], None]) -> None:
    async def story(bench: Bench) -> None:
        order: list[str] = []

        class Named(Witness):
            def __init__(self, name: str) -> None:
                super().__init__()
                self._name = name

            def data_received(self, data: bytes) -> None:
                order.append(self._name)

        flooding, flood = bench.connect(Named("flood"))
        modest = [bench.connect(Named("modest")) for _ in range(3)]
        flood.send(bytes(100_000))
        for _, client in modest:
            client.send(b"x")
        await until(lambda: order.count("modest") == 3)
        assert order.count("flood") <= 3
        for transport, client in ((flooding, flood), *modest):
            transport.abort()
            client.close()
        await asyncio.sleep(0)

    play(story)


def test_what_the_socket_does_not_take_follows_in_order_and_the_protocol_is_paused(
    play: Callable[[Story], None],
) -> None:
    async def story(bench: Bench) -> None:
        witness = Witness()
        transport, client = bench.connect(witness)
        stream = bytes(range(256)) * 8000
        transport.write(stream)
        transport.write(b"tail")
        assert witness.told == ["pause"]
        client.send(b"not read while paused")
        received = bytearray()
        while len(received) < len(stream) + 4:
            received += await bench.loop.sock_recv(client, 65536)
        assert received == stream + b"tail"
        await until(lambda: len(witness.told) == 3)
        assert witness.told == ["pause", "resume", b"not read while paused"]
        transport.close()
        await witness.is_over.wait()
        client.close()

    play(story)


def test_close_lets_go_what_is_unsent_and_takes_nothing_more(play: Callable[[Story], None]) -> None:
    async def story(bench: Bench) -> None:
        witness = Witness()
        transport, client = bench.connect(witness)
        stream = bytes(2_000_000)
        transport.write(stream)
        transport.close()
        transport.write(b"too late")
        received = 0
        while chunk := await bench.loop.sock_recv(client, 65536):
            received += len(chunk)
        assert received == len(stream)
        await witness.is_over.wait()
        assert witness.told == ["pause", type(None)]
        client.close()

    play(story)


def test_end_of_one_direction_comes_behind_what_is_unsent(play: Callable[[Story], None]) -> None:
    async def story(bench: Bench) -> None:
        witness = Witness()
        transport, client = bench.connect(witness)
        transport.write(bytes(2_000_000))
        transport.write_eof()
        received = 0
        while chunk := await bench.loop.sock_recv(client, 65536):
            received += len(chunk)
        assert received == 2_000_000
        client.send(b"still read")
        await until(lambda: b"still read" in witness.told)
        client.close()
        await witness.is_over.wait()
        assert witness.told == ["pause", "resume", b"still read", "end", type(None)]

    play(story)


def test_client_that_is_gone_while_something_is_unsent_ends_the_connection(play: Callable[[Story], None]) -> None:
    async def story(bench: Bench) -> None:
        witness = Witness()
        transport, client = bench.connect(witness)
        transport.write(bytes(2_000_000))
        client.close()
        await witness.is_over.wait()
        assert witness.told[0] == "pause"
        assert issubclass(witness.told[1], OSError)
        assert transport.is_closing()

    play(story)


def test_defect_behind_one_connection_is_reported_and_ends_only_that_one(play: Callable[[Story], None]) -> None:
    async def story(bench: Bench) -> None:
        class Defective(Witness):
            def data_received(self, data: bytes) -> None:
                raise RuntimeError("on purpose")

        reported: list[dict[str, Any]] = []
        bench.loop.set_exception_handler(lambda _, context: reported.append(context))
        defective, sound = Defective(), Witness()
        _, bad = bench.connect(defective)
        transport, good = bench.connect(sound)
        bad.send(b"x")
        good.send(b"x")
        await defective.is_over.wait()
        await until(lambda: sound.told == [b"x"])
        assert [str(context["exception"]) for context in reported] == ["on purpose"]
        transport.close()
        await sound.is_over.wait()
        bad.close()
        good.close()

    play(story)


def test_connections_come_and_go_and_those_that_stay_are_served(play: Callable[[Story], None]) -> None:
    async def story(bench: Bench) -> None:
        live: list[tuple[Witness, SocketTransport, socket.socket]] = []
        for number in (1, 3, 2, 0, 1, 2, 1, 5, 0):
            while len(live) < number:
                witness = Witness()
                live.append((witness, *bench.connect(witness)))
            while len(live) > number:
                witness, transport, client = live.pop(0)
                client.close()
                await witness.is_over.wait()
            for witness, transport, client in live:
                witness.told.clear()
                transport.pause_reading()
                transport.resume_reading()
                client.send(b"x")
            await until(lambda: all(witness.told == [b"x"] for witness, _, _ in live))

    play(story)
