"""What only the whole program shows: recursion, order of units, overlapping addresses, things never used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from emulators.iec61131.addresses import occupied_bits
from emulators.iec61131.environment import Environment
from emulators.iec61131.findings import Findings
from emulators.iec61131.project import Project
from emulators.iec61131.scope import Scope
from emulators.iec61131.syntax import PouNode
from emulators.iec61131.tree import FunctionInterface, Pou, PouKind
from emulators.iec61131.types import (
    ArrayType,
    FunctionBlockType,
    IecType,
    Section,
    StructureType,
    Variable,
)

__all__ = ["order_units", "report_overlaps", "warn_about_unit"]


def order_units(pous: Mapping[str, Pou], environment: Environment) -> dict[str, Pou]:
    """Return the units with callees and contained blocks first; reports recursion at the call that closes the ring."""
    needs = {folded: _needed_units(pou, environment.pou_scopes[folded]) for folded, pou in pous.items()}
    ordered: dict[str, Pou] = {}
    path: list[str] = []
    on_path: set[str] = set()
    for root in pous:
        if root in ordered:
            continue
        stack = [(root, iter(needs[root]))]
        path.append(root)
        on_path.add(root)
        while stack:
            folded, remaining = stack[-1]
            following = next(remaining, None)
            if following is None:
                stack.pop()
                path.pop()
                on_path.discard(folded)
                ordered[folded] = pous[folded]
            elif following in on_path:
                _report_recursion(folded, following, path, pous, environment)
            elif following in pous and following not in ordered:
                stack.append((following, iter(needs[following])))
                path.append(following)
                on_path.add(following)
    return ordered


def _report_recursion(
    caller: str, callee: str, path: list[str], pous: Mapping[str, Pou], environment: Environment
) -> None:
    span = environment.pou_scopes[caller].callees.get(callee)
    if span is None:
        return
    ring = [pous[folded].name for folded in path[path.index(callee) :]]
    chain = " calls ".join([*ring, pous[callee].name])
    environment.findings.report("ST3021", span, f"recursion: {chain}", "the language has none; use a loop")


def _needed_units(pou: Pou, scope: Scope) -> list[str]:
    contained = (name for variable in pou.variables for name in _blocks_in(variable.type))
    return list(dict.fromkeys([*scope.callees, *contained]))


def _blocks_in(iec_type: IecType) -> Iterable[str]:
    match iec_type:
        case FunctionBlockType():
            yield iec_type.name.upper()
        case ArrayType():
            yield from _blocks_in(iec_type.element)
        case StructureType():
            for field in iec_type.fields:
                yield from _blocks_in(field.type)
        case _:
            return


def report_overlaps(project: Project, findings: Findings) -> None:
    """Warn where two located variables share bits of the image."""
    located = [(variable, variable.address) for variable in _located_variables(project)]
    located += [(placement.variable, placement.address) for placement in project.placements]
    extents = []
    for variable, address in located:
        if address is not None:
            start, size = occupied_bits(address, variable.type)
            extents.append((address.area.value, start, start + size, variable))
    extents.sort(key=lambda extent: extent[:3])
    reach: tuple[str, int, Variable] | None = None
    for area, start, end, variable in extents:
        if reach is not None and reach[0] == area and start < reach[1]:
            first, second = sorted((reach[2], variable), key=lambda each: each.span)
            message = f"'{second.name}' shares its address with '{first.name}'"
            findings.report("ST4004", second.span, message, f"see {first.span}")
        if reach is None or reach[0] != area or end > reach[1]:
            reach = (area, end, variable)


def _located_variables(project: Project) -> list[Variable]:
    of_programs = [
        variable for pou in project.pous.values() if pou.kind is PouKind.PROGRAM for variable in pou.variables
    ]
    return [variable for variable in (*project.globals, *of_programs) if variable.address is not None]


def warn_about_unit(pou: Pou, scope: Scope, node: PouNode) -> None:
    """Warn about variables never used, instances never called, results never assigned.

    Only in files without errors: a mistake hides uses.
    """
    findings = scope.environment.findings
    if findings.has_errors_in(scope.tokens.source.name) or not node.is_whole:
        return
    result = pou.interface.result if isinstance(pou.interface, FunctionInterface) else None
    if result is not None and result not in scope.written:
        message = f"{pou.name} never assigns its result"
        findings.report("ST4003", pou.span, message, f"add {pou.name} := …;")
    for variable in pou.variables:
        if variable.section not in (Section.VAR, Section.TEMP) or variable.address is not None:
            continue
        if variable not in scope.touched and variable not in scope.called:
            findings.report("ST4001", variable.span, f"'{variable.name}' is never used", "")
        elif isinstance(variable.type, FunctionBlockType) and variable not in scope.called | scope.written:
            message = f"instance '{variable.name}' of {variable.type.name} is never called"
            findings.report("ST4006", variable.span, message, "without a call its outputs never change")
