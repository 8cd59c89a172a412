"""Scenarios: what may happen in a run, drawn as timelines, reduced when one fails, stored and replayed."""

from __future__ import annotations
