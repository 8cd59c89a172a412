"""A cell whose links lead to real devices in place of emulated ones: its controllers talk to them as it runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from types import MappingProxyType

from emulators.cell import Blueprint
from emulators.cell.link_plan import LinkPlan
from emulators.description.characters import CharacterEntry
from emulators.errors import did_you_mean
from hil.errors import UnknownNameError
from hil.safety import require_allowed
from hil.targets.modbus_far_end import FarEnd
from hil.targets.modbus_url import ModbusUrl

__all__ = ["with_real_devices"]

_SCHEMES = MappingProxyType(
    {
        "modbus-tcp": ("modbus-tcp", "modbus-tls", "modbus-udp"),
        "modbus-udp": ("modbus-udp",),
        "modbus-rtu-over-tcp": ("modbus-rtu-over-tcp",),
        "modbus-rtu": ("modbus-rtu", "modbus-rtu-over-tcp"),
        "modbus-ascii": ("modbus-ascii",),
    }
)
"""Addresses that carry the frames of a link, by its protocol."""


@contextmanager
def with_real_devices(
    blueprint: Blueprint, urls: Mapping[str, ModbusUrl], *, allowed_hosts: Collection[str] = ()
) -> Iterator[Blueprint]:
    """Yield a blueprint whose links or lines named in ``urls`` lead to these addresses; they are connected until the
    end.

    The unit id, and of a serial port how it is set, are those of the address; period, time-out and retries stay, as do
    the unit ids on a line.

    Raises:
        UnknownNameError: the rig has no such link, or it shares a line, which is to be named then.
        LinkError: an address does not carry the link's protocol, or nobody is there.
        SafetyRefusal: the device is neither on this machine nor in ``allowed_hosts``; links write.
    """
    for name, url in urls.items():
        _check(name, url, blueprint, allowed_hosts)
    with ExitStack() as stack:
        ends = {name: stack.enter_context(FarEnd(url, step_ns=blueprint.step_ns)) for name, url in urls.items()}
        links = [
            _leading_to(plan, ends[plan.connection_name]) if plan.connection_name in ends else plan
            for plan in blueprint.links
        ]
        yield replace(blueprint, links=tuple(links))


def _check(name: str, url: ModbusUrl, blueprint: Blueprint, allowed_hosts: Collection[str]) -> None:
    links = {plan.connection_name: plan for plan in blueprint.links}
    if name not in links:
        line = next((plan.line for plan in blueprint.links if plan.name == name), None)
        if line is not None:
            message = f"link {name} is on line {line.name}; only the whole line leads to a real one"
            raise UnknownNameError(f"{message}: --link {line.name}={url}")
        known = did_you_mean(name, links) or (f"there are {', '.join(links)}" if links else "it has none")
        raise UnknownNameError(f"rig {blueprint.rig.name} has no link '{name}'; {known}")
    protocol, what = links[name].entry.protocol, "line" if links[name].line is not None else "link"
    if url.scheme not in _SCHEMES[protocol]:
        raise UnknownNameError(
            f"{what} {name} speaks {protocol}, which {url.name} does not carry; write {' or '.join(_SCHEMES[protocol])}"
        )
    require_allowed(
        url.place,
        is_local=url.is_local,
        allowed_places=allowed_hosts,
        who=f"{what} {name}",
        because=f"and a {what} writes",
    )


def _leading_to(plan: LinkPlan, far_end: FarEnd) -> LinkPlan:
    url, line = far_end.url, far_end.url.line
    entry = plan.entry if plan.line is not None else replace(plan.entry, unit_id=url.unit_id)
    if url.is_serial:
        parity = line.parity.name.lower()
        characters = CharacterEntry(line.baud_rate, parity, line.stop_bits, line.data_bits)
        entry = replace(entry, characters=characters)
    return replace(plan, entry=entry, far_end=far_end.framing)
