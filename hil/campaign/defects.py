"""Planted defects: a change of text that a control program's requirement tests must find.

A defect is a TOML file with ``title``, ``requirement`` (the one that must catch it), ``find`` (stands exactly once in
the program), ``replace`` and ``needs`` (what must happen in a run for it to show).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from emulators.errors import DescriptionError, Diagnostic, SourceSpan, did_you_mean

__all__ = ["Defect", "load_defect", "load_defects"]

_KEYS = ("title", "requirement", "find", "replace", "needs")


@dataclass(frozen=True, slots=True)
class Defect:
    """One planted defect; ``name`` is that of its file."""

    name: str
    file: str
    title: str
    requirement: str
    find: str
    replace: str
    needs: str

    def apply(self, program: str) -> str:
        """Return the program with the defect in it.

        Raises:
            DescriptionError: the text to find does not stand exactly once in the program.
        """
        count = program.count(self.find)
        if count != 1:
            message = f"the text to find stands {count} times in the program"
            raise _wrong(self.file, message, "choose a text that stands there exactly once")
        return program.replace(self.find, self.replace)


def load_defects(folder: str | Path) -> tuple[Defect, ...]:
    """Return the defects of a folder by name."""
    return tuple(load_defect(path) for path in sorted(Path(folder).glob("*.toml")))


def load_defect(path: str | Path) -> Defect:
    """Return one defect.

    Raises:
        DescriptionError: the file is no defect.
    """
    path = Path(path)
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(str(path), f"cannot be read: {error}", "write a TOML file") from error
    for key in content:
        if key not in _KEYS:
            raise _wrong(str(path), f"unknown key '{key}'", did_you_mean(key, _KEYS))
    for key in _KEYS:
        if not isinstance(content.get(key), str):
            raise _wrong(str(path), f"key '{key}' is missing or no text", f"a defect has {', '.join(_KEYS)}")
    return Defect(path.stem, str(path), *(content[key] for key in _KEYS))


def _wrong(file: str, message: str, hint: str) -> DescriptionError:
    return DescriptionError([Diagnostic(SourceSpan(file, 1, 1), "", message, hint)])
