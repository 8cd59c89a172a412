"""Read timeline files: all findings at once, each with line, column and the closest known word."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from emulators.cell.tape import Operation, TapeValue
from emulators.errors import DescriptionError, Diagnostic, SourceSpan, did_you_mean
from hil.scenario.json_text import JsonMember, JsonNode, parse_json
from hil.scenario.timeline import Event, Timeline
from hil.scenario.timeline_file import FORMAT, FailureRecord

if TYPE_CHECKING:
    from emulators.modbus.faults.injection import Injection

__all__ = ["JsonObject", "load_timeline", "parse_timeline_file", "read_injection", "read_object"]

_FILE_KEYS = ("format", "duration_ns", "seed", "events", "failure", "injections")
_EVENT_KEYS = ("time_ns", "operation", "target", "value", "until_ns", "source", "rest", "ramp_from", "is_fixed")
_FAILURE_KEYS = (
    "test",
    "rig",
    "requirements",
    "seed",
    "scenarios",
    "reduction_runs",
    "robustness",
    "message",
    "hashes",
)
_INJECTION_NUMBERS = ("time_ns", "connection", "exchange", "unit_id", "function_code", "number")
_INJECTION_KEYS = (*_INJECTION_NUMBERS, "endpoint", "address", "rule")
_OPERATIONS = {operation.value: operation for operation in Operation}


def load_timeline(path: Path) -> Timeline:
    """Read the timeline of a file, with or without a failure record.

    Raises:
        DescriptionError: not such a file; all findings with line and column.
        OSError: the file cannot be read.
    """
    return parse_timeline_file(path.read_text(encoding="utf-8"), str(path))[0]


def parse_timeline_file(text: str, file: str) -> tuple[Timeline, FailureRecord | None]:
    """Return timeline and failure record of a file's text.

    Raises:
        DescriptionError: all findings, each with line and column and the closest known word.
    """
    diagnostics: list[Diagnostic] = []
    root = read_object(parse_json(text, file), "a timeline file", _FILE_KEYS, diagnostics)
    if root is None:
        raise DescriptionError(diagnostics)
    version = root.integer("format", minimum=1)
    if version is not None and version > FORMAT:
        root.find(root.members["format"].node.span, f"format {version} is newer than {FORMAT}; update plc-hil")
    duration_ns = root.integer("duration_ns", minimum=1)
    seed = root.integer("seed", minimum=0, required=False)
    events = [_read_event(node, duration_ns, diagnostics) for node in root.items("events", required=True)]
    failure = None
    if "failure" in root.members:
        failure = _read_failure(root.members["failure"].node, diagnostics)
    injections = [read_injection(node, diagnostics) for node in root.items("injections")]
    if failure is not None:
        failure = replace(failure, injections=tuple(each for each in injections if each is not None))
    if diagnostics or duration_ns is None:
        raise DescriptionError(diagnostics)
    return Timeline(duration_ns, tuple(event for event in events if event is not None), seed), failure


def _read_event(node: JsonNode, duration_ns: int | None, diagnostics: list[Diagnostic]) -> Event | None:
    item = read_object(node, "an event", _EVENT_KEYS, diagnostics)
    if item is None:
        return None
    count = len(diagnostics)
    time_ns = item.integer("time_ns", minimum=0)
    name = item.text("operation", required=True)
    operation = _OPERATIONS.get(name)
    if name and operation is None:
        hint = did_you_mean(name, _OPERATIONS) or f"known operations: {', '.join(_OPERATIONS)}"
        item.find(item.members["operation"].node.span, f"unknown operation '{name}'", hint)
    target = item.text("target", required=True)
    if time_ns is not None and duration_ns is not None and time_ns > duration_ns:
        item.find(item.members["time_ns"].node.span, f"the event lies after the end of the run at {duration_ns} ns")
    value, until_ns = item.scalar("value"), item.integer("until_ns", minimum=0, required=False)
    rest, ramp_from = item.scalar("rest"), item.number("ramp_from")
    source, is_fixed = item.text("source"), item.boolean("is_fixed")
    if len(diagnostics) > count or time_ns is None or operation is None:
        return None
    try:
        return Event(
            time_ns,
            operation,
            target,
            value,
            until_ns,
            source=source,
            rest=rest,
            ramp_from=ramp_from,
            is_fixed=is_fixed,
        )
    except ValueError as error:
        item.find(node.span, str(error))
        return None


def read_injection(node: JsonNode, diagnostics: list[Diagnostic]) -> Injection | None:
    """Return an injection; None when it has mistakes, which are added to ``diagnostics``."""
    from emulators.modbus.faults.injection import Injection  # loads Modbus, which few timelines need
    from emulators.modbus.faults.rule import RuleError

    item = read_object(node, "an injection", _INJECTION_KEYS, diagnostics)
    if item is None:
        return None
    count = len(diagnostics)
    numbers = {key: item.integer(key, minimum=0) for key in _INJECTION_NUMBERS}
    address = item.integer("address", minimum=0, required=False)
    injection = Injection(
        **{key: number or 0 for key, number in numbers.items()},
        endpoint=item.text("endpoint", required=True),
        address=address,
        rule=item.text("rule", required=True),
    )
    try:
        injection.as_rule()
    except RuleError as error:
        item.find(node.span, str(error))
    return injection if len(diagnostics) == count else None


def _read_failure(node: JsonNode, diagnostics: list[Diagnostic]) -> FailureRecord | None:
    item = read_object(node, "a failure record", _FAILURE_KEYS, diagnostics)
    if item is None:
        return None
    hashes: dict[str, str] = {}
    if "hashes" in item.members:
        names = item.members["hashes"].node
        inner = read_object(names, "'hashes'", None, diagnostics)
        hashes = {name: inner.text(name) for name in inner.members} if inner is not None else {}
    return FailureRecord(
        test=item.text("test"),
        rig=item.text("rig"),
        requirements=tuple(str(entry.value) for entry in item.items("requirements")),
        seed=item.integer("seed", minimum=0, required=False) or 0,
        scenarios=item.integer("scenarios", minimum=0, required=False) or 0,
        reduction_runs=item.integer("reduction_runs", minimum=0, required=False) or 0,
        robustness=item.number("robustness"),
        message=item.text("message"),
        hashes=hashes,
    )


def read_object(
    node: JsonNode, what: str, known: tuple[str, ...] | None, diagnostics: list[Diagnostic]
) -> JsonObject | None:
    """Return a node as an object that may have the ``known`` keys (None: any); None when it is none."""
    if not isinstance(node.value, dict):
        diagnostics.append(Diagnostic(node.span, "", f"{what} is an object in braces"))
        return None
    found = JsonObject(what, node.span, node.value, diagnostics)
    for key, member in node.value.items():
        if known is not None and key not in known:
            hint = did_you_mean(key, known) or f"known keys: {', '.join(known)}"
            found.find(member.key_span, f"unknown key '{key}' in {what}", hint)
    return found


@dataclass(frozen=True, slots=True)
class JsonObject:
    """Typed access to the members of one object; what does not fit becomes a finding."""

    what: str
    span: SourceSpan
    members: dict[str, JsonMember]
    diagnostics: list[Diagnostic]

    def find(self, span: SourceSpan, message: str, hint: str = "") -> None:
        self.diagnostics.append(Diagnostic(span, "", message, hint))

    def _node(self, key: str, required: bool) -> JsonNode | None:
        member = self.members.get(key)
        if member is None:
            if required:
                self.find(self.span, f"{self.what} needs '{key}'")
            return None
        return member.node

    def integer(self, key: str, *, minimum: int, required: bool = True) -> int | None:
        node = self._node(key, required)
        if node is None or (node.value is None and not required):
            return None
        if isinstance(node.value, bool) or not isinstance(node.value, int) or node.value < minimum:
            self.find(node.span, f"'{key}' must be an integer of at least {minimum}")
            return None
        return node.value

    def number(self, key: str) -> float | None:
        node = self._node(key, required=False)
        if node is None or node.value is None:
            return None
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            self.find(node.span, f"'{key}' must be a number")
            return None
        return node.value

    def text(self, key: str, *, required: bool = False) -> str:
        node = self._node(key, required)
        if node is None:
            return ""
        if not isinstance(node.value, str) or (required and not node.value):
            self.find(node.span, f"'{key}' must be a text in quotes")
            return ""
        return node.value

    def boolean(self, key: str) -> bool:
        node = self._node(key, required=False)
        if node is None or isinstance(node.value, bool):
            return node is not None and node.value is True
        self.find(node.span, f"'{key}' must be true or false")
        return False

    def scalar(self, key: str) -> TapeValue:
        node = self._node(key, required=False)
        if node is None or node.value is None:
            return None
        if isinstance(node.value, bool | int | float | str):
            return node.value
        self.find(node.span, f"'{key}' must be a number, a text, true or false")
        return None

    def items(self, key: str, *, required: bool = False) -> list[JsonNode]:
        node = self._node(key, required)
        if node is None:
            return []
        if isinstance(node.value, list):
            return node.value
        self.find(node.span, f"'{key}' must be a list in brackets")
        return []
