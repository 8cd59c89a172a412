"""Files, queues and function codes of a device in its register map."""

from __future__ import annotations

import pytest

from emulators.description.register_map_document import map_facts
from emulators.description.register_map_reader import parse_register_map
from emulators.description.register_map_writer import map_as_csv, map_as_toml
from emulators.description.source import SourceFile
from emulators.errors import DescriptionError

HEAD = """format = 1
name = "recorder"
[[register]]
tag = "X"
reference = 40001
type = "uint16"
initial = 1
"""
SERVICES = """
[files]
4 = 20
5 = [258, 65535]
[queues]
1246 = [440, 4740]
0 = []
[functions]
65 = "functions.py:answer"
"""


def services_of(name: str, text: str):
    services = parse_register_map(SourceFile(name, text)).services
    return services.files, services.queues, {code: place.value for code, place in services.functions.items()}


def test_map_says_what_a_device_answers_besides_registers():
    assert services_of("map.toml", HEAD + SERVICES) == (
        {4: (0,) * 20, 5: (258, 65535)},
        {1246: (440, 4740), 0: ()},
        {65: "functions.py:answer"},
    )


def test_services_survive_every_format_that_reads_back():
    register_map = parse_register_map(SourceFile("map.toml", HEAD + SERVICES))

    assert services_of("a.toml", map_as_toml(register_map)) == services_of("map.toml", HEAD + SERVICES)
    assert services_of("a.csv", map_as_csv(register_map)) == services_of("map.toml", HEAD + SERVICES)


def test_document_of_a_map_names_its_services():
    facts = dict(map_facts(parse_register_map(SourceFile("map.toml", HEAD + SERVICES))))

    assert (facts["files"], facts["queues"], facts["functions"]) == ("4, 5", "1246, 0", "65")


# table of the map, what is reported
REFUSED = [
    ("[files]\n0 = 20", "files: '0' is no number in 1..65535"),
    ("[files]\n4 = 0", "file 4 must be at most 10000 numbers in 0..65535"),
    ("[files]\n4 = 10001", "write a list, or how many records it has"),
    ("[files]\n4 = [65536]", "file 4 must be at most 10000 numbers"),
    ("[files]\n4 = true", "file 4 must be"),
    ("[queues]\nsoon = [1]", "queues: 'soon' is no number in 0..65535"),
    (f"[queues]\n5 = {[1] * 32}", "queue 5 must be at most 31 numbers"),
    ("[queues]\n5 = 3", "write a list such as [440, 4740]"),
    ('[functions]\n128 = "f.py:answer"', "functions: '128' is no number in 1..127"),
    ('[functions]\n65 = "answer"', "function 65 must name a function"),
    ("[functions]\n65 = 3", "write 'file.py:function'"),
    ("files = 3", "files must be a table"),
]


@pytest.mark.parametrize(("table", "message"), REFUSED, ids=[row[0] for row in REFUSED])
def test_mistakes_in_services_are_told(table: str, message: str) -> None:
    text = HEAD + table if table.startswith("[") else f"{table}\n{HEAD}"
    with pytest.raises(DescriptionError) as error:
        parse_register_map(SourceFile("map.toml", text))

    assert message in str(error.value)
