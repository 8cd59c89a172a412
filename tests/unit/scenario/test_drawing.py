"""Drawn timelines stay inside their scenario, reach its corners, and follow from the seed alone."""

from __future__ import annotations

from collections import Counter

import pytest

from emulators.cell.catalogue import TargetDescription
from emulators.cell.tape import Operation
from emulators.cell.wires import wire_target
from emulators.errors import DescriptionError
from emulators.timebase import NS_PER_S
from hil.scenario import faults
from hil.scenario.drawing import Drawer, draw
from hil.scenario.random_source import RandomSource
from hil.scenario.scenario import Scenario, at, scenario, timeline
from hil.scenario.stimuli import choose, hold, press, pulse, ramp, setpoint, step, toggle, write
from hil.scenario.timeline import Timeline

Catalogue = dict[str, TargetDescription]


def rough() -> Scenario:
    return (
        scenario(
            "10 min",
            operator=[press("START", "STOP", "ACK", every=("5 s", "2 min")), setpoint("LIC-101.SP", 20, 80)],
            process=[step("INFLOW", 0, 40)],
        )
        .with_faults(faults.sensor("LT-101"), faults.valve("XV-102"), faults.power_cycle(), at_most=2)
        .starting_with(at("1 s", press("START")))
    )


def many(whole: Scenario, catalogue: Catalogue, count: int = 200) -> list[Timeline]:
    drawer = Drawer(whole, catalogue)
    return [drawer.draw(RandomSource("test", index)) for index in range(count)]


def is_fault(operation: Operation) -> bool:
    return operation in (Operation.FAULT, Operation.RESTART, Operation.LINK)


def test_the_same_seed_draws_the_same_timeline(catalogue: Catalogue) -> None:
    assert draw(rough(), catalogue, RandomSource(7, 3)) == draw(rough(), catalogue, RandomSource(7, 3))
    assert draw(rough(), catalogue, RandomSource(7, 3)) != draw(rough(), catalogue, RandomSource(7, 4))


def test_a_seed_draws_the_same_timeline_on_every_python(catalogue: Catalogue) -> None:
    assert draw(rough(), catalogue, RandomSource(7, 3)).digest == "56a2cc4581bb"


def test_every_drawn_timeline_is_one_the_scenario_allows(catalogue: Catalogue) -> None:
    drawer = Drawer(rough(), catalogue)

    assert all(drawer.allows(drawn) for drawn in many(rough(), catalogue))


def test_values_stay_inside_their_limits_and_reach_them(catalogue: Catalogue) -> None:
    events = [event for drawn in many(rough(), catalogue) for event in drawn.events]

    values = [float(event.value) for event in events if event.target == "LIC-101.SP"]  # type: ignore[arg-type]  # a number

    assert min(values) == 20
    assert max(values) == 80
    assert len(set(values)) > 50


def test_no_more_faults_happen_than_asked_for_and_every_kind_does(catalogue: Catalogue) -> None:
    drawn = many(rough(), catalogue)

    counts = [sum(is_fault(event.operation) for event in one.events) for one in drawn]
    kinds = {event.target for one in drawn for event in one.events if is_fault(event.operation)}

    assert set(counts) == {0, 1, 2}
    assert kinds == {"LT-101.stuck", "LT-101.bias", "LT-101.open_circuit", "XV-102.stuck", "PLC1", "PLC2"}


def test_a_drawn_fault_is_never_its_neutral_value(catalogue: Catalogue) -> None:
    events = [event for drawn in many(rough(), catalogue) for event in drawn.events]

    biases = [event.value for event in events if event.target == "LT-101.bias"]

    assert biases
    assert 0.0 not in biases


def test_a_power_failure_always_ends(catalogue: Catalogue) -> None:
    events = [event for drawn in many(rough(), catalogue) for event in drawn.events]

    outages = [event for event in events if event.operation is Operation.RESTART]

    assert outages
    assert all(event.until_ns is not None for event in outages)


def test_the_beginning_is_fixed_and_drawn_stimuli_come_after_it(catalogue: Catalogue) -> None:
    for drawn in many(rough(), catalogue, 50):
        first = next(event for event in drawn.events if event.is_fixed)
        others = [event for event in drawn.events if not event.is_fixed and not is_fault(event.operation)]

        assert (first.time_ns, first.target) == (NS_PER_S, "START")
        assert all(event.time_ns >= first.last_ns for event in others)


def test_presses_of_one_button_never_overlap(catalogue: Catalogue) -> None:
    for drawn in many(rough(), catalogue, 50):
        free_ns: Counter[str] = Counter()
        for event in drawn.events:
            assert event.time_ns >= free_ns[event.target]
            free_ns[event.target] = event.last_ns


