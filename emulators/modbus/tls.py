"""TLS as Modbus/TCP Security asks for it: mutual, 1.2 or later, the client's role in its certificate.

Sessions are resumed by tickets, whose peer certificate counts as at the first handshake.
"""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass, field

from emulators.modbus.permissions import PermissionTable

__all__ = ["ROLE_OID", "UTF8_STRING", "TlsSettings", "client_role", "server_context"]

ROLE_OID = "1.3.6.1.4.1.50316.802.1"
"""X.509 extension that holds the role, an ASN.1 UTF8String."""

UTF8_STRING = 0x0C


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """Files in PEM form: the server's certificate with its chain, its key, and the authority that signs clients."""

    certificate: str | os.PathLike[str]
    key: str | os.PathLike[str]
    client_ca: str | os.PathLike[str]
    permissions: PermissionTable = field(default_factory=PermissionTable)


def server_context(settings: TlsSettings) -> ssl.SSLContext:
    """Return a context that lets in only clients with a certificate of ``client_ca``.

    Raises:
        OSError: a file is not there, or is not what it should be (``ssl.SSLError``).
    """
    for path in (settings.certificate, settings.key, settings.client_ca):
        with open(path, "rb"):
            pass  # else ssl says that a file is not there, but not which one
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.certificate, settings.key)
    context.load_verify_locations(settings.client_ca)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_role(certificate: bytes) -> str | None:
    """Return the role in a certificate in DER form; None when it has none, or one that cannot be read."""
    from cryptography import x509  # takes longer to load than all the rest of this package

    try:
        extensions = x509.load_der_x509_certificate(certificate).extensions
        value = extensions.get_extension_for_oid(x509.ObjectIdentifier(ROLE_OID)).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return None
    return _utf8_string(value.value) if isinstance(value, x509.UnrecognizedExtension) else None


def _utf8_string(der: bytes) -> str | None:
    if len(der) < 2 or der[0] != UTF8_STRING or der[1] != len(der) - 2 or der[1] > 127:
        return None
    try:
        return der[2:].decode()
    except UnicodeDecodeError:
        return None
