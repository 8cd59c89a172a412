"""``hil modbus record URL``: a live device as a register map and a CSV that 'hil device run' plays back."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hil.cli.durations import duration
from hil.cli.modbus_options import chosen_map, device_url, open_link, shared_options

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hil.targets.modbus_link import ModbusLink
    from hil.targets.modbus_recording import Recording, Sample
    from hil.targets.modbus_url import ModbusUrl

__all__ = ["command"]

_NS_PER_S = 1_000_000_000


@click.command("record", short_help="Capture a device into files that can be emulated.")
@click.argument("url", type=device_url)
@click.argument("names", nargs=-1, metavar="[NAME]…")
@shared_options
@click.option(
    "--to", "target", metavar="PATH", required=True, help="Files to write, without ending: PATH.toml and PATH.csv."
)
@click.option("--for", "length_ns", type=duration, default="10s", show_default=True, metavar="TIME")
@click.option("--every", "period_ns", type=duration, default="1s", show_default=True, metavar="TIME")
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
def command(
    url: ModbusUrl,
    names: tuple[str, ...],
    map_file: str | None,
    timeout_s: float,
    requests_per_s: float | None,
    target: str,
    length_ns: int,
    period_ns: int,
    overwrite: bool,
) -> None:
    """Capture what a Modbus device says for a while; Ctrl-C ends early and keeps what was read.

    PATH.toml is a register map with the values seen first; what moved is played back from PATH.csv by
    'hil device run PATH.toml'. A reading that fails is left out; the value before it holds.

    \b
    hil modbus record modbus-tcp://10.0.0.7/1 --map meter.toml --to site --for 5min --every 2s
    hil modbus record modbus-tcp://10.0.0.7/1 holding:0..99 --to site
    """
    from hil.cli.interrupts import interruptible
    from hil.cli.progress import progress_bar
    from hil.targets.modbus_recording import Recording, with_tag_names

    files = _files(target, overwrite=overwrite)
    register_map, tags = chosen_map(names, map_file)
    samples: list[Sample] = []
    with interruptible(), open_link(url, register_map, timeout_s=timeout_s, requests_per_s=requests_per_s) as link:
        identity = _identity(link)
        with progress_bar("recording", length_ns) as advance, suppress(KeyboardInterrupt):
            _record(link, tags, samples, length_ns=length_ns, period_ns=period_ns, advance=advance)
    if not samples:
        raise click.Abort
    entries = tuple(entry for entry in register_map.entries if tags is None or entry.tag in tags)
    chosen = replace(register_map, entries=entries)
    _write(files, with_tag_names(Recording(chosen, tuple(samples), str(url), identity)))


def _files(target: str, *, overwrite: bool) -> tuple[Path, Path]:
    stem = target.removesuffix(".toml").removesuffix(".csv")
    files = Path(f"{stem}.toml"), Path(f"{stem}.csv")
    for file in files:
        if file.exists() and not overwrite:
            raise click.UsageError(f"{file} is there already; --overwrite replaces it")
    if not files[0].parent.is_dir():
        raise click.UsageError(f"there is no folder {files[0].parent}")
    return files


def _identity(link: ModbusLink) -> Mapping[str, str]:
    from emulators.description.register_map_reader import IDENTITY_KEYS
    from hil.targets.modbus_errors import ExceptionAnswerError, NoAnswerError

    try:
        found = link.client.identification()
    except (ExceptionAnswerError, NoAnswerError):
        return {}
    return {IDENTITY_KEYS[number]: text for number, text in found.items() if number < len(IDENTITY_KEYS)}


def _record(
    link: ModbusLink,
    tags: Sequence[str] | None,
    samples: list[Sample],
    *,
    length_ns: int,
    period_ns: int,
    advance: Callable[[float], None],
) -> None:
    """Add a sample each period; the first must succeed, a later one may fail."""
    from emulators.errors import LinkError
    from hil.targets.modbus_recording import Sample

    start_ns = time.monotonic_ns()
    due_ns = lost = 0
    try:
        while due_ns <= length_ns:
            wait_ns = start_ns + due_ns - time.monotonic_ns()
            if wait_ns > 0:
                time.sleep(wait_ns / _NS_PER_S)
            taken_ns = time.monotonic_ns() - start_ns if samples else 0
            try:
                samples.append(Sample(taken_ns, link.read_each(tags)))
            except LinkError:
                if not samples:
                    raise
                lost += 1
            advance(period_ns)
            due_ns = max(due_ns + period_ns, (time.monotonic_ns() - start_ns) // period_ns * period_ns)
    finally:
        if lost:
            click.echo(f"{lost} of the readings failed and were left out", err=True)


def _write(files: tuple[Path, Path], recording: Recording) -> None:
    from hil.targets.modbus_recording import recorded_csv, recorded_map

    toml_file, csv_file = files
    csv_file.write_text(recorded_csv(recording), encoding="utf-8")
    toml_file.write_text(recorded_map(recording, toml_file.stem, csv_file.name), encoding="utf-8")
    count = len(recording.register_map.entries)
    click.echo(f"{toml_file}, {csv_file}: {count} values, {len(recording.samples)} readings")
    click.echo(f"'hil device run {os.fspath(toml_file)}' plays it back")
