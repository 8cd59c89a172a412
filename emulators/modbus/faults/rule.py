"""A rule: which exchanges fail, how, how often and when; and how people write it.

As text a rule is options separated by spaces: ``time=200ms jitter=50ms function=3 address=0..9 probability=0.5``.
A bare first word sets the first option of the fault: ``200ms function=3``. Several rules are separated by ``;``.
"""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from math import isfinite

from emulators.errors import EmulatorError, did_you_mean
from emulators.modbus.faults.fault import Option, Stage, WireFault
from emulators.modbus.faults.kinds import FAULTS
from emulators.modbus.faults.matching import Match, NumberSet
from emulators.timebase import NS_PER_MS, NS_PER_S, format_duration, parse_duration

__all__ = ["GivenValue", "Rule", "RuleError", "option_names", "own_options", "rules_from_value", "written_duration"]

OptionValue = bool | int | float | str
GivenValue = OptionValue | Collection[OptionValue]


class RuleError(EmulatorError):
    """A rule is written wrongly; ``option`` is the key at fault, empty when it is the rule as a whole.

    ``is_unknown`` is whether no such key exists; else its value is wrong.
    """

    def __init__(self, message: str, *, option: str = "", hint: str = "", is_unknown: bool = False) -> None:
        super().__init__(message + (f"; {hint}" if hint else ""))
        self.message = message
        self.option = option
        self.is_unknown = is_unknown
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Rule:
    """``count`` bounds how often it acts, None: for ever. The window is plant time, its end excluded."""

    fault: WireFault
    match: Match = field(default_factory=Match)
    probability: float = 1.0
    count: int | None = None
    from_ns: int = 0
    until_ns: int | None = None

    @classmethod
    def from_options(cls, name: str, given: Mapping[str, GivenValue]) -> Rule:
        """Return the rule of a fault with options as a rig file or a test writes them: several numbers also as a list
        or a range of Python.

        Raises:
            RuleError: unknown fault or option, or a value that does not fit.
        """
        kind = FAULTS.get(name)
        if kind is None:
            hint = did_you_mean(name, FAULTS) or f"known are {', '.join(FAULTS)}"
            raise RuleError(f"there is no fault '{name[:40]}' of a wire", option="fault", hint=hint)
        known = option_names(kind)
        options = {key: _as_written(value) for key, value in given.items()}
        for key in options:
            if key not in known:
                hint = did_you_mean(key, known) or f"it takes {', '.join(known)}"
                raise RuleError(f"fault {name} has no option '{key[:40]}'", option=key, hint=hint, is_unknown=True)
        own = {_key(each): each for each in dataclasses.fields(kind)}
        sizes = {
            own[key].name: _checked(key, value, own[key].metadata["option"])
            for key, value in options.items()
            if key in own
        }
        match = Match(
            _connection(options.get("connection")),
            *(_numbers(options, key, low, high) for key, low, high in _MATCHED),
        )
        from_ns, until_ns = _time(options, "from"), _time(options, "until")
        if until_ns is not None and until_ns <= (from_ns or 0):
            raise RuleError("the window ends before it starts", option="until", hint="write a later 'until'")
        count = options.get("count")
        return cls(
            kind(**sizes),
            match,
            _probability(options.get("probability", 1.0)),
            None if count is None else _integer("count", count, 1, 10**12),
            from_ns or 0,
            until_ns,
        )

    def is_open(self, time_ns: int) -> bool:
        """Whether ``time_ns`` of plant time lies in the window."""
        return self.from_ns <= time_ns and (self.until_ns is None or time_ns < self.until_ns)

    def __str__(self) -> str:
        return " ".join((self.fault.NAME, *(f"{key}={value}" for key, value in self._written())))

    @property
    def text(self) -> str:
        """The options alone, as ``rules_from_value`` reads them."""
        return " ".join(f"{key}={value}" for key, value in self._written())

    def _written(self) -> Iterator[tuple[str, str]]:
        for each in dataclasses.fields(self.fault):
            size = getattr(self.fault, each.name)
            yield _key(each), written_duration(size) if each.metadata["option"].is_duration else str(size)
        match = self.match
        conditions = (
            ("connection", match.connection),
            ("unit", match.units),
            ("function", match.functions),
            ("address", match.addresses),
            ("quantity", match.quantities),
            ("count", self.count),
            ("from", written_duration(self.from_ns) if self.from_ns else None),
            ("until", None if self.until_ns is None else written_duration(self.until_ns)),
        )
        if self.probability != 1.0:
            yield "probability", repr(self.probability)
        for key, value in conditions:
            if value is not None:
                yield key, str(value)


def rules_from_value(name: str, value: OptionValue) -> tuple[Rule, ...]:
    """Return the rules that a value such as ``True``, ``0.2`` or ``time=200ms function=3`` sets for a fault.

    Raises:
        RuleError: see ``Rule.from_options``.
    """
    if isinstance(value, bool):
        if not value:
            raise RuleError(f"{name} takes True or options", hint="clear the fault to end it")
        return (Rule.from_options(name, {}),)
    if not isinstance(value, str):
        return (Rule.from_options(name, {_first_option(name): value}),)
    clauses = [clause for clause in value.split(";") if clause.strip()] or [""]
    return tuple(Rule.from_options(name, _options(name, clause)) for clause in clauses)


def written_duration(duration_ns: int) -> str:
    """Return a duration as an option has it, exactly and without a space: ``1500ms``, ``2s``."""
    for unit, size_ns in (("s", NS_PER_S), ("ms", NS_PER_MS)):
        if duration_ns and duration_ns % size_ns == 0:
            return f"{duration_ns // size_ns}{unit}"
    return f"{duration_ns}ns"


