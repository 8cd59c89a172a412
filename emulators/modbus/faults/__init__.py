"""Faults of a wire: rules that decide for each exchange whether and how it fails, and the answers that still wait."""
