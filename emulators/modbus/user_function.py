"""A function of the user's that a register map names: ``file.py:function`` or ``package.module:function``."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any

from emulators.errors import DescriptionError, Diagnostic, SourceSpan

__all__ = ["said_by_user_code", "user_function"]


def user_function(place: str, folder: str, span: SourceSpan, *, parameters: str) -> Any:
    """Import a function; ``folder`` is where relative paths start, ``span`` who names it.

    ``parameters`` are what it is called with, by position: ``"time_s, values"``.

    Raises:
        DescriptionError: there is no such file, module or function, it cannot be imported, or takes something else.
    """
    module_name, _, name = place.rpartition(":")
    form = "write 'file.py:function' or 'package.module:function'"
    if not module_name or not name:
        raise _finding(span, f"'{place}' names no function of a file or module", form)
    try:
        module = _module(module_name, folder)
    except (ImportError, FileNotFoundError) as error:
        raise _finding(span, f"no function '{place}': {error}", form) from error
    except Exception as error:
        raise _finding(span, f"{module_name} cannot be imported: {said_by_user_code(error)}", "mend it") from error
    found = getattr(module, name, None)
    if not callable(found):
        raise _finding(span, f"no function '{place}': {module_name} has none of that name", f"write def {name}")
    if not _takes(found, parameters.count(",") + 1):
        raise _finding(span, f"'{place}' takes something else", f"write def {name}({parameters}): …")
    return found


def said_by_user_code(error: BaseException) -> str:
    """Return what went wrong in code that is not ours, with its line: ``ZeroDivisionError in own.py:2: …``."""
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}: {error}"


def _finding(span: SourceSpan, message: str, hint: str) -> DescriptionError:
    return DescriptionError([Diagnostic(span, "", message, hint)])


def _takes(function: Callable[..., object], n_arguments: int) -> bool:
    try:
        inspect.signature(function).bind(*(None,) * n_arguments)
    except TypeError:
        return False
    except ValueError:
        return True  # a function of C that does not say what it takes
    return True


def _module(name: str, folder: str) -> ModuleType:
    if not name.endswith(".py"):
        return importlib.import_module(name)
    path = os.path.join(folder, name)
    if not os.path.isfile(path):
        raise FileNotFoundError(f"there is no file {path}")
    spec = importlib.util.spec_from_file_location(f"_user_{os.path.basename(name)[:-3]}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