def test_some_events_huddle_and_some_scenarios_are_quiet(catalogue: Catalogue) -> None:
    drawn = many(rough(), catalogue)

    sizes = [len(one.events) for one in drawn]
    close = sum(
        0 < later.time_ns - earlier.time_ns < NS_PER_S // 2
        for one in drawn
        for earlier, later in zip(one.events, one.events[1:], strict=False)
    )

    assert min(sizes) <= 8
    assert max(sizes) >= 40
    assert close > 100


def test_an_integer_target_gets_integers(catalogue: Catalogue) -> None:
    whole = scenario("10 min", operator=[setpoint("MODE", 0, 7)])

    values = [event.value for drawn in many(whole, catalogue, 30) for event in drawn.events]

    assert values
    assert all(type(value) is int for value in values)


def test_each_generator_draws_its_kind_of_event(catalogue: Catalogue) -> None:
    whole = scenario(
        "10 min",
        operator=[toggle("START", "STOP"), choose("MODE", 1, 2, 4), hold("ACK", True, lasting="3 s")],
        process=[ramp("INFLOW", 0, 40, over="10 s"), pulse("LIC-101.SP", 5, 10, hold="1 s")],
    )

    events = [event for drawn in many(whole, catalogue, 30) for event in drawn.events]
    by_target = {name: [event for event in events if event.target == name] for name in catalogue}

    assert {event.value for event in by_target["START"]} == {True, False}
    assert {event.value for event in by_target["MODE"]} == {1, 2, 4}
    assert {event.last_ns - event.time_ns for event in by_target["ACK"]} == {3 * NS_PER_S}
    assert all(event.ramp_from is not None for event in by_target["INFLOW"])
    assert all(event.rest == 5 and 5 < float(event.value) <= 10 for event in by_target["LIC-101.SP"])  # type: ignore[arg-type]  # a number


def test_network_plc_and_any_of_offer_what_the_bench_has(catalogue: Catalogue) -> None:
    whole = scenario("10 min").with_faults(
        faults.any_of(faults.network(), faults.plc("PLC1"), faults.restart("PLC2", kinds=("cold",))), at_most=1
    )

    events = [event for drawn in many(whole, catalogue) for event in drawn.events]

    assert {(event.target, event.value) for event in events} == {
        ("plc1-modbus", "down"),
        ("PLC1", "power_off"),
        ("PLC1", "warm"),
        ("PLC1", "cold"),
        ("PLC2", "cold"),
    }


def test_names_the_bench_does_not_have_are_reported_at_once_with_their_lines(catalogue: Catalogue) -> None:
    whole = scenario("10 min", operator=[press("STRAT"), setpoint("P-101.RUN", 0, 1), press("LEVEL")]).with_faults(
        faults.sensor("LT-102"), faults.sensor("LT-101", "stuk"), faults.power_cycle("PLC3"), faults.network("modbus")
    )

    with pytest.raises(DescriptionError) as caught:
        Drawer(whole, catalogue)

    findings = [str(finding) for finding in caught.value.diagnostics]
    assert [finding.split(": ", 1)[1] for finding in findings] == [
        "press(STRAT): the bench has no 'STRAT'; did you mean 'START'?",
        "setpoint(P-101.RUN, 0..1): 'P-101.RUN' is a BOOL; use toggle or press",
        "press(LEVEL): 'LEVEL' is a LREAL, no push button",
        "sensor(LT-102): the bench has no 'LT-102' that can fail; did you mean 'LT-101'?",
        "sensor(LT-101, stuk): LT-101 has no fault 'stuk'; did you mean 'stuck'?",
        "power_cycle(PLC3): the bench has no controller 'PLC3'; did you mean 'PLC2'?",
        "network(modbus): the bench has no connection 'modbus'; did you mean 'plc1-modbus'?",
    ]
    assert all(finding.startswith(f"{__file__}:") for finding in findings)


@pytest.mark.parametrize(
    ("fault", "value", "said"),
    [
        ("hall.delay", "80ms functio=3", "hall.delay: fault delay has no option 'functio'; did you mean 'function'?"),
        ("hall.exception", 999, "hall.exception: code 999 is outside 0..255; write a number in it"),
        ("hall.tls_failure", True, "hall has no fault 'tls_failure'; wires of other protocols have it; it has down, "),
        ("LT-101.bias", "much", "the value is a text; give a number"),
    ],
)
def test_a_given_fault_that_cannot_be_is_reported_with_its_line(
    catalogue: Catalogue, fault: str, value: float | str, said: str
) -> None:
    whole = scenario("1 min").with_faults(faults.inject("hall.busy", "count=3"), faults.inject(fault, value))

    with pytest.raises(DescriptionError) as caught:
        Drawer(whole, {**catalogue, "hall": wire_target("hall", "modbus-tcp", "an endpoint")})

    (finding,) = caught.value.diagnostics
    assert str(finding).startswith(f"{__file__}:")
    assert f"inject({fault}, {value}): {said}" in str(finding)


