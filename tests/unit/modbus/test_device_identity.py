"""Identity and files of a device: what is accepted, what goes over the wire."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis.strategies import DataObject, binary, data, dictionaries, integers

from emulators.modbus.codes import ModbusRefusal
from emulators.modbus.device import ModbusDevice
from emulators.modbus.device_files import FileRecords
from emulators.modbus.device_identity import DeviceIdentity
from emulators.modbus.memory import UnitMemory

derandomized = settings(derandomize=True, max_examples=60, deadline=None)


def streamed(device: ModbusDevice, category: int) -> dict[int, bytes]:
    """Read a stream of identification objects to its end, as a client does."""
    found: dict[int, bytes] = {}
    following, has_more = 0, True
    while has_more:
        response = device.pdu(bytes((0x2B, 0x0E, category, following)))
        assert len(response) <= 253
        has_more, following = response[4] == 0xFF, response[5]
        position = 7
        for _ in range(response[6]):
            number, size = response[position : position + 2]
            found[number] = response[position + 2 : position + 2 + size]
            position += 2 + size
        assert position == len(response)
    return found


@derandomized
@given(further=dictionaries(integers(7, 255), binary(max_size=244), max_size=40))
def test_extended_stream_hands_over_every_object_once(further: dict[int, bytes]) -> None:
    identity = DeviceIdentity(vendor_url="http://example.org", further_objects=further)
    device = ModbusDevice(UnitMemory.of_size(1), identity=identity)

    assert streamed(device, 3) == dict(identity.objects)
    assert list(streamed(device, 3)) == sorted(identity.objects)
    assert streamed(device, 2) == {number: text for number, text in identity.objects.items() if number < 0x80}
    assert streamed(device, 1) == {number: text for number, text in identity.objects.items() if number < 3}


@pytest.mark.parametrize(("size", "objects"), [(217, 4), (218, 3)], ids=["fits exactly", "is one byte too long"])
def test_object_goes_into_the_response_while_253_bytes_are_enough(size: int, objects: int) -> None:
    identity = DeviceIdentity("vendor", "product", "revision", further_objects={0x80: bytes(size)})
    device = ModbusDevice(UnitMemory.of_size(1), identity=identity)

    response = device.pdu(bytes.fromhex("2B 0E 03 00"))

    assert response[6] == objects
    assert len(response) == {4: 253, 3: 34}[objects]


CONFORMITY_ROWS = [
    ("basic", DeviceIdentity(), 0x81),
    ("regular", DeviceIdentity(model_name="M"), 0x82),
    ("extended", DeviceIdentity(further_objects={0x80: b"x"}), 0x83),
    ("streams only", DeviceIdentity(has_individual_access=False), 0x01),
]


@pytest.mark.parametrize(
    ("identity", "level"), [row[1:] for row in CONFORMITY_ROWS], ids=[r[0] for r in CONFORMITY_ROWS]
)
def test_conformity_level_says_what_exists(identity: DeviceIdentity, level: int) -> None:
    device = ModbusDevice(UnitMemory.of_size(1), identity=identity)

    assert device.pdu(bytes.fromhex("2B 0E 03 00"))[3] == level


def test_single_object_is_refused_where_there_are_only_streams() -> None:
    device = ModbusDevice(UnitMemory.of_size(1), identity=DeviceIdentity(has_individual_access=False))

    assert device.pdu(bytes.fromhex("2B 0E 04 00")) == bytes.fromhex("AB 03")


REFUSED_IDENTITIES = [
    ("number of a text", {"further_objects": {6: b"x"}}, "outside 7..255"),
    ("number too high", {"further_objects": {256: b"x"}}, "outside 7..255"),
    ("object too long", {"further_objects": {0x80: bytes(245)}}, "has 245 bytes; 244 fit"),
    ("text too long", {"vendor_name": "x" * 245}, "has 245 bytes; 244 fit"),
    ("server id too long", {"server_id": bytes(200), "additional": bytes(51)}, "longer than 250"),
    ("text is not ASCII", {"vendor_name": "Größe"}, "ascii"),
]


@pytest.mark.parametrize(
    ("fields", "message"), [row[1:] for row in REFUSED_IDENTITIES], ids=[row[0] for row in REFUSED_IDENTITIES]
)
def test_identity_that_does_not_fit_the_wire_is_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DeviceIdentity(**fields)  # type: ignore[arg-type]  # fields of a table


@derandomized
@given(draw=data(), size=integers(1, 300))
def test_records_read_back_as_written_and_their_neighbours_stay(draw: DataObject, size: int) -> None:
    first = draw.draw(integers(0, size - 1))
    payload = draw.draw(binary(min_size=2, max_size=2 * min(122, size - first)).filter(lambda raw: len(raw) % 2 == 0))
    device = ModbusDevice(UnitMemory.of_size(1), files=FileRecords({7: bytes(2 * size)}))
    group = b"\x06\x00\x07" + first.to_bytes(2, "big") + (len(payload) // 2).to_bytes(2, "big")

    device.pdu(bytes((0x15, len(group) + len(payload))) + group + payload)

    after = bytes(2 * first) + payload
    assert device.files.content(7) == after + bytes(2 * size - len(after))
    assert device.pdu(bytes((0x14, len(group))) + group)[4:] == payload


@pytest.mark.parametrize("files", [{0: b""}, {65536: b""}, {1: b"odd"}, {1: bytes(20_002)}])
def test_files_that_cannot_be_addressed_are_refused(files: dict[int, bytes]) -> None:
    with pytest.raises(ValueError, match="file"):
        FileRecords(files)


def test_read_only_file_can_be_read() -> None:
    files = FileRecords({1: b"\x12\x34"}, read_only=(1,))

    files.check_read(1, 0, 1)

    assert files.read(1, 0, 1) == b"\x12\x34"
    with pytest.raises(ModbusRefusal):
        files.check_write(1, 0, 1)
