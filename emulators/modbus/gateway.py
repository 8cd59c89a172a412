"""A gateway: units behind one network address, each with its own time, or several on a serial line of the gateway.

A slow unit delays nobody else's answers; units on one line share it, one request at a time. A unit that does not
answer in time gets its client GATEWAY TARGET FAILED; what finds too many requests waiting, SERVER DEVICE BUSY. Requests
that have been sent to a unit are carried out also when their client goes away; those that still wait are not.

Unit ids that nobody has are tried where there is one line; with several, no path leads to them: GATEWAY PATH
UNAVAILABLE. On lines unit id 0 is the broadcast, which nobody answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from emulators.modbus.codes import BROADCAST
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.gateway_lanes import Lane, LineLane, UnitLane
from emulators.modbus.gateway_settings import GatewaySettings
from emulators.modbus.line_modes import LINE_MODES
from emulators.modbus.line_units import LineStation
from emulators.modbus.mbap import UnitDirectory, UnknownUnit
from emulators.modbus.response_times import ResponseTimes

__all__ = ["Gateway"]


class Gateway:
    """The lanes to the units of a directory; all connections share one gateway.

    ``times`` are those of the units; ``rivals`` are further units on lines, by the unit id that they have too.
    ``line_faults`` are those of the wires of lines, by the line's name.
    """

    def __init__(
        self,
        directory: UnitDirectory,
        times: ResponseTimes | None = None,
        settings: GatewaySettings | None = None,
        *,
        rivals: Mapping[int, Sequence[LineStation]] | None = None,
        line_faults: Mapping[str, FaultPipeline] | None = None,
    ) -> None:
        settings = settings or GatewaySettings()
        times = times or ResponseTimes()
        self._lines: list[LineLane] = []
        self._lanes: dict[int, Lane] = {}
        self._tries_others = len(settings.lines) == 1 and directory.unknown_unit is not UnknownUnit.SILENCE
        for each in settings.lines:
            assert settings.unit_timeout_ns is not None, "the settings refuse lines without it"
            stations = [station for unit_id in each.unit_ids for station in (rivals or {}).get(unit_id, ())]
            units, faults = directory.part(each.unit_ids), (line_faults or {}).get(each.name)
            mode = LINE_MODES[each.protocol]
            lane = LineLane(
                partial(mode.make_line, units, each.settings, faults, times=times, rivals=stations, wires=2),
                mode.make_client(each.settings),
                unit_timeout_ns=settings.unit_timeout_ns,
                max_waiting=settings.max_waiting,
            )
            if faults is not None:
                faults.when_down = lane.reset
            self._lines.append(lane)
            self._lanes.update(dict.fromkeys(each.unit_ids, lane))
        for unit_id in directory.unit_ids:
            unit = directory.aliases.get(unit_id, unit_id)
            if unit not in self._lanes:
                self._lanes[unit] = UnitLane(
                    unit, times, unit_timeout_ns=settings.unit_timeout_ns, max_waiting=settings.max_waiting
                )
            self._lanes[unit_id] = self._lanes[unit]

    def restart(self) -> None:
        """Let every lane be free: what clients have asked for and units have not carried out is forgotten."""
        for lane in dict.fromkeys((*self._lines, *self._lanes.values())):
            lane.restart()

    @property
    def has_lines(self) -> bool:
        return bool(self._lines)

    def lanes(self, unit_id: int) -> Sequence[Lane]:
        """Return the lanes on which a request for a unit goes; several for a broadcast, none where no path leads."""
        lane = self._lanes.get(unit_id)
        if lane is not None:
            return (lane,)
        return tuple(self._lines) if unit_id == BROADCAST or self._tries_others else ()
