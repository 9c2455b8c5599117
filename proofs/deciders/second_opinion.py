"""Z3 agrees with the search: the trace of the search, its actions fixed, is one of Z3 too."""

from __future__ import annotations

from vrx.models.claims import Cover, Outcome, Safety
from vrx.models.deciding.engine import search_for
from vrx.models.engines.z3.bmc import confirm

NOTE = "the trace of the search, its actions fixed, is one of Z3 too"


def agreed(claim: Safety | Cover) -> Outcome:
    """Search for the shortest counterexample, or the shortest way to a mark, and hand it to Z3 as a schedule."""
    found = search_for(claim.system, claim.asks)
    if found is None:
        return Outcome("undecided", "z3", reason="the search found no trace", fault=True)
    if not confirm(claim.system, found.path, claim.asks if isinstance(claim, Safety) else None):
        return Outcome("undecided", "z3", reason="z3 does not find the trace of the search", fault=True)
    return Outcome("refuted", "z3", steps=len(found.path))
