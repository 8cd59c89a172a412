"""Judging runs: formulas over signals and time, requirement patterns, verdicts with signed robustness."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.exports import lazy_exports

if TYPE_CHECKING:
    from hil.oracle.bounds import TimeBound
    from hil.oracle.comparisons import near
    from hil.oracle.edges import changed, fell, rose
    from hil.oracle.evaluation import Evaluation
    from hil.oracle.judgement import Judgement, Verdict, Violation, judge, worst_verdict
    from hil.oracle.logic import all_of, any_of
    from hil.oracle.past import held, historically, occurrences, once, since
    from hil.oracle.run import Run
    from hil.oracle.temporal import always, eventually, until
    from hil.oracle.terms import Signal, greatest, least, previous, rate
    from hil.oracle.tree import Formula, Term, signal_names
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "bounds": ("TimeBound",),
            "comparisons": ("near",),
            "edges": ("changed", "fell", "rose"),
            "evaluation": ("Evaluation",),
            "judgement": ("Judgement", "Verdict", "Violation", "judge", "worst_verdict"),
            "logic": ("all_of", "any_of"),
            "past": ("held", "historically", "occurrences", "once", "since"),
            "run": ("Run",),
            "temporal": ("always", "eventually", "until"),
            "terms": ("Signal", "greatest", "least", "previous", "rate"),
            "tree": ("Formula", "Term", "signal_names"),
        },
    )

__all__ = [
    "Evaluation",
    "Formula",
    "Judgement",
    "Run",
    "Signal",
    "Term",
    "TimeBound",
    "Verdict",
    "Violation",
    "all_of",
    "always",
    "any_of",
    "changed",
    "eventually",
    "fell",
    "greatest",
    "held",
    "historically",
    "judge",
    "least",
    "near",
    "occurrences",
    "once",
    "previous",
    "rate",
    "rose",
    "signal_names",
    "since",
    "until",
    "worst_verdict",
]
