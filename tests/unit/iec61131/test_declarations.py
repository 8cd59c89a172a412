"""Declarations: types, initial values, addresses, comments, configuration."""

from __future__ import annotations

import pytest

from emulators.iec61131 import SourceText, analyse, check
from emulators.iec61131.addresses import parse_address
from emulators.iec61131.project import DEFAULT_INTERVAL_NS
from emulators.iec61131.types import Area, ArrayInitial, Edge, Section, StructureInitial, type_name

MS = 1_000_000


def project_of(text: str):
    return analyse([SourceText("a.st", text)])


def global_of(declaration: str, types: str = ""):
    """Return the first global of ``x : type := value;``."""
    return project_of(f"{types}\nVAR_GLOBAL {declaration} END_VAR").globals[0]


INITIALS = [
    ("x : INT;", 0),
    ("x : INT := 3;", 3),
    ("x : REAL := 1;", 1.0),
    ("x : STRING[3];", ""),
    ("x : Speed;", 5),
    ("x : Zone;", 2),
    ("x : Color;", 0),
    ("x : Start;", 7),
    ("x : (A, B, C) := B;", 1),
    ("x : ARRAY[1..4] OF INT;", ArrayInitial(((4, 0),))),
    ("x : ARRAY[1..4] OF INT := [1, 2(5)];", ArrayInitial(((1, 1), (2, 5), (1, 0)))),
    ("x : ARRAY[1..4] OF INT := [2(1, 2)];", ArrayInitial(((1, 1), (1, 2), (1, 1), (1, 2)))),
    ("x : ARRAY[0..1, 0..1] OF INT := [1, 2, 3, 4];", ArrayInitial(((1, 1), (1, 2), (1, 3), (1, 4)))),
    ("x : ARRAY[0..1, 0..1] OF INT := [[1, 2], [3]];", ArrayInitial(((1, 1), (1, 2), (1, 3), (1, 0)))),
    ("x : Pair;", StructureInitial((("a", 1), ("b", 2.5)))),
    ("x : Pair := (b := 7);", StructureInitial((("a", 1), ("b", 7.0)))),
    ("x : TON := (PT := T#2s);", StructureInitial((("PT", 2_000 * MS),))),
    ("x : TON;", StructureInitial(())),
    ("x : TIME := T#1m30s;", 90_000 * MS),
]
TYPES = """TYPE Speed : INT := 5; Zone : INT (2..8); Color : (RED, GREEN); Start : (GO := 7, STOP := 2);
    Pair : STRUCT a : INT := 1; b : REAL := 2.5; END_STRUCT; END_TYPE"""


@pytest.mark.parametrize(("declaration", "initial"), INITIALS, ids=lambda value: str(value)[:50])
def test_initial_value_is_complete(declaration, initial):
    assert global_of(declaration, TYPES).initial == initial


def test_elements_of_structures_are_completed_in_an_array():
    initial = global_of("x : ARRAY[1..2] OF Pair := [(a := 3)];", TYPES).initial

    given = StructureInitial((("a", 3), ("b", 2.5)))
    default = StructureInitial((("a", 1), ("b", 2.5)))
    assert initial == ArrayInitial(((1, given), (1, default)))


def test_declarations_may_stand_in_any_order_and_file():
    first = SourceText("1.st", "PROGRAM p VAR a : Buffer; END_VAR a[N] := 1; END_PROGRAM")
    second = SourceText("2.st", "TYPE Buffer : ARRAY[0..N] OF INT; END_TYPE")
    third = SourceText("3.st", "VAR_GLOBAL CONSTANT N : INT := M * 2; M : INT := 4; END_VAR")

    project = analyse([first, second, third])

    assert type_name(project.types["BUFFER"]) == "ARRAY[0..8] OF INT"


