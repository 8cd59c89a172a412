"""A cell whose links lead to real devices in place of emulated ones: its controllers talk to them as it runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from types import MappingProxyType

from emulators.cell import Blueprint
from emulators.cell.link_plan import LinkPlan
from emulators.errors import did_you_mean
from hil.errors import UnknownNameError
from hil.safety import require_allowed
from hil.targets.modbus_far_end import FarEnd
from hil.targets.modbus_url import ModbusUrl

__all__ = ["with_real_devices"]

_SCHEMES = MappingProxyType(
    {
        "modbus-tcp": ("modbus-tcp", "modbus-tls", "modbus-udp"),
        "modbus-rtu": ("modbus-rtu", "modbus-rtu-over-tcp"),
    }
)
"""Addresses that carry the frames of a link, by its protocol."""


@contextmanager
def with_real_devices(
    blueprint: Blueprint, urls: Mapping[str, ModbusUrl], *, allowed_hosts: Collection[str] = ()
) -> Iterator[Blueprint]:
    """Yield a blueprint whose links named in ``urls`` lead to these addresses; they are connected until the end.

    The unit id, and of a serial port how it is set, are those of the address; period, time-out and retries stay.

    Raises:
        UnknownNameError: the rig has no such link.
        LinkError: an address does not carry the link's protocol, or nobody is there.
        SafetyRefusal: the device is neither on this machine nor in ``allowed_hosts``; links write.
    """
    for name, url in urls.items():
        _check(name, url, blueprint, allowed_hosts)
    with ExitStack() as stack:
        links = [
            _leading_to(plan, stack.enter_context(FarEnd(urls[plan.name], step_ns=plan.step_ns)))
            if plan.name in urls
            else plan
            for plan in blueprint.links
        ]
        yield replace(blueprint, links=tuple(links))


def _check(name: str, url: ModbusUrl, blueprint: Blueprint, allowed_hosts: Collection[str]) -> None:
    links = {plan.name: plan for plan in blueprint.links}
    if name not in links:
        known = did_you_mean(name, links) or (f"there are {', '.join(links)}" if links else "it has none")
        raise UnknownNameError(f"rig {blueprint.rig.name} has no link '{name}'; {known}")
    protocol = links[name].entry.protocol
    if url.scheme not in _SCHEMES[protocol]:
        raise UnknownNameError(
            f"link {name} speaks {protocol}, which {url.name} does not carry; write {' or '.join(_SCHEMES[protocol])}"
        )
    require_allowed(
        url.place, is_local=url.is_local, allowed_places=allowed_hosts, who=f"link {name}", because="and a link writes"
    )


def _leading_to(plan: LinkPlan, far_end: FarEnd) -> LinkPlan:
    url, line = far_end.url, far_end.url.line
    entry = replace(plan.entry, unit_id=url.unit_id)
    if url.is_serial:
        parity = line.parity.name.lower()
        entry = replace(entry, baud_rate=line.baud_rate, parity=parity, stop_bits=line.stop_bits)
    return replace(plan, entry=entry, far_end=far_end.framing)
