"""Reads ``[links.NAME]``: a controller as the Modbus client of a device of the plant."""

from __future__ import annotations

from collections.abc import Callable

from emulators.description.parameters import read_faults
from emulators.description.register_map import RegisterMapDescription
from emulators.description.rig import LinkEntry
from emulators.description.source import Findings, Located
from emulators.description.table_reader import TableReader
from emulators.description.toml_nodes import TomlTable
from emulators.timebase import NS_PER_MS

__all__ = ["read_link"]

_PROTOCOLS = ("modbus-tcp", "modbus-rtu")
_LINE_KEYS = ("baud_rate", "parity", "stop_bits")


def read_link(
    name: Located[str],
    table: TomlTable,
    load_map: Callable[[Located[str]], RegisterMapDescription | None],
    findings: Findings,
) -> LinkEntry:
    """Return the link; every mistake is reported. ``load_map`` reads the file that ``map`` names."""
    reader = TableReader(table, f"link {name.value}", findings)
    reader.require("protocol", "controller", "map")
    protocol = reader.choice("protocol", _PROTOCOLS)
    is_rtu = protocol is not None and protocol.value == "modbus-rtu"
    map_text = reader.text("map", may_be_empty=False)
    controller = reader.text("controller", may_be_empty=False)
    period = reader.duration_ns("period", may_be_zero=False)
    timeout = reader.duration_ns("timeout", may_be_zero=False)
    retries = reader.integer("retries", low=0, high=100)
    unit_id = reader.integer("unit_id", low=1 if is_rtu else 0, high=247 if is_rtu else 255)
    device = reader.text("device", may_be_empty=False)
    latency, jitter = reader.duration_ns("latency"), reader.duration_ns("jitter")
    baud_rate = reader.integer("baud_rate", low=50, high=4_000_000)
    parity = reader.choice("parity", ("none", "even", "odd"))
    stop_bits = reader.integer("stop_bits", low=1, high=2)
    faults = read_faults(reader, f"the fault of link {name.value}", findings)
    for key in _LINE_KEYS:
        if protocol is not None and not is_rtu and reader.has(key):
            findings.add(reader.key_span(key), f"a link of {protocol.value} has no {key}", f"drop {key}")
    reader.finish()
    register_map = load_map(map_text) if map_text else None
    own_unit_id = register_map.unit_id if register_map else None
    return LinkEntry(
        name=name.value,
        protocol=protocol.value if protocol else "",
        controller=controller or Located("", name.span),
        device=device,
        register_map=register_map,
        span=name.span,
        unit_id=unit_id.value if unit_id else own_unit_id or 1,
        period_ns=period.value if period else 100 * NS_PER_MS,
        timeout_ns=timeout.value if timeout else 500 * NS_PER_MS,
        retries=retries.value if retries else 0,
        latency_ns=latency.value if latency else 0,
        jitter_ns=jitter.value if jitter else 0,
        baud_rate=baud_rate.value if baud_rate else 19_200,
        parity=parity.value if parity else "even",
        stop_bits=stop_bits.value if stop_bits else 1,
        faults=faults,
    )
