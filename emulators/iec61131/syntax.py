"""The syntax tree: what was written, unresolved. Only the parser makes it and only the analyser reads it.

Places are offsets into the text of one file: ``start`` to ``end`` (exclusive). Nodes are plain slotted classes, not
frozen, because a frozen dataclass costs three times as much to make and the parser makes one for almost every token.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "AddressNode",
    "ArgumentNode",
    "ArrayInitialNode",
    "ArraySpecification",
    "AssignmentNode",
    "BinaryNode",
    "CallNode",
    "CallStatementNode",
    "CaseBranchNode",
    "CaseNode",
    "ConfigurationNode",
    "EnumerationSpecification",
    "EnumeratorNode",
    "ExpressionNode",
    "FieldNode",
    "FileNode",
    "ForNode",
    "IfBranchNode",
    "IfNode",
    "IndexNode",
    "InitialNode",
    "JumpNode",
    "LiteralNode",
    "LoopNode",
    "NameNode",
    "NamedSpecification",
    "PouNode",
    "ProgramInstanceNode",
    "RangeNode",
    "ResourceNode",
    "SectionNode",
    "Specification",
    "StatementNode",
    "StringSpecification",
    "StructureInitialNode",
    "StructureSpecification",
    "SubrangeSpecification",
    "TaskNode",
    "TypeNode",
    "TypedNode",
    "UnaryNode",
    "VariableNode",
    "WrongNode",
]


# --- expressions -----------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class WrongNode:
    """Stands where a syntax error was reported; silences everything that depends on it."""

    start: int
    end: int


@dataclass(slots=True, eq=False)
class NameNode:
    name: str
    start: int
    end: int


@dataclass(slots=True, eq=False)
class FieldNode:
    """``base.name``; the name is digits or starts with ``%`` for a partial access."""

    base: ExpressionNode
    name: str
    name_start: int
    start: int
    end: int


@dataclass(slots=True, eq=False)
class IndexNode:
    base: ExpressionNode
    indices: list[ExpressionNode]
    start: int
    end: int


@dataclass(slots=True, eq=False)
class ArgumentNode:
    """``name := value``, ``NOT name => target`` or a positional value (``name`` empty); value None: ``name :=``."""

    name: str
    is_output: bool
    is_negated: bool
    value: ExpressionNode | None
    start: int
    end: int


@dataclass(slots=True, eq=False)
class CallNode:
    callee: ExpressionNode
    arguments: list[ArgumentNode]
    start: int
    end: int


@dataclass(slots=True, eq=False)
class LiteralNode:
    """``kind`` is INTEGER, BASED, REAL, STRING, WSTRING, DURATION, DATE, TRUE or FALSE; ``text`` as written."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(slots=True, eq=False)
class TypedNode:
    """``prefix#value``: typed literal or value of an enumeration."""

    prefix: str
    value: ExpressionNode
    start: int
    end: int


@dataclass(slots=True, eq=False)
class AddressNode:
    text: str
    start: int
    end: int


@dataclass(slots=True, eq=False)
class UnaryNode:
    operator: str
    operand: ExpressionNode
    start: int
    end: int


@dataclass(slots=True, eq=False)
class BinaryNode:
    operator: str
    left: ExpressionNode
    right: ExpressionNode
    operator_start: int
    start: int
    end: int


ExpressionNode = (
    WrongNode
    | NameNode
    | FieldNode
    | IndexNode
    | CallNode
    | LiteralNode
    | TypedNode
    | AddressNode
    | UnaryNode
    | BinaryNode
)


@dataclass(slots=True, eq=False)
class RangeNode:
    """``low..high``, or one value when ``high`` is None."""

    low: ExpressionNode
    high: ExpressionNode | None
    start: int
    end: int


# --- statements ------------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class AssignmentNode:
    target: ExpressionNode
    value: ExpressionNode
    start: int
    end: int


@dataclass(slots=True, eq=False)
class CallStatementNode:
    call: ExpressionNode
    start: int
    end: int


@dataclass(slots=True, eq=False)
class IfBranchNode:
    condition: ExpressionNode
    body: list[StatementNode]


@dataclass(slots=True, eq=False)
class IfNode:
    branches: list[IfBranchNode]
    orelse: list[StatementNode] | None
    start: int
    end: int


@dataclass(slots=True, eq=False)
class CaseBranchNode:
    labels: list[RangeNode]
    body: list[StatementNode]
    start: int
    end: int


@dataclass(slots=True, eq=False)
class CaseNode:
    selector: ExpressionNode
    branches: list[CaseBranchNode]
    orelse: list[StatementNode] | None
    start: int
    end: int


@dataclass(slots=True, eq=False)
class ForNode:
    variable: ExpressionNode
    first: ExpressionNode
    last: ExpressionNode
    step: ExpressionNode | None
    body: list[StatementNode]
    start: int
    end: int


