"""Operating modes of a soft PLC and the commands that change them; the numbers stand in the state block."""

from __future__ import annotations

import enum

__all__ = ["PlcCommand", "PlcMode"]


class PlcMode(enum.IntEnum):
    """What the controller does in phase 5; outputs are de-energised in every mode but RUN."""

    STOP = 0
    RUN = 1
    FAULT = 2
    OFF = 3


class PlcCommand(enum.IntEnum):
    """Asked for by a tape entry or the control channel, carried out at the next latch (phase 4)."""

    NONE = 0
    COLD_RESTART = 1
    WARM_RESTART = 2
    STOP = 3
    RUN = 4
    POWER_OFF = 5
    POWER_ON = 6

    @classmethod
    def from_word(cls, word: str) -> PlcCommand:
        """Return the command that a scenario or a user names, e.g. ``cold`` or ``power_off``.

        Raises:
            ValueError: not one of the words.
        """
        try:
            return _WORDS[word]
        except KeyError:
            raise ValueError(f"no restart '{word}'; write one of {', '.join(sorted(_WORDS))}") from None


_WORDS = {
    "cold": PlcCommand.COLD_RESTART,
    "warm": PlcCommand.WARM_RESTART,
    "stop": PlcCommand.STOP,
    "run": PlcCommand.RUN,
    "power_off": PlcCommand.POWER_OFF,
    "power_on": PlcCommand.POWER_ON,
}
