"""One IR function under construction: statements, locals, bindings of variables, and what is known about loops.

Lowering an expression may first append statements (string functions, calls of users' functions, checks). The order
of evaluation is kept by ``in_order``: what was lowered before such statements is stored in a temporary first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableSequence, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from emulators.errors import SourceSpan
from emulators.iec61131 import tree
from emulators.iec61131.lowering.module_builder import ModuleBuilder
from emulators.iec61131.types import Variable
from emulators.native import ir
from emulators.native.ir import Scalar

__all__ = ["UNBUDGETED_TURNS", "Binding", "FunctionBuilder", "LoopFrame", "Rules"]

UNBUDGETED_TURNS = 20_000_000
"""Turns that loops inside each other may make in all without being counted against the loop budget."""

Binding = ir.Local | ir.Argument | ir.Member | ir.Overlay | ir.Bit | ir.Parameter | ir.Table | ir.Element


@dataclass(frozen=True, slots=True)
class Rules:
    """The mutually recursive parts of lowering, handed to every function builder."""

    expression: Callable[[FunctionBuilder, tree.Expression], ir.Expression]
    place: Callable[[FunctionBuilder, tree.Place], ir.Place]
    text: Callable[[FunctionBuilder, tree.Expression], ir.Place]
    statement: Callable[[FunctionBuilder, tree.Statement], None]
    assume: Callable[[FunctionBuilder, tree.Expression], None]


@dataclass(slots=True)
class LoopFrame:
    """Loop around the statement being lowered; ``leave`` runs before EXIT and RETURN (stores the control variable)."""

    leave: tuple[ir.Statement, ...] = ()
    most_turns: int | None = None


@dataclass(slots=True)
class FunctionBuilder:
    """See the module. ``block`` is the statement list that is being filled; ``write_back`` runs before a RETURN."""

    module: ModuleBuilder
    rules: Rules
    name: str
    counts_coverage: bool = True
    block: list[ir.Statement] = field(default_factory=list)
    locals: list[ir.Local] = field(default_factory=list)
    bindings: dict[Variable, Binding] = field(default_factory=dict)
    counters: dict[Variable, ir.Local] = field(default_factory=dict)
    intervals: dict[Variable, tuple[int, int]] = field(default_factory=dict)
    tracked: frozenset[Variable] = frozenset()
    loops: list[LoopFrame] = field(default_factory=list)
    temporaries: set[str] = field(default_factory=set)
    result: ir.Expression | None = None
    most_turns: int = 0
    has_no_in_outs: bool = True
    write_back: tuple[ir.Statement, ...] = ()
    _count: int = 0

    # --- recursion -------------------------------------------------------------------------------------------------

    def expression(self, node: tree.Expression) -> ir.Expression:
        """Lower a scalar expression; may append statements that must run before it."""
        return self.rules.expression(self, node)

    def place(self, node: tree.Place) -> ir.Place:
        """Lower what can be read and written."""
        return self.rules.place(self, node)

    def text(self, node: tree.Expression) -> ir.Place:
        """Lower a string or aggregate expression to the place that holds its value (not a copy)."""
        return self.rules.text(self, node)

    def statements(self, nodes: Sequence[tree.Statement]) -> tuple[ir.Statement, ...]:
        """Lower a statement list to a block of its own."""
        with self.collect() as body:
            for node in nodes:
                self.rules.statement(self, node)
        return tuple(body)

    # --- statements ------------------------------------------------------------------------------------------------

    def emit(self, *statements: ir.Statement) -> None:
        self.block.extend(statements)

    @contextmanager
    def collect(self) -> Iterator[list[ir.Statement]]:
        """Redirect what is emitted inside to a new list."""
        outer, self.block = self.block, []
        try:
            yield self.block
        finally:
            self.block = outer

    def count(self, kind: ir.PointKind, span: SourceSpan, label: str = "") -> None:
        """Mark a coverage point here."""
        if self.counts_coverage:
            self.emit(ir.CountPoint(self.module.new_point(kind, span, label)))

    def fault_if(self, condition: ir.Expression, code: ir.FaultCode, span: SourceSpan, *values: ir.Expression) -> None:
        """Stop the PLC here if the condition holds."""
        self.emit(ir.If(condition, (ir.Fault(code, values, span),), (), span))

    @contextmanager
    def branch(self, condition: tree.Expression | None = None) -> Iterator[None]:
        """Keep what becomes known inside (where the condition holds) from what is known behind."""
        outer = dict(self.intervals)
        if condition is not None:
            self.rules.assume(self, condition)
        try:
            yield
        finally:
            self.intervals = outer

    # --- temporaries and order -------------------------------------------------------------------------------------

    def temporary(self, of: ir.Type, stem: str = "v") -> ir.Local:
        """Declare a local with a fresh name."""
        local = ir.Local(f"{stem}__{self.next_number()}", of)
        self.locals.append(local)
        self.temporaries.add(local.name)
        return local

    def next_number(self) -> int:
        """Return a number that makes a name of the function unique."""
        self._count += 1
        return self._count

    def keep(self, expression: ir.Expression, span: SourceSpan = ir.NO_SPAN) -> ir.Expression:
        """Return an expression that may be used several times and does not change: a temporary unless trivial."""
        if self.is_stable(expression):
            return expression
        local = self.temporary(expression.type)
        self.emit(ir.Assign(local, expression, span))
        return ir.Load(local, expression.type)

    def is_stable(self, expression: ir.Expression) -> bool:
        """Return whether later statements cannot change the value, nor evaluating it twice cost anything."""
        match expression:
            case ir.Const() | ir.Parameter():
                return True
            case ir.Load(ir.Local(name)):
                return name in self.temporaries
            case ir.Convert(operand=operand, how=ir.Conversion.WRAP):
                return self.is_stable(operand)
        return False

    def in_order(self, lower: Sequence[Callable[[], ir.Expression]]) -> list[ir.Expression]:
        """Lower several operands from left to right as if each were evaluated on the spot."""
        results: list[ir.Expression] = []
        for produce in lower:
            mark = len(self.block)
            result = produce()
            self.store_before(mark, results)
            results.append(result)
        return results

    def operands(self, *nodes: tree.Expression) -> list[ir.Expression]:
        """Lower scalar operands from left to right."""
        return self.in_order([partial(self.expression, node) for node in nodes])

    def store_before(
        self, mark: int, results: MutableSequence[ir.Expression] | MutableSequence[ir.Expression | ir.AddressOf]
    ) -> None:
        """If statements were appended since ``mark``: keep the values lowered before them in temporaries."""
        if len(self.block) == mark:
            return
        stores: list[ir.Statement] = []
        for position, result in enumerate(results):
            if not isinstance(result, ir.AddressOf) and not self.is_stable(result):
                local = self.temporary(result.type)
                stores.append(ir.Assign(local, result))
                results[position] = ir.Load(local, result.type)
        self.block[mark:mark] = stores

    # --- loops ------------------------------------------------------------------------------------------------------

    def enter_turns(self, most_turns: int) -> bool:
        """Return whether a loop with so many turns, inside the loops around it, has to spend the loop budget."""
        total = most_turns
        for frame in self.loops:
            total *= frame.most_turns if frame.most_turns is not None else 1
        self.most_turns = max(self.most_turns, total)
        return total > UNBUDGETED_TURNS

    # --- variables -------------------------------------------------------------------------------------------------

    def binding(self, variable: Variable) -> Binding:
        """Return where a variable lives for this function."""
        found = self.bindings.get(variable)
        return found if found is not None else self.module.global_place(variable)

    def finish(
        self, parameters: Sequence[ir.FormalParameter], *, returns: Scalar | None, exported: bool, span: SourceSpan
    ) -> ir.Function:
        """Add the function to the module."""
        function = ir.Function(
            self.name, tuple(parameters), tuple(self.block), tuple(self.locals), returns, exported, span
        )
        self.module.functions.append(function)
        return function
