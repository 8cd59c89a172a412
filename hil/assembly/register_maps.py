"""Register maps by whatever names them: file, shipped name, JSON of a simulator, ``SimDevice`` in a Python file."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from emulators.description import load_register_map
from emulators.description.pymodbus_import import ImportedMap, map_of_sim_device, map_of_simulator_json
from emulators.description.source import file_span, read_source_file
from emulators.errors import DescriptionError, Diagnostic, did_you_mean
from hil.resources import resolve_register_map

__all__ = ["load_any_map"]


def load_any_map(name: str, device: str | None = None) -> ImportedMap:
    """Return the map that ``name`` means; ``device`` chooses from a JSON with several.

    Raises:
        DescriptionError: there is no such map, or it has mistakes.
    """
    path, colon, attribute = name.rpartition(":")
    if colon and path.endswith(".py"):
        return map_of_sim_device(_attribute(path, attribute), attribute, path)
    if name.casefold().endswith(".json"):
        return map_of_simulator_json(read_source_file(name), device)
    return ImportedMap(load_register_map(resolve_register_map(name)), ())


def _attribute(path: str, name: str) -> Any:
    read_source_file(path)  # says what is wrong with the file
    spec = importlib.util.spec_from_file_location(f"_sim_device_{Path(path).stem}", path)
    assert spec is not None, "a name that ends in .py has a loader"
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        message = f"the file cannot be imported: {type(error).__name__}: {error}"
        raise DescriptionError([Diagnostic(file_span(path), "", message, "run it with Python first")]) from error
    if not hasattr(module, name):
        hint = did_you_mean(name, vars(module)) or "name a SimDevice of the file"
        raise DescriptionError([Diagnostic(file_span(path), "", f"the file has no '{name}'", hint)])
    return getattr(module, name)
