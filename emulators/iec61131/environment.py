"""Everything declared outside units: types, globals, interfaces of units; resolved on demand, each once.

Declarations may stand in any order and in any file: a constant may size an array type that types a global. So a name
is resolved when it is first needed, and a name met again while it is being resolved is a cycle.
A value of None means: declared, but wrong; that was reported, and what depends on it stays silent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from emulators.iec61131.findings import Findings
from emulators.iec61131.lexer import Tokens, lex
from emulators.iec61131.parser import parse
from emulators.iec61131.project import SourceText
from emulators.iec61131.scope import Scope
from emulators.iec61131.standard_blocks import standard_block_file, standard_block_names, standard_block_text
from emulators.iec61131.syntax import FileNode, PouNode, SectionNode, TypeNode, VariableNode
from emulators.iec61131.tree import FunctionInterface, ProgramInterface
from emulators.iec61131.types import (
    Elementary,
    EnumerationType,
    Enumerator,
    FunctionBlockType,
    IecType,
    Initial,
    Variable,
    default_initial,
)

__all__ = ["ELEMENTARY_NAMES", "Environment", "Interface", "TypeUse", "library_file"]

ELEMENTARY_NAMES = {
    **{elementary.name: elementary for elementary in Elementary},
    "TIME_OF_DAY": Elementary.TOD,
    "DATE_AND_TIME": Elementary.DT,
    "LTIME_OF_DAY": Elementary.LTOD,
    "LDATE_AND_TIME": Elementary.LDT,
}

_MAX_CHAIN = 50

Interface = FunctionInterface | FunctionBlockType | ProgramInterface


@dataclass(frozen=True, slots=True)
class TypeUse:
    """A type with the initial value its name brings along."""

    type: IecType
    initial: Initial

    @classmethod
    def plain(cls, iec_type: IecType) -> TypeUse:
        return cls(iec_type, default_initial(iec_type))


@cache
def library_file(file_name: str) -> tuple[Tokens, FileNode]:
    """Return the syntax tree of a file of the standard library, parsed once a process."""
    findings = Findings()
    tokens = lex(SourceText(f"<standard>/{file_name}", standard_block_text(file_name)), findings)
    return tokens, parse(tokens, findings)


class Environment:
    """Global names of one analysis. The resolvers are set once by ``analysis`` (they need the environment in turn)."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.has_all_names = True
        self.type_nodes: dict[str, tuple[TypeNode, Tokens]] = {}
        self.pou_nodes: dict[str, tuple[PouNode, Tokens]] = {}
        self.global_nodes: dict[str, tuple[VariableNode, SectionNode, Tokens]] = {}
        self.types: dict[str, TypeUse | None] = {}
        self.globals: dict[str, Variable | None] = {}
        self.interfaces: dict[str, Interface | None] = {}
        self.pou_scopes: dict[str, Scope] = {}
        self.enumerators: dict[str, list[tuple[EnumerationType, Enumerator]]] = {}
        self.library_units: set[str] = set()
        self.addresses_used: list[tuple[str, int, int]] = []  # area, first byte, bytes
        self.incomplete: list[tuple[Scope, VariableNode]] = []  # declared AT %I* and the like
        self.resolve_type: Callable[[TypeNode, Scope], TypeUse | None]
        self.resolve_global: Callable[[VariableNode, SectionNode, Scope], Variable | None]
        self.resolve_interface: Callable[[PouNode, Scope], Interface | None]
        self._in_progress: list[str] = []

    # --- types -------------------------------------------------------------------------------------------------------

    def has_type(self, folded: str) -> bool:
        return folded in ELEMENTARY_NAMES or folded in self.type_nodes or self._is_block(folded)

    def _is_block(self, folded: str) -> bool:
        self._load_library(folded)
        return folded in self.pou_nodes and self.pou_nodes[folded][0].kind == "FUNCTION_BLOCK"

    def type_use(self, name: str, scope: Scope, start: int) -> TypeUse | None:
        """Return the type of a name as used at an offset; reports unknown names and cycles there."""
        folded = name.upper()
        if folded in ELEMENTARY_NAMES:
            return TypeUse.plain(ELEMENTARY_NAMES[folded])
        if folded in self.types:
            return self.types[folded]
        if folded in self.type_nodes:
            return self._once(folded, scope, start, name, self._make_type)
        if self._is_block(folded):
            interface = self.interface(folded, scope, start)
            return TypeUse.plain(interface) if isinstance(interface, FunctionBlockType) else None
        if folded in self.pou_nodes:
            kind = self.pou_nodes[folded][0].kind
            scope.report_at("ST3002", start, len(name), f"{kind} '{name}' is not a type")
        elif self.has_all_names:
            hint = _suggest_type(name, self)
            scope.report_at("ST3002", start, len(name), f"type '{name}' is not declared", hint)
        return None

    def _make_type(self, folded: str) -> None:
        node, tokens = self.type_nodes[folded]
        self.types[folded] = self.resolve_type(node, Scope(self, tokens))

    def _once(self, folded: str, scope: Scope, start: int, name: str, make: Callable[[str], None]) -> TypeUse | None:
        if folded in self._in_progress:
            scope.report_at("ST3022", start, len(name), f"type '{name}' contains itself")
            return None
        if self._is_too_deep(name, scope, start):
            return None
        self._in_progress.append(folded)
        make(folded)
        self._in_progress.pop()
        return self.types[folded]

    def add_enumerators(self, enumeration: EnumerationType) -> None:
        for enumerator in enumeration.values:
            self.enumerators.setdefault(enumerator.name.upper(), []).append((enumeration, enumerator))

    # --- units -------------------------------------------------------------------------------------------------------

    def interface(self, folded: str, scope: Scope, start: int) -> Interface | None:
        """Return the interface of a unit that is known to exist; None if it is wrong or contains itself."""
        if folded in self.interfaces:
            return self.interfaces[folded]
        self._load_library(folded)
        node, tokens = self.pou_nodes[folded]
        if folded in self._in_progress:
            scope.report_at("ST3022", start, len(node.name), f"{node.kind} '{node.name}' contains itself")
            return None
        if self._is_too_deep(node.name, scope, start):
            return None
        self._in_progress.append(folded)
        is_library = folded in self.library_units
        own = Scope(self, tokens, node.name, node.has_all_names, is_library)
        self.pou_scopes[folded] = own
        self.interfaces[folded] = self.resolve_interface(node, own)
        self._in_progress.pop()
        return self.interfaces[folded]

    def has_unit(self, folded: str) -> bool:
        self._load_library(folded)
        return folded in self.pou_nodes

    def _load_library(self, folded: str) -> None:
        """Declare a standard function block when its name is first used and no unit of the user has it."""
        if folded in self.pou_nodes or folded in self.type_nodes:
            return
        file_name = standard_block_file(folded)
        if file_name is None:
            return
        tokens, node = library_file(file_name)
        for pou in node.pous:
            if pou.name.upper() == folded:
                self.pou_nodes[folded] = (pou, tokens)
                self.library_units.add(folded)

    # --- globals -----------------------------------------------------------------------------------------------------

    def global_variable(self, folded: str, scope: Scope, start: int) -> Variable | None:
        """Return a global that is known to be declared; None if its declaration is wrong."""
        if folded in self.globals:
            return self.globals[folded]
        node, section, tokens = self.global_nodes[folded]
        key = f"VAR {folded}"
        if key in self._in_progress:
            scope.report_at("ST3022", start, len(node.name), f"the declaration of '{node.name}' needs its own value")
            return None
        if self._is_too_deep(node.name, scope, start):
            return None
        self._in_progress.append(key)
        self.globals[folded] = self.resolve_global(node, section, Scope(self, tokens))
        self._in_progress.pop()
        return self.globals[folded]

    def _is_too_deep(self, name: str, scope: Scope, start: int) -> bool:
        is_too_deep = len(self._in_progress) >= _MAX_CHAIN
        if is_too_deep:
            scope.report_at(
                "ST2008", start, len(name), f"more than {_MAX_CHAIN} declarations need each other in a chain"
            )
        return is_too_deep

    # --- names to suggest --------------------------------------------------------------------------------------------

    def global_names(self) -> list[str]:
        return [node.name for node, _, _ in self.global_nodes.values()]

    def enumerator_names(self) -> list[str]:
        return [pairs[0][1].name for pairs in self.enumerators.values()]

    def unit_names(self, *kinds: str) -> list[str]:
        return [node.name for node, _ in self.pou_nodes.values() if node.kind in kinds]

    def type_names(self) -> Iterable[str]:
        declared = [node.name for node, _ in self.type_nodes.values()]
        return [*ELEMENTARY_NAMES, "STRING", "WSTRING", *declared, *self.unit_names("FUNCTION_BLOCK")]


def _suggest_type(name: str, environment: Environment) -> str:
    from emulators.errors import did_you_mean

    return did_you_mean(name, [*environment.type_names(), *standard_block_names()])