def test_enumeration_counts_on_from_explicit_values():
    project = project_of("TYPE Step : UINT (A := 3, B, C := A + 7, D := 16#FF, E); END_TYPE".replace("A + 7", "10"))

    assert [value.value for value in project.types["STEP"].values] == [3, 4, 10, 255, 256]


def test_enumerators_of_one_name_are_chosen_by_the_type_that_is_wanted():
    text = """TYPE Lamp : (OFF, ON); Mode : (MANUAL, OFF); END_TYPE
        PROGRAM p VAR l : Lamp; m : Mode; b : BOOL; END_VAR
        m := OFF; l := OFF; b := m = OFF; b := OFF = m; CASE m OF OFF: ; MANUAL: ; END_CASE; END_PROGRAM"""

    body = project_of(text).pous["P"].body

    assert [each.value.value for each in body[:2]] == [1, 0]
    assert [body[2].value.right.value, body[3].value.left.value] == [1, 1]


DESCRIBED = """VAR_GLOBAL
    a : INT; // level of T-101
    b : INT; (* two
                lines *)
    // above c
    c : INT;

    d : INT; e : INT; // only of e
    (* above f *)
    f : INT;
    // too far above

    g : INT;
END_VAR"""


def test_comment_beside_or_right_above_a_variable_describes_it():
    found = {variable.name: variable.description for variable in project_of(DESCRIBED).globals}

    assert found == {
        "a": "level of T-101",
        "b": "two lines",
        "c": "above c",
        "d": "",
        "e": "only of e",
        "f": "above f",
        "g": "",
    }


ADDRESSES = [
    ("%IX0.3", Area.INPUT, 1, 0, 3),
    ("%I0.3", Area.INPUT, 1, 0, 3),
    ("%QX20", Area.OUTPUT, 1, 2, 4),
    ("%MB7", Area.MEMORY, 8, 7, None),
    ("%iw3", Area.INPUT, 16, 6, None),
    ("%QD2", Area.OUTPUT, 32, 8, None),
    ("%ML2", Area.MEMORY, 64, 16, None),
]


@pytest.mark.parametrize(("text", "area", "size", "byte_offset", "bit"), ADDRESSES)
def test_address_counts_in_its_own_size(text, area, size, byte_offset, bit):
    address = parse_address(text)

    assert (address.area, address.size_bits, address.byte_offset, address.bit) == (area, size, byte_offset, bit)
    assert address.byte_offset * 8 % max(8, address.size_bits) == 0


@pytest.mark.parametrize("text", ["%IX0.8", "%IW1.2", "%XW1", "%I", "%IX", "%IX0.1.2", "%MB99999999", "IX0.0"])
def test_malformed_address_is_refused(text):
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        parse_address(text)


def test_image_is_as_long_as_what_is_addressed_anywhere():
    text = """VAR_GLOBAL a AT %IW3 : INT; b AT %QX5.1 : BOOL; END_VAR
        PROGRAM p VAR c AT %MD1 : ARRAY[0..3] OF REAL; END_VAR c[0] := 1; %QL1 := 5; END_PROGRAM"""

    assert project_of(text).image_bytes == (8, 16, 20)


def test_sections_and_qualifiers_are_kept():
    text = """FUNCTION_BLOCK f
        VAR_INPUT RETAIN a : BOOL R_EDGE; END_VAR VAR_OUTPUT b : INT; END_VAR VAR_IN_OUT c : INT; END_VAR
        VAR_TEMP d : INT; END_VAR VAR CONSTANT e : INT := 2; END_VAR VAR PERSISTENT g : INT; END_VAR
        b := c + d + e + g; IF a THEN b := 0; END_IF; END_FUNCTION_BLOCK"""

    variables = {each.name: each for each in project_of(text).pous["F"].variables}

    sections = [each.section for each in variables.values()]
    assert sections == [Section.INPUT, Section.OUTPUT, Section.IN_OUT, Section.TEMP, Section.VAR, Section.VAR]
    assert [name for name, each in variables.items() if each.is_retain] == ["a", "g"]
    assert [name for name, each in variables.items() if each.is_constant] == ["e"]
    assert variables["a"].edge is Edge.RISING


