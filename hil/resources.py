"""Shipped fixtures and rigs: inside the wheel (``hil/_shipped``) or beside the package in a checkout."""

from __future__ import annotations

from pathlib import Path

from emulators.errors import DescriptionError, Diagnostic, SourceSpan, did_you_mean

__all__ = ["resolve_register_map", "resolve_rig", "shipped_devices", "shipped_path", "shipped_rigs", "shipped_root"]


def shipped_root(package: Path | None = None) -> Path:
    """Return the folder that holds ``fixtures`` and ``rigs``.

    Args:
        package: folder of the package ``hil``; the one that is imported when None.
    """
    package = package or Path(__file__).resolve().parent
    in_wheel = package / "_shipped"
    return in_wheel if in_wheel.is_dir() else package.parent


def shipped_path(relative: str) -> Path:
    """Return the path of a shipped file or folder such as ``fixtures/programs/two_tanks``.

    Raises:
        DescriptionError: nothing of that name is shipped.
    """
    path = shipped_root() / relative
    if path.exists():
        return path
    siblings = [found.name for found in path.parent.iterdir()] if path.parent.is_dir() else []
    raise _not_found(relative, "nothing of this name is shipped", did_you_mean(path.name, siblings))


def shipped_rigs() -> tuple[str, ...]:
    """Return the names of the shipped rigs, sorted: ``two_tanks`` …"""
    return tuple(sorted(path.stem for path in (shipped_root() / "rigs").glob("*.toml")))


def resolve_rig(name: str, folder: Path | None = None) -> Path:
    """Return the file that a rig's name or path means: the path itself, else a shipped rig.

    ``two_tanks``, ``two_tanks.toml`` and ``rigs/two_tanks.toml`` all name the shipped rig, unless there is such a
    file.

    Args:
        name: as the user wrote it.
        folder: where relative paths start; the working folder when None.

    Raises:
        DescriptionError: neither a file nor a shipped rig.
    """
    path = folder / name if folder is not None else Path(name)
    if path.is_file():
        return path
    if path.name and path.suffix == "" and path.with_suffix(".toml").is_file():
        return path.with_suffix(".toml")
    written = Path(name)
    if not written.is_absolute() and written.parts[:-1] in ((), ("rigs",)) and written.suffix in ("", ".toml"):
        shipped = shipped_root() / "rigs" / f"{written.stem}.toml"
        if shipped.is_file():
            return shipped
    if path.is_dir():
        raise _not_found(name, "this is a folder", "name a rig file in it")
    rigs = shipped_rigs()
    hint = did_you_mean(written.stem, rigs) or f"name a rig file or one of {', '.join(rigs)}"
    raise _not_found(name, "there is no such rig", hint)


def shipped_devices() -> tuple[str, ...]:
    """Return the names of the shipped device profiles, sorted: ``energy_meter`` …"""
    return tuple(sorted(path.stem for path in (shipped_root() / "fixtures" / "devices").glob("*.toml")))


def resolve_register_map(name: str) -> Path:
    """Return the file that a register map's name or path means: the path itself, a shipped device or a shipped map.

    Raises:
        DescriptionError: neither a file nor a shipped device or map.
    """
    if Path(name).is_file():
        return Path(name)
    folders = [shipped_root() / "fixtures" / folder for folder in ("devices", "register_maps")]
    for folder in folders:
        if (folder / f"{name}.toml").is_file():
            return folder / f"{name}.toml"
    known = [path.stem for folder in folders for path in sorted(folder.glob("*.toml"))]
    hint = did_you_mean(name, known) or f"name a file (.toml, .csv) or one of {', '.join(known)}"
    raise _not_found(name, "there is no such register map", hint)


def _not_found(name: str, message: str, hint: str) -> DescriptionError:
    return DescriptionError([Diagnostic(SourceSpan(name, 0, 0), "", message, hint)])
