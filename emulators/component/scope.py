"""What the functions of one component class share while they are compiled, and what one compiled function is."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import FunctionType

from emulators.component.base import Component, Member
from emulators.component.refusals import RefusalError
from emulators.component.source import FunctionSource
from emulators.errors import Diagnostic
from emulators.native import ir

__all__ = ["LOOP_LIMIT", "Check", "ClassScope", "LoweredFunction", "NodeKey", "node_key"]

LOOP_LIMIT = 100_000
"""Turns that one loop may take in one call; more is FaultCode.LOOP_BUDGET in every executor."""

NodeKey = tuple[str, int, int, int, int]


def node_key(node: ast.AST) -> NodeKey:
    """Return what names ``node`` in every copy of its tree."""
    positions = (getattr(node, name, 0) or 0 for name in ("lineno", "col_offset", "end_lineno", "end_col_offset"))
    line, column, end_line, end_column = positions
    return (type(node).__name__, line, column, end_line, end_column)


@dataclass(frozen=True, slots=True)
class Check:
    """What plain Python must check at a node to do what native code does: ``kind`` names a guard of checked.py."""

    kind: str
    length: int = 0


@dataclass(frozen=True, slots=True)
class LoweredFunction:
    """A method or helper function as IR, with what its callers and the Python executor must know."""

    source: FunctionSource
    function: ir.Function
    parameters: tuple[tuple[str, ir.Scalar], ...]
    returns: ir.Scalar | None
    checks: Mapping[NodeKey, Check]
    reads: frozenset[str]
    """Members read, also by methods that it calls."""
    writes: frozenset[str]
    """Members written, also by methods that it calls; ``der.<state>`` for derivatives."""
    helpers: frozenset[FunctionType]


@dataclass(slots=True)
class ClassScope:
    """One component class under compilation."""

    cls: type[Component]
    prefix: str
    members: Mapping[str, Member]
    struct: ir.Struct
    der_is_local: bool
    """Derivatives live in local variables: derivatives() is copied into the stages of the integration."""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    methods: dict[str, LoweredFunction | None] = field(default_factory=dict)
    """None while a method is being compiled, or when it was refused."""
    helpers: dict[FunctionType, LoweredFunction | None] = field(default_factory=dict)
    in_progress: set[str] = field(default_factory=set)

    def report(self, source: FunctionSource, refused: RefusalError) -> None:
        """Add a refusal to the findings, once."""
        if refused.is_silent:
            return
        diagnostic = Diagnostic(source.span(refused.node), refused.code, refused.message, refused.hint)
        if diagnostic not in self.diagnostics:
            self.diagnostics.append(diagnostic)
