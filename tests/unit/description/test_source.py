"""Files that cannot be read as text are findings with a place."""

import pytest

from emulators.description.source import read_source_file
from emulators.errors import DescriptionError


def test_a_byte_order_mark_and_crlf_are_understood(tmp_path):
    (tmp_path / "f.toml").write_bytes(b"\xef\xbb\xbfa = 1\r\nb = 2\r\n")

    assert read_source_file(tmp_path / "f.toml").text == "a = 1\nb = 2\n"


def test_a_byte_that_is_not_utf_8_is_named_with_its_place(tmp_path):
    (tmp_path / "f.toml").write_bytes(b"a = 1\nb = '\xfc'\n")

    with pytest.raises(DescriptionError, match=r"f\.toml:2:6: byte 0xFC is not UTF-8 text; save the file as UTF-8"):
        read_source_file(tmp_path / "f.toml")


def test_a_missing_file_is_a_finding(tmp_path):
    with pytest.raises(DescriptionError, match=r"none\.toml:1:1: there is no such file"):
        read_source_file(tmp_path / "none.toml")


def test_a_folder_is_a_finding(tmp_path):
    with pytest.raises(DescriptionError, match="this is a folder"):
        read_source_file(tmp_path)


def test_a_name_that_no_file_can_have_is_a_finding():
    with pytest.raises(DescriptionError, match="cannot read the file"):
        read_source_file("a\0b")
