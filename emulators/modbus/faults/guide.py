"""How faults of wires are written, for help and listings: made from the one table of faults."""

from __future__ import annotations

import dataclasses

from emulators.modbus.faults.fault import WireFault
from emulators.modbus.faults.rule import option_names, own_options, written_duration

__all__ = ["common_options", "written_options"]


def written_options(kind: type[WireFault]) -> str:
    """Return the fault's own options as they are written, choices or defaults: ``time=500ms jitter=0ns``."""
    written = []
    for key, each in zip(own_options(kind), dataclasses.fields(kind), strict=True):
        option, default = each.metadata["option"], each.default
        if option.choices:
            text = "|".join(option.choices)
        elif option.is_duration:
            text = written_duration(int(str(default)))
        else:
            text = str(default)
        written.append(f"{key}={text}")
    return " ".join(written)


def common_options(kinds: tuple[type[WireFault], ...]) -> tuple[str, ...]:
    """Return the options that these faults have beside their own: which exchanges, how often, when."""
    every = dict.fromkeys(option for kind in kinds for option in option_names(kind))
    particular = {option for kind in kinds for option in own_options(kind)}
    return tuple(option for option in every if option not in particular)
