"""Devices alone: their registers over a real socket on loopback, in stepped time."""

from __future__ import annotations

import socket
import struct
from urllib.parse import urlsplit

import pytest

from emulators.description.register_map_reader import parse_register_map
from emulators.description.source import Findings, SourceFile
from emulators.errors import LinkError
from emulators.serving import ControlClient, Pacing
from hil.assembly.blank_devices import blank_devices
from hil.assembly.device_places import DevicePlace
from hil.assembly.devices import plan_devices, running_devices
from hil.assembly.register_maps import load_any_map

OWN_MAP = """format = 1
name = "own"
[identity]
vendor_name = "Example"
product_code = "X-1"
server_id = "7"
additional = "X-1 V2"
[[register]]
tag = "COUNT"
reference = 40001
type = "uint32"
initial = 70000
behaviour = { kind = "counter", period = "100 ms" }
[[register]]
tag = "SP"
reference = 40003
type = "int16"
scale = 0.1
access = "rw"
initial = 21.5
[[register]]
tag = "FEEDBACK"
reference = 30001
type = "int16"
scale = 0.1
behaviour = { kind = "mirror", of = "SP", delay = "200 ms" }
[[register]]
tag = "NAME"
reference = 40010
type = "string[6]"
access = "rw"
"""


def request(url: str, pdu: str) -> bytes:
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=60) as client:
        body = bytes.fromhex(pdu)
        client.sendall(struct.pack(">HHHB", 1, 0, len(body) + 1, int(address.path.strip("/"))) + body)
        head = client.recv(7, socket.MSG_WAITALL)
        return client.recv(int.from_bytes(head[4:6], "big") - 1, socket.MSG_WAITALL)


def own_map(text: str = OWN_MAP):
    return parse_register_map(SourceFile("own.toml", text))


def test_a_device_of_its_own_values_answers_and_moves() -> None:
    with running_devices([own_map()], pacing=Pacing.STEPPED) as running:
        before = request(running.url, "03 0000 0003")
        running.served.step(5)
        after = request(running.url, "03 0000 0003")

    assert before == bytes.fromhex("03 06 0001 1170 00D7")
    assert after == bytes.fromhex("03 06 0001 1175 00D7")


def test_a_write_moves_what_follows_it() -> None:
    with running_devices([own_map()], pacing=Pacing.STEPPED) as running:
        request(running.url, "06 0002 012C")
        running.served.step(2)
        early = request(running.url, "04 0000 0001")
        running.served.step(2)
        late = request(running.url, "04 0000 0001")

    assert (early, late) == (bytes.fromhex("04 02 0000"), bytes.fromhex("04 02 012C"))


def test_a_text_is_written_and_read_back() -> None:
    with running_devices([own_map()], pacing=Pacing.STEPPED) as running:
        request(running.url, "10 0009 0003 06 504C432D3700")
        running.served.step(1)
        inside = running.served.read(["NAME"])
        outside = request(running.url, "03 0009 0003")

    assert inside == {"NAME": "PLC-7"}
    assert outside[2:] == b"PLC-7\0"


def test_a_device_says_who_it_is() -> None:
    with running_devices([own_map()], pacing=Pacing.STEPPED) as running:
        answer = request(running.url, "2B 0E 01 00")
        server_id = request(running.url, "11")

    assert b"Example" in answer
    assert b"X-1" in answer
    assert server_id == b"\x11\x087\xffX-1 V2"


def test_the_control_channel_forces_own_values() -> None:
    with running_devices([own_map()], pacing=Pacing.STEPPED) as running:
        running.served.force("COUNT", 1)
        running.served.step(3)
        held = running.served.read(["COUNT"])
        running.served.release(["COUNT"])
        running.served.step(1)

        assert held == {"COUNT": 1}
        assert running.served.read(["COUNT"]) == {"COUNT": 70004}


def test_the_tape_of_a_device_has_what_clients_wrote() -> None:
    with running_devices([own_map()], pacing=Pacing.STEPPED) as running:
        running.served.step(1)
        request(running.url, "06 0002 012C")
        running.served.step(1)

        assert [(event.time_ns, event.target, event.value) for event in running.served.tape] == [
            (200_000_000, "SP", 30.0)
        ]


def test_a_blank_device_has_four_tables_of_its_size() -> None:
    with blank_devices(100, DevicePlace(unit_id=7)) as blank:
        request(blank.url, "10 0062 0002 04 12345678")

        assert request(blank.url, "03 0062 0002") == bytes.fromhex("03 04 12345678")
        assert request(blank.url, "04 0063 0002") == bytes.fromhex("84 02")
        assert request(blank.url, "02 0000 0008") == bytes.fromhex("02 01 00")


