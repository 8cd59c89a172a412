"""Parts on the belt: they arrive, pass the sensors, are pushed or leave, and are never lost."""

from __future__ import annotations

from itertools import pairwise

import pytest
from small_plants import STEP_S, start_plant, step_plant

WIRES = {"B.feed_count": "F.part_count", "B.feed_height_mm": "F.part_height_mm"}


def start_line(belt=None, feeder=None, seed=0):
    parts = {"B": ("belt", {"speed_frac": 1.0, **(belt or {})}), "F": ("part_feeder", feeder or {})}
    return start_plant(parts, WIRES, seed=seed)


def accounted(belt):
    return belt.part_count + belt.bin_1_count + belt.bin_2_count + belt.exit_count


def test_part_reaches_the_exit_after_length_over_speed():
    plant = start_line(feeder={"interval_s": 100.0, "interval_spread_s": 0.0})

    step_plant(plant, round(1.0 / STEP_S) + 2)  # the first part comes after 1 s
    step_plant(plant, round((6.0 + 0.2) / 0.5 / STEP_S) + 1)

    assert (plant["B"].exit_count, plant["B"].part_count) == (1, 0)
    assert plant["B"].exit_height_mm == plant["F"].part_height_mm


def test_photo_eye_is_blocked_for_part_length_over_speed():
    plant = start_line(feeder={"interval_s": 100.0})
    blocked = 0

    for _ in range(800):
        step_plant(plant)
        blocked += plant["B"].eye_2_is_blocked

    assert blocked * STEP_S == pytest.approx(0.2 / 0.5, abs=2 * STEP_S)


@pytest.mark.parametrize("seed", range(5))
def test_no_part_is_lost_or_doubled(seed):
    plant = start_line(feeder={"interval_s": 1.0, "interval_spread_s": 0.9}, seed=seed)
    belt = plant["B"]

    for step in range(3000):
        belt.pusher_1_extension_frac = 1.0 if step % 500 < 40 else 0.0
        belt.jam = 1000 < step < 1600
        belt.speed_frac = 0.0 if 2000 < step < 2200 else 1.0
        step_plant(plant)

    assert accounted(belt) == belt.fed_count
    assert belt.fed_count <= belt.feed_count
    assert belt.bin_1_count > 0


def test_parts_keep_their_distance_in_a_jam():
    plant = start_line({"jam": True}, {"interval_s": 0.7, "interval_spread_s": 0.0})

    step_plant(plant, 2000)

    belt = plant["B"]
    fronts = belt.front_m[: belt.part_count]
    gaps = [ahead - behind for ahead, behind in pairwise(fronts)]
    assert fronts[0] == 2.0
    assert min(gaps) >= 0.2 - 1e-9
    assert belt.is_blocked


def test_pusher_moves_the_part_in_front_of_it_with_its_height():
    plant = start_line({"pusher_1_position_m": 1.0}, {"interval_s": 100.0, "high_share_frac": 1.0})
    belt = plant["B"]
    step_plant(plant, round((1.0 + 1.1 / 0.5) / STEP_S))

    belt.pusher_1_extension_frac = 1.0
    step_plant(plant)

    assert (belt.bin_1_count, belt.part_count) == (1, 0)
    assert belt.bin_1_height_mm == pytest.approx(100.0, abs=2.0)


def test_gauge_reads_the_height_of_the_part_below_and_zero_between_parts():
    plant = start_line(feeder={"interval_s": 100.0, "high_share_frac": 0.0})
    readings = set()

    for _ in range(600):
        step_plant(plant)
        readings.add(plant["B"].gauge_height_mm)

    assert readings == {0.0, plant["F"].part_height_mm}


@pytest.mark.parametrize(("fault", "fed"), [("starved", 0), ("double_feed", 4)])
def test_feeder_faults_change_the_count(fault, fed):
    plant = start_line(feeder={"interval_s": 1.0, "interval_spread_s": 0.0, fault: True})

    step_plant(plant, round(2.5 / STEP_S))

    assert plant["F"].part_count == fed


def test_share_of_high_parts_is_as_asked():
    plant = start_line(feeder={"interval_s": 0.1, "interval_spread_s": 0.0, "high_share_frac": 0.3}, seed=5)
    high, last = 0, 0

    for _ in range(20_000):
        plant["F"].tick(STEP_S)
        high += plant["F"].part_count > last and plant["F"].part_height_mm > 75.0
        last = plant["F"].part_count

    assert high / last == pytest.approx(0.3, abs=0.04)


def test_feeder_mixes_low_high_and_tall_parts_by_their_shares():
    feeder = {"interval_s": 1.0, "interval_spread_s": 0.0, "high_share_frac": 0.3, "tall_share_frac": 0.2}
    plant = start_line(feeder={**feeder, "height_spread_mm": 0.0}, seed=3)
    heights = []

    for _ in range(300):
        step_plant(plant, round(1.0 / STEP_S))
        heights.append(plant["F"].part_height_mm)

    assert set(heights) == {50.0, 100.0, 150.0}
    assert heights.count(100.0) == pytest.approx(90, abs=25)
    assert heights.count(150.0) == pytest.approx(60, abs=25)
