"""What the compiler tells about a program: variables, tasks, coverage points."""

from __future__ import annotations

from st_plc import NativePlc, compile_text

PROGRAM = """
TYPE Mode : (Off, Hand := 4, Auto); END_TYPE
VAR_GLOBAL
    LT101 AT %IW2 : INT; (* level, raw *)
    MODE_NOW : Mode := Hand;
END_VAR
PROGRAM Fill
VAR delay : TON; name : STRING[12] := 'fill'; grid : ARRAY[1..2, -1..0] OF REAL; END_VAR
VAR CONSTANT limit : INT := 90; END_VAR
delay(IN := LT101 > limit, PT := T#1s);
CASE MODE_NOW OF
    Off: name := 'off';
    Hand: name := 'hand';
END_CASE;
WHILE LT101 > 5 DO EXIT; END_WHILE;
END_PROGRAM
CONFIGURATION C
RESOURCE R ON PLC
    TASK Slow(INTERVAL := T#50ms, PRIORITY := 3);
    PROGRAM One WITH Slow : Fill;
    PROGRAM Two : Fill;
END_RESOURCE
END_CONFIGURATION
"""


def test_the_catalogue_tells_type_place_and_comment():
    compiled = compile_text(PROGRAM)

    level, mode, elapsed = (compiled.variable(path) for path in ("lt101", "MODE_NOW", "One.delay.ET"))

    assert (level.iec_type, level.location, level.layout_path, level.area) == ("INT", "%IW2", "input_image[4]", "I")
    assert "level, raw" in level.description
    assert (mode.iec_type, mode.initial, mode.enumerators) == ("Mode", 4, ((0, "Off"), (4, "Hand"), (5, "Auto")))
    assert (elapsed.iec_type, elapsed.layout_path) == ("TIME", "One.delay.ET")


def test_the_catalogue_writes_indices_as_the_user_does():
    compiled = compile_text(PROGRAM)

    corner = compiled.variable("Two.grid[2,-1]")

    assert (corner.layout_path, corner.native.label) == ("Two.grid[1][0]", "f32")


def test_a_string_tells_its_length():
    name = compile_text(PROGRAM).variable("One.name")

    assert (name.string_length, name.initial, name.native.label) == (12, "fill", "u8")


def test_every_variable_of_the_catalogue_lies_in_the_layout():
    native = NativePlc(compile_text(PROGRAM))

    assert all(native.layout.entry(variable.layout_path) for variable in native.compiled.variables)


def test_tasks_name_their_programs_and_free_programs_come_last():
    tasks = compile_text(PROGRAM).tasks

    assert [(task.name, task.interval_ns, task.priority, task.programs) for task in tasks] == [
        ("Slow", 50_000_000, 3, ("plc__run_One",)),
        ("DefaultTask", 50_000_000, 65536, ("plc__run_Two",)),
    ]


def test_a_program_without_configuration_runs_every_10_ms():
    tasks = compile_text("PROGRAM A END_PROGRAM PROGRAM B END_PROGRAM").tasks

    assert [(task.interval_ns, len(task.programs)) for task in tasks] == [(10_000_000, 2)]


def test_two_programs_with_different_prefixes_share_no_name():
    first, second = compile_text(PROGRAM, prefix="a"), compile_text(PROGRAM, prefix="b")

    names = [{f.name for f in c.module.functions} | {s.name for s in c.module.structs} for c in (first, second)]

    assert names[0].isdisjoint(names[1])


def test_coverage_counts_statements_and_both_ways_of_a_branch():
    native = NativePlc(compile_text(PROGRAM), coverage=True)
    native.scan()

    points = native.compiled.module.points
    counted = {
        (point.kind.value, point.span.line, point.label): int(count)
        for point, count in zip(points, native.context.coverage, strict=True)
    }

    assert counted["branch", 12, "CASE 0"] == 0
    assert counted["branch", 13, "CASE 4"] == 2
    assert counted["branch", 15, "WHILE not entered"] == 2
    assert counted["statement", 10, ""] == 2
    assert {point.span.file for point in points} == {"test.st"}
