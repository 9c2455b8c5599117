"""Z3 alone, from a named state, or from that state at every start index at once."""

from __future__ import annotations

from collections.abc import Callable

from vrx.models.claims import Outcome, Safety, Statement, Why
from vrx.models.engines.z3.any_index import bmc_anywhere, everywhere
from vrx.models.engines.z3.bmc import bmc
from vrx.models.engines.z3.waypoints import start


def bounded_from(name: str, depth: int, anywhere: bool) -> Callable[[Safety], Outcome]:
    """A bounded search of so many steps from a named state.  anywhere: at every start index at once."""

    def decide(claim: Safety) -> Outcome:
        if anywhere:
            found = bmc_anywhere(claim.system, claim.asks, depth, name)
        else:
            found = bmc(claim.system, claim.asks, depth, start(claim.system, name))
        reason = found.reason or f"from {name!r}" + (", at any of the 65536 start indices" if anywhere else "")
        steps = len(found.steps) if found.verdict == "refuted" else None
        why: Why = "unproved" if found.verdict == "undecided" else ""
        return Outcome(found.verdict, "z3", depth=found.depth, steps=steps, reason=reason, why=why)

    return decide


def reached_at_every_index(claim: Statement) -> Outcome:
    """Is a state in which all is asleep reached at every start index?"""
    assert claim.system is not None
    found = everywhere(claim.system)
    said = " and ".join(f"{len(r.moves)} steps move the indices by {r.moved}" for r in found.rounds)
    return Outcome("inductive", "z3", reason=f"rounds of {said}")
