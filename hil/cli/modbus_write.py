"""``hil modbus write URL NAME=VALUE…``: write values into a device, as its map allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hil.cli.assignments import parse_assignments
from hil.cli.modbus_options import LinkOptions, chosen_map, device_url, link_options
from hil.cli.modbus_output import shown
from hil.cli.running_cell import NEGATIVE_NUMBERS

if TYPE_CHECKING:
    from emulators.description import RegisterEntry
    from emulators.signals.tags import TagValue
    from hil.targets.modbus_link import ModbusLink
    from hil.targets.modbus_url import ModbusUrl

__all__ = ["command"]


@click.command("write", context_settings=NEGATIVE_NUMBERS)
@click.argument("url", type=device_url)
@click.argument("assignments", nargs=-1, required=True, metavar="NAME=VALUE…")
@link_options
@click.option(
    "--allow-host",
    "allowed_hosts",
    metavar="HOST",
    multiple=True,
    help="Host or serial port that is not this machine and may be written to; give it once for each.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be written where; nothing is sent.")
@click.pass_context
def command(
    context: click.Context,
    url: ModbusUrl,
    assignments: tuple[str, ...],
    options: LinkOptions,
    allowed_hosts: tuple[str, ...],
    dry_run: bool,
) -> None:
    """Write values into a Modbus device, one after the other, and read each back.

    Only to this machine (loopback, pseudo terminals) unless --allow-host names the device's host or serial port. VALUE
    is true, false, on, off, a number, a text or a name of an enumeration; access, range and names of the map hold.
    Nothing is written when one of them is wrong. One value may also be written NAME VALUE. Exit status: 0, or 1 when a
    value is refused, reads back as another one, or the device is silent.

    \b
    hil modbus write modbus-tcp://127.0.0.1:5020/1 LIC-101.SP=60 --map two_tanks
    hil modbus write modbus-tcp://10.0.0.7/1 holding:4=7 coil:0=true --allow-host 10.0.0.7
    """
    given = parse_assignments(assignments, example="holding:4=7")
    register_map, _ = chosen_map([name for name, _ in given], options.map_file, are_patterns=False)
    link = options.open_link(url, register_map, allowed_hosts=allowed_hosts)
    entries = {entry.tag: entry for entry in register_map.entries}
    entries.update({entry.tag: entry for entry in register_map.entries if entry.is_writable})
    asked = [(_entry(entries, name), text) for name, text in given]
    writes = [(entry, link.check_write(entry.tag, _value(entry, text), is_sent=not dry_run)) for entry, text in asked]
    if dry_run:
        for entry, value in writes:
            click.echo(_planned(entry, value))
        return
    are_all_kept = True
    with link:
        for entry, value in writes:
            link.write(entry.tag, value)
            are_all_kept = _read_back(link, entry, value) and are_all_kept
    if not are_all_kept:
        context.exit(1)


def _planned(entry: RegisterEntry, value: TagValue) -> str:
    """Return one line: value, place, and the registers as they would be on the wire."""
    from emulators.modbus.codec import EntryCodec
    from hil.targets.modbus_ranges import range_text

    place = range_text(entry.table, entry.address, entry.end_address - 1)
    if entry.bit is not None:
        place = f"{place} from bit {entry.bit}"
    elif not entry.table.has_bits:
        place = f"{place} as {EntryCodec(entry).encode(value).hex(' ', 2).upper()}"
    return f"{entry.tag}  {shown(entry, value)}  would go to {place}"


def _read_back(link: ModbusLink, entry: RegisterEntry, written: TagValue) -> bool:
    """Print what the device now says and return whether it is what was written."""
    from hil.targets.modbus_differences import is_as_written

    if not link.entry(entry.tag).is_readable:
        click.echo(f"{entry.tag}  written; it cannot be read back")
        return True
    seen = link.read([entry.tag])[entry.tag]
    click.echo(f"{entry.tag}  {shown(entry, seen)}")
    if is_as_written(entry, written, seen):
        return True
    click.echo(
        f"{link.url.name}: {entry.tag} reads back as {shown(entry, seen)}, not {shown(entry, written)}", err=True
    )
    return False


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
