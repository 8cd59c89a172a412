"""One client's side of a gateway: its requests that are under way, and the answers that have come back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from emulators.modbus.codes import ExceptionCode, exception_response
from emulators.modbus.framing import earliest
from emulators.modbus.wire_exit import WireExit

if TYPE_CHECKING:
    from emulators.modbus.gateway import Gateway
    from emulators.modbus.gateway_lanes import Lane
    from emulators.modbus.mbap import UnitDirectory

__all__ = ["GatewayPort"]


class GatewayPort:
    """Takes requests with transaction ids; ``directory`` are the units as this client may use them."""

    def __init__(self, gateway: Gateway, directory: UnitDirectory, wire_exit: WireExit) -> None:
        self.directory = directory
        self.is_left = False
        self._gateway = gateway
        self._exit = wire_exit
        self._jobs: dict[_Job, Lane] = {}
        self._answers: list[tuple[int, int, bytes]] = []  # when, to which request

    @property
    def due_ns(self) -> int | None:
        """When something may happen next to a request that is under way."""
        return earliest(*(lane.due_ns for lane in self._lanes())) if self._jobs else None

    def take(self, number: int, transaction_id: int, unit_id: int, request: bytes, time_ns: int) -> bytes:
        """Send a request on its way; return the answers that are there now."""
        refusal = self.directory.refusal(request)
        lanes = self._gateway.lanes(unit_id) if not refusal else ()
        if not lanes:
            job = _Job(self, number, transaction_id, unit_id, request, time_ns)
            job.let_out(lambda: refusal or self._answer_of_nobody(unit_id, request), time_ns)
        for lane in lanes:
            job = _Job(self, number, transaction_id, unit_id, request, time_ns)
            self._jobs[job] = lane
            if not lane.submit(job):
                busy = exception_response(request[0], ExceptionCode.SERVER_DEVICE_BUSY)
                job.answer(busy, time_ns)
                job.end()
        return self._taken()

    def poll(self, time_ns: int) -> bytes:
        """Return the answers that have come back by then."""
        while (due_ns := self.due_ns) is not None and due_ns <= time_ns:
            for lane in self._lanes():
                lane.advance(due_ns)
        return self._taken()

    def leave(self, time_ns: int) -> None:
        """Say that the client has gone: what waits is given up, what has been sent to a unit is carried out."""
        self.poll(time_ns)
        self.is_left = True
        for job, lane in tuple(self._jobs.items()):
            lane.abandon(job)

    def let_out(self, job: _Job, ask: Callable[[], bytes], time_ns: int) -> None:
        """Let the answer to a job out, as faults allow."""
        answer = self._exit.answer(job.number, job.transaction_id, job.unit_id, job.request, time_ns, ask)
        self._answers.append((time_ns, job.number, answer))

    def is_unit_off(self, job: _Job, time_ns: int) -> bool:
        """Whether a fault keeps a job from its unit."""
        return self._exit.is_unit_off(job.number, job.unit_id, job.request, time_ns)

    def forget(self, job: _Job) -> None:
        """Wait for a job no longer."""
        self._jobs.pop(job, None)

    def _lanes(self) -> tuple[Lane, ...]:
        return tuple(dict.fromkeys(self._jobs.values()))

    def _answer_of_nobody(self, unit_id: int, request: bytes) -> bytes:
        response = self.directory.answer(unit_id, request)
        if response and self._gateway.has_lines:
            return exception_response(request[0], ExceptionCode.GATEWAY_PATH_UNAVAILABLE)
        return response

    def _taken(self) -> bytes:
        taken = b"".join(answer for _, _, answer in sorted(self._answers))  # lanes go on for other clients, too
        self._answers.clear()
        return taken


class _Job:
    """Satisfies ``gateway_lanes.Job``."""

    __slots__ = ("_port", "arrived_ns", "number", "request", "transaction_id", "unit_id")

    def __init__(
        self, port: GatewayPort, number: int, transaction_id: int, unit_id: int, request: bytes, arrived_ns: int
    ) -> None:
        self._port = port
        self.number = number
        self.transaction_id = transaction_id
        self.unit_id = unit_id
        self.request = request
        self.arrived_ns = arrived_ns

    def is_unit_off(self, time_ns: int) -> bool:
        return self._port.is_unit_off(self, time_ns)

    def ask(self, time_ns: int) -> bool:
        responses: list[bytes] = []

        def ask_unit() -> bytes:
            responses.append(self._port.directory.answer(self.unit_id, self.request))
            return responses[0]

        if self._port.is_left:
            ask_unit()
        else:
            self.let_out(ask_unit, time_ns)
        return responses != [b""]  # a fault may have answered without asking

    def carry_out(self) -> None:
        self._port.directory.answer(self.unit_id, self.request)

    def answer(self, response: bytes, time_ns: int) -> None:
        self.let_out(lambda: response, time_ns)

    def fail(self, time_ns: int) -> None:
        self.answer(exception_response(self.request[0], ExceptionCode.GATEWAY_TARGET_FAILED), time_ns)

    def let_out(self, ask: Callable[[], bytes], time_ns: int) -> None:
        if not self._port.is_left:
            self._port.let_out(self, ask, time_ns)

    def end(self) -> None:
        self._port.forget(self)
