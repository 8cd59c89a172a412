"""Lines of one C function as they grow: temporaries, guards, ``#line`` marks; and what a module collects of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

from emulators.errors import InternalError, SourceSpan
from emulators.native.c_names import c_field, c_variable
from emulators.native.emit_types import declare, literal
from emulators.native.faults import FaultSite
from emulators.native.ir import Const, CountedLoop, FaultCode, Function, Module, Scalar, Table, While
from emulators.native.promotion import FieldKey, Promotion, calls_nothing, promotable_fields
from emulators.native.ranges import Interval
from emulators.native.walk import call_order, statements_of, writing_functions

__all__ = ["RETURN_MARK", "Code", "FunctionWriter", "ModuleCollection"]

RETURN_MARK = "\x01"
_DEEPEST = 12
_LARGEST_LOOP = 60


class Code:
    """C expression: its text, its nesting depth, whether it is cheap and safe to repeat, its value if constant."""

    __slots__ = ("const", "depth", "is_simple", "text")

    def __init__(self, text: str, depth: int, *, is_simple: bool = False, const: Const | None = None) -> None:
        self.text = text
        self.depth = depth
        self.is_simple = is_simple
        self.const = const

    @classmethod
    def of_const(cls, const: Const) -> Code:
        return cls(literal(const.value, const.type), 0, is_simple=True, const=const)


@dataclass(slots=True)
class ModuleCollection:
    """What the functions of a module share while they are emitted, callees before callers."""

    module: Module
    coverage: bool
    order: list[Function] = field(init=False)
    functions: dict[str, Function] = field(init=False)
    function_names: frozenset[str] = field(init=False)
    writing: frozenset[str] = field(init=False)
    faulting: set[str] = field(default_factory=set)
    stopping: set[str] = field(default_factory=set)
    sites: list[FaultSite] = field(default_factory=list)
    tables: dict[str, Table] = field(default_factory=dict)
    parts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.order = call_order(self.module)
        self.functions = {function.name: function for function in self.order}
        self.function_names = frozenset(self.functions)
        self.writing = writing_functions(self.order)
        self.parts |= self.module.runtime_parts

    def add_table(self, table: Table) -> None:
        known = self.tables.setdefault(table.name, table)
        if known is not table and known != table:
            raise InternalError(f"two tables are named {table.name}")


class FunctionWriter:
    """Lines of the body of one function. Return statements are marked until it is known whether it can fault."""

    def __init__(self, collection: ModuleCollection, function: Function) -> None:
        self.collection = collection
        self.function = function
        self.lines: list[str] = []
        self.indent = "    "
        self.may_fault = False
        self.may_stop = False
        self.counters: dict[str, Interval] = {}
        self.promoted: dict[FieldKey, str] = {}
        self.slice_name: str | None = None
        self._write_backs: list[str] = []
        self._temporaries = 0
        self._line_mark: tuple[str, int] | None = None
        self._names: dict[str, str] = {}

    def name(self, name: str) -> str:
        """Return the C name of a local or parameter."""
        known = self._names.get(name)
        if known is None:
            known = self._names[name] = c_variable(name, self.collection.function_names)
        return known

    def line(self, text: str) -> None:
        self.lines.append(self.indent + text)

    def return_line(self, text: str) -> None:
        self.lines.extend(self.indent + line for line in self._write_backs)
        self.lines.append(f"{self.indent}{RETURN_MARK}{text}")

    def leave(self, text: str) -> str:
        """Return a statement that leaves the function, after what the loops around hold goes back to memory."""
        return f"{{ {' '.join(self._write_backs)} {text} }}" if self._write_backs else text

    @contextmanager
    def kept_in_locals(self, loop: While | CountedLoop) -> Iterator[None]:
        """Keep fields, and the budget, in local variables while a loop is written; write them back after it."""
        outer = dict(self.promoted), self.slice_name, list(self._write_backs)
        write_backs = []
        for promotion in _worthwhile(loop):
            if promotion.key not in self.promoted:
                write_backs += self._promote(promotion)
        if self.slice_name is None and _is_budgeted(loop) and calls_nothing(loop):
            self.slice_name = self.temporary(Scalar.I64, "context->slice").text
            write_backs.append(f"context->slice = {self.slice_name};")
        self._write_backs = [*outer[2], *write_backs]
        yield
        self.promoted, self.slice_name, self._write_backs = outer
        self.lines.extend(self.indent + line for line in write_backs)

    def _promote(self, promotion: Promotion) -> list[str]:
        of = promotion.place.type
        assert isinstance(of, Scalar)
        root, *names = promotion.key
        memory = f"{self.name(root)}->{'.'.join(c_field(name) for name in names)}"
        name = self.promoted[promotion.key] = self.temporary(of, memory).text
        return [f"{memory} = {name};"] if promotion.is_written else []

    def mark(self, span: SourceSpan) -> None:
        """Say which line of the user's source follows."""
        if span.file and self._line_mark != (span.file, span.line):
            self._line_mark = (span.file, span.line)
            self.lines.append(f'#line {max(span.line, 1)} "{escape_file(span.file)}"')

    def label(self) -> str:
        """Return a new name for a temporary."""
        self._temporaries += 1
        return f"t_{self._temporaries}"

    def temporary(self, of: Scalar, text: str | None = None) -> Code:
        """Declare a temporary, with a value if one is given."""
        name = self.label()
        self.line(declare(of, name) + (f" = {text};" if text is not None else ";"))
        return Code(name, 0, is_simple=True)

    def spill(self, code: Code, of: Scalar) -> Code:
        """Return the same value held by a temporary."""
        return self.temporary(of, code.text)

    def repeatable(self, code: Code, of: Scalar) -> Code:
        """Return the same value in a form that may be written twice."""
        return code if code.is_simple else self.spill(code, of)

    def shallow(self, code: Code, of: Scalar) -> Code:
        """Return the same value, spilled when its text nests too deep for small compilers."""
        return self.spill(code, of) if code.depth >= _DEEPEST else code

    def site(self, code: FaultCode, span: SourceSpan, detail: str) -> int:
        self.may_fault = True
        if not span.file:
            span = self.function.span
        self.collection.sites.append(FaultSite(span, code, detail))
        return len(self.collection.sites) - 1

    def fault(self, code: FaultCode, span: SourceSpan, values: Sequence[str], detail: str = "") -> str:
        """Return the statement that ends the function with a fault."""
        site = self.site(code, span, detail)
        three = [*values, "0", "0", "0"][:3]
        return self.leave(f"return hil_fault(context, {int(code)}, {site}, {', '.join(three)});")

    def guard(self, condition: str, code: FaultCode, span: SourceSpan, values: Sequence[str], detail: str = "") -> None:
        """Write a check that ends the function with a fault when ``condition`` holds."""
        self.line(f"if (HIL_UNLIKELY({condition})) {self.fault(code, span, values, detail)}")

    @contextmanager
    def indented(self) -> Iterator[None]:
        outer = self.indent
        self.indent = outer + "    "
        yield
        self.indent = outer

    @contextmanager
    def captured(self) -> Iterator[list[str]]:
        """Collect the lines written inside, one level deeper, instead of appending them."""
        outer, self.lines = self.lines, []
        mark = self._line_mark
        with self.indented():
            yield self.lines
        self.lines = outer
        self._line_mark = mark

    def block(self, lines: list[str]) -> None:
        """Append captured lines."""
        self.lines.extend(lines)
        self._line_mark = None


def _worthwhile(loop: While | CountedLoop) -> list[Promotion]:
    """Return what to keep in locals: nothing in loops so large that a turn touches few of its fields."""
    size = sum(1 for _ in islice(statements_of((loop,)), _LARGEST_LOOP + 1))
    return promotable_fields(loop) if size <= _LARGEST_LOOP else []


def _is_budgeted(loop: While | CountedLoop) -> bool:
    return any(isinstance(item, While | CountedLoop) and item.budgeted for item in statements_of((loop,)))


def escape_file(name: str) -> str:
    """Return a file name as it stands in a ``#line`` directive."""
    printable = "".join(character if character.isprintable() else "?" for character in name)
    return printable.replace("\\", "\\\\").replace('"', '\\"')
