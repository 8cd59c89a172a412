"""The control channel over a real loopback socket, around a cell without a plant."""

from __future__ import annotations

import contextlib
import json
import math
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from emulators.cell.catalogue import TargetDescription
from emulators.errors import LinkError
from emulators.serving.addresses import ControlAddress, EndpointAddress
from emulators.serving.control.client import ControlClient, ControlRefusal
from emulators.serving.control.server import ControlServer
from emulators.serving.loop_thread import EventLoopThread
from emulators.serving.pacing import Pacing
from emulators.serving.ports_file import read_ports_file, write_ports_file
from emulators.serving.served_cell import ServedCell

DEADLINE_S = 60.0


@pytest.fixture
def served(cell, publisher) -> Iterator[ServedCell]:
    with ServedCell(cell, publisher, pacing=Pacing.STEPPED) as served:
        yield served


@pytest.fixture
def address(served: ServedCell) -> Iterator[ControlAddress]:
    with EventLoopThread() as thread:
        server = ControlServer(served, {"cell": "counting"})
        thread.run(server.start(), deadline_s=DEADLINE_S)
        yield ControlAddress(server.url, server.token)
        served.stop()
        thread.run(server.stop(), deadline_s=DEADLINE_S)


@pytest.fixture
def client(address: ControlAddress) -> Iterator[ControlClient]:
    with ControlClient(address) as client:
        yield client


def raw_socket(address: ControlAddress) -> socket.socket:
    url = urlsplit(address.url)
    return socket.create_connection((url.hostname, url.port), timeout=DEADLINE_S)


def test_greeting_names_the_cell(client: ControlClient) -> None:
    assert client.greeting["cell"] == "counting"


def test_written_value_acts_in_the_next_step(client: ControlClient) -> None:
    client.write("SP", 20.0)
    before = client.read("SP", "COUNT")
    tick = client.step(3)

    assert (before, tick) == ({"SP": 50.0, "COUNT": 0}, 3)
    assert client.read("SP", "COUNT") == {"SP": 20.0, "COUNT": 3}


def test_forces_faults_and_restarts_reach_the_tape(client: ControlClient, served: ServedCell) -> None:
    client.force("START", True)
    client.inject("LT-101.stuck")
    client.restart("PLC1", "warm")
    client.step()
    held = client.status()
    released = client.release()
    client.inject("LT-101.stuck", None)
    client.step()

    assert [f"{event.operation.value} {event.target} {event.value}" for event in served.tape] == [
        "force START True",
        "fault LT-101.stuck True",
        "restart PLC1 warm",
        "release START None",
        "fault LT-101.stuck None",
    ]
    assert (held["forces"], held["faults"]) == ({"START": True}, {"LT-101.stuck": True})
    assert released == ["START"]


def test_refusal_of_the_cell_is_told_and_the_connection_goes_on(client: ControlClient) -> None:
    with pytest.raises(ControlRefusal, match="there is no tag 'LEVLE'") as refusal:
        client.read("LEVLE")

    assert refusal.value.code == "refused"
    assert client.read("COUNT") == {"COUNT": 0}


def test_resume_of_a_stepped_cell_is_refused(client: ControlClient) -> None:
    with pytest.raises(ControlRefusal, match="only in steps"):
        client.resume()


def test_not_a_number_is_read_as_such(client: ControlClient, cell) -> None:
    cell.values["SP"] = math.nan

    assert math.isnan(client.read("SP")["SP"])


def test_list_names_every_target_with_its_faults(client: ControlClient) -> None:
    targets = {target["name"]: target for target in client.targets()}

    assert targets["SP"]["unit"] == "%"
    assert targets["LT-101"]["faults"][0]["name"] == "stuck"


@pytest.fixture
def fleet(cell) -> tuple[str, ...]:
    """Give the cell the catalogue of a fleet, before anything is made of it; return its names."""
    names = tuple(f"energy_meter-{unit}.VALUE_{number}" for unit in range(200) for number in range(50))
    description = "mean of the phases, since the last reset of the greatest demand, as the display shows it"
    cell.targets = {name: TargetDescription(name, "LREAL", "kWh", description=description) for name in names}
    return names


def test_catalogue_of_a_fleet_is_listed_whole(fleet: tuple[str, ...], client: ControlClient) -> None:
    assert tuple(target["name"] for target in client.targets()) == fleet


def test_status_says_how_the_cell_is_doing(client: ControlClient) -> None:
    client.step(5)

    status = client.status()

    assert (status["state"], status["tick"], status["time_ns"]) == ("paused", 5, 50_000_000)
    assert status["controllers"] == {"PLC1": "RUN"}


