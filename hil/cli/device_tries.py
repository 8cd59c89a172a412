"""What to type in another terminal to try a device that runs."""

from __future__ import annotations

import shlex
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from emulators.description import RegisterEntry

__all__ = ["commands_to_try"]

_TABLES = MappingProxyType({"coil": "0", "discrete": "1", "input": "3", "holding": "4"})
_FORMS = MappingProxyType({"float32": ":float", "int32": ":int"})


def commands_to_try(url: str, entry: RegisterEntry | None, *, map_name: str = "") -> tuple[str, ...]:
    """Return commands that read an entry of a device, of a blank one its first holding registers."""
    from hil.targets.modbus_url import ModbusUrl

    try:
        ModbusUrl.parse(url)
    except ValueError:
        return ()
    what = f"--map {shlex.quote(map_name)}" if map_name else "holding:0..9"
    if url.startswith("modbus-tls:"):
        url = f"{url}?certificate=CLIENT.pem&key=CLIENT.key&server_ca=CA.pem"
    mbpoll = _mbpoll(url, entry)
    return (f"hil modbus read {shlex.quote(url)} {what}", *((mbpoll,) if mbpoll else ()))


def _mbpoll(url: str, entry: RegisterEntry | None) -> str:
    parts = urlsplit(url)
    if parts.scheme == "modbus-tcp":
        unit_id, mode, place = parts.path.strip("/"), f"-m tcp -p {parts.port}", str(parts.hostname)
    elif parts.scheme == "modbus-rtu":
        line = {key: values[0] for key, values in parse_qs(parts.query).items()}
        unit_id, place = line["unit"], shlex.quote(unquote(parts.path))
        mode = f"-m rtu -b {line['baud']} -P {line['parity']} -s {line['stop']}"
    else:
        return ""  # it speaks no other protocol
    if entry is None:
        return f"mbpoll {mode} -a {unit_id} -t 4 -r 1 -c 10 -1 {place}"
    form = _FORMS.get(entry.type.name, "")
    count = 1 if form else entry.quantity
    big_endian = " -B" if form and entry.word_order.value == "big" else ""
    table = _TABLES[entry.table.value] + form
    return f"mbpoll {mode} -a {unit_id} -t {table}{big_endian} -r {entry.address + 1} -c {count} -1 {place}"
