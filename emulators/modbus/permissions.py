"""Which role may use which function codes, Modbus/TCP Security: the role stands in the client's certificate.

A request that its role does not permit is answered with ILLEGAL FUNCTION, as the specification asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from emulators.modbus.codes import ExceptionCode, exception_response
from emulators.modbus.mbap import UnitDirectory

__all__ = ["EVERY_FUNCTION", "READ_FUNCTIONS", "PermissionTable", "PermittedUnits"]

EVERY_FUNCTION = frozenset(range(1, 128))
READ_FUNCTIONS = frozenset((0x01, 0x02, 0x03, 0x04, 0x07, 0x0B, 0x0C, 0x11, 0x14, 0x18, 0x2B))


@dataclass(frozen=True, slots=True)
class PermissionTable:
    """Function codes that each role may use. Roles not named may use none; ``""`` is a client without a role."""

    functions: Mapping[str, frozenset[int]] = field(default_factory=lambda: {"": READ_FUNCTIONS})

    def __post_init__(self) -> None:
        for role, codes in self.functions.items():
            if not codes <= EVERY_FUNCTION:
                raise ValueError(f"role '{role}': function codes {sorted(codes - EVERY_FUNCTION)} are outside 1..127")

    def permitted(self, role: str | None) -> frozenset[int]:
        """Return what a client may use; None is a client without a role."""
        return self.functions.get(role or "", frozenset())


class PermittedUnits(UnitDirectory):
    """The units of a directory as a client sees it that may use these function codes only."""

    __slots__ = ("_every_unit", "_permitted")

    def __init__(self, directory: UnitDirectory, permitted: frozenset[int]) -> None:
        super().__init__({})
        self._every_unit = directory
        self._permitted = permitted

    def answer(self, unit_id: int, request: bytes) -> bytes:
        """Return the response PDU, ILLEGAL FUNCTION when the client may not ask for this."""
        return self.refusal(request) or self._every_unit.answer(unit_id, request)

    def refusal(self, request: bytes) -> bytes:
        if request[0] in self._permitted:
            return b""
        return exception_response(request[0], ExceptionCode.ILLEGAL_FUNCTION)
