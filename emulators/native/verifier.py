"""Check that a module is well formed: names resolve, types agree. For tests, and to explain a refused build.

Front ends guarantee what this checks, so that builds do not pay for it; any finding is our error, not the user's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from emulators.errors import InternalError
from emulators.native.expression_check import ExpressionCheck, name_of
from emulators.native.ir import (
    FAULT_VALUES,
    Array,
    Assign,
    Break,
    Continue,
    Copy,
    CountedLoop,
    CountOutcome,
    CountPoint,
    Fault,
    If,
    Module,
    Return,
    Run,
    RunGuarded,
    RuntimeCall,
    Scalar,
    Statement,
    Struct,
    Switch,
    Table,
    While,
    Zero,
)
from emulators.native.runtime_functions import RUNTIME_FUNCTIONS
from emulators.native.walk import call_order, place_root, statements_of

__all__ = ["verify"]

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def verify(module: Module) -> None:
    """Raise InternalError with every finding about a module that is not well formed."""
    findings = _check_structs(module)
    names = [function.name for function in module.functions]
    findings += [
        f"two functions are named {name}" for name in sorted({name for name in names if names.count(name) > 1})
    ]
    functions = {function.name: function for function in module.functions}
    for function in module.functions:
        checker = _FunctionCheck(module, functions, function)
        checker.run()
        findings += [f"{function.name}: {finding}" for finding in checker.findings]
    if not findings:
        call_order(module)
        return
    raise InternalError("the module is not well formed:\n" + "\n".join(findings))


def _check_structs(module: Module) -> list[str]:
    findings: list[str] = []
    known: set[Struct] = set()
    names: set[str] = set()
    for struct in module.structs:
        if struct.name in names:
            findings.append(f"two structures are named {struct.name}")
        names.add(struct.name)
        fields = [member.name for member in struct.fields]
        if len(set(fields)) < len(fields):
            findings.append(f"structure {struct.name} has two fields of one name")
        findings.extend(
            f"structure {struct.name}: '{word}' is no C identifier"
            for word in (struct.name, *fields)
            if not _IDENTIFIER.match(word)
        )
        for member in struct.fields:
            of = member.type
            while isinstance(of, Array):
                if of.length < 1:
                    findings.append(f"structure {struct.name}: {member.name} has {of.length} elements")
                of = of.element
            if isinstance(of, Struct) and of not in known:
                findings.append(f"structure {struct.name}: {of.name} is not listed before it")
        known.add(struct)
    return findings


class _FunctionCheck(ExpressionCheck):
    """Checks the statements of one function."""

    def run(self) -> None:
        names = [*self.locals, *self.parameters]
        if len(set(names)) < len(self.function.locals) + len(self.function.parameters):
            self.report("a name is used twice")
        for name in (self.function.name, *names):
            if not _IDENTIFIER.match(name):
                self.report(f"'{name}' is no C identifier")
        for parameter in self.function.parameters:
            if not parameter.by_reference and not isinstance(parameter.type, Scalar):
                self.report(f"parameter {parameter.name} is an aggregate by value")
        self._body(self.function.body, in_loop=False)

    def _body(self, body: Sequence[Statement], *, in_loop: bool) -> None:
        for statement in body:
            self._statement(statement, in_loop=in_loop)

    def _statement(self, statement: Statement, *, in_loop: bool) -> None:
        match statement:
            case Assign(place, expression):
                of = self.place(place)
                self.require(isinstance(of, Scalar), "an aggregate is assigned, not copied")
                self.require(self.value(expression) is of, f"{name_of(expression.type)} is assigned to {name_of(of)}")
                root_is_table = isinstance(place_root(place), Table)
                self.require(not root_is_table, "a table is written")
            case Copy(target, source):
                first, second = self.place(target), self.place(source)
                self.require(first == second and not isinstance(first, Scalar), "a copy between different types")
            case Zero(place):
                self.place(place)
            case If():
                self._chain(statement, in_loop=in_loop)
            case While(condition, body):
                self.condition(condition)
                self._body(body, in_loop=True)
            case CountedLoop(counter, first_value, end, body):
                of = self.place(counter)
                self.require(of in (Scalar.I32, Scalar.I64), "the counter of a loop is I32 or I64")
                for bound in (first_value, end):
                    self.require(self.value(bound) is of, "a bound of a loop has another type than its counter")
                self._body(body, in_loop=True)
                for inner in statements_of(body):
                    if isinstance(inner, Assign) and inner.place == counter:
                        self.report(f"the counter {counter.name} is assigned in its loop")
            case Switch(selector, cases, default):
                of = self.value(selector)
                self.require(not of.is_float, "a switch on a float")
                for case in cases:
                    self._body(case.body, in_loop=in_loop)
                self._body(default, in_loop=in_loop)
            case Break() | Continue():
                self.require(in_loop, "Break or Continue outside a loop")
            case Return(expression):
                found = None if expression is None else self.value(expression)
                self.require(found is self.function.returns, "Return gives another type than the function")
            case Run(name, arguments):
                self.call(name, arguments)
            case RunGuarded():
                self._run_guarded(statement, in_loop=in_loop)
            case Fault(_, values_given):
                for value in values_given:
                    self.require(self.value(value) is Scalar.I64, "a value of Fault is not I64")
                self.require(len(values_given) <= FAULT_VALUES.length, "Fault has too many values")
            case CountPoint(index):
                self.require(0 <= index < len(self.module.points), f"there is no coverage point {index}")
            case CountOutcome(condition, if_true, if_false, when):
                for index in (if_true, if_false):
                    self.require(0 <= index < len(self.module.points), f"there is no coverage point {index}")
                self.condition(condition)
                if when is not None:
                    self.condition(when)
            case RuntimeCall(name, arguments, target_place):
                self.require(name in RUNTIME_FUNCTIONS, f"there is no runtime function {name}")
                self.check_arguments(arguments)
                if target_place is not None:
                    self.place(target_place)

    def _run_guarded(self, statement: RunGuarded, *, in_loop: bool) -> None:
        self.call(statement.function, statement.arguments)
        self.require(self.place(statement.code) is Scalar.I32, "the code of RunGuarded is not I32")
        self.require(self.place(statement.site) is Scalar.I32, "the site of RunGuarded is not I32")
        self.require(self.place(statement.values) == FAULT_VALUES, "the values of RunGuarded are not 3 I64")
        self._body(statement.on_fault, in_loop=in_loop)

    def _chain(self, statement: If, *, in_loop: bool) -> None:
        """Check a chain of ELSIF in a loop, as it may be longer than Python's stack."""
        while True:
            self.condition(statement.condition)
            self._body(statement.then, in_loop=in_loop)
            if not statement.orelse:
                return
            self._body(statement.orelse[:-1], in_loop=in_loop)
            following = statement.orelse[-1]
            if not isinstance(following, If):
                self._statement(following, in_loop=in_loop)
                return
            statement = following
