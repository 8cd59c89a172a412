"""Places: names, fields, elements, bits and addresses, for reading and for writing."""

from __future__ import annotations

import re

from emulators.errors import did_you_mean
from emulators.iec61131 import tree
from emulators.iec61131.addresses import address_type, is_incomplete, parse_address
from emulators.iec61131.expression_base import ExpressionBase
from emulators.iec61131.standard_functions import standard_overloads
from emulators.iec61131.syntax import (
    AddressNode,
    ExpressionNode,
    FieldNode,
    IndexNode,
    NameNode,
    WrongNode,
)
from emulators.iec61131.types import (
    Area,
    ArrayType,
    Elementary,
    EnumerationType,
    FunctionBlockType,
    IecType,
    Kind,
    Section,
    StringType,
    StructureType,
    Variable,
    type_name,
    underlying,
)

__all__ = ["PlaceAnalysis"]

_PARTIAL = re.compile(r"%([XBWD])([0-9]{1,4})$", re.IGNORECASE)
_PART_TYPES = {"X": Elementary.BOOL, "B": Elementary.BYTE, "W": Elementary.WORD, "D": Elementary.DWORD}
_VISIBLE_SECTIONS = frozenset({Section.INPUT, Section.OUTPUT, Section.IN_OUT})


class PlaceAnalysis(ExpressionBase):
    """Resolves what stands for a variable or a part of one."""

    def place(self, node: ExpressionNode) -> tree.Place | None:
        """Return the place a node stands for; reports what is none."""
        match node:
            case NameNode():
                return self._named_place(node)
            case FieldNode():
                return self._field_place(node)
            case IndexNode():
                return self._element_place(node)
            case AddressNode():
                return self._address_place(node)
            case WrongNode():
                return None
            case _:
                self.expression(node)
                self.scope.report("ST3008", node, "a variable is wanted here, not a value")
                return None

    def target(self, node: ExpressionNode) -> tree.Place | None:
        """Return a place that may be assigned."""
        place = self.place(node)
        if place is None or not self._is_writable(place, node):
            return None
        root = root_variable(place)
        if root is not None:
            self.scope.written.add(root)
        return place

    def find_variable(self, folded: str, start: int) -> tuple[bool, Variable | None]:
        """Return (declared, variable); a declared variable is None if its declaration is wrong."""
        variables = self.scope.variables
        if folded in variables:
            return True, variables[folded]
        if folded in self.environment.global_nodes and not self.scope.is_library:
            return True, self.environment.global_variable(folded, self.scope, start)
        return False, None

    def is_ambiguous(self, node: ExpressionNode) -> bool:
        """True for a name that is a value of several enumerations, so that the other operand must decide."""
        if not isinstance(node, NameNode):
            return False
        folded = node.name.upper()
        return len(self.environment.enumerators.get(folded, ())) > 1 and not self.find_variable(folded, node.start)[0]

    # --- names -----------------------------------------------------------------------------------------------------

    def _named_place(self, node: NameNode) -> tree.Place | None:
        folded = node.name.upper()
        is_declared, variable = self.find_variable(folded, node.start)
        if is_declared:
            if variable is None:
                return None
            self.scope.touched.add(variable)
            return tree.Name(variable, variable.type, self.scope.span(node))
        self.report_no_variable(node, folded)
        return None

    def report_no_variable(self, node: NameNode, folded: str) -> None:
        """Report a name that is no variable: what it is instead, or that it is not declared."""
        environment, name = self.environment, node.name
        if folded in environment.enumerators:
            self.scope.report("ST3008", node, f"'{name}' is a value of an enumeration, not a variable")
        elif environment.has_unit(folded):
            kind = environment.pou_nodes[folded][0].kind
            hint = "declare an instance of it and name that" if kind == "FUNCTION_BLOCK" else ""
            self.scope.report("ST3008", node, f"'{name}' is a {kind}, not a variable", hint)
        elif environment.has_type(folded):
            self.scope.report("ST3008", node, f"'{name}' is a type, not a variable")
        elif standard_overloads(folded):
            self.scope.report("ST3008", node, f"'{name}' is a function, not a variable", f"call it: {name}(…)")
        else:
            self.scope.report_unknown(name, node.start)

    # --- fields ----------------------------------------------------------------------------------------------------

    def _field_place(self, node: FieldNode) -> tree.Place | None:
        base = self.place(node.base)
        if base is None:
            return None
        if node.name[0] == "%" or node.name[0].isdigit():
            return self._partial_place(node, base)
        match base.type:
            case StructureType() as structure:
                member = structure.field(node.name)
                if member is not None:
                    return tree.Field(base, member.name, member.type, self.scope.span(node))
                names = [each.name for each in structure.fields]
                self._report_no_field(node, f"{structure.name or 'this structure'} has no field", names)
            case FunctionBlockType() as block:
                return self._member_place(node, base, block)
            case _:
                message = f"{type_name(base.type)} has no fields"
                self.scope.report_at("ST3010", node.name_start, len(node.name), message)
        return None

    def _member_place(self, node: FieldNode, base: tree.Place, block: FunctionBlockType) -> tree.Place | None:
        variable = block.variable(node.name)
        if variable is None:
            if self.is_doubtful(block.name, node.name):
                return None
            names = [each.name for each in block.variables if each.section in _VISIBLE_SECTIONS]
            self._report_no_field(node, f"{block.name} has no variable", names)
            return None
        if variable.section is Section.VAR:
            message = f"'{variable.name}' is a VAR of {block.name}, inside business of it"
            self.scope.report_at("ST4013", node.name_start, len(node.name), message, "make it a VAR_OUTPUT")
        elif variable.section not in _VISIBLE_SECTIONS or variable.section is Section.IN_OUT:
            message = f"'{variable.name}' is a {variable.section.value} of {block.name} and not visible outside"
            hint = "only its inputs and outputs are"
            self.scope.report_at("ST3011", node.name_start, len(node.name), message, hint)
            return None
        return tree.Member(base, variable, variable.type, self.scope.span(node))

    def is_doubtful(self, unit: str, name: str = "") -> bool:
        """True if a unit lacks a variable (this one, if named) only because its declaration is wrong."""
        scope = self.environment.pou_scopes.get(unit.upper())
        if scope is None or not scope.has_all_names:
            return scope is not None
        if name:
            return name.upper() in scope.variables and scope.variables[name.upper()] is None
        return any(variable is None for variable in scope.variables.values())

    def _report_no_field(self, node: FieldNode, message: str, names: list[str]) -> None:
        hint = did_you_mean(node.name, names)
        self.scope.report_at("ST3010", node.name_start, len(node.name), f"{message} '{node.name}'", hint)

    def _partial_place(self, node: FieldNode, base: tree.Place) -> tree.Place | None:
        plain = underlying(base.type)
        match = _PARTIAL.match(node.name if node.name[0] == "%" else f"%X{node.name}")
        if match is None:
            message = f"'{node.name}' is no part of a value"
            self.scope.report_at("ST3044", node.name_start, len(node.name), message, "parts are .%X3, .%B1, .%W0, .%D0")
            return None
        part, index = _PART_TYPES[match[1].upper()], int(match[2])
        is_divisible = isinstance(plain, Elementary) and (plain.kind is Kind.BITS or plain.is_integer)
        if not is_divisible or not isinstance(plain, Elementary) or part.bits >= plain.bits:
            message = f"{type_name(base.type)} has no {part.label} parts"
            self.scope.report_at("ST3044", node.name_start, len(node.name), message)
            return None
        count = plain.bits // part.bits
        if index >= count:
            message = f"{type_name(base.type)} has {part.label} parts 0 to {count - 1}, not {index}"
            self.scope.report_at("ST3044", node.name_start, len(node.name), message)
            return None
        return tree.PartialAccess(base, index, part, self.scope.span(node))

    # --- elements --------------------------------------------------------------------------------------------------

    def _element_place(self, node: IndexNode) -> tree.Place | None:
        base = self.place(node.base)
        if base is None:
            for index in node.indices:
                self.expression(index)
            return None
        if isinstance(base.type, StringType):
            return self._character_place(node, base, base.type)
        if not isinstance(base.type, ArrayType):
            self.scope.report("ST3012", node, f"{type_name(base.type)} is not an array")
            return None
        bounds = base.type.bounds
        if len(node.indices) != len(bounds):
            message = f"{type_name(base.type)} takes {len(bounds)} indices, not {len(node.indices)}"
            self.scope.report("ST3012", node, message)
            return None
        indices = [self._index(index, bound) for index, bound in zip(node.indices, bounds, strict=True)]
        found = tuple(index for index in indices if index is not None)
        if len(found) != len(bounds):
            return None
        return tree.Element(base, found, base.type.element, self.scope.span(node))

    def _character_place(self, node: IndexNode, base: tree.Place, text: StringType) -> tree.Place | None:
        if len(node.indices) != 1:
            self.scope.report("ST3012", node, "a string takes one index")
            return None
        index = self._index(node.indices[0], (1, text.length))
        if index is None:
            return None
        part = Elementary.WCHAR if text.is_wide else Elementary.CHAR
        return tree.CharacterAccess(base, index, part, self.scope.span(node))

    def _index(self, node: ExpressionNode, bound: tuple[int, int]) -> tree.Expression | None:
        operand = self.expression(node, Elementary.DINT)
        index = None if operand is None else self.typed(operand, node, Elementary.DINT)
        if index is None or index.type is None:
            return None
        plain = underlying(index.type)
        if not isinstance(plain, Elementary) or not plain.is_integer:
            message = f"an index is an integer, not {type_name(index.type)}"
            self.scope.report("ST3004", node, message)
            return None
        if isinstance(index, tree.Literal) and not bound[0] <= int(index.value) <= bound[1]:
            self.scope.report("ST3013", node, f"index {index.value} is outside {bound[0]}..{bound[1]}")
            return None
        if isinstance(index.type, EnumerationType):
            return tree.Convert(index, plain, index.span)
        return index

    # --- addresses -------------------------------------------------------------------------------------------------

    def _address_place(self, node: AddressNode) -> tree.Place | None:
        if is_incomplete(node.text):
            self.scope.report("ST3034", node, f"'{node.text}' is incomplete", "only a declaration may leave it open")
            return None
        try:
            address = parse_address(node.text)
        except ValueError as problem:
            self.scope.report("ST3034", node, f"'{node.text}' is not an address", str(problem))
            return None
        bits = max(8, address.size_bits)
        self.environment.addresses_used.append((address.area.value, address.byte_offset, bits // 8))
        return tree.AddressAccess(address, address_type(address), self.scope.span(node))

    # --- writing ---------------------------------------------------------------------------------------------------

    def _is_writable(self, place: tree.Place, node: ExpressionNode) -> bool:
        """Report and return False if a place must not be assigned."""
        problem = self._write_problem(place)
        if problem is not None:
            self.scope.report("ST3009", node, *problem)
            return False
        root = root_variable(place)
        if root is not None and root.section is Section.INPUT and not self.scope.is_library:
            message = f"'{root.name}' is an input of {root.owner}"
            self.scope.report("ST4012", node, message, "copy it to a VAR and change that")
        area = _area_of(place)
        if area is Area.INPUT:
            self.scope.report("ST4008", node, "this writes the input image", "it lasts until the next latch only")
        return True

    def _write_problem(self, place: tree.Place) -> tuple[str, str] | None:
        inner = place
        while not isinstance(inner, tree.Name | tree.AddressAccess):
            if isinstance(inner, tree.Member) and inner.variable.section is Section.OUTPUT:
                block = type_name(inner.base.type)
                return f"'{inner.variable.name}' is an output of {block}", "only its body writes it"
            if isinstance(inner, tree.Member) and inner.variable.section is Section.VAR:
                return f"'{inner.variable.name}' is a VAR of {type_name(inner.base.type)}", "only its body writes it"
            if isinstance(inner, tree.Member) and inner.variable.is_constant:
                return f"'{inner.variable.name}' is CONSTANT", ""
            inner = inner.base
        if isinstance(inner, tree.AddressAccess):
            return None
        variable = inner.variable
        if variable.is_constant:
            return f"'{variable.name}' is CONSTANT", ""
        if variable in self.scope.loop_variables and inner is place:
            return f"'{variable.name}' is the variable of the FOR loop around this", "leave the loop with EXIT"
        return None


def root_variable(place: tree.Place) -> Variable | None:
    """Return the declared variable that a place is a part of; None for an address."""
    while not isinstance(place, tree.Name):
        if isinstance(place, tree.AddressAccess):
            return None
        place = place.base
    return place.variable


def _area_of(place: tree.Place) -> Area | None:
    if isinstance(place, tree.AddressAccess):
        return place.address.area
    root = root_variable(place)
    return root.address.area if root is not None and root.address is not None else None


def is_whole_value(iec_type: IecType) -> bool:
    """True for types whose values can be assigned: everything but function block instances, at any depth."""
    match iec_type:
        case FunctionBlockType():
            return False
        case ArrayType():
            return is_whole_value(iec_type.element)
        case StructureType():
            return all(is_whole_value(member.type) for member in iec_type.fields)
        case _:
            return True
