"""Register maps as CSV: the same entries as in TOML, and mistakes at their cells."""

import pytest

from emulators.description import HalfValues, RegisterAccess, RegisterTable
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
    ("tag,table,address,type\nX,input,zero,int16\n", "m.csv:2:9: address must be a whole number, not the text 'zero'"),
    ("tag,reference,type,bit\nX,40001,bool,q\n", "m.csv:2:14: bit must be a whole number, not the text 'q'"),
    ("tag,reference,type,scale\nX,40001,int16,q\n", "m.csv:2:15: scale 'q' is not a number"),
    ("tag,table,address,type\nX,input,0\n", "m.csv:2:1: this line has 3 cells, the header has 4"),
    ("tag,table,address,type\nX,input,0,int17\n", "m.csv:2:11: unknown type 'int17'; did you mean 'int16'?"),
    ("tag,reference,type\nX,40001,INT32U\n", "m.csv:2:9: unknown type 'INT32U'; write 'uint32'"),
    ("tag,reference,type\nX,40001,Float_32\n", "m.csv:2:9: unknown type 'Float_32'; write 'float32'"),
    ("tag,reference,type\nX,40001,String[20]\n", "m.csv:2:9: unknown type 'String[20]'; write 'string[20]'"),
    ("tag,reference,type,initial\nX,40001,int16,nan\n", "m.csv:2:15: initial must be a finite number"),
    ('tag,reference,type,scale\nX,40001,int16,"0,1"\n', "m.csv:2:15: scale '0,1' is not a number"),
    ("tag,reference,type,no_value\nX,40001,int16,65536\n", "no_value 65536 is outside -32768..65535"),
    ("tag,reference,type,no_value\nX,40001,float32,1\n", "a float32 has no number that means no value; drop no_value"),
    (
        "tag,reference,type\nX,30001,int32\nY,30002,int16\n",
        "m.csv:3:3: Y at input 1 overlaps X at input 0..1, see m.csv:2",
    ),
    ("tag,reference,type,names\nX,30001,int16,off\n", "m.csv:2:15: 'off' is no pair; write 0=off|1=on"),
    ("tag,reference,type,names\nX,30001,int16,0=a|0=b\n", "m.csv:2:15: '0' stands twice"),
    (
        "tag,reference,type,behaviour\nX,30001,int16,sin|low=0\n",
        "m.csv:2:15: kind 'sin' is unknown; did you mean 'sine'?",
    ),
    (
        "tag,reference,type,behaviour\nX,30001,int16,sine|low=0|high=x|period=1 s\n",
        "m.csv:2:15: high must be a number, not the text 'x'",
    ),
    (
        "tag,reference,type,signal\nX,30001,int16,speed\n",
        "m.csv:2:15: register 'X' names a signal but the map has no twin",
    ),
    ("#! gap = 'zero'\ntag,reference,type\nX,30001,int16\n", "m.csv:1:4: unknown key 'gap'"),
    ("\"#! gaps = 'null'\",,\ntag,reference,type\nX,30001,int16\n", "m.csv:1:12: gaps 'null' is unknown"),
    ("#! gaps = zero,,\ntag,reference,type\nX,30001,int16\n", "m.csv:1:11: 'zero' is not a value"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[row[1] for row in REFUSED])
def test_mistakes_are_reported_at_their_cell(text, message):
    with pytest.raises(DescriptionError) as error:
        parse_register_map(SourceFile("m.csv", text))

    assert message in str(error.value)


def test_numbers_have_a_decimal_comma_where_a_semicolon_separates_cells():
    lines = ["tag;reference;type;scale;low;high;no_value;initial"]
    lines += ["X;40001;int16;0,1;-1,5;2e1;0x8000;1,25", "T;40002;string[4];;;;;1,5"]

    number, text_entry = parse_register_map(SourceFile("m.csv", "\n".join(lines))).entries

    assert (number.scale, number.eu_range, number.no_value, number.initial) == (0.1, (-1.5, 20.0), -32768, 1.25)
    assert text_entry.initial == "1,5"


