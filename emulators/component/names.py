"""What a free name of a method or helper function means at compile time."""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Final

from emulators.component import functions
from emulators.component.functions import INTRINSIC_FUNCTIONS
from emulators.native.ir import Scalar

__all__ = ["STATIC_MISSING", "intrinsic_of", "library_advice", "static_value"]

STATIC_MISSING: Final = object()


def static_value(node: ast.expr, names: Mapping[str, Any]) -> object:
    """Return what a name or a dotted name of modules and classes stands for, STATIC_MISSING when nothing does."""
    if isinstance(node, ast.Name):
        return names.get(node.id, STATIC_MISSING)
    if isinstance(node, ast.Attribute):
        base = static_value(node.value, names)
        if isinstance(base, ModuleType | type):
            return getattr(base, node.attr, STATIC_MISSING)
    return STATIC_MISSING


def intrinsic_of(target: object) -> tuple[str, tuple[Scalar, ...], Scalar] | None:
    """Return name, argument types and result type of the intrinsic that a Python function stands for."""
    for intrinsic in INTRINSIC_FUNCTIONS:
        if target is intrinsic.function:
            return intrinsic.name, intrinsic.arguments, intrinsic.result
    return None


def library_advice(target: object, written: str) -> tuple[str, str] | None:
    """Return message and hint for a function that has other bits, or no form, in native code; None if it may be one."""
    if target is STATIC_MISSING:
        return f"'{written}' is not known here", "import it, or define it with def in this module"
    module = getattr(target, "__module__", None) or type(getattr(target, "__self__", None)).__module__
    name = getattr(target, "__name__", written)
    if module == "math":
        name = {"pow": "power"}.get(name, name)
        if name in functions.__all__:
            return (
                f"'{written}' differs from native code in the last bits",
                f"write 'from emulators.component import {name}' and '{name}(…)' instead",
            )
        return f"'{written}' is not in the subset", "write its formula instead"
    if target is print:
        return "'print' is not in the subset", "run the plain Python class under pdb instead"
    if module in ("random", "time", "datetime", "os") or module.startswith("numpy"):
        advice = "write gauss or uniform with self.seed, a counter state and self.noise_channel instead"
        return (
            f"'{written}' is not a function of its arguments",
            advice if module == "random" else "pass it as an input",
        )
    if module.split(".")[0] in sys.stdlib_module_names:
        return f"'{written}' is not in the subset", "write it as a function of your own"
    if not callable(target) or isinstance(target, type):
        return f"'{written}' cannot be called here", "call functions written with def"
    return None
