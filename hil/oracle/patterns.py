"""Requirement patterns by name: each returns a formula for ``run.check(...)`` with a sentence of its own.

The first group carries the names of the PLCverif pattern catalogue; its two "possible" patterns cannot be refuted by
a test and are coverage goals (:mod:`hil.oracle.goals`), with :func:`recoverable` as what can be asserted instead.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

from emulators.timebase import Duration, parse_duration
from hil.oracle.bounds import TimeBound, duration_text
from hil.oracle.edges import changed, fell, rose
from hil.oracle.goals import reachable, repeatable
from hil.oracle.logic import Literal, Stated, all_of, any_of
from hil.oracle.past import Historically, Once, held, once, since
from hil.oracle.past import occurrences as count_of
from hil.oracle.temporal import Always, always, eventually, until
from hil.oracle.terms import previous, rate
from hil.oracle.tree import Formula, Precedence, Term, as_formula, as_term

__all__ = [
    "PATTERNS",
    "alarm_latched",
    "forbidden",
    "implication",
    "interlock",
    "invariant",
    "leads_to",
    "leads_to_earlier",
    "leads_to_trigger",
    "minimum_off_time",
    "minimum_on_time",
    "mutual_exclusion",
    "no_chatter",
    "overshoot",
    "rate_limit",
    "reachable",
    "recoverable",
    "repeatable",
    "response",
    "restart_safe",
    "safe_state",
    "sequence_order",
    "settling",
    "state_change_between_cycles",
    "state_change_during_cycle",
    "steady_state_error",
    "timed_trigger",
    "watchdog",
]

_FROM_THE_SECOND_ROW = TimeBound(1, None)


def _text(item: Formula | Term) -> str:
    return item.bracketed(Precedence.OR)


# --- the PLCverif catalogue -----------------------------------------------------------------------------------------


def invariant(formula: Formula) -> Formula:
    """The formula is always true at the end of a scan cycle."""
    return always(formula)


def forbidden(formula: Formula) -> Formula:
    """The formula is never true at the end of a scan cycle."""
    return always(~as_formula(formula))


def implication(trigger: Formula, response: Formula) -> Formula:
    """Whenever ``trigger`` is true at the end of a scan cycle, ``response`` is true there too."""
    return always(as_formula(trigger) >> response)


def state_change_during_cycle(before: Formula, after: Formula) -> Formula:
    """If ``before`` is true at the start of a scan cycle, ``after`` is true at its end (rows are cycles)."""
    body = previous(as_formula(before)) >> as_formula(after)
    return Stated(f"whenever {_text(before)} at the start of a cycle, {_text(after)} at its end", _from_second(body))


def state_change_between_cycles(before: Formula, now: Formula, then: Formula) -> Formula:
    """If ``before`` is true at the end of one scan cycle and ``now`` at the end of the next, ``then`` is true there."""
    body = (previous(as_formula(before)) & as_formula(now)) >> as_formula(then)
    return Stated(f"whenever {_text(before)} and {_text(now)} one cycle later, {_text(then)}", _from_second(body))


def _from_second(body: Formula) -> Formula:
    return Always(body, _FROM_THE_SECOND_ROW)


def leads_to(trigger: Formula, response: Formula, *, within: Duration | None = None) -> Formula:
    """While ``trigger`` is true, ``response`` comes within a time, or before the run ends."""
    return always(as_formula(trigger) >> eventually(response, within))


def leads_to_trigger(trigger: Formula, response: Formula, *, within: Duration | None = None) -> Formula:
    """Each time ``trigger`` becomes true, ``response`` comes within a time, or before the run ends."""
    return always(rose(trigger) >> eventually(response, within))


def leads_to_earlier(effect: Formula, cause: Formula, *, within: Duration | None = None) -> Formula:
    """Where ``effect`` is true, ``cause`` was true before or is true now."""
    return always(as_formula(effect) >> once(cause, within))


def timed_trigger(trigger: Formula, lasting: Duration, response: Formula) -> Formula:
    """Once ``trigger`` has been true for a time, ``response`` is true as long as it stays so."""
    return always(held(trigger, lasting) >> as_formula(response))


def recoverable(formula: Formula, *, within: Duration) -> Formula:
    """From every row the formula becomes true again within a time."""
    return always(eventually(formula, within))


# --- machines and processes ------------------------------------------------------------------------------------------


def interlock(cause: Formula, blocked: Formula, *, within: Duration | None = None) -> Formula:
    """While ``cause`` is true, ``blocked`` is off: at once, or from ``within`` after the cause came."""
    cause, blocked = as_formula(cause), as_formula(blocked)
    if within is None:
        return Stated(f"{_text(cause)} blocks {_text(blocked)}", always(cause >> ~blocked))
    sentence = f"{_text(cause)} blocks {_text(blocked)} within {_written(within)}"
    return Stated(sentence, always(held(cause, within) >> ~blocked))


def response(trigger: Formula, effect: Formula, *, within: Duration) -> Formula:
    """Each time ``trigger`` becomes true, ``effect`` comes within a time."""
    return leads_to_trigger(trigger, effect, within=within)


def mutual_exclusion(*formulas: Formula) -> Formula:
    """At most one of the formulas is true at a time."""
    items = [as_formula(item) for item in formulas]
    pairs = [~(left & right) for left, right in combinations(items, 2)]
    return Stated(f"at most one of {', '.join(map(_text, items))}", always(all_of(*pairs)))


def minimum_on_time(formula: Formula, lasting: Duration) -> Formula:
    """Once on, it stays on for at least a time."""
    bound = TimeBound(0, max(0, parse_duration(lasting) - 1))  # off after exactly that time is allowed
    formula = as_formula(formula)
    body = rose(formula) >> always(formula, bound)
    return Stated(f"{_text(formula)} stays on for at least {_written(lasting)}", always(body))


def minimum_off_time(formula: Formula, lasting: Duration) -> Formula:
    """Once off, it stays off for at least a time."""
    bound = TimeBound(0, max(0, parse_duration(lasting) - 1))
    formula = as_formula(formula)
    body = fell(formula) >> always(~formula, bound)
    return Stated(f"{_text(formula)} stays off for at least {_written(lasting)}", always(body))


def no_chatter(item: Formula | Term, *, changes: int, within: Duration) -> Formula:
    """No more than so many changes in any stretch of that length."""
    number = count_of(changed(item), within)
    return Stated(f"{_text(item)} changes at most {changes} times in {_written(within)}", always(number <= changes))


def sequence_order(*steps: Formula) -> Formula:
    """Steps begin in the order given: each begins only when the one before was the last to begin.

    The first may begin at any time, so a sequence may start over.
    """
    items = [as_formula(step) for step in steps]
    begins = [rose(item) | (item & _first_row()) for item in items]
    rules = []
    for index in range(1, len(items)):
        others = any_of(*(begin for other, begin in enumerate(begins) if other != index - 1))
        in_turn = Stated(f"right after {_text(items[index - 1])}", previous(since(~others, begins[index - 1])))
        rules.append(rose(items[index]) >> in_turn)
    return Stated(f"order {', then '.join(map(_text, items))}", always(all_of(*rules)))


def alarm_latched(alarm: Formula, *, acknowledge: Formula) -> Formula:
    """An alarm goes only after it was acknowledged since it came."""
    unacknowledged = Stated("not acknowledged since it came", since(~as_formula(acknowledge), rose(alarm)))
    sentence = f"{_text(alarm)} stays until {_text(acknowledge)}"
    return Stated(sentence, always(fell(alarm) >> ~unacknowledged))


def safe_state(demand: Formula, safe: Formula, *, within: Duration) -> Formula:
    """A time after a demand (emergency stop, trip) everything is safe, and stays so as long as the demand lasts."""
    sentence = f"{_text(demand)} leads to {_text(safe)} within {_written(within)}"
    return Stated(sentence, always(held(demand, within) >> as_formula(safe)))


def restart_safe(restart: Formula, output: Formula, *, command: Formula) -> Formula:
    """After a restart an output stays off until it is commanded again."""
    quiet = until(~as_formula(output), command) | always(~as_formula(output))
    sentence = f"after {_text(restart)}, {_text(output)} stays off until {_text(command)}"
    return Stated(sentence, always(rose(restart) >> quiet))


def watchdog(alive: Formula | Term, *, at_most: Duration) -> Formula:
    """A life signal changes at least that often."""
    return Stated(f"{_text(alive)} changes every {_written(at_most)}", always(eventually(changed(alive), at_most)))


# --- control loops ---------------------------------------------------------------------------------------------------


def rate_limit(term: Term, *, per_second: float) -> Formula:
    """The term moves no faster than that, up or down."""
    return always(abs(rate(term)) <= per_second)


def overshoot(value: Term, setpoint: Term | float, *, at_most: float) -> Formula:
    """Once the value has reached the setpoint it leaves it by no more than ``at_most`` until the setpoint moves."""
    target = as_term(setpoint)
    moved = changed(target)
    above = value >= target
    reached = Stated(f"{value} had reached {target}", since(~moved, (rose(above) | fell(above)) & ~moved))
    sentence = f"overshoot of {value} over {target} at most {at_most:g}"
    return Stated(sentence, always(reached >> (abs(value - target) <= at_most)))


def settling(value: Term, setpoint: Term | float, *, band: float, within: Duration) -> Formula:
    """So long after the last move of the setpoint, the value lies within ``band`` of it."""
    target = as_term(setpoint)
    sentence = f"{value} settles to {target} ± {band:g} within {_written(within)}"
    return Stated(sentence, always(_unmoved(target, within) >> (abs(value - target) <= band)))


def steady_state_error(value: Term, setpoint: Term | float, *, at_most: float, after: Duration) -> Formula:
    """The error that remains when the setpoint has stood still for a time."""
    target = as_term(setpoint)
    sentence = f"steady-state error of {value} to {target} at most {at_most:g}"
    return Stated(sentence, always(_unmoved(target, after) >> (abs(value - target) <= at_most)))


def _unmoved(term: Term, lasting: Duration) -> Formula:
    """The term has had its value for a time."""
    lasting_ns = parse_duration(lasting)
    is_old_enough = Once(Literal(True), TimeBound(lasting_ns, None))
    is_still = Historically(~changed(term), TimeBound(0, max(0, lasting_ns - 1)))
    return Stated(f"{term} unmoved for {_written(lasting)}", is_old_enough & is_still)


def _first_row() -> Formula:
    return ~Once(Literal(True), TimeBound(1, None))


def _written(duration: Duration) -> str:
    return duration_text(parse_duration(duration))


PATTERNS: dict[str, Callable[..., Formula]] = {
    pattern.__name__: pattern
    for pattern in (
        invariant,
        forbidden,
        implication,
        state_change_during_cycle,
        state_change_between_cycles,
        leads_to,
        leads_to_trigger,
        leads_to_earlier,
        timed_trigger,
        recoverable,
        interlock,
        response,
        mutual_exclusion,
        minimum_on_time,
        minimum_off_time,
        no_chatter,
        sequence_order,
        alarm_latched,
        safe_state,
        restart_safe,
        watchdog,
        rate_limit,
        overshoot,
        settling,
        steady_state_error,
    )
}
