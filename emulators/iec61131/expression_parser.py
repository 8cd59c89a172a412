"""Expressions: Pratt's method over the precedence table of the standard.

Unary minus and NOT bind tighter than ``**``; all binary operators associate to the left. A chain of operators makes a
tree as deep as it is long, so its depth counts against the limit like that of parentheses.
"""

from __future__ import annotations

from emulators.iec61131.syntax import (
    AddressNode,
    ArgumentNode,
    BinaryNode,
    CallNode,
    ExpressionNode,
    FieldNode,
    IndexNode,
    LiteralNode,
    NameNode,
    TypedNode,
    UnaryNode,
    WrongNode,
)
from emulators.iec61131.token_stream import SyntaxRecovery, TokenStream

__all__ = ["MAX_EXPRESSION_DEPTH", "ExpressionParser"]

MAX_EXPRESSION_DEPTH = 160

_PRECEDENCE = {
    "OR": 1,
    "OR_ELSE": 1,
    "XOR": 2,
    "AND": 3,
    "&": 3,
    "AND_THEN": 3,
    "=": 4,
    "<>": 4,
    "<": 5,
    ">": 5,
    "<=": 5,
    ">=": 5,
    "+": 6,
    "-": 6,
    "*": 7,
    "/": 7,
    "MOD": 7,
    "**": 8,
}
_UNARY = 9
_LITERALS = frozenset({"INTEGER", "REAL", "BASED", "STRING", "WSTRING", "DURATION", "DATE", "TRUE", "FALSE"})
_ENDS_EXPRESSION = frozenset({";", "THEN", "DO", "OF", "END", "TO", "BY", "END_REPEAT", "END_VAR"})


