"""Rules of an endpoint as its rig file writes them, with the place of every mistake."""

from __future__ import annotations

from collections.abc import Iterable

from emulators.description.rig import EndpointFaultEntry, ParameterValue
from emulators.errors import DescriptionError, Diagnostic
from emulators.modbus.faults.rule import OptionValue, Rule, RuleError

__all__ = ["described_rules"]


def described_rules(entries: Iterable[EndpointFaultEntry]) -> tuple[Rule, ...]:
    """Return the rules.

    Raises:
        DescriptionError: unknown faults and options, values that do not fit; all of them.
    """
    rules, findings = [], []
    for entry in entries:
        options = {option.name: _option(option.value) for option in entry.options}
        try:
            rules.append(Rule.from_options(entry.fault.value, options))
        except RuleError as error:
            places = {option.name: option.key_span if error.is_unknown else option.span for option in entry.options}
            span = places.get(error.option, entry.fault.span)
            findings.append(Diagnostic(span, "", error.message, error.hint))
    if findings:
        raise DescriptionError(findings)
    return tuple(rules)


def _option(value: ParameterValue) -> OptionValue:
    return ",".join(str(item) for item in value) if isinstance(value, tuple) else value
