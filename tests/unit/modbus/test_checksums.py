from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis.strategies import binary, integers

from emulators.modbus.checksums import crc16, lrc, with_crc


def test_crc_is_that_of_the_standards_example() -> None:
    assert with_crc(bytes.fromhex("0207")) == bytes.fromhex("0207 4112")


@pytest.mark.parametrize(
    "frame", ["010300000002C40B", "110F001300 0A02CD01BF0B", "1103006B00037687"], ids=["read", "coils", "registers"]
)
def test_whole_frame_with_its_crc_has_remainder_zero(frame: str) -> None:
    assert crc16(bytes.fromhex(frame)) == 0


@given(binary(min_size=1, max_size=60), integers(0, 10_000))
def test_one_flipped_bit_never_passes_the_crc(octets: bytes, position: int) -> None:
    frame = bytearray(with_crc(octets))
    bit = position % (len(frame) * 8)
    frame[bit // 8] ^= 1 << bit % 8

    assert crc16(frame) != 0


@given(binary(max_size=60))
def test_octets_and_lrc_add_up_to_zero(octets: bytes) -> None:
    assert lrc(octets + bytes((lrc(octets),))) == 0


def test_lrc_is_that_of_a_known_frame() -> None:
    assert lrc(bytes.fromhex("1103006B0003")) == 0x7E
