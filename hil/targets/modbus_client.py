"""Raw requests to one Modbus device; with ``modbus_wire`` the one door to pymodbus on this side.

Every request has a deadline and is sent once. After silence or a garbled answer a connection is closed and opened again
for the next request, so that a late answer is never taken for the next one's.
"""

from __future__ import annotations

import ssl
import struct
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from types import MappingProxyType, TracebackType

from pymodbus import ModbusException
from pymodbus.exceptions import ConnectionException
from pymodbus.pdu import ModbusPDU

from emulators.description import RegisterTable
from emulators.modbus.codes import ExceptionCode
from hil.safety import require_allowed
from hil.targets.modbus_connection import tls_failure
from hil.targets.modbus_errors import ExceptionAnswerError, NoAnswerError, exception_text
from hil.targets.modbus_ranges import range_text
from hil.targets.modbus_rubbish import why_no_answer
from hil.targets.modbus_url import ModbusUrl
from hil.targets.modbus_wire import PymodbusClient, Wire, open_client

__all__ = ["ModbusClient"]

_CLOSED = MappingProxyType(
    {
        "modbus-tls": "the device closed the connection; does it trust our certificate, or ask for one?",
        "modbus-rtu": "the serial port is gone",
        "modbus-ascii": "the serial port is gone",
    }
)
_BASIC_OBJECTS, _REGULAR_OBJECTS = 1, 2  # categories of function code 43/14; some devices leave out the lower ones
_VENDOR_NAME = 0
_BROADCAST = 0
_WITH_BROADCAST = ("modbus-rtu", "modbus-ascii", "modbus-rtu-over-tcp")
_GARBLED = (ModbusException, ValueError, IndexError, struct.error)


