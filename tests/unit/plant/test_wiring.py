"""Wiring errors name both ends and the place in the rig file; all of them come at once."""

from __future__ import annotations

import pytest

from emulators.component import Component, Input, Output, port
from emulators.errors import DescriptionError, SourceSpan
from emulators.plant import InstanceDescription, Plant, PlantDescription, Wire

STEP_NS = 10_000_000


class Gain(Component):
    """Gives its input."""

    a: Input[float] = port(unit="m")
    b: Input[float] = port(unit="m")
    x: Output[float] = port(unit="m")
    y: Output[float] = port(unit="m")

    def outputs(self) -> None:
        self.x = self.a
        self.y = self.b


def at(line: int) -> SourceSpan:
    return SourceSpan("rig.toml", line, 1)


def plant(*parts, wires=()):
    instances = [
        InstanceDescription(name, component, parameters, at(line))
        for line, (name, component, parameters) in enumerate(parts, start=1)
    ]
    wired = [Wire(sources, target, at(line)) for line, (sources, target) in enumerate(wires, start=100)]
    return PlantDescription(tuple(instances), tuple(wired))


TANKS = (("T-101", "tank", {}), ("LT-101", "level_transmitter", {}), ("XV-101", "on_off_valve", {}))
WIRE_ROWS = [
    ("instance", ("T-11.level_m",), "LT-101.level_m", "no plant component 'T-11'; did you mean 'T-101'?"),
    ("source_member", ("T-101.levl_m",), "LT-101.level_m", "no output or state 'levl_m'; did you mean 'level_m'?"),
    ("target_member", ("T-101.level_m",), "LT-101.level", "no input 'level'; did you mean 'level_m'?"),
    (
        "direction",
        ("T-101.inflow_m3_per_s",),
        "LT-101.level_m",
        "T-101.inflow_m3_per_s -> LT-101.level_m: 'T-101' has no",
    ),
    ("type", ("T-101.level_m",), "XV-101.open_command", "T-101.level_m is float, XV-101.open_command is bool"),
    ("unit", ("T-101.level_pct",), "LT-101.level_m", "T-101.level_pct is in %, LT-101.level_m in m"),
    ("form", ("T-101",), "LT-101.level_m", "'T-101' is not written 'component.output'"),
    ("no_source", (), "LT-101.level_m", "nothing is wired to LT-101.level_m"),
    ("sum_of_bools", ("XV-101.is_open", "XV-101.is_closed"), "XV-101.air_on", "only a float input sums"),
]


@pytest.mark.parametrize(("sources", "target", "words"), [r[1:] for r in WIRE_ROWS], ids=[r[0] for r in WIRE_ROWS])
def test_wire_is_refused_with_both_ends(sources, target, words):
    with pytest.raises(DescriptionError) as caught:
        Plant.build(plant(*TANKS, wires=[(sources, target)]), STEP_NS)

    (finding,) = caught.value.diagnostics
    assert words in str(finding)
    assert finding.span == at(100)


INSTANCE_ROWS = [
    ("component", ("T-101", "tnk", {}), "no component 'tnk'; did you mean 'tank'?"),
    ("class", ("T-101", "emulators.twins.tank:Tnk", {}), "no component class 'Tnk'; did you mean 'Tank'?"),
    ("module", ("T-101", "emulators.twins.tnk:Tank", {}), "no module 'emulators.twins.tnk'"),
    ("file", ("T-101", "nowhere.py:Tank", {}), "no file 'nowhere.py'"),
    ("parameter", ("T-101", "tank", {"area_m": 1.0}), "no such parameter; did you mean 'area_m2'?"),
    ("output", ("T-101", "tank", {"level_pct": 1.0}), "'T-101.level_pct': component has no such parameter"),
    ("value", ("T-101", "tank", {"area_m2": "big"}), "'T-101.area_m2' is 'big'; write a number"),
    ("flag", ("T-101", "on_off_valve", {"fails_open": 1}), "'T-101.fails_open' is 1; write true or false"),
    ("range", ("T-101", "tank", {"area_m2": -1.0}), "'T-101.area_m2' is -1.0, outside 1e-06..inf m2"),
]


