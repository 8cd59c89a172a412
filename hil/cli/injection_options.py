"""Options that keep what fails in a run, and let it happen again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from hil.assembly.injection_files import InjectionFiles

__all__ = ["takes_injection_files"]

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

_FILE = click.Path(dir_okay=False, path_type=Path)
_OPTIONS = (
    click.option(
        "--injections",
        "target",
        type=_FILE,
        metavar="FILE",
        help="Write every fault that happens to a request or a connection, and each that 'hil inject' sets or clears"
        " in the plant, a JSON line each.",
    ),
    click.option(
        "--replay",
        "source",
        type=_FILE,
        metavar="FILE",
        help="Let exactly the faults of such a file happen again, with its seed, whatever rules are switched on.",
    ),
)


def takes_injection_files(function: FunctionT) -> FunctionT:
    """Add the options to a command with ``--seed``; it gets one argument ``injection_files``."""

    @wraps(function)
    def command(target: Path | None, source: Path | None, seed: int | None, **given: Any) -> Any:
        files, own_seed = _files(target, source)
        is_chosen = click.get_current_context().get_parameter_source("seed") is ParameterSource.COMMANDLINE
        if own_seed is not None and is_chosen and seed != own_seed:
            raise click.UsageError(f"{source} was written with seed {own_seed}; leave out --seed")
        with files:
            return function(injection_files=files, seed=seed if own_seed is None else own_seed, **given)

    for option in reversed(_OPTIONS):
        command = option(command)
    return command  # type: ignore[return-value]  # the same function with options in front


def _files(target: Path | None, source: Path | None) -> tuple[InjectionFiles, int | None]:
    """Return the files and the seed that the run must have, None where it is free."""
    from hil.assembly.injection_files import InjectionFiles, load_injections

    if source is None:
        return InjectionFiles(target), None
    if target is not None and target.resolve() == source.resolve():
        raise click.UsageError("--injections would overwrite the file of --replay; give another one")
    stored = load_injections(source)
    return InjectionFiles(target, stored), stored.seed
