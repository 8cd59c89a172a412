"""Readings of a device at a steady pace, whatever a reading takes and whether it succeeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from emulators.errors import LinkError
from emulators.timebase import NS_PER_S
from hil.targets.modbus_differences import Reading

__all__ = ["steady_readings"]


def steady_readings(
    read: Callable[[], Reading], *, period_ns: int, length_ns: int | None = None
) -> Iterator[tuple[int, Reading | LinkError]]:
    """Yield the time since the first reading, ns, and what was read: a first one at once, then one a period.

    A reading that takes longer than a period leaves out those that it missed. One that fails as a whole is its error.
    Without ``length_ns`` there is no end.

    Raises:
        LinkError: the first reading failed.
    """
    start_ns = time.monotonic_ns()
    yield 0, read()
    due_ns = period_ns
    while length_ns is None or due_ns <= length_ns:
        due_ns = max(due_ns, (time.monotonic_ns() - start_ns) // period_ns * period_ns)
        wait_ns = start_ns + due_ns - time.monotonic_ns()
        if wait_ns > 0:
            time.sleep(wait_ns / NS_PER_S)
        taken_ns = time.monotonic_ns() - start_ns
        try:
            yield taken_ns, read()
        except LinkError as error:
            yield taken_ns, error
        due_ns += period_ns
