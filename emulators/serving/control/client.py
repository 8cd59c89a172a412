"""Client of the control channel for commands, debuggers and tests: plain blocking calls on one socket."""

from __future__ import annotations

import collections
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from emulators.cell.tape import TapeValue
from emulators.errors import EmulatorError, LinkError
from emulators.serving.addresses import ControlAddress
from emulators.serving.control.lines import PROTOCOL_VERSION, JsonLines, MalformedLine, encode_line, number_from_json
from emulators.serving.control.requests import (
    Force,
    Inject,
    ListTargets,
    Pause,
    Read,
    Release,
    Request,
    Restart,
    Resume,
    Status,
    Step,
    Subscribe,
    Unsubscribe,
    Write,
    request_to_json,
)
from emulators.serving.ports_file import read_ports_file
from emulators.signals.tags import TagValue

__all__ = ["ConnectionRefused", "ControlClient", "ControlRefusal", "Sample"]

_CHUNK = 1 << 16
_MAX_ANSWER = 1 << 28  # bytes; the catalogue of a thousand devices with a hundred names each takes about 20 MB


class ControlRefusal(EmulatorError):  # noqa: N818 - the word of the protocol
    """The cell refused a request; ``code`` is its kind, the text says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ConnectionRefused(LinkError):  # noqa: N818 - as the operating system calls it
    """Nobody listens at the address of the control channel."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Values of a subscription at ``time_ns`` of plant time; ``lost_count`` samples before it were dropped."""

    time_ns: int
    values: Mapping[str, TagValue]
    lost_count: int = 0


