"""Who wants which values how often, in plant time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from emulators.serving.stepped_cell import DeliverSample
from emulators.signals.tags import TagValue

__all__ = ["Subscriptions"]


@dataclass(slots=True, eq=False)
class _Subscription:
    names: tuple[str, ...]
    period_ticks: int
    due_tick: int
    deliver: DeliverSample
    is_cancelled: bool = False


class Subscriptions:
    """Table of subscriptions; ``deliver`` runs on the scan's thread, a cancelled one gets at most one more sample."""

    def __init__(self, step_ns: int) -> None:
        self._step_ns = step_ns
        self._subscriptions: list[_Subscription] = []

    def add(self, names: tuple[str, ...], period_ns: int, tick: int, deliver: DeliverSample) -> Callable[[], None]:
        """Deliver from the next step on, then each period (at least one step); return what cancels it."""
        period_ticks = max(1, -(-period_ns // self._step_ns))
        subscription = _Subscription(names, period_ticks, tick + 1, deliver)
        self._subscriptions.append(subscription)

        def cancel() -> None:
            subscription.is_cancelled = True

        return cancel

    def steps_until_due(self, tick: int) -> int:
        """Return after how many steps the next sample is due, a large number without subscriptions."""
        return max(1, min((each.due_tick - tick for each in self._subscriptions), default=1 << 30))

    def deliver(self, tick: int, read: Callable[[str], TagValue]) -> None:
        """Deliver what is due at the end of a step."""
        self._subscriptions = [each for each in self._subscriptions if not each.is_cancelled]
        for subscription in self._subscriptions:
            if subscription.due_tick <= tick:
                subscription.due_tick = tick + subscription.period_ticks
                subscription.deliver(tick * self._step_ns, {name: read(name) for name in subscription.names})
