"""Signatures of standard functions: what the analyser needs to resolve an overloaded call.

A parameter type is an IEC type or a ``TypeVariable`` over a generic family. All arguments of one variable get one
type: the narrowest to which each converts implicitly; untyped literals adapt to the others, and when all are untyped
literals to the type that the context wants, else to the default (INT, DINT, LINT, ULINT by size; LREAL with a
fraction when nothing asks for REAL, see ``semantics``). A result ``TypeVariable`` is that type.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from emulators.iec61131.types import FunctionBlockType, IecType

__all__ = ["Family", "Parameter", "StandardFunction", "StandardLibrary", "TypeVariable"]


class Family(enum.Enum):
    """Generic types of the standard (its figure of the hierarchy of generic data types)."""

    ANY = "ANY"
    ANY_ELEMENTARY = "ANY_ELEMENTARY"  # also enumerations (by identity) and subranges (as their base)
    ANY_MAGNITUDE = "ANY_MAGNITUDE"  # ANY_NUM, ANY_DURATION
    ANY_NUM = "ANY_NUM"
    ANY_REAL = "ANY_REAL"
    ANY_INT = "ANY_INT"
    ANY_SIGNED = "ANY_SIGNED"
    ANY_UNSIGNED = "ANY_UNSIGNED"
    ANY_DURATION = "ANY_DURATION"
    ANY_BIT = "ANY_BIT"  # with BOOL
    ANY_CHARS = "ANY_CHARS"  # strings and characters
    ANY_STRING = "ANY_STRING"  # STRING, WSTRING; the variable's type is the longest of its arguments
    ANY_DATE = "ANY_DATE"  # DATE, TOD, DT and their long forms


@dataclass(frozen=True, slots=True)
class TypeVariable:
    """``name`` ties parameters and result of one signature together."""

    name: str
    family: Family


@dataclass(frozen=True, slots=True)
class Parameter:
    """Formal parameter. ``is_output``: assigned with ``=>`` (or positionally to a variable) after the call."""

    name: str
    type: IecType | TypeVariable
    is_output: bool = False


@dataclass(frozen=True, slots=True)
class StandardFunction:
    """One overload-free or generic function of the library.

    Extensible functions repeat their last parameter, named by counting on (``IN1, IN2, …``; ``IN0, IN1, …``); the call
    then carries all arguments in order. ``minimum`` is the least number of inputs.
    ``result_of`` (optional) computes the result from the types of the converted inputs where a rule of one variable
    is not enough (CONCAT: the sum of the lengths). ``folds`` (optional) returns the Python value of the result for
    constant inputs, or None to leave the call to run time; it must agree with run time bit for bit.
    """

    name: str
    parameters: tuple[Parameter, ...]
    result: IecType | TypeVariable
    is_extensible: bool = False
    minimum: int = 0
    result_of: Callable[[tuple[IecType, ...]], IecType] | None = None
    folds: (
        Callable[[tuple[IecType, ...], tuple[bool | int | float | str, ...], IecType], bool | int | float | str | None]
        | None
    ) = None
    is_pure: bool = True


@dataclass(frozen=True, slots=True)
class StandardLibrary:
    """Functions and function blocks every program may use, keyed by upper-case name."""

    functions: Mapping[str, StandardFunction]
    function_blocks: Mapping[str, FunctionBlockType]