@pytest.mark.parametrize(("part", "words"), [r[1:] for r in INSTANCE_ROWS], ids=[r[0] for r in INSTANCE_ROWS])
def test_instance_is_refused_with_its_name(part, words):
    with pytest.raises(DescriptionError) as caught:
        Plant.build(plant(part), STEP_NS)

    (finding,) = caught.value.diagnostics
    assert words in str(finding)
    assert finding.span == at(1)


def test_findings_come_all_at_once_without_follow_up():
    parts = (("T-101", "tnk", {}), ("LT-101", "level_transmitter", {"rnge_low": 1.0}))

    with pytest.raises(DescriptionError) as caught:
        Plant.build(plant(*parts, wires=[(("T-101.level_m",), "LT-101.level_m")]), STEP_NS)

    assert [finding.span.line for finding in caught.value.diagnostics] == [1, 2]


def test_input_wired_twice_names_both_sources_and_places():
    wires = [(("T-101.level_m",), "LT-101.level_m"), (("T-102.level_m",), "LT-101.level_m")]

    with pytest.raises(DescriptionError) as caught:
        Plant.build(plant(*TANKS, ("T-102", "tank", {}), wires=wires), STEP_NS)

    (finding,) = caught.value.diagnostics
    assert "wired twice, to T-101.level_m (rig.toml:100:1) and to T-102.level_m" in str(finding)


def test_names_that_differ_in_signs_only_are_refused():
    with pytest.raises(DescriptionError, match="'T_101' and 'T-101' differ in signs only"):
        Plant.build(plant(("T-101", "tank", {}), ("T_101", "tank", {})), STEP_NS)


def test_algebraic_loop_is_named_in_the_direction_of_the_signal():
    wires = [(("A.x",), "B.a"), (("B.x",), "C.a"), (("C.x",), "A.a")]

    with pytest.raises(DescriptionError) as caught:
        Plant.build(plant(("A", Gain, {}), ("B", Gain, {}), ("C", Gain, {}), wires=wires), STEP_NS)

    (finding,) = caught.value.diagnostics
    assert "algebraic loop A.x -> B.x -> C.x -> A.x" in str(finding)
    assert finding.span == at(100)


def test_loops_that_share_nothing_are_named_together():
    wires = [(("A.x",), "B.a"), (("B.x",), "A.a"), (("C.x",), "C.a"), (("A.x",), "D.a")]

    with pytest.raises(DescriptionError) as caught:
        Plant.build(plant(*((name, Gain, {}) for name in "ABCD"), wires=wires), STEP_NS)

    assert [found.message for found in caught.value.diagnostics] == [
        "algebraic loop A.x -> B.x -> A.x",
        "algebraic loop C.x -> C.x",
    ]


def test_component_wired_to_itself_through_feed_through_is_a_loop():
    with pytest.raises(DescriptionError, match=r"algebraic loop A\.x -> A\.x"):
        Plant.build(plant(("A", Gain, {}), wires=[(("A.x",), "A.a")]), STEP_NS)


def test_cycle_of_components_that_is_none_of_ports_is_solved(run_everywhere):
    wires = [(("A.x",), "B.a"), (("B.x",), "A.b")]

    run = run_everywhere(Plant.build(plant(("A", Gain, {}), ("B", Gain, {}), wires=wires), STEP_NS))
    run.write("A", "a", 3.0)
    run.step()

    assert (run.python["A"].y, run.differences()) == (3.0, [])


def test_chain_settles_in_one_step_whatever_the_order_of_description(run_everywhere):
    names = ["G4", "G2", "G5", "G1", "G3"]
    wires = [((f"G{number}.x",), f"G{number + 1}.a") for number in range(1, 5)]

    run = run_everywhere(Plant.build(plant(*((name, Gain, {}) for name in names), wires=wires), STEP_NS))
    run.write("G1", "a", 7.5)
    run.step()

    assert (run.python["G5"].x, run.differences()) == (7.5, [])


def test_several_sources_of_a_float_input_are_summed(run_everywhere):
    parts = (("A", Gain, {"a": 1.0}), ("B", Gain, {"a": 2.5}), ("C", Gain, {}))

    run = run_everywhere(Plant.build(plant(*parts, wires=[(("A.x", "B.x", "A.x"), "C.a")]), STEP_NS))
    run.step()

    assert (run.python["C"].x, run.differences()) == (4.5, [])
