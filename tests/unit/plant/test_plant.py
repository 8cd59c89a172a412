"""The built plant: signals, paths, substeps, seeds, phases of its components."""

from __future__ import annotations

import pytest

from emulators.component import Component, Phase, Role, State, state
from emulators.errors import DescriptionError
from emulators.native import struct_layout
from emulators.plant import InstanceDescription, Plant, PlantDescription, PythonPlant, Wire

STEP_NS = 10_000_000


class Decay(Component):
    """Falls with a time constant of 2 ms."""

    x: State[float] = state(1.0)

    def derivatives(self) -> None:
        self.der.x = -self.x / 0.002


class Stiff(Component):
    """Falls with a time constant of 1 ns."""

    x: State[float] = state(1.0)

    def derivatives(self) -> None:
        self.der.x = -self.x / 1e-9


class Careful(Component):
    """Asks for short steps."""

    MAX_STEP_S = 0.0025
    x: State[float] = state(1.0)

    def derivatives(self) -> None:
        self.der.x = -self.x


def build(*parts, wires=()):
    instances = tuple(InstanceDescription(*part) for part in parts)
    return Plant.build(PlantDescription(instances, tuple(Wire(*wire) for wire in wires)), STEP_NS)


def test_signals_tell_type_unit_role_range_and_path():
    plant = build(("LT-101", "level_transmitter", {"range_high": 3.0}))

    raw, stuck, high = (plant.signals[f"LT-101.{name}"] for name in ("raw_count", "stuck", "range_high"))

    assert (raw.scalar.label, raw.low, raw.high, raw.role, raw.path) == (
        "i64",
        -32768,
        32767,
        Role.OUTPUT,
        "LT_101.raw_count",
    )
    assert (stuck.is_fault, stuck.scalar.label, stuck.initial) == (True, "bool", False)
    assert (high.initial, high.unit) == (3.0, "m")


def test_wired_inputs_are_marked_in_the_signals():
    plant = build(("T", "tank", {}), ("LT", "level_transmitter", {}), wires=[(("T.level_m",), "LT.level_m")])

    assert (plant.signals["LT.level_m"].is_wired, plant.signals["T.inflow_m3_per_s"].is_wired) == (True, False)


@pytest.mark.parametrize(("name", "field"), [("T-101", "T_101"), ("1LT", "_1LT"), ("seed", "seed_"), ("a b", "a_b")])
def test_field_of_an_instance_is_a_safe_name(name, field):
    plant = build((name, "tank"))

    assert plant.path(name, "level_m") == f"{field}.level_m"
    assert struct_layout(plant.struct).entry(plant.path(name, "level_m")).type.label == "f64"


def test_path_of_an_unknown_member_names_the_nearest():
    with pytest.raises(KeyError, match="did you mean 'level_m'"):
        build(("T", "tank")).path("T", "levl_m")


def test_time_constant_below_the_step_gets_substeps(run_everywhere):
    plant = build(("D", Decay))

    run = run_everywhere(plant)
    run.step()

    assert plant.substeps == 10
    assert run.python["D"].x == pytest.approx(2.718281828459045**-5, rel=0.005)
    assert run.differences() == []


def test_component_can_ask_for_short_integration_steps():
    assert build(("C", Careful)).substeps == 4


def test_plant_that_is_too_stiff_is_refused_with_its_time_constant():
    with pytest.raises(DescriptionError, match="time constant near 1e-09 s"):
        build(("S", Stiff))


def test_ordinary_plants_need_no_substeps():
    assert build(("T", "tank", {"level_m": 1.0}), ("H", "heater"), ("S", "sump"), ("I", "inflow")).substeps == 1


def test_noise_depends_on_seed_and_instance_only():
    def readings(seed):
        python = PythonPlant(build(("LT-1", "level_transmitter"), ("LT-2", "level_transmitter")))
        python.seed = seed
        python.start(0.01)
        rows = []
        for _ in range(5):
            python.sense(0.01)
            rows.append((python["LT-1"].reading_pct, python["LT-2"].reading_pct))
        return rows

    first = readings(3)

    assert first == readings(3)
    assert first != readings(4)
    assert all(one != other for one, other in first)


def test_start_after_a_run_gives_the_same_run_again(run_everywhere):
    run = run_everywhere(build(("B", "belt", {"speed_frac": 1.0}), ("F", "part_feeder")), seed=9)
    first = bytes(run.python_block())
    run.step()
    run.write("B", "jam", True)
    run.step()

    run.python.start(0.01)
    run.call("plant_start")

    assert bytes(run.python_block()) == first
    assert run.differences() == []


def test_transport_can_stand_on_the_side_of_the_actuators():
    instance = InstanceDescription("L", "transport_float", {"source": 2.0}, phase=Phase.ACTUATOR)
    python = PythonPlant(Plant.build(PlantDescription((instance,)), STEP_NS))
    python.start(0.01)

    python.sense(0.01)
    before = python["L"].target
    python.actuate(0.01)

    assert (before, python["L"].target) == (0.0, 2.0)


def test_process_component_cannot_be_moved_to_another_phase():
    instance = InstanceDescription("T", "tank", phase=Phase.SENSOR)

    with pytest.raises(DescriptionError, match="a PROCESS component cannot act as SENSOR"):
        Plant.build(PlantDescription((instance,)), STEP_NS)
