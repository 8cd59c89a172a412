"""Calls of standard functions: choice of the overload, common types of generic inputs, result type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from emulators.errors import did_you_mean
from emulators.iec61131 import tree
from emulators.iec61131.conversion import constant_in_type, converts_implicitly, default_literal_type
from emulators.iec61131.expression_base import Operand, Untyped, operand_name
from emulators.iec61131.operator_analysis import OperatorAnalysis
from emulators.iec61131.standard_functions import GENERIC_TYPES, FormalInput, StandardFunction
from emulators.iec61131.syntax import ArgumentNode, CallNode, ExpressionNode, NameNode
from emulators.iec61131.types import (
    DEFAULT_STRING_LENGTH,
    MAX_STRING_LENGTH,
    Elementary,
    EnumerationType,
    FunctionBlockType,
    IecType,
    StringType,
    type_name,
    underlying,
)

__all__ = ["StandardCallAnalysis"]

_JOINING = frozenset({"CONCAT", "INSERT", "REPLACE"})
_UNTYPED_ORDER = ("INT", "DINT", "LINT", "ULINT", "LREAL", "REAL", "BYTE", "WORD", "DWORD", "LWORD", "BOOL")


@dataclass(slots=True)
class _Given:
    """Arguments of a standard call by position of the formal input."""

    nodes: dict[int, ExpressionNode] = field(default_factory=dict)
    outputs: list[tuple[ArgumentNode, FormalInput]] = field(default_factory=list)
    enable: ArgumentNode | None = None
    enable_output: ArgumentNode | None = None


@dataclass(frozen=True, slots=True)
class _Match:
    """One overload with the types its inputs get; ``is_exact``: nothing is converted."""

    function: StandardFunction
    types: tuple[IecType, ...]
    groups: tuple[tuple[str, IecType], ...]
    is_exact: bool


class StandardCallAnalysis(OperatorAnalysis):
    """Resolves calls against the table of the library."""

    def standard_call(
        self,
        node: CallNode,
        callee: NameNode,
        overloads: Sequence[StandardFunction],
        expected: IecType | None,
    ) -> tree.Expression | None:
        """Return the call of the overload that fits best, or report."""
        given = self._given(node, callee, overloads)
        if given is None:
            return None
        operands = self._operands(given, overloads, expected)
        count = len(given.nodes)
        if not self._check_count(callee, overloads, count):
            return None
        if len(operands) != count:
            return None
        matches = [
            match
            for overload in overloads
            if _takes(overload, count) and (match := self._match(overload, operands, expected)) is not None
        ]
        if not matches:
            self._report_no_match(node, callee, overloads, operands)
            return None
        best = next((match for match in matches if match.is_exact), matches[0])
        return self._build(node, callee, best, operands, given)

    # --- arguments -------------------------------------------------------------------------------------------------

    def _given(self, node: CallNode, callee: NameNode, overloads: Sequence[StandardFunction]) -> _Given | None:
        given = _Given()
        is_right = True
        named = [argument for argument in node.arguments if argument.name]
        if named and len(named) != len(node.arguments):
            first = next(argument for argument in node.arguments if not argument.name)
            self.scope.report("ST3019", first, "arguments with and without names in one call", "name them all")
            is_right = False
        elif not named:
            given.nodes = {i: each.value for i, each in enumerate(node.arguments) if each.value is not None}
        else:
            for argument in named:
                is_right &= self._take_named(argument, callee, overloads, given)
        if not is_right:
            for argument in node.arguments:
                if argument.value is not None:
                    self.expression(argument.value)
            return None
        return given

    def _take_named(
        self, argument: ArgumentNode, callee: NameNode, overloads: Sequence[StandardFunction], given: _Given
    ) -> bool:
        folded = argument.name.upper()
        if folded == "EN" and not argument.is_output:
            given.enable = argument
            return True
        if folded == "ENO" and argument.is_output:
            given.enable_output = argument
            return True
        for overload in overloads:
            position = None if argument.is_output else overload.input_position(folded)
            if position is not None and argument.value is not None:
                if position in given.nodes:
                    self.scope.report("ST3018", argument, f"'{argument.name}' is given twice")
                    return False
                given.nodes[position] = argument.value
                return True
            outputs = [each for each in overload.outputs if each.name == folded]
            if outputs and argument.is_output:
                given.outputs.append((argument, outputs[0]))
                return True
        names = [each.name for overload in overloads for each in (*overload.inputs, *overload.outputs)]
        hint = did_you_mean(argument.name, names)
        self.scope.report("ST3015", argument, f"{callee.name} has no parameter '{argument.name}'", hint)
        return False

    def _operands(
        self, given: _Given, overloads: Sequence[StandardFunction], expected: IecType | None
    ) -> list[Operand]:
        operands: list[Operand] = []
        first = overloads[0]
        known: IecType | None = None
        for position in sorted(given.nodes):
            formal = first.formal_input(position)
            wanted = expected if formal is not None and formal.group and formal.group == first.result else None
            if known is not None and formal is not None and formal.group == "T":
                wanted = known
            operand = self.expression(given.nodes[position], wanted)
            if operand is None:
                continue
            operands.append(operand)
            if formal is not None and formal.group == "T" and not isinstance(operand, Untyped):
                known = operand.type
        return operands

    def _check_count(self, callee: NameNode, overloads: Sequence[StandardFunction], count: int) -> bool:
        if any(_takes(overload, count) for overload in overloads):
            return True
        first = overloads[0]
        more = " or more" if first.is_extensible else ""
        plural = "" if len(first.inputs) == 1 and not more else "s"
        message = f"{callee.name} takes {len(first.inputs)}{more} argument{plural}, not {count}"
        self.scope.report("ST3016", callee, message)
        return False

    # --- matching --------------------------------------------------------------------------------------------------

    def _match(
        self, overload: StandardFunction, operands: Sequence[Operand], expected: IecType | None
    ) -> _Match | None:
        groups: dict[str, IecType] = {}
        formals = [overload.formal_input(position) for position in range(len(operands))]
        for formal in formals:
            if formal is None:
                return None
            if formal.type in GENERIC_TYPES or formal.type == "ANY":
                key = formal.group or formal.name
                if key not in groups:
                    members = [
                        operand
                        for operand, each in zip(operands, formals, strict=True)
                        if each is not None and (each.group or each.name) == key
                    ]
                    found = self._group_type(formal.type, members, expected if overload.result == key else None)
                    if found is None:
                        return None
                    groups[key] = found
        types: list[IecType] = []
        is_exact = True
        for formal, operand in zip(formals, operands, strict=True):
            assert formal is not None
            wanted = groups.get(formal.group or formal.name) or _named_type(formal.type)
            wanted = _own_length(wanted, operand)
            fit = _fit(operand, wanted)
            if fit is None:
                return None
            is_exact &= fit
            types.append(wanted)
        return _Match(overload, tuple(types), tuple(groups.items()), is_exact)

    def _group_type(self, generic: str, operands: list[Operand], expected: IecType | None) -> IecType | None:
        """Return the common type of the operands of one group inside its generic family, or None."""
        found = self.unify_types(operands)
        if found is None:
            untyped = [operand for operand in operands if isinstance(operand, Untyped)]
            return _type_of_numbers(untyped, generic, expected) if len(untyped) == len(operands) else None
        if isinstance(found, FunctionBlockType):
            return None
        if generic == "ANY" or _is_member(found, generic):
            return found
        plain = underlying(found)
        for name in GENERIC_TYPES[generic]:
            member = _named_type(name)
            if converts_implicitly(plain, member):
                return member
        return None

    # --- the node --------------------------------------------------------------------------------------------------

    def _build(
        self, node: CallNode, callee: NameNode, match: _Match, operands: Sequence[Operand], given: _Given
    ) -> tree.Expression | None:
        inputs = []
        for position, (operand, wanted) in enumerate(zip(operands, match.types, strict=True)):
            purpose = f"pass {{}} to {type_name(wanted)} of {callee.name}"
            value = self.convert(operand, wanted, given.nodes[position], purpose)
            if value is None:
                return None
            inputs.append(value)
        outputs = self._outputs(given)
        enable = enable_output = None
        if given.enable is not None and given.enable.value is not None:
            enable = self.value(given.enable.value, Elementary.BOOL, "pass {} to BOOL 'EN'")
            if enable is None:
                return None
        if given.enable_output is not None and given.enable_output.value is not None:
            enable_output = self.target(given.enable_output.value)
            if enable_output is None or enable_output.type is not Elementary.BOOL:
                return None
        if outputs is None:
            return None
        return tree.StandardCall(
            match.function,
            tuple(inputs),
            _result_type(match),
            self.scope.span(node),
            outputs,
            enable,
            enable_output,
        )

    def _outputs(self, given: _Given) -> tuple[tuple[str, tree.Place], ...] | None:
        outputs: list[tuple[str, tree.Place]] = []
        for argument, formal in given.outputs:
            if argument.value is None:
                continue
            place = self.target(argument.value)
            if place is None:
                return None
            source = _named_type(formal.type)
            if not converts_implicitly(source, place.type):
                purpose = f"take {{}} from '{formal.name}' into {type_name(place.type)}"
                self.report_mismatch(source, place.type, argument.value, purpose)
                return None
            outputs.append((formal.name, place))
        return tuple(outputs)

    def _report_no_match(
        self, node: CallNode, callee: NameNode, overloads: Sequence[StandardFunction], operands: Sequence[Operand]
    ) -> None:
        if len(overloads) == 1 and len(operands) == 1 and overloads[0].inputs[0].type not in GENERIC_TYPES:
            wanted = _named_type(overloads[0].inputs[0].type)
            argument = node.arguments[0].value or node.arguments[0]
            operand = operands[0]
            if isinstance(operand, Untyped) and isinstance(wanted, Elementary) and wanted.is_integer:
                self.convert(operand, wanted, argument, f"pass {{}} to {callee.name}")
                return
            hint = ""
            target = overloads[0].name.partition("_TO_")[2]
            plain = None if isinstance(operand, Untyped) or operand.type is None else underlying(operand.type)
            if target and isinstance(plain, Elementary):
                same = isinstance(wanted, Elementary) and plain.name == target
                hint = f"it is {target} already" if same else f"use {plain.name}_TO_{target}"
            message = f"cannot pass {operand_name(operand)} to {type_name(wanted)} 'IN' of {callee.name}"
            self.scope.report("ST3004", argument, message, hint)
            return
        names = ", ".join(operand_name(operand) for operand in operands)
        wanted_names = sorted({overload.inputs[0].type for overload in overloads if overload.inputs})
        hint = f"its inputs are {wanted_names[0]}" if len(wanted_names) == 1 and len(overloads) == 1 else ""
        self.scope.report("ST3045", node, f"{callee.name} is not defined for ({names})", hint)


def _takes(overload: StandardFunction, count: int) -> bool:
    return count == len(overload.inputs) or (overload.is_extensible and count > len(overload.inputs))


def _named_type(name: str) -> IecType:
    if name in ("STRING", "WSTRING"):
        return StringType(DEFAULT_STRING_LENGTH, name == "WSTRING")
    return Elementary[name]


def _own_length(wanted: IecType, operand: Operand) -> IecType:
    """Return the type of an input: a string keeps the length of its argument, for it is never converted."""
    if isinstance(operand, Untyped) or not (isinstance(wanted, StringType) and isinstance(operand.type, StringType)):
        return wanted
    return operand.type if operand.type.is_wide == wanted.is_wide else wanted


def _is_member(found: IecType, generic: str) -> bool:
    if isinstance(found, StringType):
        return ("WSTRING" if found.is_wide else "STRING") in GENERIC_TYPES[generic]
    return isinstance(found, Elementary) and found.name in GENERIC_TYPES[generic]


def _fit(operand: Operand, wanted: IecType) -> bool | None:
    """Return True if the operand has the wanted type, False if it converts to it, None if it does not."""
    if isinstance(operand, Untyped):
        return False if constant_in_type(operand.value, wanted) is not None else None
    if operand.type is None:
        return None
    if operand.type == wanted or (not isinstance(operand.type, EnumerationType) and underlying(operand.type) == wanted):
        return True
    is_text = isinstance(operand, tree.Literal) and isinstance(operand.type, StringType)
    if is_text and isinstance(wanted, Elementary):
        character = (
            Elementary.WCHAR if isinstance(operand.type, StringType) and operand.type.is_wide else Elementary.CHAR
        )
        is_one = isinstance(operand, tree.Literal) and len(str(operand.value)) == 1
        return False if wanted is character and is_one else None
    return False if converts_implicitly(operand.type, wanted) else None


def _type_of_numbers(numbers: Sequence[Untyped], generic: str, expected: IecType | None) -> IecType | None:
    """Return the type of a group of untyped numbers: the expected one, the default one, or the first that fits."""
    members = GENERIC_TYPES["ANY_ELEMENTARY" if generic == "ANY" else generic]
    plain = underlying(expected) if expected is not None else None
    candidates = [plain.name] if isinstance(plain, Elementary) else []
    defaults = [default_literal_type(number.value) for number in numbers]
    has_point = any(isinstance(number.value, Fraction) for number in numbers)
    candidates += ["LREAL"] if has_point else [each.name for each in defaults if each is not None]
    for name in (*candidates, *_UNTYPED_ORDER):
        if name in members and all(constant_in_type(number.value, Elementary[name]) is not None for number in numbers):
            return Elementary[name]
    return None


def _result_type(match: _Match) -> IecType | None:
    result = match.function.result
    if not result:
        return None
    groups = dict(match.groups)
    found = groups[result] if result in groups else _named_type(result)
    if isinstance(found, StringType):
        lengths = [each.length for each in match.types if isinstance(each, StringType)]
        if match.function.operation in _JOINING:
            return StringType(min(sum(lengths), MAX_STRING_LENGTH), found.is_wide)
        if lengths and result not in groups and match.function.operation != "CONVERT":
            return StringType(max(lengths), found.is_wide)
    return found
