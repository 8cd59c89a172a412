"""A compiled component class: structure, functions, ports, and what the plant must know to order and wire it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emulators.component.base import Component, Member
from emulators.component.declarations import Phase, Role
from emulators.component.scope import LoweredFunction
from emulators.errors import SourceSpan
from emulators.native import ir

__all__ = ["ComponentUnit"]


@dataclass(frozen=True, slots=True, eq=False)
class ComponentUnit:
    """One component class, compiled once; its functions take the instance by reference as their first argument."""

    cls: type[Component]
    name: str
    struct: ir.Struct
    functions: tuple[ir.Function, ...]
    """Helpers first; shared by name between components, so that a module holds each once."""
    members: Mapping[str, Member]
    continuous: tuple[str, ...]
    """States with a derivative."""
    feed_through: Mapping[str, frozenset[str]]
    """Output to the inputs that it depends on within the same call of ``outputs()``."""
    reads: Mapping[str, frozenset[str]]
    """Method to the inputs that it reads."""
    methods: Mapping[str, LoweredFunction]
    """Those of start, outputs, derivatives, tick that the class defines, and the methods they call."""
    helpers: tuple[LoweredFunction, ...]
    span: SourceSpan

    @property
    def phase(self) -> Phase:
        return self.cls.PHASE

    def has(self, method: str) -> bool:
        return method in self.methods

    def writes_of(self, method: str) -> frozenset[str]:
        """Return the members that a method sets, none if the class has no such method."""
        return self.methods[method].writes if method in self.methods else frozenset()

    def function_name(self, method: str) -> str:
        """Return the C name of ``defaults``, of a method, or of an integration stage ``stage_1`` … ``stage_4``."""
        return f"{self.name}_{method}"

    def members_of_role(self, *roles: Role) -> tuple[Member, ...]:
        return tuple(member for member in self.members.values() if member.role in roles)

    @property
    def built_ins(self) -> tuple[str, ...]:
        """Built-in members that the class uses: seed, noise_channel."""
        return tuple(field.name for field in self.struct.fields if field.name in ("seed", "noise_channel"))
