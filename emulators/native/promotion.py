"""Which fields a loop may keep in local variables: those that nothing else in the loop can reach.

C compilers find few of these by themselves: a guard that may leave the loop in the middle, or a second reference that
might point into the same structure, keeps a field in memory, and tcc never moves one. Two references can overlap only
where the type of one lies inside the type of the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from emulators.native.ir import (
    AddressOf,
    Argument,
    Array,
    Assign,
    Bit,
    Call,
    Copy,
    CountedLoop,
    Expression,
    Load,
    Local,
    Member,
    Place,
    Run,
    RunGuarded,
    RuntimeCall,
    Scalar,
    Statement,
    Struct,
    Table,
    Type,
    While,
    Zero,
)
from emulators.native.walk import expressions_of, place_root, statements_of

__all__ = ["FieldKey", "Promotion", "calls_nothing", "field_key", "promotable_fields"]

FieldKey = tuple[str, ...]
"""Name of the reference, then names of nested fields."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """Scalar field that a loop keeps in a local variable; ``is_written``: it goes back to memory at the end."""

    key: FieldKey
    place: Place
    is_written: bool


@dataclass(frozen=True, slots=True)
class _Access:
    """Memory that a loop touches: the scalar at ``key`` itself, or anything in the region there."""

    key: FieldKey
    types: tuple[Type, ...]
    place: Place
    is_scalar: bool
    is_written: bool


def field_key(place: Place) -> FieldKey | None:
    """Return the key of a chain of fields below a reference, None for any other place."""
    names: list[str] = []
    while isinstance(place, Member):
        names.append(place.name)
        place = place.base
    if not isinstance(place, Argument):
        return None
    return (place.name, *reversed(names))


def calls_nothing(loop: While | CountedLoop) -> bool:
    """Return whether a loop calls no function, so that it alone spends its budget."""
    for statement in statements_of((loop,)):
        if isinstance(statement, Run | RunGuarded | RuntimeCall):
            return False
        if any(isinstance(node, Call) for node in expressions_of(statement)):
            return False
    return True


def promotable_fields(loop: While | CountedLoop) -> list[Promotion]:
    """Return the fields that a loop may keep in local variables, in order of appearance."""
    accesses: list[_Access] = []
    for statement in statements_of((loop,)):
        if isinstance(statement, RunGuarded):
            return []
        accesses.extend(_accesses(statement))
    regions = list({(access.key, access.is_scalar): access for access in accesses}.values())
    written = {access.key for access in accesses if access.is_written}
    found: dict[FieldKey, Promotion] = {}
    for access in accesses:
        if access.is_scalar and len(access.key) > 1 and access.key not in found and _is_alone(access, regions):
            found[access.key] = Promotion(access.key, access.place, access.key in written)
    return list(found.values())


def _is_alone(access: _Access, others: Sequence[_Access]) -> bool:
    return not any(_overlap(access, other) for other in others)


def _overlap(access: _Access, other: _Access) -> bool:
    if access.key[0] == other.key[0]:
        shared = min(len(access.key), len(other.key))
        return (access.key != other.key or not other.is_scalar) and access.key[:shared] == other.key[:shared]
    return _reaches(access, other.types[0]) or _reaches(other, access.types[0])


def _reaches(access: _Access, root: Type) -> bool:
    """Return whether an access may touch an object of type ``root``: on its way, or inside the region at its end."""
    return any(_same(of, root) for of in access.types) or _contains(access.types[-1], root)


def _same(first: Type, second: Type) -> bool:
    return first is second or (isinstance(first, Array) and first == second)


def _contains(of: Type, wanted: Type) -> bool:
    if _same(of, wanted):
        return True
    match of:
        case Array(element):
            return _contains(element, wanted)
        case Struct(_, fields):
            return any(_contains(member.type, wanted) for member in fields)
        case _:
            return False


def _accesses(statement: Statement) -> Iterator[_Access]:
    match statement:
        case Assign(place) | Zero(place):
            yield from _access(place, is_written=True)
        case Copy(target, source):
            yield from _access(target, is_written=True)
            yield from _access(source, is_written=False)
        case Run() | RuntimeCall():
            yield from _passed(statement.arguments)
            if isinstance(statement, RuntimeCall) and statement.target is not None:
                yield from _access(statement.target, is_written=True)
    for node in expressions_of(statement):
        match node:
            case Load(place):
                yield from _access(place, is_written=False)
            case Call(_, arguments):
                yield from _passed(arguments)


def _passed(arguments: Sequence[Expression | AddressOf]) -> Iterator[_Access]:
    for argument in arguments:
        if isinstance(argument, AddressOf):
            yield from _access(argument.place, is_written=True, is_region=True)


def _access(place: Place, *, is_written: bool, is_region: bool = False) -> Iterator[_Access]:
    """Yield what a place touches: a bit touches its integer, an element or overlay the whole array."""
    if isinstance(place_root(place), Local | Table):
        return
    if isinstance(place, Bit):
        place = place.base
    chain = place
    while field_key(chain) is None:
        assert not isinstance(chain, Local | Argument | Table)
        chain = chain.base
    key = field_key(chain)
    assert key is not None
    is_scalar = chain is place and isinstance(place.type, Scalar) and not is_region
    yield _Access(key, tuple(_types(chain)), chain, is_scalar, is_written)


def _types(place: Place) -> list[Type]:
    """Return the types on the way from the reference to the place."""
    types = [place.type]
    while isinstance(place, Member):
        place = place.base
        types.append(place.type)
    return types[::-1]
