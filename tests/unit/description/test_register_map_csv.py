"""Register maps as CSV: the same entries as in TOML, and mistakes at their cells."""

import pytest

from emulators.description import RegisterAccess, RegisterTable
from emulators.description.register_map_reader import parse_register_map
from emulators.description.source import SourceFile
from emulators.errors import DescriptionError

LINES = """\
tag,reference,type,scale,access,unit,low,high,initial,names,description
VOLTAGE,30001,uint16,0.1,,V,0,300,,,Line voltage
MODE,40001,uint16,,rw,,,,1,0=off|1=on,
SERIAL,40010,string[8],,once,,,,1234,,
RUN,00001,,,rw,,,,true,,
"""


def test_a_line_is_an_entry():
    entries = parse_register_map(SourceFile("meter.csv", LINES)).entries

    assert [(entry.tag, entry.reference, entry.type.name) for entry in entries] == [
        ("VOLTAGE", "30001", "uint16"),
        ("MODE", "40001", "uint16"),
        ("SERIAL", "40010", "string[8]"),
        ("RUN", "00001", "bool"),
    ]
    assert (entries[0].scale, entries[0].unit, entries[0].eu_range) == (0.1, "V", (0.0, 300.0))
    assert (entries[1].initial, entries[1].names) == (1, ((0, "off"), (1, "on")))
    assert (entries[2].initial, entries[2].access) == ("1234", RegisterAccess.WRITE_ONCE)
    assert (entries[3].initial, entries[3].table) == (True, RegisterTable.COIL)


# text, what is reported
REFUSED = [
    ("", "m.csv:1:1: the register map is empty"),
    ("tag,adress\nX,1\n", "m.csv:1:5: unknown column 'adress'; did you mean 'address'?"),
    ("tag,table,address,type\nX,input,zero,int16\n", "m.csv:2:9: address 'zero' is not a number"),
    ("tag,table,address,type\nX,input,0\n", "m.csv:2:1: this line has 3 cells, the header has 4"),
    ("tag,table,address,type\nX,input,0,int17\n", "m.csv:2:11: unknown type 'int17'; did you mean 'int16'?"),
    (
        "tag,reference,type\nX,30001,int32\nY,30002,int16\n",
        "m.csv:3:3: Y at input 1 overlaps X at input 0..1, see m.csv:2",
    ),
    ("tag,reference,type,names\nX,30001,int16,off\n", "m.csv:2:15: names 'off' are no pairs"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[row[1] for row in REFUSED])
def test_mistakes_are_reported_at_their_cell(text, message):
    with pytest.raises(DescriptionError) as error:
        parse_register_map(SourceFile("m.csv", text))

    assert message in str(error.value)
