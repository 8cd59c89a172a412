"""Declarations of variables: sections of POUs and globals, addresses, interfaces of units."""

from __future__ import annotations

from emulators.errors import did_you_mean
from emulators.iec61131.addresses import is_incomplete, locatable_bits, occupied_bits, parse_address
from emulators.iec61131.conversion import is_same_type
from emulators.iec61131.environment import Interface, TypeUse
from emulators.iec61131.scope import Scope
from emulators.iec61131.syntax import AddressNode, PouNode, SectionNode, TypeNode, VariableNode
from emulators.iec61131.tree import FunctionInterface, ProgramInterface
from emulators.iec61131.type_analysis import TypeAnalyser
from emulators.iec61131.types import (
    Address,
    ArrayType,
    Edge,
    Elementary,
    FunctionBlockType,
    IecType,
    Initial,
    Section,
    Variable,
    type_name,
)

__all__ = ["VariableAnalyser", "resolve_global", "resolve_interface", "resolve_type"]

_SECTIONS = {section.value: section for section in Section}
_ALLOWED = {
    "FUNCTION": {"VAR", "VAR_INPUT", "VAR_OUTPUT", "VAR_IN_OUT", "VAR_TEMP", "VAR_EXTERNAL"},
    "FUNCTION_BLOCK": {"VAR", "VAR_INPUT", "VAR_OUTPUT", "VAR_IN_OUT", "VAR_TEMP", "VAR_EXTERNAL"},
    "PROGRAM": {"VAR", "VAR_INPUT", "VAR_OUTPUT", "VAR_IN_OUT", "VAR_TEMP", "VAR_EXTERNAL"},
}


def resolve_type(node: TypeNode, scope: Scope) -> TypeUse | None:
    """Return the type of a declaration in TYPE … END_TYPE."""
    return TypeAnalyser(scope).declared_type(node)


def resolve_global(node: VariableNode, section: SectionNode, scope: Scope) -> Variable | None:
    """Return a global variable."""
    return VariableAnalyser(scope).variable(node, section, Section.GLOBAL)


def resolve_interface(node: PouNode, scope: Scope) -> Interface | None:
    """Return the interface of a unit; fills the scope with its variables, None for those that are wrong."""
    return VariableAnalyser(scope).interface(node)


