"""The two refusals that every function needs, as one-line checks.

Order of checks for every function, clause 7 and the state diagrams of clause 6: quantity, value, byte count and
exact length of the request (ILLEGAL DATA VALUE), then addresses (ILLEGAL DATA ADDRESS), then the device.
"""

from __future__ import annotations

from emulators.modbus.codes import ExceptionCode, ModbusRefusal

__all__ = ["require_length", "require_value"]


def require_value(is_legal: bool) -> None:
    """Refuse with ILLEGAL DATA VALUE unless the condition holds."""
    if not is_legal:
        raise ModbusRefusal(ExceptionCode.ILLEGAL_DATA_VALUE)


def require_length(request: bytes, length: int) -> None:
    """Refuse with ILLEGAL DATA VALUE unless the request has exactly this many bytes, function code included."""
    if len(request) != length:
        raise ModbusRefusal(ExceptionCode.ILLEGAL_DATA_VALUE)
