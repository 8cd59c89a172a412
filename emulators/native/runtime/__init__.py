"""C text that every module starts with, and parts that a module pulls in when it needs them."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from importlib import resources

from emulators.errors import InternalError

__all__ = ["PART_NEEDS", "runtime_text"]

PART_NEEDS: dict[str, tuple[str, ...]] = {
    "prelude": (),
    "loop": (),
    "elementary": (),
    "exponential": ("elementary",),
    "trigonometry": ("elementary",),
    "noise": ("exponential",),
}
"""Runtime parts and the parts they use; the text of a part is the file ``<part>.c`` in this folder."""


def runtime_text(*parts: str) -> Iterator[str]:
    """Yield the text of parts and of what they need, each once, needed ones first."""
    written: set[str] = set()

    def with_needs(part: str) -> Iterator[str]:
        if part in written:
            return
        written.add(part)
        if part not in PART_NEEDS:
            raise InternalError(f"there is no runtime part '{part}'")
        for needed in PART_NEEDS[part]:
            yield from with_needs(needed)
        yield from part_lines(part)

    for part in parts:
        yield from with_needs(part)


@functools.cache
def part_lines(part: str) -> tuple[str, ...]:
    """Return the lines of one part, with its constant tables first."""
    text = resources.files(__package__).joinpath(f"{part}.c").read_text(encoding="utf-8")
    return (f'#line 1 "runtime/{part}.c"', *text.splitlines())