class VariableAnalyser:
    """Analyses declarations of one scope."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.environment = scope.environment
        self.types = TypeAnalyser(scope)

    def interface(self, node: PouNode) -> Interface | None:
        variables: list[Variable] = []
        for section in node.sections:
            if section.kind not in _ALLOWED[node.kind]:
                self.scope.report("ST3039", section, f"{section.kind} cannot stand in a {node.kind}")
                self._declare_wrong(section)
                continue
            variables += self._section(section, node)
        span = self.scope.span(node)
        if node.kind == "FUNCTION_BLOCK":
            return FunctionBlockType(node.name, tuple(variables), span)
        if node.kind == "PROGRAM":
            return ProgramInterface(node.name, tuple(variables), span)
        result = self._result(node)
        if result is not None:
            variables.append(result)
        return FunctionInterface(node.name, tuple(variables), result, span)

    def _declare_wrong(self, section: SectionNode) -> None:
        for node in section.variables:
            self.scope.variables.setdefault(node.name.upper(), None)

    def _result(self, node: PouNode) -> Variable | None:
        if node.result is None:
            return None
        folded = node.name.upper()
        use = self.types.specification(node.result)
        if use is None or isinstance(use.type, FunctionBlockType):
            self.scope.variables[folded] = None
            if use is not None:
                self.scope.report("ST3002", node.result, "the result of a function is a value, not an instance")
            return None
        result = Variable(node.name, use.type, Section.RESULT, use.initial, self.scope.span(node), node.name)
        self.scope.variables[folded] = result
        return result

    def _section(self, section: SectionNode, pou: PouNode) -> list[Variable]:
        kind = _SECTIONS[section.kind]
        found: list[Variable] = []
        if section.is_retain and kind in (Section.TEMP, Section.IN_OUT, Section.EXTERNAL):
            self.scope.report("ST3039", section, f"{section.kind} cannot be RETAIN")
        if section.is_retain and pou.kind == "FUNCTION":
            self.scope.report("ST3039", section, "a function keeps nothing: RETAIN has no meaning in it")
        for node in section.variables:
            folded = node.name.upper()
            if self._is_duplicate(node, folded, pou):
                continue
            variable = self.variable(node, section, kind)
            if variable is None:
                self.scope.variables[folded] = None
                continue
            if kind is Section.EXTERNAL:
                self.scope.variables[folded] = self._external(node, variable, section)
            else:
                self._check_place(node, variable, pou)
                self.scope.variables[folded] = variable
            found.append(variable)
        return found

    def _is_duplicate(self, node: VariableNode, folded: str, pou: PouNode) -> bool:
        if len(node.path) > 1:
            self.scope.report("ST2001", node, "a declared name has no points")
            return True
        if folded == pou.name.upper() and pou.kind == "FUNCTION" and pou.result is not None:
            self.scope.report("ST3003", node, f"'{node.name}' is the name of the function's result")
            return True
        if folded not in self.scope.variables:
            return False
        first = next(each for section in pou.sections for each in section.variables if each.name.upper() == folded)
        line = self.scope.tokens.line_of(first.start)
        self.scope.report("ST3003", node, f"'{node.name}' is declared already in line {line}")
        return True

    def _check_place(self, node: VariableNode, variable: Variable, pou: PouNode) -> None:
        is_instance = isinstance(variable.type, FunctionBlockType)
        if is_instance and variable.section in (Section.OUTPUT, Section.INPUT, Section.TEMP):
            hint = "use VAR or VAR_IN_OUT"
            self.scope.report("ST3039", node, f"an instance of {type_name(variable.type)} cannot stand here", hint)
        if node.address is not None and pou.kind != "PROGRAM" and not is_incomplete(node.address.text):
            hint = "declare it in VAR_GLOBAL or in a PROGRAM"
            self.scope.report("ST3035", node.address, f"a {pou.kind} has no variables at addresses", hint)
        if variable.section is Section.IN_OUT and node.initial is not None:
            self.scope.report("ST3039", node, "a VAR_IN_OUT has no initial value: the caller's variable has one")

    # --- one variable ----------------------------------------------------------------------------------------------

    def variable(self, node: VariableNode, section: SectionNode, kind: Section) -> Variable | None:
        use = self.types.specification(node.specification)
        initial = self._initial(node, use, is_constant=section.is_constant)
        address = self._address(node, use.type if use is not None else None)
        if use is None:
            return None
        if section.is_constant and isinstance(use.type, FunctionBlockType):
            self.scope.report("ST3039", node, f"an instance of {use.type.name} cannot be CONSTANT")
            return None
        if initial is None:
            return None
        return Variable(
            node.name,
            use.type,
            kind,
            initial,
            self.scope.span(node),
            self.scope.owner,
            section.is_constant,
            section.is_retain,
            address,
            self._edge(node, use.type, kind),
            self.scope.tokens.description(node.start),
        )

    def _initial(self, node: VariableNode, use: TypeUse | None, *, is_constant: bool) -> Initial | None:
        if use is None:
            return None
        if node.initial is None:
            return use.initial
        initial = self.types.initial(node.initial, use.type, f"'{node.name}'")
        if initial is None and not is_constant:
            return use.initial  # reported; the variable itself is good enough to be used
        return initial

    def _edge(self, node: VariableNode, iec_type: IecType, kind: Section) -> Edge | None:
        if not node.edge:
            return None
        if kind is not Section.INPUT or iec_type is not Elementary.BOOL:
            self.scope.report("ST3039", node, f"{node.edge} belongs to a BOOL of VAR_INPUT")
            return None
        return Edge(node.edge)

    def _external(self, node: VariableNode, external: Variable, section: SectionNode) -> Variable | None:
        """Return the global variable behind a VAR_EXTERNAL."""
        folded = node.name.upper()
        if folded not in self.environment.global_nodes:
            if self.environment.has_all_names:
                hint = did_you_mean(node.name, self.environment.global_names())
                self.scope.report("ST3036", node, f"no VAR_GLOBAL '{node.name}' exists", hint)
            return None
        found = self.environment.global_variable(folded, self.scope, node.start)
        if found is None:
            return None
        if not is_same_type(found.type, external.type):
            message = f"VAR_GLOBAL '{found.name}' is {type_name(found.type)}, not {type_name(external.type)}"
            self.scope.report("ST3036", node, message, f"see {found.span}")
            return None
        if found.is_constant and not section.is_constant:
            self.scope.report("ST3036", node, f"VAR_GLOBAL '{found.name}' is CONSTANT", "write VAR_EXTERNAL CONSTANT")
        return found

    # --- addresses -------------------------------------------------------------------------------------------------

    def _address(self, node: VariableNode, iec_type: IecType | None) -> Address | None:
        if node.address is None:
            return None
        if is_incomplete(node.address.text):
            self.environment.incomplete.append((self.scope, node))
            return None
        return self.located(node.address, iec_type)

    def located(self, node: AddressNode, iec_type: IecType | None) -> Address | None:
        """Return the address if it is one and fits the type; adds it to what the image must hold."""
        try:
            address = parse_address(node.text)
        except ValueError as problem:
            self.scope.report("ST3034", node, f"'{node.text}' is not an address", str(problem))
            return None
        if iec_type is None:
            return None
        bits = locatable_bits(iec_type)
        if bits is None:
            message = f"a variable of {type_name(iec_type)} cannot lie at an address"
            self.scope.report("ST3035", node, message, "elementary types and arrays of them can")
            return None
        if bits != address.size_bits:
            element = type_name(iec_type.element if isinstance(iec_type, ArrayType) else iec_type)
            wanted = {1: "X", 8: "B", 16: "W", 32: "D", 64: "L"}[bits]
            example = f"%{address.area.value}{wanted}"
            message = f"{element} has {bits} bits, {node.text} has {address.size_bits}"
            self.scope.report("ST3035", node, message, f"use an address {example}…")
            return None
        start, size = occupied_bits(address, iec_type)
        first_byte, last_byte = start // 8, (start + size - 1) // 8
        self.environment.addresses_used.append((address.area.value, first_byte, last_byte - first_byte + 1))
        return address
