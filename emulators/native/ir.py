"""Typed, explicit intermediate representation: what every front end lowers to and the C emitter reads.

An operation says its width and its overflow behaviour; nothing is implicit. Expressions are trees without side
effects except for guards (division, bounds, traps) and calls: the emitter hoists those into statements, in order
of evaluation left to right, so a front end writes plain trees. Every node that can fault carries a span.

Booleans are one byte, 0 or 1. Integers wrap in two's complement unless an operation says ``Overflow.TRAP``.
Floats are IEEE 754; comparisons with NaN are false except ``NE``; NaN is canonical when it is stored.
Indices are 0-based: a front end with other bounds subtracts first.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from emulators.errors import SourceSpan

NO_SPAN = SourceSpan("", 0, 0)


# --- types -----------------------------------------------------------------------------------------------------------


class Scalar(enum.Enum):
    """Machine types; ``size`` is in bytes."""

    BOOL = ("bool", 1, False, False)
    I8 = ("i8", 1, True, False)
    I16 = ("i16", 2, True, False)
    I32 = ("i32", 4, True, False)
    I64 = ("i64", 8, True, False)
    U8 = ("u8", 1, False, False)
    U16 = ("u16", 2, False, False)
    U32 = ("u32", 4, False, False)
    U64 = ("u64", 8, False, False)
    F32 = ("f32", 4, True, True)
    F64 = ("f64", 8, True, True)

    def __init__(self, label: str, size: int, is_signed: bool, is_float: bool) -> None:
        self.label = label
        self.size = size
        self.is_signed = is_signed
        self.is_float = is_float
        self.is_integer = not is_float and label != "bool"


@dataclass(frozen=True, slots=True)
class Field:
    """Named member of a structure."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class Struct:
    """Structure; ``name`` is unique in a module and a valid C identifier. Fields lie in order, naturally aligned."""

    name: str
    fields: tuple[Field, ...]
    _types: dict[str, Type] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_types", {member.name: member.type for member in self.fields})

    def field_type(self, name: str) -> Type:
        try:
            return self._types[name]
        except KeyError:
            raise KeyError(f"structure {self.name} has no field {name}") from None


@dataclass(frozen=True, slots=True)
class Array:
    """``length`` elements in a row; length at least 1. Multi-dimensional arrays are flat or nested, row-major."""

    element: Type
    length: int


Type = Scalar | Struct | Array


# --- places: what can be read and written ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Local:
    """Local variable of the function: scalar, or an aggregate that lives on the stack."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Argument:
    """What a by-reference parameter points to (``type`` as declared in the parameter)."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Member:
    """Field of a structure."""

    base: Place
    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Element:
    """Element of an array; ``checked`` guards ``0 <= index < length`` with FaultCode.INDEX_OUT_OF_BOUNDS.

    ``lower`` is the user's lower bound, added to the index in the fault's values only.
    """

    base: Place
    index: Expression
    type: Type
    checked: bool = True
    lower: int = 0
    span: SourceSpan = NO_SPAN


@dataclass(frozen=True, slots=True)
class Table:
    """Constant array of scalars, emitted once as ``static const``; read only."""

    name: str
    element: Scalar
    values: tuple[int | float | bool, ...]
    type: Array


@dataclass(frozen=True, slots=True)
class Overlay:
    """Scalar laid over the bytes of a byte array at a constant, naturally aligned offset (process images)."""

    base: Place
    byte_offset: int
    type: Scalar


@dataclass(frozen=True, slots=True)
class Bit:
    """One bit of an integer place, read and written as BOOL."""

    base: Place
    bit: int
    type: Scalar = Scalar.BOOL


Place = Local | Argument | Member | Element | Table | Overlay | Bit


# --- expressions ------------------------------------------------------------------------------------------------------


class Overflow(enum.Enum):
    """What an integer operation does outside its type's range."""

    WRAP = "wrap"
    TRAP = "trap"


class UnaryOperator(enum.Enum):
    NEGATE = "neg"
    NOT = "not"  # bitwise for integers, logical for BOOL


class BinaryOperator(enum.Enum):
    ADD = "add"
    SUBTRACT = "sub"
    MULTIPLY = "mul"
    DIVIDE = "div"  # integers: toward zero, guarded; floats: guarded if overflow is TRAP, else IEEE
    MODULO = "mod"  # integers: sign of the dividend, guarded
    FLOOR_DIVIDE = "floordiv"  # Python's //, guarded (integers and floats)
    FLOOR_MODULO = "floormod"  # Python's %, guarded (integers and floats)
    AND = "and"  # bitwise, or logical on BOOL: evaluates both sides
    OR = "or"
    XOR = "xor"
    SHIFT_LEFT = "shl"  # a count outside 0..width-1 gives 0
    SHIFT_RIGHT = "shr"  # logical for unsigned, arithmetic for signed; count outside gives 0 or the sign


class Comparison(enum.Enum):
    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"


