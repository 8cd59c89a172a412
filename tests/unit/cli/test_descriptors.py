"""Commands that serve may open as much as the system grants them."""

from __future__ import annotations

import resource
from collections.abc import Iterator

import pytest

from hil.cli.descriptors import allow_many_descriptors


@pytest.fixture
def limits() -> Iterator[tuple[int, int]]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield before
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_limit_of_a_shell_is_raised_to_what_is_granted(limits: tuple[int, int]) -> None:
    _, granted = limits
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, granted), granted))

    allow_many_descriptors()

    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (granted, granted)
