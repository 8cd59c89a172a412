"""What does not fit together in a rig: both ends named, at the place in the file, everything at once."""

from __future__ import annotations

import pytest
from small_cells import SmallCells
from small_loop import LOOP_PARTS, LOOP_PROGRAM, LOOP_RIG

from emulators.errors import DescriptionError


def findings(cells: SmallCells, rig: str, program: str = LOOP_PROGRAM) -> list[str]:
    """Return the findings of a rig as ``line:column: message; hint`` of the rig's text without its head."""
    with pytest.raises(DescriptionError) as raised:
        cells.blueprint(rig, parts_py=LOOP_PARTS, PLC1_st=program)
    return [
        f"{found.span.line - 4}:{found.span.column}: {found.message}; {found.hint}"
        for found in raised.value.diagnostics
    ]


def place(text: str) -> str:
    """Return ``line:column`` of a text in the rig of the loop."""
    before = LOOP_RIG.partition(text)[0]
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


ONE = [
    ('level = "L.reading"', 'level = "L.raeding"', "level", "the plant has no output or state 'L.raeding'"),
    (
        'level = "L.reading"',
        'levle = "L.reading"',
        "level",
        "no variable 'levle' in the program; did you mean",
    ),
    ('"V.command" = "open"', '"V.comand" = "open"', '"V.command"', "the plant has no input 'V.comand'"),
    ('"V.command" = "open"', '"V.command" = "opne"', '"V.command"', "no variable 'opne' in the program"),
    ('level = "L.reading"', 'go = "L.reading"', "level", "f64 cannot feed bool"),
    ('"V.command" = "open"', '"V.command" = "scans"', '"V.command"', "i32 cannot feed bool"),
]


@pytest.mark.parametrize(("right", "wrong", "at", "message"), ONE, ids=[row[1] for row in ONE])
def test_a_wrong_wire_names_both_ends(cells: SmallCells, right: str, wrong: str, at: str, message: str) -> None:
    (found,) = findings(cells, LOOP_RIG.replace(right, wrong))

    source, target = wrong.split(" = ")[::-1]
    ends = [text.strip('"') for text in (source, target)]
    assert all(end.partition(".")[0] in found for end in ends)
    assert message in found
    assert " -> " in found


def test_a_misspelt_end_is_pointed_at_where_it_stands(cells: SmallCells) -> None:
    (found,) = findings(cells, LOOP_RIG.replace('"L.reading"', '"L.raeding"'))

    assert found == (
        f"{place(chr(34) + 'L.reading')}: L.raeding -> PLC1.level: the plant has no output or state 'L.raeding'; "
        "did you mean 'reading'?"
    )


def test_everything_wrong_is_reported_at_once(cells: SmallCells) -> None:
    rig = LOOP_RIG
    for right, wrong in [
        ('"parts.py:Tank"', '"parts.py:Tnak"'),
        ('inputs = { level = "T.level" }', 'noise = "loud"\ninputs = { levl = "T.level" }'),
        ('level = "L.reading"', 'level = "L.raeding"'),
        ('"V.command" = "open"', '"V.command" = "scans"'),
        ('"PLC1.scans"', '"PLC1.scnas"'),
        ('signal = "PLC1.go"', 'signal = "V.opennig"'),
    ]:
        assert right in rig
        rig = rig.replace(right, wrong)

    found = findings(cells, rig)

    assert len(found) == 7
    for text in ("Tnak", "noise", "levl", "L.raeding", "scans -> V.command", "PLC1.scnas", "V.opennig"):
        assert [line for line in found if text in line], text


def test_mistakes_of_the_program_come_beside_those_of_the_wiring(cells: SmallCells) -> None:
    two = cells.folder / "PLC2.st"
    two.write_text("PROGRAM P\nVAR x : INT; END_VAR\n  x := 1.5;\nEND_PROGRAM\n", encoding="utf-8")
    rig = LOOP_RIG.replace('"L.reading"', '"L.raeding"') + '[controllers.PLC2]\nlanguage = "st"\nsources = "PLC2.st"\n'

    found = findings(cells, rig)

    assert len(found) == 2
    assert [line for line in found if "cannot assign" in line]


def test_a_tag_clients_may_write_must_not_be_driven(cells: SmallCells) -> None:
    rig = LOOP_RIG.replace('signal = "PLC1.scans"', 'signal = "PLC1.level"\nwritable = true')

    (found,) = findings(cells, rig)

    assert "tag SCANS is writable, but PLC1.Main.level is not: it is wired to L.reading" in found


def test_a_tag_that_may_mean_two_variables_is_refused(cells: SmallCells) -> None:
    second = "PROGRAM Second\nVAR go : BOOL; END_VAR\nEND_PROGRAM\n"
    program = LOOP_PROGRAM.replace("CONFIGURATION C", f"{second}CONFIGURATION C")
    program = program.replace("Cyclic : Main;", "Cyclic : Main; PROGRAM Two WITH Cyclic : Second;")

    (found,) = findings(cells, LOOP_RIG, program)

    assert "tag GO: 'PLC1.go' may mean several variables: PLC1.Main.go, PLC1.Two.go" in found


def test_a_task_that_the_program_does_not_have_is_reported(cells: SmallCells) -> None:
    (found,) = findings(cells, LOOP_RIG + '[controllers.PLC1.tasks.Cylic]\nwatchdog = "1 ms"\n')

    assert "program of PLC1 has no task 'Cylic'; did you mean 'Cyclic'?" in found


def test_the_base_step_divides_the_step_of_the_rig_and_all_tasks(cells: SmallCells) -> None:
    timing = '[controllers.PLC1.tasks.Cyclic]\ninterval = "25 ms"\noffset = "2 ms"\n'

    blueprint = cells.blueprint(LOOP_RIG + timing, parts_py=LOOP_PARTS, PLC1_st=LOOP_PROGRAM)

    assert blueprint.step_ns == 1_000_000


def test_a_finer_base_step_keeps_times_of_tasks_and_plant(cells: SmallCells) -> None:
    timing = '[controllers.PLC1.tasks.Cyclic]\ninterval = "25 ms"\n'
    cell = cells.loop(rig=LOOP_RIG + timing)

    columns = cell.run(20, columns=["PLC1.scans"]).columns

    assert cell.step_ns == 5_000_000
    assert columns["PLC1.scans"].tolist() == [1] * 5 + [2] * 5 + [3] * 5 + [4] * 5
