"""Shipped devices over a real socket: every register readable, twins behind them, the same run for the same seed."""

from __future__ import annotations

import socket
import struct
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from emulators.description import RegisterAccess, RegisterTable, load_register_map
from emulators.modbus.codec import EntryCodec
from emulators.serving import Pacing
from hil.assembly.devices import RunningDevices, running_devices
from hil.resources import resolve_register_map, shipped_devices

FUNCTION_CODES = {
    RegisterTable.COIL: 1,
    RegisterTable.DISCRETE_INPUT: 2,
    RegisterTable.HOLDING_REGISTER: 3,
    RegisterTable.INPUT_REGISTER: 4,
}


class Client:
    """Reads and writes by tag, as the map says."""

    def __init__(self, running: RunningDevices) -> None:
        address = urlsplit(running.url)
        self._unit_id = int(address.path.strip("/"))
        self._socket = socket.create_connection((address.hostname, address.port), timeout=60)
        self.entries = {entry.tag: entry for entry in running.register_map.entries}

    def close(self) -> None:
        self._socket.close()

    def pdu(self, request: bytes) -> bytes:
        self._socket.sendall(struct.pack(">HHHB", 7, 0, len(request) + 1, self._unit_id) + request)
        head = self._socket.recv(7, socket.MSG_WAITALL)
        return self._socket.recv(int.from_bytes(head[4:6], "big") - 1, socket.MSG_WAITALL)

    def read(self, tag: str):
        entry = self.entries[tag]
        answer = self.pdu(struct.pack(">BHH", FUNCTION_CODES[entry.table], entry.address, entry.quantity))
        assert answer[0] == FUNCTION_CODES[entry.table], f"{tag}: {answer.hex()}"
        return bool(answer[2] & 1) if entry.table.has_bits else EntryCodec(entry).decode(answer[2:])

    def write(self, tag: str, value) -> None:
        entry = self.entries[tag]
        if entry.table.has_bits:
            answer = self.pdu(struct.pack(">BHH", 5, entry.address, 0xFF00 if value else 0))
        else:
            wire = EntryCodec(entry).encode(value)
            answer = self.pdu(struct.pack(">BHHB", 16, entry.address, entry.quantity, len(wire)) + wire)
        assert answer[0] in (5, 16), f"{tag}: {answer.hex()}"


@pytest.fixture
def run_device():
    with ExitStack() as stack:

        def start(name, seed=0):
            register_map = load_register_map(resolve_register_map(name))
            running = stack.enter_context(running_devices([register_map], pacing=Pacing.STEPPED, seed=seed))
            client = Client(running)
            stack.callback(client.close)
            return running, client

        yield start


@pytest.mark.parametrize("name", shipped_devices())
def test_every_register_of_a_shipped_device_reads(name, run_device):
    running, client = run_device(name)
    running.served.step(20)

    readable = [tag for tag, entry in client.entries.items() if entry.is_readable]
    values = {tag: client.read(tag) for tag in readable}

    assert len(values) >= 20


@pytest.mark.parametrize("name", shipped_devices())
def test_every_number_that_clients_write_reads_back(name, run_device):
    running, client = run_device(name)
    running.served.step(2)
    writable = [
        entry
        for entry in client.entries.values()
        if entry.access is RegisterAccess.READ_WRITE and not entry.names and not entry.table.has_bits
    ]

    for entry in writable:
        value = client.read(entry.tag)
        client.write(entry.tag, value)
        assert client.read(entry.tag) == value

    assert writable


@pytest.mark.parametrize("name", shipped_devices())
def test_a_shipped_device_says_who_it_is(name, run_device):
    running, client = run_device(name)
    identity = running.register_map.identity

    basic = client.pdu(bytes.fromhex("2B0E0100"))
    code = identity["product_code"].encode()
    server_id = client.pdu(b"\x11")

    assert basic[:4] == bytes.fromhex("2B0E0182")
    assert bytes([0, 7]) + b"plc-hil" + bytes([1, len(code)]) + code in basic
    assert server_id[2:] == code + b"\xff" + identity["revision"].encode()


def test_the_meter_counts_what_the_client_switches_on(run_device):
    running, client = run_device("energy_meter")
    client.write("LOAD", 36.0)
    running.served.step(1001)

    assert client.read("IMPORT") == pytest.approx(1235.5, abs=0.01)
    assert client.read("POWER_L1") == pytest.approx(14400.0)


def test_half_of_a_float_of_the_meter_is_refused(run_device):
    _, client = run_device("energy_meter")

    assert client.pdu(bytes.fromhex("04 0001 0002")) == bytes.fromhex("84 02")


@pytest.mark.parametrize(("start", "end"), [(0, 80), (80, 108), (200, 270), (334, 382)])
def test_the_meter_answers_the_blocks_that_drivers_of_such_meters_read(run_device, start, end):
    _, client = run_device("energy_meter")

    answer = client.pdu(struct.pack(">BHH", 4, start, end - start))

    assert answer[:2] == bytes((4, 2 * (end - start)))


