"""A register image encodes a table when somebody asks for it: nobody can tell, but for the processor time."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulators.modbus.device import ModbusDevice
from emulators.modbus.encoder import BitEncoder, RegisterEncoder
from emulators.modbus.image import RegisterImage
from emulators.signals.publication import Publication, PublishedTag

PUBLICATION = Publication(
    [
        PublishedTag("LEVEL", "f64"),
        PublishedTag("RUN", "bool"),
        PublishedTag("SP", "f64", is_writable=True, eu_range=(0.0, 80.0)),
        PublishedTag("GAIN", "f32", is_writable=True),
        PublishedTag("START", "bool", is_writable=True),
        PublishedTag("STOP", "bool", is_writable=True),
        PublishedTag("KEY", "i16", is_writable=True),
        PublishedTag("MODE", "i16", is_writable=True),
    ]
)
ROWS = """
LEVEL; table = "holding"; address = 0; type = "float32"
SP; table = "holding"; address = 2; type = "int16"; scale = 0.1; access = "rw"
GAIN; table = "holding"; address = 3; type = "float32"; access = "rw"
RUN; table = "holding"; address = 5; type = "bit"; bit = 0
START; table = "holding"; address = 5; type = "bit"; bit = 9; access = "rw"
MODE; table = "holding"; address = 6; type = "bcd16"; access = "rw"
KEY; table = "holding"; address = 7; type = "int16"; access = "once"
STOP; table = "coil"; address = 2; access = "rw"
START; table = "coil"; address = 3
RUN; table = "discrete"; address = 9
SP; table = "input"; address = 0; type = "float32"
"""
REQUESTS = (
    *("03 0000 0007", "04 0000 0002", "01 0002 0002", "02 0009 0001"),
    *("06 0002 0064", "06 0002 0321", "10 0003 0002 04 40400000", "10 0003 0002 04 7FC00000", "06 0005 0200"),
    *("06 0006 0042", "06 0006 00AB", "06 0007 0007", "05 0002 FF00", "0F 0002 0001 01 00", "16 0005 FDFF 0200"),
    *("17 0000 0007 0002 0001 02 00C8", "10 0002 0005 0A 0064 40400000 0200 0017"),
)
VALUES = st.fixed_dictionaries(
    {"LEVEL": st.floats(-1e3, 1e3), "RUN": st.booleans(), "SP": st.floats(0, 80), "MODE": st.integers(0, 9999)}
)
ACTIONS = st.lists(
    st.one_of(st.sampled_from(REQUESTS), VALUES, st.just("take writes"), st.just("copy")), min_size=1, max_size=30
)


class Served:
    """An image at work. An eager one has all its tables looked at whenever something may have changed."""

    def __init__(self, image: RegisterImage, *, is_eager: bool) -> None:
        self.image = image
        self._is_eager = is_eager
        self._tick = 0
        self.image.publish(PUBLICATION.snapshot(0, 0, {"GAIN": 1.0, "KEY": 3}))

    def do(self, action: object) -> object:
        self._tick += 1
        answer: object = None
        if isinstance(action, dict):
            self.image.publish(PUBLICATION.snapshot(self._tick, self._tick, action))
        elif action == "take writes":
            answer = self.image.take_writes(self._tick + 1)
        elif action == "copy":
            self.image = self.image if self._is_eager else deepcopy(self.image)
        else:
            answer = ModbusDevice(self.image.memory).pdu(bytes.fromhex(str(action)))
        if self._is_eager:
            cells_of(self.image)
        return answer


def cells_of(image: RegisterImage) -> list[bytes]:
    memory = image.memory
    tables = (memory.coils, memory.discrete_inputs, memory.input_registers, memory.holding_registers)
    return [bytes(table.cells) for table in tables]


@settings(
    derandomize=True, max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(actions=ACTIONS)
def test_an_image_and_its_copies_act_like_one_that_is_encoded_at_once(write_map, actions: list[object]) -> None:
    register_map = write_map(ROWS)
    at_once = Served(RegisterImage(register_map, PUBLICATION), is_eager=True)
    on_demand = Served(RegisterImage(register_map, PUBLICATION), is_eager=False)

    assert [on_demand.do(action) for action in actions] == [at_once.do(action) for action in actions]

    assert cells_of(on_demand.image) == cells_of(at_once.image)


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Name the encoder of each table that is encoded from now on."""
    names: list[str] = []

    def counted(encode: Callable[..., bytearray]) -> Callable[..., bytearray]:
        def count(self: object, record: object) -> bytearray:
            names.append(type(self).__name__)
            return encode(self, record)

        return count

    for encoder in (BitEncoder, RegisterEncoder):
        monkeypatch.setattr(encoder, "encode", counted(encoder.encode))
    return names


def test_only_the_table_that_is_asked_for_is_encoded_and_once_a_step(write_map, encoded: list[str]) -> None:
    image = RegisterImage(write_map(ROWS), PUBLICATION)
    device = ModbusDevice(image.memory)
    for tick in range(100):
        image.publish(PUBLICATION.snapshot(tick, tick, {}))
    encoded_for_nobody = list(encoded)

    for _ in range(10):
        device.pdu(bytes.fromhex("03 0000 0007"))
    image.publish(PUBLICATION.snapshot(100, 100, {}))
    for _ in range(10):
        device.pdu(bytes.fromhex("01 0002 0002"))

    assert encoded_for_nobody == []
    assert encoded == ["RegisterEncoder", "BitEncoder"]


def test_a_copy_shows_the_step_in_which_it_was_made_whatever_happens_to_the_other(write_map) -> None:
    image = RegisterImage(write_map(ROWS), PUBLICATION)
    image.publish(PUBLICATION.snapshot(1, 1, {"SP": 1.0}))
    twin = deepcopy(image)

    image.publish(PUBLICATION.snapshot(2, 2, {"SP": 2.0}))
    ModbusDevice(image.memory).pdu(bytes.fromhex("06 0002 0064"))

    assert ModbusDevice(twin.memory).pdu(bytes.fromhex("03 0002 0001")) == bytes.fromhex("03 02 000A")
    assert twin.take_writes(3) == ()


def test_a_misspelt_attribute_of_a_table_is_no_cells(write_map) -> None:
    image = RegisterImage(write_map(ROWS), PUBLICATION)

    with pytest.raises(AttributeError, match="'cels'"):
        _ = image.memory.coils.cels  # type: ignore[attr-defined]  # the mistake in question
