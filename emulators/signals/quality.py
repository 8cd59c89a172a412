"""Quality of a value and the OPC UA status code that says why.

The two top bits of a status code are its severity (Part 4, 7.39): 00 good, 01 uncertain, 10 bad.
"""

from __future__ import annotations

import enum

__all__ = ["Ne107Status", "Quality", "StatusCode", "quality_of_status"]


class Quality(enum.Enum):
    """How far a value may be trusted."""

    GOOD = "good"
    UNCERTAIN = "uncertain"
    BAD = "bad"


class StatusCode(enum.IntEnum):
    """OPC UA status codes that a signal may carry; the names are those of the specification."""

    GOOD = 0x0000_0000
    GOOD_LOCAL_OVERRIDE = 0x0096_0000
    UNCERTAIN = 0x4000_0000
    UNCERTAIN_NO_COMMUNICATION_LAST_USABLE_VALUE = 0x408F_0000
    UNCERTAIN_LAST_USABLE_VALUE = 0x4090_0000
    UNCERTAIN_SUBSTITUTE_VALUE = 0x4091_0000
    UNCERTAIN_INITIAL_VALUE = 0x4092_0000
    UNCERTAIN_SENSOR_NOT_ACCURATE = 0x4093_0000
    UNCERTAIN_ENGINEERING_UNITS_EXCEEDED = 0x4094_0000
    UNCERTAIN_SUB_NORMAL = 0x4095_0000
    BAD = 0x8000_0000
    BAD_NO_COMMUNICATION = 0x8031_0000
    BAD_WAITING_FOR_INITIAL_DATA = 0x8032_0000
    BAD_NOT_CONNECTED = 0x808A_0000
    BAD_DEVICE_FAILURE = 0x808B_0000
    BAD_SENSOR_FAILURE = 0x808C_0000
    BAD_OUT_OF_SERVICE = 0x808D_0000

    @property
    def quality(self) -> Quality:
        return quality_of_status(self)


class Ne107Status(enum.Enum):
    """Health of a device as NAMUR NE 107 names it; the value is the word used in messages."""

    OK = "ok"
    FAILURE = "failure"
    FUNCTION_CHECK = "function_check"
    OUT_OF_SPECIFICATION = "out_of_specification"
    MAINTENANCE_REQUIRED = "maintenance_required"


_QUALITY_OF_SEVERITY = (Quality.GOOD, Quality.UNCERTAIN, Quality.BAD, Quality.BAD)


def quality_of_status(status_code: int) -> Quality:
    """Return the quality that any 32-bit OPC UA status code stands for; the reserved severity 11 counts as bad."""
    return _QUALITY_OF_SEVERITY[(status_code >> 30) & 3]
