"""Catalogue of diagnostics: every code with its meaning, a program that shows it and one that does it right.

Codes are stable. ST1xxx: characters and literals; ST2xxx: grammar; ST3xxx: names, types, calls and configuration;
ST4xxx: warnings, which do not keep a program from running. The programs are tests: the failing one gives its code
and nothing else, the passing one gives nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

__all__ = ["Rule", "catalogue", "is_warning"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding."""

    code: str
    title: str
    meaning: str
    failing: str
    passing: str


def is_warning(code: str) -> bool:
    """True for a finding that does not keep the program from running."""
    return code.startswith("ST4")


@cache
def catalogue() -> Mapping[str, Rule]:
    """Return every rule by its code, in order."""
    from emulators.iec61131.rules_calls import CALL_RULES
    from emulators.iec61131.rules_declarations import DECLARATION_RULES
    from emulators.iec61131.rules_lexical import LEXICAL_RULES
    from emulators.iec61131.rules_names import NAME_RULES
    from emulators.iec61131.rules_statements import STATEMENT_RULES
    from emulators.iec61131.rules_syntax import SYNTAX_RULES
    from emulators.iec61131.rules_values import VALUE_RULES
    from emulators.iec61131.rules_warnings import WARNING_RULES

    rules = (
        *LEXICAL_RULES,
        *SYNTAX_RULES,
        *NAME_RULES,
        *VALUE_RULES,
        *STATEMENT_RULES,
        *CALL_RULES,
        *DECLARATION_RULES,
        *WARNING_RULES,
    )
    return MappingProxyType({rule.code: rule for rule in sorted(rules, key=lambda rule: rule.code)})
