"""The typed tree: what analysis hands to lowering and to the reference evaluator. Nothing in it is implicit.

Rules the analyser guarantees:

* Every expression has its IEC type and span; every name is a ``Variable`` object; there are no error nodes.
* Implicit conversions are ``Convert`` nodes, run-time checks of subranges are ``RangeCheck`` nodes. Operands of an
  operator agree in ``underlying(type)`` unless the operator's comment says otherwise.
* Constant expressions are folded to one ``Literal``: integers, bit strings, BOOL, durations exactly; REAL and LREAL for
  ``+ - * /``, negation and comparison, rounded to their width at each operation as at run time. ``**`` and calls stay.
  Overflow of a constant and division by a constant zero are diagnostics. A CONSTANT variable of scalar type is a
  ``Literal``. Literals without a type are exact (``1.0/3.0`` is a fraction) until they meet a type.
* Order of evaluation: operands, indices and arguments from left to right as written; in an assignment the value is
  evaluated first, then the indices of the target from left to right, then the store. ``AND`` and ``OR`` evaluate
  both sides, ``AND_THEN`` and ``OR_ELSE`` may skip the right one.
* Arguments of a call are in the order of writing (that is the order of evaluation). An input that is not given is
  not listed: an instance keeps its value, a function takes ``parameter.initial``.
* CASE labels, array bounds, string lengths and subrange limits are plain numbers.

Values of literals: see ``types``.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from emulators.errors import SourceSpan
from emulators.iec61131.standard_functions import StandardFunction
from emulators.iec61131.types import Address, FunctionBlockType, IecType, Value, Variable

__all__ = [
    "AddressAccess",
    "Argument",
    "Assignment",
    "Binary",
    "BinaryOperator",
    "Call",
    "CallStatement",
    "Case",
    "CaseBranch",
    "CaseRange",
    "CharacterAccess",
    "Continue",
    "Convert",
    "Element",
    "Exit",
    "Expression",
    "Field",
    "For",
    "FunctionBlockCall",
    "FunctionCall",
    "FunctionInterface",
    "If",
    "IfBranch",
    "InOutArgument",
    "InputArgument",
    "Literal",
    "Member",
    "Name",
    "OutputArgument",
    "PartialAccess",
    "Place",
    "Pou",
    "PouKind",
    "ProgramInterface",
    "RangeCheck",
    "Repeat",
    "Return",
    "StandardCall",
    "Statement",
    "Unary",
    "UnaryOperator",
    "While",
]


# --- places: what can be read, and (if the analyser allowed it) written ----------------------------------------------


@dataclass(frozen=True, slots=True)
class Name:
    """A variable by its name. ``variable.section`` and ``variable.owner`` tell where it lives.

    Of a VAR_EXTERNAL this is the global variable itself.
    """

    variable: Variable
    type: IecType
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class Field:
    """Field of a structure."""

    base: Place
    name: str
    type: IecType
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class Member:
    """Variable of a function block instance (``timer.Q``), or of a program instance in VAR_CONFIG paths."""

    base: Place
    variable: Variable
    type: IecType
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class Element:
    """Element of an array; one index a dimension, each of an integer type, not shifted by the lower bound.

    A constant index is inside its bounds (checked by the analyser); others need the run-time guard.
    """

    base: Place
    indices: tuple[Expression, ...]
    type: IecType
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class CharacterAccess:
    """Character of a string, ``text[1]`` is the first; index 1..declared length, guarded. Type CHAR or WCHAR."""

    base: Place
    index: Expression
    type: IecType
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class PartialAccess:
    """Part of a bit string or integer: ``x.3``, ``x.%X3``, ``x.%B1``, ``x.%W1``, ``x.%D1``.

    ``type`` is BOOL, BYTE, WORD or DWORD; ``index`` counts in that size from the least significant end.
    """

    base: Place
    index: int
    type: IecType
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class AddressAccess:
    """Direct address in the code, ``%IX0.3``; type BOOL, BYTE, WORD, DWORD or LWORD."""

    address: Address
    type: IecType
    span: SourceSpan


Place = Name | Field | Member | Element | CharacterAccess | PartialAccess | AddressAccess


# --- expressions -----------------------------------------------------------------------------------------------------


class UnaryOperator(enum.Enum):
    NEGATE = "-"  # type of the operand: signed integer, real, duration
    NOT = "NOT"  # BOOL or bit string


class BinaryOperator(enum.Enum):
    """``type`` of the node is the result; operands have the same underlying type but where noted."""

    ADD = "+"  # numbers; durations; or left TOD/DT, right TIME/LTIME -> type of left
    SUBTRACT = "-"  # the same; and DATE-DATE, TOD-TOD, DT-DT -> TIME (long forms: LTIME)
    MULTIPLY = "*"  # numbers; or left TIME/LTIME, right any integer type or LREAL (never the other way round)
    DIVIDE = "/"  # numbers; or left TIME/LTIME, right any integer type or LREAL
    MODULO = "MOD"  # integers
    POWER = "**"  # left REAL or LREAL = type of result; right the same real type, or any integer type
    AND = "AND"  # BOOL or bit strings
    OR = "OR"
    XOR = "XOR"
    AND_THEN = "AND_THEN"  # BOOL
    OR_ELSE = "OR_ELSE"  # BOOL
    EQUAL = "="  # any elementary type, enumeration or string; result BOOL
    NOT_EQUAL = "<>"
    LESS = "<"
    LESS_EQUAL = "<="
    GREATER = ">"
    GREATER_EQUAL = ">="

    @property
    def is_comparison(self) -> bool:
        return self in _COMPARISONS


_COMPARISONS = frozenset(
    {
        BinaryOperator.EQUAL,
        BinaryOperator.NOT_EQUAL,
        BinaryOperator.LESS,
        BinaryOperator.LESS_EQUAL,
        BinaryOperator.GREATER,
        BinaryOperator.GREATER_EQUAL,
    }
)


@dataclass(frozen=True, slots=True)
class Literal:
    value: Value
    type: IecType
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class Unary:
    operator: UnaryOperator
    operand: Expression
    type: IecType
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class Binary:
    """``span`` covers both operands."""

    operator: BinaryOperator
    left: Expression
    right: Expression
    type: IecType
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class Convert:
    """Implicit conversion that loses nothing: wider integer or bit string, integer to real, REAL to LREAL,
    enumeration or subrange to its base (or wider), TIME to LTIME and the like, CHAR to STRING.

    Strings of the same width never need one: assignment cuts at the length of the target.
    """

    operand: Expression
    type: IecType
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class RangeCheck:
    """The operand (of the base type) must lie in ``type`` (a SubrangeType), else a fault at run time."""

    operand: Expression
    type: IecType
    span: SourceSpan


# --- calls -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InputArgument:
    """``parameter := value``; the value already has the parameter's type."""

    parameter: Variable
    value: Expression