def test_a_target_that_cannot_be_written_is_reported(catalogue: Catalogue) -> None:
    with pytest.raises(DescriptionError, match=r"'LEVEL' cannot be written; name a push button"):
        Drawer(scenario("1 min", process=[step("LEVEL", 0, 1)]), catalogue)


def test_a_value_outside_the_range_of_its_target_is_reported_before_anything_runs(catalogue: Catalogue) -> None:
    whole = scenario(
        "1 min", operator=[setpoint("LIC-101.SP", 20, 120)], process=[step("INFLOW", 0, 60), hold("INFLOW", 61, rest=0)]
    )

    with pytest.raises(DescriptionError) as caught:
        Drawer(whole, catalogue)

    assert [finding.message for finding in caught.value.diagnostics] == [
        "setpoint(LIC-101.SP, 20..120): 'LIC-101.SP' ranges from 0 to 100 %; 120 is outside",
        "hold(INFLOW, 61): 'INFLOW' ranges from 0 to 60 l/min; 61 is outside",
    ]


def test_the_reducer_moves_values_toward_the_harmless_end_of_their_range(catalogue: Catalogue) -> None:
    whole = scenario("10 min", operator=[setpoint("LIC-101.SP", 20, 80)], process=[step("INFLOW", 0, 40)])
    drawer = Drawer(whole, catalogue)

    events = {event.target: event for drawn in many(whole, catalogue, 5) for event in drawn.events}

    assert drawer.neutral(events["LIC-101.SP"]) == 20
    assert drawer.neutral(events["INFLOW"]) == 0


def test_a_scenario_prints_itself() -> None:
    assert str(rough()) == (
        "scenario of 10 min\n"
        "  at 1.0 s: press(START)\n"
        "  operator: press(START, STOP, ACK) every 5.0 s to 2 min\n"
        "  operator: setpoint(LIC-101.SP, 20..80) every 10.0 s to 3 min\n"
        "  process: step(INFLOW, 0..40) every 5.0 s to 3 min\n"
        "  faults, at most 2: sensor(LT-101), valve(XV-102), power_cycle()"
    )


def test_a_scenario_is_a_value_that_its_methods_do_not_change() -> None:
    calm = scenario("10 min", operator=[press("START")])

    longer = calm.lasting("1 h").with_faults(faults.power_cycle())

    assert (calm.duration_ns, calm.faults) == (600 * NS_PER_S, ())
    assert (longer.duration_ns, len(longer.faults), longer.at_most) == (3600 * NS_PER_S, 1, 1)


def test_a_timeline_can_be_written_by_hand() -> None:
    written = timeline(
        "1 min",
        at("1 s", press("START"), write("LIC-101.SP", 50)),
        at("10 s", faults.inject("LT-101.stuck", 61.2, lasting="5 s"), faults.power_cycle("PLC1")),
    )

    assert [
        (event.time_ns, event.operation, event.target, event.value, event.until_ns) for event in written.events
    ] == [
        (NS_PER_S, Operation.WRITE, "START", True, NS_PER_S * 3 // 2),
        (NS_PER_S, Operation.WRITE, "LIC-101.SP", 50, None),
        (10 * NS_PER_S, Operation.FAULT, "LT-101.stuck", 61.2, 15 * NS_PER_S),
        (10 * NS_PER_S, Operation.RESTART, "PLC1", "power_off", 11 * NS_PER_S),
    ]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: press("A", every=("5 s", "1 s")), "the shorter first"),
        (lambda: press("A", hold="0 s"), "two positive durations"),
        (lambda: press(), "names no target"),
        (lambda: step("A", 5, 5), "range 5..5 of A is empty"),
        (lambda: hold("A", 5), "say in 'rest'"),
        (lambda: choose("A"), "offers no values"),
        (lambda: at("1 s", step("A", 0, 1)), "leaves something to draw"),
        (lambda: scenario("0 s"), "too short"),
        (lambda: scenario("1 s").with_faults(at_most=-1), "negative"),
        (lambda: scenario("1 s").starting_with(at("1 s", press("A"))), "only 1.0 s"),
        (lambda: faults.inject("stuck"), "instance.fault"),
        (lambda: faults.any_of(), "no faults"),
    ],
    ids=[
        "reversed",
        "no hold",
        "no button",
        "empty range",
        "no rest",
        "no values",
        "undrawn",
        "no duration",
        "negative count",
        "long beginning",
        "no instance",
        "any of nothing",
    ],
)
def test_an_impossible_scenario_is_refused_where_it_is_written(make, message: str) -> None:  # type: ignore[no-untyped-def]  # a factory
    with pytest.raises(ValueError, match=message):
        make()
