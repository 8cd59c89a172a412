"""The base class of Python components and the table of members a class declares."""

from __future__ import annotations

import inspect
import math
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType, SimpleNamespace
from typing import Any, ClassVar, cast

from emulators.component.declarations import Declaration, Phase, Role
from emulators.errors import did_you_mean
from emulators.native.ir import Scalar

__all__ = ["BUILT_IN_MEMBERS", "Component", "Member", "members_of"]

Plain = float | int | bool

BUILT_IN_MEMBERS = ("seed", "noise_channel")
_SCALARS: Mapping[Any, Scalar] = MappingProxyType({float: Scalar.F64, int: Scalar.I64, bool: Scalar.BOOL})


@dataclass(frozen=True, slots=True)
class Member:
    """One declared member: ``initial`` is its default, of type ``scalar``; ``length`` is 0 for a single value."""

    name: str
    role: Role
    scalar: Scalar
    initial: Plain
    length: int
    unit: str
    low: float
    high: float
    description: str


class Component:
    """Part of a plant, or an instrument, written as an ordinary class.

    A subclass declares its members and overrides what it needs of the four methods. The same source runs in plain
    Python and, through :func:`emulators.component.compile_component`, in native code with the same bits.

    ``self.seed`` and ``self.noise_channel`` are integers for ``gauss`` and ``uniform``: the seed of the run and a
    number that is different for each instance.
    """

    PHASE: ClassVar[Phase] = Phase.PROCESS
    MAX_STEP_S: ClassVar[float] = math.inf
    """Longest integration step that this component accepts, in s."""

    der: Any
    seed: int
    noise_channel: int

    def __init__(self, **values: Plain) -> None:
        """Start with the declared values, or with those given for parameters, inputs, faults and single states."""
        members = members_of(type(self))
        self.der = SimpleNamespace()
        self.seed = 0
        self.noise_channel = 0
        for member in members.values():
            is_settable = member.role is not Role.OUTPUT and not member.length
            initial = values.pop(member.name, member.initial) if is_settable else member.initial
            if member.scalar is Scalar.F64:
                initial = float(initial)
            setattr(self, member.name, [initial] * member.length if member.length else initial)
        for name in values:
            known = (member.name for member in members.values() if member.role is not Role.OUTPUT)
            hint = did_you_mean(name, known)
            raise TypeError(f"{type(self).__name__} has no parameter '{name}'" + (f"; {hint}" if hint else ""))

    def start(self) -> None:
        """Set states that depend on parameters; runs once, before the first step."""

    def outputs(self) -> None:
        """Compute every output from states, inputs and parameters; no memory."""

    def derivatives(self) -> None:
        """Set ``self.der.<state>`` of every continuous state, in its unit a second."""

    def tick(self, step_s: float) -> None:
        """Advance the discrete states by one communication step of ``step_s`` seconds."""


def members_of(cls: type[Component]) -> Mapping[str, Member]:
    """Return the members of a component class in the order of declaration, those of base classes first.

    Raises:
        TypeError: a declaration contradicts its annotation.
    """
    return _members_of(cast(Any, cls))


@cache
def _members_of(cls: Any) -> Mapping[str, Member]:
    hints = typing.get_type_hints(cls, include_extras=True)
    names: dict[str, None] = {}
    for base in reversed(cls.__mro__):
        if issubclass(base, Component):
            names.update(dict.fromkeys(inspect.get_annotations(base)))
    members: dict[str, Member] = {}
    for name in names:
        declaration = getattr(cls, name, None)
        role = _role_of(hints[name])
        if role is not None:
            members[name] = _member(cls, name, role, hints[name], declaration)
        elif isinstance(declaration, Declaration):
            raise TypeError(_where(cls, name) + "is declared without its role; annotate it, such as Param[float]")
    for name, declaration in vars(cls).items():
        if isinstance(declaration, Declaration) and name not in members:
            raise TypeError(_where(cls, name) + "has no annotation; write, for instance, 'Param[float]' after a colon")
    return MappingProxyType(members)


def _where(cls: type[Component], name: str) -> str:
    return f"{cls.__module__}.{cls.__qualname__}: member '{name}' "


def _role_of(hint: Any) -> Role | None:
    for extra in getattr(hint, "__metadata__", ()):
        if isinstance(extra, Role):
            return extra
    return None


def _member(cls: type[Component], name: str, role: Role, hint: Any, declaration: object) -> Member:
    where = _where(cls, name)
    if not isinstance(declaration, Declaration):
        raise TypeError(where + "has no declaration; write '= port(…)', 'state(…)', 'param(…)' or 'fault(…)'")
    if name.startswith(("der_", "base_", "sum_")) or name in (*BUILT_IN_MEMBERS, "der"):
        raise TypeError(where + "has a reserved name (der, seed, noise_channel, der_*, base_*, sum_*); choose another")
    plain = hint.__origin__
    is_array = typing.get_origin(plain) is list
    scalar = _SCALARS.get(typing.get_args(plain)[0] if is_array else plain)
    if scalar is None:
        raise TypeError(where + "must be float, int or bool, or Floats, Ints or Bools")
    if is_array != bool(declaration.length) or (is_array and role is not Role.STATE):
        raise TypeError(where + "arrays are states: write State[Floats] = array(length)")
    if declaration.low > declaration.high:
        raise TypeError(where + f"has the range {declaration.low}..{declaration.high}; swap the two numbers")
    return Member(
        name,
        role,
        scalar,
        _initial(where, scalar, declaration),
        declaration.length,
        declaration.unit,
        declaration.low,
        declaration.high,
        declaration.description,
    )


def _initial(where: str, scalar: Scalar, declaration: Declaration) -> Plain:
    default = declaration.default
    if default is None:
        return {Scalar.F64: 0.0, Scalar.I64: 0, Scalar.BOOL: False}[scalar]
    fits = {
        Scalar.F64: isinstance(default, int | float) and not isinstance(default, bool),
        Scalar.I64: isinstance(default, int) and not isinstance(default, bool),
        Scalar.BOOL: isinstance(default, bool),
    }[scalar]
    if not fits:
        raise TypeError(where + f"is {scalar.label}, its default {default!r} is not")
    if scalar is Scalar.F64:
        default = float(default)
    if scalar is not Scalar.BOOL and not declaration.low <= default <= declaration.high:
        raise TypeError(where + f"has the default {default} outside its range {declaration.low}..{declaration.high}")
    return default
