from __future__ import annotations

import asyncio

import pytest

from emulators.errors import LinkError
from emulators.serving.addresses import EndpointAddress
from emulators.serving.endpoint import EndpointHost
from emulators.serving.loop_thread import EventLoopThread
from emulators.signals.publication import ClientWrite


class RecordingEndpoint:
    protocol = "test"
    controller = "PLC1"

    def __init__(self, name: str, *, error: Exception | None = None) -> None:
        self.name = name
        self.calls: list[str] = []
        self._error = error

    @property
    def url(self) -> str:
        return f"test://{self.name}"

    async def start(self) -> None:
        self.calls.append("start")
        await asyncio.sleep(0)
        if self._error is not None:
            raise self._error

    async def restart(self, seed: int) -> None:
        self.calls.append(f"restart {seed}")

    async def stop(self) -> None:
        self.calls.append("stop")

    def publish(self, snapshot) -> None:
        self.calls.append(f"publish {snapshot}")

    def take_writes(self, tick: int) -> list[ClientWrite]:
        return [ClientWrite(self.name, tick)]


def test_addresses_are_those_of_the_endpoints() -> None:
    with EventLoopThread() as thread:
        host = EndpointHost(thread, [RecordingEndpoint("a"), RecordingEndpoint("b")])

        assert host.addresses[1] == EndpointAddress("b", "test", "test://b", "PLC1")


def test_all_endpoints_stop_when_one_cannot_start() -> None:
    endpoints = [RecordingEndpoint("a"), RecordingEndpoint("b", error=LinkError("port 80 is taken"))]
    with EventLoopThread() as thread, pytest.raises(LinkError, match="port 80 is taken"):
        EndpointHost(thread, endpoints).start()

    assert [endpoint.calls for endpoint in endpoints] == [["start", "stop"], ["start", "stop"]]


def test_snapshot_goes_to_every_endpoint_and_writes_come_from_each() -> None:
    endpoints = [RecordingEndpoint("a"), RecordingEndpoint("b")]
    with EventLoopThread() as thread:
        host = EndpointHost(thread, endpoints)

        host.publish("snapshot")

        assert [endpoint.calls for endpoint in endpoints] == [["publish snapshot"]] * 2
        assert host.take_writes(7) == [ClientWrite("a", 7), ClientWrite("b", 7)]


def test_every_endpoint_is_restarted_with_the_seed() -> None:
    endpoints = [RecordingEndpoint("a"), RecordingEndpoint("b")]
    with EventLoopThread() as thread:
        EndpointHost(thread, endpoints).restart(7)

    assert [endpoint.calls for endpoint in endpoints] == [["restart 7"]] * 2


def test_endpoint_that_hangs_while_starting_is_given_up_at_the_deadline() -> None:
    class HangingEndpoint(RecordingEndpoint):
        async def start(self) -> None:
            await asyncio.Event().wait()

    endpoint = HangingEndpoint("slow")
    with EventLoopThread() as thread, pytest.raises(LinkError, match="no result within"):
        EndpointHost(thread, [endpoint]).start(deadline_s=0.02)

    assert endpoint.calls == ["stop"]
