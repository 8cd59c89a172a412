"""Names that stand in front of others, as in ``T-101.level_m``: of plant components, controllers, units, lines."""

from __future__ import annotations

import re

from emulators.description.source import Findings, Located

__all__ = ["check_owner_name"]

_OWNER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*")


def check_owner_name(name: Located[str], what: str, findings: Findings) -> bool:
    """Return whether it can be the name of a ``what``; report it if not."""
    if _OWNER_NAME.fullmatch(name.value):
        return True
    findings.add(name.span, f"'{name.value[:40]}' is not a name for a {what}", "use letters, digits, '-' and '_'")
    return False
