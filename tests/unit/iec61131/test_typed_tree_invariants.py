"""What the typed tree promises to lowering, checked on programs of the catalogue and of the cells."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulators.iec61131 import SourceText, analyse, tree
from emulators.iec61131.conversion import converts_implicitly, is_same_type
from emulators.iec61131.diagnostics import catalogue
from emulators.iec61131.tree import BinaryOperator
from emulators.iec61131.types import (
    ArrayInitial,
    ArrayType,
    Elementary,
    Kind,
    StringType,
    StructureInitial,
    StructureType,
    SubrangeType,
    underlying,
)

ROOT = Path(__file__).parents[3]
PROGRAMS = {
    **{rule.code: rule.passing for rule in catalogue().values()},
    **{path.parent.name: path.read_text("utf-8") for path in sorted(ROOT.glob("fixtures/programs/*/control.st"))},
    "mixture": """
        TYPE Mode : (OFF, ON); Zone : INT (1..8); Pair : STRUCT a : INT; b : REAL := 2.0; END_STRUCT; END_TYPE
        VAR_GLOBAL CONSTANT N : INT := 3; END_VAR
        VAR_GLOBAL pairs : ARRAY[1..N, 0..1] OF Pair := [2((a := 7)), (b := 1)]; w AT %QW3 : WORD; END_VAR
        FUNCTION Mean : LREAL
        VAR_INPUT x : INT; y : REAL; END_VAR VAR_OUTPUT z : INT; END_VAR
            Mean := (x + y) / 2; z := x;
        END_FUNCTION
        PROGRAM Main
        VAR i : SINT; d : DINT; r : REAL; lr : LREAL; t : TIME; lt : LTIME; zone : Zone; mode : Mode; s : STRING[5];
            moment : DT; b : BOOL; u : UINT; octet : BYTE; c : CHAR; END_VAR
            d := i + 1 + u; lr := i * r; lr := d / 3.0; t := 3 * t + T#1s / 2; lt := t; lt := lt - t;
            zone := i; mode := SEL(b, OFF, Mode#ON); i := 2; moment := moment + t; t := moment - moment; r := r ** i;
            lr := Mean(x := i, y := i, z => d); w := octet OR 16#F0; b := octet.3 XOR s = 'abc'; s[1] := 'x'; s := c;
            b := d > 3 AND_THEN pairs[i, 0].b < 2; lr := SQRT(i) + SQRT(d) ** 2.5; d := MAX(i, u, 7); t := t * r;
        END_PROGRAM
    """,
}


def nodes(item: object) -> Iterator[object]:
    """Yield every node of a tree; variables and interfaces are leaves."""
    if isinstance(item, tuple):
        for each in item:
            yield from nodes(each)
    elif dataclasses.is_dataclass(item) and type(item).__module__ == tree.__name__:
        yield item
        for part in dataclasses.fields(item):
            if part.name not in ("function", "parameter", "variable") or not isinstance(item, tree.FunctionCall):
                yield from nodes(getattr(item, part.name))


def tree_nodes(name: str, kind: type) -> list:
    project = analyse([SourceText(f"{name}.st", PROGRAMS[name])])
    return [node for pou in project.pous.values() for node in nodes(pou.body) if isinstance(node, kind)]


def is_stored_alike(first, second) -> bool:
    return is_same_type(first, second) or underlying(first) == underlying(second)


def operands_agree(node: tree.Binary) -> bool:
    left, right = underlying(node.left.type), underlying(node.right.type)
    if node.operator is BinaryOperator.POWER:
        return left is node.type and (right is left or right.is_integer)
    kinds = getattr(left, "kind", None), getattr(right, "kind", None)
    if kinds[0] is Kind.DURATION and node.operator in (BinaryOperator.MULTIPLY, BinaryOperator.DIVIDE):
        return right is Elementary.LREAL or right.is_integer
    if kinds[0] in (Kind.TIME_OF_DAY, Kind.DATE_AND_TIME) and kinds[1] is Kind.DURATION:
        return True
    return is_stored_alike(node.left.type, node.right.type)


@pytest.mark.parametrize("name", PROGRAMS)
def test_operands_of_an_operator_are_stored_alike(name):
    assert [node for node in tree_nodes(name, tree.Binary) if not operands_agree(node)] == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_assigned_value_is_stored_as_its_target(name):
    wrong = [
        node for node in tree_nodes(name, tree.Assignment) if not is_stored_alike(node.target.type, node.value.type)
    ]

    assert wrong == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_input_argument_is_stored_as_its_parameter(name):
    arguments = tree_nodes(name, tree.InputArgument)

    assert [each for each in arguments if not is_stored_alike(each.parameter.type, each.value.type)] == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_output_argument_converts_to_its_target(name):
    arguments = tree_nodes(name, tree.OutputArgument)

    assert [each for each in arguments if not converts_implicitly(each.parameter.type, each.target.type)] == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_conversion_node_changes_the_stored_type_without_loss(name):
    for node in tree_nodes(name, tree.Convert):
        assert converts_implicitly(node.operand.type, node.type)
        assert underlying(node.operand.type) != underlying(node.type)


def holds(value, iec_type) -> bool:
    plain = underlying(iec_type)
    match plain:
        case Elementary.BOOL:
            return isinstance(value, bool)
        case Elementary() if plain.is_real:
            return isinstance(value, float)
        case Elementary() if plain.kind is Kind.CHARACTER:
            return isinstance(value, str) and len(value) == 1
        case Elementary():
            return isinstance(value, int) and not isinstance(value, bool) and plain.low <= value <= plain.high
        case StringType():
            return isinstance(value, str) and len(value) <= plain.length
        case ArrayType():
            return (
                isinstance(value, ArrayInitial)
                and sum(count for count, _ in value.parts) == plain.length
                and all(holds(each, plain.element) for _, each in value.parts)
            )
        case StructureType():
            types = {member.name: member.type for member in plain.fields}
            return (
                isinstance(value, StructureInitial)
                and [name for name, _ in value.values] == list(types)
                and all(holds(each, types[name]) for name, each in value.values)
            )
        case _:
            return isinstance(value, StructureInitial)


@pytest.mark.parametrize("name", PROGRAMS)
def test_literal_is_a_value_of_its_type(name):
    assert [node for node in tree_nodes(name, tree.Literal) if not holds(node.value, node.type)] == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_initial_value_of_a_variable_is_complete_and_of_its_type(name):
    project = analyse([SourceText(f"{name}.st", PROGRAMS[name])])
    variables = [*project.globals, *(each for pou in project.pous.values() for each in pou.variables)]

    assert [each.name for each in variables if not holds(each.initial, each.type)] == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_callees_come_before_callers(name):
    project = analyse([SourceText(f"{name}.st", PROGRAMS[name])])
    seen: set[str] = set()

    for folded, pou in project.pous.items():
        called = {node.type.name.upper() for node in nodes(pou.body) if isinstance(node, tree.FunctionBlockCall)}
        called |= {node.function.name.upper() for node in nodes(pou.body) if isinstance(node, tree.FunctionCall)}
        assert called <= seen
        seen.add(folded)


def test_assignment_to_a_subrange_is_checked_unless_it_is_inside_for_sure():
    text = """TYPE Zone : INT (1..8); Inner : INT (2..5); END_TYPE
        PROGRAM p VAR z : Zone; i : Inner; n : INT; s : SINT; END_VAR z := n; z := i; z := 3; z := s; END_PROGRAM"""

    project = analyse([SourceText("a.st", text)])

    kinds = [type(each.value).__name__ for each in project.pous["P"].body]
    assert kinds == ["RangeCheck", "Name", "Literal", "RangeCheck"]
    assert isinstance(project.pous["P"].body[0].value.type, SubrangeType)
