"""Certificates to try Modbus/TCP Security with: an authority, a server, a client for each role; files in PEM form.

Good for emulated devices and tests. A plant has an authority of its own, whose key is not left in a folder.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from emulators.modbus.tls import ROLE_OID, UTF8_STRING

__all__ = ["LOCAL_NAMES", "Identity", "Validity", "make_identity", "role_extension"]

LOCAL_NAMES = ("127.0.0.1", "::1", "localhost")
_YEARS = 10


@dataclass(frozen=True, slots=True)
class Validity:
    """From when and until when a certificate counts."""

    start: datetime.datetime
    end: datetime.datetime

    @classmethod
    def from_now(cls) -> Validity:
        """Return ten years that began a day ago, for clocks that are slow."""
        now = datetime.datetime.now(datetime.UTC)
        return cls(now - datetime.timedelta(days=1), now + datetime.timedelta(days=365 * _YEARS))


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
    folder: Path,
    name: str,
    *,
    authority: Identity | None = None,
    names: Sequence[str] = (),
    role_der: bytes | None = None,
    validity: Validity | None = None,
) -> Identity:
    """Write ``name.pem`` and ``name.key`` (readable by the owner only) and return them.

    Args:
        folder: where the files go.
        name: the common name.
        authority: who signs; without one the identity is an authority and signs itself.
        names: host names and IP addresses of a server; without any it is a client's.
        role_der: content of the role extension, see :func:`role_extension`.
        validity: default: from now.

    Raises:
        OSError: a file cannot be written.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    validity = validity or Validity.from_now()
    signer = authority.x509_certificate.public_key() if authority else key.public_key()
    assert isinstance(signer, ec.EllipticCurvePublicKey)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.x509_certificate.subject if authority else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(validity.start)
        .not_valid_after(validity.end)
        .add_extension(x509.BasicConstraints(ca=authority is None, path_length=None), critical=True)
        .add_extension(_key_usage(is_authority=authority is None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False)
    )
    if authority is not None:
        usage = ExtendedKeyUsageOID.SERVER_AUTH if names else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(_general_names(names)), critical=False)
    if role_der is not None:
        extension = x509.UnrecognizedExtension(x509.ObjectIdentifier(ROLE_OID), role_der)
        builder = builder.add_extension(extension, critical=False)
    certificate = builder.sign(authority.private_key if authority else key, hashes.SHA256())
    return _written(folder, name, certificate, key)


def role_extension(role: str) -> bytes:
    """Return a role as an ASN.1 UTF8String.

    Raises:
        ValueError: it is empty, or longer than 127 bytes.
    """
    text = role.encode()
    if not 0 < len(text) <= 127:
        raise ValueError(f"role '{role[:40]}' has {len(text)} bytes; a role has 1 to 127")
    return bytes((UTF8_STRING, len(text))) + text


def _general_names(names: Sequence[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in names:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return found


def _key_usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _written(folder: Path, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Identity:
    certificate_path, key_path = folder / f"{name}.pem", folder / f"{name}.key"
    form, secret = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    with open(key_path, "wb", opener=_private) as file:
        file.write(key.private_bytes(serialization.Encoding.PEM, form, secret))
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return Identity(certificate_path, key_path, certificate, key)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
