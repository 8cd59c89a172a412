"""``hil modbus read URL NAME…``: values of a device by tag or by address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hil.cli.modbus_options import chosen_map, device_url, echo_json, open_link, plain, shared_options, shown

if TYPE_CHECKING:
    from hil.targets.modbus_url import ModbusUrl

__all__ = ["command"]


@click.command("read", short_help="Read values by tag or by address.")
@click.argument("url", type=device_url)
@click.argument("names", nargs=-1, metavar="[NAME]…")
@shared_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: values by name.")
def command(
    url: ModbusUrl,
    names: tuple[str, ...],
    map_file: str | None,
    timeout_s: float,
    requests_per_s: float | None,
    as_json: bool,
) -> None:
    """Read values of a Modbus device; without NAME, everything in the map that can be read.

    Prints one line a value: name, value, unit. Exit status: 0, or 1 when the device refuses or is silent.

    \b
    hil modbus read modbus-tcp://127.0.0.1:5020/1 LEVEL --map two_tanks
    hil modbus read modbus-tcp://10.0.0.7/1 holding:100..103 input:0:float32
    """
    register_map, tags = chosen_map(names, map_file)
    with open_link(url, register_map, timeout_s=timeout_s, requests_per_s=requests_per_s) as link:
        values = link.read(tags)
        if as_json:
            echo_json({name: plain(value) for name, value in values.items()})
            return
        width = max((len(name) for name in values), default=0)
        for name, value in values.items():
            click.echo(f"{name:{width}}  {shown(link.entry(name), value)}")
