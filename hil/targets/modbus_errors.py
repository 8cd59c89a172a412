"""What a Modbus device answers when it does not do as asked: exceptions, and silence."""

from __future__ import annotations

from emulators.errors import LinkError
from emulators.modbus.codes import ExceptionCode

__all__ = ["ExceptionAnswerError", "NoAnswerError", "exception_text"]


class ExceptionAnswerError(LinkError):
    """The device answered with an exception; ``code`` is its number."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class NoAnswerError(LinkError):
    """Nothing came back in time, or, unless ``is_silent``, nothing that could be understood."""

    def __init__(self, message: str, *, is_silent: bool = False) -> None:
        super().__init__(message)
        self.is_silent = is_silent


def exception_text(code: int) -> str:
    """Return ``ILLEGAL DATA ADDRESS (0x02)``."""
    name = next((each.name.replace("_", " ") for each in ExceptionCode if each == code), "an unknown exception")
    return f"{name} (0x{code:02X})"
