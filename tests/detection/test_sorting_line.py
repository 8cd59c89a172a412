"""The sorting line: planted defects are found, the good program survives."""

from detection import ProgramUnderTest
from detection_suite import DetectionSuite

from hil import previous


def jam_at(eye):
    return lambda run: run["JAM"] & run[eye] & (run[f"PLC1.Main.eyes[{eye[-1]}].is_jammed"])


CAUSES = {
    **{f"jam at {eye}": jam_at(eye) for eye in ("PE-201", "PE-202", "PE-203", "PE-204")},
    "part lost": lambda run: run["LOST"],
    "pusher 1 failed": lambda run: run["PLC1.Main.pusher_1.state"] == "Failed",
    "pusher 2 failed": lambda run: run["PLC1.Main.pusher_2.state"] == "Failed",
    "contactor does not close": lambda run: run["PLC1.Main.motor_differs.Q"] & previous(run["M-201.RUN"]),
    "contactor does not open": lambda run: run["PLC1.Main.motor_differs.Q"] & ~previous(run["M-201.RUN"]),
    "belt stands": lambda run: run["PLC1.Main.belt_stands.Q"] & ~run["EN-201.frozen"],
    "encoder stands": lambda run: run["PLC1.Main.belt_stands.Q"] & run["EN-201.frozen"],
    "gauge out of range": lambda run: run["PLC1.Main.height_gauge.outside.Q"],
    "gauge frozen": lambda run: run["PLC1.Main.height_gauge.still.Q"] & ~run["HT-201.is_failed"],
    "emergency stop": lambda run: ~run["ESTOP.OK"],
    "emergency stop while pusher 1 moves": lambda run: ~run["ESTOP.OK"] & (run["Y-211.POSITION"] > 0.2),
    "emergency stop while pusher 2 moves": lambda run: ~run["ESTOP.OK"] & (run["Y-212.POSITION"] > 0.2),
    "parts that touch": lambda run: run["COUNT.UNKNOWN"] > 0,
    "encoder wraps": lambda run: (run["STATE"] == "Running") & (run["B-201.travel_m"] > 65.6),
    "controller without power": lambda run: run["PLC1.mode"] == 3,
}


class TestSortingLine(DetectionSuite):
    program = ProgramUnderTest("sorting_line")
    causes = CAUSES
    few_scenarios = 30
    slice_scenarios = 300
