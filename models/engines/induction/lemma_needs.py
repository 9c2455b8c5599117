"""Which step needs which lemma: each lemma left out in turn, and what is no longer preserved.

A lemma that an answer of z3 did not use is not needed for it, so only the few
that it used are left out, one at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vrx.models.engines.induction.integer_reading import Path, Taken
from vrx.models.engines.induction.prover import Prover
from vrx.models.engines.induction.step_proof import Tracked
from vrx.spec.properties import Property

Needs = dict[str, dict[str, list[str]]]
"""lemma -> step (or `(goals)`) -> what is not proved there without the lemma."""
GOALS = "(goals)"


def needs(prover: Prover, goals: Sequence[Property]) -> Needs:
    """The whole table of a system whose induction goes through."""
    found: Needs = {lemma.name: {} for lemma in prover.lemmas}
    for taken in prover.reading.actions:
        for path in taken.paths:
            for lemma, lost in _of_path(prover, taken, path):
                names = found[lemma].setdefault(taken.name, [])
                names += [lost] if lost not in names else []
    for lemma in found:
        lost_goals = [g.name for g in goals if prover.follows(g, leave_out=lemma) != "unsat"]
        if lost_goals:
            found[lemma][GOALS] = lost_goals
    return found


def _of_path(prover: Prover, taken: Taken, path: Path) -> Iterator[tuple[str, str]]:
    """Pairs of a lemma and what this path does not preserve without it."""
    solver = Tracked(prover, taken, path)
    impossible = solver.core()
    for lemma in impossible or ():
        if solver.core(without=lemma) is None:
            for obligation in prover.obligations(path):
                if obligation.name != lemma and solver.core(obligation, without=lemma) is None:
                    yield lemma, obligation.name
    if impossible is not None:
        return
    for obligation in prover.obligations(path):
        for lemma in solver.core(obligation) or ():
            if lemma != obligation.name and solver.core(obligation, without=lemma) is None:
                yield lemma, obligation.name
