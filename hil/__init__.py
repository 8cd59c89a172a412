"""Drives, judges and reports a loop under test: scenarios, oracles, rigs, reports, the command hil."""