def own_options(kind: type[WireFault]) -> tuple[str, ...]:
    """Return the options that say how large or what kind of fault it is to be."""
    return tuple(_key(each) for each in dataclasses.fields(kind))


def option_names(kind: type[WireFault]) -> tuple[str, ...]:
    """Return the options that a fault takes, its own first."""
    own = own_options(kind)
    if kind.STAGE is Stage.DOOR:
        return (*own, "connection", "probability", "count", "from", "until")
    matched = (key for key, _, _ in _MATCHED)
    return (*own, "connection", *matched, "probability", "count", "from", "until")


_MATCHED = (("unit", 0, 255), ("function", 0, 255), ("address", 0, 65535), ("quantity", 0, 65535))


def _key(each: dataclasses.Field[object]) -> str:
    return each.name.removesuffix("_ns")


def _first_option(name: str) -> str:
    kind = FAULTS.get(name)
    own = dataclasses.fields(kind) if kind is not None else ()
    if kind is not None and not own:
        raise RuleError(f"fault {name} has no size", hint="write True, or options such as count=3")
    return _key(own[0]) if own else "size"


def _as_written(value: GivenValue) -> OptionValue:
    if isinstance(value, str) or not isinstance(value, Collection):
        return value
    if isinstance(value, range) and value.step == 1 and value:
        return f"{value.start}..{value.stop - 1}"
    return ",".join(str(each) for each in value)


def _options(name: str, clause: str) -> dict[str, OptionValue]:
    options: dict[str, OptionValue] = {}
    try:
        words = shlex.split(clause)
    except ValueError as error:
        raise RuleError(f"cannot read '{clause}': {error}", hint="write key=value pairs") from None
    for index, word in enumerate(words):
        key, equals, written = word.partition("=")
        if not equals and index == 0:
            key, written = _first_option(name), word
        elif not equals:
            raise RuleError(f"'{word}' is no option", hint="write key=value, a duration without a space: time=200ms")
        if key in options:
            raise RuleError(f"{key} is given twice", option=key, hint="drop one")
        options[key] = written
    return options


def _checked(key: str, value: OptionValue, option: Option) -> int | str:
    if option.choices:
        if value not in option.choices:
            hint = did_you_mean(str(value), option.choices) or f"write one of {', '.join(option.choices)}"
            raise RuleError(f"{key} '{value}' is unknown", option=key, hint=hint)
        return str(value)
    if option.is_duration:
        return _duration(key, value, option.low, option.high)
    if option.words and isinstance(value, str) and not value[:1].isdecimal():
        return _word(key, value, option.words)
    return _integer(key, value, option.low, option.high)


def _word(key: str, written: str, words: Mapping[str, int]) -> int:
    if written.lower() not in words:
        hint = did_you_mean(written.lower(), words) or f"write a number or one of {', '.join(words)}"
        raise RuleError(f"{key} '{written}' is unknown", option=key, hint=hint)
    return words[written.lower()]


def _duration(key: str, value: OptionValue, low_ns: int, high_ns: int) -> int:
    bare = _number(value)
    try:
        duration_ns = parse_duration(str(value)) if bare is None or not isfinite(bare) else round(bare * NS_PER_S)
    except ValueError as error:
        message, _, hint = str(error).partition("; ")
        raise RuleError(f"{key}: {message}", option=key, hint=hint) from None
    if not low_ns <= duration_ns <= high_ns:
        limits = f"{format_duration(low_ns)}..{format_duration(high_ns)}"
        raise RuleError(f"{key} {value} is outside {limits}", option=key, hint="write a time in it")
    return duration_ns


def _integer(key: str, value: OptionValue, low: int, high: int) -> int:
    try:
        number = int(value, 0) if isinstance(value, str) else int(value)
    except (ValueError, OverflowError):
        number = None
    if number is None or isinstance(value, bool) or (isinstance(value, float) and number != value):
        raise RuleError(f"{key} '{value}' is not a whole number", option=key, hint="write digits only")
    if not low <= number <= high:
        raise RuleError(f"{key} {number} is outside {low}..{high}", option=key, hint="write a number in it")
    return number


def _number(value: OptionValue) -> float | None:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return None if isinstance(value, bool) else value


def _probability(value: OptionValue) -> float:
    number = _number(value)
    if number is None or not 0.0 <= number <= 1.0:
        raise RuleError(
            f"probability {value} is no number from 0 to 1", option="probability", hint="write 0.5 for half"
        )
    return float(number)


def _connection(value: OptionValue | None) -> int | str | None:
    if value is None:
        return None
    if not isinstance(value, str) or value.isdecimal():
        return _integer("connection", value, 1, 10**12)
    host, _, port = value.rpartition(":")
    if not (_is_address(value) or (_is_address(host) and port.isdecimal())):
        hint = "write its number, its address or both address and port: 2, 127.0.0.1, 127.0.0.1:40000"
        raise RuleError(f"connection '{value[:40]}' is no client", option="connection", hint=hint)
    return value


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _numbers(options: Mapping[str, OptionValue], key: str, low: int, high: int) -> NumberSet | None:
    value = options.get(key)
    if value is None:
        return None
    try:
        return NumberSet.parse(str(value), low=low, high=high)
    except ValueError as error:
        message, _, hint = str(error).partition("; ")
        raise RuleError(f"{key}: {message}", option=key, hint=hint) from None


def _time(options: Mapping[str, OptionValue], key: str) -> int | None:
    value = options.get(key)
    return None if value is None else _duration(key, value, 0, 2**63 - 1)
