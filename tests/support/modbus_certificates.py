"""Certificates for tests of Modbus/TCP Security: an authority, a server, clients with and without a role."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROLE = x509.ObjectIdentifier("1.3.6.1.4.1.50316.802.1")
_START, _END = datetime.datetime(2020, 1, 1), datetime.datetime(2120, 1, 1)


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate and its key, as files and as objects."""

    certificate: Path
    key: Path
    x509_certificate: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.x509_certificate.public_bytes(serialization.Encoding.DER)


def make_identity(
    folder: Path, name: str, *, authority: Identity | None = None, role_der: bytes | None = None
) -> Identity:
    """Write ``name.pem`` and ``name.key``, signed by an authority or, without one, by itself as an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.x509_certificate.subject if authority else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_START)
        .not_valid_after(_END)
        .add_extension(x509.BasicConstraints(ca=authority is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if role_der is not None:
        builder = builder.add_extension(x509.UnrecognizedExtension(ROLE, role_der), critical=False)
    certificate = builder.sign(authority.private_key if authority else key, hashes.SHA256())
    certificate_path, key_path = folder / f"{name}.pem", folder / f"{name}.key"
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return Identity(certificate_path, key_path, certificate, key)


def role_extension(role: str) -> bytes:
    """Return the role as an ASN.1 UTF8String."""
    text = role.encode()
    return bytes((0x0C, len(text))) + text
