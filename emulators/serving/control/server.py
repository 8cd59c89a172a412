"""Control channel on asyncio: sockets around ``ControlSession``, worker threads around the cell.

Requests of one connection are carried out one after the other, those of several connections side by side: a client
that waits for a million steps keeps nobody from pausing the cell.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from emulators.errors import EmulatorError, LinkError
from emulators.serving.control.answers import answer_request
from emulators.serving.control.feed import SampleFeed
from emulators.serving.control.requests import Subscribe, Unsubscribe
from emulators.serving.control.session import ControlSession, NumberedRequest
from emulators.serving.stepped_cell import ControlledCell

__all__ = ["ControlServer"]

_log = logging.getLogger(__name__)
_GREETING_DEADLINE_S = 5.0
_MAX_CONNECTIONS = 32
_CHUNK = 1 << 16


class ControlServer:
    """Serves the control channel of one cell on 127.0.0.1; ``start`` and ``stop`` run on the event loop."""

    def __init__(self, cell: ControlledCell, greeting: Mapping[str, Any], *, port: int = 0) -> None:
        self.token = secrets.token_urlsafe(24)
        self._cell = cell
        self._greeting = greeting
        self._port = port
        self._server: asyncio.Server | None = None
        self._workers = ThreadPoolExecutor(_MAX_CONNECTIONS, thread_name_prefix="hil-control")
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """``tcp://127.0.0.1:40123``, complete after ``start``."""
        return f"tcp://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Listen.

        Raises:
            LinkError: the port is taken.
        """
        try:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        except OSError as error:
            raise LinkError(
                f"control channel: cannot listen on 127.0.0.1:{self._port}: {error.strerror}; use port 0 for a free one"
            ) from error
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close every connection and stop listening. Stop the cell first: it ends what the workers wait for."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        self._workers.shutdown(wait=False, cancel_futures=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._connections) >= _MAX_CONNECTIONS:
            writer.transport.abort()
            return
        self._connections.add(task)
        connection = _Connection(self._cell, ControlSession(self.token, self._greeting), writer, self._workers)
        try:
            await connection.talk(reader)
        except (OSError, TimeoutError, asyncio.CancelledError):
            pass  # the client is gone, said nothing, or the server stops: there is nobody to tell
        except Exception:
            _log.exception("control channel: a connection failed")
        finally:
            connection.close()
            self._connections.discard(task)


class _Connection:
    """One client of the control channel."""

    def __init__(
        self,
        cell: ControlledCell,
        session: ControlSession,
        writer: asyncio.StreamWriter,
        workers: ThreadPoolExecutor,
    ) -> None:
        self._cell = cell
        self._session = session
        self._writer = writer
        self._workers = workers
        self._loop = asyncio.get_running_loop()
        self._numbers = itertools.count(1)
        self._subscriptions: dict[int, tuple[SampleFeed, Callable[[], None]]] = {}

    async def talk(self, reader: asyncio.StreamReader) -> None:
        """Serve the client until it leaves or must be cut off."""
        while True:
            deadline_s = None if self._session.is_open else _GREETING_DEADLINE_S
            chunk = await asyncio.wait_for(reader.read(_CHUNK), deadline_s)
            received = self._session.receive(chunk)
            for item in received.requests:
                self._writer.write(item if isinstance(item, bytes) else await self._carry_out(item))
                await self._writer.drain()
            if received.is_over or not chunk:
                return

    def close(self) -> None:
        """End the subscriptions and close the socket."""
        for number in tuple(self._subscriptions):
            self._unsubscribe(number)
        self._writer.close()

    async def _carry_out(self, item: NumberedRequest) -> bytes:
        try:
            members = await self._members(item)
        except EmulatorError as error:
            return self._session.refuse(item.number, "refused", str(error))
        except Exception as error:
            _log.exception("control channel: request %s failed", item.request)
            return self._session.refuse(item.number, "internal", f"{type(error).__name__}: {error}; please report it")
        return self._session.answer(item.number, members)

    async def _members(self, item: NumberedRequest) -> Mapping[str, Any]:
        request = item.request
        if isinstance(request, Unsubscribe):
            self._unsubscribe(request.subscription)
            return {}
        if isinstance(request, Subscribe):
            return await self._subscribe(request)
        return await self._loop.run_in_executor(self._workers, answer_request, self._cell, request)

    async def _subscribe(self, request: Subscribe) -> Mapping[str, Any]:
        number = next(self._numbers)
        feed = SampleFeed(number, self._session, self._writer, self._loop)
        future = self._workers.submit(self._cell.subscribe, request.names, request.period_ns, feed.deliver)
        try:
            cancel = await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            feed.end()
            future.add_done_callback(_cancel_subscription)
            raise
        self._subscriptions[number] = feed, cancel
        return {"subscription": number}

    def _unsubscribe(self, number: int) -> None:
        feed, cancel = self._subscriptions.pop(number, (None, None))
        if feed is not None and cancel is not None:
            feed.end()
            cancel()


def _cancel_subscription(future: Future[Callable[[], None]]) -> None:
    """End a subscription whose client left while it was being made."""
    if not future.cancelled() and future.exception() is None:
        future.result()()
