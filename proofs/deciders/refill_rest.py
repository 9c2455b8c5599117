"""When can the driver leave too few buffers posted?  The rests of the receive path itself.

For every ring size and every weight of the NAPI, by induction over the steps:
at no rest is more than half of min(weight, ring size) free.  For sizes where a
packet can strand: the run that strands it, taken on integers step by step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from vrx.models.engines.induction.logic import at, every, implies, lemma, no, some
from vrx.models.engines.induction.system_proof import Report, check
from vrx.models.symbolic import terms
from vrx.models.systems.system import Move, System
from vrx.proofs.deciders.refill_sizes import may_strand
from vrx.proofs.induction.invariant import lemmas
from vrx.proofs.induction.stores import softirq
from vrx.spec.layouts.split.contexts import SplitL, SplitSoftirq
from vrx.spec.layouts.split.driver import try_fill_recv
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L, Softirq
from vrx.spec.linux.virtio_net import virtnet_receive__refill
from vrx.spec.properties import Property, at_rest
from vrx.spec.steps import ModelError, require

STEP = "virtnet_receive__refill"
WEIGHT = terms.variable("weight", 1 << 15)
"""The weight of the NAPI where it is a variable of the proof.  Zero says nothing: a NAPI has a weight from 1."""


def weighing(system: System, weight: Any) -> Any:
    """The system with a NAPI of this weight: no poll has a larger budget, but it may have a smaller one (a busy poll).

    weight: a number, or the variable WEIGHT
    """

    def refill_within_weight(s: SplitState, me: Softirq, budget: int) -> None:
        """The refill test of virtnet_receive(), with a budget of at most the weight, which is 1 at least."""
        require(weight >= 1)
        virtnet_receive__refill(s, me, weight - 1 if weight < budget + 1 else budget)

    return system.replace(STEP, refill_within_weight, f"budgets up to {'any weight' if weight is WEIGHT else weight}")


def refills_when_all_is_free(s: SplitState, me: Softirq, budget: int) -> None:
    """Faulty: the half is forgotten, and more than min(budget, ring size) must be free."""
    me.received = False
    if s.vq.num_free > budget + 1:
        me.call(L.TRY_FILL_RECV, then=L.POLL_DONE)
    else:
        me.goto(L.POLL_DONE)


def adds_one(s: SplitState, me: SplitSoftirq) -> None:
    """Faulty: try_fill_recv() stops after a buffer, whatever is free."""
    if s.vq.num_added > 0:
        me.goto(L.KICK_PREPARE)
    else:
        try_fill_recv(s, me)


@lemma(goal=True)
def refilled(s: SplitState) -> Any:
    """But for a poll that has not refilled yet, and the first filling, at most half of min(weight, ring size) is free;
    when the driver decides about a kick, nothing is.

    Mirrors: num_free > min(budget, size) / 2 in virtnet_receive(); the loop of try_fill_recv(), Linux 6.1
    """
    me, free = softirq(s), s.vq.num_free
    adding = (SplitL.ADD_RING, SplitL.ADD_IDX)
    before = at(me, L.OPEN_FILL, L.MORE_USED, SplitL.USED_ID, L.REFILL_TEST, L.TRY_FILL_RECV, *adding)
    kicking = at(me, L.KICK_PREPARE, L.NOTIFY)
    tested = every(free + free <= s.cfg.size, free + free <= WEIGHT)
    return some(no(WEIGHT >= 1), every(implies(kicking, free == 0), implies(no(before), tested)))


@at_rest
def refilled_at_rest(s: SplitState) -> bool:
    """At rest at most half of min(weight, ring size) is free."""
    tested: bool = every(2 * s.vq.num_free <= s.cfg.size, 2 * s.vq.num_free <= WEIGHT)
    return some(no(WEIGHT >= 1), tested)  # type: ignore[no-any-return]


@at_rest
def strands_only_where_it_may(s: SplitState) -> bool:
    """At rest a packet that the ring can hold waits only if it takes more than size - min(weight, size) / 2 buffers.

    The standard question of this name, with a weight that is a variable instead of budgets up to the ring size.
    """
    if s.net.queued == 0 or s.net.queued > s.cfg.size or WEIGHT < 1:
        return True
    return may_strand(s.cfg.size, WEIGHT, s.net.queued)


GOALS: tuple[Property, ...] = (refilled_at_rest, strands_only_where_it_may)


@cache
def _report(system: str) -> Report:
    return check(_ASKED[system], (*lemmas(_ASKED[system].cfg), refilled), GOALS)


_ASKED: dict[str, System] = {}


def induction(system: System, goal: Property | None = None) -> str:
    """The induction of a system whose NAPI has any weight: an empty string if it goes through, else what stops it.

    goal: the one goal that must follow; all of them without one
    """
    _ASKED[system.name] = system
    found = _report(system.name)
    others = [g for g in found.goals if goal is None or g.name == goal.name]
    return found.sentence() if found.failures or found.initial or others else ""


Choose = Mapping[str, int]


def one_by_one(system: System, packets: Sequence[int], choose: Choose) -> list[Move]:
    """A run in which each packet arrives at a rest.  packets: in buffers; choose: free choices by name, else 0.

    Of several contexts that could go on, the first one does.
    """
    program = system.built()
    here = program.initial
    moves: list[Move] = []
    waiting = list(packets)
    while True:
        program.view.set(here)
        numbers = list(program.candidates())
        inside = [n for n in numbers if not program.actions[n].step.environment]
        for number in inside:
            names = [name for name, _ in program.actions[number].choices]
            move = Move(number, tuple(choose.get(name, 0) for name in names))
            after = program.take(here, move)
            if after is not None:
                break
        else:
            if not waiting:
                return moves
            (number,) = (n for n in numbers if program.actions[n].step.name == "qemu_net_queue_send")
            move = Move(number, (waiting.pop(0) - 1, 0))
            after = program.take(here, move)
            if after is None:
                raise ModelError(f"a packet of {move.choice[0] + 1} buffers cannot arrive: another one waits")
        here = program.checked(after)
        moves.append(move)