def test_external_variable_is_the_global_itself():
    text = """VAR_GLOBAL g : INT; END_VAR
        PROGRAM p VAR_EXTERNAL g : INT; END_VAR g := 1; END_PROGRAM"""
    project = project_of(text)

    assert project.pous["P"].body[0].target.variable is project.globals[0]


CONFIGURED = """
PROGRAM Main VAR_INPUT i : BOOL; END_VAR VAR_OUTPUT o : INT; END_VAR
VAR lamp AT %Q* : BOOL; valve : Valve; END_VAR
    lamp := i; o := 1; valve();
END_PROGRAM
FUNCTION_BLOCK Valve VAR open AT %Q* : BOOL; END_VAR open := TRUE; END_FUNCTION_BLOCK
CONFIGURATION Plant
    VAR_GLOBAL speed : INT; trigger : BOOL; END_VAR
    RESOURCE Cpu ON PLC
        VAR_GLOBAL start AT %IX0.0 : BOOL; END_VAR
        TASK Fast(INTERVAL := T#5ms, PRIORITY := 1);
        TASK Event(SINGLE := trigger, PRIORITY := 0);
        PROGRAM One WITH Fast : Main(i := start, o => speed);
        PROGRAM RETAIN Two : Main;
    END_RESOURCE
    VAR_CONFIG
        Cpu.One.lamp AT %QX0.0 : BOOL;
        Two.lamp AT %QX0.1 : BOOL;
        One.valve.open AT %QX0.2 : BOOL;
        Two.valve.open AT %QX0.3 : BOOL := TRUE;
    END_VAR
END_CONFIGURATION
"""


def test_configuration_has_tasks_instances_and_their_connections():
    resource = project_of(CONFIGURED).configuration.resources[0]

    assert [(task.name, task.interval_ns, task.priority) for task in resource.tasks] == [
        ("Fast", 5 * MS, 1),
        ("Event", None, 0),
    ]
    assert resource.tasks[1].single is not None
    assert [(each.name, each.task, each.is_retain) for each in resource.programs] == [
        ("One", "Fast", False),
        ("Two", None, True),
    ]
    assert [argument.parameter.name for argument in resource.programs[0].arguments] == ["i", "o"]


def test_var_config_places_variables_of_instances():
    placements = project_of(CONFIGURED).placements

    assert [(each.path, each.address.text, each.initial) for each in placements] == [
        (("One", "lamp"), "%QX0.0", None),
        (("Two", "lamp"), "%QX0.1", None),
        (("One", "valve", "open"), "%QX0.2", None),
        (("Two", "valve", "open"), "%QX0.3", True),
    ]


def test_an_input_that_an_instance_is_given_twice_is_a_finding():
    text = "PROGRAM P VAR t : TON := (PT := T#1s, pt := T#2s); END_VAR t(IN := TRUE); END_PROGRAM"

    assert [str(each) for each in check([SourceText("a.st", text)])] == ["a.st:1:39: ST3018 'pt' is given twice"]


def test_every_open_address_needs_its_place():
    found = check([SourceText("a.st", CONFIGURED.replace("Two.lamp AT %QX0.1 : BOOL;", ""))])

    assert [each.code for each in found] == ["ST3043"]
    assert "Two.lamp" in found[0].message


def test_sources_without_a_configuration_run_every_program_in_one_task():
    configuration = project_of("PROGRAM b END_PROGRAM PROGRAM a END_PROGRAM").configuration

    (resource,) = configuration.resources
    assert configuration.is_default
    assert [task.interval_ns for task in resource.tasks] == [DEFAULT_INTERVAL_NS]
    assert [(each.name, each.task) for each in resource.programs] == [("b", "MainTask"), ("a", "MainTask")]
