"""Certificates of a plant for tests of Modbus/TCP Security, and contexts of its clients."""

from __future__ import annotations

import datetime
import ssl
from pathlib import Path

from emulators.modbus.certificates import LOCAL_NAMES, Identity, Validity, make_identity, role_extension
from emulators.modbus.permissions import PermissionTable
from emulators.modbus.tls import TlsSettings

VERSIONS = {"TLS 1.2": ssl.TLSVersion.TLSv1_2, "TLS 1.3": ssl.TLSVersion.TLSv1_3}


class TlsPlant:
    """A server, clients by role (``""``: without one), and those that must not get in."""

    def __init__(self, folder: Path, *, roles: tuple[str, ...] = ("Operator", "Viewer", "Guest")) -> None:
        self.authority = make_identity(folder, "authority")
        elsewhere = make_identity(folder, "elsewhere")
        self.server = make_identity(folder, "server", authority=self.authority, names=LOCAL_NAMES)
        self.clients = {role: self._client(folder, role) for role in roles}
        self.clients[""] = make_identity(folder, "client", authority=self.authority)
        operator = role_extension("Operator")
        self.strangers: dict[str, Identity | None] = {
            "no certificate": None,
            "certificate of another authority": make_identity(
                folder, "stranger", authority=elsewhere, role_der=operator
            ),
            "certificate of its own": make_identity(folder, "alone", role_der=operator),
            "certificate that has expired": self._client(folder, "Operator", "expired", _years(1990, 1999)),
            "certificate that is not valid yet": self._client(folder, "Operator", "early", _years(2190, 2199)),
            "certificate of a server": self.server,
        }

    def _client(self, folder: Path, role: str, name: str = "", validity: Validity | None = None) -> Identity:
        return make_identity(
            folder,
            name or f"client-{role}",
            authority=self.authority,
            role_der=role_extension(role),
            validity=validity,
        )

    def settings(self, permissions: PermissionTable) -> TlsSettings:
        return TlsSettings(self.server.certificate, self.server.key, self.authority.certificate, permissions)

    def context(self, client: Identity | None, version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
        """Return the context of a client that trusts the plant and speaks one version only, or any that is safe."""
        context = ssl.create_default_context(cafile=self.authority.certificate)
        if version is not None:
            context.minimum_version = context.maximum_version = version
        if client is not None:
            context.load_cert_chain(client.certificate, client.key)
        return context


def _years(first: int, last: int) -> Validity:
    return Validity(datetime.datetime(first, 1, 1), datetime.datetime(last, 1, 1))