@dataclass(frozen=True, slots=True)
class InOutArgument:
    """``parameter := place``: bound by reference; same type (strings may differ in length)."""

    parameter: Variable
    place: Place


@dataclass(frozen=True, slots=True)
class OutputArgument:
    """``parameter => target`` (``NOT parameter => target``): copied after the call, in the order of writing.

    The value is converted implicitly from the parameter's type to the target's where they differ (the same
    conversions as ``Convert``, and ``RangeCheck`` if the target is a subrange). ``parameter`` may be the RESULT of a
    function only in its own variable list, never here.
    """

    parameter: Variable
    target: Place
    is_negated: bool = False


Argument = InputArgument | InOutArgument | OutputArgument


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """Call of a user's function. As a statement the result is dropped; ``type`` is None without a result.

    EN/ENO (``enable``, ``enable_output``; only where the function does not declare them itself): ``enable`` is
    evaluated first; if it is FALSE nothing else is evaluated, outputs are not copied, ENO becomes FALSE and the
    result is the default value of its type; otherwise ENO becomes TRUE after the call.
    Every VAR_IN_OUT is bound. ``function.name.upper()`` is the key in ``Project.pous``.
    """

    function: FunctionInterface
    arguments: tuple[Argument, ...]
    type: IecType | None
    span: SourceSpan
    enable: Expression | None = None
    enable_output: Place | None = None


