"""Cross checks of a rig: every name that is used is declared somewhere, every input has one source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from emulators.description.register_map import RegisterEntry
from emulators.description.rig import EndpointEntry, LineEntry, LinkEntry, RigDescription
from emulators.description.source import Findings, Located
from emulators.errors import SourceSpan, did_you_mean

__all__ = ["DeclaredNames", "TagSignal", "check_names"]


@dataclass(frozen=True, slots=True)
class TagSignal:
    """Signal that a tag names, rightly or wrongly."""

    signal: Located[str]
    is_truth: bool


@dataclass(frozen=True, slots=True)
class DeclaredNames:
    """All names written under plant, controllers, links, lines and tags, also of entries that have mistakes, so that
    one mistake causes no second one. ``are_tags_complete`` is False when the I/O list could not be read."""

    plant: tuple[str, ...]
    controllers: tuple[str, ...]
    links: tuple[str, ...]
    lines: tuple[str, ...]
    tags: tuple[str, ...]
    tag_signals: tuple[TagSignal, ...]
    are_tags_complete: bool

    @property
    def owners(self) -> tuple[str, ...]:
        return self.plant + self.controllers + self.links + self.lines


def check_names(rig: RigDescription, declared: DeclaredNames, findings: Findings) -> None:
    """Report names that nothing declares and inputs that two sources feed."""
    for controller in rig.controllers:
        if controller.name in declared.plant:
            message = f"{controller.name} is a plant component and a controller"
            findings.add(controller.span, message, "rename one of the two")
    for instance in rig.plant:
        for wire in instance.inputs:
            for source in wire.sources:
                _check_signal(source, declared.plant, findings, "a plant component")
    for controller in rig.controllers:
        for connection in controller.inputs:
            _check_signal(connection.source, declared.owners, findings, "a plant component, controller or link")
        for connection in controller.outputs:
            targets = declared.plant + declared.links + declared.lines
            _check_signal(connection.target, targets, findings, "a plant component or link")
    for tag in declared.tag_signals:
        _check_signal(tag.signal, declared.owners, findings, "a plant component, controller or link")
        _check_truth(tag, declared.controllers, findings)
    _check_single_sources(rig, findings)
    _check_endpoints(rig, declared, findings)
    _check_links(rig, declared, findings)


def _check_signal(name: Located[str], owners: Sequence[str], findings: Findings, what: str) -> None:
    owner, dot, member = name.value.partition(".")
    if not dot or not member or not owner:
        hint = did_you_mean(name.value, owners).replace("'?", ".…'?") or f"write NAME.signal, NAME being {what}"
        findings.add(name.span, f"'{name.value[:60]}' does not name a signal", hint)
    elif owner not in owners:
        hint = did_you_mean(owner, owners) or f"declare it or name {what}"
        findings.add(name.span, f"'{name.value[:60]}': there is no {owner}", hint)


def _check_truth(tag: TagSignal, controllers: Sequence[str], findings: Findings) -> None:
    owner = tag.signal.value.partition(".")[0]
    if tag.is_truth and owner in controllers:
        findings.add(tag.signal.span, f"a variable of {owner} is not plant truth", "drop truth or name a plant signal")


def _check_single_sources(rig: RigDescription, findings: Findings) -> None:
    feeds: dict[str, SourceSpan] = {}
    for instance in rig.plant:
        for wire in instance.inputs:
            feeds[wire.target.value] = wire.target.span
    for controller in rig.controllers:
        for connection in controller.outputs:
            target = connection.target
            earlier = feeds.setdefault(target.value, target.span)
            if earlier is not target.span:
                findings.add(target.span, f"{target.value} is already fed at {earlier}", "keep one of the two")


def _check_endpoints(rig: RigDescription, declared: DeclaredNames, findings: Findings) -> None:
    names: dict[str, SourceSpan] = {}
    ports: dict[tuple[bool, str, int], EndpointEntry] = {}
    for endpoint in rig.endpoints:
        for name, span in _wires(endpoint):
            earlier = names.setdefault(name, span)
            if earlier is not span:
                findings.add(span, f"endpoint {name} is already defined at {earlier}", "rename one")
        if endpoint.port:
            other = ports.setdefault((endpoint.protocol == "modbus-udp", endpoint.host, endpoint.port), endpoint)
            if other is not endpoint:
                message = f"port {endpoint.port} is taken by endpoint {other.name} at {other.span}"
                findings.add(endpoint.span, message, "choose another port, or 0 for a free one")
        if endpoint.controller and endpoint.controller not in declared.controllers:
            hint = did_you_mean(endpoint.controller, declared.controllers) or "declare it under [controllers.…]"
            findings.add(endpoint.controller_span, f"there is no controller '{endpoint.controller[:40]}'", hint)
        for unit in endpoint.units:
            for entry in unit.register_map.entries:
                _check_register(rig, entry, declared, findings)


def _wires(endpoint: EndpointEntry) -> Iterator[tuple[str, SourceSpan]]:
    """Yield the names of an endpoint's own wire and of the lines behind it."""
    if endpoint.name:
        yield endpoint.name, endpoint.span
        for line in endpoint.transport.gateway.lines if endpoint.transport is not None else ():
            yield f"{endpoint.name}.{line.name}", line.span


