"""The one place that knows every concrete class: from a rig's name to a cell or a bench."""

from __future__ import annotations

from hil.assembly.benches import make_bench
from hil.assembly.cells import cell_hashes, make_blueprint, make_cell

__all__ = ["cell_hashes", "make_bench", "make_blueprint", "make_cell"]
