"""IEC 61131-3 data types and declared variables, as the analyser resolves them.

Elementary types are members of an enumeration; strings, arrays and subranges compare by structure; structures,
enumerations and function block types compare by identity, because two declarations are two types.
An alias (``TYPE Speed : INT; END_TYPE``) is resolved away: a variable of type ``Speed`` has type ``INT`` and the
initial value of the alias.

Values of constants, everywhere in the typed tree, are plain Python values:

=====================  =============================================================================================
BOOL                   ``bool``
integers, bit strings  ``int`` inside the range of the type (bit strings unsigned)
REAL                   ``float``, already rounded to 32 bits;  LREAL: ``float``
TIME, LTIME            ``int`` nanoseconds, signed 64 bits (both types)
DATE, LDATE, DT, LDT   ``int`` nanoseconds since 1970-01-01T00:00:00, signed 64 bits
TOD, LTOD              ``int`` nanoseconds since midnight
STRING, CHAR           ``str`` of code points 0..255 (one byte each)
WSTRING, WCHAR         ``str`` of UTF-16 code units (code points 0..0xFFFF)
enumerations           ``int``, the value, not the index
=====================  =============================================================================================
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from emulators.errors import SourceSpan

__all__ = [
    "DEFAULT_STRING_LENGTH",
    "MAX_STRING_LENGTH",
    "Address",
    "Area",
    "ArrayInitial",
    "ArrayType",
    "Edge",
    "Elementary",
    "EnumerationType",
    "Enumerator",
    "FunctionBlockType",
    "IecType",
    "Initial",
    "Kind",
    "Section",
    "StringType",
    "StructureField",
    "StructureInitial",
    "StructureType",
    "SubrangeType",
    "Value",
    "Variable",
    "default_initial",
    "type_name",
    "underlying",
]

DEFAULT_STRING_LENGTH = 80
MAX_STRING_LENGTH = 32767

Value = bool | int | float | str


class Kind(enum.Enum):
    """Families of elementary types."""

    BOOL = "BOOL"
    BITS = "BITS"
    SIGNED = "SIGNED"
    UNSIGNED = "UNSIGNED"
    REAL = "REAL"
    DURATION = "DURATION"
    DATE = "DATE"
    TIME_OF_DAY = "TIME_OF_DAY"
    DATE_AND_TIME = "DATE_AND_TIME"
    CHARACTER = "CHARACTER"


class Elementary(enum.Enum):
    """Elementary types but strings; the value is ``(name, kind, size in bits)``."""

    BOOL = ("BOOL", Kind.BOOL, 1)
    BYTE = ("BYTE", Kind.BITS, 8)
    WORD = ("WORD", Kind.BITS, 16)
    DWORD = ("DWORD", Kind.BITS, 32)
    LWORD = ("LWORD", Kind.BITS, 64)
    SINT = ("SINT", Kind.SIGNED, 8)
    INT = ("INT", Kind.SIGNED, 16)
    DINT = ("DINT", Kind.SIGNED, 32)
    LINT = ("LINT", Kind.SIGNED, 64)
    USINT = ("USINT", Kind.UNSIGNED, 8)
    UINT = ("UINT", Kind.UNSIGNED, 16)
    UDINT = ("UDINT", Kind.UNSIGNED, 32)
    ULINT = ("ULINT", Kind.UNSIGNED, 64)
    REAL = ("REAL", Kind.REAL, 32)
    LREAL = ("LREAL", Kind.REAL, 64)
    TIME = ("TIME", Kind.DURATION, 64)
    LTIME = ("LTIME", Kind.DURATION, 64)
    DATE = ("DATE", Kind.DATE, 64)
    LDATE = ("LDATE", Kind.DATE, 64)
    TOD = ("TOD", Kind.TIME_OF_DAY, 64)
    LTOD = ("LTOD", Kind.TIME_OF_DAY, 64)
    DT = ("DT", Kind.DATE_AND_TIME, 64)
    LDT = ("LDT", Kind.DATE_AND_TIME, 64)
    CHAR = ("CHAR", Kind.CHARACTER, 8)
    WCHAR = ("WCHAR", Kind.CHARACTER, 16)

    def __init__(self, label: str, kind: Kind, bits: int) -> None:
        self.label = label
        self.kind = kind
        self.bits = bits
        self.is_integer = kind in (Kind.SIGNED, Kind.UNSIGNED)
        self.is_real = kind is Kind.REAL
        self.is_bit_string = kind in (Kind.BOOL, Kind.BITS)
        if kind in (Kind.BOOL, Kind.BITS, Kind.UNSIGNED, Kind.CHARACTER):
            self.low, self.high = 0, (1 << bits) - 1
        else:
            self.low, self.high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1


@dataclass(frozen=True, slots=True)
class StringType:
    """``STRING[length]`` (one byte a character) or ``WSTRING[length]`` (UTF-16 code units)."""

    length: int = DEFAULT_STRING_LENGTH
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class ArrayType:
    """Array with inclusive bounds of each dimension; never an array of dimension zero. Row-major."""

    element: IecType
    bounds: tuple[tuple[int, int], ...]

    @property
    def length(self) -> int:
        """Number of elements over all dimensions."""
        product = 1
        for low, high in self.bounds:
            product *= high - low + 1
        return product


@dataclass(frozen=True, slots=True)
class StructureField:
    """Field of a structure; ``initial`` is complete (see ``default_initial``)."""

    name: str
    type: IecType
    initial: Initial
    span: SourceSpan
    description: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class StructureType:
    """``STRUCT``; fields in order of declaration. Field names are unique without regard to case."""

    name: str
    fields: tuple[StructureField, ...]
    span: SourceSpan

    def field(self, name: str) -> StructureField | None:
        folded = name.upper()
        for member in self.fields:
            if member.name.upper() == folded:
                return member
        return None


@dataclass(frozen=True, slots=True)
class Enumerator:
    """One value of an enumeration."""

    name: str
    value: int
    span: SourceSpan


@dataclass(frozen=True, slots=True, eq=False)
class EnumerationType:
    """Enumeration, stored as its integer ``base``.

    Anonymous enumerations (``VAR x : (A, B); END_VAR``) have the name ``""``.
    """

    name: str
    base: Elementary
    values: tuple[Enumerator, ...]
    initial: int
    span: SourceSpan

    def by_name(self, name: str) -> Enumerator | None:
        folded = name.upper()
        for enumerator in self.values:
            if enumerator.name.upper() == folded:
                return enumerator
        return None


@dataclass(frozen=True, slots=True)
class SubrangeType:
    """``INT(low..high)``, named or anonymous (``""``). Stored as its integer base."""

    name: str
    base: Elementary
    low: int
    high: int


@dataclass(frozen=True, slots=True, eq=False)
class FunctionBlockType:
    """Type of function block instances: the interface and the whole state, without the body.

    ``variables`` are all declared variables in order (also VAR_TEMP and VAR_EXTERNAL, which take no space in an
    instance; a VAR_IN_OUT is a reference bound at each call). The body is ``Project.pous[name.upper()]``; of a
    standard function block the library knows it by name.
    """

    name: str
    variables: tuple[Variable, ...]
    span: SourceSpan

    def variable(self, name: str) -> Variable | None:
        folded = name.upper()
        for variable in self.variables:
            if variable.name.upper() == folded:
                return variable
        return None


IecType = Elementary | StringType | ArrayType | StructureType | EnumerationType | SubrangeType | FunctionBlockType


# --- initial values --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ArrayInitial:
    """Elements of an array in row-major order by runs: ``((count, initial), ...)``; the counts sum to the length."""

    parts: tuple[tuple[int, Initial], ...]


@dataclass(frozen=True, slots=True)
class StructureInitial:
    """Of a structure: every field in order. Of a function block instance: only what differs from its declaration."""

    values: tuple[tuple[str, Initial], ...]


Initial = Value | ArrayInitial | StructureInitial


# --- variables -------------------------------------------------------------------------------------------------------


class Section(enum.Enum):
    """Where a variable was declared. RESULT is the result of a function, named as the function."""

    VAR = "VAR"
    INPUT = "VAR_INPUT"
    OUTPUT = "VAR_OUTPUT"
    IN_OUT = "VAR_IN_OUT"
    TEMP = "VAR_TEMP"
    GLOBAL = "VAR_GLOBAL"
    EXTERNAL = "VAR_EXTERNAL"
    RESULT = "RESULT"


class Edge(enum.Enum):
    """``R_EDGE`` / ``F_EDGE`` qualifier of a BOOL input."""

    RISING = "R_EDGE"
    FALLING = "F_EDGE"


class Area(enum.Enum):
    INPUT = "I"
    OUTPUT = "Q"
    MEMORY = "M"


@dataclass(frozen=True, slots=True)
class Address:
    """Direct address. ``%IW3`` counts in its own size: it covers bytes 6 and 7; ``%IX2.5`` is bit 5 of byte 2.

    ``%IX20`` (one number) is bit 20, that is ``%IX2.4``. Multi-byte values are little-endian and always naturally
    aligned. ``byte_offset`` is in the image of the area, ``bit`` is None unless the size is X.
    An incomplete address (``%I*``) never reaches the project: VAR_CONFIG completes it.
    """

    text: str
    area: Area
    size_bits: int
    byte_offset: int
    bit: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """A declared variable; compared by identity, so the typed tree points at it.

    ``owner`` is the name of the POU, ``""`` for globals. ``initial`` is always present and complete. A CONSTANT of
    scalar type is folded where it is read. ``description`` is the comment beside or above the declaration.
    ``address`` of an array locates its first element, the others follow.
    """

    name: str
    type: IecType
    section: Section
    initial: Initial
    span: SourceSpan
    owner: str = ""
    is_constant: bool = False
    is_retain: bool = False
    address: Address | None = None
    edge: Edge | None = None
    description: str = field(default="", compare=False)


# --- questions -------------------------------------------------------------------------------------------------------


def underlying(iec_type: IecType) -> IecType:
    """Return the stored type: the base of an enumeration or subrange, else the type itself."""
    if isinstance(iec_type, EnumerationType | SubrangeType):
        return iec_type.base
    return iec_type


def default_initial(iec_type: IecType) -> Initial:
    """Return the initial value of a variable of this type that is declared without one."""
    match iec_type:
        case Elementary.BOOL:
            return False
        case Elementary():
            if iec_type.kind is Kind.REAL:
                return 0.0
            return "\0" if iec_type.kind is Kind.CHARACTER else 0
        case StringType():
            return ""
        case ArrayType():
            return ArrayInitial(((iec_type.length, default_initial(iec_type.element)),))
        case StructureType():
            return StructureInitial(tuple((member.name, member.initial) for member in iec_type.fields))
        case EnumerationType():
            return iec_type.initial
        case SubrangeType():
            return iec_type.low  # the standard: the lower limit, even where 0 is inside
        case FunctionBlockType():
            return StructureInitial(())


def type_name(iec_type: IecType) -> str:
    """Return the type as a user writes it, for messages and variable lists."""
    match iec_type:
        case Elementary():
            return iec_type.label
        case StringType():
            word = "WSTRING" if iec_type.is_wide else "STRING"
            return word if iec_type.length == DEFAULT_STRING_LENGTH else f"{word}[{iec_type.length}]"
        case ArrayType():
            bounds = ", ".join(f"{low}..{high}" for low, high in iec_type.bounds)
            return f"ARRAY[{bounds}] OF {type_name(iec_type.element)}"
        case SubrangeType():
            return iec_type.name or f"{iec_type.base.label}({iec_type.low}..{iec_type.high})"
        case EnumerationType():
            return iec_type.name or "(" + ", ".join(value.name for value in iec_type.values) + ")"
        case StructureType() | FunctionBlockType():
            return iec_type.name or "STRUCT"
