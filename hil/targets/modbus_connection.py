"""Connections to Modbus devices before the first request: sockets, TLS, serial ports, and why one cannot be had."""

from __future__ import annotations

import glob
import os
import socket
import ssl
from types import MappingProxyType

from emulators.errors import LinkError
from hil.targets.modbus_url import ModbusUrl

__all__ = ["open_datagrams", "open_stream", "serial_failure", "tls_failure"]

_SERIAL_PORTS = ("/dev/ttyUSB*", "/dev/ttyACM*", "/dev/ttyS*", "/dev/ttyAMA*", "/dev/serial/by-id/*")
_UNTRUSTED = (2, 18, 19, 20, 21)  # verify codes of OpenSSL: the chain ends nowhere or in a certificate of its own
_FAR_REASONS = MappingProxyType({9: "its certificate is not valid yet", 10: "its certificate has expired"})
_WRONG_NAMES = (62, 64)


def open_stream(url: ModbusUrl, timeout_s: float) -> socket.socket:
    """Return a connected socket, with TLS where the address asks for it; handshakes have ``timeout_s`` too.

    Raises:
        LinkError: nobody answers there, a file of the address cannot be used, or one side does not trust the other.
    """
    context = _client_context(url) if url.scheme == "modbus-tls" else None
    try:
        stream = socket.create_connection((url.host, url.port), timeout=timeout_s)
    except OSError as error:
        raise LinkError(f"{url.name}: {_no_connection(url, error, timeout_s)}") from error
    if context is None:
        return stream
    try:
        return context.wrap_socket(stream, server_hostname=url.tls.server_name or url.host)
    except (OSError, ValueError) as error:
        stream.close()
        raise LinkError(f"{url.name}: {_no_handshake(url, error, timeout_s)}") from error


def open_datagrams(url: ModbusUrl, timeout_s: float) -> socket.socket:
    """Return a socket that takes datagrams of the device only.

    Raises:
        LinkError: there is no such host, or no way to it.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(url.host, url.port, type=socket.SOCK_DGRAM)[0]
        datagrams = socket.socket(family, kind, protocol)
        try:
            datagrams.settimeout(timeout_s)
            datagrams.connect(address)
        except OSError:
            datagrams.close()
            raise
    except OSError as error:
        raise LinkError(f"{url.name}: {_no_connection(url, error, timeout_s)}") from error
    return datagrams


def serial_failure(url: ModbusUrl) -> str:
    """Return why a serial port could not be opened or set."""
    if not os.path.exists(url.path):
        present = sorted(port for pattern in _SERIAL_PORTS for port in glob.glob(pattern))
        seen = f"this machine has {', '.join(present[:8])}" if present else "this machine has no serial port"
        return f"there is no port {url.path}; {seen}"
    if not os.access(url.path, os.R_OK | os.W_OK):
        return f"you may not use {url.path}; whoever is in its group may, most often 'dialout'"
    if url.is_local and url.line.parity.value != "N":
        return f"{url.path} is a pseudo terminal, which has no parity; write parity=none"
    return f"{url.path} cannot be opened at {url.line}; does another program use it, is it a serial port?"


def tls_failure(url: ModbusUrl, error: ssl.SSLError) -> str:
    """Return what the far end meant by ending TLS: a TLS 1.3 server refuses a client only after the handshake."""
    alert = (error.reason or str(error)).lower().replace("_", " ").replace("ssl/tls alert", "alert").strip()
    if "alert" not in alert:
        return f"TLS went wrong: {alert}"
    what = alert.partition("alert ")[2]
    refusal = f"the device refuses this client ({what})"
    if not url.tls.certificate:
        return f"{refusal}; it asks for a certificate: certificate=FILE"
    if "handshake failure" in what:
        return f"{refusal}; it does not say why"
    return f"{refusal}; does it trust the authority of our certificate?"


def _no_connection(url: ModbusUrl, error: OSError, timeout_s: float) -> str:
    match error:
        case socket.gaierror():
            return f"there is no host '{url.host}' ({error.strerror})"
        case ConnectionRefusedError():
            return f"no connection; {url.host} is there but nobody listens on port {url.port}"
        case TimeoutError():
            return f"no connection within {timeout_s:g} s; is the device on, and are address and port right?"
        case _:
            return f"no connection: {error.strerror or error}"


def _client_context(url: ModbusUrl) -> ssl.SSLContext:
    tls = url.tls
    for what, file in (("certificate", tls.certificate), ("key", tls.key), ("server_ca", tls.server_ca)):
        if file and not os.access(file, os.R_OK):
            reason = "you may not read it" if os.path.exists(file) else "it is not there"
            raise LinkError(f"{url.name}: {what} '{file}': {reason}")
    if tls.key and not tls.certificate:
        raise LinkError(f"{url.name}: a key without its certificate; write certificate=FILE too")
    try:
        context = ssl.create_default_context(cafile=tls.server_ca or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
    except ssl.SSLError as error:
        raise LinkError(f"{url.name}: server_ca '{tls.server_ca}' holds no certificate in PEM form") from error
    if tls.certificate:
        try:
            context.load_cert_chain(tls.certificate, tls.key or None, password=_no_password)
        except (ssl.SSLError, _PasswordError) as error:
            raise LinkError(f"{url.name}: {_unusable(tls.certificate, tls.key, error)}") from error
    return context


class _PasswordError(ValueError):
    """The key is encrypted."""


def _no_password() -> str:
    raise _PasswordError


def _unusable(certificate: str, key: str, error: Exception) -> str:
    if isinstance(error, _PasswordError):
        return f"the key '{key or certificate}' has a password; give one without"
    if isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
        return f"the key '{key or certificate}' is not that of certificate '{certificate}'"
    if not key:
        return f"certificate '{certificate}' needs to be PEM and to hold its key too, or write key=FILE"
    return f"certificate '{certificate}' and key '{key}' are not both in PEM form"


def _no_handshake(url: ModbusUrl, error: OSError | ValueError, timeout_s: float) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in _WRONG_NAMES:
            expected = url.tls.server_name or url.host
            return f"its certificate does not name '{expected}'; write whom it names: server_name=NAME"
        if error.verify_code in _UNTRUSTED:
            return f"its certificate is of an authority not trusted here ({error.verify_message}); write server_ca=FILE"
        return _FAR_REASONS.get(error.verify_code, f"its certificate is refused: {error.verify_message}")
    if isinstance(error, TimeoutError):
        return f"no TLS handshake within {timeout_s:g} s; does the device speak TLS on port {url.port}?"
    if isinstance(error, ssl.SSLError) and error.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"):
        return "what answers there does not speak TLS; modbus-tcp does without"
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ConnectionError):
        return f"the device closed the connection in the TLS handshake; does it speak TLS on port {url.port}?"
    if isinstance(error, ssl.SSLError):
        return tls_failure(url, error)
    return f"no TLS handshake: {error}"
