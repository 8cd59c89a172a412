"""Modbus on a serial port or pty: a thin shell that moves bytes between a descriptor and a framing.

Everything runs on the event loop's thread. What a far end does not read is lost, as on a line without handshake.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from emulators.modbus.framing import Framing
from emulators.modbus.serial_line import SerialLine
from emulators.modbus.serial_port import SerialPort
from emulators.timebase import NS_PER_S

__all__ = ["ModbusSerialServer"]

_CHUNK_SIZE = 4096


class ModbusSerialServer:
    """Serves the devices of one line; ``start`` and ``stop`` run on the event loop.

    ``make_framing`` connects the devices to it. With ``is_line_emulated`` the far end's settings matter, as the port
    tells them.
    """

    def __init__(self, port: SerialPort, make_framing: Callable[[], Framing], *, is_line_emulated: bool = True) -> None:
        self.port = port
        self.is_line_emulated = is_line_emulated
        self.framing = make_framing()
        self._make_framing = make_framing
        self.lost_count = 0  # characters that found the far end's buffer full
        self.failure: OSError | None = None  # why the port was given up, such as an adapter pulled out
        self._descriptor = -1
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def path(self) -> str:
        """What clients open; the name of a pty is known after ``start``."""
        return self.port.path

    async def start(self) -> None:
        """Open the port; returns once clients can use it.

        Raises:
            OSError: the port cannot be opened.
        """
        self._loop = asyncio.get_running_loop()
        self._descriptor = self.port.open()
        self._loop.add_reader(self._descriptor, self._read)

    async def stop(self) -> None:
        """Close the port. Does nothing when it is not open."""
        self._close()

    def reset_connections(self) -> None:
        """Connect the devices anew, as after a cut: what they have not said yet is lost."""
        self.framing = self._make_framing()
        self._schedule()

    def _close(self) -> None:
        if self._loop is None or self._descriptor < 0:
            return
        self._loop.remove_reader(self._descriptor)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._descriptor = -1
        self.port.close()

    def _read(self) -> None:
        try:
            chunk = self.port.read(_CHUNK_SIZE)
        except BlockingIOError:
            return
        except OSError as error:
            self.failure = error
            self._close()
            return
        if not chunk:
            self.failure = OSError("the port has been hung up")
            self._close()
            return
        if self.is_line_emulated and isinstance(self.framing, SerialLine):
            self.framing.line.far_end = self.port.far_end() or self.framing.line.settings
        self._send(self.framing.feed(chunk, self._now_ns()))
        self._schedule()

    def _pass_time(self, due_ns: int) -> None:
        self._timer = None
        self._send(self.framing.poll(max(due_ns, self._now_ns())))
        self._schedule()

    def _schedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_ns = self.framing.due_ns
        if due_ns is not None and self._loop is not None and self._descriptor >= 0:
            self._timer = self._loop.call_at(due_ns / NS_PER_S, self._pass_time, due_ns)

    def _send(self, characters: bytes) -> None:
        if not characters or self._descriptor < 0:
            return
        try:
            n_written = self.port.write(characters)
        except BlockingIOError:
            n_written = 0
        except OSError as error:
            self.failure = error
            self._close()
            return
        self.lost_count += len(characters) - n_written

    def _now_ns(self) -> int:
        assert self._loop is not None, "only called between start and stop"
        return int(self._loop.time() * NS_PER_S)
