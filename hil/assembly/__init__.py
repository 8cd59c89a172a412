"""The one place that knows every concrete class: from a rig's name to a cell or a bench."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.exports import lazy_exports

if TYPE_CHECKING:
    from hil.assembly.benches import make_bench
    from hil.assembly.cells import cell_hashes, make_blueprint, make_cell
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "benches": ("make_bench",),
            "cells": ("cell_hashes", "make_blueprint", "make_cell"),
        },
    )

__all__ = ["cell_hashes", "make_bench", "make_blueprint", "make_cell"]
