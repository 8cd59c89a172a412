"""Behaviours: what moves a value that neither a twin nor a client moves. One more: a class, a row of ``table.py``,
and its keys in ``emulators/description/behaviour.py``."""

__all__: list[str] = []
