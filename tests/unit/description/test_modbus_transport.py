"""What an endpoint of a rig says about its transport."""

from __future__ import annotations

import pytest

from emulators.description import load_rig
from emulators.description.characters import CharacterEntry
from emulators.errors import DescriptionError

PROTOCOL = 'protocol = "modbus-tcp"'


def transport(project, text: str):
    project.change("rig.toml", PROTOCOL, text)
    return load_rig("rig.toml").endpoints[0].transport


def findings(project, text: str) -> list[str]:
    project.change("rig.toml", PROTOCOL, text)
    with pytest.raises(DescriptionError) as caught:
        load_rig("rig.toml")
    return [str(diagnostic) for diagnostic in caught.value.diagnostics]


@pytest.mark.parametrize("protocol", ["modbus-tcp", "modbus-udp", "modbus-rtu-over-tcp", "modbus-rtu", "modbus-ascii"])
def test_endpoint_needs_nothing_but_its_protocol(project, protocol: str) -> None:
    said = transport(project, f'protocol = "{protocol}"')

    assert (said.max_connections, said.idle_ns, said.tls) == (None, None, None)


@pytest.mark.parametrize(("protocol", "data_bits"), [("modbus-rtu", 8), ("modbus-ascii", 7)])
def test_serial_line_is_set_as_the_standard_says_unless_told_otherwise(project, protocol: str, data_bits: int) -> None:
    serial = transport(project, f'protocol = "{protocol}"').serial

    assert serial.characters == CharacterEntry(19_200, "even", 1, data_bits)
    assert (serial.serial_port, serial.link, serial.has_line_time) == ("", "", True)


def test_serial_line_is_read_with_all_its_keys(project) -> None:
    serial = transport(
        project,
        'protocol = "modbus-rtu"\nbaud_rate = 9600\nparity = "none"\nstop_bits = 2\nlink = "ttyPLC1"\n'
        'line_time = false\nfar_end_parity = "odd"',
    ).serial

    assert (serial.characters, serial.far_end_parity) == (CharacterEntry(9600, "none", 2), "odd")
    assert (serial.link, serial.has_line_time) == ("ttyPLC1", False)


def test_limits_of_a_network_endpoint_are_read(project) -> None:
    said = transport(
        project,
        f'{PROTOCOL}\nmax_connections = 4\nidle_timeout = "30 s"\nunknown_unit = "device"',
    )

    assert said.unknown_unit == "device"
    assert (said.max_connections, said.idle_ns) == (4, 30_000_000_000)


def test_files_and_roles_of_a_tls_endpoint_are_read(project) -> None:
    for name in ("server.pem", "server.key", "ca.pem"):
        (project.folder / name).write_text("")

    tls = transport(
        project,
        'protocol = "modbus-tls"\ncertificate = "server.pem"\nkey = "server.key"\nclient_ca = "ca.pem"\n'
        'roles = { Operator = "all", Viewer = "read", Logger = [3, 4], "" = [] }',
    ).tls

    assert (tls.certificate, tls.key, tls.client_ca) == ("server.pem", "server.key", "ca.pem")
    assert tls.roles == {"Operator": "all", "Viewer": "read", "Logger": (3, 4), "": ()}


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        (f"{PROTOCOL}\nbaud_rate = 9600", "an endpoint of modbus-tcp has no baud_rate; drop baud_rate"),
        ('protocol = "modbus-rtu"\nport = 502', "an endpoint of modbus-rtu has no port; drop port"),
        ('protocol = "modbus-udp"\nmax_connections = 2', "an endpoint of modbus-udp has no max_connections"),
        ('protocol = "modbus-rtu"\nunit_id = 248', "unit_id 248 is outside 1..247"),
        ('protocol = "modbus-rtu"\ndata_bits = 7', "data_bits 7 is outside 8..8"),
        ('protocol = "modbus-rtu"\nparity = "evne"', "parity 'evne' is unknown; did you mean 'even'?"),
        ('protocol = "modbus-tls"', "lacks the keys certificate, key, client_ca"),
        (
            'protocol = "modbus-tls"\ncertificate = "no.pem"\nkey = "map.toml"\nclient_ca = "map.toml"',
            "there is no file no.pem",
        ),
        (
            'protocol = "modbus-tls"\ncertificate = "map.toml"\nkey = "map.toml"\nclient_ca = "map.toml"\n'
            "roles = { Viewer = [3, 200] }",
            "role 'Viewer' does not say which function codes it may use",
        ),
        ('protocol = "modbus-rtu-over-tpc"', "protocol 'modbus-rtu-over-tpc' is unknown; did you mean"),
    ],
)
def test_mistake_is_told_with_its_place(project, text: str, finding: str) -> None:
    told = findings(project, text)

    assert any(finding in each for each in told), told
    assert all(each.startswith("rig.toml:") for each in told)


def test_tcp_and_udp_may_use_the_same_port(project) -> None:
    project.change("rig.toml", PROTOCOL, f"{PROTOCOL}\nport = 5020")
    project.change(
        "rig.toml",
        "[[endpoints]]\n",
        '[[endpoints]]\nname = "udp"\nprotocol = "modbus-udp"\nport = 5020\ncontroller = "PLC1"\nmap = "map.toml"\n'
        "[[endpoints]]\n",
    )

    assert [endpoint.port for endpoint in load_rig("rig.toml").endpoints[:2]] == [5020, 5020]
