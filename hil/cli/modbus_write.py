"""``hil modbus write URL NAME=VALUE…``: write values into a device, as its map allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hil.cli.modbus_options import chosen_map, device_url, open_link, shared_options, shown

if TYPE_CHECKING:
    from emulators.description import RegisterEntry
    from emulators.signals.tags import TagValue
    from hil.targets.modbus_url import ModbusUrl

__all__ = ["command"]


@click.command("write", short_help="Write values by tag or by address.")
@click.argument("url", type=device_url)
@click.argument("assignments", nargs=-1, required=True, metavar="NAME=VALUE…")
@shared_options
@click.option(
    "--allow-host",
    "allowed_hosts",
    metavar="HOST",
    multiple=True,
    help="Host or serial port that is not this machine and may be written to; give it once for each.",
)
def command(
    url: ModbusUrl,
    assignments: tuple[str, ...],
    map_file: str | None,
    timeout_s: float,
    requests_per_s: float | None,
    allowed_hosts: tuple[str, ...],
) -> None:
    """Write values into a Modbus device, one after the other, and print what it then says.

    Only to this machine (loopback, pseudo terminals) unless --allow-host names the device's host or serial port. VALUE
    is true, false, a number, a text or a name of an enumeration; access, range and names of the map hold. Nothing is
    written when one of them is wrong. Exit status: 0, or 1 when a value is refused or the device is silent.

    \b
    hil modbus write modbus-tcp://127.0.0.1:5020/1 LIC-101.SP=60 --map two_tanks
    hil modbus write modbus-tcp://10.0.0.7/1 holding:4=7 coil:0=true --allow-host 10.0.0.7
    """
    given = [_split(text) for text in assignments]
    register_map, _ = chosen_map([name for name, _ in given], map_file)
    link = open_link(url, register_map, timeout_s=timeout_s, requests_per_s=requests_per_s, allowed_hosts=allowed_hosts)
    entries = {entry.tag: entry for entry in register_map.entries if entry.is_writable}
    entries = {**{entry.tag: entry for entry in register_map.entries}, **entries}
    writes = [(entry := _entry(entries, name), _value(entry, text)) for name, text in given]
    for entry, value in writes:
        link.check_write(entry.tag, value)
    with link:
        for entry, value in writes:
            link.write(entry.tag, value)
            if link.entry(entry.tag).is_readable:
                click.echo(f"{entry.tag}  {shown(entry, link.read([entry.tag])[entry.tag])}")
            else:
                click.echo(f"{entry.tag}  written")


def _split(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.UsageError(f"'{text}' assigns nothing; write NAME=VALUE, as in holding:4=7")
    return name, value


def _entry(entries: dict[str, RegisterEntry], name: str) -> RegisterEntry:
    """Return the one entry that a tag or a range means."""
    from hil.targets.modbus_ranges import parse_range

    if name in entries:
        return entries[name]
    found = parse_range(name)
    if len(found) > 1:
        raise click.UsageError(f"'{name}' has {len(found)} values; write one at a time, as in {found[0].tag}=7")
    return found[0]


def _value(entry: RegisterEntry, text: str) -> TagValue:
    from hil.cli.running_cell import parse_value

    is_text = entry.type.is_string or text in [name for _, name in entry.names]
    return text if is_text else parse_value(text)
