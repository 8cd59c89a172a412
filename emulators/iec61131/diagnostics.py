"""Catalogue of diagnostics. Codes ST4xxx are warnings."""

from __future__ import annotations

__all__ = ["is_warning"]


def is_warning(code: str) -> bool:
    """True for a finding that does not keep the program from running."""
    return code.startswith("ST4")
