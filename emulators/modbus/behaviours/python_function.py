"""A value from a user's Python function: ``def level(time_s, values): return 50 + 10 * values["GAIN"]``.

``values`` gives the other values by tag as they were before the step. Keep the function pure: a run then replays.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from emulators.description.behaviour import BehaviourEntry
from emulators.errors import EmulatorError
from emulators.modbus.behaviours.moment import Moment, Origin
from emulators.modbus.user_function import said_by_user_code, user_function
from emulators.signals.tags import TagValue
from emulators.timebase import NS_PER_S

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
        self._place = entry.text("function")
        self._function: Callable[[float, _Values], Any] = user_function(
            self._place, origin.folder, entry.span, parameters="time_s, values"
        )
        self._scope = entry.scope
        self._is_text = isinstance(origin.initial, str)

    def advance(self, moment: Moment) -> TagValue:
        """Raises EmulatorError where the function fails, or returns what the value cannot be."""
        result: object
        try:
            result = self._function(moment.time_ns / NS_PER_S, _Values(moment.read, self._scope))
        except EmulatorError:
            raise
        except Exception as error:
            raise EmulatorError(f"{self._place} failed: {said_by_user_code(error)}") from error
        if isinstance(result, str):
            if self._is_text:
                return result
        elif isinstance(result, bool | int | float) and not self._is_text:
            return result
        expected = "a text" if self._is_text else "a number or a truth value"
        raise EmulatorError(f"{self._place} returned {result!r}; return {expected}")

    def write(self, value: TagValue) -> None:
        """A function follows time and other values alone."""
