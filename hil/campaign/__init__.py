"""Campaigns: many scenarios of one property on a bench, the first failure reduced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.exports import lazy_exports

if TYPE_CHECKING:
    from hil.campaign.campaign import Driver, Progress, replay, run_campaign
    from hil.campaign.defects import Defect, load_defect, load_defects
    from hil.campaign.outcome import CampaignResult, Failure, UnrepeatableRun
    from hil.campaign.player import Check, Played, Player
    from hil.campaign.requirement_tests import RequirementTest, load_requirement_tests
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "campaign": ("Driver", "Progress", "replay", "run_campaign"),
            "defects": ("Defect", "load_defect", "load_defects"),
            "outcome": ("CampaignResult", "Failure", "UnrepeatableRun"),
            "player": ("Check", "Played", "Player"),
            "requirement_tests": ("RequirementTest", "load_requirement_tests"),
        },
    )

__all__ = [
    "CampaignResult",
    "Check",
    "Defect",
    "Driver",
    "Failure",
    "Played",
    "Player",
    "Progress",
    "RequirementTest",
    "UnrepeatableRun",
    "load_defect",
    "load_defects",
    "load_requirement_tests",
    "replay",
    "run_campaign",
]