class ExpressionParser(TokenStream):
    """Parses one expression at the cursor."""

    depth = 0  # depth of the expression made last

    def expression(self, floor: int = 0) -> ExpressionNode:
        """Return the expression at the cursor; operators binding no tighter than ``floor`` are left."""
        start = self.starts[self.position]
        left = self._operand()
        kinds = self.kinds
        while True:
            operator = kinds[self.position]
            precedence = _PRECEDENCE.get(operator)
            if precedence is None or precedence <= floor:
                return left
            operator_start = self.starts[self.position]
            self.position += 1
            left_depth = self.depth
            self.nesting += 1
            right = self.expression(precedence)
            self.nesting -= 1
            self.depth = max(left_depth, self.depth) + 1
            if self.depth > MAX_EXPRESSION_DEPTH:
                raise self._too_deep(start)
            left = BinaryNode(operator, left, right, operator_start, start, self.previous_end())

    def condition(self, closer: str, context: str) -> ExpressionNode:
        """Return the expression of a header and step over its closing keyword; ``:=`` for ``=`` is bridged."""
        nesting = self.nesting
        try:
            condition = self.expression()
            while self.kinds[self.position] == ":=":
                start = self.starts[self.position]
                self.report("ST2006", start, start + 2, "':=' assigns", "compare with '='")
                self.position += 1
                condition = WrongNode(condition.start, self.expression().end)
        except SyntaxRecovery:
            self.nesting = nesting
            start = self.starts[self.position]
            self.skip_to_closer(closer)
            self.accept(closer)
            return WrongNode(start, self.previous_end())
        if self.kinds[self.position] == closer:
            self.position += 1
        elif self.starts_line() or self.kinds[self.position] in (";", "END"):
            self.bridge(closer, context)
        else:
            self.fail_expected(f"'{closer}'", context)
            self.skip_to_closer(closer)
            self.accept(closer)
            return WrongNode(condition.start, condition.end)
        return condition

    def skip_to_closer(self, closer: str) -> None:
        """Skip to the keyword that closes a header, but not past the line or a ``;``."""
        while self.kinds[self.position] not in (closer, ";", "END") and not self.starts_line():
            self.position += 1

    def _too_deep(self, start: int) -> SyntaxRecovery:
        return self.fail(
            "ST2008",
            start,
            self.previous_end(),
            f"expression is more than {MAX_EXPRESSION_DEPTH} operators deep",
            "split it with a variable in between",
        )

    def _operand(self) -> ExpressionNode:
        position = self.position
        kind = self.kinds[position]
        start = self.starts[position]
        if kind == "NAME":
            name = self.texts[position]
            self.position = position + 1
            self.depth = 0
            node: ExpressionNode = NameNode(name, start, start + len(name))
            if self.kinds[position + 1] in _POSTFIX:
                return self._postfix(node)
            return node
        if kind in _LITERALS:
            text = self.texts[position]
            self.position = position + 1
            self.depth = 0
            return LiteralNode(kind, text, start, start + len(text))
        handler = _OPERANDS.get(kind)
        if handler is not None:
            self.enter()
            node = handler(self)
            self.nesting -= 1
            return node
        if kind == "WRONG":
            self.position += 1
            return WrongNode(start, self.previous_end())
        raise self._no_expression()

    def _no_expression(self) -> SyntaxRecovery:
        start = self.starts[self.position]
        return self.fail("ST2005", start, self.token_end(), f"expected an expression, found {self.found()}")

    def _not(self) -> ExpressionNode:
        """Return ``NOT x``; ``NOT(x)`` means the same, ``NOT(IN := x)`` is a call with a formal argument."""
        is_formal = self.peek() == "(" and self.peek(2) == "NAME" and self.peek(3) == ":="
        return self._operator_call() if is_formal else self._unary()

    def _unary(self) -> ExpressionNode:
        start = self.starts[self.position]
        operator = self.kinds[self.position]
        self.position += 1
        operand = self.expression(_UNARY)
        self.depth += 1
        if self.depth > MAX_EXPRESSION_DEPTH:
            raise self._too_deep(start)
        return UnaryNode(operator, operand, start, self.previous_end())

    def _parenthesised(self) -> ExpressionNode:
        self.position += 1
        inner = self.expression()
        self.close(")")
        return self._postfix(inner) if self.kinds[self.position] == "." else inner

    def _operator_call(self) -> ExpressionNode:
        """Return ``AND(a, b)``: an operator written as a function."""
        if self.peek() != "(":
            raise self._no_expression()
        start, name = self.starts[self.position], self.texts[self.position]
        self.position += 1
        return self._postfix(NameNode(name, start, start + len(name)))

    def _typed(self) -> ExpressionNode:
        start, prefix = self.starts[self.position], self.texts[self.position][:-1]
        self.position += 1
        kind = self.kinds[self.position]
        value: ExpressionNode
        if kind in ("+", "-"):
            sign_start = self.starts[self.position]
            self.position += 1
            literal = self._literal_of_typed(prefix)
            value = UnaryNode(kind, literal, sign_start, literal.end)
        elif kind == "NAME":
            name = self.texts[self.position]
            value = NameNode(name, self.starts[self.position], self.token_end())
            self.position += 1
        else:
            value = self._literal_of_typed(prefix)
        self.depth = 0
        return TypedNode(prefix, value, start, value.end)

    def _literal_of_typed(self, prefix: str) -> ExpressionNode:
        kind, start = self.kinds[self.position], self.starts[self.position]
        if kind not in _LITERALS:
            raise self.fail_expected(f"a value after '{prefix}#'")
        self.position += 1
        return LiteralNode(kind, self.texts[self.position - 1], start, self.previous_end())

    def _address(self) -> ExpressionNode:
        start, text = self.starts[self.position], self.texts[self.position]
        self.position += 1
        self.depth = 0
        return AddressNode(text, start, start + len(text))

    def close(self, closer: str) -> None:
        """Step over ``)`` or ``]``; a missing one where the expression must end is bridged."""
        if self.accept(closer):
            return
        if self.kinds[self.position] in _ENDS_EXPRESSION or self.kinds[self.position] in (")", "]"):
            start = self.starts[self.position]
            message = f"expected '{closer}' before {self.found()}"
            self.report("ST2001", start, self.token_end(), message)
            if self.kinds[self.position] in (")", "]"):
                self.position += 1
            return
        raise self.fail_expected(f"'{closer}'")

    def _postfix(self, node: ExpressionNode) -> ExpressionNode:
        start = node.start
        depth = self.depth
        while True:
            kind = self.kinds[self.position]
            if kind == ".":
                node = self._field(node, start)
            elif kind == "[":
                self.position += 1
                self.enter()
                indices = [self.expression()]
                depth = max(depth, self.depth)
                while self.accept(","):
                    indices.append(self.expression())
                    depth = max(depth, self.depth)
                self.close("]")
                self.nesting -= 1
                node = IndexNode(node, indices, start, self.previous_end())
            elif kind == "(" and isinstance(node, NameNode | FieldNode | IndexNode):
                arguments = self.arguments()
                depth = max(depth, self.depth)
                node = CallNode(node, arguments, start, self.previous_end())
            elif kind == "^":
                position = self.starts[self.position]
                raise self.fail("ST2010", position, position + 1, "references ('^') are not supported yet")
            else:
                self.depth = depth
                return node
            depth += 1
            if depth > MAX_EXPRESSION_DEPTH:
                raise self._too_deep(start)

    def _field(self, base: ExpressionNode, start: int) -> ExpressionNode:
        self.position += 1
        kind, name_start = self.kinds[self.position], self.starts[self.position]
        if kind in ("INTEGER", "ADDRESS"):
            name = self.texts[self.position]
            self.position += 1
        else:
            name, name_start, _ = self.expect_name("the name of a field")
        return FieldNode(base, name, name_start, start, name_start + len(name))

    def arguments(self) -> list[ArgumentNode]:
        """Return the arguments of a call; the cursor is at ``(``."""
        self.position += 1
        self.enter()
        arguments: list[ArgumentNode] = []
        depth = 0
        if self.kinds[self.position] != ")":
            while True:
                arguments.append(self._argument())
                depth = max(depth, self.depth)
                if not self.accept(","):
                    break
                if self.kinds[self.position] == ")":
                    raise self.fail_expected("another argument after ','")
        self.close(")")
        self.depth = depth
        self.nesting -= 1
        return arguments

    def _argument(self) -> ArgumentNode:
        start = self.starts[self.position]
        is_negated = self.kinds[self.position] == "NOT" and self.peek() == "NAME" and self.peek(2) == "=>"
        if is_negated:
            self.position += 1
        if self.kinds[self.position] == "NAME" and self.peek() in (":=", "=>"):
            name = self.texts[self.position]
            name_start = self.starts[self.position]
            is_output = self.peek() == "=>"
            self.position += 2
            if self.kinds[self.position] in (",", ")"):
                self.depth = 0
                return ArgumentNode(name, is_output, is_negated, None, name_start, name_start + len(name))
            value = self.expression()
            return ArgumentNode(name, is_output, is_negated, value, name_start, name_start + len(name))
        value = self.expression()
        return ArgumentNode("", False, False, value, start, self.previous_end())


_POSTFIX = frozenset({".", "[", "(", "^"})
_OPERANDS = {
    "-": ExpressionParser._unary,
    "+": ExpressionParser._unary,
    "NOT": ExpressionParser._not,
    "(": ExpressionParser._parenthesised,
    "TYPED": ExpressionParser._typed,
    "ADDRESS": ExpressionParser._address,
    "AND": ExpressionParser._operator_call,
    "OR": ExpressionParser._operator_call,
    "XOR": ExpressionParser._operator_call,
    "MOD": ExpressionParser._operator_call,
}
