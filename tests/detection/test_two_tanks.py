"""The two tanks: planted defects are found, the good program survives."""

from detection import ProgramUnderTest
from detection_suite import DetectionSuite

CAUSES = {
    "high-high switch": lambda run: ~run["LSHH-101"],
    "high-high level": lambda run: run["LAHH-101"],
    "high-high temperature": lambda run: run["TAHH-101"],
    "supply low": lambda run: run["LAL-100"],
    "supply switch": lambda run: ~run["LSL-100"],
    "pump failed": lambda run: run["PA-101"],
    "level signal failed": lambda run: run["LT-101.is_failed"],
    "temperature signal failed": lambda run: run["TT-101.is_failed"],
    "flow signal failed": lambda run: run["FT-101.is_failed"],
    "supply signal failed": lambda run: run["LT-100.is_failed"],
    "outlet valve does not follow": lambda run: run["XA-102"],
    "measured level high": lambda run: run["LT-101"] >= 85.0,
    "not covered": lambda run: run["LT-101"] < 20.0,
    "controller without power": lambda run: run["PLC1.mode"] == 3,
}


class TestTwoTanks(DetectionSuite):
    program = ProgramUnderTest("two_tanks")
    causes = CAUSES
    few_scenarios = 40
    slice_scenarios = 500
