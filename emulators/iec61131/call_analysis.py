"""Calls: of users' functions, standard functions and function block instances."""

from __future__ import annotations

from emulators.iec61131 import tree
from emulators.iec61131.argument_binding import ArgumentBinding
from emulators.iec61131.place_analysis import root_variable
from emulators.iec61131.standard_functions import standard_function_names, standard_overloads
from emulators.iec61131.syntax import CallNode, NameNode
from emulators.iec61131.types import (
    FunctionBlockType,
    IecType,
    Section,
    type_name,
)

__all__ = ["CallAnalysis"]


class CallAnalysis(ArgumentBinding):
    """Resolves what is called."""

    def call(self, node: CallNode, expected: IecType | None) -> tree.Expression | None:
        """Return a call that stands as a value."""
        callee = node.callee
        if isinstance(callee, NameNode):
            folded = callee.name.upper()
            is_declared, variable = self.find_variable(folded, callee.start)
            is_instance = variable is not None and isinstance(variable.type, FunctionBlockType)
            if not is_instance and self._is_user_unit(folded):
                return self._unit_call(node, callee, folded)
            if not is_declared or (not is_instance and variable is not None and standard_overloads(folded)):
                return self._other_call(node, callee, folded, expected)
        place = self.place(callee)
        self.check_arguments_only(node)
        if place is None:
            return None
        if isinstance(place.type, FunctionBlockType):
            hint = f"call it as a statement, then use an output such as {_first_output(place.type)}"
            self.scope.report("ST3024", node, f"a call of {place.type.name} is not a value", hint)
        else:
            self.scope.report("ST3014", node, f"{type_name(place.type)} cannot be called")
        return None

    def call_statement(self, node: CallNode) -> tree.Statement | None:
        """Return a call that stands as a statement."""
        callee = node.callee
        instance: tree.Place | None = None
        if isinstance(callee, NameNode):
            folded = callee.name.upper()
            is_declared, variable = self.find_variable(folded, callee.start)
            is_instance = variable is not None and isinstance(variable.type, FunctionBlockType)
            if not is_instance and (self._is_user_unit(folded) or not is_declared or standard_overloads(folded)):
                call = self.call(node, None)
                if isinstance(call, tree.FunctionCall | tree.StandardCall):
                    return tree.CallStatement(call, call.span)
                return None
        instance = self.place(callee)
        if instance is None:
            self.check_arguments_only(node)
            return None
        if not isinstance(instance.type, FunctionBlockType):
            self.check_arguments_only(node)
            self.scope.report("ST3014", callee, f"{type_name(instance.type)} cannot be called")
            return None
        return self._block_call(node, instance, instance.type)

    # --- functions -------------------------------------------------------------------------------------------------

    def _is_user_unit(self, folded: str) -> bool:
        return folded in self.environment.pou_nodes and folded not in self.environment.library_units

    def _other_call(
        self, node: CallNode, callee: NameNode, folded: str, expected: IecType | None
    ) -> tree.Expression | None:
        overloads = standard_overloads(folded)
        if overloads and (self.scope.is_library or not overloads[0].is_internal):
            return self.standard_call(node, callee, overloads, expected)
        self.check_arguments_only(node)
        if self.environment.has_unit(folded) or self.environment.has_type(folded):
            self.report_no_variable(callee, folded)
            return None
        names = [*self.environment.unit_names("FUNCTION"), *standard_function_names()]
        self.scope.report_unknown(callee.name, callee.start, what="function", also=names)
        return None

    def _unit_call(self, node: CallNode, callee: NameNode, folded: str) -> tree.Expression | None:
        interface = self.environment.interface(folded, self.scope, callee.start)
        kind = self.environment.pou_nodes[folded][0].kind
        if not isinstance(interface, tree.FunctionInterface):
            self.check_arguments_only(node)
            if kind == "FUNCTION_BLOCK":
                hint = f"declare an instance, x : {callee.name};, and call that"
                self.scope.report("ST3014", callee, f"'{callee.name}' is a FUNCTION_BLOCK", hint)
            elif kind == "PROGRAM":
                self.scope.report("ST3014", callee, f"'{callee.name}' is a PROGRAM; a task runs it")
            return None
        self.scope.callees.setdefault(folded, self.scope.span(callee))
        binding = self.bind(node, interface.variables, interface.name, needs_all=True)
        if binding.is_wrong:
            return None
        result = interface.result.type if interface.result is not None else None
        return tree.FunctionCall(
            interface,
            tuple(binding.arguments),
            result,
            self.scope.span(node),
            binding.enable,
            binding.enable_output,
        )

    # --- function blocks -------------------------------------------------------------------------------------------

    def _block_call(self, node: CallNode, instance: tree.Place, block: FunctionBlockType) -> tree.Statement | None:
        root = root_variable(instance)
        if root is not None:
            self.scope.called.add(root)
            if root.section is Section.INPUT or root.is_constant:
                self.scope.report("ST3009", node.callee, f"'{root.name}' cannot be called: it is an input or CONSTANT")
        self.scope.callees.setdefault(block.name.upper(), self.scope.span(node.callee))
        binding = self.bind(node, block.variables, block.name, needs_all=False)
        if binding.is_wrong:
            return None
        return tree.FunctionBlockCall(
            instance,
            block,
            tuple(binding.arguments),
            self.scope.span(node),
            binding.enable,
            binding.enable_output,
        )

    def bind_program(self, node: CallNode, interface: tree.ProgramInterface) -> tuple[tree.Argument, ...] | None:
        """Return the arguments of a program instance, or None if one is wrong."""
        binding = self.bind(node, interface.variables, interface.name, needs_all=False)
        return None if binding.is_wrong else tuple(binding.arguments)


def _first_output(block: FunctionBlockType) -> str:
    outputs = [each.name for each in block.variables if each.section is Section.OUTPUT]
    return f".{outputs[0]}" if outputs else "none"
