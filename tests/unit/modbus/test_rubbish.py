"""Random and mutated requests: every one gets an answer of the right form, or none where none is due."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from modbus_rows import conformance_device

from emulators.modbus.device import ModbusDevice
from emulators.modbus.functions.table import FUNCTIONS
from emulators.modbus.mbap import MbapConnection, UnitDirectory
from emulators.modbus.memory import UnitMemory

GOOD_REQUESTS = [
    bytes.fromhex(text)
    for text in (
        "01 0000 0010",
        "02 0000 0010",
        "03 0000 0010",
        "04 0000 0010",
        "05 0003 FF00",
        "06 0003 1234",
        "0F 0003 000A 02 CD01",
        "10 0003 0002 04 00010002",
        "16 0003 00FF 0001",
        "17 0003 0002 0004 0001 02 ABCD",
        "07",
        "08 0000 A537",
        "08 000B 0000",
        "0B",
        "0C",
        "11",
        "14 0E 06 0004 0001 0002 06 0003 0009 0002",
        "15 0D 06 0004 0007 0003 06AF 04BE 100D",
        "18 04DE",
        "2B 0E 03 00",
    )
]


def mutated(chance: random.Random, pdu: bytes) -> bytes:
    mutant = bytearray(pdu)
    for _ in range(chance.randint(1, 3)):
        match chance.randrange(4):
            case 0:
                mutant[chance.randrange(len(mutant))] = chance.randrange(256)
            case 1:
                mutant[chance.randrange(len(mutant))] ^= 1 << chance.randrange(8)
            case 2:
                mutant += chance.randbytes(chance.randint(1, 8))
            case _:
                del mutant[chance.randint(1, len(mutant)) :]
    return bytes(mutant[:253])


def counted_rest(head: int, width: int = 1) -> Callable[[bytes, bytes], bool]:
    """Return the law of a response whose byte count ends at ``head`` and counts what follows."""
    return lambda _, response: int.from_bytes(response[head - width : head], "big") == len(response) - head


def echo(request: bytes, response: bytes) -> bool:
    return response == request[: len(response)]


LAWS: dict[int, Callable[[bytes, bytes], bool]] = {
    **dict.fromkeys((1, 2, 3, 4, 12, 17, 20, 23), counted_rest(2)),
    **dict.fromkeys((5, 6, 15, 16, 21, 22), echo),
    7: lambda _, response: len(response) == 2,
    8: lambda request, response: response[:3] == request[:3],
    11: lambda _, response: len(response) == 5,
    24: counted_rest(3, width=2),
    43: lambda request, response: response[:3] == request[:3],
}


def assert_form(request: bytes, response: bytes) -> None:
    """Assert what holds for every answer: its function code, and either an exception or a body of the right size."""
    function_code = request[0]
    assert 2 <= len(response) <= 253
    if response[0] == function_code and function_code < 0x80:
        assert LAWS[function_code](request, response)
        return
    assert response[0] == function_code | 0x80
    assert len(response) == 2
    assert response[1] in (1, 2, 3)
    assert (response[1] == 1) == (function_code not in FUNCTIONS) or function_code in (8, 43)


def shower(seed: int, count: int) -> None:
    chance = random.Random(seed)
    device = conformance_device()
    for _ in range(count):
        random_pdu = chance.randbytes(chance.randint(1, 253))
        request = random_pdu if chance.random() < 0.4 else mutated(chance, chance.choice(GOOD_REQUESTS))
        response = device.pdu(request)
        if device.is_listening:
            assert response == b""
            device.restart_communications(clear_log=False)
        else:
            assert_form(request, response)


def stream_of_rubbish(seed: int, count: int) -> None:
    chance = random.Random(seed)
    directory = UnitDirectory({1: ModbusDevice(UnitMemory.of_size(500))})
    for _ in range(count):
        connection = MbapConnection(directory)
        pdu = mutated(chance, chance.choice(GOOD_REQUESTS))
        length = chance.choice([len(pdu) + 1, len(pdu) + 1, chance.randrange(300), chance.randrange(65536)])
        stream = chance.randbytes(2) + bytes(2) + length.to_bytes(2, "big") + b"\x01" + pdu + chance.randbytes(20)
        position = 0
        while position < len(stream):
            step = chance.randint(1, len(stream))
            answered = connection.feed(stream[position : position + step])
            assert connection.has_partial_frame is False or not connection.is_closed
            assert len(answered) <= 260 * connection.frame_count
            position += step


def test_every_random_request_gets_an_answer_of_the_right_form() -> None:
    shower(seed=1, count=5_000)


def test_every_random_stream_is_followed_or_closed() -> None:
    stream_of_rubbish(seed=2, count=2_000)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(20))
def test_every_request_of_a_long_shower_gets_an_answer_of_the_right_form(seed: int) -> None:
    shower(seed=seed, count=200_000)
    stream_of_rubbish(seed=seed, count=100_000)
