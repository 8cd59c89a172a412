"""Type specifications and initial values."""

from __future__ import annotations

from emulators.iec61131.block_parser import BlockParser
from emulators.iec61131.syntax import (
    ArrayInitialNode,
    ArraySpecification,
    EnumerationSpecification,
    EnumeratorNode,
    ExpressionNode,
    InitialNode,
    NamedSpecification,
    NameNode,
    Specification,
    StringSpecification,
    StructureInitialNode,
    StructureSpecification,
    SubrangeSpecification,
    VariableNode,
)

__all__ = ["TypeParser"]

_NOT_YET = {
    "REF_TO": "references",
    "REFERENCE": "references",
    "POINTER": "pointers",
    "UNION": "unions",
    "CLASS": "classes",
    "INTERFACE": "interfaces",
}


class TypeParser(BlockParser):
    """Parses what stands behind the ``:`` and the ``:=`` of a declaration."""

    def specification(self) -> Specification:
        """Return the type at the cursor."""
        kind = self.kinds[self.position]
        start = self.starts[self.position]
        self.enter()
        found: Specification
        if kind == "NAME":
            found = self._named()
        elif kind in ("STRING", "WSTRING"):
            found = self._string(is_wide=kind == "WSTRING")
        elif kind == "ARRAY":
            found = self._array()
        elif kind == "STRUCT":
            found = self._structure()
        elif kind == "(":
            found = self._enumeration("", start)
        else:
            raise self.fail_expected("a type")
        self.nesting -= 1
        return found

    def _named(self) -> Specification:
        start, name = self.starts[self.position], self.texts[self.position]
        end = start + len(name)
        upper = name.upper()
        if upper in _NOT_YET and self.peek() in ("TO", "NAME", "STRING", "ARRAY", "OF"):
            raise self.fail("ST2010", start, end, f"{name}: {_NOT_YET[upper]} are not supported yet")
        self.position += 1
        if self.kinds[self.position] == "(":
            return self._constrained(name, start)
        if self.kinds[self.position] == "." and self.peek() == "NAME":
            raise self.fail("ST2010", start, self.token_end(), "namespaces are not supported yet")
        return NamedSpecification(name, start, end)

    def _constrained(self, name: str, start: int) -> Specification:
        """Return ``INT (low..high)`` or ``INT (A := 1, B)``."""
        if self.peek() == "NAME" and self.peek(2) in (":=", ",", ")"):
            return self._enumeration(name, start)
        self.position += 1
        low = self.expression()
        self.expect("..", "between the limits of a subrange")
        high = self.expression()
        self.close(")")
        return SubrangeSpecification(name, low, high, start, self.previous_end())

    def _string(self, *, is_wide: bool) -> Specification:
        start = self.starts[self.position]
        self.position += 1
        length: ExpressionNode | None = None
        opener = self.kinds[self.position]
        if opener in ("[", "("):
            self.position += 1
            length = self.expression()
            self.close("]" if opener == "[" else ")")
        return StringSpecification(is_wide, length, start, self.previous_end())

    def _array(self) -> Specification:
        start = self.starts[self.position]
        self.position += 1
        self.expect("[", "after ARRAY")
        if self.kinds[self.position] == "*":
            raise self.fail(
                "ST2010",
                self.starts[self.position],
                self.token_end(),
                "arrays of variable length are not supported yet",
            )
        bounds = [self.range_of_values()]
        while self.accept(","):
            bounds.append(self.range_of_values())
        self.close("]")
        self.bridge("OF", "after the bounds of the array")
        element = self.specification()
        return ArraySpecification(bounds, element, start, self.previous_end())

    def _enumeration(self, base: str, start: int) -> Specification:
        self.position += 1
        values: list[EnumeratorNode] = []
        while True:
            name, name_start, name_end = self.expect_name("the name of a value")
            value = self.expression() if self.accept(":=") else None
            values.append(EnumeratorNode(name, value, name_start, name_end))
            if not self.accept(","):
                break
        self.close(")")
        if not base and self.kinds[self.position] == "NAME":
            base = self.texts[self.position]
            self.position += 1
        return EnumerationSpecification(base, values, start, self.previous_end())

    def _structure(self) -> Specification:
        start = self.starts[self.position]
        self.position += 1
        fields: list[VariableNode] = []
        if self.word() == "OVERLAP":
            raise self.fail(
                "ST2010", self.starts[self.position], self.token_end(), "overlapping structures are not supported yet"
            )
        self.declarations(fields, "END_STRUCT", "STRUCT", start)
        return StructureSpecification(fields, start, self.previous_end())

    def declarations(self, into: list[VariableNode], closer: str, opener: str, start: int) -> None:
        """Parse ``name : type;`` up to the closing keyword; overridden by the parser of declarations."""
        raise self.fail_expected(f"'{closer}'")

    # --- initial values ----------------------------------------------------------------------------------------------

    def initial(self) -> InitialNode:
        """Return the initial value at the cursor: expression, ``[…]`` or ``(field := …)``."""
        kind = self.kinds[self.position]
        if kind == "[":
            return self._array_initial()
        if kind == "(" and self.peek() == "NAME" and self.peek(2) == ":=":
            return self._structure_initial()
        return self.expression()

    def _array_initial(self) -> InitialNode:
        start = self.starts[self.position]
        self.position += 1
        self.enter()
        items: list[tuple[ExpressionNode | None, list[InitialNode]]] = []
        while self.kinds[self.position] != "]":
            items.append(self._array_item())
            if not self.accept(","):
                break
        self.close("]")
        self.nesting -= 1
        return ArrayInitialNode(items, start, self.previous_end())

    def _array_item(self) -> tuple[ExpressionNode | None, list[InitialNode]]:
        """Return one value, or ``count(values)``; ``count()`` repeats the default, given as no values."""
        is_count = self.kinds[self.position] in ("INTEGER", "BASED", "NAME") and self.peek() == "("
        if not is_count:
            return None, [self.initial()]
        count: ExpressionNode
        if self.kinds[self.position] == "NAME":
            count = NameNode(self.texts[self.position], self.starts[self.position], self.token_end())
            self.position += 1
        else:
            count = self._operand()
        self.position += 1
        values: list[InitialNode] = []
        while self.kinds[self.position] != ")":
            values.append(self.initial())
            if not self.accept(","):
                break
        self.close(")")
        return count, values

    def _structure_initial(self) -> InitialNode:
        start = self.starts[self.position]
        self.position += 1
        self.enter()
        values: list[tuple[str, int, InitialNode]] = []
        while True:
            name, name_start, _ = self.expect_name("the name of a field")
            self.expect(":=", "after the name of a field")
            values.append((name, name_start, self.initial()))
            if not self.accept(","):
                break
        self.close(")")
        self.nesting -= 1
        return StructureInitialNode(values, start, self.previous_end())
