"""Rules of a wire as its rig file writes them, with the place of every mistake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from emulators.description.parameters import WireFaultEntry
from emulators.description.rig import EndpointEntry
from emulators.errors import DescriptionError, Diagnostic
from emulators.modbus.faults.kinds import FAULTS, faults_on
from emulators.modbus.faults.rule import Rule, RuleError

__all__ = ["described_endpoint_rules", "described_rules"]


def described_rules(entries: Iterable[WireFaultEntry], protocol: str) -> tuple[Rule, ...]:
    """Return the rules.

    Raises:
        DescriptionError: unknown faults and options, faults that the protocol's wires cannot have, values that do
            not fit; all of them.
    """
    possible = faults_on(protocol)
    rules, findings = [], []
    for entry in entries:
        options = {option.name: option.value for option in entry.options}
        name = entry.fault.value
        if name in FAULTS and name not in possible:
            message = f"a wire of {protocol} cannot have the fault '{name}'"
            findings.append(Diagnostic(entry.fault.span, "", message, f"it can have {', '.join(possible)}"))
            continue
        while True:  # each round finds one mistake and leaves it out
            try:
                rules.append(Rule.from_options(name, options))
                break
            except RuleError as error:
                places = {option.name: option.key_span if error.is_unknown else option.span for option in entry.options}
                span = places.get(error.option, entry.fault.span)
                findings.append(Diagnostic(span, "", error.message, error.hint))
                if options.pop(error.option, None) is None:
                    break
    if findings:
        raise DescriptionError(findings)
    return tuple(rules)


def described_endpoint_rules(entry: EndpointEntry) -> tuple[tuple[Rule, ...], Mapping[str, tuple[Rule, ...]]]:
    """Return the rules of an endpoint's own wire, and those of the lines behind it by the line's name.

    Raises:
        DescriptionError: as ``described_rules``; all findings of all wires.
    """
    lines = entry.transport.gateway.lines if entry.transport is not None else ()
    rules: list[tuple[Rule, ...]] = []
    findings: list[Diagnostic] = []
    for faults, protocol in ((entry.faults, entry.protocol), *((line.faults, line.protocol) for line in lines)):
        try:
            rules.append(described_rules(faults, protocol))
        except DescriptionError as error:
            findings.extend(error.diagnostics)
    if findings:
        raise DescriptionError(findings)
    own, *others = rules
    return own, {line.name: each for line, each in zip(lines, others, strict=True)}