def _check_links(rig: RigDescription, declared: DeclaredNames, findings: Findings) -> None:
    others = {endpoint.name: "an endpoint" for endpoint in rig.endpoints}
    others |= dict.fromkeys(declared.controllers, "a controller") | dict.fromkeys(declared.plant, "a plant component")
    for line in rig.lines:
        if line.name in others:
            findings.add(line.span, f"{line.name} is a line and {others[line.name]}", "rename one of the two")
        _check_controller(line, declared, findings)
    others |= dict.fromkeys(declared.lines, "a line")
    for link in rig.links:
        if link.name in others:
            findings.add(link.span, f"{link.name} is a link and {others[link.name]}", "rename one of the two")
        if link.line is None:
            _check_controller(link, declared, findings)
        if link.device is not None and link.device.value not in declared.plant:
            hint = did_you_mean(link.device.value, declared.plant) or "declare it under [plant.…]"
            findings.add(link.device.span, f"there is no plant component '{link.device.value[:40]}'", hint)
        for entry in link.register_map.entries if link.register_map and not link.is_broadcast else ():
            if entry.signal is None:
                _check_register(rig, entry, declared, findings)
            elif link.device is None:
                message = f"the map of link {link.name} names signals of a twin, such as {entry.signal.value}"
                findings.add(link.span, message, "say which plant component it is: device = …")
                break


def _check_controller(entry: LinkEntry | LineEntry, declared: DeclaredNames, findings: Findings) -> None:
    name = entry.controller.value
    if name and name not in declared.controllers:
        hint = did_you_mean(name, declared.controllers) or "declare it under [controllers.…]"
        findings.add(entry.controller.span, f"there is no controller '{name[:40]}'", hint)


def _check_register(rig: RigDescription, entry: RegisterEntry, declared: DeclaredNames, findings: Findings) -> None:
    found = rig.tag(entry.tag)
    if entry.is_own:
        if found is not None or entry.tag in declared.tags:
            message = f"{entry.tag} has a value of its own here and is a tag of rig {rig.file}"
            findings.add(entry.tag_span, message, "drop initial and behaviour, or rename it")
        return
    if found is None:
        owner, dot, _ = entry.tag.partition(".")
        is_declared = entry.tag in declared.tags
        is_signal = bool(dot) and owner in declared.owners
        if not is_declared and not is_signal and declared.are_tags_complete:
            names = [known.tag.name for known in rig.tags]
            hint = did_you_mean(entry.tag, names) or f'add [tags."{entry.tag[:40]}"] to the rig'
            findings.add(entry.tag_span, f"rig {rig.file} has no tag '{entry.tag[:40]}'", hint)
        return
    tag = found.tag
    if entry.is_writable and not tag.is_writable:
        findings.add(
            entry.tag_span,
            f"the map lets clients write {tag.name}, but the tag at {found.span} is not writable",
            'write writable = true there or access = "r" here',
        )
    if entry.unit and tag.unit and entry.unit != tag.unit:
        findings.add(
            entry.tag_span,
            f"the map gives {tag.name} in {entry.unit}, the tag at {found.span} in {tag.unit}",
            "use one unit and a scale",
        )
