"""Units that tags, ports and register maps may carry, with dimension and conversion to the coherent SI unit.

``value_si = value * scale + offset``. ``unece_code`` is the common code of UNECE Recommendation 20, from which
OPC UA derives the unit id of its engineering units (Part 8, 5.6.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["UNITS", "Unit", "convert", "opcua_unit_id", "unit_named"]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it is written in descriptions."""

    symbol: str
    dimension: str
    scale: float
    unece_code: str
    offset: float = 0.0


_ROWS = (
    Unit("%", "ratio", 0.01, "P1"),
    Unit("1", "ratio", 1.0, "C62"),
    Unit("m", "length", 1.0, "MTR"),
    Unit("cm", "length", 0.01, "CMT"),
    Unit("mm", "length", 0.001, "MMT"),
    Unit("km", "length", 1000.0, "KMT"),
    Unit("m2", "area", 1.0, "MTK"),
    Unit("cm2", "area", 1e-4, "CMK"),
    Unit("mm2", "area", 1e-6, "MMK"),
    Unit("m3", "volume", 1.0, "MTQ"),
    Unit("l", "volume", 0.001, "LTR"),
    Unit("ml", "volume", 1e-6, "MLT"),
    Unit("m3/s", "volume flow", 1.0, "MQS"),
    Unit("m3/h", "volume flow", 1.0 / 3600.0, "MQH"),
    Unit("l/s", "volume flow", 0.001, "G51"),
    Unit("l/min", "volume flow", 0.001 / 60.0, "L2"),
    Unit("l/h", "volume flow", 0.001 / 3600.0, "E32"),
    Unit("kg", "mass", 1.0, "KGM"),
    Unit("g", "mass", 0.001, "GRM"),
    Unit("t", "mass", 1000.0, "TNE"),
    Unit("kg/s", "mass flow", 1.0, "KGS"),
    Unit("kg/h", "mass flow", 1.0 / 3600.0, "E93"),
    Unit("kg/m3", "density", 1.0, "KMQ"),
    Unit("degC", "temperature", 1.0, "CEL", 273.15),
    Unit("degF", "temperature", 5.0 / 9.0, "FAH", 459.67 * 5.0 / 9.0),
    Unit("K", "temperature", 1.0, "KEL"),
    Unit("Pa", "pressure", 1.0, "PAL"),
    Unit("kPa", "pressure", 1000.0, "KPA"),
    Unit("MPa", "pressure", 1e6, "MPA"),
    Unit("bar", "pressure", 1e5, "BAR"),
    Unit("mbar", "pressure", 100.0, "MBR"),
    Unit("s", "time", 1.0, "SEC"),
    Unit("ms", "time", 0.001, "C26"),
    Unit("us", "time", 1e-6, "B98"),
    Unit("ns", "time", 1e-9, "C47"),
    Unit("min", "time", 60.0, "MIN"),
    Unit("h", "time", 3600.0, "HUR"),
    Unit("d", "time", 86400.0, "DAY"),
    Unit("1/s", "frequency", 1.0, "C97"),
    Unit("Hz", "frequency", 1.0, "HTZ"),
    Unit("rpm", "frequency", 1.0 / 60.0, "RPM"),
    Unit("1/min", "frequency", 1.0 / 60.0, "C94"),
    Unit("1/h", "frequency", 1.0 / 3600.0, "H10"),
    Unit("m/s", "speed", 1.0, "MTS"),
    Unit("mm/s", "speed", 0.001, "C16"),
    Unit("m/min", "speed", 1.0 / 60.0, "2X"),
    Unit("m/s2", "acceleration", 1.0, "MSK"),
    Unit("deg", "angle", 0.017453292519943295, "DD"),
    Unit("rad", "angle", 1.0, "C81"),
    Unit("rad/s", "angular speed", 1.0, "2A"),
    Unit("N", "force", 1.0, "NEW"),
    Unit("N.m", "torque", 1.0, "NU"),
    Unit("A", "current", 1.0, "AMP"),
    Unit("mA", "current", 0.001, "4K"),
    Unit("V", "voltage", 1.0, "VLT"),
    Unit("mV", "voltage", 0.001, "2Z"),
    Unit("Ohm", "resistance", 1.0, "OHM"),
    Unit("W", "power", 1.0, "WTT"),
    Unit("kW", "power", 1000.0, "KWT"),
    Unit("VA", "apparent power", 1.0, "D46"),
    Unit("kVA", "apparent power", 1000.0, "KVA"),
    Unit("var", "reactive power", 1.0, "D44"),
    Unit("kvar", "reactive power", 1000.0, "KVR"),
    Unit("J", "energy", 1.0, "JOU"),
    Unit("kJ", "energy", 1000.0, "KJO"),
    Unit("Wh", "energy", 3600.0, "WHR"),
    Unit("kWh", "energy", 3.6e6, "KWH"),
    Unit("kvarh", "reactive energy", 3.6e6, "K3"),
    Unit("kVAh", "apparent energy", 3.6e6, "C79"),
    Unit("Ah", "electric charge", 3600.0, "AMH"),
    Unit("J/K", "heat capacity", 1.0, "JE"),
    Unit("W/K", "heat conductance", 1.0, "D52"),
    Unit("J/(kg.K)", "specific heat capacity", 1.0, "B11"),
)

UNITS = MappingProxyType({row.symbol: row for row in _ROWS})

_OTHER_WRITINGS = MappingProxyType(
    {
        "°C": "degC",
        "°F": "degF",
        "°": "deg",
        "m²": "m2",
        "cm²": "cm2",
        "mm²": "mm2",
        "m³": "m3",
        "m³/s": "m3/s",
        "m³/h": "m3/h",
        "kg/m³": "kg/m3",
        "m/s²": "m/s2",
        "L": "l",
        "L/s": "l/s",
        "L/min": "l/min",
        "L/h": "l/h",
        "Nm": "N.m",
        "ohm": "Ohm",
        "Ω": "Ohm",
        "µs": "us",
        "J/(kg K)": "J/(kg.K)",
    }
)


def unit_named(text: str) -> Unit | None:
    """Return the unit written ``text`` (``°C`` and ``m³/h`` are understood too), or None when it is unknown."""
    return UNITS.get(_OTHER_WRITINGS.get(text, text))


def convert(value: float, source: Unit, target: Unit) -> float:
    """Return ``value`` of ``source`` in ``target``.

    Raises:
        ValueError: the units measure different things.
    """
    if source.dimension != target.dimension:
        raise ValueError(
            f"{source.symbol} measures {source.dimension}, {target.symbol} measures {target.dimension}: "
            "there is no conversion"
        )
    if source.symbol == target.symbol:
        return value
    return (value * source.scale + source.offset - target.offset) / target.scale


def opcua_unit_id(unit: Unit) -> int:
    """Return the OPC UA unit id: the characters of the UNECE code as one big-endian number (Part 8, 5.6.3)."""
    return int.from_bytes(unit.unece_code.encode("ascii"), "big")
