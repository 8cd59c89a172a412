"""``hil simulate RIG``: run a cell without any test, print where it ended, record it, take its digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from emulators.cell.executors import EXECUTOR_NAMES
from hil.cli.durations import duration

if TYPE_CHECKING:
    from hil.bench.emulated import EmulatedBench
    from hil.scenario.timeline import Timeline
    from hil.trace import Trace

__all__ = ["command"]

_DEFAULT_DURATION = "10 min"


@click.command("simulate")
@click.argument("rig", metavar="RIG")
@click.option(
    "--scenario",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Timeline to play, such as .hil/failures/….json.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), metavar="N", help="Seed of noise and jitter; the rig's own when left out."
)
@click.option(
    "--for",
    "duration_ns",
    type=duration,
    metavar="TIME",
    help=f"Plant time: 90s, 1h30min; else that of the scenario, or {_DEFAULT_DURATION}.",
)
@click.option(
    "--executor",
    type=click.Choice(EXECUTOR_NAMES),
    default="auto",
    show_default=True,
    help="auto: tcc, then gcc for long runs where there is one. python: the plant in plain Python.",
)
@click.option(
    "--trace", "trace_file", type=click.Path(dir_okay=False), metavar="FILE", help="Write every column to a CSV file."
)
@click.option("--sha256", "with_digest", is_flag=True, help="Print only the digest of everything recorded.")
def command(
    rig: str,
    scenario: str | None,
    seed: int | None,
    duration_ns: int | None,
    executor: str,
    trace_file: str | None,
    with_digest: bool,
) -> int:
    """Run the cell that RIG describes: a rig file, or the name of a shipped rig such as two_tanks.

    The same rig, scenario and seed give the same bits with every executor: compare them with --sha256.
    A trace is read by pandas.read_csv(FILE, comment="#"); of a plant that stops it has the rows until then.

    \b
    hil simulate two_tanks --for 1h --trace out.csv
    hil simulate rig.toml --scenario .hil/failures/a91f03c2.json
    """
    import time

    from hil.assembly import make_bench
    from hil.bench.protocol import PlantFault

    bench = make_bench(rig, executor=executor)
    timeline = _timeline(scenario, seed, duration_ns)
    if scenario is not None:
        from hil.scenario.playable import refuse_unplayable

        refuse_unplayable(timeline, bench.check, scenario)
    wanted = bench.all_columns() if trace_file or with_digest else ()
    start = time.perf_counter()
    try:
        trace = _run_with_progress(bench, timeline, wanted)
    except PlantFault as fault:
        _write_trace(fault.trace, trace_file)
        raise
    elapsed_s = time.perf_counter() - start
    _write_trace(trace, trace_file)
    if with_digest:
        click.echo(trace.sha256())
        return 0
    _print_end(bench, elapsed_s, trace_file)
    return 0


def _write_trace(trace: Trace, trace_file: str | None) -> None:
    if trace_file:
        from pathlib import Path

        from hil.trace import write_csv

        write_csv(trace, Path(trace_file))


def _timeline(scenario: str | None, seed: int | None, asked_ns: int | None) -> Timeline:
    from dataclasses import replace
    from pathlib import Path

    from emulators.timebase import parse_duration
    from hil.scenario.timeline import Timeline
    from hil.scenario.timeline_reader import load_timeline

    if scenario is None:
        return Timeline(asked_ns or parse_duration(_DEFAULT_DURATION), seed=seed)
    timeline = load_timeline(Path(scenario))
    events = timeline.events
    if asked_ns:
        events = tuple(event for event in events if event.time_ns <= asked_ns)
    return replace(
        timeline,
        duration_ns=asked_ns or timeline.duration_ns,
        events=events,
        seed=timeline.seed if seed is None else seed,
    )


def _run_with_progress(bench: EmulatedBench, timeline: Timeline, columns: tuple[str, ...]) -> Trace:
    """Run in slices, so that a bar can move and Ctrl-C is heard; the bits are those of one call."""
    from hil.cli.progress import progress_bar

    with progress_bar("simulating", timeline.duration_ns) as advance:
        return bench.run_in_slices(timeline, columns, advance)


def _print_end(bench: EmulatedBench, elapsed_s: float, trace_file: str | None) -> None:
    from rich.table import Table

    from emulators.cell import TargetKind
    from emulators.timebase import NS_PER_S, format_duration
    from hil.cli.console import output_console
    from hil.cli.running_cell import format_value

    console = output_console()
    table = Table(box=None, pad_edge=False)
    for heading in ("tag", "value", "unit", "what"):
        table.add_column(heading, justify="right" if heading == "value" else "left")
    for name, target in bench.catalogue.items():
        if target.kind is TargetKind.TAG:
            number = bench.read(name)
            table.add_row(
                name, format_value(number, digits=4, names=target.enumerators), target.unit, target.description
            )
    console.print(table)
    for name in bench.cell.blueprint.plcs:
        status = bench.cell.plc_status(name)
        fault = f": {status.fault}" if status.fault is not None else ""
        console.print(f"{name} {status.mode.name} after {status.scan_count} scans{fault}")
    plant_time_ns = bench.cell.time_ns
    factor = plant_time_ns / NS_PER_S / elapsed_s if elapsed_s else 0.0
    console.print(
        f"{format_duration(plant_time_ns)} of plant time in {elapsed_s:.2f} s "
        f"({factor:,.0f} times as fast, executor {bench.cell.executor})"
    )
    if trace_file:
        console.print(f"trace: {trace_file}")
