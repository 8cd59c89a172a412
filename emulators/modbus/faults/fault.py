"""What every fault of a wire has: its stage, its options, its name and what it does in one line."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from emulators.modbus.faults.draft import Draft
from emulators.modbus.faults.interface import Door
from emulators.timebase import NS_PER_S

__all__ = [
    "DoorFault",
    "FrameFault",
    "Option",
    "RequestFault",
    "ResponseFault",
    "Stage",
    "WireFault",
    "choice",
    "duration",
    "number",
]

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


def _phrase(docstring: str) -> str:
    """Return the first line of a docstring as it stands within a sentence."""
    line = docstring.partition("\n")[0].removesuffix(".")
    return line[:1].lower() + line[1:] if line[1:2].islower() or line[1:2] == " " else line


class Stage(enum.IntEnum):
    """When a fault acts, in this order."""

    DOOR = 0
    UNIT = 1  # behind the wire: the request comes to no unit
    REQUEST = 2
    RESPONSE = 3
    FRAME = 4
    SENDING = 5


@dataclass(frozen=True, slots=True)
class Option:
    """How an option of a fault is written: one of ``choices``, a duration, or a number in ``low..high``."""

    low: int = 0
    high: int = 0
    choices: tuple[str, ...] = ()
    is_duration: bool = False
    words: Mapping[str, int] | None = None


def duration(default_ns: int, *, low_ns: int = 0) -> Any:
    return field(default=default_ns, metadata={"option": Option(low_ns, 3600 * NS_PER_S, is_duration=True)})


def number(default: int, low: int, high: int, words: Mapping[str, int] | None = None) -> Any:
    return field(default=default, metadata={"option": Option(low, high, words=words)})


def choice(*choices: str) -> Any:
    return field(default=choices[0], metadata={"option": Option(choices=choices)})


@dataclass(frozen=True, slots=True)
class WireFault:
    """Base of all faults. The first option, if any, is what a bare value of the fault sets.

    The class says everything else: ``NAME`` is its name in words, ``SUMMARY`` the first line of its docstring.
    """

    NAME: ClassVar[str] = ""
    SUMMARY: ClassVar[str] = ""
    STAGE: ClassVar[Stage] = Stage.SENDING
    NEEDS_ANSWER: ClassVar[bool] = True

    def __init_subclass__(cls) -> None:
        if "NAME" not in cls.__dict__:
            cls.NAME = _WORD_START.sub("_", cls.__name__).lower()
        cls.SUMMARY = _phrase(cls.__doc__ or "")

    def act(self, draft: Draft) -> bool:
        """Spoil the exchange; False if there is nothing to spoil."""
        raise TypeError(f"{type(self).__name__} does not act on exchanges")


@dataclass(frozen=True, slots=True)
class DoorFault(WireFault):
    """Base of the faults that keep clients out."""

    STAGE: ClassVar[Stage] = Stage.DOOR
    DOOR: ClassVar[Door] = Door.REFUSE


@dataclass(frozen=True, slots=True)
class RequestFault(WireFault):
    """Base of the faults that act before the device is asked."""

    STAGE: ClassVar[Stage] = Stage.REQUEST


@dataclass(frozen=True, slots=True)
class ResponseFault(WireFault):
    """Base of the faults that change the response PDU."""

    STAGE: ClassVar[Stage] = Stage.RESPONSE


@dataclass(frozen=True, slots=True)
class FrameFault(WireFault):
    """Base of the faults that change the frame."""

    STAGE: ClassVar[Stage] = Stage.FRAME