class Conversion(enum.Enum):
    """How a scalar becomes another scalar."""

    WRAP = "wrap"  # integer to integer, modulo 2**n; BOOL counts as 0 or 1; to BOOL: not equal 0
    TRAP = "trap"  # integer to integer, FaultCode.OVERFLOW outside the range
    TO_FLOAT = "to_float"  # integer or float to float, rounded to nearest even
    ROUND_EVEN = "round_even"  # float to integer, ties to even; outside the range or NaN: FaultCode.CONVERSION
    ROUND_EVEN_SATURATE = "round_even_saturate"  # the same, saturating; NaN gives 0
    TRUNCATE = "truncate"  # float to integer toward zero; outside the range or NaN: FaultCode.CONVERSION
    TRUNCATE_SATURATE = "truncate_saturate"
    BITS = "bits"  # same size, the bits reinterpreted


@dataclass(frozen=True, slots=True)
class Const:
    value: int | float | bool
    type: Scalar


@dataclass(frozen=True, slots=True)
class Load:
    """Value of a scalar place."""

    place: Place
    type: Scalar


@dataclass(frozen=True, slots=True)
class Parameter:
    """Value of a by-value parameter."""

    name: str
    type: Scalar


@dataclass(frozen=True, slots=True)
class Unary:
    operator: UnaryOperator
    operand: Expression
    type: Scalar
    overflow: Overflow = Overflow.WRAP
    span: SourceSpan = NO_SPAN


@dataclass(frozen=True, slots=True)
class Binary:
    """Both operands have type ``type`` (of a shift: the left one; the count is I64 or narrower)."""

    operator: BinaryOperator
    left: Expression
    right: Expression
    type: Scalar
    overflow: Overflow = Overflow.WRAP
    span: SourceSpan = NO_SPAN


@dataclass(frozen=True, slots=True)
class Compare:
    """Both operands have the same type; the result is BOOL."""

    operator: Comparison
    left: Expression
    right: Expression
    type: Scalar = Scalar.BOOL


@dataclass(frozen=True, slots=True)
class AndThen:
    """Short-circuit and: the right side (with its guards and calls) runs only if the left is true."""

    left: Expression
    right: Expression
    type: Scalar = Scalar.BOOL


@dataclass(frozen=True, slots=True)
class OrElse:
    """Short-circuit or."""

    left: Expression
    right: Expression
    type: Scalar = Scalar.BOOL


@dataclass(frozen=True, slots=True)
class Select:
    """``then`` if the condition holds, else ``orelse``; only the chosen one runs."""

    condition: Expression
    then: Expression
    orelse: Expression
    type: Scalar


@dataclass(frozen=True, slots=True)
class Convert:
    operand: Expression
    type: Scalar
    how: Conversion
    span: SourceSpan = NO_SPAN


@dataclass(frozen=True, slots=True)
class Intrinsic:
    """Pure function of the runtime, from the table in ``native/intrinsics.py`` (sqrt, exp, sin, gauss, …)."""

    name: str
    arguments: tuple[Expression, ...]
    type: Scalar
    span: SourceSpan = NO_SPAN


@dataclass(frozen=True, slots=True)
class AddressOf:
    """Place passed to a by-reference parameter; only as an argument of a call."""

    place: Place


@dataclass(frozen=True, slots=True)
class Call:
    """Value of a function of this module; may have side effects through references."""

    function: str
    arguments: tuple[Expression | AddressOf, ...]
    type: Scalar
    span: SourceSpan = NO_SPAN


Expression = (
    Const | Load | Parameter | Unary | Binary | Compare | AndThen | OrElse | Select | Convert | Intrinsic | Call
)


# --- statements -------------------------------------------------------------------------------------------------------


class FaultCode(enum.IntEnum):
    """Why native code stopped; the number is what stands in the state block."""

    NONE = 0
    DIVISION_BY_ZERO = 1
    INDEX_OUT_OF_BOUNDS = 2  # values: index, lower bound, upper bound
    OVERFLOW = 3
    CONVERSION = 4  # values: bits of the float
    SUBRANGE = 5  # values: value, lower bound, upper bound
    LOOP_BUDGET = 6
    DOMAIN = 7  # sqrt of a negative number, log of 0 …
    WATCHDOG = 8
    CALL_DEPTH = 9
    STOPPED = 10  # the stop flag was set from outside
    ASSERTION = 11


FAULT_VALUES = Array(Scalar.I64, 3)
"""Type of the numbers that say more of a fault, in the state block and in the context of a call."""


@dataclass(frozen=True, slots=True)
class Assign:
    place: Place
    expression: Expression
    span: SourceSpan = NO_SPAN


@dataclass(frozen=True, slots=True)
class Copy:
    """Whole aggregate, both of the same type."""

    target: Place
    source: Place
    span: SourceSpan = NO_SPAN


@dataclass(frozen=True, slots=True)
class Zero:
    """Clear an aggregate or scalar to all zero bytes."""

    place: Place
    span: SourceSpan = NO_SPAN


