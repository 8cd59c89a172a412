"""``hil modbus record URL``: a live device as a register map and a CSV that 'hil device run' plays back."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from hil.cli.durations import duration
from hil.cli.modbus_options import LinkOptions, chosen_map, device_url, link_options
from hil.cli.modbus_output import echo_left_out, listed
from hil.cli.recording_files import CsvWriter, RecordingFiles

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulators.errors import LinkError
    from hil.cli.progress import Advance
    from hil.targets.modbus_differences import Reading
    from hil.targets.modbus_recording import Recorder
    from hil.targets.modbus_url import ModbusUrl

__all__ = ["command", "record", "report_left_out"]


@click.command("record")
@click.argument("url", type=device_url)
@click.argument("names", nargs=-1, metavar="[NAME]…")
@link_options
@click.option(
    "--to", "target", metavar="PATH", required=True, help="Files to write, without ending: PATH.toml and PATH.csv."
)
@click.option(
    "--for", "length_ns", type=duration, default="10s", show_default=True, metavar="TIME", help="How long to read."
)
@click.option(
    "--every", "period_ns", type=duration, default="1s", show_default=True, metavar="TIME", help="How often to read."
)
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
def command(
    url: ModbusUrl,
    names: tuple[str, ...],
    options: LinkOptions,
    target: str,
    length_ns: int,
    period_ns: int,
    overwrite: bool,
) -> None:
    """Capture what a Modbus device says for a while; Ctrl-C ends early and keeps what was read.

    PATH.toml is a register map with the values seen first and the unit id; numbers and bits that moved are played back
    from PATH.csv by 'hil device run PATH.toml'. A reading that fails is left out, and the value before it holds; so are
    values that the device refuses. What is left out is said. Readings are on the disk as they come, in PATH.csv.part
    until the end. Exit status: 0, or 1 when nothing could be read.

    \b
    hil modbus record modbus-tcp://10.0.0.7/1 --map meter.toml --to site --for 5min --every 2s
    hil modbus record modbus-tcp://10.0.0.7/1 holding:0..99 --to site
    """
    from hil.cli.interrupts import interruptible, uninterrupted
    from hil.cli.progress import progress_bar
    from hil.targets.modbus_identity import ask_identity
    from hil.targets.modbus_recording import Recorder
    from hil.targets.modbus_sampling import steady_readings
    from hil.targets.modbus_scale_factors import with_factor_tags

    files = RecordingFiles.at(target, overwrite=overwrite)
    register_map, chosen = chosen_map(names, options.map_file)
    tags = with_factor_tags(chosen, register_map)
    entries = tuple(entry for entry in register_map.entries if tags is None or entry.tag in tags)
    with interruptible(), options.open_link(url, register_map) as link:
        identity = ask_identity(link.client).for_map()
        recorder = Recorder.of_device(link.url, replace(register_map, entries=entries), identity)
        with (
            files.rows_of(recorder) as rows,
            progress_bar("recording", length_ns) as advance,
            suppress(KeyboardInterrupt),
        ):
            readings = steady_readings(lambda: link.read_each(tags), period_ns=period_ns, length_ns=length_ns)
            record(readings, recorder, rows, advance)
    if not recorder.count:
        raise click.Abort
    with uninterrupted():
        report_left_out(recorder)
        files.settle(recorder)
        _print_result(files, recorder)


def record(
    readings: Iterable[tuple[int, Reading | LinkError]],
    recorder: Recorder,
    rows: CsvWriter,
    advance: Advance,
) -> None:
    """Write a row for each reading as it comes."""
    from emulators.errors import LinkError

    shown_ns = 0
    for time_ns, reading in readings:
        if isinstance(reading, LinkError):
            recorder.fail(reading)
        else:
            rows.writerow(recorder.take(time_ns, reading))
        failed = f", {recorder.failed_count} failed" if recorder.failed_count else ""
        advance(time_ns - shown_ns, f"{recorder.count} readings{failed}")
        shown_ns = time_ns


def report_left_out(recorder: Recorder) -> None:
    """Say what the files will not have.

    Raises:
        LinkError: that is everything.
    """
    refused = recorder.refused
    if refused and not recorder.read_tags:
        raise next(iter(refused.values()))
    if recorder.failed_count:
        failed = f"{recorder.failed_count} of {recorder.failed_count + recorder.count} readings failed"
        click.echo(f"{failed} and were left out; the last: {recorder.last_failure}", err=True)
    echo_left_out(refused)
    if recorder.frozen_tags:
        click.echo(f"only numbers and bits are played back, not: {listed(recorder.frozen_tags)}", err=True)


def _print_result(files: RecordingFiles, recorder: Recorder) -> None:
    from emulators.timebase import NS_PER_MS, format_duration

    length = format_duration(recorder.last_ns // NS_PER_MS * NS_PER_MS)
    readings = f"{recorder.count} readings in {length}" if recorder.count > 1 else "1 reading"
    counts = f"{len(recorder.read_tags)} values, {len(recorder.replayed_tags)} of them moved, {readings}"
    click.echo(f"{files.toml}, {files.csv}: {counts}")
    click.echo(f"'hil device run {os.fspath(files.toml)}' plays it back")
