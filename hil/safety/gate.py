"""Who may be written to: this machine, and the places that the user allows by name."""

from __future__ import annotations

from collections.abc import Collection

from hil.errors import SafetyRefusal

__all__ = ["require_allowed"]


def require_allowed(place: str, *, is_local: bool, allowed_places: Collection[str], who: str, because: str) -> None:
    """Return if ``place``, a host or a serial port, may be written to.

    ``who`` wants to write there and ``because`` is what the refusal means for it, for the message.

    Raises:
        SafetyRefusal: it is neither on this machine nor among ``allowed_places``.
    """
    if not is_local and place not in allowed_places:
        raise SafetyRefusal(f"{who}: {place} is not on this machine, {because}; allow it by name: --allow-host {place}")
