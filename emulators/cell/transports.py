"""Connections that take time: a transport component stands in the wire, with period, delay, seeded jitter and loss.

A connection that the rig gives neither period nor delay nor jitter is a plain copy and has no component.
"""

from __future__ import annotations

from dataclasses import dataclass

from emulators.component import Phase
from emulators.description import ConnectionEntry
from emulators.native.ir import Scalar
from emulators.plant import InstanceDescription
from emulators.timebase import NS_PER_S

__all__ = ["Transport", "is_timed", "transport"]

_CLASSES = {
    Scalar.BOOL: "transport_bool",
    Scalar.I64: "transport_int",
    Scalar.F64: "transport_float",
}


@dataclass(frozen=True, slots=True)
class Transport:
    """A transport instance: what enters at ``entry`` leaves at ``exit`` later; ``fault`` takes the connection down.

    ``source`` is the name at the near end, as the rig has it.
    """

    instance: InstanceDescription
    carried: Scalar
    source: str

    @property
    def entry(self) -> str:
        return f"{self.instance.name}.source"

    @property
    def exit(self) -> str:
        return f"{self.instance.name}.target"

    @property
    def fault(self) -> str:
        return f"{self.instance.name}.down"


def is_timed(connection: ConnectionEntry) -> bool:
    """Return whether a connection needs a transport."""
    return bool(connection.period_ns or connection.delay_ns or connection.jitter_ns)


def transport(connection: ConnectionEntry, scalar: Scalar, *, phase: Phase) -> Transport:
    """Return the transport of a timed connection whose source has the type ``scalar``."""
    carried = Scalar.BOOL if scalar is Scalar.BOOL else Scalar.F64 if scalar.is_float else Scalar.I64
    parameters = {
        "period_s": connection.period_ns / NS_PER_S,
        "delay_s": connection.delay_ns / NS_PER_S,
        "jitter_s": connection.jitter_ns / NS_PER_S,
    }
    name = f"link:{connection.target.value}"
    instance = InstanceDescription(name, _CLASSES[carried], parameters, connection.target.span, phase)
    return Transport(instance, carried, connection.source.value)
