"""``hil inject FAULT``: make a part of a running cell fail, and well again."""

from __future__ import annotations

from typing import Any

import click

from hil.cli.running_cell import NEGATIVE_NUMBERS, connect, format_value, parse_value, ports_file_option

__all__ = ["command"]


class _WithFaultsOfWires(click.Command):
    """Shows the faults of wires, of which there is one table, behind its help."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from emulators.modbus.faults.guide import common_options, written_options
        from emulators.modbus.faults.kinds import FAULTS

        kinds = tuple(FAULTS.values())
        with formatter.section("Faults of wires, with their options"):
            rows = [(f"{kind.NAME} {written_options(kind)}".rstrip(), kind.SUMMARY) for kind in kinds]
            formatter.write_dl([("down", "the wire is cut; also: hil inject WIRE down, hil inject WIRE up"), *rows])
        with formatter.section("Options of each"):
            formatter.write_text(" ".join(common_options(kinds)))


@click.command(
    "inject",
    context_settings=NEGATIVE_NUMBERS,
    cls=_WithFaultsOfWires,
)
@click.argument("fault", required=False)
@click.argument("value", nargs=-1)
@click.option("--clear", is_flag=True, help="Clear FAULT, those of a part or wire, or every one when none is given.")
@ports_file_option
def command(fault: str | None, value: tuple[str, ...], clear: bool, ports_file: str) -> None:
    """Set FAULT, such as LT-101.stuck, in a running cell; without FAULT, list what can fail and what does. The name
    of an instrument, a part, an endpoint or a link lists its faults, with the options of each.

    VALUE is true (as when it is left out), a number or the size of the fault; FAULT=VALUE says the same. It acts in the
    next step and stays until 'hil inject FAULT --clear'. Exit status: 0, or 1 when the cell refuses or does not run.

    \b
    hil inject LT-101.stuck
    hil inject LT-101.bias_pct -12
    hil inject LT-101.bias_pct --clear

    The wires of endpoints, of lines behind a gateway and of links fail too: all exchanges, or those that options name.

    \b
    hil inject plc1-modbus.no_response
    hil inject plc1-modbus.delay 200ms jitter=50ms function=3 address=0..9
    hil inject plc1-modbus.exception 6 probability=0.1 count=20 unit=1
    hil inject gateway.meters.bad_checksum unit=3
    hil inject plc1-modbus down
    """
    if fault is not None and "=" in fault:
        fault, _, size_text = fault.partition("=")
        value = (size_text, *value)
    if clear and value:
        raise click.UsageError("--clear takes no value")
    with connect(ports_file) as client:
        active = client.status()["faults"]
        targets = client.targets()
        named = [target for target in targets if target["name"] == fault and target["faults"]]
        if clear:
            names = _meant(fault, active, is_whole=bool(named))
            for name in names:
                client.inject(name, None)
            whose = f" of {fault}" if fault else ""
            click.echo(f"cleared {', '.join(names)}" if names else f"no fault{whose} is active")
        elif fault is None or (named and not value):
            _print_faults(named or targets, active)
            counts = [f"{name}.injections" for name in _wires(named or targets)]
            _print_counts(client.read(*counts) if counts else {})
        elif named and value in (("down",), ("up",)):
            client.inject(f"{fault}.down", True if value == ("down",) else None)
            click.echo(f"{fault} is {value[0]}")
        elif named:
            raise click.UsageError(_no_fault_named(named[0], value))
        else:
            size = parse_value(" ".join(value)) if value else True
            client.inject(fault, size)
            click.echo(f"{fault} set to {format_value(size)} {_unit(fault, size, targets)}".rstrip())


def _no_fault_named(target: dict[str, Any], value: tuple[str, ...]) -> str:
    """Say what to write in place of the bare name of a part or wire before a value."""
    from emulators.cell.wires import fault_hint

    name, faults = target["name"], [fault["name"] for fault in target["faults"]]
    if value[0] in faults:
        return f"a fault follows its part after a dot: hil inject {' '.join((f'{name}.{value[0]}', *value[1:]))}"
    return f"{name} has no fault '{value[0][:40]}'; {fault_hint(value[0], faults)}"


def _meant(fault: str | None, active: dict[str, Any], *, is_whole: bool) -> list[str]:
    """Return the faults to clear: one, those of a whole part or wire, or all."""
    if fault is None:
        return list(active)
    return [name for name in active if name.rpartition(".")[0] == fault] if is_whole else [fault]


def _print_faults(targets: list[dict[str, Any]], active: dict[str, Any]) -> None:
    """Print what does fail, then what can."""
    wires = _wires(targets)
    is_short = len(wires) > 1  # they fail alike: the names of all are worth more than twenty lines for each
    faults = [(f"{target['name']}.{fault['name']}", target, fault) for target in targets for fault in target["faults"]]
    held = [f"  {name} = {format_value(active[name])}" for name, _, _ in faults if name in active]
    if held:
        click.echo("\n".join(("active", *held, "", "can fail")))
    rows = [(name, f"wire, 'hil inject {name}' lists how it fails") for name in wires if is_short]
    rows += [
        (name, f"{_range(fault)}  {fault['description']}".rstrip())
        for name, target, fault in faults
        if not (is_short and target["kind"] == "link")
    ]
    width = max((len(name) for name, _ in rows), default=0)
    for name, text in rows:
        click.echo(f"  {name:{width}}  {text}")
    if [target["kind"] for target in targets] == ["link"]:
        _print_options([fault["name"] for _, _, fault in faults])


def _wires(targets: list[dict[str, Any]]) -> list[str]:
    return [target["name"] for target in targets if target["kind"] == "link"]


def _print_counts(counts: dict[str, Any]) -> None:
    """Print how often faults have happened on wires."""
    happened = [f"  {name} = {count}" for name, count in counts.items() if count]
    if happened:
        click.echo("\n".join(("", "happened so far", *happened)))


def _print_options(faults: list[str]) -> None:
    """Print how faults of a wire are written in full."""
    from emulators.modbus.faults.guide import common_options, written_options
    from emulators.modbus.faults.kinds import FAULTS

    kinds = [FAULTS[name] for name in faults if name in FAULTS]
    click.echo("\noptions of one, with what they are without saying")
    width = max(len(kind.NAME) for kind in kinds)
    for kind in kinds:
        if written := written_options(kind):
            click.echo(f"  {kind.NAME:{width}}  {written}")
    click.echo(f"\noptions of each\n  {' '.join(common_options(tuple(kinds)))}")


def _range(fault: dict[str, Any]) -> str:
    if fault["low"] is None or fault["high"] is None:
        return str(fault["type"])
    return f"{fault['type']} {fault['low']:g}..{fault['high']:g} {_named_unit(fault)}".rstrip()


def _unit(name: str, size: object, targets: list[dict[str, Any]]) -> str:
    """Return what a bare number counts: a delay of 200 is one of 200 s."""
    if isinstance(size, bool) or not isinstance(size, int | float):
        return ""
    faults = {f"{target['name']}.{fault['name']}": fault for target in targets for fault in target["faults"]}
    return _named_unit(faults[name]) if name in faults else ""


def _named_unit(fault: dict[str, Any]) -> str:
    return "" if fault["unit"] == "1" else str(fault["unit"])
