"""The loop that serves watched sockets while it waits: nothing of asyncio's may suffer from it."""

from __future__ import annotations

import asyncio
import selectors
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from emulators.sockets.serving_loop import ServingLoop, ServingSelector

DEADLINE_S = 60.0


@pytest.fixture
def selector() -> Iterator[ServingSelector]:
    with closing(ServingSelector()) as selector:
        yield selector


@pytest.fixture
def always_ready() -> Iterator[int]:
    """A descriptor with something to read that nobody takes."""
    here, there = socket.socketpair()
    with here, there:
        there.send(b"x")
        yield here.fileno()


@pytest.fixture
def quiet() -> Iterator[tuple[socket.socket, socket.socket]]:
    here, there = socket.socketpair()
    with here, there:
        yield here, there


def test_watched_socket_is_served_and_the_loop_hears_nothing_of_it(
    selector: ServingSelector, always_ready: int
) -> None:
    served: list[int] = []
    selector.watch(always_ready, lambda: not served.append(1))

    assert selector.select(0) == []
    assert len(served) == 1


def test_wait_ends_when_it_is_over_however_busy_the_sockets_are(selector: ServingSelector, always_ready: int) -> None:
    selector.watch(always_ready, lambda: True)
    start_s = time.monotonic()

    assert selector.select(0.05) == []
    assert 0.05 <= time.monotonic() - start_s < DEADLINE_S


def test_descriptor_of_the_loop_gets_its_turn_however_busy_the_sockets_are(
    selector: ServingSelector, always_ready: int, quiet: tuple[socket.socket, socket.socket]
) -> None:
    here, there = quiet
    selector.watch(always_ready, lambda: True)
    key = selector.register(here, selectors.EVENT_READ, "mine")
    there.send(b"x")

    assert selector.select(None) == [(key, selectors.EVENT_READ)]


def test_wait_ends_when_a_socket_has_given_the_loop_something_to_do(
    selector: ServingSelector, always_ready: int
) -> None:
    selector.watch(always_ready, lambda: False)

    assert selector.select(None) == []


def test_socket_that_is_forgotten_is_not_served(selector: ServingSelector, always_ready: int) -> None:
    served: list[int] = []
    selector.watch(always_ready, lambda: not served.append(1))
    selector.forget(always_ready)
    selector.forget(always_ready)

    assert selector.select(0) == []
    assert served == []


def test_socket_is_served_with_the_call_that_was_given_last(selector: ServingSelector, always_ready: int) -> None:
    served: list[str] = []
    selector.watch(always_ready, lambda: not served.append("reading"))
    selector.watch(always_ready, lambda: not served.append("writing"), is_for_writing=True)

    selector.select(0)

    assert served == ["writing"]


def test_socket_forgotten_while_others_are_served_is_not_served_any_more(selector: ServingSelector) -> None:
    pairs = [socket.socketpair() for _ in range(2)]
    descriptors = [here.fileno() for here, _ in pairs]
    served: list[int] = []

    def serve(descriptor: int, other: int) -> bool:
        selector.forget(other)
        return not served.append(descriptor)

    for descriptor, other in (descriptors, descriptors[::-1]):
        selector.watch(descriptor, lambda descriptor=descriptor, other=other: serve(descriptor, other))
    for _, there in pairs:
        there.send(b"x")
    selector.select(0)
    for here, there in pairs:
        here.close()
        there.close()

    assert len(served) == 1


def test_loop_keeps_its_times_and_hears_other_threads_while_sockets_are_busy(always_ready: int) -> None:
    with asyncio.Runner(loop_factory=ServingLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, ServingLoop)
        loop.watch.watch(always_ready, lambda: True)

        async def live() -> float:
            start_s = time.monotonic()
            heard = asyncio.Event()
            threading.Timer(0.02, loop.call_soon_threadsafe, (heard.set,)).start()
            await asyncio.wait_for(heard.wait(), DEADLINE_S)
            await asyncio.sleep(0.02)
            return time.monotonic() - start_s

        assert 0.04 <= runner.run(live()) < DEADLINE_S


def test_loop_is_asyncios_for_everything_else() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()

    async def exchange() -> bytes:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(b"hello\n")
            answer = await reader.readline()
            writer.close()
            await writer.wait_closed()
        process = await asyncio.create_subprocess_exec("true")
        assert await process.wait() == 0
        return answer

    with asyncio.Runner(loop_factory=ServingLoop) as runner:
        assert runner.run(exchange()) == b"hello\n"
