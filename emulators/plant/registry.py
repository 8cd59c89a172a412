"""Finds component classes by name: those of the library, and a user's own by module or file."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

from emulators.component import Component
from emulators.devices import COMPONENTS as DEVICES
from emulators.errors import did_you_mean
from emulators.twins import COMPONENTS as TWINS

__all__ = ["ComponentNotFoundError", "component_class", "component_names"]


class ComponentNotFoundError(LookupError):
    """No component class has this name; the message says what to write."""


def component_names() -> tuple[str, ...]:
    """Return the names of the components of the library, sorted."""
    return tuple(sorted((*TWINS, *DEVICES)))


def component_class(name: str) -> type[Component]:
    """Return a class of the library (``tank``), of a module (``package.module:Class``) or a file (``file.py:Class``).

    Raises:
        ComponentNotFoundError: there is no such class.
    """
    place = TWINS.get(name) or DEVICES.get(name) or name
    module_name, _, class_name = place.rpartition(":")
    if not module_name:
        hint = did_you_mean(name, component_names()) or "write 'file.py:Class' for one of your own"
        raise ComponentNotFoundError(f"there is no component '{name}'; {hint}")
    module = _module(module_name)
    found = getattr(module, class_name, None)
    if not (isinstance(found, type) and issubclass(found, Component)):
        known = [key for key, item in vars(module).items() if isinstance(item, type) and issubclass(item, Component)]
        hint = did_you_mean(class_name, known) or f"it has {', '.join(sorted(known)) or 'none'}"
        raise ComponentNotFoundError(f"{module_name} has no component class '{class_name}'; {hint}")
    return found


def _module(name: str) -> ModuleType:
    if not name.endswith(".py"):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            raise ComponentNotFoundError(f"there is no module '{name}'; write 'file.py:Class' for a file") from error
    path = Path(name).resolve()
    if not path.is_file():
        raise ComponentNotFoundError(f"there is no file '{name}'")
    return _module_of_file(path, hashlib.sha256(path.read_bytes()).hexdigest())


@cache
def _module_of_file(path: Path, digest: str) -> ModuleType:
    """Import a file under a name that its content alone decides, for the name stands in the native code.

    Only where two files in different folders have the same content, the second one's folder decides too.
    """
    name = f"_component_{path.stem}_{digest[:12]}"
    if name in sys.modules:
        name += hashlib.sha256(str(path).encode()).hexdigest()[:6]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ComponentNotFoundError(f"{path.name} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
