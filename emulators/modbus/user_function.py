"""A function of the user's that a register map names: ``file.py:function`` or ``package.module:function``."""

from __future__ import annotations

import importlib
import importlib.util
import os
from types import ModuleType
from typing import Any

from emulators.errors import DescriptionError, Diagnostic, SourceSpan

__all__ = ["user_function"]


def user_function(place: str, folder: str, span: SourceSpan) -> Any:
    """Import a function; ``folder`` is where relative paths start, ``span`` who names it.

    Raises:
        DescriptionError: there is no such file, module or function.
    """
    module_name, _, name = place.rpartition(":")
    try:
        found = getattr(_module(module_name, folder), name)
    except (ImportError, AttributeError, FileNotFoundError) as error:
        hint = "write 'file.py:function' or 'package.module:function'"
        raise DescriptionError([Diagnostic(span, "", f"no function '{place}': {error}", hint)]) from error
    if not callable(found):
        raise DescriptionError([Diagnostic(span, "", f"'{place}' is no function", "name a function")])
    return found


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
