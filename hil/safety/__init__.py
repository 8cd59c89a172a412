"""The gate that every write to a physical target passes; emulated cells need none."""

from __future__ import annotations

from hil.safety.gate import require_allowed

__all__ = ["require_allowed"]
