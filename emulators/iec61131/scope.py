"""What a name means in one unit, and reporting at places of its file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from emulators.errors import SourceSpan, did_you_mean
from emulators.iec61131.lexer import Tokens
from emulators.iec61131.types import Variable

if TYPE_CHECKING:
    from emulators.iec61131.environment import Environment

__all__ = ["Located", "Scope"]


class Located(Protocol):
    """Anything of the syntax tree with a place in the text."""

    start: int
    end: int


@dataclass(slots=True, eq=False)
class Scope:
    """Names of a POU (or of the outermost level, with no locals). ``None`` for a name: its declaration is wrong.

    ``touched`` are variables read or written, ``written`` those assigned, ``called`` instances called.
    ``callees`` are the upper-case names of POUs called, with the place of the first call.
    """

    environment: Environment
    tokens: Tokens
    owner: str = ""
    has_all_names: bool = True
    is_library: bool = False
    variables: dict[str, Variable | None] = field(default_factory=dict)
    touched: set[Variable] = field(default_factory=set)
    written: set[Variable] = field(default_factory=set)
    called: set[Variable] = field(default_factory=set)
    callees: dict[str, SourceSpan] = field(default_factory=dict)
    loop_variables: list[Variable] = field(default_factory=list)
    _unknown: set[str] = field(default_factory=set)

    def span(self, node: Located) -> SourceSpan:
        return self.tokens.span(node.start, node.end)

    def report(self, code: str, node: Located, message: str, hint: str = "") -> None:
        self.environment.findings.report(code, self.tokens.span(node.start, node.end), message, hint)

    def report_at(self, code: str, start: int, length: int, message: str, hint: str = "") -> None:
        self.environment.findings.report(code, self.tokens.span(start, start + length), message, hint)

    def report_unknown(self, name: str, start: int, *, what: str = "name", also: Iterable[str] = ()) -> None:
        """Report an undeclared name, once in a scope; silent where a syntax error may have hidden its declaration."""
        folded = name.upper()
        if folded in self._unknown:
            return
        self._unknown.add(folded)
        if self.has_all_names and self.environment.has_all_names:
            hint = did_you_mean(name, [*also, *self.known_names()])
            self.report_at("ST3001", start, len(name), f"{what} '{name}' is not declared", hint)

    def known_names(self) -> list[str]:
        """Return names to suggest, as they were written."""
        own = [variable.name for variable in self.variables.values() if variable is not None]
        return [*own, *self.environment.global_names(), *self.environment.enumerator_names()]
