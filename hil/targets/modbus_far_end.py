"""A real device at the far end of a link: what a controller of a running cell sends goes out, what comes back is its.

The cell never waits: a thread sends, receives and connects again. While there is no connection, what is sent is lost,
so that the controller meets what it would meet on a real bus: silence.
"""

from __future__ import annotations

import contextlib
import queue
import selectors
import socket
import threading
import time
from types import TracebackType

from emulators.errors import LinkError
from emulators.modbus.faults.interface import Ending
from hil.targets.modbus_ports import Port, open_port
from hil.targets.modbus_url import ModbusUrl

__all__ = ["FarEnd", "FarEndFraming"]

_RETRY_S = 1.0
_WAKE = b"\0"


class FarEnd:
    """Connected from entry to exit of a ``with`` block; ``framing`` is what a link of a cell asks for.

    ``loss_count`` counts broken connections, ``trouble`` says what was wrong last, empty while all is well.
    """

    def __init__(self, url: ModbusUrl, *, step_ns: int, timeout_s: float = 3.0) -> None:
        self.url = url
        self.loss_count = 0
        self.trouble = ""
        self._step_ns = step_ns
        self._timeout_s = timeout_s
        self._port: Port | None = None
        self._to_send: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._received: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._is_over = False
        self._next_try_s = 0.0
        self._bell, self._rope = socket.socketpair()
        self._thread = threading.Thread(target=self._work, name=f"far end {url.name}", daemon=True)

    def __enter__(self) -> FarEnd:
        """Connect, so that a mistake in the address shows at the start.

        Raises:
            LinkError: the device cannot be reached.
        """
        self._bell.setblocking(False)
        self._rope.setblocking(False)
        try:
            self._port = open_port(self.url, self._timeout_s)
        except LinkError:
            self._bell.close()
            self._rope.close()
            raise
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over = True
        self._ring()
        self._thread.join()
        self._bell.close()
        self._rope.close()

    def framing(self, time_ns: int) -> FarEndFraming:
        """Return the far end as a link uses it from a time of the plant on; what has come before is forgotten."""
        self.take()
        return FarEndFraming(self, time_ns, self._step_ns)

    def send(self, frame: bytes) -> None:
        """Send as soon as the thread can; does not wait."""
        self._to_send.put(frame)
        self._ring()

    def take(self) -> bytes:
        """Return what has come since the last call; does not wait."""
        chunks = []
        with contextlib.suppress(queue.Empty):
            while True:
                chunks.append(self._received.get_nowait())
        return b"".join(chunks)

    def _ring(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._rope.send(_WAKE)

    def _work(self) -> None:
        while not self._is_over:
            self._wait()
            try:
                self._move()
            except OSError as error:
                self.trouble = f"{self.url.name}: the connection is gone: {error.strerror or error}"
                self.loss_count += 1
                self._close_port()
        self._close_port()

    def _wait(self) -> None:
        """Wait until there is something to send or to receive, or the block ends."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._bell, selectors.EVENT_READ)
            if self._port is not None:
                selector.register(self._port.fileno(), selectors.EVENT_READ)
            selector.select()
        with contextlib.suppress(BlockingIOError):
            while self._bell.recv(4096):
                pass

    def _move(self) -> None:
        if self._port is None:
            self._connect_again()
        with contextlib.suppress(queue.Empty):
            while True:
                frame = self._to_send.get_nowait()
                if self._port is not None:
                    self._port.send(frame)
        if self._port is not None:
            for chunk in iter(self._port.receive, b""):
                self._received.put(chunk)

    def _connect_again(self) -> None:
        if self._is_over or time.monotonic() < self._next_try_s:
            return
        try:
            self._port = open_port(self.url, self._timeout_s)
            self.trouble = ""
        except LinkError as error:
            self.trouble = str(error)
            self._next_try_s = time.monotonic() + _RETRY_S

    def _close_port(self) -> None:
        if self._port is not None:
            self._port.close()
            self._port = None


class FarEndFraming:
    """One connection to a far end as a link of a cell sees it; satisfies ``Framing``. Looks for bytes once a step."""

    frame_count = 0
    has_partial_frame = False
    is_closed = False

    def __init__(self, far_end: FarEnd, time_ns: int, step_ns: int) -> None:
        self._far_end = far_end
        self._time_ns = time_ns
        self._step_ns = step_ns
        self._loss_count = far_end.loss_count

    @property
    def due_ns(self) -> int | None:
        return self._time_ns + self._step_ns

    @property
    def ending(self) -> Ending:
        return Ending.NONE if self._far_end.loss_count == self._loss_count else Ending.RESET

    def feed(self, chunk: bytes, time_ns: int) -> bytes:
        """Send a request; its answer comes with a later ``poll``."""
        self._far_end.send(chunk)
        return self.poll(time_ns)

    def poll(self, time_ns: int) -> bytes:
        """Return what has come."""
        self._time_ns = time_ns
        return self._far_end.take()

    def leave(self, time_ns: int) -> None:
        """The device is not told: what it has been sent it carries out."""

    def __deepcopy__(self, memo: object) -> FarEndFraming:
        """Return the same: there is one device, however often a cell is copied."""
        return self
