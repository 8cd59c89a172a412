"""Keep the memory of freed columns in the process, for those that record and judge one run after the other.

glibc returns an array above a threshold to the system when it is freed, and every page of the next one is a page
fault: several times the cost of the arithmetic on it. The threshold follows the largest block freed so far up to
32 MiB, so freeing one large block, which is never touched, keeps the columns of later runs in the heap. Elsewhere
this does nothing.
"""

from __future__ import annotations

import numpy as np

__all__ = ["keep_freed_columns"]

_BLOCK_BYTES = 24 * 2**20


def keep_freed_columns() -> None:
    """Make later columns of up to some megabytes reuse the memory of earlier ones."""
    block = np.empty(_BLOCK_BYTES, dtype=np.uint8)
    del block
