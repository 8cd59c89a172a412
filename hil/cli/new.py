"""``hil new DIR``: write a small project that runs with ``pytest`` at once.

The project is the folder ``templates/project`` with ``{{name}}`` filled in. A file that would act on this repository
under its own name is kept under another one there.
"""

from __future__ import annotations

import re
from pathlib import Path

import click

__all__ = ["command", "write_project"]

_TEMPLATE = Path(__file__).parent / "templates" / "project"
_RENAMED = {"gitignore": ".gitignore"}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


@click.command("new")
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--name", help="Name of the rig; default: the folder's name.")
def command(directory: Path, name: str | None) -> None:
    """Write a small project into DIR: a control program with requirements, its rig with register map, and tests.

    DIR is made; it must not exist or be empty.
    """
    written_name = name if name is not None else directory.resolve().name
    if not _NAME.fullmatch(written_name):
        raise click.UsageError(
            f"'{written_name}' is not a name for a rig: start with a letter, go on with letters, digits, '-' and '_'; "
            "--name gives another one"
        )
    if directory.is_dir() and any(directory.iterdir()):
        raise click.ClickException(f"{directory} is not empty; name a new folder")
    for path in write_project(directory, written_name):
        click.echo(f"wrote {path}")
    click.echo(f"\nNext: cd {directory} && pytest")


def write_project(directory: Path, name: str) -> list[Path]:
    """Write the project files and return their paths, sorted."""
    written = []
    for source in sorted(path for path in _TEMPLATE.rglob("*") if path.is_file()):
        relative = source.relative_to(_TEMPLATE)
        if "__pycache__" in relative.parts:
            continue
        target = directory / relative.with_name(_RENAMED.get(relative.name, relative.name))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source.read_text(encoding="utf-8").replace("{{name}}", name), encoding="utf-8")
        written.append(target)
    return written
