"""A rig becomes a description with places; names that nothing declares are refused."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulators.description import load_rig
from emulators.errors import DescriptionError


def findings_of(path="rig.toml"):
    with pytest.raises(DescriptionError) as caught:
        load_rig(path)
    return str(caught.value)


def test_a_rig_is_read_with_everything_it_names(project):
    rig = load_rig("rig.toml")

    assert (rig.name, rig.step_ns, rig.seed) == ("small", 10_000_000, 0)
    assert [instance.name for instance in rig.plant] == ["T-101", "P-101", "P-102"]
    assert [entry.tag.name for entry in rig.tags] == ["LEVEL", "LIC-101.SP", "LT-101", "HS-101"]
    assert [endpoint.name for endpoint in rig.endpoints] == ["modbus", "opcua"]


def test_several_sources_of_an_input_keep_their_places(project):
    (wire,) = load_rig("rig.toml").plant[0].inputs

    assert wire.target.value == "T-101.inflow_m3_per_s"
    assert [(source.value, source.span.column) for source in wire.sources] == [
        ("P-101.flow_m3_per_s", 31),
        ("P-102.flow_m3_per_s", 54),
    ]


def test_parameters_are_what_is_left_of_a_component(project):
    (parameter,) = load_rig("rig.toml").plant[0].parameters

    assert (parameter.name, parameter.value, str(parameter.span)) == ("area_m2", 0.5, "rig.toml:8:11")


def test_a_connection_has_its_timing(project):
    raw, start = load_rig("rig.toml").controllers[0].inputs

    assert (raw.target.value, raw.source.value, raw.period_ns) == ("PLC1.LT101_RAW", "T-101.raw_count", 0)
    assert (start.period_ns, start.delay_ns, start.jitter_ns) == (100_000_000, 20_000_000, 5_000_000)


def test_a_dotted_key_of_an_output_means_the_same_with_and_without_quotes(project):
    outputs = load_rig("rig.toml").controllers[0].outputs

    assert [connection.target.value for connection in outputs] == ["P-101.run_command", "P-102.run_command"]
    assert [connection.target.span.column for connection in outputs] == [1, 1]
    assert outputs[1].target.span.end_column == 18


def test_a_task_has_its_execution_time_as_a_pair(project):
    (task,) = load_rig("rig.toml").controllers[0].tasks

    assert (task.execution_time_ns, task.watchdog_ns, task.interval_ns) == ((2_000_000, 4_000_000), 20_000_000, None)


def test_endpoints_bind_loopback_and_any_port_and_are_secure_unless_told_otherwise(project):
    modbus, opcua = load_rig("rig.toml").endpoints

    assert (modbus.host, modbus.port, modbus.units[0].unit_id, modbus.security) == ("127.0.0.1", 0, 1, "")
    assert (opcua.host, opcua.port, opcua.security) == ("127.0.0.1", 0, "Basic256Sha256")
    assert len(modbus.register_maps[0].entries) == 3


# file, old text, new text, all that is reported
CHANGES = [
    ("rig.toml", "format = 1", "format = 2", "rig.toml:1:10: format 2 is unknown; this version reads format = 1"),
    (
        "rig.toml",
        'step = "10 ms"',
        'step = "10"',
        "rig.toml:3:8: step: not a duration: '10'; write a number with its unit: '10 ms', '1.5 s', '1h30min'",
    ),
    (
        "rig.toml",
        '"P-101.run_command" = "P101_RUN"',
        '"T-101.inflow_m3_per_s" = "P101_RUN"',
        "rig.toml:26:1: T-101.inflow_m3_per_s is already fed at rig.toml:9:12; keep one of the two",
    ),
    (
        "rig.toml",
        '"T-101.raw_count"',
        '"T-101"',
        "rig.toml:22:13: 'T-101' does not name a signal; did you mean 'T-101.…'?",
    ),
    (
        "rig.toml",
        'signal = "PLC1.LIC101_SP"',
        'signal = "PLC1.LIC101_SP"\ntruth = true',
        "rig.toml:40:10: a variable of PLC1 is not plant truth; drop truth or name a plant signal",
    ),
    (
        "rig.toml",
        '[tags."LIC-101.SP"]',
        "[tags.LIC-101.SP]",
        'rig.toml:39:15: tag LIC-101 cannot contain the table SP; a tag with a dot needs quotes: [tags."LIC-101.SP"]',
    ),
    (
        "rig.toml",
        "writable = true",
        "writable = false",
        "map.toml:11:7: the map lets clients write LIC-101.SP, but the tag at rig.toml:39:7 is not writable; "
        'write writable = true there or access = "r" here',
    ),
    (
        "map.toml",
        'unit = "%"',
        'unit = "m"',
        "map.toml:5:7: the map gives LEVEL in m, the tag at rig.toml:33:7 in %; use one unit and a scale",
    ),
    (
        "map.toml",
        'tag = "LEVEL"',
        'tag = "LEVL"',
        "map.toml:5:7: rig rig.toml has no tag 'LEVL'; did you mean 'LEVEL'?",
    ),
    (
        "io.csv",
        "LT-101,",
        "LEVEL,",
        "io.csv:2:1: tag LEVEL is already defined at rig.toml:33:7; keep one of the two",
    ),
    (
        "io.csv",
        "T-101.raw_count",
        "T-1.raw_count",
        "io.csv:2:8: 'T-1.raw_count': there is no T-1; did you mean 'T-101'?",
    ),
    (
        "rig.toml",
        'map = "map.toml"',
        'map = "mop.toml"',
        "rig.toml:50:7: there is no file mop.toml; paths start at the rig's folder",
    ),
    (
        "rig.toml",
        'map = "map.toml"',
        'security = "none"',
        "rig.toml:46:1: the endpoint lacks the key map; add map\n"
        "rig.toml:50:1: an endpoint of modbus-tcp has no security; drop security",
    ),
    (
        "rig.toml",
        'name = "opcua"',
        'name = "modbus"',
        "rig.toml:53:8: endpoint modbus is already defined at rig.toml:47:8; rename one",
    ),
    (
        "rig.toml",
        "inputs = { inflow_m3_per_s",
        "inputs = { inflow_m3_per_s = 0.5, other",
        "rig.toml:9:30: input inflow_m3_per_s is wired to the number 0.5; name the output that feeds it; "
        "a fixed value is a parameter",
    ),
    (
        "rig.toml",
        'execution_time = ["2 ms", "4 ms"]',
        'execution_time = ["4 ms", "2 ms"]',
        "rig.toml:30:19: execution_time is reversed; write the shortest first",
    ),
    (
        "rig.toml",
        "safe = 0",
        "safe = 120",
        "rig.toml:43:8: safe value 120 of LIC-101.SP is outside its range 0..100; choose a safe value inside the range",
    ),
    (
        "rig.toml",
        "[plant.P-102]",
        '[plant."P.3"]\ncomponent = "pump"\n[plant.P-102]',
        "rig.toml:14:8: 'P.3' is not a name for a plant component; use letters, digits, '-' and '_'",
    ),
    (
        "rig.toml",
        "[plant.P-102]",
        '[plant.PLC1]\ncomponent = "pump"\n[plant.P-102]',
        "rig.toml:19:14: PLC1 is a plant component and a controller; rename one of the two",
    ),
    (
        "rig.toml",
        "P102_RUN",
        "",
        "rig.toml:27:21: P-102.run_command is connected to nothing; name a signal or a program variable",
    ),
    (
        "rig.toml",
        '"P102_RUN"',
        "5",
        "rig.toml:27:21: P-102.run_command must be connected to a name, not the number 5; "
        'write a name in quotes or { from = "…", delay = "20 ms" }',
    ),
    (
        "rig.toml",
        "from =",
        "form =",
        "rig.toml:23:11: unknown key 'form' in the connection of START; did you mean 'from'?",
    ),
    (
        "rig.toml",
        "delay =",
        "delya =",
        "rig.toml:23:57: unknown key 'delya' in the connection of START; did you mean 'delay'?",
    ),
    (
        "rig.toml",
        "max_rate_per_s = 5",
        "max_rate_per_s = 0",
        "rig.toml:44:18: maximum rate 0 of LIC-101.SP must be above 0; write units per second",
    ),
    (
        "rig.toml",
        '[tags."LIC-101.SP"]',
        '[tags."9"]\nsignal = "PLC1.X"\n[tags."LIC-101.SP"]',
        "rig.toml:39:7: '9' is not a tag name; write it like LT-101 or LIC-101.SP",
    ),
    ("rig.toml", "truth = true", 'type = "FLOAT"', "rig.toml:35:8: unknown type 'FLOAT'; did you mean 'REAL'?"),
    (
        "rig.toml",
        'map = "map.toml"',
        'map = "map.toml"\nport = 5020\n[[endpoints]]\nname = "o"\nprotocol = "opcua"\ncontroller = "PLC1"\n'
        "port = 5020",
        "rig.toml:53:8: port 5020 is taken by endpoint modbus at rig.toml:47:8; "
        "choose another port, or 0 for a free one",
    ),
    ("io.csv", "Start,,", "Start,degg,", "io.csv:3:25: unknown unit 'degg'; did you mean 'deg'?"),
]


@pytest.mark.parametrize(("name", "old", "new", "expected"), CHANGES, ids=[row[2][:30] for row in CHANGES])
def test_one_mistake_is_reported_once(project, name, old, new, expected):
    project.change(name, old, new)

    assert findings_of() == expected


def test_mistakes_of_all_files_are_reported_together(project):
    project.change("rig.toml", 'unit = "%"', 'unit = "percent"')
    project.change("map.toml", 'type = "float32"', 'type = "float23"')
    project.change("io.csv", ",no,", ",nope,")

    assert [line.split(":")[0] for line in findings_of().splitlines()] == ["io.csv", "map.toml", "rig.toml"]


def test_an_io_list_that_cannot_be_read_does_not_make_its_tags_unknown(project):
    project.change("map.toml", 'tag = "LEVEL"', 'tag = "LT-101"')
    project.change("io.csv", ",no,", ",nope,")

    assert findings_of().startswith("io.csv:2:")
    assert len(findings_of().splitlines()) == 1


def test_other_files_are_found_from_the_folder_of_the_rig(project, monkeypatch):
    monkeypatch.chdir("/")

    rig = load_rig(project.rig)

    assert rig.controllers[0].sources[0].path == str(project.folder / "control.st")


@settings(
    derandomize=True, max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    data=st.binary(max_size=60), position=st.integers(0, 1200), name=st.sampled_from(["rig.toml", "map.toml", "io.csv"])
)
def test_random_bytes_in_any_file_give_a_description_or_a_description_error(project, data, position, name):
    path = project.folder / name
    original = path.read_bytes()
    path.write_bytes(original[:position] + data + original[position + len(data) // 2 :])

    try:
        load_rig("rig.toml")
    except DescriptionError:
        pass
    finally:
        path.write_bytes(original)
