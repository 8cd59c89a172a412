"""What a client makes out of the characters on a serial line, in whatever pieces they come."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis.strategies import binary, lists, sets

from emulators.modbus.ascii import ASCII_SETTINGS, ascii_frame
from emulators.modbus.checksums import with_crc
from emulators.modbus.line_client import AsciiClient, RtuClient
from emulators.modbus.serial_settings import Parity, SerialSettings

LINE = SerialSettings(9600, Parity.EVEN)
OCTETS = binary(min_size=2, max_size=40)
CUTS = sets(binary(min_size=1, max_size=1).map(lambda octet: octet[0]), max_size=6)


def pieces(characters: bytes, cuts: set[int]) -> list[bytes]:
    """Return the characters cut at these positions, those that lie within."""
    ends = [0, *sorted(cut for cut in cuts if cut < len(characters)), len(characters)]
    return [characters[start:end] for start, end in itertools.pairwise(ends)]


@settings(derandomize=True, max_examples=100)
@given(lists(OCTETS, max_size=4), CUTS)
def test_frames_of_rtu_are_parted_by_silences_however_they_come(frames: list[bytes], cuts: set[int]) -> None:
    client, now_ns, heard = RtuClient(LINE), 0, []

    for octets in frames:
        now_ns += LINE.t3_5_ns
        for piece in pieces(with_crc(octets), cuts):
            now_ns += len(piece) * LINE.character_ns
            heard += client.hear(piece, now_ns)
    while (due_ns := client.due_ns) is not None:
        heard += client.hear(b"", due_ns)

    assert heard == frames


@settings(derandomize=True, max_examples=100)
@given(lists(OCTETS, max_size=4), CUTS)
def test_frames_of_ascii_are_parted_by_their_ends_however_they_come(frames: list[bytes], cuts: set[int]) -> None:
    client, heard = AsciiClient(ASCII_SETTINGS), []

    for piece in pieces(b"".join(ascii_frame(octets) for octets in frames), cuts):
        heard += client.hear(piece, 0)

    assert heard == frames
    assert client.due_ns is None


# characters, what is made out of them
RTU_ROWS = [
    ("frame", [with_crc(b"\1\3")], [b"\1\3"]),
    ("wrong CRC", [b"\1\3\0\0"], []),
    ("what follows without a silence spoils the frame", [with_crc(b"\1\3") + b"\1"], []),
    ("too short", [with_crc(b"\1")], []),
    ("damaged frame is over with the silence", [b"\1\3\0\0", with_crc(b"\1\3")], [b"\1\3"]),
]
ASCII_ROWS = [
    ("frame", b":0103FC\r\n", [b"\1\3"]),
    ("wrong LRC", b":0103FD\r\n", []),
    ("lower case", b":0103fc\r\n", []),
    ("what stands before the colon", b"\xff03:0103FC\r\n", [b"\1\3"]),
    ("what follows", b":0103FC\r\n\0\0", [b"\1\3"]),
    ("a colon begins anew", b":0103:0103FC\r\n", [b"\1\3"]),
    ("end without a beginning", b"0103FC\r\n:0103FC\r\n", [b"\1\3"]),
    ("CR without LF", b":0103FC\r:0103FC\r\n", [b"\1\3"]),
]


@pytest.mark.parametrize(("bursts", "frames"), [row[1:] for row in RTU_ROWS], ids=[row[0] for row in RTU_ROWS])
def test_rtu_client_makes_out_what_is_whole(bursts: list[bytes], frames: list[bytes]) -> None:
    client, now_ns, heard = RtuClient(LINE), 0, []

    for burst in bursts:
        now_ns += LINE.t3_5_ns + len(burst) * LINE.character_ns
        heard += client.hear(burst, now_ns)
    heard += client.hear(b"", now_ns + LINE.t3_5_ns)

    assert heard == frames


@pytest.mark.parametrize(("characters", "frames"), [row[1:] for row in ASCII_ROWS], ids=[row[0] for row in ASCII_ROWS])
def test_ascii_client_makes_out_what_is_whole(characters: bytes, frames: list[bytes]) -> None:
    assert AsciiClient(ASCII_SETTINGS).hear(characters, 0) == frames


def test_client_forgets_what_came_before_its_request() -> None:
    rtu, ascii_client = RtuClient(LINE), AsciiClient(ASCII_SETTINGS)
    rtu.hear(b"\1", LINE.character_ns)
    ascii_client.hear(b":01", 0)

    rtu.forget()
    ascii_client.forget()

    assert rtu.due_ns is None
    assert ascii_client.hear(b"03FC\r\n", 0) == []
