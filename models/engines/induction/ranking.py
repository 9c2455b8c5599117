"""Progress for every ring size: a rank that never rises, and somebody who lowers it and can.

A *situation* is to end.  While it lasts, a pair of numbers, compared
lexicographically, is never raised by any step; one context, the *helper*, lowers
it with each of its steps and is able to take one; and who helps does not change
unless the rank falls.  So if each context that can step without a break does so
in the end (weak fairness), the situation ends.

A helper may be held up: below an interrupt of its CPU it is able only while that
context is idle.  The interrupt comes to its end, since each of its steps lowers a
number of its own.  The helper then is able again and again, and strong fairness
makes it step.  A helper may also be one step of a context, held up by the others:
then it is that step that is taken if it is possible again and again.

All of it is relative to the invariant: where the induction fails this says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import z3

from vrx.models.engines.induction.integer_reading import Path, Taken
from vrx.models.engines.induction.prover import Prover

Facts = Mapping[str, Any]
"""Something said of each context, by its name, or of one step of a context, `context: step`."""


@dataclass(frozen=True)
class Ranking:
    """A claim of progress.

    situation: what does not last; mark: a number that changes when the situation has passed over to its like
    rank: two numbers; helpers: who helps
    above: what holds a helper up, by the helper's name: contexts, and a number that their steps lower to 0
    """

    name: str
    sentence: str
    situation: Callable[[Any], Any]
    mark: Callable[[Any], Any]
    rank: Callable[[Any], tuple[Any, Any]]
    helpers: Callable[[Any], Facts]
    above: Callable[[Any], Mapping[str, tuple[tuple[str, ...], Any]]]


class Progress:
    """A ranking against the steps of one prover."""

    def __init__(self, prover: Prover, ranking: Ranking) -> None:
        self.prover, self.ranking = prover, ranking
        state, fact = prover.reading.state, prover.reading.fact
        low = prover.low.lower
        self.situation = low(fact(ranking.situation))
        prover.reading.reset()
        self.mark = low(ranking.mark(state))
        self.rank = tuple(low(n) for n in ranking.rank(state))
        names = list(ranking.helpers(state))
        self.helpers = {n: low(fact(lambda s, n=n: ranking.helpers(s)[n])) for n in names}
        prover.reading.reset()
        self.above = {n: (who, low(number)) for n, (who, number) in ranking.above(state).items()}

    def failures(self) -> list[str]:
        """What is not proved, in words; empty where the ranking holds."""
        wrong = [text for taken in self.prover.reading.actions for text in self._step(taken)]
        if not self._impossible(z3.Not(z3.Or(list(self.helpers.values())))):
            wrong.append("there may be no helper")
        return wrong + [text for name in self.helpers for text in self._able(name)]

    @cached_property
    def _solvers(self) -> tuple[z3.Solver, z3.Solver]:
        """Two solvers that know the situation: one with the lemmas that are about no head or index, one with all."""
        quantified = self.prover.ownership
        solvers = self.prover.solver(), self.prover.solver()
        for solver, left_out in zip(solvers, (quantified, set[str]()), strict=True):
            known = (fact for name, fact in self.prover.before.items() if name not in left_out)
            solver.add(*self.prover.ranges, *known, self.situation)
        return solvers

    def _impossible(self, *facts: Any) -> bool:
        """Does the situation exclude the facts?  Whose buffer is whose rarely matters: it is left out first."""
        for solver in self._solvers:
            solver.push()
            solver.add(*facts)
            answer = solver.check()
            solver.pop()
            if answer == z3.unsat:
                return True
        return False

    def _step(self, taken: Taken) -> list[str]:
        wrong = []
        for path in taken.paths:
            known = self.prover.of_path(taken, path)
            for what, formula in self._obligations(_called(taken), path):
                if not self._impossible(*known, z3.Not(formula)):
                    wrong.append(f"{taken.name}: {what}")
        return wrong

    def _obligations(self, actors: set[str], path: Path) -> list[tuple[str, Any]]:
        pairs = self.prover.pairs(path)

        def after(formula: Any) -> Any:
            return z3.substitute(formula, *pairs) if pairs else formula

        (first, second), (new_first, new_second) = self.rank, (after(n) for n in self.rank)
        over = z3.Or(z3.Not(after(self.situation)), after(self.mark) != self.mark)
        falls = z3.Or(new_first < first, z3.And(new_first == first, new_second < second))
        stays = z3.And(new_first == first, new_second == second, *(after(h) == h for h in self.helpers.values()))
        out = [("the rank rises, or the helper changes", z3.Or(over, falls, stays))]
        for name in actors & set(self.helpers):
            out.append(("does not lower the rank", z3.Implies(self.helpers[name], z3.Or(over, falls))))
        for name, (who, number) in self.above.items():
            if actors & set(who):
                lower = z3.Or(over, after(number) < number, number == 0)
            else:
                lower = z3.Or(over, falls, after(number) <= number)
            out.append((f"holds {name} up", z3.Implies(self.helpers[name], lower)))
        return out

    def _able(self, name: str) -> list[str]:
        """The helper can step where nothing holds it up; else what holds it up can."""
        wrong = []
        who, number = self.above.get(name, ((), z3.IntVal(0)))
        if not self._impossible(self.helpers[name], number == 0, z3.Not(self._enabled((name,)))):
            wrong.append(f"{name} may be unable to step")
        if who and not self._impossible(self.helpers[name], number > 0, z3.Not(self._enabled(who))):
            wrong.append(f"{' and '.join(who)} may be unable to step while {name} waits for it")
        return wrong

    def _enabled(self, names: tuple[str, ...]) -> Any:
        """One of the contexts can step, or take one of the steps, the environment aside.

        Free choices are 0: a stronger claim.
        """
        ways = [z3.BoolVal(False)]
        for taken in self.prover.reading.actions:
            if taken.step.environment or not _called(taken) & set(names):
                continue
            ways.append(self.prover.enabled(taken))
        return z3.Or(ways)


def _called(taken: Taken) -> set[str]:
    """What a ranking may call it by: its context, or the context's step."""
    return {taken.context.name, taken.name}
