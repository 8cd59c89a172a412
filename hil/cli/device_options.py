"""Options of ``hil device`` that say where devices listen, over whatever transport."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hil.cli.device_values import ParityType, PermissionType, ProtocolType
from hil.cli.durations import duration

if TYPE_CHECKING:
    from emulators.description.modbus_transport import SerialEntry, TlsEntry
    from hil.assembly.device_places import DevicePlace

__all__ = ["takes_limit", "takes_place"]

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

_SERIAL = ("modbus-rtu", "modbus-ascii")
_TLS_FILES = ("certificate", "key", "client_ca")
_TLS_OPTIONS = (*_TLS_FILES, "role")
_SERIAL_OPTIONS = ("serial", "link", "baud", "parity", "stop_bits", "line_time")


_PLACE = (
    click.option(
        "--protocol",
        type=ProtocolType(),
        default="modbus-tcp",
        show_default=True,
        help="modbus-tcp, modbus-tls, modbus-udp, modbus-rtu-over-tcp, modbus-rtu or modbus-ascii; short: tcp, rtu …",
    ),
    click.option("--host", metavar="ADDRESS", help="Address to listen on.  [default: 127.0.0.1]"),
    click.option(
        "--port",
        type=click.IntRange(0, 65535),
        metavar="N",
        help="Port of the network; 0, the default, takes a free one.",
    ),
    click.option(
        "--unit",
        "unit_id",
        type=click.IntRange(0, 255),
        metavar="N",
        help="Unit id, of the first device; the others follow.  [default: that of each map, else 1, 2 …]",
    ),
    click.option(
        "--own-ports", is_flag=True, help="Several devices: each at a port of its own, from --port on, all with --unit."
    ),
    click.option(
        "--latency", "latency_ns", type=duration, metavar="TIME", help="Time that each device takes for a request."
    ),
    click.option(
        "--serial", metavar="PATH", help="rtu, ascii: serial port such as /dev/ttyUSB0; without it a new pty."
    ),
    click.option("--link", metavar="PATH", help="rtu, ascii: symbolic link to make to the pty."),
    click.option(
        "--baud", type=click.IntRange(50, 4_000_000), metavar="N", help="rtu, ascii: baud rate.  [default: 19200]"
    ),
    click.option(
        "--parity", type=ParityType(), help="rtu, ascii: none, even or odd; ptys carry none.  [default: even]"
    ),
    click.option("--stop-bits", type=click.IntRange(1, 2), metavar="N", help="rtu, ascii: 1 or 2.  [default: 1]"),
    click.option(
        "--line-time/--no-line-time", default=None, help="rtu, ascii: whether a pty takes the time of its line."
    ),
    click.option("--certificate", metavar="PEM", help="tls: what the device shows."),
    click.option("--key", metavar="PEM", help="tls: key of the certificate."),
    click.option("--client-ca", metavar="PEM", help="tls: who signs the certificates of clients."),
    click.option(
        "--role",
        type=PermissionType(),
        multiple=True,
        help="tls: all, read or function codes such as 3,4,16 for a client's role; may be repeated.  [default: =read, "
        "who has no role may read]",
    ),
)


def takes_place(function: FunctionT) -> FunctionT:
    """Add the options; the command gets them as one argument ``place``."""

    @wraps(function)
    def command(**given: Any) -> Any:
        own = {option: given.pop(option) for option in (*_NAMES, "protocol", "unit_id", "own_ports", "latency_ns")}
        return function(place=_place(own), **given)

    for option in reversed(_PLACE):
        command = option(command)
    return command  # type: ignore[return-value]  # the same function with options in front


def takes_limit(function: FunctionT) -> FunctionT:
    """Add ``--for`` as ``limit_ns``."""
    text = "End after so much time; else Ctrl-C ends."
    return click.option("--for", "limit_ns", type=duration, metavar="TIME", help=text)(function)


_NAMES = ("host", "port", *_SERIAL_OPTIONS, *_TLS_OPTIONS)


def _place(given: dict[str, Any]) -> DevicePlace:
    from emulators.description.modbus_transport import ModbusTransportEntry
    from hil.assembly.device_places import DevicePlace

    protocol: str = given["protocol"]
    is_serial, is_tls = protocol in _SERIAL, protocol == "modbus-tls"
    _refuse(given, _SERIAL_OPTIONS, is_serial, "a serial line; add --protocol modbus-rtu or modbus-ascii")
    _refuse(given, _TLS_OPTIONS, is_tls, "TLS; add --protocol modbus-tls")
    _refuse(given, ("host", "port"), not is_serial, f"a network; {protocol} is a serial line")
    transport = ModbusTransportEntry(
        serial=_serial(given, protocol) if is_serial else None, tls=_tls(given) if is_tls else None
    )
    return DevicePlace(
        given["host"] or "127.0.0.1",
        given["port"] or 0,
        given["unit_id"],
        protocol,
        transport,
        has_own_ports=given["own_ports"],
        latency_ns=given["latency_ns"] or 0,
    )


def _refuse(given: dict[str, Any], names: tuple[str, ...], do_belong: bool, where: str) -> None:
    for name in names:
        if given[name] not in (None, ()) and not do_belong:
            raise click.UsageError(f"--{name.replace('_', '-')} belongs to {where}")


def _serial(given: dict[str, Any], protocol: str) -> SerialEntry:
    from emulators.description.characters import CharacterEntry
    from emulators.description.modbus_transport import SerialEntry

    if given["serial"] and given["link"]:
        raise click.UsageError("--link leads to a pty; --serial names a port of this machine; give one of the two")
    return SerialEntry(
        serial_port=given["serial"] or "",
        link=given["link"] or "",
        characters=CharacterEntry(
            given["baud"] or 19_200,
            given["parity"] or "even",
            given["stop_bits"] or 1,
            8 if protocol == "modbus-rtu" else 7,
        ),
        has_line_time=given["line_time"] is not False,
    )


def _tls(given: dict[str, Any]) -> TlsEntry:
    from emulators.description.modbus_transport import TlsEntry

    missing = [f"--{name.replace('_', '-')}" for name in _TLS_FILES if not given[name]]
    if missing:
        raise click.UsageError(
            f"modbus-tls needs {', '.join(missing)}: PEM files; 'hil device certificates DIR' makes some to try"
        )
    return TlsEntry(given["certificate"], given["key"], given["client_ca"], MappingProxyType(dict(given["role"])))
