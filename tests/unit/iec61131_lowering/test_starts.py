"""Cold and warm start: initial values, RETAIN at every level, images, located arrays, VAR_CONFIG."""

from __future__ import annotations

from st_plc import plc

PROGRAM = """
TYPE Limits : STRUCT low : INT := -5; high : INT := 5; name : STRING[6] := 'lim'; END_STRUCT; END_TYPE
FUNCTION_BLOCK Store
VAR_INPUT v : INT; END_VAR
VAR RETAIN kept : INT; END_VAR
VAR lost : INT := 9; END_VAR
kept := kept + v; lost := lost + v;
END_FUNCTION_BLOCK
FUNCTION_BLOCK Nest
VAR RETAIN a : Store; END_VAR
VAR b : Store := (lost := 100); c : ARRAY[1..2] OF Store; n : INT; END_VAR
a(v := 1); b(v := 1); c[1](v := 1); c[2](v := 2); n := n + 1;
END_FUNCTION_BLOCK
FUNCTION_BLOCK Place
VAR output AT %Q* : INT; END_VAR
output := output + 1;
END_FUNCTION_BLOCK
PROGRAM Main
VAR
    n : DINT; words AT %MW4 : ARRAY[0..2] OF UINT := [7, 8, 9]; st : Store; nest : Nest; lim : Limits;
    many : ARRAY[1..3, 0..9] OF INT := [12(4), 18(5)]; table : ARRAY[0..2] OF Limits := [2((low := 1)), (high := 9)];
    place : Place; volatile AT %MW30 : INT := 6;
END_VAR
VAR RETAIN total : DINT := 1; kept_word AT %MW20 : INT; counts AT %MD50 : ARRAY[0..1] OF DINT; END_VAR
n := n + 1; total := total + 1; words[1] := words[1] + 1; st(v := 2); nest(); place();
kept_word := kept_word + 1; volatile := volatile + 1; counts[1] := counts[1] + 1; many[1, 0] := 0; lim.low := 0;
END_PROGRAM
CONFIGURATION Plant
VAR_GLOBAL gi : INT := 3; END_VAR
VAR_GLOBAL RETAIN gkeep : INT := 4; END_VAR
RESOURCE R ON PLC
TASK Quick(INTERVAL := T#10ms, PRIORITY := 1);
PROGRAM Main WITH Quick : Main;
END_RESOURCE
VAR_CONFIG R.Main.place.output AT %QW3 : INT := 20; END_VAR
END_CONFIGURATION
"""


def values(native, *paths):
    return [native.read(path) for path in paths]


def test_a_cold_start_gives_every_variable_its_initial_value():
    native = plc(PROGRAM)

    for variable in native.compiled.variables:
        located_at_start = {"MAIN.PLACE.OUTPUT": 20}.get(variable.path.upper(), variable.initial)
        assert native.read(variable.path) == located_at_start, variable.path


def test_a_cold_start_forgets_everything():
    native = plc(PROGRAM)
    before = native.memory.copy()
    native.scan()
    native.scan()

    native.start()

    assert (native.memory[8:] == before[8:]).all()


def test_a_warm_start_keeps_retain_variables_and_nothing_else():
    native = plc(PROGRAM)
    native.write("gkeep", 44)
    native.write("gi", 33)
    native.scan()
    native.scan()

    native.start(is_warm=True)

    assert values(native, "gkeep", "gi", "Main.n", "Main.total") == [44, 3, 0, 3]
    assert values(native, "Main.st.kept", "Main.st.lost", "Main.st.v") == [4, 9, 0]
    assert values(native, "Main.nest.a.kept", "Main.nest.a.lost", "Main.nest.n") == [2, 11, 0]
    assert values(native, "Main.nest.b.kept", "Main.nest.b.lost") == [2, 100]
    assert values(native, "Main.nest.c[2].kept", "Main.nest.c[2].lost") == [4, 9]
    assert values(native, "Main.lim.low", "Main.many[1,0]", "Main.place.output") == [-5, 4, 20]


def test_a_warm_start_keeps_retained_memory_words_and_resets_the_others():
    native = plc(PROGRAM)
    native.scan()
    native.scan()

    native.start(is_warm=True)

    assert values(native, "Main.kept_word", "Main.volatile") == [2, 6]
    assert values(native, "Main.words[0]", "Main.words[1]") == [7, 8]
    assert values(native, "Main.counts[0]", "Main.counts[1]") == [0, 2]


def test_a_located_array_goes_on_counting_in_its_image():
    native = plc(PROGRAM)
    native.scan()
    native.write("Main.words[1]", 100)

    native.scan()

    assert native.read("Main.words[1]") == 101


def test_temporaries_start_anew_at_every_call():
    native = plc("PROGRAM P VAR n : INT; END_VAR VAR_TEMP t : INT := 5; END_VAR t := t + 1; n := t; END_PROGRAM")

    native.scan()
    native.scan()

    assert native.read("P.n") == 6


def test_locals_of_a_function_start_anew_at_every_call():
    text = """
        FUNCTION F : INT
        VAR t : INT := 5; a : ARRAY[0..2] OF INT := [1, 2, 3]; END_VAR
        t := t + 1; a[0] := a[0] + t; F := F + a[0];
        END_FUNCTION
        PROGRAM P VAR x, y : INT; END_VAR x := F(); y := F(); END_PROGRAM
    """
    native = plc(text)

    native.scan()

    assert (native.read("P.x"), native.read("P.y")) == (7, 7)
