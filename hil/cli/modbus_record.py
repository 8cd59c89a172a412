"""``hil modbus record URL``: a live device as a register map and a CSV that 'hil device run' plays back."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hil.cli.durations import duration
from hil.cli.modbus_options import LinkOptions, chosen_map, device_url, link_options
from hil.cli.modbus_output import echo_left_out, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulators.errors import LinkError
    from hil.cli.progress import Advance
    from hil.targets.modbus_link import ModbusLink
    from hil.targets.modbus_recording import Recording, Sample
    from hil.targets.modbus_url import ModbusUrl

__all__ = ["command"]


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
    values that the device refuses. What is left out is said. Exit status: 0, or 1 when nothing could be read.

    \b
    hil modbus record modbus-tcp://10.0.0.7/1 --map meter.toml --to site --for 5min --every 2s
    hil modbus record modbus-tcp://10.0.0.7/1 holding:0..99 --to site
    """
    from hil.cli.interrupts import interruptible, uninterrupted
    from hil.cli.progress import progress_bar
    from hil.targets.modbus_identity import ask_identity
    from hil.targets.modbus_recording import recording_of
    from hil.targets.modbus_scale_factors import with_factor_tags

    files = _files(target, overwrite=overwrite)
    register_map, chosen = chosen_map(names, options.map_file)
    tags = with_factor_tags(chosen, register_map)
    taken = _Taken()
    with interruptible(), options.open_link(url, register_map) as link:
        identity = ask_identity(link.client).for_map()
        with progress_bar("recording", length_ns) as advance, suppress(KeyboardInterrupt):
            _record(link, tags, taken, length_ns=length_ns, period_ns=period_ns, advance=advance)
    if not taken.samples:
        raise click.Abort
    entries = tuple(entry for entry in register_map.entries if tags is None or entry.tag in tags)
    recording = recording_of(link.url, replace(register_map, entries=entries), taken.samples, identity)
    with uninterrupted():
        _report_left_out(recording, taken.failures)
        _write(files, recording)


@dataclass(slots=True)
class _Taken:
    """What was read by now, and why other readings failed."""

    samples: list[Sample] = field(default_factory=list)
    failures: list[LinkError] = field(default_factory=list)

    @property
    def counts(self) -> str:
        failed = f", {len(self.failures)} failed" if self.failures else ""
        return f"{len(self.samples)} readings{failed}"


def _files(target: str, *, overwrite: bool) -> tuple[Path, Path]:
    stem = target.removesuffix(".toml").removesuffix(".csv")
    files = Path(f"{stem}.toml"), Path(f"{stem}.csv")
    for file in files:
        if file.exists() and not overwrite:
            raise click.UsageError(f"{file} is there already; --overwrite replaces it")
    if not files[0].parent.is_dir():
        raise click.UsageError(f"there is no folder {files[0].parent}")
    return files


def _record(
    link: ModbusLink,
    tags: Sequence[str] | None,
    taken: _Taken,
    *,
    length_ns: int,
    period_ns: int,
    advance: Advance,
) -> None:
    """Take a sample each period; the first must succeed, a later one may fail."""
    from emulators.errors import LinkError
    from hil.targets.modbus_recording import Sample
    from hil.targets.modbus_sampling import steady_readings

    shown_ns = 0
    for time_ns, reading in steady_readings(lambda: link.read_each(tags), period_ns=period_ns, length_ns=length_ns):
        if isinstance(reading, LinkError):
            taken.failures.append(reading)
        else:
            taken.samples.append(Sample(time_ns, reading))
        advance(time_ns - shown_ns, taken.counts)
        shown_ns = time_ns


def _report_left_out(recording: Recording, failures: Sequence[LinkError]) -> None:
    """Say what the files will not have.

    Raises:
        LinkError: that is everything.
    """
    refused = recording.refused
    if refused and all(recording.column(entry.tag) == [] for entry in recording.register_map.entries):
        raise next(iter(refused.values()))
    if failures:
        count = len(recording.samples) + len(failures)
        click.echo(f"{len(failures)} of {count} readings failed and were left out; the last: {failures[-1]}", err=True)
    echo_left_out(refused)
    if recording.frozen_texts:
        click.echo(f"only numbers and bits are played back, not: {listed(recording.frozen_texts)}", err=True)


def _write(files: tuple[Path, Path], recording: Recording) -> None:
    from emulators.timebase import NS_PER_MS, format_duration
    from hil.targets.modbus_recording import recorded_csv, recorded_map

    toml_file, csv_file = files
    _replace(csv_file, recorded_csv(recording))
    _replace(toml_file, recorded_map(recording, toml_file.stem, csv_file.name))
    tags = [entry.tag for entry in recording.register_map.entries if recording.column(entry.tag)]
    moved = sum(recording.is_replayed(tag) for tag in tags)
    length = format_duration(recording.samples[-1].time_ns // NS_PER_MS * NS_PER_MS)
    readings = f"{len(recording.samples)} readings in {length}" if len(recording.samples) > 1 else "1 reading"
    counts = f"{len(tags)} values, {moved} of them moved, {readings}"
    click.echo(f"{toml_file}, {csv_file}: {counts}")
    click.echo(f"'hil device run {os.fspath(toml_file)}' plays it back")


def _replace(file: Path, text: str) -> None:
    """Write a file at one go: whoever stops us leaves the old one or the new one, never a part."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
