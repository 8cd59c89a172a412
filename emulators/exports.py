"""Names of a package that are imported when they are first used, so that importing the package costs nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any

__all__ = ["lazy_exports"]


def lazy_exports(
    package: str,
    homes: Mapping[str, Sequence[str]],
    *,
    modules: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` of a package, to be assigned where type checkers do not look.

    Args:
        package: ``__name__`` of the package.
        homes: module inside the package → the names that it has.
        modules: names that stand for a whole module inside the package.
    """
    home_of = {name: f"{package}.{home}" for home, names in homes.items() for name in names}
    whole = {name: f"{package}.{module}" for name, module in modules.items()}

    def get(name: str) -> Any:
        if name in home_of:
            return getattr(import_module(home_of[name]), name)
        if name in whole:
            return import_module(whole[name])
        raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name, obj=sys.modules[package])

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *home_of, *whole})

    return get, names
