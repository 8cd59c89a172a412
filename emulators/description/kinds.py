"""What a TOML description is, told by its content."""

from __future__ import annotations

import enum
import os

from emulators.description.source import Findings, read_source_file
from emulators.description.toml_tree import parse_toml

__all__ = ["DescriptionKind", "description_kind"]

_RIG_KEYS = frozenset({"plant", "controllers", "tags", "endpoints", "step", "tags_csv", "seed"})
_MAP_KEYS = frozenset({"register", "word_order", "byte_order"})


class DescriptionKind(enum.Enum):
    RIG = "rig"
    REGISTER_MAP = "register map"


def description_kind(path: str | os.PathLike[str]) -> DescriptionKind:
    """Return what a TOML file describes.

    Raises:
        DescriptionError: the file cannot be read, is not TOML, or has neither the keys of a rig nor of a map.
    """
    tree = parse_toml(read_source_file(path))
    rig_keys, map_keys = _RIG_KEYS & tree.entries.keys(), _MAP_KEYS & tree.entries.keys()
    if len(map_keys) > len(rig_keys):
        return DescriptionKind.REGISTER_MAP
    if not rig_keys:
        findings = Findings()
        hint = "a rig has [plant.NAME] or [controllers.NAME], a register map has [[register]]"
        findings.add(tree.span, "this is neither a rig nor a register map", hint)
        findings.raise_if_any()
    return DescriptionKind.RIG
