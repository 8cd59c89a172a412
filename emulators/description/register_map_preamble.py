"""What belongs to a whole CSV register map: TOML in lines that start with ``#!``.

``#! half_values = 'refuse'``, ``#! twin.component = 'energy_meter'``, ``#! identity.product_code = 'EM-3'``: the keys
of a TOML map outside its entries. Separators at the end of such a line and quotes around it, with those inside it
doubled, are a spreadsheet's.
"""

from __future__ import annotations

from emulators.description.source import SourceFile
from emulators.description.toml_nodes import TomlTable
from emulators.description.toml_tree import parse_toml

__all__ = ["PREAMBLE_MARK", "preamble_table"]

PREAMBLE_MARK = "#!"


def preamble_table(source: SourceFile) -> TomlTable:
    """Return the lines of the whole map as a TOML table, places as in the file.

    Raises:
        DescriptionError: they are no TOML.
    """
    return parse_toml(SourceFile(source.name, "\n".join(map(_masked, source.text.split("\n")))))


def _masked(line: str) -> str:
    """Return the TOML of a line at its column, nothing for a line of the table."""
    body = line.lstrip(" \t")
    mark = next((mark for mark in (PREAMBLE_MARK, f'"{PREAMBLE_MARK}') if body.startswith(mark)), None)
    if mark is None:
        return ""
    start = len(line) - len(body) + len(mark)
    written = line[start:].rstrip(",; \t")
    is_quoted = mark.startswith('"')
    return " " * start + (written.removesuffix('"').replace('""', '"') if is_quoted else written)