def test_a_taken_port_is_an_error_that_says_what_to_do() -> None:
    with (
        blank_devices(1, DevicePlace()) as blank,
        pytest.raises(LinkError, match="use port 0"),
        blank_devices(1, DevicePlace(port=urlsplit(blank.url).port or 0)),
    ):
        pass


TWIN_MAP = """format = 1
name = "level"
[twin]
component = "tank"
step = "1 s"
area_m2 = 1.0
[[register]]
tag = "LEVEL"
signal = "level_m"
reference = 30001
type = "float32"
[[register]]
tag = "INFLOW"
signal = "inflow_m3_per_s"
reference = 40001
type = "float32"
access = "rw"
[[register]]
tag = "VOLUME"
reference = 30003
type = "float32"
behaviour = { kind = "total", of = "INFLOW", per = "1 s" }
"""


def test_a_twin_moves_registers_beside_own_values() -> None:
    with running_devices([own_map(TWIN_MAP)], pacing=Pacing.STEPPED) as running:
        request(running.url, "10 0000 0002 04" + struct.pack(">f", 0.01).hex())
        running.served.step(10)
        level, volume = struct.unpack(">ff", request(running.url, "04 0000 0004")[2:])

    assert level == pytest.approx(0.1, rel=1e-5)
    assert volume == pytest.approx(0.1, rel=1e-5)


# text replaced in the map with a twin, by what, what is reported
REFUSED = [
    ('signal = "level_m"', 'signal = "levl_m"', "level_m"),
    ('component = "tank"', 'component = "tnk"', "did you mean 'tank'?"),
    ("area_m2", "area_m3", "area_m2"),
    ('signal = "level_m"\n', "", "nobody moves register 'LEVEL'"),
    ('of = "INFLOW"', 'of = "OUTFLOW"', "VOLUME follows 'OUTFLOW'"),
    ('tag = "LEVEL"', 'tag = "1 LEVEL"', "'1 LEVEL' is not a tag name"),
]


@pytest.mark.parametrize(("old", "new", "message"), REFUSED, ids=[row[2] for row in REFUSED])
def test_a_twin_that_does_not_fit_its_map_is_refused(old, new, message) -> None:
    findings = Findings()
    plan_devices([own_map(TWIN_MAP.replace(old, new))], findings)

    assert message in "\n".join(map(str, findings.diagnostics))


OWN_TWIN = """
from emulators.component import Component, Input, Output, Phase, port

class Doubler(Component):
    \"\"\"Twice its input.\"\"\"
    PHASE = Phase.SENSOR
    single: Input[int] = port(21)
    double: Output[int] = port()

    def tick(self, step_s: float) -> None:
        self.double = 2 * self.single
"""


@pytest.mark.parametrize("written", ["{folder}/own.py", "own.py"], ids=["absolute", "beside the map"])
def test_a_twin_of_ones_own_is_found_where_its_file_is(written, tmp_path) -> None:
    (tmp_path / "own.py").write_text(OWN_TWIN)
    component = written.format(folder=tmp_path)
    text = (
        f'format = 1\nname = "own"\n[twin]\ncomponent = "{component}:Doubler"\n'
        '[[register]]\ntag = "DOUBLE"\nsignal = "double"\nreference = 30001\ntype = "uint16"\n'
    )
    register_map = parse_register_map(SourceFile(str(tmp_path / "own.toml"), text))

    with running_devices([register_map], pacing=Pacing.STEPPED) as running:
        running.served.step(1)
        answer = request(running.url, "04 0000 0001")

    assert answer == bytes.fromhex("04 02 002A")


def test_values_of_a_device_have_the_names_that_its_map_gives_them() -> None:
    ups = load_any_map("ups").register_map
    own = own_map('format = 1\n[[register]]\ntag = "MODE"\nreference = 40001\ntype = "int16"\nnames = { 1 = "auto" }\n')
    with running_devices([ups, own], pacing=Pacing.STEPPED) as running, ControlClient(running.control) as client:
        names = {target["name"]: target["enumerators"] for target in client.targets()}

    battery = next(entry for entry in ups.entries if entry.tag == "BATTERY_STATUS")
    assert battery.names
    assert names["ups.BATTERY_STATUS"] == [list(pair) for pair in battery.names]
    assert names["device.MODE"] == [[1, "auto"]]
