"""Why a formula does not hold on a row, in one line of English: ``LEVEL 93.1 %, P-101.RUN still on 2.0 s later``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from emulators.timebase import format_duration
from hil.oracle.algebra import TRUTH
from hil.oracle.comparisons import Comparison, NamedValue
from hil.oracle.edges import Changed, Rose
from hil.oracle.evaluation import Evaluation
from hil.oracle.logic import And, Equivalent, Implies, Literal, Not, Or, Stated
from hil.oracle.temporal import Always, Eventually, Until
from hil.oracle.terms import Constant, Previous, Signal
from hil.oracle.tree import Formula, Precedence, Term, walk
from hil.trace.meta import ColumnKind

__all__ = ["explain", "state", "value_text"]


def explain(evaluation: Evaluation, formula: Formula, row: int, *, known: Sequence[str] = ()) -> str:
    """Return why ``formula`` is false on a row; what is named are the signals and times that decide it.

    ``known`` has been said already: a signal that is ``still`` so later is not named again.
    """
    match formula:
        case Stated():
            return f"not {formula.text()}"
        case Implies(trigger=trigger, response=response):
            said = _parts(evaluation, trigger, row)
            return f"{', '.join(said)}, {explain(evaluation, response, row, known=said)}"
        case Equivalent():
            return f"{state(evaluation, formula.left, row)}, {state(evaluation, formula.right, row)}"
        case And(left=left, right=right):
            wrong = [part for part in (left, right) if not _holds(evaluation, part, row)]
            return " and ".join(explain(evaluation, part, row) for part in wrong or [left, right])
        case Or(left=Until() as until, right=Always()):
            return explain(evaluation, until, row)
        case Or(left=left, right=right):
            return f"{explain(evaluation, left, row)} and {explain(evaluation, right, row)}"
        case Not(operand=operand):
            return state(evaluation, operand, row)
        case Eventually():
            return _explain_eventually(evaluation, formula, row, known)
        case Always():
            return _explain_always(evaluation, formula, row)
        case Until():
            return _explain_until(evaluation, formula, row)
        case Comparison() if _has_value(formula):
            limit = formula.text().removeprefix(formula.left.bracketed(Precedence.AND)).strip()
            return f"{state(evaluation, formula, row)}, not {limit}"
    return state(evaluation, formula, row)


def state(evaluation: Evaluation, formula: Formula, row: int, *, still: str = "") -> str:
    """Return what the signals of a formula are on a row: ``LEVEL 93.1 %``, ``P-101.RUN on``."""
    return ", ".join(_parts(evaluation, formula, row, still))


def _parts(evaluation: Evaluation, formula: Formula, row: int, still: str = "") -> list[str]:
    """Return the same signal by signal, each once."""
    match formula:
        case Not(operand=operand):
            return _parts(evaluation, operand, row, still)
        case And(left=left, right=right) | Implies(trigger=left, response=right) | Equivalent(left=left, right=right):
            chosen = [left, right]
        case Or(left=left, right=right):
            chosen = [part for part in (left, right) if _holds(evaluation, part, row)] or [left, right]
        case _:
            return [_part(evaluation, formula, row, still)]
    return list(dict.fromkeys(text for part in chosen for text in _parts(evaluation, part, row, still)))


def _part(evaluation: Evaluation, formula: Formula, row: int, still: str) -> str:
    match formula:
        case Signal():
            level = "on" if evaluation.truth(formula.name)[row] else "off"
            return f"{formula.name}{still} {level}"
        case Previous(operand=Signal(name=name)) if evaluation.trace.kind(name) is ColumnKind.DIGITAL:
            return f"{name} was {'on' if _holds(evaluation, formula, row) else 'off'}"
        case Stated():
            return formula.text() if _holds(evaluation, formula, row) else f"not {formula.text()}"
        case NamedValue(signal=signal):
            return f"{signal.name}{still} {value_text(evaluation, signal, row)}"
        case Comparison() if _has_value(formula):
            return _comparison_state(evaluation, formula, row, still)
        case Rose():
            return formula.text() if _holds(evaluation, formula, row) else f"no moment at which {formula.text()}"
        case Literal():
            return "never allowed" if formula.truth else "not reached"
    return formula.text() if _holds(evaluation, formula, row) else f"not {formula.bracketed(Precedence.ATOM)}"


def _has_value(formula: Comparison) -> bool:
    return any(isinstance(node, Signal) for node in walk(formula))


def _comparison_state(evaluation: Evaluation, formula: Comparison, row: int, still: str) -> str:
    limit = formula.right.number if isinstance(formula.right, Constant) else None
    texts = [_term_state(formula.left, value_text(evaluation, formula.left, row, apart_from=limit), still)]
    if not isinstance(formula.right, Constant):
        texts.append(_term_state(formula.right, value_text(evaluation, formula.right, row), ""))
    return ", ".join(texts)


def _term_state(term: Term, value: str, still: str) -> str:
    if isinstance(term, Previous) and isinstance(term.operand, Signal):
        return f"{term.operand} was {value}"
    return f"{term}{still} {value}" if isinstance(term, Signal) else f"{term}{still} = {value}"


def value_text(evaluation: Evaluation, term: Term, row: int, *, apart_from: float | None = None) -> str:
    """Return the value of a term with its unit; digits are added until it reads differently from ``apart_from``."""
    values = term.values(evaluation)
    value = values[row] if isinstance(values, np.ndarray) and values.ndim else values
    number = value.item() if hasattr(value, "item") else value
    unit = term.unit()
    source = term.operand if isinstance(term, Previous) else term
    if isinstance(source, Signal):
        description = evaluation.trace.description(source.name)
        unit = unit or description.unit
        if evaluation.trace.kind(source.name) is ColumnKind.DIGITAL:
            return "on" if number else "off"
        name = description.name_of(int(number)) if description.value_names and number == number else None
        if name is not None:
            return name
    text = _number(number, apart_from)
    return f"{text} {unit}" if unit else text


def _number(number: float | int, apart_from: float | None) -> str:
    if isinstance(number, int):
        return str(number)
    if not np.isfinite(number):
        return str(number)
    digits = 3 if abs(number) < 1000 else 4
    text = f"{number:.{digits}g}" if 1e-4 <= abs(number) < 1000 or number == 0 else f"{number:.6g}"
    while apart_from is not None and float(text) == apart_from != number and digits < 17:
        digits += 1
        text = f"{number:.{digits}g}"
    return text


def _holds(evaluation: Evaluation, formula: Formula, row: int) -> bool:
    return bool(evaluation.read(formula, TRUTH).upper[row])


def _last_row(evaluation: Evaluation, row: int, end_ns: int | None) -> int:
    if end_ns is None:
        return evaluation.rows - 1
    return evaluation.trace.row_at(int(evaluation.trace.time_ns[row]) + end_ns)


def _later(evaluation: Evaluation, row: int, other: int) -> str:
    distance_ns = int(evaluation.trace.time_ns[other] - evaluation.trace.time_ns[row])
    return f" {format_duration(distance_ns)} later" if distance_ns else ""


def _explain_eventually(evaluation: Evaluation, formula: Eventually, row: int, known: Sequence[str]) -> str:
    end_ns = evaluation.window(formula.bound, is_widened=True)[1]
    last = _last_row(evaluation, row, end_ns)
    operand = formula.operand
    when = f"within {formula.bound}" if end_ns is not None else "up to the end of the run"
    match operand:
        case Changed():
            return f"{operand.operand.bracketed(Precedence.ATOM)} did not change {when}"
        case Rose(operand=Signal(name=name)):
            return f"{name} did not rise {when}"
        case Rose(operand=Not(operand=Signal(name=name))):
            return f"{name} did not fall {when}"
        case Rose() | Always() | Eventually() | Until() | Stated():
            return f"no {operand.bracketed(Precedence.ATOM)} {when}"
    if isinstance(operand, And):
        wrong = [part for part in (operand.left, operand.right) if not _holds(evaluation, part, last)]
        texts = [text for part in wrong for text in _parts(evaluation, part, last, " still")]
        texts = list(dict.fromkeys(texts)) or [f"never {operand.bracketed(Precedence.ATOM)}"]
    else:
        texts = _parts(evaluation, operand, last, " still")
    text = ", ".join([text for text in texts if text.replace(" still ", " ") not in known] or texts)
    return f"{text}{_later(evaluation, row, last)}" if end_ns is not None else f"{text} at the end of the run"


def _explain_always(evaluation: Evaluation, formula: Always, row: int) -> str:
    start_ns, end_ns = evaluation.window(formula.bound, is_widened=False)
    stop = _last_row(evaluation, row, end_ns) + 1
    first = int(np.searchsorted(evaluation.trace.time_ns, evaluation.trace.time_ns[row] + start_ns, side="left"))
    holds = evaluation.read(formula.operand, TRUTH).upper[first:stop]
    wrong = first + int(np.argmin(holds)) if len(holds) else row
    return f"{explain(evaluation, formula.operand, wrong)}{_later(evaluation, row, wrong)}"


def _explain_until(evaluation: Evaluation, formula: Until, row: int) -> str:
    end_ns = evaluation.window(formula.bound, is_widened=True)[1]
    stop = _last_row(evaluation, row, end_ns) + 1
    holds = evaluation.read(formula.holding, TRUTH).upper[row:stop]
    goal = formula.goal.bracketed(Precedence.UNARY)
    if len(holds) and not holds.all():
        wrong = row + int(np.argmin(holds))
        return f"{explain(evaluation, formula.holding, wrong)}{_later(evaluation, row, wrong)}, before {goal}"
    return f"{goal} did not come{_later(evaluation, row, stop - 1).replace(' later', '')}"
