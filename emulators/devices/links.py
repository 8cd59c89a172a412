"""What a Modbus link leaves in the plant's part of a cell: its status, and the values that it carries.

The link itself acts between communication steps and writes here; nothing of it runs in the loop but the clock of the
age. Not for rig files: a rig's ``[links.NAME]`` and ``[lines.NAME]`` put them in.
"""

from __future__ import annotations

from emulators.component import Component, Phase, State, state

__all__ = ["LINK_VALUES", "LineStatus", "LinkStatus"]


class LinkStatus(Component):
    """How the scan of a link is doing."""

    PHASE = Phase.SENSOR

    error: State[bool] = state(False, description="a request of the present or the last scan has failed")
    age_s: State[float] = state(0.0, unit="s", low=0.0, description="time since the last scan without a failure")
    requests: State[int] = state(0, description="requests sent, retries included")
    failures: State[int] = state(0, description="requests that failed after all retries")
    exception_code: State[int] = state(0, description="of the last failure, 0 if it was no exception response")
    injections: State[int] = state(0, description="faults that happened on the wire so far")

    def tick(self, step_s: float) -> None:
        self.age_s += step_s


class LineStatus(Component):
    """How a serial line that links share is doing."""

    PHASE = Phase.SENSOR

    waiting: State[int] = state(0, description="links whose request waits for the line")
    requests: State[int] = state(0, description="requests sent on all links, retries included")
    failures: State[int] = state(0, description="requests that failed after all retries, on all links")
    injections: State[int] = state(0, description="faults that happened on the whole line so far")


class LinkBool(Component):
    """A truth value under way."""

    value: State[bool] = state(False)


class LinkInt(Component):
    """A whole number under way."""

    value: State[int] = state(0)


class LinkFloat(Component):
    """A number under way."""

    value: State[float] = state(0.0)


LINK_VALUES: dict[type, type[Component]] = {bool: LinkBool, int: LinkInt, float: LinkFloat}
"""Component that carries a value, by its type."""
