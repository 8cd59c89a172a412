"""A value from a user's Python function: ``def level(time_s, values): return 50 + 10 * values["GAIN"]``.

``values`` gives the other values by tag as they were before the step. Keep the function pure: a run then replays.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType
from typing import Any

from emulators.description.behaviour import BehaviourEntry
from emulators.errors import DescriptionError, Diagnostic, EmulatorError
from emulators.modbus.behaviours.moment import Moment, Origin
from emulators.signals.tags import TagValue

__all__ = ["PythonFunction"]


class _Values:
    """Other values by tag, read when asked for; those of the same device by their names in its map."""

    def __init__(self, read: Callable[[str], TagValue], scope: str) -> None:
        self._read = read
        self._scope = scope

    def __getitem__(self, tag: str) -> TagValue:
        if self._scope:
            with suppress(EmulatorError):
                return self._read(self._scope + tag)
        return self._read(tag)


class PythonFunction:
    """Calls ``file.py:function`` or ``package.module:function`` with the time in seconds and the other values."""

    def __init__(self, entry: BehaviourEntry, origin: Origin) -> None:
        """Import the function.

        Raises:
            DescriptionError: there is no such file, module or function.
        """
        place = entry.text("function")
        module_name, _, name = place.rpartition(":")
        try:
            found: Any = getattr(_module(module_name, origin.folder), name)
        except (ImportError, AttributeError, FileNotFoundError) as error:
            hint = "write 'file.py:function' or 'package.module:function'"
            raise DescriptionError([Diagnostic(entry.span, "", f"no function '{place}': {error}", hint)]) from error
        if not callable(found):
            raise DescriptionError([Diagnostic(entry.span, "", f"'{place}' is no function", "name a function")])
        self._function: Callable[[float, _Values], Any] = found
        self._place = place
        self._scope = entry.scope

    def advance(self, moment: Moment) -> TagValue:
        result = self._function(moment.time_ns / 1e9, _Values(moment.read, self._scope))
        if isinstance(result, bool | int | float | str):
            return result
        raise EmulatorError(f"{self._place} returned {result!r}; return a number, a truth value or a text")

    def write(self, value: TagValue) -> None:
        """A function follows time and other values alone."""


def _module(name: str, folder: str) -> ModuleType:
    if not name.endswith(".py"):
        return importlib.import_module(name)
    path = os.path.join(folder, name)
    if not os.path.isfile(path):
        raise FileNotFoundError(f"there is no file {path}")
    spec = importlib.util.spec_from_file_location(f"_behaviour_{os.path.basename(name)[:-3]}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
