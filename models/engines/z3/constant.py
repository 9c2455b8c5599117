"""Does a question hold of every state that the ranges of the fields allow, whatever the steps do?"""

from __future__ import annotations

import z3

from vrx.models.engines.z3.bitvectors import BitVectors
from vrx.models.engines.z3.one_step_induction import ranges
from vrx.models.symbolic.reading import Reading
from vrx.models.symbolic.relation import Relation
from vrx.spec.property import Property

ENOUGH = 2_000_000
"""What Z3 may spend on one question, in its own units, so that every machine says the same: a second or so."""


class Constants:
    """The questions of a system that no state could break.  enough: what each may take, 0 for no limit."""

    def __init__(self, reading: Reading, enough: int = ENOUGH) -> None:
        self._relation, self._low = Relation(reading), BitVectors()
        self._solver = z3.SolverFor("QF_BV")
        self._solver.set("rlimit", enough)
        self._solver.add(*ranges(self._relation, self._low))

    def always_so(self, prop: Property) -> bool:
        """Is there no such state?  False where Z3 does not come to an end."""
        broken = z3.Not(self._low.truth(self._relation.holds(prop)))
        return bool(self._solver.check(broken) == z3.unsat)
