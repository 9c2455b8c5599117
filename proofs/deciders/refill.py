"""How claims about refilling are decided: sizes by Z3, any size by induction, real sizes on integers."""

from __future__ import annotations

from collections.abc import Callable

from vrx.models.claims import Outcome, Safety, Statement
from vrx.models.engines.induction.witness import judge
from vrx.models.engines.z3.all_values import Answer
from vrx.models.systems.system import System
from vrx.models.traces.trace import replay
from vrx.proofs.deciders import refill_sizes as sizes
from vrx.proofs.deciders.refill_rest import induction, one_by_one
from vrx.spec.properties import no_stranded_packet


def of_sizes(answer: Callable[[], Answer]) -> Callable[[Statement], Outcome]:
    """What Z3 says of sizes alone."""
    return lambda claim: answer().outcome()


def of_a_setting(ring: int, weight: int, packet: int) -> Callable[[Statement], Outcome]:
    """Can a packet of so many buffers strand on a ring of this size?  refuted: it can."""
    posted = ring - min(weight, ring) // 2

    def decide(claim: Statement) -> Outcome:
        if packet > ring:
            return Outcome("refuted", "z3", reason=f"{packet} buffers: more than the ring has")
        need = f"{packet} of the {ring} buffers"
        free = sizes.rest_for(ring, weight, packet)
        if free is None:
            return Outcome("proved", "z3", reason=f"needs {need}, and {posted} are always posted")
        return Outcome("refuted", "z3", reason=f"needs {need}; strands with {free} to {ring - posted} free")

    return decide


def at_any_size(claim: Safety) -> Outcome:
    """Does the induction over the steps go through, for every size and weight, and the property follow?"""
    stopped = induction(claim.system, claim.asks)
    return Outcome("undecided", "z3", reason=stopped, why="unproved") if stopped else Outcome("inductive", "z3")


def stops_for_a_reason(small: System) -> Callable[[Safety], Outcome]:
    """Does the induction stop, and is there a bug on a small ring with the same fault?"""

    def decide(claim: Safety) -> Outcome:
        stopped = induction(claim.system)
        real = judge(small, [no_stranded_packet], sizes=(2,))
        if not stopped or real.kind != "bug":
            said = stopped or "the induction goes through"
            return Outcome("undecided", "z3 and search", reason=said, why="unproved")
        return Outcome("refuted", "z3 and search", steps=real.steps, reason=f"stops: {stopped}")

    return decide


def run_to_the_rest(weight: int) -> Callable[[Safety], Outcome]:
    """The rest that Z3 finds for the sizes of the system, reached on integers: so many small packets, then a large
    one."""

    def decide(claim: Safety) -> Outcome:
        size, packet = claim.system.cfg.size, claim.system.cfg.max_packet
        free = sizes.rest_for(size, weight, packet)
        if free is None:
            return Outcome("proved", "z3", reason="no such rest")
        moves = one_by_one(claim.system, [1] * free + [packet], {"budget": min(weight, size) - 1})
        trace = replay(claim.name, claim.system, no_stranded_packet, moves)
        reason = f"{free} small packets, then one of {packet} buffers"
        return Outcome("refuted", "z3 and integers", steps=len(trace.steps), reason=reason)

    return decide
