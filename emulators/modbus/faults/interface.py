"""What a transport needs to let a wire fail: a ``ConnectionFaults`` for each connection, made by an ``EndpointFaults``.

While ``is_active`` is False a transport answers as if this did not exist. Otherwise it hands every complete request
to ``exchange`` instead of answering it, then sends what ``take`` returns, now and each time ``next_ns`` comes. Order
within a connection is kept here: what comes after a delayed answer waits for it, other connections do not.

No clock and no socket: ``now_ns`` is the transport's monotonic time, of which only differences matter.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from emulators.modbus.codes import BROADCAST

__all__ = ["ConnectionFaults", "Door", "Ending", "EndpointFaults", "WireFraming"]


class Door(enum.Enum):
    """What becomes of a client that connects."""

    OPEN = "open"
    REFUSE = "refuse"  # reset before the first byte
    FAIL_TLS = "fail_tls"  # the handshake ends with an alert


class Ending(enum.Enum):
    """What happens to the connection after the bytes that were returned with it."""

    NONE = "none"
    HALF_CLOSE = "half_close"  # end of stream toward the client; requests are still read, nothing is answered
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class WireFraming:
    """How a transport puts a PDU on the wire.

    ``encode(transaction_id, unit_id, pdu)`` returns a whole frame; framings without transaction ids ignore it.
    ``spoil_checksum`` returns a frame with a wrong CRC or LRC; None where frames have none.
    """

    name: str
    encode: Callable[[int, int, bytes], bytes]
    spoil_checksum: Callable[[bytes], bytes] | None = None
    has_transactions: bool = False

    def is_broadcast(self, unit_id: int) -> bool:
        """Whether frames for this unit id are for everybody, as on serial lines."""
        return unit_id == BROADCAST and not self.has_transactions


class ConnectionFaults(Protocol):
    """One connection of a client, or the one line of a serial port."""

    @property
    def door(self) -> Door:
        """Whether the client gets in."""
        ...

    @property
    def is_active(self) -> bool:
        """Whether requests are to go through ``exchange``: a fault is switched on, or answers still wait."""
        ...

    @property
    def is_inside_frame(self) -> bool:
        """Whether what ``take`` has returned last is to be followed by more bytes of the same frame."""
        ...

    @property
    def next_ns(self) -> int | None:
        """When to call ``take`` again; None if nothing waits."""
        ...

    def exchange(
        self, number: int, transaction_id: int, unit_id: int, request: bytes, answer: Callable[[], bytes], now_ns: int
    ) -> None:
        """Take the ``number``-th request of the connection, counted from 1 whether or not faults are active;
        ``answer`` executes it and returns the response PDU, or nothing when there is none."""
        ...

    def is_unit_off(self, number: int, unit_id: int, request: bytes, now_ns: int) -> bool:
        """Whether the ``number``-th request comes to no unit; asked once for each, before ``exchange``."""
        ...

    def take(self, now_ns: int) -> tuple[bytes, Ending]:
        """Return the bytes that are due; call until they are empty and there is no ending."""
        ...


class EndpointFaults(Protocol):
    """All connections of one endpoint."""

    def connect(self, framing: WireFraming, now_ns: int, peer: str = "") -> ConnectionFaults:
        """Return the faults of a new connection; ``peer`` is the client's ``host:port``, empty on a serial line."""
        ...
