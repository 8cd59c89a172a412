"""Register maps by whatever names them: file, shipped name, ``setup.json:DEVICE`` of a simulator, ``file.py:NAME`` of a
``SimDevice``; the JSON alone where it has one device."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from emulators.description.imported_map import ImportedMap
from emulators.description.pymodbus_json import map_of_simulator_json
from emulators.description.pymodbus_sim_device import map_of_sim_device
from emulators.description.register_map_reader import read_register_map
from emulators.description.source import Findings, file_span, read_source_file
from emulators.errors import DescriptionError, Diagnostic, did_you_mean
from hil.resources import resolve_register_map

__all__ = ["load_any_map", "read_any_map"]


def load_any_map(name: str) -> ImportedMap:
    """Return the map that ``name`` means.

    Raises:
        DescriptionError: there is no such map, or it has mistakes.
    """
    findings = Findings()
    imported = read_any_map(name, findings)
    findings.raise_if_any()
    return imported


def read_any_map(name: str, findings: Findings) -> ImportedMap:
    """Return the sound part of the map that ``name`` means; what is wrong with the rest is reported.

    Raises:
        DescriptionError: there is no such map, or nothing of it can be read.
    """
    path, _, part = name.rpartition(":")
    if path.endswith(".py"):
        return map_of_sim_device(_attribute(path, part), part, path)
    if path.casefold().endswith(".json"):
        return map_of_simulator_json(read_source_file(path), part)
    if name.casefold().endswith(".json"):
        return map_of_simulator_json(read_source_file(name))
    return ImportedMap(read_register_map(read_source_file(resolve_register_map(name)), findings), ())


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
