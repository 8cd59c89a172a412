"""Entry point of ``hil``: finds the command, turns errors into text and exit codes.

Exit codes: 0 fine, 1 findings or an error of the user's files, 2 wrong usage, 3 internal error, 130 interrupted.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence

import click

from emulators.errors import EmulatorError, InternalError
from hil.cli.commands import COMMANDS
from hil.cli.lazy_group import LazyGroup

__all__ = ["EXIT_FINDINGS", "EXIT_INTERNAL", "EXIT_INTERRUPTED", "EXIT_OK", "EXIT_USAGE", "hil", "main"]

EXIT_OK = 0
EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_INTERNAL = 3
EXIT_INTERRUPTED = 130


def _print_version(ctx: click.Context, _parameter: click.Parameter, is_asked: bool) -> None:
    if not is_asked or ctx.resilient_parsing:
        return
    from importlib.metadata import version

    click.echo(f"hil {version('plc-hil')}")
    ctx.exit()


@click.group(cls=LazyGroup, rows=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_print_version, help="Print the version."
)
@click.option("--traceback", "with_traceback", is_flag=True, help="Show where an error came from in our code.")
def hil(with_traceback: bool) -> None:
    """Hardware-in-the-loop tests for PLC programs: emulated plant, soft PLC, real Modbus and OPC UA endpoints."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``hil`` with the given arguments (the process's own when None) and return the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        result = hil.main(args=given, prog_name="hil", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else EXIT_OK
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("hil: interrupted", err=True)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return EXIT_FINDINGS
    except InternalError as error:
        return _report_internal_error(str(error), given)
    except EmulatorError as error:
        if "--traceback" in given:
            traceback.print_exc()
        click.echo(str(error), err=True)
        return EXIT_FINDINGS
    except OSError as error:
        if error.errno == errno.ENOSPC and error.filename is None:
            _discard_output()
            click.echo("hil: no space left for the output", err=True)
            return EXIT_FINDINGS
        if error.filename is None:
            return _report_internal_error(_summary(error), given)
        click.echo(f"{error.filename}: {error.strerror}; give another file or folder", err=True)
        return EXIT_FINDINGS
    except Exception as error:
        return _report_internal_error(_summary(error), given)


def _report_internal_error(text: str, arguments: Sequence[str]) -> int:
    if "--traceback" in arguments:
        traceback.print_exc()
    click.echo(
        f"hil: internal error: {text}\n"
        "This is a mistake of ours, not of yours: please report it with this text, the command\n"
        f"(hil {' '.join(arguments)}) and the output of 'hil --traceback …' with the same arguments.",
        err=True,
    )
    return EXIT_INTERNAL


def _summary(error: Exception) -> str:
    site = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    ours = tuple(os.path.join(site, package, "") for package in ("emulators", "hil"))
    places = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(ours)]
    place = f" ({os.path.relpath(places[-1].filename, site)}:{places[-1].lineno})" if places else ""
    return f"{type(error).__name__}: {error}{place}"


def _discard_output() -> None:
    """Let the interpreter flush to nowhere: the reader of our output has gone (``hil … | head``)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
