"""Signatures of the standard functions of IEC 61131-3: what call resolution and the lowering both read.

A signature names types by their canonical IEC name (``INT``, ``TOD``, ``DT`` …) or by a generic name (``ANY_NUM``).
Inputs of one ``group`` take one common type: the smallest type of the generic to which all their arguments convert
implicitly (literals without a type adapt). The result is an elementary type or the common type of a group.

Several signatures of one name are overloads, tried in order. Clause numbers in comments are those of edition 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

__all__ = [
    "GENERIC_TYPES",
    "FormalInput",
    "StandardFunction",
    "canonical_type_name",
    "generic_members",
    "standard_function_names",
    "standard_overloads",
]

_SIGNED = ("SINT", "INT", "DINT", "LINT")
_UNSIGNED = ("USINT", "UINT", "UDINT", "ULINT")
_REALS = ("REAL", "LREAL")
_BITS = ("BOOL", "BYTE", "WORD", "DWORD", "LWORD")
_DURATIONS = ("TIME", "LTIME")
_DATES = ("DATE", "LDATE", "TOD", "LTOD", "DT", "LDT")
_STRINGS = ("STRING", "WSTRING")
_CHARACTERS = ("CHAR", "WCHAR")

GENERIC_TYPES = MappingProxyType(
    {
        "ANY_SIGNED": _SIGNED,
        "ANY_UNSIGNED": _UNSIGNED,
        "ANY_INT": _SIGNED + _UNSIGNED,
        "ANY_REAL": _REALS,
        "ANY_NUM": _SIGNED + _UNSIGNED + _REALS,
        "ANY_DURATION": _DURATIONS,
        "ANY_MAGNITUDE": _SIGNED + _UNSIGNED + _REALS + _DURATIONS,
        "ANY_BIT": _BITS,
        "ANY_STRING": _STRINGS,
        "ANY_CHAR": _CHARACTERS,
        "ANY_CHARS": _STRINGS + _CHARACTERS,
        "ANY_DATE": _DATES,
        "ANY_ELEMENTARY": _SIGNED + _UNSIGNED + _REALS + _DURATIONS + _BITS + _STRINGS + _CHARACTERS + _DATES,
    }
)
"""Elementary members of each generic type; ``ANY`` also takes enumerations, arrays and structures."""

_LONG_NAMES = MappingProxyType(
    {
        "TIME_OF_DAY": "TOD",
        "DATE_AND_TIME": "DT",
        "LTIME_OF_DAY": "LTOD",
        "LDATE_AND_TIME": "LDT",
    }
)


@dataclass(frozen=True, slots=True)
class FormalInput:
    """Formal parameter: ``type`` is an elementary or generic name; ``group`` ties generic inputs to one type."""

    name: str
    type: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class StandardFunction:
    """One overload.

    Attributes:
        name: as called, upper case (``ADD``, ``INT_TO_REAL``, ``SHL_WORD``).
        operation: what it does, key of the lowering; the same for all spellings (``ADD``, ``CONVERT``).
        inputs: formal inputs; the last one repeats if ``is_extensible``: ``IN2`` goes on with ``IN3``, ``IN4`` ….
        result: an elementary type name, or a group name (``T``) for the common type of that group; empty: no result.
        outputs: formal outputs (``SPLIT_DATE``), assigned with ``=>``.
        is_internal: only the text of the library may call it.
    """

    name: str
    operation: str
    inputs: tuple[FormalInput, ...]
    result: str
    is_extensible: bool = False
    outputs: tuple[FormalInput, ...] = ()
    is_internal: bool = False

    def formal_input(self, index: int) -> FormalInput | None:
        """Return the formal input at a 0-based position, numbered on for an extensible function."""
        if index < len(self.inputs):
            return self.inputs[index]
        if not self.is_extensible:
            return None
        last = self.inputs[-1]
        number = int(last.name.lstrip("IN")) + index - len(self.inputs) + 1
        return FormalInput(f"IN{number}", last.type, last.group)

    def input_position(self, name: str) -> int | None:
        """Return the position of a formal input by its name, in any case, or None."""
        folded = name.upper()
        for index, formal in enumerate(self.inputs):
            if formal.name == folded:
                return index
        if self.is_extensible and folded.startswith("IN") and folded[2:].isdigit():
            position = len(self.inputs) - 1 + int(folded[2:]) - int(self.inputs[-1].name.lstrip("IN"))
            return position if position >= len(self.inputs) else None
        return None


def canonical_type_name(name: str) -> str:
    """Return ``TOD`` for ``time_of_day`` and so on; other names in upper case."""
    folded = name.upper()
    return _LONG_NAMES.get(folded, folded)


def generic_members(name: str) -> frozenset[str]:
    """Return the elementary types of a generic name (``ANY`` counts as ``ANY_ELEMENTARY``); of others, itself."""
    if name == "ANY":
        name = "ANY_ELEMENTARY"
    return frozenset(GENERIC_TYPES.get(name, (name,)))


def standard_overloads(name: str) -> tuple[StandardFunction, ...]:
    """Return the overloads of a standard function, name in any case; empty if there is none."""
    return _table().get(_spelled_short(name.upper()), ())


def standard_function_names() -> frozenset[str]:
    """Return every name, for did-you-mean; internal ones excluded."""
    return frozenset(name for name, overloads in _table().items() if not overloads[0].is_internal)


def _spelled_short(name: str) -> str:
    for long_name, short_name in _LONG_NAMES.items():
        if long_name in name:
            name = name.replace(long_name, short_name)
    return name


def _any(generic: str, *names: str) -> tuple[FormalInput, ...]:
    return tuple(FormalInput(name, generic, "T") for name in names)


def _typed(*names_and_types: str) -> tuple[FormalInput, ...]:
    pairs = (text.split(":") for text in names_and_types)
    return tuple(FormalInput(name, type_name) for name, type_name in pairs)


def _extensible(name: str, generic: str, *, result: str = "T") -> StandardFunction:
    return StandardFunction(name, name, _any(generic, "IN1", "IN2"), result, is_extensible=True)


def _numeric() -> list[StandardFunction]:
    unary_reals = ("SQRT", "LN", "LOG", "EXP", "SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN")
    return [
        StandardFunction("ABS", "ABS", _any("ANY_NUM", "IN"), "T"),
        *(StandardFunction(name, name, _any("ANY_REAL", "IN"), "T") for name in unary_reals),
        StandardFunction("ATAN2", "ATAN2", _any("ANY_REAL", "Y", "X"), "T"),
        StandardFunction(
            "EXPT", "EXPT", (FormalInput("IN1", "ANY_REAL", "T"), FormalInput("IN2", "ANY_NUM", "E")), "T"
        ),
    ]


def _arithmetic() -> list[StandardFunction]:
    return [
        _extensible("ADD", "ANY_NUM"),
        _extensible("MUL", "ANY_NUM"),
        StandardFunction("SUB", "SUB", _any("ANY_NUM", "IN1", "IN2"), "T"),
        StandardFunction("DIV", "DIV", _any("ANY_NUM", "IN1", "IN2"), "T"),
        StandardFunction("MOD", "MOD", _any("ANY_INT", "IN1", "IN2"), "T"),
        StandardFunction("MOVE", "MOVE", _any("ANY", "IN"), "T"),
    ]


def _duration_arithmetic() -> list[StandardFunction]:
    """Overloads of ADD … on durations and dates and their own names (table 36)."""
    rows: list[StandardFunction] = []
    for prefix in ("", "L"):
        time, tod, date, date_and_time = f"{prefix}TIME", f"{prefix}TOD", f"{prefix}DATE", f"{prefix}DT"
        binary = [
            ("ADD", f"ADD_{time}", time, time, time),
            ("ADD", f"ADD_{tod}_{time}", tod, time, tod),
            ("ADD", f"ADD_{date_and_time}_{time}", date_and_time, time, date_and_time),
            ("SUB", f"SUB_{time}", time, time, time),
            ("SUB", f"SUB_{date}_{date}", date, date, time),
            ("SUB", f"SUB_{tod}_{time}", tod, time, tod),
            ("SUB", f"SUB_{tod}_{tod}", tod, tod, time),
            ("SUB", f"SUB_{date_and_time}_{time}", date_and_time, time, date_and_time),
            ("SUB", f"SUB_{date_and_time}_{date_and_time}", date_and_time, date_and_time, time),
            ("MUL", f"MUL_{time}", time, "ANY_NUM", time),
            ("DIV", f"DIV_{time}", time, "ANY_NUM", time),
        ]
        for overloaded, own_name, left, right, result in binary:
            right_input = FormalInput("IN2", right, "N" if right == "ANY_NUM" else "")
            inputs = (FormalInput("IN1", left), right_input)
            operation = f"{overloaded}_{'NUM' if right == 'ANY_NUM' else 'NS'}" if left == time else f"{overloaded}_NS"
            names = [overloaded, own_name]
            if own_name in ("MUL_TIME", "DIV_TIME"):
                names.append(own_name.replace("_", ""))  # spelling of edition 2
            rows += [StandardFunction(name, operation, inputs, result) for name in names]
    return rows


def _bits() -> list[StandardFunction]:
    shifts = (
        StandardFunction(name, name, (FormalInput("IN", "ANY_BIT", "T"), FormalInput("N", "ANY_INT", "N")), "T")
        for name in ("SHL", "SHR", "ROL", "ROR")
    )
    return [
        *shifts,
        *(_extensible(name, "ANY_BIT") for name in ("AND", "OR", "XOR")),
        StandardFunction("NOT", "NOT", _any("ANY_BIT", "IN"), "T"),
    ]


def _selection_and_comparison() -> list[StandardFunction]:
    multiplex = (FormalInput("K", "ANY_INT", "K"), FormalInput("IN0", "ANY", "T"), FormalInput("IN1", "ANY", "T"))
    return [
        StandardFunction("SEL", "SEL", (FormalInput("G", "BOOL"), *_any("ANY", "IN0", "IN1")), "T"),
        _extensible("MAX", "ANY_ELEMENTARY"),
        _extensible("MIN", "ANY_ELEMENTARY"),
        StandardFunction("LIMIT", "LIMIT", _any("ANY_ELEMENTARY", "MN", "IN", "MX"), "T"),
        StandardFunction("MUX", "MUX", multiplex, "T", is_extensible=True),
        *(_extensible(name, "ANY_ELEMENTARY", result="BOOL") for name in ("GT", "GE", "EQ", "LE", "LT")),
        StandardFunction("NE", "NE", _any("ANY_ELEMENTARY", "IN1", "IN2"), "BOOL"),
    ]


def _strings() -> list[StandardFunction]:
    length, position = FormalInput("L", "ANY_INT", "L"), FormalInput("P", "ANY_INT", "P")
    one, two = _any("ANY_STRING", "IN"), _any("ANY_STRING", "IN1", "IN2")
    return [
        StandardFunction("LEN", "LEN", one, "INT"),
        StandardFunction("LEFT", "LEFT", (*one, length), "T"),
        StandardFunction("RIGHT", "RIGHT", (*one, length), "T"),
        StandardFunction("MID", "MID", (*one, length, position), "T"),
        _extensible("CONCAT", "ANY_STRING"),
        StandardFunction("INSERT", "INSERT", (*two, position), "T"),
        StandardFunction("DELETE", "DELETE", (*one, length, position), "T"),
        StandardFunction("REPLACE", "REPLACE", (*two, length, position), "T"),
        StandardFunction("FIND", "FIND", two, "INT"),
    ]


_DATE_PARTS = ("YEAR:INT", "MONTH:INT", "DAY:INT")
_TOD_PARTS = ("HOUR:INT", "MINUTE:INT", "SECOND:INT", "MILLISECOND:INT")


def _dates() -> list[StandardFunction]:
    rows: list[StandardFunction] = []
    for prefix in ("", "L"):
        date, tod, date_and_time = f"{prefix}DATE", f"{prefix}TOD", f"{prefix}DT"
        for kind, parts in ((date, _DATE_PARTS), (tod, _TOD_PARTS), (date_and_time, _DATE_PARTS + _TOD_PARTS)):
            operation = kind.removeprefix("L")
            formals = _typed(*parts)
            rows.append(StandardFunction(f"CONCAT_{kind}", f"CONCAT_{operation}", formals, kind))
            split = StandardFunction(f"SPLIT_{kind}", f"SPLIT_{operation}", _typed(f"IN:{kind}"), "", outputs=formals)
            rows.append(split)
        joined = _typed(f"IN1:{date}", f"IN2:{tod}")
        rows.append(StandardFunction(f"CONCAT_{date}_{tod}", "CONCAT_DATE_TOD", joined, date_and_time))
    rows.append(StandardFunction("CONCAT_DATE_LTOD", "CONCAT_DATE_TOD", _typed("IN1:DATE", "IN2:LTOD"), "LDT"))
    rows += [StandardFunction("DAY_OF_WEEK", "DAY_OF_WEEK", _typed(f"IN:{kind}"), "INT") for kind in ("DATE", "LDATE")]
    return rows


def _validation_and_time() -> list[StandardFunction]:
    return [
        StandardFunction("IS_VALID", "IS_VALID", _any("ANY_REAL", "IN"), "BOOL"),
        StandardFunction("IS_VALID_BCD", "IS_VALID_BCD", _any("ANY_BIT", "IN"), "BOOL"),
        StandardFunction("_SYSTEM_TIME", "SYSTEM_TIME", (), "TIME", is_internal=True),
        StandardFunction("_SYSTEM_LTIME", "SYSTEM_TIME", (), "LTIME", is_internal=True),
    ]


def _typed_spellings(row: StandardFunction) -> list[StandardFunction]:
    """Return ``ADD_INT``, ``SHL_WORD`` … of a function with one generic group ``T`` (clause 6.6.1.7, typed names)."""
    generic = next((formal.type for formal in row.inputs if formal.group == "T"), "")
    spellings = []
    for member in GENERIC_TYPES.get("ANY_ELEMENTARY" if generic == "ANY" else generic, ()):
        inputs = tuple(FormalInput(f.name, member) if f.group == "T" else f for f in row.inputs)
        result = member if row.result == "T" else row.result
        name = f"{row.name}_{member}"
        spellings.append(StandardFunction(name, row.operation, inputs, result, row.is_extensible))
    return spellings


@cache
def _table() -> MappingProxyType[str, tuple[StandardFunction, ...]]:
    from emulators.iec61131.standard_conversions import conversion_functions

    generic = [*_numeric(), *_arithmetic(), *_bits(), *_selection_and_comparison(), *_strings()]
    rows = [*generic, *_duration_arithmetic(), *_dates(), *_validation_and_time(), *conversion_functions()]
    by_name: dict[str, tuple[StandardFunction, ...]] = {}
    for row in rows:
        by_name[row.name] = (*by_name.get(row.name, ()), row)
    for row in generic:
        for spelling in _typed_spellings(row):
            by_name.setdefault(spelling.name, (spelling,))
    return MappingProxyType(by_name)
