"""``hil demo``: the main job on the two-tank cell, from source text to a reduced failure and its picture."""

from __future__ import annotations

import datetime
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

    from hil.assembly.judging import JudgedProgram
    from hil.campaign import Defect, RequirementTest

__all__ = ["command"]

RIG = "two_tanks"
PROGRAM = f"fixtures/programs/{RIG}"
DEFECT = "missing_switch"
SCENARIOS_PER_REQUIREMENT = 25
READ_BACK_TAGS = ("LT-101", "TT-101", "LIC-101.SP", "P-101.RUN")
PLANT_TIME_BEFORE_READING = "90 s"


@click.command("demo")
@click.option(
    "--seed", type=click.IntRange(min=0), metavar="N", default=0, show_default=True, help="Seed of the search."
)
@click.option(
    "--scenarios",
    type=click.IntRange(min=1),
    default=SCENARIOS_PER_REQUIREMENT,
    show_default=True,
    help="Scenarios for each requirement.",
)
@click.option(
    "--report",
    "report_folder",
    type=click.Path(file_okay=False),
    default="hil-report",
    show_default=True,
    help="Where the report goes.",
)
def command(seed: int, scenarios: int, report_folder: str) -> int:
    """Compile a control program, close the loop with its plant, speak Modbus and OPC UA, test, find a planted defect.

    Needs no compiler, no server and no account. Everything runs on 127.0.0.1.
    """
    from hil.campaign import load_defect, load_requirement_tests
    from hil.cli.console import output_console
    from hil.cli.interrupts import interruptible
    from hil.resources import shipped_path

    console = output_console()
    start = time.perf_counter()
    folder = shipped_path(PROGRAM)
    tests = load_requirement_tests(folder / "test_requirements.py")
    defect = load_defect(folder / "defects" / f"{DEFECT}.toml")
    with interruptible():
        _show_cell(console)
        _show_wires(console)
        good = _judge(console, None, tests, scenarios, seed)
        bad = _judge(console, defect, tests, scenarios, seed)
    page = _write_report(Path(report_folder), defect, good, bad)
    _print_summary(console, good, bad, page, time.perf_counter() - start)
    return 0 if not good.failures and bad.failures else 1


def _step(console: Console, title: str) -> None:
    from rich.text import Text

    console.print(Text(f"\n{title}", style="bold"))


def _show_cell(console: Console) -> None:
    from emulators.timebase import format_duration
    from hil.assembly import make_blueprint, make_cell

    _step(console, "1  Compile the control program and fuse it with its plant")
    start = time.perf_counter()
    blueprint = make_blueprint(RIG)
    front_end_s = time.perf_counter() - start
    cell = make_cell(blueprint, executor="tcc")
    native_s = time.perf_counter() - start - front_end_s
    lines = sum(source.text.count("\n") for program in blueprint.programs.values() for source in program.sources)
    console.print(
        f"   {PROGRAM}/control.st, {lines} lines, and {len(blueprint.plant.wired.instances)} components of the plant: "
        f"checked in {front_end_s:.2f} s, native code in {native_s:.2f} s ({cell.executor}, in memory)"
    )
    n_steps = 20_000
    start = time.perf_counter()
    cell.run(n_steps)
    elapsed_s = time.perf_counter() - start
    console.print(
        f"   the loop steps every {format_duration(cell.step_ns)} of plant time, {elapsed_s / n_steps * 1e9:,.0f} ns "
        f"a step: {cell.step_ns * n_steps / 1e9 / elapsed_s:,.0f} times as fast as the plant"
    )