class ModbusClient:
    """A context manager that connects on entry. ``requests_per_s`` bounds how fast it asks, None is as fast as it can.

    Writes go to this machine (loopback, ptys) and to ``allowed_hosts``. Counts the requests it sent in
    ``request_count``.
    """

    def __init__(
        self,
        url: ModbusUrl,
        *,
        timeout_s: float = 3.0,
        requests_per_s: float | None = None,
        allowed_hosts: Collection[str] = (),
    ) -> None:
        self.url = url
        self.request_count = 0
        self._allowed_hosts = frozenset(allowed_hosts)
        self._interval_s = 1.0 / requests_per_s if requests_per_s else 0.0
        self._next_s = 0.0
        self._timeout_s = timeout_s
        self._client: PymodbusClient | None = None
        self._wire = Wire()

    def __enter__(self) -> ModbusClient:
        """Connect.

        Raises:
            LinkError: nobody answers there.
        """
        self._connected()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the next request opens it again."""
        if self._client is not None:
            self._client.close()  # type: ignore[no-untyped-call]  # pymodbus leaves it unannotated
            self._client = None

    def read(self, table: RegisterTable, address: int, count: int, *, unit_id: int | None = None) -> bytes:
        """Return ``count`` registers as they lie on the wire, or one byte (0 or 1) a bit.

        Raises:
            ExceptionAnswerError: the device refused.
            NoAnswerError: it is silent, or its answer makes no sense.
        """
        what = f"read of {range_text(table, address, address + count - 1)}"
        answer = self._ask(
            what, unit_id, lambda client, unit: _reader(client, table)(address, count=count, device_id=unit)
        )
        try:
            if table.has_bits:
                whole = (count + 7) // 8 * 8  # bits come in whole bytes
                return bytes(_exactly(answer.bits[:whole], whole)[:count])
            return b"".join(register.to_bytes(2, "big") for register in _exactly(answer.registers, count))
        except _GARBLED as error:
            self.close()
            raise NoAnswerError(f"{self._place(unit_id)}: {what} was answered with another number of values") from error

    def require_writable(self) -> None:
        """Return if this device may be written to.

        Raises:
            SafetyRefusal: it is neither on this machine nor in ``allowed_hosts``.
        """
        require_allowed(
            self.url.place,
            is_local=self.url.is_local,
            allowed_places=self._allowed_hosts,
            who=self.url.name,
            because="nothing was written",
        )

    def write_registers(self, address: int, wire: bytes) -> None:
        """Write holding registers as they lie on the wire; raises like :meth:`read` and :meth:`require_writable`.

        One register goes by Write Single Register, or by Write Multiple Registers to a device without that.
        """
        self.require_writable()
        registers = [int.from_bytes(wire[at : at + 2], "big") for at in range(0, len(wire), 2)]
        what = f"write of {range_text(RegisterTable.HOLDING_REGISTER, address, address + len(registers) - 1)}"
        if len(registers) == 1:
            try:
                self._ask(what, None, lambda client, unit: client.write_register(address, registers[0], device_id=unit))
            except ExceptionAnswerError as error:
                if error.code != ExceptionCode.ILLEGAL_FUNCTION:
                    raise
            else:
                return
        self._ask(what, None, lambda client, unit: client.write_registers(address, registers, device_id=unit))

    def write_coil(self, address: int, *, is_on: bool) -> None:
        """Write one coil; raises like :meth:`write_registers`."""
        self.require_writable()
        what = f"write of coil:{address}"
        self._ask(what, None, lambda client, unit: client.write_coil(address, is_on, device_id=unit))

    def mask_register(self, address: int, *, kept: int, added: int) -> None:
        """Set a holding register to ``(register & kept) | added`` in the device; raises as the other writes do."""
        self.require_writable()
        what = f"mask write of holding:{address}"
        self._ask(
            what,
            None,
            lambda client, unit: client.mask_write_register(
                address=address, and_mask=kept, or_mask=added, device_id=unit
            ),
        )

    def identification(self, *, unit_id: int | None = None) -> Mapping[int, str]:
        """Return the objects of the device identification by their id: vendor, product code, revision and so on.

        Raises like :meth:`read`; most devices answer ILLEGAL FUNCTION.
        """
        found: Mapping[int, str] = {}
        try:
            found = self._identification_objects(_REGULAR_OBJECTS, unit_id)
        except ExceptionAnswerError as error:
            if error.code == ExceptionCode.ILLEGAL_FUNCTION:
                raise
        if _VENDOR_NAME in found:
            return found
        return MappingProxyType({**self._identification_objects(_BASIC_OBJECTS, unit_id), **found})

    def server_id(self, *, unit_id: int | None = None) -> bytes:
        """Return all bytes of Report Server ID, run indicator included; raises like :meth:`read`."""
        answer = self._ask(
            "read of the server id", unit_id, lambda client, unit: client.report_device_id(device_id=unit)
        )
        return bytes(getattr(answer, "identifier", b""))

    def _identification_objects(self, category: int, unit_id: int | None) -> Mapping[int, str]:
        """Ask as often as the device says that more follows."""
        found: dict[int, str] = {}
        next_id = 0
        while True:
            ask = partial(_ask_identification, category, next_id)
            answer = self._ask("read of the device identification", unit_id, ask)
            objects: dict[int, object] = getattr(answer, "information", {})
            found.update({number: _text(content) for number, content in objects.items()})
            follows = int(getattr(answer, "next_object_id", 0)) if getattr(answer, "more_follows", 0) else 0
            if follows <= next_id:
                return MappingProxyType(found)
            next_id = follows

    def _ask(self, what: str, unit_id: int | None, send: Callable[[PymodbusClient, int], ModbusPDU]) -> ModbusPDU:
        self._pace()
        client = self._connected()
        self.request_count += 1
        self._wire.forget()
        asked = f"{self._place(unit_id)}: {what}"
        asked_unit = self.url.unit_id if unit_id is None else unit_id
        try:
            answer = send(client, asked_unit)
        except (ConnectionException, *_GARBLED, OSError) as error:
            self._break_off()
            reason = self._reason(error, asked_unit)
            raise NoAnswerError(f"{asked}: {reason}", is_silent=not self._wire.received) from error
        if answer.function_code & 0x7F != self._wire.function_code:
            self._break_off()
            raise NoAnswerError(f"{asked}: {self._why()}")
        if answer.isError():
            code = int(getattr(answer, "exception_code", 0))
            raise ExceptionAnswerError(f"{asked} answered {exception_text(code)}", code)
        return answer

    def _reason(self, error: Exception, unit_id: int) -> str:
        match error:
            case ssl.SSLError():
                return tls_failure(self.url, error)
            case ConnectionRefusedError():
                return f"{self.url.host} is there but nobody listens on port {self.url.port}"
            case ConnectionException() | ConnectionError() if self._wire.received:
                return f"the device closed the connection after {self._why()}"
            case ConnectionException() | ConnectionError():
                return _CLOSED.get(self.url.scheme, "the device closed the connection")
        if self._wire.received:
            return self._why()
        if unit_id == _BROADCAST and self.url.scheme in _WITH_BROADCAST:
            return "no answer: unit 0 is the broadcast, which units carry out when it writes and none answers"
        line = f"; is the unit there, and set to {self.url.line}?" if self.url.is_serial else ""
        return f"no answer within {self._timeout_s:g} s{line}"

    def _why(self) -> str:
        return why_no_answer(self.url, self._wire.sent, self._wire.received)

    def _break_off(self) -> None:
        """Close the connection so that no late answer comes through it; a serial port stays, it would come anyway."""
        if not self.url.is_serial:
            self.close()

    def _pace(self) -> None:
        if not self._interval_s:
            return
        wait_s = self._next_s - time.monotonic()
        if wait_s > 0:
            time.sleep(wait_s)
        self._next_s = max(self._next_s, time.monotonic() - self._interval_s) + self._interval_s

    def _connected(self) -> PymodbusClient:
        if self._client is None:
            self._client = open_client(self.url, self._timeout_s, self._wire)
        return self._client

    def _place(self, unit_id: int | None) -> str:
        return self.url.name if unit_id is None else self.url.with_unit(unit_id).name


def _ask_identification(category: int, object_id: int, client: PymodbusClient, unit_id: int) -> ModbusPDU:
    return client.read_device_information(read_code=category, object_id=object_id, device_id=unit_id)


def _reader(client: PymodbusClient, table: RegisterTable) -> Callable[..., ModbusPDU]:
    readers: Mapping[RegisterTable, Callable[..., ModbusPDU]] = {
        RegisterTable.COIL: client.read_coils,
        RegisterTable.DISCRETE_INPUT: client.read_discrete_inputs,
        RegisterTable.INPUT_REGISTER: client.read_input_registers,
        RegisterTable.HOLDING_REGISTER: client.read_holding_registers,
    }
    return readers[table]


def _exactly(values: Sequence[int], count: int) -> Sequence[int]:
    if len(values) != count:
        raise ValueError(f"{len(values)} values instead of {count}")
    return values


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_text(each) for each in value)
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
