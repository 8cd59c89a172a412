"""Arguments of users' functions, function blocks and programs bound to the parameters they are meant for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from emulators.errors import did_you_mean
from emulators.iec61131 import tree
from emulators.iec61131.conversion import converts_implicitly, is_same_type
from emulators.iec61131.standard_call_analysis import StandardCallAnalysis
from emulators.iec61131.syntax import ArgumentNode, BinaryNode, CallNode, NameNode
from emulators.iec61131.types import Elementary, Section, Variable, type_name

__all__ = ["ArgumentBinding", "Binding"]

_PARAMETER_SECTIONS = frozenset({Section.INPUT, Section.OUTPUT, Section.IN_OUT})


@dataclass(slots=True)
class Binding:
    """Arguments of one call as far as they are right; ``is_wrong`` after a report."""

    arguments: list[tree.InputArgument | tree.InOutArgument | tree.OutputArgument] = field(default_factory=list)
    enable: tree.Expression | None = None
    enable_output: tree.Place | None = None
    given: set[str] = field(default_factory=set)
    is_wrong: bool = False


class ArgumentBinding(StandardCallAnalysis):
    """Binds the arguments of one call."""

    def check_arguments_only(self, node: CallNode) -> None:
        """Analyse arguments for their own mistakes where the call itself is wrong."""
        for argument in node.arguments:
            if argument.value is not None:
                self.expression(argument.value)

    def bind(self, node: CallNode, variables: Iterable[Variable], callee: str, *, needs_all: bool) -> Binding:
        """Return the arguments of a call of ``callee`` with these variables; ``needs_all``: no input is left out."""
        binding = Binding()
        parameters = [each for each in variables if each.section in _PARAMETER_SECTIONS]
        by_name = {parameter.name.upper(): parameter for parameter in parameters}
        positional = [argument for argument in node.arguments if not argument.name]
        if self._report_equal_signs(positional, by_name):
            binding.is_wrong = True
            return binding
        if positional and len(positional) != len(node.arguments):
            self.scope.report("ST3019", positional[0], "arguments with and without names in one call", "name them all")
            self.check_arguments_only(node)
            binding.is_wrong = True
            return binding
        if positional:
            self._bind_positional(node, positional, parameters, callee, binding, needs_all=needs_all)
        else:
            for argument in node.arguments:
                self._bind_named(argument, by_name, callee, binding)
        if not binding.is_wrong or not positional:
            self._require_in_outs(node, parameters, callee, binding)
        return binding

    def _report_equal_signs(self, positional: Sequence[ArgumentNode], by_name: dict[str, Variable]) -> bool:
        """Report ``PT = T#1s`` where ``PT := T#1s`` is meant: the left side is a parameter and no variable."""
        found = False
        for argument in positional:
            value = argument.value
            if isinstance(value, BinaryNode) and value.operator == "=" and isinstance(value.left, NameNode):
                folded = value.left.name.upper()
                if folded in by_name and not self.find_variable(folded, value.left.start)[0]:
                    hint = f"write {value.left.name} := …"
                    self.scope.report_at("ST2012", value.operator_start, 1, "'=' compares", hint)
                    self.expression(value.right)
                    found = True
        return found

    def _require_in_outs(self, node: CallNode, parameters: Sequence[Variable], callee: str, binding: Binding) -> None:
        missing = [
            parameter.name
            for parameter in parameters
            if parameter.section is Section.IN_OUT and parameter.name.upper() not in binding.given
        ]
        if missing:
            names = ", ".join(f"'{name}'" for name in missing)
            self.scope.report("ST3017", node.callee, f"{callee} needs VAR_IN_OUT {names}")
            binding.is_wrong = True

    def _bind_positional(
        self,
        node: CallNode,
        arguments: Sequence[ArgumentNode],
        parameters: Sequence[Variable],
        callee: str,
        binding: Binding,
        *,
        needs_all: bool,
    ) -> None:
        required = sum(parameter.section is not Section.OUTPUT for parameter in parameters) if needs_all else 0
        if not required <= len(arguments) <= len(parameters):
            wanted = str(required) if required == len(parameters) else f"{required} to {len(parameters)}"
            plural = "" if wanted == "1" else "s"
            if not self.is_doubtful(callee):
                message = f"{callee} takes {wanted} argument{plural}, not {len(arguments)}"
                self.scope.report("ST3016", node.callee, message)
            self.check_arguments_only(node)
            binding.is_wrong = True
            return
        for argument, parameter in zip(arguments, parameters, strict=False):
            self._bind_one(argument, parameter, binding)

    def _bind_named(self, argument: ArgumentNode, by_name: dict[str, Variable], callee: str, binding: Binding) -> None:
        folded = argument.name.upper()
        if folded in binding.given:
            self.scope.report("ST3018", argument, f"'{argument.name}' is given twice")
            binding.is_wrong = True
            return
        binding.given.add(folded)
        parameter = by_name.get(folded)
        if parameter is None and folded in ("EN", "ENO"):
            self._bind_enable(argument, folded, binding)
        elif parameter is None:
            if not self.is_doubtful(callee, argument.name):
                hint = did_you_mean(argument.name, [each.name for each in by_name.values()])
                self.scope.report("ST3015", argument, f"{callee} has no parameter '{argument.name}'", hint)
            binding.is_wrong = True
            if argument.value is not None:
                self.expression(argument.value)
        elif argument.is_output != (parameter.section is Section.OUTPUT):
            is_output = parameter.section is Section.OUTPUT
            message = f"'{parameter.name}' is {'an output' if is_output else 'an input'} of {callee}"
            hint = f"write {parameter.name} => variable" if is_output else f"write {parameter.name} := value"
            self.scope.report("ST3020", argument, message, hint)
            binding.is_wrong = True
            if argument.value is not None:
                self.expression(argument.value)
        elif argument.value is not None:
            self._bind_one(argument, parameter, binding)

    def _bind_enable(self, argument: ArgumentNode, folded: str, binding: Binding) -> None:
        if argument.is_output != (folded == "ENO"):
            self.scope.report("ST3020", argument, f"{folded} is {'an output' if folded == 'ENO' else 'an input'}")
            binding.is_wrong = True
        elif argument.value is None:
            return
        elif folded == "EN":
            binding.enable = self.value(argument.value, Elementary.BOOL, "pass {} to BOOL 'EN'")
            binding.is_wrong |= binding.enable is None
        else:
            binding.enable_output = self.target(argument.value)
            place = binding.enable_output
            if place is not None and place.type is not Elementary.BOOL:
                self.report_mismatch(Elementary.BOOL, place.type, argument.value, "take {} from 'ENO'")
                place = None
            binding.is_wrong |= place is None

    def _bind_one(self, argument: ArgumentNode, parameter: Variable, binding: Binding) -> None:
        binding.given.add(parameter.name.upper())
        node = argument.value
        assert node is not None
        bound: tree.InputArgument | tree.InOutArgument | tree.OutputArgument | None = None
        if parameter.section is Section.INPUT:
            purpose = f"pass {{}} to {type_name(parameter.type)} '{parameter.name}'"
            value = self.value(node, parameter.type, purpose)
            bound = None if value is None else tree.InputArgument(parameter, value)
        elif parameter.section is Section.IN_OUT:
            place = self.target(node)
            bound = self._in_out(argument, parameter, place)
        else:
            target = self.target(node)
            bound = self._output(argument, parameter, target)
        if bound is None:
            binding.is_wrong = True
        else:
            binding.arguments.append(bound)

    def _in_out(
        self, argument: ArgumentNode, parameter: Variable, place: tree.Place | None
    ) -> tree.InOutArgument | None:
        node = argument.value
        if place is None or node is None:
            return None
        if isinstance(place, tree.PartialAccess | tree.CharacterAccess):
            self.scope.report("ST3020", node, "a part of a variable cannot be passed to a VAR_IN_OUT", "pass the whole")
            return None
        if not is_same_type(place.type, parameter.type):
            purpose = f"bind {{}} to VAR_IN_OUT '{parameter.name}' of {type_name(parameter.type)}"
            self.scope.report("ST3004", node, "cannot " + purpose.format(type_name(place.type)), "the types must agree")
            return None
        return tree.InOutArgument(parameter, place)

    def _output(
        self, argument: ArgumentNode, parameter: Variable, target: tree.Place | None
    ) -> tree.OutputArgument | None:
        node = argument.value
        if target is None or node is None:
            return None
        if not converts_implicitly(parameter.type, target.type):
            purpose = f"take {{}} from '{parameter.name}' into {type_name(target.type)}"
            self.report_mismatch(parameter.type, target.type, node, purpose)
            return None
        is_bits = isinstance(parameter.type, Elementary) and parameter.type.is_bit_string
        if argument.is_negated and not is_bits:
            self.scope.report("ST3006", argument, f"'NOT' is not defined for {type_name(parameter.type)}")
            return None
        return tree.OutputArgument(parameter, target, argument.is_negated)