def test_the_drive_is_commanded_by_its_words(run_device):
    running, client = run_device("vfd")
    client.write("TARGET", 1000)
    running.served.step(30)
    for word in (0x06, 0x07, 0x0F):
        client.write("CONTROL", word)
        running.served.step(2)
    running.served.step(200)

    assert client.read("STATE") == 4
    assert client.read("SPEED") == 1000
    assert client.read("STATUS") == 0x637


def test_a_fault_of_the_drive_is_injected_and_read(run_device):
    running, client = run_device("vfd")
    running.served.inject("TWIN.overcurrent", True)
    running.served.step(2)

    assert (client.read("STATE"), client.read("ERROR")) == (7, 0x2310)


def test_a_reset_of_the_meter_is_taken_and_cleared(run_device):
    running, client = run_device("energy_meter")
    client.write("LOAD", 36.0)
    running.served.step(100)
    before = client.read("RESETTABLE")
    client.write("RESET", 3)
    running.served.step(1)

    assert before == pytest.approx(0.099, abs=0.002)
    assert client.read("RESETTABLE") == pytest.approx(0.001, abs=0.0002)
    assert client.pdu(bytes.fromhex("06 F010 0001")) == bytes.fromhex("86 03")


def test_a_command_that_the_twin_has_taken_reads_as_none(run_device):
    running, client = run_device("ups")
    client.write("TEST", 1)
    written = client.read("TEST")
    running.served.step(3)

    assert (written, client.read("TEST"), client.read("TEST_RESULT")) == (1, 0, 5)


def test_autotuning_writes_its_parameters_into_the_registers(run_device):
    running, client = run_device("temperature_controller")
    client.write("INTEGRAL_TIME", 9999)
    client.write("AUTOTUNE", 1)
    running.served.step(6000)

    assert client.read("AUTOTUNE") == 0
    assert 1 < client.read("INTEGRAL_TIME") < 200


def test_outputs_of_the_coupler_fall_with_its_watchdog(run_device):
    running, client = run_device("remote_io")
    client.write("DO_1", True)
    client.write("WATCHDOG.TIME", 0.5)
    client.write("WATCHDOG.TRIGGER", 1)
    running.served.step(40)
    alive = (client.read("DO_1.ON"), client.read("DI_1"), client.read("WATCHDOG.STATE"))
    running.served.step(20)

    assert alive == (True, True, 1)
    assert (client.read("DO_1.ON"), client.read("WATCHDOG.STATE"), client.read("DO_1")) == (False, 2, True)


def sunspec_models(client):
    """Return length and first register of each model, as a SunSpec client finds them."""
    models = {}
    address = 40002
    while True:
        model, length = struct.unpack(">HH", client.pdu(struct.pack(">BHH", 3, address, 2))[2:])
        if model == 0xFFFF:
            return models
        models[model] = (length, address)
        address += 2 + length


def test_a_sunspec_client_finds_its_models_and_reads_each_whole(run_device):
    _, client = run_device("sunspec_inverter")

    head = client.pdu(bytes.fromhex("03 9C40 0002"))[2:]
    models = sunspec_models(client)
    sizes = {
        number: len(client.pdu(struct.pack(">BHH", 3, address, 2 + length))) - 2
        for number, (length, address) in models.items()
    }

    assert head == b"SunS"
    assert {number: length for number, (length, _) in models.items()} == {
        1: 66,
        103: 50,
        120: 26,
        121: 30,
        122: 44,
        123: 24,
    }
    assert sizes == {number: 2 * (2 + length) for number, (length, _) in models.items()}


def test_the_power_limit_of_sunspec_throttles_the_inverter(run_device):
    running, client = run_device("sunspec_inverter")
    running.served.step(100)
    free = (client.read("I.W"), client.read("I.St"))
    client.write("K.WMaxLimPct", 25.0)
    client.write("K.WMaxLim_Ena", 1)
    running.served.step(20)

    assert free[0] > 4000
    assert free[1] == 4
    assert (client.read("I.W"), client.read("I.St"), client.read("X.StActCtl")) == (2500, 5, 1)
    assert client.read("K.WMaxLimPct") == 25.0


def test_a_name_written_by_a_client_stays(run_device):
    running, client = run_device("flow_meter")
    client.write("TAG_NAME", "FT-207")
    running.served.step(10)

    assert client.read("TAG_NAME") == "FT-207"


def test_the_maker_id_is_written_once(run_device):
    running, client = run_device("flow_meter")
    client.write("MAKER_ID", 7)
    running.served.step(2)
    answer = client.pdu(bytes.fromhex("06 0013 0008"))

    assert answer == bytes.fromhex("86 02")
    assert client.read("MAKER_ID") == 7


def test_the_same_seed_gives_the_same_readings(run_device):
    readings = []
    for seed in (3, 3, 4):
        running, client = run_device("energy_meter", seed)
        running.served.step(50)
        readings.append([client.read(tag) for tag in ("VOLTAGE_L1", "FREQUENCY", "IMPORT")])

    assert readings[0] == readings[1] != readings[2]
