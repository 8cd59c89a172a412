"""One thread with one event loop, and a plain blocking call into it.

Endpoints are asynchronous, whoever starts them is not. ``run`` hands a coroutine to the loop and waits for its
result; every wait has a deadline, and calling it on the loop's own thread is refused instead of dead-locking.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, TypeVar

from emulators.errors import InternalError, LinkError
from emulators.sockets.serving_loop import new_loop

__all__ = ["DEADLINE_S", "EventLoopThread"]

DEADLINE_S = (
    30.0  # longest wait unless a caller says otherwise; a machine under load takes seconds to start many endpoints
)

ResultT = TypeVar("ResultT")


class EventLoopThread:
    """Event loop on a daemon thread of its own; use it in a ``with`` block.

    ``make_loop`` makes another loop than ours, such as ``uvloop.new_event_loop``.
    """

    def __init__(
        self,
        name: str = "hil-endpoints",
        *,
        make_loop: Callable[[], asyncio.AbstractEventLoop] = new_loop,
    ) -> None:
        self._name = name
        self._make_loop = make_loop
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> EventLoopThread:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def is_running(self) -> bool:
        return self._thread is not None

    @property
    def is_current(self) -> bool:
        """Whether the caller is on the loop's thread."""
        return self._thread is threading.current_thread()

    def start(self) -> None:
        """Start the thread; returns once the loop runs."""
        if self._thread is not None:
            raise InternalError(f"event loop thread '{self._name}' was started twice")
        is_ready = threading.Event()
        loop = self._make_loop()
        self._loop = loop
        self._thread = threading.Thread(target=self._serve, args=(loop, is_ready), name=self._name, daemon=True)
        self._thread.start()
        is_ready.wait()

    def run(self, coroutine: Coroutine[Any, Any, ResultT], *, deadline_s: float = DEADLINE_S) -> ResultT:
        """Run a coroutine on the loop and return its result or raise its error.

        Raises:
            InternalError: the caller is on the loop's thread, or the loop does not run.
            LinkError: no result within ``deadline_s``; the coroutine has been cancelled.
        """
        if self._loop is None or self.is_current:
            coroutine.close()
            where = "is not running" if self._loop is None else "would wait for itself; await the coroutine instead"
            raise InternalError(f"event loop thread '{self._name}' {where}")
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(deadline_s)
        except concurrent.futures.TimeoutError:
            if future.done():
                raise
            future.cancel()
            raise LinkError(f"event loop thread '{self._name}': no result within {deadline_s} s") from None

    def stop(self) -> None:
        """Cancel what still runs on the loop, then end the thread. Does nothing when it is not running."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        if self.is_current:
            raise InternalError(f"event loop thread '{self._name}' cannot stop itself; stop it from another thread")
        loop.call_soon_threadsafe(loop.stop)
        thread.join(DEADLINE_S)
        if thread.is_alive():
            raise LinkError(f"event loop thread '{self._name}' did not stop within {DEADLINE_S} s")
        self._loop = self._thread = None

    def _serve(self, loop: asyncio.AbstractEventLoop, is_ready: threading.Event) -> None:
        loop.call_soon(is_ready.set)
        try:
            loop.run_forever()
            _cancel_all(loop)
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            loop.close()


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
