"""Modbus TCP framing without a socket: bytes of a stream in, bytes of the answers out.

Follows the Messaging on TCP/IP Implementation Guide V1.0b: header of transaction id, protocol id, length, unit id.
A frame of another protocol is skipped without an answer. A length outside 2..254 means that the position in the
stream is lost: the connection gives the answers it owes and is closed.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from struct import Struct
from typing import TYPE_CHECKING

from emulators.modbus.codes import MAX_PDU_SIZE, ExceptionCode, exception_response
from emulators.modbus.device import ModbusDevice
from emulators.modbus.faults.interface import ConnectionFaults, Ending, WireFraming
from emulators.modbus.framing import earliest
from emulators.modbus.gateway_port import GatewayPort
from emulators.modbus.prepared import PREPARABLE_CODES, PreparedRequests
from emulators.modbus.wire_exit import WireExit

if TYPE_CHECKING:
    from emulators.modbus.gateway import Gateway

__all__ = ["DIRECT_UNIT_IDS", "MBAP_WIRE", "MbapConnection", "UnitDirectory", "UnknownUnit"]

_HEADER = Struct(">HHHB")
_UNPACK_HEADER, _PACK_HEADER = _HEADER.unpack_from, _HEADER.pack
_UNIT_AT = 6
_PREFIX_SIZE = 6  # what the length field does not count
_MIN_LENGTH, _MAX_LENGTH = 2, 1 + MAX_PDU_SIZE
_NOTHING = PreparedRequests()  # stays empty

DIRECT_UNIT_IDS = (0, 255)
"""Unit ids that address the device at the IP address itself, clause 4.4.1.2 of the guide."""


class UnknownUnit(enum.Enum):
    """What a request for a unit that does not exist gets."""

    GATEWAY_TARGET_FAILED = "exception"  # exception 0B, as a gateway answers
    SILENCE = "silence"
    DEVICE = "device"  # what the device itself answers: it does not look at unit ids


class UnitDirectory:
    """The units that one server answers for; with ``direct``, unit ids 0 and 255 reach that unit too, or all that
    nobody has, as ``unknown_unit`` says."""

    __slots__ = ("_devices", "_units", "aliases", "prepared", "unknown_unit")

    def __init__(
        self,
        units: Mapping[int, ModbusDevice],
        *,
        direct: int | None = None,
        unknown_unit: UnknownUnit = UnknownUnit.GATEWAY_TARGET_FAILED,
    ) -> None:
        for unit_id in units:
            if not 0 <= unit_id <= 255:
                raise ValueError(f"unit id {unit_id} is outside 0..255")
        if direct is not None and direct not in units:
            raise ValueError(f"unit {direct} shall answer unit ids 0 and 255 but is not one of {sorted(units)}")
        if direct is None and unknown_unit is UnknownUnit.DEVICE:
            raise ValueError("one unit must be the device that answers for unknown ones; name it as direct")
        direct_ids = range(256) if unknown_unit is UnknownUnit.DEVICE else DIRECT_UNIT_IDS
        aliases = dict.fromkeys(direct_ids, units[direct]) if direct is not None else {}
        self._units = {**aliases, **units}
        self.aliases = {unit_id: direct for unit_id in aliases if direct is not None and unit_id not in units}
        self._devices = tuple(dict.fromkeys(units.values()))
        self.prepared = PreparedRequests()
        self.unknown_unit = unknown_unit

    def restart(self) -> None:
        """Let every unit be as it was made, but for its memory."""
        for device in self._devices:
            device.restart()

    def answer(self, unit_id: int, request: bytes) -> bytes:
        """Return the response PDU, or nothing when there is to be no answer."""
        unit = self._units.get(unit_id)
        if unit is not None:
            return unit.pdu(request)
        if self.unknown_unit is UnknownUnit.SILENCE:
            return b""
        return exception_response(request[0], ExceptionCode.GATEWAY_TARGET_FAILED)

    def learn(self, frame: bytes, answer: bytes) -> None:
        """Prepare for an MBAP frame that comes again; ``answer`` is the frame that it has just got."""
        unit = self._units.get(frame[_UNIT_AT])
        if unit is not None:
            self.prepared.learn(unit, frame, answer)

    def has(self, unit_id: int) -> bool:
        """Whether a unit answers to this id."""
        return unit_id in self._units

    @property
    def unit_ids(self) -> tuple[int, ...]:
        """The ids that units answer to."""
        return tuple(self._units)

    def part(self, unit_ids: Iterable[int]) -> UnitDirectory:
        """Return some of the units, as those on one of several lines."""
        return UnitDirectory({unit_id: self._units[unit_id] for unit_id in unit_ids}, unknown_unit=self.unknown_unit)

    def refusal(self, request: bytes) -> bytes:
        """Return the response PDU to a request that the client may not make; nothing when it may."""
        return b""

    def answer_on_line(self, unit_id: int, request: bytes) -> bytes:
        """Return the response PDU to a frame of a serial line: unit id 0 is for everybody, unknown units are silent."""
        if unit_id == 0:
            for device in self._devices:
                device.broadcast(request)
            return b""
        unit = self._units.get(unit_id)
        for device in self._devices:
            if device is not unit:
                device.diagnostics.record_foreign()
        return unit.pdu(request) if unit is not None else b""

    def ascii_delimiters(self) -> dict[int, int]:
        """Return the delimiter that each unit now expects at the end of an ASCII frame."""
        return {unit_id: device.ascii_delimiter for unit_id, device in self._units.items()}

    def record_damage(self) -> None:
        """Let every device on a serial line count a frame that arrived damaged."""
        for device in self._devices:
            device.diagnostics.record_communication_error()


def _encode(transaction_id: int, unit_id: int, pdu: bytes) -> bytes:
    return _HEADER.pack(transaction_id & 0xFFFF, 0, 1 + len(pdu), unit_id) + pdu


MBAP_WIRE = WireFraming("mbap", _encode, has_transactions=True)


class MbapConnection:
    """One connection's framing; satisfies ``Framing``. Closed once the stream cannot be followed any more.

    Through a ``gateway`` requests are executed when their unit comes to them.
    """

    __slots__ = ("_directory", "_exit", "_faults", "_port", "_prepared", "_reads", "_rest", "frame_count", "is_closed")

    def __init__(
        self,
        directory: UnitDirectory,
        faults: ConnectionFaults | None = None,
        *,
        gateway: Gateway | None = None,
    ) -> None:
        self._directory = directory
        self._faults = faults
        self._exit = WireExit(MBAP_WIRE, directory.answer, faults)
        self._port = GatewayPort(gateway, directory, self._exit) if gateway is not None else None
        self._keep(b"")
        self.frame_count = 0
        self.is_closed = False

    @property
    def has_partial_frame(self) -> bool:
        return bool(self._rest)

    @property
    def due_ns(self) -> int | None:
        if self._port is None:
            return self._exit.due_ns
        return earliest(self._port.due_ns, self._exit.due_ns)

    @property
    def ending(self) -> Ending:
        return self._exit.ending

    def answer_at_once(self, chunk: bytes) -> bytes | None:
        """Answer a chunk that is one whole frame, as nearly all are; None when ``feed`` has to look at it."""
        faults = self._faults
        if faults is not None and faults.is_active:
            return None
        read = self._reads.get(chunk[2:])
        if read is not None:
            device, table, piece, head = read
            if device.is_ready:
                device.diagnostics.request_count += 1
                self.frame_count += 1
                return chunk[:2] + head + (table.made or table.cells)[piece]
        answer = self._prepared.write(chunk)
        if answer is None:
            return self._answer_one(chunk)
        self.frame_count += 1
        return answer

    def _answer_one(self, chunk: bytes) -> bytes | None:
        size = len(chunk)
        if self._rest or self._port is not None or not _HEADER.size < size <= _PREFIX_SIZE + _MAX_LENGTH:
            return None
        transaction_id, protocol_id, length, unit_id = _UNPACK_HEADER(chunk)
        if length != size - _PREFIX_SIZE or protocol_id:
            return None
        self.frame_count += 1
        response = self._directory.answer(unit_id, chunk[_HEADER.size :])
        if not response:
            return b""
        answer = _PACK_HEADER(transaction_id, 0, 1 + len(response), unit_id) + response
        if response[0] in PREPARABLE_CODES:
            self._directory.learn(chunk, answer)
        return answer

    def feed(self, chunk: bytes, time_ns: int = 0) -> bytes:
        """Take the next bytes of the stream; return the answers to all frames that are now complete, in order."""
        if self.is_closed:
            return b""
        at_once = self.answer_at_once(chunk)
        if at_once is not None:
            return at_once
        stream = self._rest + chunk if self._rest else chunk
        is_plain = self._port is None and self._exit.is_plain
        end = len(stream)
        answers: list[bytes] = []
        position = 0
        while end - position >= _HEADER.size:
            transaction_id, protocol_id, length, unit_id = _HEADER.unpack_from(stream, position)
            if not _MIN_LENGTH <= length <= _MAX_LENGTH:
                self.is_closed = True
                break
            frame_end = position + _PREFIX_SIZE + length
            if frame_end > end:
                break
            self.frame_count += 1
            if protocol_id == 0:
                request = stream[position + _HEADER.size : frame_end]
                if is_plain:
                    response = self._directory.answer(unit_id, request)
                    if response:
                        answers.append(_HEADER.pack(transaction_id, 0, 1 + len(response), unit_id))
                        answers.append(response)
                else:
                    answers.append(self._take_time(transaction_id, unit_id, request, time_ns))
            position = frame_end
        self._keep(b"" if self.is_closed else stream[position:])
        return b"".join(answers)

    def poll(self, time_ns: int) -> bytes:
        """Return the answers that were to wait until now."""
        come_back = self._port.poll(time_ns) if self._port is not None else b""
        return come_back + self._exit.take(time_ns)

    def leave(self, time_ns: int) -> None:
        """Say that the client has gone; what a unit behind a gateway has been sent is carried out all the same."""
        if self._port is not None:
            self._port.leave(time_ns)

    def send_apart(self, send: Callable[[bytes], object]) -> None:
        """Hand over each frame of a wire that fails by itself, for a transport on which frames do not run together."""
        self._exit.send_apart = send

    def forget_partial(self) -> None:
        """Begin anew with the next chunk, as after a datagram."""
        self._keep(b"")
        self.is_closed = False

    def _keep(self, rest: bytes) -> None:
        """Keep the start of a frame; what is prepared are answers to whole ones, without a gateway."""
        self._rest = rest
        self._prepared = _NOTHING if rest or self._port is not None else self._directory.prepared
        self._reads = self._prepared.reads

    def _take_time(self, transaction_id: int, unit_id: int, request: bytes, time_ns: int) -> bytes:
        if self._port is not None:
            return self._port.take(self.frame_count, transaction_id, unit_id, request, time_ns)
        return self._exit.answer(self.frame_count, transaction_id, unit_id, request, time_ns)
