"""A fault that happened on a wire: plain data, kept in traces and failure files, from which it can happen again."""

from __future__ import annotations

from dataclasses import dataclass

from emulators.modbus.faults.rule import Rule, RuleError, rules_from_value

__all__ = ["Injection"]


@dataclass(frozen=True, slots=True)
class Injection:
    """``time_ns`` is plant time; ``exchange`` counts from 1 in its connection, 0 is the door.

    ``rule`` is the rule as text and ``number`` its number, from which its draws come.
    """

    time_ns: int
    endpoint: str
    connection: int
    exchange: int
    unit_id: int
    function_code: int
    address: int | None
    number: int
    rule: str

    def as_rule(self) -> Rule:
        """Return the rule that acted.

        Raises:
            RuleError: the text is none.
        """
        name, _, options = self.rule.partition(" ")
        rules = rules_from_value(name, options)
        if len(rules) != 1:
            raise RuleError(f"'{self.rule}' is more than one rule", hint="write one injection a rule")
        return rules[0]
