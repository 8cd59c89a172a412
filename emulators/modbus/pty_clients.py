"""How many clients have a pty open, as inotify counts them: the pty itself tells nothing while we hold its far end."""

from __future__ import annotations

import ctypes
import os
import struct

__all__ = ["PtyClients"]

_OPENED, _CLOSED_WRITABLE, _CLOSED = 0x20, 0x08, 0x10
_EVENT = struct.Struct("iIII")  # watch, mask, cookie, length of a name; a file that is watched itself has no name


class PtyClients:
    """Counts from when it is made on; what has the pty open before is not counted."""

    def __init__(self, path: str) -> None:
        """Watch a pty.

        Raises:
            OSError: the machine cannot watch it.
        """
        self.count = 0
        libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.descriptor < 0:
            raise _last_error(path)
        mask = _OPENED | _CLOSED_WRITABLE | _CLOSED
        if libc.inotify_add_watch(self.descriptor, os.fsencode(path), mask) < 0:
            error = _last_error(path)
            self.close()
            raise error

    def have_left(self) -> bool:
        """Count what has happened since the last call; whether a moment came in which the last client had gone."""
        was_left = False
        try:
            events = os.read(self.descriptor, 256 * _EVENT.size)
        except BlockingIOError:
            return False
        for _, mask, _, _ in _EVENT.iter_unpack(events):
            if mask & _OPENED:
                self.count += 1
            elif self.count:
                self.count -= 1
                was_left = was_left or not self.count
        return was_left

    def close(self) -> None:
        os.close(self.descriptor)


def _last_error(path: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"cannot watch who has {path} open: {os.strerror(number)}")
