"""Samples of one subscription on their way from the scan's thread to a client's socket.

A client that is slower than the cell loses samples, never slows the scan, and is told how many it lost. At most
``MAX_IN_FLIGHT`` samples wait for the event loop, at most ``MAX_UNSENT`` bytes for the socket.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from emulators.serving.control.session import ControlSession
from emulators.signals.tags import TagValue

__all__ = ["SampleFeed"]

MAX_IN_FLIGHT = 64
MAX_UNSENT = 1 << 20


class SampleFeed:
    """``deliver`` runs on the scan's thread, everything else on the event loop's; each counts on its own side."""

    def __init__(
        self, number: int, session: ControlSession, writer: asyncio.StreamWriter, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._number = number
        self._session = session
        self._writer = writer
        self._loop = loop
        self._offered_count = 0
        self._handled_count = 0
        self._overtaken_count = 0  # not even offered to the loop
        self._reported_count = 0
        self._unsent_count = 0
        self._is_ended = False

    def deliver(self, time_ns: int, values: Mapping[str, TagValue]) -> None:
        """Take a sample of the cell."""
        if self._is_ended:
            return
        if self._offered_count - self._handled_count >= MAX_IN_FLIGHT:
            self._overtaken_count += 1
            return
        self._offered_count += 1
        try:
            self._loop.call_soon_threadsafe(self._send, time_ns, values, self._overtaken_count)
        except RuntimeError:  # the loop was closed: the scan goes on without it
            self._is_ended = True

    def end(self) -> None:
        """Send nothing more."""
        self._is_ended = True

    def _send(self, time_ns: int, values: Mapping[str, TagValue], overtaken_count: int) -> None:
        self._handled_count += 1
        if self._is_ended or self._writer.is_closing():
            return
        if self._writer.transport.get_write_buffer_size() > MAX_UNSENT:
            self._unsent_count += 1
            return
        lost_count = overtaken_count + self._unsent_count - self._reported_count
        self._reported_count += lost_count
        self._writer.write(self._session.sample(self._number, time_ns, values, lost_count))
