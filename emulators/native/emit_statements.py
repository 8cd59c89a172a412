"""C for statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from emulators.native.c_names import c_function
from emulators.native.emit_expressions import ExpressionEmitter
from emulators.native.emit_places import emit_address, emit_place, emit_store
from emulators.native.emit_types import declare, integer_range, literal
from emulators.native.emit_writer import Code, ModuleCollection
from emulators.native.ir import (
    Assign,
    Break,
    Continue,
    Copy,
    CountedLoop,
    CountOutcome,
    CountPoint,
    Fault,
    FaultCode,
    Function,
    If,
    Return,
    Run,
    RunGuarded,
    RuntimeCall,
    Scalar,
    Statement,
    Struct,
    Switch,
    While,
    Zero,
)
from emulators.native.ranges import interval
from emulators.native.runtime_functions import RUNTIME_FUNCTIONS
from emulators.native.walk import place_indices

__all__ = ["StatementEmitter"]


class StatementEmitter(ExpressionEmitter):
    """Turns the statements of one function into lines of C."""

    def __init__(self, collection: ModuleCollection, function: Function) -> None:
        super().__init__(collection, function)
        self._around: list[str] = []  # "loop" or "switch", innermost last; a loop left by goto holds its label

    def body(self, statements: Sequence[Statement]) -> None:
        """Write statements in order."""
        for statement in statements:
            span = getattr(statement, "span", None)
            if span is not None:
                self.mark(span)
            self._statement(statement)

    def _statement(self, statement: Statement) -> None:
        match statement:
            case Assign():
                self._assign(statement)
            case Copy():
                self._copy(statement)
            case Zero():
                self._zero(statement)
            case If():
                self._if(statement)
            case While():
                with self.kept_in_locals(statement):
                    self._while(statement)
            case CountedLoop():
                with self.kept_in_locals(statement):
                    self._counted_loop(statement)
            case Switch():
                self._switch(statement)
            case Break():
                self._break()
            case Continue():
                self.line("continue;")
            case Return():
                self._return(statement)
            case Run():
                self._run(statement)
            case RunGuarded():
                self._run_guarded(statement)
            case Fault():
                values = [f"(i64){code.text}" for code in self.operands(statement.values)]
                self.line(self.fault(statement.code, statement.span, values))
            case CountPoint(index):
                if self.collection.coverage:
                    self.line(f"++context->coverage[{index}];")
            case CountOutcome():
                if self.collection.coverage:
                    self._count_outcome(statement)
            case RuntimeCall():
                self._runtime_call(statement)

    def _assign(self, statement: Assign) -> None:
        code = self.emit(statement.expression)
        code = self.saved_before(code, statement.expression.type, tuple(place_indices(statement.place)))
        emit_store(self, statement.place, code)

    def _copy(self, statement: Copy) -> None:
        source = emit_address(self, statement.source, is_fixed=any(map(self.writes, place_indices(statement.target))))
        if isinstance(statement.target.type, Struct):
            self.line(f"{emit_place(self, statement.target)} = *{_grouped(source)};")
            return
        target = emit_address(self, statement.target, is_fixed=False)
        self.line(f"memmove({target}, {source}, sizeof *{_grouped(target)});")

    def _zero(self, statement: Zero) -> None:
        if isinstance(statement.place.type, Scalar):
            emit_store(self, statement.place, Code("0", 0))
            return
        target = emit_address(self, statement.place, is_fixed=False)
        self.line(f"memset({target}, 0, sizeof *{_grouped(target)});")

    def _if(self, statement: If) -> None:
        """Write an If; a chain of ELSIF is walked in a loop, as it may be longer than Python's stack."""
        outer = self.indent
        self.line(f"if ({self.emit(statement.condition).text}) {{")
        depth = 0
        while True:
            with self.indented():
                self.body(statement.then)
            orelse = self._counted(statement.orelse)
            if not orelse or not isinstance(orelse[-1], If):
                break
            statement = orelse[-1]
            with self.captured() as lines:
                self.body(orelse[:-1])
                condition = self.emit(statement.condition).text
            if lines:
                self.line("} else {")
                self.block(lines)
                self.indent += "    "
                depth += 1
                self.mark(statement.span)
                self.line(f"if ({condition}) {{")
            else:
                self.line(f"}} else if ({condition}) {{")
        if orelse:
            self.line("} else {")
            with self.indented():
                self.body(orelse)
        self.line("}")
        for level in reversed(range(depth)):
            self.indent = outer + "    " * level
            self.line("}")

    def _counted(self, statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        """Return statements without coverage points where none are counted."""
        if self.collection.coverage:
            return statements
        return tuple(statement for statement in statements if not isinstance(statement, CountPoint | CountOutcome))

    def _count_outcome(self, statement: CountOutcome) -> None:
        if statement.when is not None:
            self._if(If(statement.when, (replace(statement, when=None),)))
            return
        outcome = self.emit(statement.condition)
        self.line(f"++context->coverage[{outcome.text} ? {statement.if_true} : {statement.if_false}];")

    def _spend_budget(self, statement: While | CountedLoop) -> None:
        self.may_stop = True
        site = self.site(FaultCode.LOOP_BUDGET, statement.span, "")
        away = self.leave("return 1;")
        if self.slice_name is None:
            self.line(f"if (HIL_UNLIKELY(--context->slice < 0) && hil_refill(context, {site})) {away}")
            return
        self.line(f"if (HIL_UNLIKELY(--{self.slice_name} < 0)) {{")
        self.line(f"    context->slice = {self.slice_name};")
        self.line(f"    if (hil_refill(context, {site})) {away}")
        self.line(f"    {self.slice_name} = context->slice;")
        self.line("}")

    def _loop_body(self, statement: While | CountedLoop, *, is_budgeted: bool) -> None:
        self._around.append("loop")
        with self.indented():
            if is_budgeted:
                self._spend_budget(statement)
            self.body(statement.body)
        self.line("}")
        label = self._around.pop()
        if label != "loop":
            self.line(f"{label}: ;")

    def _while(self, statement: While) -> None:
        with self.captured() as lines:
            condition = self.emit(statement.condition)
        if not lines:
            self.line(f"while ({condition.text}) {{")
        else:
            self.line("for (;;) {")
            self.block(lines)
            self.line(f"    if (!{_grouped(condition.text)}) break;")
        self._loop_body(statement, is_budgeted=statement.budgeted)

    def _counted_loop(self, statement: CountedLoop) -> None:
        first = self.emit(statement.first)
        counter, of = statement.counter, statement.counter.type
        assert isinstance(of, Scalar)
        name = self.name(counter.name)
        first = self.saved_before(first, of, (statement.end,))
        end = self.emit(statement.end)
        low = interval(statement.first, self.counters)[0]
        high = interval(statement.end, self.counters)[1] - 1
        if end.const is None:
            end = self.spill(end, of)
        outer = self.counters
        if low <= high:
            self.counters = {**outer, counter.name: (low, high)}
        self.line(f"for ({name} = {first.text}; {name} < {end.text}; ++{name}) {{")
        self._loop_body(statement, is_budgeted=statement.budgeted)
        self.counters = outer

    def _break(self) -> None:
        if self._around[-1] == "switch":
            nearest = max(index for index, kind in enumerate(self._around) if kind != "switch")
            if self._around[nearest] == "loop":
                self._around[nearest] = "hil_leave_" + self.label()
            self.line(f"goto {self._around[nearest]};")
        else:
            self.line("break;")

    def _switch(self, statement: Switch) -> None:
        selector = self.emit(statement.selector)
        of = statement.selector.type
        if of is Scalar.U64 or _overlaps(statement):
            self._switch_as_ifs(statement, self.repeatable(selector, of))
            return
        # tcc compares 8- and 16-bit selectors as they are, so they are widened first
        wide = Scalar.I64 if of in (Scalar.I64, Scalar.U32) else Scalar.I32
        self.line(f"switch (({wide.label}){selector.text}) {{")
        self._around.append("switch")
        least, greatest = integer_range(of)
        for case in statement.cases:
            labels = [_label(max(low, least), min(high, greatest), wide) for low, high in case.ranges]
            kept = [text for text in labels if text]
            if kept:
                for text in kept[:-1]:
                    self.line(text)
                self._case(kept[-1], case.body)
        self._case("default:", statement.default)
        self._around.pop()
        self.line("}")

    def _case(self, label: str, body: Sequence[Statement]) -> None:
        self.line(f"{label} {{")
        with self.indented():
            self.body(body)
            self.line("break;")
        self.line("}")

    def _switch_as_ifs(self, statement: Switch, selector: Code) -> None:
        opening = "if"
        of = statement.selector.type
        least, greatest = integer_range(of)
        for case in statement.cases:
            tests = []
            for low, high in case.ranges:
                low, high = max(low, least), min(high, greatest)
                if low <= high:
                    tests.append(f"({selector.text} >= {literal(low, of)} && {selector.text} <= {literal(high, of)})")
            self.line(f"{opening} ({' || '.join(tests) or '0'}) {{")
            with self.indented():
                self.body(case.body)
            opening = "} else if"
        if statement.cases:
            self.line("} else {")
        else:
            self.line("{")
        with self.indented():
            self.body(statement.default)
        self.line("}")

    def _return(self, statement: Return) -> None:
        self.return_line(self.emit(statement.expression).text if statement.expression is not None else "")

    def _run(self, statement: Run) -> None:
        text = self._call_text(statement)
        if statement.function in self.collection.stopping:
            self.may_stop = True
        if statement.function in self.collection.faulting:
            self.may_fault = True
            self.line(f"if (HIL_UNLIKELY({text})) {self.leave('return 1;')}")
        else:
            self.line(f"{text};")

    def _call_text(self, statement: Run | RunGuarded) -> str:
        texts = ["context", *self.arguments(statement.arguments)]
        returns = self.collection.functions[statement.function].returns
        if returns is not None and statement.function in self.collection.faulting:
            unused = self.label()
            self.line(f"{declare(returns, unused)};")
            texts.append("&" + unused)
        return f"{c_function(statement.function)}({', '.join(texts)})"

    def _run_guarded(self, statement: RunGuarded) -> None:
        text = self._call_text(statement)
        if statement.function not in self.collection.faulting:
            self.line(f"{text};")
            return
        saved = self.label()
        has_budget = statement.budget is not None and statement.function in self.collection.stopping
        if has_budget and statement.budget is not None:
            self.line(f"i64 {saved} = hil_set_budget(context, {literal(statement.budget, Scalar.I64)});")
        faulted = self.temporary(Scalar.I32, text)
        if has_budget:
            self.line(f"hil_set_budget(context, {saved});")
        self.line(f"if (HIL_UNLIKELY({faulted.text})) {{")
        with self.indented():
            if statement.function in self.collection.stopping:
                self.may_fault = self.may_stop = True
                stopped = int(FaultCode.STOPPED)
                self.line(f"if (context->fault_code == {stopped}) {self.leave('return 1;')}")
            self.line(f"{emit_place(self, statement.code)} = context->fault_code;")
            self.line(f"{emit_place(self, statement.site)} = context->fault_site;")
            values = emit_address(self, statement.values, is_fixed=False)
            self.line(f"memmove({values}, context->fault_values, sizeof context->fault_values);")
            self.line("context->fault_code = 0;")
            self.body(statement.on_fault)
        self.line("}")

    def _runtime_call(self, statement: RuntimeCall) -> None:
        entry = RUNTIME_FUNCTIONS[statement.name]
        self.collection.parts.add(entry.part)
        texts = self.arguments(statement.arguments)
        if entry.takes_context:
            texts = ["context", *texts]
        text = f"{statement.name}({', '.join(texts)})"
        if entry.may_fault:
            site = self.site(FaultCode.ASSERTION, statement.span, statement.name)
            text = f"{statement.name}({', '.join([*texts, str(site)])})"
            self.line(f"if (HIL_UNLIKELY({text})) {self.leave('return 1;')}")
        elif statement.target is None or entry.returns is None:
            self.line(f"{text};")
        else:
            emit_store(self, statement.target, self.temporary(entry.returns, text))


def _grouped(text: str) -> str:
    is_atom = text.replace("_", "a").isalnum() or (text.startswith("(") and text.endswith(")"))
    return text if is_atom else f"({text})"


def _label(low: int, high: int, of: Scalar) -> str:
    if low > high:
        return ""
    first, last = (literal(value, of) for value in (low, high))
    return f"case {first}:" if low == high else f"case {first} ... {last}:"


def _overlaps(statement: Switch) -> bool:
    ranges = sorted(bounds for case in statement.cases for bounds in case.ranges)
    return any(first[1] >= second[0] for first, second in pairwise(ranges))
