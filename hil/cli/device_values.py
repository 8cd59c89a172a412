"""Values of the options of ``hil device``: protocols, parities, what a role may do."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import click

__all__ = ["ParityType", "PermissionType", "ProtocolType"]

_PREFIX = "modbus-"
_PROTOCOLS = ("modbus-tcp", "modbus-tls", "modbus-udp", "modbus-rtu-over-tcp", "modbus-rtu", "modbus-ascii")
_PARITIES = MappingProxyType({"n": "none", "e": "even", "o": "odd"})


class ProtocolType(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions of click only
    """A protocol as rig files have it; ``modbus-`` may be left out."""

    name = "protocol"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from emulators.errors import did_you_mean

        text = str(value).lower()
        for protocol in (text, _PREFIX + text):
            if protocol in _PROTOCOLS:
                return protocol
        hint = did_you_mean(_PREFIX + text.removeprefix(_PREFIX), _PROTOCOLS) or f"write {', '.join(_PROTOCOLS)}"
        raise click.BadParameter(f"'{value}' is unknown; {hint}", ctx, param)


class ParityType(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions of click only
    """``none``, ``even`` or ``odd``, or their first letter."""

    name = "parity"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        parity = _PARITIES.get(str(value).lower()[:1])
        if parity is None or not parity.startswith(str(value).lower()):
            raise click.BadParameter(f"'{value}' is unknown; write none, even or odd, or N, E, O", ctx, param)
        return parity


class PermissionType(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions of click only
    """A role and what it may do: ``operator=all``, ``viewer=read``, ``meter=3,4``; no role at all: ``=read``."""

    name = "role=codes"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, tuple):
            return value
        role, equals, functions = str(value).rpartition("=")
        if equals and functions in ("all", "read"):
            return role, functions
        codes = functions.split(",")
        if equals and all(code.isascii() and code.isdecimal() and 1 <= int(code) <= 127 for code in codes):
            return role, tuple(int(code) for code in codes)
        message = f"'{value}' permits nothing; write operator=all, viewer=read or meter=3,4 (codes from 1 to 127)"
        raise click.BadParameter(message, ctx, param)
