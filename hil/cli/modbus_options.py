"""What the subcommands of ``hil modbus`` share: addresses, names of values and the options of a link."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields, replace
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from emulators.modbus.codes import MAX_READ_BITS, MAX_READ_REGISTERS
from hil.cli.reading_options import meant_names

if TYPE_CHECKING:
    from emulators.description import RegisterMapDescription
    from hil.targets.modbus_link import ModbusLink
    from hil.targets.modbus_url import ModbusUrl

__all__ = ["LinkOptions", "chosen_map", "device_url", "link_options", "size_options", "span", "timeout_option"]


@dataclass(frozen=True, slots=True)
class LinkOptions:
    """How a device is asked; None leaves what suits its transport."""

    map_file: str | None
    timeout_s: float
    requests_per_s: float | None
    max_registers: int | None
    max_bits: int | None
    max_gap: int | None

    def open_link(
        self, url: ModbusUrl, register_map: RegisterMapDescription, *, allowed_hosts: Sequence[str] = ()
    ) -> ModbusLink:
        """Return a link, to the unit of the map where the address says none; the caller enters it."""
        from hil.targets.modbus_link import ModbusLink, usual_limits

        said = {name: getattr(self, name) for name in ("max_registers", "max_bits", "max_gap")}
        return ModbusLink(
            url.or_unit(register_map.unit_id),
            register_map,
            allowed_hosts=allowed_hosts,
            timeout_s=self.timeout_s,
            requests_per_s=self.requests_per_s,
            limits=replace(
                usual_limits(url, register_map), **{name: value for name, value in said.items() if value is not None}
            ),
        )


def span(highest: int) -> Callable[[str], range]:
    """Return the type of an option that takes ``3`` or ``0..99``, up to a highest number."""

    def parse(text: str) -> range:
        low, dots, high = text.partition("..")
        ends = (low, high if dots else low)
        if all(end.isascii() and end.isdecimal() for end in ends) and int(ends[0]) <= int(ends[1]) <= highest:
            return range(int(ends[0]), int(ends[1]) + 1)
        raise click.BadParameter(f"'{text}' is no span inside 0..{highest}; write 0..99")

    return parse


def device_url(text: str) -> ModbusUrl:
    """Return the address of a device; the type of an argument. A wrong one is wrong usage."""
    from hil.targets.modbus_url import ModbusUrl

    try:
        return ModbusUrl.parse(text)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def link_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a link to a command, which gets them as one ``options``."""

    @wraps(command)
    def with_options(**parameters: Any) -> Any:
        options = LinkOptions(**{each.name: parameters.pop(each.name) for each in fields(LinkOptions)})
        return command(options=options, **parameters)

    decorated: Callable[..., Any] = with_options
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


def timeout_option(default_s: float) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return ``--timeout``; the command gets ``timeout_s``."""
    return click.option(
        "--timeout",
        "timeout_s",
        metavar="SECONDS",
        type=click.FloatRange(0.001, 600),
        default=default_s,
        show_default=True,
        help="Longest wait for an answer.",
    )


_SIZE_OPTIONS = (
    click.option(
        "--max-registers",
        metavar="N",
        type=click.IntRange(1, MAX_READ_REGISTERS),
        help="At most N registers a request, for devices that take less than 125.",
    ),
    click.option(
        "--max-bits", metavar="N", type=click.IntRange(1, MAX_READ_BITS), help="The same for coils and inputs."
    ),
)


def size_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--max-registers`` and ``--max-bits``: how much one request may ask for."""
    for option in reversed(_SIZE_OPTIONS):
        command = option(command)
    return command


_OPTIONS = (
    click.option("--map", "map_file", metavar="FILE", help="Register map: a file, or a shipped device or map."),
    timeout_option(3.0),
    click.option(
        "--rate", "requests_per_s", metavar="N", type=click.FloatRange(0.001), help="At most N requests a second."
    ),
    size_options,
    click.option(
        "--max-gap",
        metavar="N",
        type=click.IntRange(0, MAX_READ_BITS),
        help="Read at most N addresses in a row along that nobody asked for; 0: none.",
    ),
)


def chosen_map(
    names: Sequence[str], map_file: str | None, *, are_patterns: bool = True
) -> tuple[RegisterMapDescription, tuple[str, ...] | None]:
    """Return the map that names and ``--map`` mean, and the tags asked for: None for all of the map.

    With ``are_patterns`` a name such as ``CURRENT_*`` means every tag that it matches.

    Raises:
        click.UsageError: neither names nor a map, or a name that is neither a tag nor a range.
        DescriptionError: the map has mistakes.
    """
    from hil.assembly.register_maps import load_any_map
    from hil.targets.modbus_ranges import is_range, map_of_ranges

    if map_file is None and not names:
        raise click.UsageError(
            "say what to read: --map FILE, or ranges such as holding:0..9 ('hil modbus scan' finds them)"
        )
    register_map = load_any_map(map_file).register_map if map_file is not None else None
    known = dict.fromkeys(entry.tag for entry in register_map.entries) if register_map is not None else {}
    if are_patterns:
        names = meant_names(names, known)
    ranges = [name for name in names if name not in known]
    for name in ranges:
        if not is_range(name):
            raise click.UsageError(_unknown(name, known))
    try:
        loose = map_of_ranges(ranges)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if register_map is None:
        return loose, None
    if not names:
        return register_map, None
    joined = replace(register_map, entries=(*register_map.entries, *loose.entries))
    tags = [name for name in names if name in known]
    return joined, (*tags, *(entry.tag for entry in loose.entries))


def _unknown(name: str, known: Collection[str]) -> str:
    from emulators.errors import did_you_mean

    if name.isdecimal():
        return (
            f"'{name}' says no table; write holding:{name} (from 0, as on the wire) "
            f"or a reference of five or six digits such as 4{int(name):04}"
        )
    if not known:
        return f"'{name}' is no range of addresses; give its register map with --map FILE, or write holding:0..9"
    return f"the map has no tag '{name}'; {did_you_mean(name, known) or 'hil map lists them'}"
