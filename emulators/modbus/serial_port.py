"""Serial ports and ptys as file descriptors: how they are opened, set and asked for the far end's settings."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import termios
import tty
from pathlib import Path
from typing import Protocol

from emulators.modbus.pty_clients import PtyClients
from emulators.modbus.serial_settings import Parity, SerialSettings

__all__ = ["PtyPort", "SerialPort", "TtyPort", "set_line"]

_BAUD_FLAGS = {
    rate: getattr(termios, f"B{rate}")
    for rate in (
        *(50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400),
        *(460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000),
    )
    if hasattr(termios, f"B{rate}")
}
_BAUD_RATES = {flag: rate for rate, flag in _BAUD_FLAGS.items()}
_CFLAG, _ISPEED, _OSPEED = 2, 4, 5
_FRAME_FLAGS = termios.CSIZE | termios.PARENB | termios.PARODD | termios.CSTOPB


class SerialPort(Protocol):
    """Bytes are read from and written to it without blocking."""

    @property
    def path(self) -> str:
        """What clients open, or the device itself."""
        ...

    def open(self) -> int:
        """Open; return a descriptor that is ready to be read when something may have arrived. Raises OSError."""
        ...

    def close(self) -> None:
        """Close; does nothing when it is not open."""
        ...

    def read(self, size: int) -> bytes:
        """Return what has arrived, at most ``size`` bytes; none when the port has been hung up.

        Raises:
            BlockingIOError: nothing is there.
            OSError: the port is gone.
        """
        ...

    def write(self, characters: bytes) -> int:
        """Send what fits; return how many characters that are. Raises as ``read`` does."""
        ...

    def far_end(self) -> SerialSettings | None:
        """Return what the other side is set to; None where the line itself shows it."""
        ...


class PtyPort:
    """A pseudo terminal: clients open ``path`` as they would a serial port.

    The master reads the baud rate and stop bits that a client has set. Linux gives every pty 8 bits without parity
    and refuses others, so clients set 8N whatever the line is; it counts as the line's own parity and data bits, or as
    ``far_end_parity``. ``link`` is a symbolic link to the pty's name.

    As on a serial port, what is sent while no client has it open is lost, and when the last client has closed it,
    what that client did not read is dropped and a claim to have the port for itself ends.
    """

    def __init__(self, settings: SerialSettings, *, link: str = "", far_end_parity: Parity | None = None) -> None:
        self._settings = settings
        self._link = link
        self._parity = far_end_parity or settings.parity
        self._master = self._slave = -1
        self._name = ""
        self._clients: PtyClients | None = None
        self._events: select.epoll | None = None

    @property
    def path(self) -> str:
        return self._link or self._name

    @property
    def has_client(self) -> bool:
        """Whether a client has the port open; True where that cannot be told."""
        return self._clients is None or self._clients.count > 0

    def open(self) -> int:
        self._master, self._slave = os.openpty()
        try:
            self._name = os.ttyname(self._slave)
            tty.setraw(self._slave)
            settings = self._settings  # what a client finds that sets nothing
            set_line(self._slave, SerialSettings(settings.baud_rate, Parity.NONE, settings.stop_bits))
            os.set_blocking(self._master, False)
            self._events = select.epoll()
            self._events.register(self._master, select.EPOLLIN)
            with contextlib.suppress(OSError):  # a machine grants so many watches and no more
                self._clients = PtyClients(self._name)
                self._events.register(self._clients.descriptor, select.EPOLLIN)
            if self._link:
                _replace_link(self._link, self._name)
        except BaseException:
            self.close()
            raise
        return self._events.fileno()

    def close(self) -> None:
        if self._master < 0:
            return
        if self._events is not None:
            self._events.close()
        if self._clients is not None:
            self._clients.close()
        os.close(self._master)
        os.close(self._slave)  # held until now: without it reading fails whenever no client has the port open
        self._master = self._slave = -1
        self._clients = self._events = None
        if self._link and os.path.islink(self._link) and os.readlink(self._link) == self._name:
            os.unlink(self._link)

    def read(self, size: int) -> bytes:
        self._look_who_left()
        return os.read(self._master, size)

    def write(self, characters: bytes) -> int:
        self._look_who_left()
        return os.write(self._master, characters) if self.has_client else len(characters)

    def _look_who_left(self) -> None:
        if self._clients is not None and self._clients.have_left():
            termios.tcflush(self._slave, termios.TCIFLUSH)
            fcntl.ioctl(self._slave, termios.TIOCNXCL)

    def far_end(self) -> SerialSettings:
        attributes = termios.tcgetattr(self._master)
        baud_rate = _BAUD_RATES.get(attributes[_OSPEED], self._settings.baud_rate)
        stop_bits = 2 if attributes[_CFLAG] & termios.CSTOPB else 1
        return SerialSettings(baud_rate, self._parity, stop_bits, self._settings.data_bits)


class TtyPort:
    """A serial port of the machine, set as the device is; the line garbles by itself where the far end differs."""

    def __init__(self, path: str, settings: SerialSettings) -> None:
        self._path = path
        self._settings = settings
        self._descriptor = -1

    @property
    def path(self) -> str:
        return self._path

    def open(self) -> int:
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            _set_raw(self._descriptor)
            set_line(self._descriptor, self._settings)
        except BaseException:
            self.close()
            raise
        return self._descriptor

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def read(self, size: int) -> bytes:
        return os.read(self._descriptor, size)

    def write(self, characters: bytes) -> int:
        return os.write(self._descriptor, characters)

    def far_end(self) -> SerialSettings | None:
        return None


def set_line(descriptor: int, settings: SerialSettings) -> None:
    """Set baud rate and character frame of a terminal.

    Raises:
        OSError: the port cannot be set so.
    """
    speed = _BAUD_FLAGS.get(settings.baud_rate)
    if speed is None:
        raise OSError(errno.EINVAL, f"baud rate {settings.baud_rate} is none of {', '.join(map(str, _BAUD_FLAGS))}")
    attributes = termios.tcgetattr(descriptor)
    flags = attributes[_CFLAG] & ~(_FRAME_FLAGS | termios.CRTSCTS)
    flags |= termios.CREAD | termios.CLOCAL | (termios.CS8 if settings.data_bits == 8 else termios.CS7)
    flags |= termios.CSTOPB if settings.stop_bits == 2 else 0
    flags |= 0 if settings.parity is Parity.NONE else termios.PARENB
    flags |= termios.PARODD if settings.parity is Parity.ODD else 0
    attributes[_CFLAG], attributes[_ISPEED], attributes[_OSPEED] = flags, speed, speed
    try:
        termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
    except termios.error as error:
        raise OSError(error.args[0], f"cannot be set to {settings}: {error.args[1]}") from error
    # a terminal may take some of the settings, say that all is well and leave the others
    if (termios.tcgetattr(descriptor)[_CFLAG] ^ flags) & _FRAME_FLAGS:
        raise OSError(errno.EINVAL, f"cannot be set to {settings}; the port does not know such characters")


def _set_raw(descriptor: int) -> None:
    try:
        tty.setraw(descriptor)
    except termios.error as error:
        raise OSError(*error.args) from error


def _replace_link(link: str, target: str) -> None:
    """Point a link at a pty; one left behind by an earlier run is replaced, anything else is not touched."""
    if Path(link).is_symlink():
        with contextlib.suppress(FileNotFoundError):
            os.unlink(link)
    os.symlink(target, link)
