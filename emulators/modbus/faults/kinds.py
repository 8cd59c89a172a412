"""Every fault of a wire, in ``FAULTS``, and which of them a protocol's wires can have.

A fault acts at its stage: on the request before the device sees it, on the response PDU, on the frame, or on how it
is sent. ``act`` returns False when there was nothing to spoil; the rule then counts no injection.
"""

from __future__ import annotations

from collections.abc import Mapping

from emulators.modbus.faults.before_answer import (
    Busy,
    ForcedException,
    NoResponse,
    RefuseConnection,
    TlsFailure,
    UnitOff,
)
from emulators.modbus.faults.fault import WireFault
from emulators.modbus.faults.in_frame import BadChecksum, ExtraBytes, Garble, Truncate
from emulators.modbus.faults.in_response import (
    Corrupt,
    ShortRead,
    StaleReply,
    WrongFunction,
    WrongTransactionId,
    WrongUnit,
)
from emulators.modbus.faults.on_the_way import Delay, Dribble, Duplicate, HalfClose, Reorder, Reset

__all__ = ["FAULTS", "faults_on"]

FAULTS: Mapping[str, type[WireFault]] = {
    kind.NAME: kind
    for kind in (
        RefuseConnection,
        TlsFailure,
        UnitOff,
        NoResponse,
        ForcedException,
        Busy,
        Corrupt,
        ShortRead,
        StaleReply,
        WrongFunction,
        WrongUnit,
        WrongTransactionId,
        BadChecksum,
        Garble,
        Truncate,
        ExtraBytes,
        Delay,
        Dribble,
        Duplicate,
        Reorder,
        HalfClose,
        Reset,
    )
}

_SERIAL = ("wrong_transaction_id", "refuse_connection", "tls_failure", "half_close", "reset")
_IMPOSSIBLE = {
    "modbus-tcp": ("bad_checksum", "garble", "tls_failure"),
    "modbus-tls": ("bad_checksum", "garble"),
    "modbus-udp": ("bad_checksum", "garble", "refuse_connection", "tls_failure", "half_close", "reset"),
    "modbus-rtu-over-tcp": ("wrong_transaction_id", "tls_failure"),
    "modbus-rtu": _SERIAL,
    "modbus-ascii": _SERIAL,
}


def faults_on(protocol: str) -> dict[str, type[WireFault]]:
    """Return the faults that can happen on wires of a protocol: no handshake fails where there is none."""
    impossible = _IMPOSSIBLE.get(protocol, ())
    return {name: kind for name, kind in FAULTS.items() if name not in impossible}
