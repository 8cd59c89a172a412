"""The same plant gives the same bits in plain Python, under tcc and under gcc."""

from __future__ import annotations

from emulators.plant import InstanceDescription, Plant, PlantDescription, Wire

TWO_TANKS = PlantDescription(
    (
        InstanceDescription(
            "T-101", "tank", {"level_m": 1.0, "outlet_area_m2": 0.001, "inflow_m3_per_s": 0.002, "heating_kw": 10.0}
        ),
        InstanceDescription("T-102", "tank", {"outlet_area_m2": 0.0005, "height_m": 0.3}),
    ),
    (Wire(("T-101.outlet_m3_per_s",), "T-102.inflow_m3_per_s"),),
)


def test_tanks_in_a_row_have_the_same_bits_after_a_thousand_steps(run_everywhere):
    run = run_everywhere(Plant.build(TWO_TANKS, 10_000_000))

    for _ in range(1000):
        run.step()

    assert run.differences() == []
    assert run.python["T-102"].level_m > 0.05


def test_state_block_goes_into_python_objects_and_back_unchanged(run_everywhere):
    run = run_everywhere(Plant.build(TWO_TANKS, 10_000_000))
    run.step()
    block = run.python_block()
    other = run_everywhere(Plant.build(TWO_TANKS, 10_000_000))

    other.python.load(block)

    assert bytes(other.python_block()) == bytes(block)
