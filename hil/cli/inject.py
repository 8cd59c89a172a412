"""``hil inject FAULT``: make a part of a running cell fail, and well again."""

from __future__ import annotations

from typing import Any

import click

from hil.cli.running_cell import NEGATIVE_NUMBERS, connect, format_value, parse_value, ports_file_option

__all__ = ["command"]


@click.command(
    "inject",
    short_help="Inject faults into a running cell, list or clear them.",
    context_settings=NEGATIVE_NUMBERS,
)
@click.argument("fault", required=False)
@click.argument("value", nargs=-1)
@click.option("--clear", is_flag=True, help="Clear FAULT, or every fault that was injected when none is given.")
@ports_file_option
def command(fault: str | None, value: tuple[str, ...], clear: bool, ports_file: str) -> None:
    """Set FAULT, such as LT-101.stuck, in a running cell; without FAULT, list what can fail and what does. The name
    of an instrument, a part or an endpoint lists its faults, with the options of each.

    VALUE is true (as when it is left out), a number or the size of the fault. It acts in the next step and stays until
    'hil inject FAULT --clear'. Exit status: 0, or 1 when the cell refuses or does not run.

    \b
    hil inject LT-101.stuck
    hil inject LT-101.bias_pct -12
    hil inject LT-101.bias_pct --clear

    The wires of endpoints fail too: all their exchanges, or those that options name.

    \b
    hil inject plc1-modbus.no_response
    hil inject plc1-modbus.delay 200ms jitter=50ms function=3 address=0..9
    hil inject plc1-modbus.exception 6 probability=0.1 count=20 unit=1
    """
    if clear and value:
        raise click.UsageError("--clear takes no value")
    with connect(ports_file) as client:
        active = client.status()["faults"]
        if clear:
            cleared = [fault] if fault else list(active)
            for name in cleared:
                client.inject(name, None)
            click.echo(f"cleared {', '.join(cleared)}" if cleared else "no fault is active")
            return
        targets = client.targets()
        named = [target for target in targets if target["name"] == fault and target["faults"]]
        if fault is None or (named and not value):
            _print_faults(named or targets, active)
        else:
            size = parse_value(" ".join(value)) if value else True
            client.inject(fault, size)
            click.echo(f"{fault} set to {format_value(size)}")


def _print_faults(targets: list[dict[str, Any]], active: dict[str, Any]) -> None:
    """Print what does fail, then what can."""
    rows = [(f"{target['name']}.{fault['name']}", fault) for target in targets for fault in target["faults"]]
    held = [f"  {name} = {format_value(active[name])}" for name, _ in rows if name in active]
    if held:
        click.echo("\n".join(("active", *held, "", "can fail")))
    width = max((len(name) for name, _ in rows), default=0)
    for name, fault in rows:
        click.echo(f"  {name:{width}}  {_range(fault)}  {fault['description']}".rstrip())
    if [target["kind"] for target in targets] == ["link"]:
        _print_options([fault["name"] for _, fault in rows])


def _print_options(faults: list[str]) -> None:
    """Print how faults of a wire are written in full."""
    from emulators.modbus.faults.kinds import FAULTS
    from emulators.modbus.faults.rule import option_names, own_options

    click.echo("\noptions of one")
    width = max(map(len, faults))
    for name in faults:
        if own := own_options(FAULTS[name]):
            click.echo(f"  {name:{width}}  {' '.join(own)}")
    every = dict.fromkeys(option for name in faults for option in option_names(FAULTS[name]))
    particular = {option for name in faults for option in own_options(FAULTS[name])}
    click.echo(f"\noptions of each\n  {' '.join(option for option in every if option not in particular)}")


def _range(fault: dict[str, Any]) -> str:
    if fault["low"] is None or fault["high"] is None:
        return str(fault["type"])
    unit = "" if fault["unit"] == "1" else fault["unit"]
    return f"{fault['type']} {fault['low']:g}..{fault['high']:g} {unit}".rstrip()