@dataclass(frozen=True, slots=True)
class If:
    condition: Expression
    then: tuple[Statement, ...]
    orelse: tuple[Statement, ...] = ()
    span: SourceSpan = NO_SPAN


@dataclass(frozen=True, slots=True)
class While:
    """Condition tested first. ``budgeted`` spends one of the loop budget a turn; False only where the end is proven."""

    condition: Expression
    body: tuple[Statement, ...]
    budgeted: bool = True
    span: SourceSpan = NO_SPAN


@dataclass(frozen=True, slots=True)
class CountedLoop:
    """``for (counter = first; counter < end; counter++)``; the bounds are evaluated once; counter is a Local I32/I64.

    The body never assigns the counter; ``Continue`` goes on with the next turn. Always ends, so it spends no budget
    unless ``budgeted`` (bounds not constant).
    """

    counter: Local
    first: Expression
    end: Expression
    body: tuple[Statement, ...]
    budgeted: bool = False
    span: SourceSpan = NO_SPAN


@dataclass(frozen=True, slots=True)
class SwitchCase:
    """Inclusive ranges and what runs for them; no fall-through."""

    ranges: tuple[tuple[int, int], ...]
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Switch:
    selector: Expression
    cases: tuple[SwitchCase, ...]
    default: tuple[Statement, ...] = ()
    span: SourceSpan = NO_SPAN


@dataclass(frozen=True, slots=True)
class Break:
    """Leave the innermost loop (not a Switch)."""


@dataclass(frozen=True, slots=True)
class Continue:
    """Go on with the next turn of the innermost loop."""


@dataclass(frozen=True, slots=True)
class Return:
    expression: Expression | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Call a function for its effects."""

    function: str
    arguments: tuple[Expression | AddressOf, ...]
    span: SourceSpan = NO_SPAN


@dataclass(frozen=True, slots=True)
class RunGuarded:
    """Call a function; if it faults, store code, site and values in the given places, clear it, run ``on_fault``.

    ``code``: I32, ``site``: I32, ``values``: FAULT_VALUES, places. ``budget`` refills the loop budget before the call.
    """

    function: str
    arguments: tuple[Expression | AddressOf, ...]
    code: Place
    site: Place
    values: Place
    on_fault: tuple[Statement, ...] = ()
    budget: int | None = None
    span: SourceSpan = NO_SPAN


@dataclass(frozen=True, slots=True)
class Fault:
    """Stop with a fault; up to three I64 values describe it."""

    code: FaultCode
    values: tuple[Expression, ...] = ()
    span: SourceSpan = NO_SPAN


@dataclass(frozen=True, slots=True)
class CountPoint:
    """Coverage point ``index`` of ``Module.points`` was reached; emitted only in a coverage build."""

    index: int


@dataclass(frozen=True, slots=True)
class CountOutcome:
    """A condition was TRUE or FALSE, where ``when`` holds: one of two coverage points was reached.

    Emitted, and evaluated, only in a coverage build; so neither expression may have side effects.
    """

    condition: Expression
    if_true: int
    if_false: int
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class RuntimeCall:
    """Call of a C function of a runtime part (strings …): ``name`` and the part are listed in ``native/runtime``."""

    name: str
    arguments: tuple[Expression | AddressOf, ...]
    target: Place | None = None
    span: SourceSpan = NO_SPAN


Statement = (
    Assign
    | Copy
    | Zero
    | If
    | While
    | CountedLoop
    | Switch
    | Break
    | Continue
    | Return
    | Run
    | RunGuarded
    | Fault
    | CountPoint
    | CountOutcome
    | RuntimeCall
)


# --- functions and modules -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FormalParameter:
    """Parameter of a function: a scalar by value, or any type by reference (a C pointer, never null, may alias)."""

    name: str
    type: Type
    by_reference: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """One C function. Locals start as zero. ``exported`` functions can be called from Python.

    ``is_inline``: small or called once, so worth inlining where the C compiler does such a thing.
    """

    name: str
    parameters: tuple[FormalParameter, ...]
    body: tuple[Statement, ...]
    locals: tuple[Local, ...] = ()
    returns: Scalar | None = None
    exported: bool = False
    span: SourceSpan = NO_SPAN
    is_inline: bool = False


class PointKind(enum.Enum):
    STATEMENT = "statement"
    BRANCH = "branch"
    CONDITION = "condition"


@dataclass(frozen=True, slots=True)
class CoveragePoint:
    """Place in the user's source that a coverage build counts; ``label`` names the branch or the outcome: ``ELSIF 1``,
    ``CASE 3``, ``START FALSE``."""

    kind: PointKind
    span: SourceSpan
    label: str = ""


@dataclass(frozen=True, slots=True)
class Module:
    """Structures (dependencies first), functions in any order, coverage points, names of runtime parts needed."""

    structs: tuple[Struct, ...] = ()
    functions: tuple[Function, ...] = ()
    points: tuple[CoveragePoint, ...] = ()
    runtime_parts: frozenset[str] = field(default_factory=frozenset)