@dataclass(frozen=True, slots=True)
class StandardCall:
    """Call of a standard function: one overload of the library's table.

    ``inputs`` in the order of its formal inputs (that is the order of evaluation too), converted to the resolved
    types: all inputs of one group have the group's common type. ``outputs`` pairs the
    name of a formal output with the place it is copied to. EN/ENO as in ``FunctionCall``. Operands of group ``T``
    that are strings may differ in length; the group's type is then the longest one, CONCAT and the like give
    STRING of the sum of the lengths, at most MAX_STRING_LENGTH.
    """

    function: StandardFunction
    inputs: tuple[Expression, ...]
    type: IecType | None
    span: SourceSpan
    outputs: tuple[tuple[str, Place], ...] = ()
    enable: Expression | None = None
    enable_output: Place | None = None


Call = FunctionCall | StandardCall
Expression = Literal | Place | Unary | Binary | Convert | RangeCheck | Call


# --- statements ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Assignment:
    """``target := value``; structures, arrays and strings are copied whole."""

    target: Place
    value: Expression
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class CallStatement:
    """A function called for its effects."""

    call: Call
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class FunctionBlockCall:
    """``instance(parameter := value, parameter => target)``.

    Inputs are evaluated and assigned in the order of writing, then the body runs, then outputs are copied. With
    ``enable`` FALSE nothing is evaluated or assigned and ENO becomes FALSE; else ENO becomes TRUE.
    """

    instance: Place
    type: FunctionBlockType
    arguments: tuple[Argument, ...]
    span: SourceSpan
    enable: Expression | None = None
    enable_output: Place | None = None


@dataclass(frozen=True, slots=True)
class IfBranch:
    condition: Expression
    body: tuple[Statement, ...]
    span: SourceSpan  # of the condition


@dataclass(frozen=True, slots=True)
class If:
    """IF and ELSIF branches in order; ``orelse`` is None without ELSE."""

    branches: tuple[IfBranch, ...]
    orelse: tuple[Statement, ...] | None
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class CaseRange:
    """Label: ``low..high``, both inclusive; a single value has low = high. Ranges never overlap in one CASE."""

    low: int
    high: int
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class CaseBranch:
    ranges: tuple[CaseRange, ...]
    body: tuple[Statement, ...]
    span: SourceSpan  # of the labels


@dataclass(frozen=True, slots=True)
class Case:
    """The selector is an integer, a bit string or an enumeration."""

    selector: Expression
    branches: tuple[CaseBranch, ...]
    orelse: tuple[Statement, ...] | None
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class For:
    """Start, stop and step are evaluated once, in this order, before the loop; all have the variable's underlying type.

    ``step`` is a ``Literal`` 1 where none is written; a constant step is not zero. ``USINT 250 TO 255`` must end.
    The body never assigns the variable (a diagnostic).
    """

    variable: Place
    start: Expression
    stop: Expression
    step: Expression
    body: tuple[Statement, ...]
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class While:
    condition: Expression
    body: tuple[Statement, ...]
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class Repeat:
    """The body runs, then the condition ends the loop when TRUE."""

    body: tuple[Statement, ...]
    until: Expression
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class Exit:
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class Continue:
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class Return:
    span: SourceSpan


Statement = Assignment | CallStatement | FunctionBlockCall | If | Case | For | While | Repeat | Exit | Continue | Return


# --- program organisation units --------------------------------------------------------------------------------------


class PouKind(enum.Enum):
    FUNCTION = "FUNCTION"
    FUNCTION_BLOCK = "FUNCTION_BLOCK"
    PROGRAM = "PROGRAM"


@dataclass(frozen=True, slots=True, eq=False)
class FunctionInterface:
    """A user's function. ``variables`` are all declared ones in order, with the RESULT last if there is one."""

    name: str
    variables: tuple[Variable, ...]
    result: Variable | None
    span: SourceSpan


@dataclass(frozen=True, slots=True, eq=False)
class ProgramInterface:
    """A program: like a function block, instantiated by the configuration."""

    name: str
    variables: tuple[Variable, ...]
    span: SourceSpan


@dataclass(frozen=True, slots=True, eq=False)
class Pou:
    """Analysed unit. VAR_TEMP variables are set to their initial values at each call; so are all variables of a
    function but its parameters."""

    kind: PouKind
    name: str
    interface: FunctionInterface | FunctionBlockType | ProgramInterface
    body: tuple[Statement, ...]
    span: SourceSpan

    @property
    def variables(self) -> tuple[Variable, ...]:
        return self.interface.variables