def test_subscription_sends_a_sample_each_period_until_it_is_ended(client: ControlClient) -> None:
    subscription = client.subscribe(["COUNT"], 20_000_000)
    client.step(5)
    samples = client.samples(subscription)
    seen = [next(samples).values["COUNT"] for _ in range(3)]
    client.unsubscribe(subscription)
    client.step(5)

    assert seen == [1, 3, 5]


def test_two_clients_see_the_same_cell_and_one_pauses_what_the_other_waits_for(
    address: ControlAddress, cell, wait_until
) -> None:
    refusals: list[ControlRefusal] = []

    def wait_for_steps() -> None:
        with ControlClient(address) as patient:
            try:
                patient.step(1 << 60)
            except ControlRefusal as refusal:
                refusals.append(refusal)

    waiter = threading.Thread(target=wait_for_steps)
    with ControlClient(address) as other:
        waiter.start()
        wait_until(lambda: cell.tick > 0)
        other.pause()
    waiter.join(DEADLINE_S)

    assert "interrupted by a pause" in str(refusals[0])


def test_wrong_token_is_refused(address: ControlAddress) -> None:
    with pytest.raises(ControlRefusal, match="wrong token"):
        ControlClient(ControlAddress(address.url, "guess"))


def test_token_does_not_show_in_texts(address: ControlAddress) -> None:
    assert address.token not in repr(address)


def test_rubbish_ends_its_own_connection_only(address: ControlAddress, client: ControlClient) -> None:
    with raw_socket(address) as rubbish:
        rubbish.sendall(b"\x00\x01rubbish\n" * 1000)
        with contextlib.suppress(ConnectionResetError):
            answered = rubbish.recv(65536)
            assert json.loads(answered.splitlines()[0])["error"]["code"] == "malformed"

    assert client.read("COUNT") == {"COUNT": 0}


def test_client_that_leaves_takes_its_subscription_with_it(address: ControlAddress, served, wait_until) -> None:
    with ControlClient(address) as leaving:
        leaving.subscribe(["COUNT"])
    subscriptions = served._scan._subscriptions

    def is_gone() -> bool:
        served.step(1)
        return not subscriptions._subscriptions

    wait_until(is_gone)

    assert served.read(["COUNT"])["COUNT"] > 0


def test_client_that_does_not_read_its_samples_loses_some_and_is_told(address, client, cell) -> None:
    cell.values["TEXT"] = "x" * 100_000
    with ControlClient(address) as lazy:
        samples = lazy.samples(lazy.subscribe(["COUNT", "TEXT"]))

        client.step(300)
        received = [next(samples)]
        client.step(1)
        while not received[-1].lost_count:
            received.append(next(samples))
            client.step(1)

    counts = [sample.values["COUNT"] for sample in received]
    assert counts == sorted(counts)
    assert counts[-1] - counts[-2] == received[-1].lost_count + 1


def test_connection_ends_when_the_cell_stops(address: ControlAddress, served: ServedCell, client) -> None:
    served.stop()

    with pytest.raises(ControlRefusal, match="is not running"):
        client.read("COUNT")


def test_dead_cell_is_named_as_such(address: ControlAddress) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"tcp://127.0.0.1:{unused.getsockname()[1]}"

        with pytest.raises(LinkError, match="is the cell running"):
            ControlClient(ControlAddress(url, "token"))


def test_ports_file_is_for_its_user_only_and_leads_to_the_cell(address: ControlAddress, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "ports.json"
    endpoint = EndpointAddress("plc1-modbus", "modbus-tcp", "modbus-tcp://127.0.0.1:5020/1", "PLC1")

    write_ports_file(path, [endpoint], address)

    assert path.stat().st_mode & 0o777 == 0o600
    assert (read_ports_file(path).pid, read_ports_file(path).endpoints) == (os.getpid(), (endpoint,))
    with ControlClient.from_ports_file(path) as client:
        assert client.read("COUNT") == {"COUNT": 0}
    assert [entry.name for entry in path.parent.iterdir()] == ["ports.json"]


def test_missing_ports_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(LinkError, match="hil run RIG --ports-file"):
        read_ports_file(tmp_path / "ports.json")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"pid": 1, "endpoints": [{}], "control": {}}'])
def test_file_that_is_no_ports_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "ports.json"
    path.write_text(content)

    with pytest.raises(LinkError, match="not a ports file"):
        read_ports_file(path)
