"""Campaigns: many scenarios of one property on a bench, the first failure reduced."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hil.campaign.campaign import Driver, Progress, replay, run_campaign
    from hil.campaign.defects import Defect, load_defect, load_defects
    from hil.campaign.outcome import CampaignResult, Failure, UnrepeatableRun
    from hil.campaign.player import Check, Played, Player
    from hil.campaign.requirement_tests import RequirementTest, load_requirement_tests

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

_MODULES = {
    "CampaignResult": "outcome",
    "Check": "player",
    "Defect": "defects",
    "Driver": "campaign",
    "Failure": "outcome",
    "Played": "player",
    "Player": "player",
    "Progress": "campaign",
    "RequirementTest": "requirement_tests",
    "UnrepeatableRun": "outcome",
    "load_defect": "defects",
    "load_defects": "defects",
    "load_requirement_tests": "requirement_tests",
    "replay": "campaign",
    "run_campaign": "campaign",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
