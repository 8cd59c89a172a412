"""How many clients may be connected at once to what a command serves: each takes a descriptor of the process."""

from __future__ import annotations

__all__ = ["allow_many_descriptors"]


def allow_many_descriptors() -> None:
    """Raise this process's limit to what the system grants it; shells often start commands with 1024."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    _, granted = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (granted, granted))