def test_a_decimal_comma_counts_in_a_behaviour_and_is_none_in_a_description():
    lines = ["tag;reference;type;description;behaviour", "X;30001;int16;1,5;sine|low=-0,5|high=2,5|period=1 s"]

    (entry,) = parse_register_map(SourceFile("m.csv", "\n".join(lines))).entries

    assert (entry.behaviour.values["low"], entry.behaviour.values["high"]) == (-0.5, 2.5)
    assert entry.description == "1,5"


# what spreadsheets and tools make of tag,table,address,type,scale with one line X,input,3,int16,0.5
SPREADSHEET_FORMS = {
    "lines of empty cells": "tag;table;address;type;scale\n;;;;\nX;input;3;int16;0,5\n;;;;\n;;;;\n",
    "empty columns behind the last": "tag,table,address,type,scale,,\nX,input,3,int16,0.5,,\n,,,,,,\n",
    "a separator at the end of each line": "tag;table;address;type;scale;\nX;input;3;int16;0,5;\n",
    "empty quoted cells behind the last": 'tag,table,address,type,scale\n"X","input","3","int16","0.5","",""\n',
    "tabs": "tag\ttable\taddress\ttype\tscale\nX\tinput\t3\tint16\t0,5\n",
    "tabs around quotes": '"tag"\t"table"\taddress\ttype\tscale\nX\t"input"\t3\tint16\t"0,5"\n',
    "a line that names the separator": "sep=;\ntag;table;address;type;scale\nX;input;3;int16;0,5\n",
}


@pytest.mark.parametrize("text", SPREADSHEET_FORMS.values(), ids=SPREADSHEET_FORMS)
def test_a_map_is_read_in_the_forms_that_spreadsheets_leave(text):
    (entry,) = parse_register_map(SourceFile("m.csv", text)).entries

    assert (entry.tag, entry.address, entry.type.name, entry.scale) == ("X", 3, "int16", 0.5)


def test_a_filled_cell_behind_the_last_column_is_refused():
    with pytest.raises(DescriptionError, match=r"m\.csv:2:1: this line has 6 cells, the header has 4"):
        parse_register_map(SourceFile("m.csv", "tag,table,address,type,,\nX,input,3,int16,,lost\n"))


def test_a_wrong_address_is_reported_once():
    with pytest.raises(DescriptionError) as error:
        parse_register_map(SourceFile("m.csv", "tag,table,address,type\nX,input,zero,int16\n"))

    assert len(error.value.diagnostics) == 1


WHOLE = """\
#! description = 'a, b; c',,,
#! half_values = 'refuse'
"#! twin.component = 'energy_meter'",,,
#! twin.step = '100 ms'
#! identity.product_code = 'EM-3'
"#! identity.vendor_name = ""Meyer's\""",,,
tag,reference,type,signal
POWER,30001,float32,power_w
"""


def test_lines_of_the_whole_map_are_read_as_a_spreadsheet_leaves_them():
    register_map = parse_register_map(SourceFile("meter.csv", WHOLE))

    assert register_map.name == "meter"
    assert register_map.description == "a, b; c"
    assert register_map.half_values is HalfValues.REFUSED
    assert register_map.twin.component.value == "energy_meter"
    assert register_map.identity == {"product_code": "EM-3", "vendor_name": "Meyer's"}
    assert register_map.entries[0].signal.value == "power_w"


def test_a_behaviour_stands_in_one_cell():
    text = "tag,reference,type,behaviour\nX,30001,int16,ramp|low=0|high=10|period=2 min|returns=true\n"

    behaviour = parse_register_map(SourceFile("m.csv", text)).entries[0].behaviour

    assert (behaviour.kind, dict(behaviour.values)) == (
        "ramp",
        {"low": 0.0, "high": 10.0, "period": 120_000_000_000, "returns": True},
    )