@dataclass(slots=True, eq=False)
class LoopNode:
    """WHILE and REPEAT; ``kind`` is the keyword."""

    kind: str
    condition: ExpressionNode
    body: list[StatementNode]
    start: int
    end: int


@dataclass(slots=True, eq=False)
class JumpNode:
    """EXIT, CONTINUE, RETURN; ``kind`` is the keyword."""

    kind: str
    start: int
    end: int


StatementNode = AssignmentNode | CallStatementNode | IfNode | CaseNode | ForNode | LoopNode | JumpNode


# --- types -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class NamedSpecification:
    name: str
    start: int
    end: int


@dataclass(slots=True, eq=False)
class StringSpecification:
    is_wide: bool
    length: ExpressionNode | None
    start: int
    end: int


@dataclass(slots=True, eq=False)
class SubrangeSpecification:
    base: str
    low: ExpressionNode
    high: ExpressionNode
    start: int
    end: int


@dataclass(slots=True, eq=False)
class ArraySpecification:
    bounds: list[RangeNode]
    element: Specification
    start: int
    end: int


@dataclass(slots=True, eq=False)
class EnumeratorNode:
    name: str
    value: ExpressionNode | None
    start: int
    end: int


@dataclass(slots=True, eq=False)
class EnumerationSpecification:
    """``(A, B := 5, C)`` or ``INT (A := 1, B)`` or ``(A, B) INT``; ``base`` is empty when none is written."""

    base: str
    values: list[EnumeratorNode]
    start: int
    end: int


@dataclass(slots=True, eq=False)
class StructureSpecification:
    fields: list[VariableNode]
    start: int
    end: int


Specification = (
    WrongNode
    | NamedSpecification
    | StringSpecification
    | SubrangeSpecification
    | ArraySpecification
    | EnumerationSpecification
    | StructureSpecification
)


# --- initial values --------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class ArrayInitialNode:
    """``[1, 3(0), 2(1, 2)]``: pairs of a count (None: once) and the values that are repeated."""

    items: list[tuple[ExpressionNode | None, list[InitialNode]]]
    start: int
    end: int


@dataclass(slots=True, eq=False)
class StructureInitialNode:
    """``(field := value, ...)``: name, start of the name, value."""

    values: list[tuple[str, int, InitialNode]]
    start: int
    end: int


InitialNode = ExpressionNode | ArrayInitialNode | StructureInitialNode


# --- declarations ----------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class VariableNode:
    """One name of a declaration; ``start`` to ``end`` is the name. ``edge`` is ``R_EDGE``, ``F_EDGE`` or empty."""

    name: str
    address: AddressNode | None
    specification: Specification
    initial: InitialNode | None
    edge: str
    start: int
    end: int
    path: tuple[str, ...] = ()  # VAR_CONFIG: the whole path, name last


@dataclass(slots=True, eq=False)
class SectionNode:
    """``kind`` is VAR, VAR_INPUT …; ``start`` to ``end`` is the keyword with its qualifiers."""

    kind: str
    is_constant: bool
    is_retain: bool
    variables: list[VariableNode]
    start: int
    end: int


@dataclass(slots=True, eq=False)
class TypeNode:
    """One declaration in TYPE … END_TYPE; ``start`` to ``end`` is the name."""

    name: str
    specification: Specification
    initial: InitialNode | None
    start: int
    end: int


@dataclass(slots=True, eq=False)
class PouNode:
    """``kind`` is FUNCTION, FUNCTION_BLOCK or PROGRAM; ``start`` to ``end`` is the name.

    ``is_whole`` is False if a syntax error in it may have hidden statements, ``has_all_names`` if it may have hidden
    the declaration of a variable.
    """

    kind: str
    name: str
    result: Specification | None
    sections: list[SectionNode]
    body: list[StatementNode]
    start: int
    end: int
    is_whole: bool = True
    has_all_names: bool = True


@dataclass(slots=True, eq=False)
class TaskNode:
    """``properties`` are INTERVAL, PRIORITY, SINGLE: upper-case name, start of the name, value."""

    name: str
    properties: list[tuple[str, int, ExpressionNode]]
    start: int
    end: int


@dataclass(slots=True, eq=False)
class ProgramInstanceNode:
    name: str
    task: str
    task_start: int
    program: str
    program_start: int
    arguments: list[ArgumentNode]
    is_retain: bool
    start: int
    end: int


@dataclass(slots=True, eq=False)
class ResourceNode:
    name: str
    sections: list[SectionNode]
    tasks: list[TaskNode]
    programs: list[ProgramInstanceNode]
    start: int
    end: int


@dataclass(slots=True, eq=False)
class ConfigurationNode:
    name: str
    sections: list[SectionNode]
    resources: list[ResourceNode]
    start: int
    end: int


@dataclass(slots=True, eq=False)
class FileNode:
    """Everything declared in one file. ``has_all_names`` is False if a syntax error may have hidden some."""

    types: list[TypeNode]
    pous: list[PouNode]
    sections: list[SectionNode]
    configurations: list[ConfigurationNode]
    has_all_names: bool = True
