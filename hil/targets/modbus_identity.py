"""Who a unit says it is: Read Device Identification (43/14) and Report Server ID (17), where it answers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from emulators.description.register_map_reader import IDENTITY_KEYS
from hil.targets.modbus_client import ModbusClient
from hil.targets.modbus_errors import ExceptionAnswerError, NoAnswerError

__all__ = ["UnitIdentity", "ask_identity"]

_LONGEST_IN_A_MAP = 200

AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True)
class UnitIdentity:
    """Identification objects by their id, and the bytes of the server id; empty where the unit gives none."""

    objects: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    server_id: bytes = b""

    def texts(self) -> dict[str, str]:
        """Return what there is by name."""
        named = {_object_name(number): text for number, text in self.objects.items()}
        return {**named, "server_id": _server_id_text(self.server_id)} if self.server_id else named

    def __str__(self) -> str:
        """Return it on one line: ``Example M1 2.0 (server id 01 FF)``."""
        said = " ".join(text for text in self.objects.values() if text)
        return f"{said} (server id {_server_id_text(self.server_id)})".lstrip() if self.server_id else said

    def for_map(self) -> dict[str, str]:
        """Return the ``[identity]`` of a register map: ASCII texts under the names that it knows."""
        known = {_object_name(number): text for number, text in self.objects.items() if number < len(IDENTITY_KEYS)}
        return {
            name: text.encode("ascii", "replace").decode()[:_LONGEST_IN_A_MAP] for name, text in known.items() if text
        }


def ask_identity(client: ModbusClient, unit_id: int | None = None) -> UnitIdentity:
    """Ask a unit who it is; one that does not answer, or not that, is not an error."""
    return UnitIdentity(
        _or_else(MappingProxyType({}), lambda: client.identification(unit_id=unit_id)),
        _or_else(b"", lambda: client.server_id(unit_id=unit_id)),
    )


def _or_else(nothing: AnswerT, ask: Callable[[], AnswerT]) -> AnswerT:
    try:
        return ask()
    except (ExceptionAnswerError, NoAnswerError):
        return nothing


def _object_name(number: int) -> str:
    return IDENTITY_KEYS[number] if number < len(IDENTITY_KEYS) else f"object_0x{number:02X}"


def _server_id_text(server_id: bytes) -> str:
    """Return the texts in a server id where it holds some, else its bytes."""
    text = " ".join("".join(chr(byte) if 0x20 <= byte < 0x7F else " " for byte in server_id).split())
    return text if len(text) >= 3 else server_id.hex(" ").upper()
