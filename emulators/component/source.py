"""Where the source of a Python function is: its syntax tree, its file as a reader should see it, spans of nodes."""

from __future__ import annotations

import ast
import linecache
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import FunctionType
from typing import Any

from emulators.errors import SourceSpan

__all__ = ["FunctionSource", "SourceMissingError", "class_span", "function_source"]


class SourceMissingError(Exception):
    """The source text of a function cannot be read."""


@dataclass(frozen=True, slots=True)
class FunctionSource:
    """Syntax tree of one function; ``file`` is how messages name it, ``names`` what its free names mean."""

    function: FunctionType
    node: ast.FunctionDef
    file: str
    names: Mapping[str, Any]

    def span(self, node: ast.AST) -> SourceSpan:
        """Return where ``node`` stands, columns counted in characters from 1."""
        line = getattr(node, "lineno", self.node.lineno)
        column = getattr(node, "col_offset", 0) + 1
        end_line = getattr(node, "end_lineno", None) or line
        end_column = (getattr(node, "end_col_offset", None) or column - 1) + 1
        return SourceSpan(self.file, line, column, end_line, end_column)


def function_source(function: Callable[..., Any]) -> FunctionSource:
    """Return the syntax tree of a function that was written with ``def``.

    Raises:
        SourceMissingError: it is built in, a lambda, or its file is gone.
    """
    if not isinstance(function, FunctionType):
        raise SourceMissingError(f"{function!r} is not a Python function")
    file = function.__code__.co_filename
    node = _definitions(_text(file)).get((function.__name__, function.__code__.co_firstlineno))
    if not isinstance(node, ast.FunctionDef):
        raise SourceMissingError(f"the source of {function.__qualname__} cannot be read from {displayed_file(file)}")
    return FunctionSource(function, node, displayed_file(file), _names(function))


def class_span(cls: type) -> SourceSpan:
    """Return the span of the first line of a class, or of its module when its source cannot be read."""
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    if file is None:
        return SourceSpan(cls.__module__, 1, 1)
    for (name, line), node in _definitions(_text(file)).items():
        if name == cls.__name__ and isinstance(node, ast.ClassDef):
            return SourceSpan(displayed_file(file), line, node.col_offset + 1)
    return SourceSpan(displayed_file(file), 1, 1)


def _text(file: str) -> str:
    return "".join(linecache.getlines(file))


@lru_cache(maxsize=256)
def _definitions(text: str) -> dict[tuple[str, int], ast.FunctionDef | ast.ClassDef]:
    """Return the functions and classes of a file by name and first line, which is that of the first decorator."""
    found: dict[tuple[str, int], ast.FunctionDef | ast.ClassDef] = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            first = min((node.lineno, *(decorator.lineno for decorator in node.decorator_list)))
            found[node.name, first] = node
    return found


def _names(function: FunctionType) -> Mapping[str, Any]:
    closure = function.__closure__ or ()
    cells: dict[str, Any] = {}
    for name, cell in zip(function.__code__.co_freevars, closure, strict=True):
        try:
            cells[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    return {**function.__globals__, **cells}


@lru_cache(maxsize=256)
def displayed_file(file: str) -> str:
    """Return ``emulators/twins/tank.py`` for a file of an installed package, else a path relative to here if inside."""
    path = Path(file)
    for entry in sorted((Path(entry) for entry in sys.path if entry), key=lambda entry: -len(entry.parts)):
        if (path.parent / "__init__.py").exists() and path.is_relative_to(entry):
            return path.relative_to(entry).as_posix()
    relative = os.path.relpath(path)
    return file if relative.startswith("..") else Path(relative).as_posix()