class ControlClient:
    """Connection to a running cell; use it in a ``with`` block. ``deadline_s`` bounds every wait but that of a step."""

    def __init__(self, address: ControlAddress, *, deadline_s: float = 30.0) -> None:
        """Connect and say the token.

        Raises:
            LinkError: nobody listens there, or it is no control channel.
            ControlRefusal: wrong token or protocol version.
        """
        self._address = address
        self._deadline_s = deadline_s
        self._lines = JsonLines(max_line=_MAX_ANSWER)
        self._messages: collections.deque[dict[str, Any]] = collections.deque()
        self._samples: dict[int, collections.deque[Sample]] = {}
        self._number = 0
        url = urlsplit(address.url)
        try:
            self._socket = socket.create_connection((url.hostname or "", url.port or 0), timeout=deadline_s)
        except OSError as error:
            kind = ConnectionRefused if isinstance(error, ConnectionRefusedError) else LinkError
            raise kind(f"control channel {address.url}: {error.strerror or error}; is the cell running?") from error
        try:
            self._send({"plc_hil": PROTOCOL_VERSION, "token": address.token})
            self.greeting: Mapping[str, Any] = self._receive(deadline_s)
            self._raise_if_refused(self.greeting)
        except BaseException:
            self._socket.close()
            raise

    @classmethod
    def from_ports_file(cls, path: str | os.PathLike[str], *, deadline_s: float = 30.0) -> ControlClient:
        """Connect to the cell that wrote a ports file.

        Raises:
            LinkError: there is no such file, or its cell does not run any more.
        """
        try:
            return cls(read_ports_file(path).control, deadline_s=deadline_s)
        except ConnectionRefused as error:
            raise LinkError(f"{path}: its cell does not run any more; start it again with 'hil run'") from error

    def __enter__(self) -> ControlClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; subscriptions end with the connection."""
        self._socket.close()

    def read(self, *names: str) -> dict[str, TagValue]:
        """Return present values, all of one step."""
        values = self.ask(Read(names))["values"]
        return {name: number_from_json(value) for name, value in values.items()}

    def write(self, name: str, value: TapeValue) -> None:
        """Write once, in the next step."""
        self.ask(Write(name, value))

    def force(self, name: str, value: TapeValue) -> None:
        """Hold a value until it is released."""
        self.ask(Force(name, value))

    def release(self, *names: str) -> list[str]:
        """Release forces, all of them when no name is given; return which."""
        return list(self.ask(Release(names))["released"])

    def inject(self, fault: str, value: TapeValue = True) -> None:
        """Set a fault such as ``LT-101.stuck``; None clears it."""
        self.ask(Inject(fault, value))

    def restart(self, controller: str, kind: str) -> None:
        """Restart a controller: cold, warm, power_off, power_on."""
        self.ask(Restart(controller, kind))

    def pause(self) -> None:
        """Stop time."""
        self.ask(Pause())

    def resume(self) -> None:
        """Let time pass again."""
        self.ask(Resume())

    def step(self, steps: int = 1) -> int:
        """Run steps of a paused cell, wait for them without a deadline, return the tick reached."""
        return int(self.ask(Step(steps), deadline_s=None)["tick"])

    def status(self) -> dict[str, Any]:
        """Return how the cell is doing: the members of ``CellStatus``."""
        return dict(self.ask(Status()))

    def targets(self) -> list[dict[str, Any]]:
        """Return every name: the members of ``TargetDescription``."""
        return list(self.ask(ListTargets())["targets"])

    def subscribe(self, names: Sequence[str], period_ns: int = 0) -> int:
        """Ask for values each ``period_ns`` of plant time; return the number for ``samples``."""
        number = int(self.ask(Subscribe(tuple(names), period_ns))["subscription"])
        self._samples.setdefault(number, collections.deque())
        return number

    def unsubscribe(self, subscription: int) -> None:
        """End a subscription."""
        self.ask(Unsubscribe(subscription))
        self._samples.pop(subscription, None)

    def samples(self, subscription: int) -> Iterator[Sample]:
        """Yield the samples of a subscription as they come, for ever; LinkError when none comes by the deadline."""
        waiting = self._samples[subscription]
        while True:
            while not waiting:
                self._file(self._receive(self._deadline_s))
            yield waiting.popleft()

    def ask(self, request: Request, *, deadline_s: float | None = -1.0) -> Mapping[str, Any]:
        """Send a request and return the members of its answer.

        Raises:
            ControlRefusal: the cell says no.
            LinkError: the connection is lost, or there is no answer by the deadline.
        """
        self._number += 1
        self._send({"id": self._number, **request_to_json(request)})
        wait_s = self._deadline_s if deadline_s == -1.0 else deadline_s
        while True:
            message = self._receive(wait_s)
            if message.get("id") == self._number:
                self._raise_if_refused(message)
                answer: Mapping[str, Any] = message["answer"]
                return answer
            self._raise_if_refused(message)
            self._file(message)

    def _file(self, message: Mapping[str, Any]) -> None:
        """Keep a sample for whoever iterates over its subscription."""
        if "subscription" in message:
            values = {name: number_from_json(value) for name, value in message["values"].items()}
            sample = Sample(message["time_ns"], values, message.get("lost", 0))
            self._samples.setdefault(message["subscription"], collections.deque()).append(sample)

    def _send(self, message: Mapping[str, Any]) -> None:
        try:
            self._socket.sendall(encode_line(message))
        except OSError as error:
            raise self._lost(str(error)) from error

    def _receive(self, deadline_s: float | None) -> dict[str, Any]:
        while not self._messages:
            self._socket.settimeout(deadline_s)
            try:
                chunk = self._socket.recv(_CHUNK)
            except TimeoutError:
                raise self._lost(f"no answer within {deadline_s} s") from None
            except OSError as error:
                raise self._lost(str(error)) from error
            if not chunk:
                raise self._lost("the cell hung up; it has stopped, or this is not its control channel")
            for message in self._lines.feed(chunk):
                if isinstance(message, MalformedLine):
                    raise self._lost(str(message))
                self._messages.append(message)
        return self._messages.popleft()

    def _lost(self, why: str) -> LinkError:
        return LinkError(f"control channel {self._address.url}: {why}")

    def _raise_if_refused(self, message: Mapping[str, Any]) -> None:
        error = message.get("error")
        if isinstance(error, dict):
            raise ControlRefusal(str(error.get("code")), str(error.get("message")))
