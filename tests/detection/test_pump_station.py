"""The pump station: planted defects are found, the good program survives."""

from detection import ProgramUnderTest
from detection_suite import DetectionSuite

import hil

AUTO, MANUAL = 1, 2
CAUSES = {
    "low-low switch": lambda run: ~run["LSLL-301"],
    "low-low level": lambda run: (run["LT-301"] < 6.0) & ~run["LT-301.is_failed"],
    "dry-run lock-out": lambda run: run["PLC1.Main.is_dry"] & ~run["PLC1.Main.is_low_low"],
    "high-high switch": lambda run: run["LAHH-301"] & (run["STATE"] == 3),
    "level signal failed": lambda run: run["IA-301"] & (run["STATE"] == 3),
    "mains failed while a pump runs": lambda run: ~run["MAINS"] & hil.previous(run["P-301.RUN"]),
    "dip of the mains without alarm": lambda run: hil.rose(run["MAINS"]) & ~run["JA-301"],
    "power-up delay": lambda run: run["PLC1.MAINS_OK"] & ~run["PLC1.Main.mains_stable.Q"],
    "controller without power": lambda run: run["PLC1.mode"] == 3,
    "controller without power while a pump is failed": lambda run: (run["PLC1.mode"] == 3) & run["XA-301"],
    "overload relay 1": lambda run: run["PLC1.P301_TRIPPED"],
    "overload relay 2": lambda run: run["PLC1.P302_TRIPPED"],
    "overload relay 3": lambda run: run["PLC1.P303_TRIPPED"],
    "no feedback 1": lambda run: run["P-301.FAILED"] & ~run["PLC1.P301_TRIPPED"],
    "no feedback 2": lambda run: run["P-302.FAILED"] & ~run["PLC1.P302_TRIPPED"],
    "no feedback 3": lambda run: run["P-303.FAILED"] & ~run["PLC1.P303_TRIPPED"],
    "contactor stuck closed": lambda run: run["P-301.FAILED"] & run["P-301.FEEDBACK"],
    "rest time": lambda run: run["PLC1.Main.drive[1].wanted"] & ~run["PLC1.Main.drive[1].off_time.Q"],
    "another pump has just started": lambda run: (
        run["PLC1.Main.drive[1].wanted"] & run["PLC1.Main.drive[1].off_time.Q"] & ~run["PLC1.Main.start_gap.Q"]
    ),
    "switched off while it runs": lambda run: hil.fell(run["P-301.RUN"]) & (run["P-301.MODE"] == 0),
    "by hand": lambda run: run["P-301.RUN"] & (run["P-301.MODE"] == MANUAL),
    "lead changes while it runs": lambda run: (
        hil.fell(run["P-301.RUN"]) & (run["WANTED"] > 0) & (run["P-301.MODE"] == AUTO) & (run["AVAILABLE"] == 3)
    ),
    "no pump available": lambda run: run["LEAD"] == 0,
    "all pumps wanted": lambda run: run["WANTED"] == 3,
}


class TestPumpStation(DetectionSuite):
    program = ProgramUnderTest("pump_station")
    causes = CAUSES
    few_scenarios = 20
    slice_scenarios = 150
