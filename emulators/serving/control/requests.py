"""The requests of the control channel: a new one is a class here, its line in ``REQUESTS`` and one in ``answers``."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from emulators.cell.tape import TapeValue
from emulators.errors import EmulatorError, did_you_mean
from emulators.serving.control.lines import number_from_json

__all__ = [
    "REQUESTS",
    "Force",
    "Inject",
    "ListTargets",
    "Pause",
    "Read",
    "Release",
    "Request",
    "RequestError",
    "Restart",
    "Resume",
    "Status",
    "Step",
    "Subscribe",
    "Unsubscribe",
    "Write",
    "request_from_json",
    "request_to_json",
]


class RequestError(EmulatorError):
    """A request is not one of this protocol; the text says what would be."""


@dataclass(frozen=True, slots=True)
class Read:
    """Values of these names, all of one step."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Write:
    """Write once, in the next step."""

    name: str
    value: TapeValue


@dataclass(frozen=True, slots=True)
class Force:
    """Hold a value until it is released."""

    name: str
    value: TapeValue


@dataclass(frozen=True, slots=True)
class Release:
    """Release forces; no name means all of them."""

    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inject:
    """Set a fault such as ``LT-101.stuck``; the value null clears it."""

    name: str
    value: TapeValue


@dataclass(frozen=True, slots=True)
class Restart:
    """Restart a controller: cold, warm, power_off, power_on."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop time."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Let time pass again."""


@dataclass(frozen=True, slots=True)
class Step:
    """Run steps of a paused cell; answered when they are done."""

    steps: int = 1


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Send values each ``period_ns`` of plant time, at most once a step."""

    names: tuple[str, ...]
    period_ns: int = 0


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """End a subscription of this connection."""

    subscription: int


@dataclass(frozen=True, slots=True)
class Status:
    """How the cell is doing."""


@dataclass(frozen=True, slots=True)
class ListTargets:
    """Every name with type, unit, range and faults."""


Request = (
    Read
    | Write
    | Force
    | Release
    | Inject
    | Restart
    | Pause
    | Resume
    | Step
    | Subscribe
    | Unsubscribe
    | Status
    | ListTargets
)

REQUESTS: Mapping[str, type[Request]] = MappingProxyType(
    {
        "read": Read,
        "write": Write,
        "force": Force,
        "release": Release,
        "inject": Inject,
        "restart": Restart,
        "pause": Pause,
        "resume": Resume,
        "step": Step,
        "subscribe": Subscribe,
        "unsubscribe": Unsubscribe,
        "status": Status,
        "list": ListTargets,
    }
)
_WORDS: Mapping[type, str] = MappingProxyType({kind: word for word, kind in REQUESTS.items()})


def request_from_json(message: Mapping[str, Any]) -> Request:
    """Return the request of a message; ``id`` is for whoever sends the answer.

    Raises:
        RequestError: unknown request, unknown, missing or wrong member.
    """
    word = message.get("request")
    kind = REQUESTS.get(word) if isinstance(word, str) else None
    if kind is None:
        hint = did_you_mean(word, REQUESTS) if isinstance(word, str) else ""
        raise RequestError(f"unknown request {word!r:.60}; {hint or 'known are ' + ', '.join(REQUESTS)}")
    fields = {field.name: field for field in dataclasses.fields(kind)}
    members = {}
    for name, member in message.items():
        if name in ("id", "request"):
            continue
        if name not in fields:
            raise RequestError(f"request {word} has no member '{name:.60}'; it takes {', '.join(fields) or 'none'}")
        members[name] = _CHECKS[name](name, member)
    for name, field in fields.items():
        if name not in members and field.default is dataclasses.MISSING:
            raise RequestError(f"request {word} lacks the member '{name}'")
    return kind(**members)


def request_to_json(request: Request) -> dict[str, Any]:
    """Return the members of a request's message, without ``id``."""
    members = {field.name: getattr(request, field.name) for field in dataclasses.fields(request)}
    return {"request": _WORDS[type(request)], **members}


def _text(name: str, member: Any) -> str:
    if not isinstance(member, str) or not member:
        raise RequestError(f"member '{name}' must be a text, not {member!r:.60}")
    return member


def _texts(name: str, member: Any) -> tuple[str, ...]:
    if not isinstance(member, list):
        raise RequestError(f"member '{name}' must be a list of texts, not {member!r:.60}")
    return tuple(_text(name, each) for each in member)


def _count(name: str, member: Any) -> int:
    if not isinstance(member, int) or isinstance(member, bool) or not 0 <= member < 1 << 63:
        raise RequestError(f"member '{name}' must be a whole number from 0, not {member!r:.60}")
    return member


def _scalar(name: str, member: Any) -> TapeValue:
    scalar = number_from_json(member)
    if scalar is not None and not isinstance(scalar, bool | int | float | str):
        raise RequestError(f"member '{name}' must be a number, true, false, a text or null, not {member!r:.60}")
    return scalar


_CHECKS: Mapping[str, Callable[[str, Any], Any]] = MappingProxyType(
    {
        "names": _texts,
        "name": _text,
        "kind": _text,
        "value": _scalar,
        "steps": _count,
        "period_ns": _count,
        "subscription": _count,
    }
)