def _show_wires(console: Console) -> None:
    from tempfile import TemporaryDirectory

    from rich.table import Table

    from emulators.serving import Pacing
    from emulators.timebase import parse_duration
    from hil.assembly.read_back import read_back_in_another_process
    from hil.assembly.serving import running_cell
    from hil.cli.running_cell import format_value

    _step(console, "2  Open its endpoints and read them back from another process")
    with TemporaryDirectory(prefix="hil-demo-") as folder:
        ports_file = Path(folder) / "ports.json"
        with running_cell(RIG, pacing=Pacing.STEPPED, ports_file=ports_file) as running:
            for address in running.endpoints:
                console.print(f"   {address.name:12} {address.url}")
            running.served.write("START", True)
            running.served.step(parse_duration(PLANT_TIME_BEFORE_READING) // running.blueprint.step_ns)
            inside = running.served.read(READ_BACK_TAGS)
            outside = read_back_in_another_process(RIG, ports_file, READ_BACK_TAGS)
    table = Table(box=None, pad_edge=False)
    for heading in ("   tag", "in the cell", *outside):
        table.add_column(heading, justify="left" if heading.endswith("tag") else "right")
    for tag in READ_BACK_TAGS:
        values = [format_value(values[tag]) for values in outside.values()]
        table.add_row(f"   {tag}", format_value(inside[tag]), *values)
    console.print(table)


def _judge(
    console: Console, defect: Defect | None, tests: tuple[RequirementTest, ...], count: int, seed: int
) -> JudgedProgram:
    from emulators.timebase import format_duration
    from hil.assembly import make_bench
    from hil.assembly.judging import judge_program
    from hil.cli.progress import progress_bar
    from hil.report import render_failure
    from hil.resources import shipped_path

    if defect is None:
        _step(console, f"3  Test its {len(tests)} requirements: operators, disturbances, faults, power failures")
        overrides = {}
    else:
        _step(console, f"4  The same with a planted defect: {defect.title}")
        source = shipped_path(PROGRAM) / "control.st"
        overrides = {source: defect.apply(source.read_text("utf-8"))}
    bench = make_bench(RIG, overrides=overrides)
    start = time.perf_counter()
    with progress_bar("   scenarios", count * len(tests)) as advance:
        judged = judge_program(
            bench,
            tests,
            count=count,
            seed=seed,
            advance=advance,
            replay=lambda test: f"hil demo --seed {seed} --scenarios {count}",
        )
    elapsed_s = time.perf_counter() - start
    plant_time = format_duration(judged.plant_time_ns)
    console.print(
        f"   {judged.scenarios} scenarios, {plant_time} of plant time, in {elapsed_s:.1f} s: "
        f"{len(tests) - len(judged.failures)} of {len(tests)} requirements hold"
    )
    for failure in judged.failures:
        text = render_failure(failure, is_terminal=console.is_terminal)
        click.echo("\n" + "\n".join(f"   {line}" for line in text.splitlines()), color=console.is_terminal or None)
    return judged


def _write_report(folder: Path, defect: Defect, good: JudgedProgram, bad: JudgedProgram) -> Path:
    from importlib.metadata import version

    from emulators.timebase import format_duration
    from hil.report import ReportData, write_report

    data = ReportData(
        title="Two tanks with a planted defect",
        rig=RIG,
        date=datetime.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        tool=f"plc-hil {version('plc-hil')}",
        requirements=bad.results,
        failures=bad.failures,
        facts=(
            ("planted defect", defect.title),
            ("needs", defect.needs),
            ("scenarios", f"{bad.scenarios}"),
            ("plant time", format_duration(bad.plant_time_ns)),
            ("the good program", f"{good.scenarios} scenarios, {len(good.failures)} failures"),
        ),
    )
    return write_report(data, folder)


def _print_summary(console: Console, good: JudgedProgram, bad: JudgedProgram, page: Path, elapsed_s: float) -> None:
    from emulators.timebase import format_duration

    plant_time = format_duration(good.plant_time_ns + bad.plant_time_ns)
    _step(console, f"{good.scenarios + bad.scenarios} scenarios, {plant_time} of plant time, {elapsed_s:.1f} s in all")
    if good.failures:
        console.print("the good program failed: this is a mistake of ours, please report it")
    if not bad.failures:
        console.print("the planted defect was not found: try more --scenarios")
    console.print(f"report: {page}")
