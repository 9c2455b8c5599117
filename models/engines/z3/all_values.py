"""Facts about all values at once: a plain function as one term, and what z3 says of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import z3

from vrx.models.claims import Outcome, Verdict, Why
from vrx.models.symbolic import terms
from vrx.models.symbolic.terms import Truth


@dataclass(frozen=True)
class Answer:
    """What z3 says about all values: proved, refuted by a witness, or undecided."""

    verdict: Verdict
    witness: dict[str, int]

    @classmethod
    def of(cls, witness: dict[str, int] | None) -> Answer:
        """The answer where a witness was looked for.  None: there is none."""
        return cls("proved" if witness is None else "refuted", witness or {})

    def outcome(self, before: str = "") -> Outcome:
        """The outcome of a claim.  before: words in front of the witness."""
        shown = ", ".join(f"{k}={v}" for k, v in self.witness.items())
        why: Why = "unproved" if self.verdict == "undecided" else ""
        return Outcome(self.verdict, "z3", reason=f"{before}{shown}" if shown else "", why=why)


def as_term(condition: Callable[[], bool]) -> Truth:
    """A truth-valued function as one term: every path of it, joined."""
    taken: list[tuple[Truth, bool]] = []
    result = terms.NO
    prefix: list[bool] = []
    while True:
        taken.clear()

        def decide(asked: Truth, fixed: Sequence[bool] = tuple(prefix)) -> bool:
            taken.append((asked, fixed[len(taken)] if len(taken) < len(fixed) else True))
            return taken[-1][1]

        terms.deciders.append(decide)
        try:
            end = terms.truth(condition())
        finally:
            terms.deciders.pop()
        for asked, value in taken:
            end = terms.both(end, asked if value else terms.negate(asked))
        result = terms.either(result, end)
        while taken and not taken[-1][1]:
            taken.pop()
        if not taken:
            return result
        prefix = [*(value for _, value in taken[:-1]), False]


def smallest(formula: z3.BoolRef, variables: dict[str, z3.BitVecRef]) -> dict[str, int] | None:
    """Values that make the formula true, the first variable as small as it can be, then the next; None: it never is."""
    solver = z3.SolverFor("QF_BV")
    solver.add(formula)
    if solver.check() != z3.sat:
        return None
    out: dict[str, int] = {}
    for name, variable in variables.items():
        best: int = solver.model().eval(variable, True).as_long()
        below = 0  # the smallest value lies in below..best
        while below < best:
            middle = (below + best) // 2
            solver.push()
            solver.add(z3.ULE(variable, middle))
            if solver.check() == z3.sat:
                best = solver.model().eval(variable, True).as_long()
            else:
                below = middle + 1
            solver.pop()
        out[name] = best
        solver.add(variable == best)
        solver.check()
    return out
