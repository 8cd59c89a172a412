"""Values whose power of ten stands in another register: scaled by what the device says there, not by its map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from emulators.description import RegisterEntry, RegisterMapDescription
from emulators.description.scale_factors import FACTORS, power_of_ten
from emulators.errors import LinkError
from emulators.signals.tags import TagValue

__all__ = ["factor_tags", "with_factor", "with_factor_tags"]


def factor_tags(entries: Iterable[RegisterEntry]) -> tuple[str, ...]:
    """Return the tags of the factors that entries need, each once."""
    return tuple(dict.fromkeys(entry.scale_factor.value for entry in entries if entry.scale_factor is not None))


def with_factor_tags(tags: Sequence[str] | None, register_map: RegisterMapDescription) -> Sequence[str] | None:
    """Return tags of a map, None for all, with those of the factors that they need: a map of them alone is whole."""
    if tags is None:
        return None
    needed = factor_tags(entry for entry in register_map.entries if entry.tag in tags)
    return tuple(dict.fromkeys((*tags, *needed)))


def with_factor(entry: RegisterEntry, factor: TagValue | LinkError) -> RegisterEntry:
    """Return an entry with the scale that the device's factor gives it.

    Raises:
        LinkError: the device refuses the factor, or it is no power of ten.
    """
    assert entry.scale_factor is not None
    if isinstance(factor, LinkError):
        raise factor
    if isinstance(factor, str) or factor not in FACTORS:
        raise LinkError(f"{entry.tag} cannot be scaled: its factor {entry.scale_factor.value} is {factor}")
    return replace(entry, scale=power_of_ten(int(factor)), scale_factor=None)
