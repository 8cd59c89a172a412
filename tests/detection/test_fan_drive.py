"""The fan drive: its requirements hold on a wire that fails, planted defects are found."""

from detection import ProgramUnderTest
from detection_suite import DetectionSuite

import hil

CAUSES = {
    "a lost drive": lambda run: run["VFD-401.age_s"] > 1.5,
    "a request that failed": lambda run: run["VFD-401.error"],
    "an answer without meaning": lambda run: run["VFD-401.exception_code"] > 0,
    "a drive that is reached again": lambda run: hil.fell(run["VFD-401.error"]),
    "a fault of the drive": lambda run: run["DRIVE_FAILED"],
    "a reset of the drive": lambda run: hil.fell(run["DRIVE_STATE"] == 7),
    "controller without power": lambda run: run["PLC1.mode"] == 3,
}


class TestFanDrive(DetectionSuite):
    program = ProgramUnderTest("fan_drive")
    causes = CAUSES
    few_scenarios = 4
    slice_scenarios = 60
