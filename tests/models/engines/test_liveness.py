"""Fair cycles: the native engine and the networkx one agree, and say what is true of systems whose truth is known."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any

import pytest

from vrx.models.engines.liveness import Verdict, liveness
from vrx.models.engines.liveness_reference import liveness_reference
from vrx.models.engines.native import explore_native
from vrx.models.engines.native.codegen import generate
from vrx.models.engines.native.explore import Native
from vrx.models.engines.native.graph import successors
from vrx.models.symbolic.reading import Reading
from vrx.models.systems.system import System, rx
from vrx.proofs.variants import publishes_in_twos
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L, Softirq
from vrx.spec.liveness import (
    LIVENESS,
    Liveness,
    every_packet_ends,
    every_used_entry_is_taken,
    never_forever,
    no_packet_blocks_the_queue,
)
from vrx.spec.memory import Listener
from vrx.spec.qemu.net_queue import done
from vrx.spec.qemu.returns import recheck_says
from vrx.spec.qemu.state import MainLoop
from vrx.spec.ring import idx_sub
from vrx.spec.rx import HELD, OFFERED, give
from vrx.spec.steps import Machine, require
from vrx.spec.words import Upto, pick


def both(system: System, claims: tuple[Liveness, ...] = LIVENESS) -> dict[str, Verdict]:
    native, reference = liveness(system, claims), liveness_reference(system, claims)
    for a, b in zip(native, reference, strict=True):
        assert (a.complete, a.states, a.holds) == (b.complete, b.states, b.holds), a.claim.name
        if a.lasso and b.lasso:
            assert len(a.lasso.prefix) == len(b.lasso.prefix)
            assert bool(a.lasso.loop) == bool(b.lasso.loop)
    return {v.claim.name: v for v in native}


def restless(s: SplitState, me: Softirq) -> None:
    """A driver that always finds work."""
    me.opaque = 0
    me.call(L.NAPI_SCHEDULE_PREP, then=L.IDLE)


def stingy(s: SplitState, me: Softirq) -> None:
    """A driver that posts nothing."""
    me.goto(L.KICK_PREPARE)


def hopeful(s: SplitState, me: MainLoop) -> None:
    """A device that always looks again."""
    recheck_says(s, me, True)


def test_nothing_lasts_for_ever_without_packets() -> None:
    assert all(v.holds for v in both(rx(arrivals=False)).values())


def test_a_driver_that_always_finds_work_spins() -> None:
    found = both(rx(arrivals=False).replace("virtqueue_poll", restless))
    assert not found["no_spin_driver"].holds
    assert found["no_spin_device"].holds
    assert found["every_packet_ends"].holds


def test_a_packet_waits_where_no_buffer_is_posted() -> None:
    system = rx(max_packet=1, idx_bits=2).replace("try_fill_recv", stingy)
    assert all(v.holds for v in both(system).values())
    found = both(system.replace("virtio_queue_split_poll", hopeful))
    assert not found["every_packet_ends"].holds
    assert not found["no_spin_device"].holds
    assert found["no_spin_driver"].holds


def test_a_packet_that_never_fits_waits_for_ever() -> None:
    """QEMU counts the bytes of all posted buffers, also where buffers do not merge: a ring of one, filled between
    its two looks, never has enough, and no kick will come any more."""
    verdict, ends = liveness(rx(), (no_packet_blocks_the_queue, every_packet_ends))
    assert verdict.lasso is not None
    assert verdict.lasso.loop == []
    assert ends.holds  # said of packets that the posted buffers hold
    assert all(v.holds for v in liveness(rx(max_packet=1), (no_packet_blocks_the_queue, every_packet_ends)))


def test_a_packet_ends_when_the_driver_has_it_and_not_when_the_device_lets_go_of_it() -> None:
    system = rx(size=2, mergeable=True, idx_bits=3)
    claims = (every_packet_ends, every_used_entry_is_taken, no_packet_blocks_the_queue)
    assert all(v.holds for v in liveness(system, claims))
    ends, *others = liveness(system.replace("virtqueue_split_flush", publishes_in_twos), claims)
    assert ends.lasso is not None and not ends.lasso.loop
    assert all(v.holds for v in others)


def forgets_one(s: SplitState, me: MainLoop) -> None:
    """A device that forgets to publish a buffer again and again, while it drops what comes next."""
    if me.held > 1:
        s.dev.last_avail_idx = idx_sub(s.cfg, s.dev.last_avail_idx, 1)
        s.dev.inuse = s.dev.inuse - 1
        give(s, me.elems[1], HELD, OFFERED)
        me.elems[1] = 0
        me.held = 1
        done(s, me)
    else:
        me.filled = 1
        done(s, me)


def test_a_buffer_that_never_comes_back_is_a_cycle_without_progress() -> None:
    """Packets come and are dropped for ever, so nothing is ever at rest; one buffer is never published."""
    system = rx(size=2, mergeable=True).replace("virtqueue_split_fill", forgets_one)
    ends, blocks = liveness(system, [replace(every_packet_ends, stuck=None), no_packet_blocks_the_queue])
    assert ends.lasso is not None and ends.lasso.loop
    assert blocks.holds


def test_a_driver_that_takes_entries_for_ever_makes_progress_on_any_ring() -> None:
    """On a ring of 2 the next entry prolongs the situation: only without progress does it count."""
    system = rx(size=2, max_packet=1)
    without = replace(every_used_entry_is_taken, same=None)
    taken, prolonged = liveness(system, [every_used_entry_is_taken, without])
    assert taken.holds
    assert prolonged.lasso is not None and prolonged.lasso.loop


def test_a_machine_that_is_stopped_again_and_again_still_gets_its_interrupts() -> None:
    assert all(v.holds for v in liveness(rx(stops=True, max_packet=1), LIVENESS))


def test_an_incomplete_search_proves_nothing() -> None:
    (verdict,) = liveness(rx(max_packet=1), LIVENESS[:1], limit=1000)
    assert not verdict.holds
    assert verdict.lasso is None
    assert "not complete" in verdict.reason


@dataclass
class Weak:
    """A weakly fair context of the systems below."""

    name: str


@dataclass
class World:
    """The environment of the systems below."""

    name: str


@dataclass
class Toy:
    """A state that is one number."""

    cfg: Any
    x: Annotated[int, Upto(7)] = 0
    marks: list[str] | None = None
    accesses: int = 0
    listener: Listener | None = None


Table = list[list[int]]
"""For each value of x, where a context may go; nowhere: it is not enabled."""


def toy(first: Table, second: Table, softirq: Table, world: Table) -> System:
    machine = Machine("toy")

    def follow(s: Toy, table: Table, way: int) -> None:
        for x, targets in enumerate(table):
            if s.x == x:
                for n, target in enumerate(targets):
                    if way == n:
                        s.x = target
                        return
        require(False)

    weak = [Weak("a"), Weak("b")]

    @machine.step(way=3)
    def weak_steps(s: Toy, me: Weak, way: int) -> None:
        follow(s, first if me.name == "a" else second, way)

    @machine.step(way=3)
    def softirq_steps(s: Toy, me: Softirq, way: int) -> None:
        follow(s, softirq, way)

    @machine.step(environment=True, way=3)
    def world_steps(s: Toy, me: World, way: int) -> None:
        follow(s, world, way)

    def actors(s: Any) -> list[Any]:
        return [*weak, Softirq("soft", 0), World("world")]

    return System(None, (machine,), lambda cfg: Toy(cfg), actors, lambda s, me: None)


def below(n: int) -> Callable[[Any], bool]:
    return lambda s: bool(s.x < n)


def stays(n: int) -> Liveness:
    """x does not stay below n."""
    return Liveness("stays", "", below(n))


def test_weak_fairness_leaves_what_enables_a_context_without_a_break() -> None:
    round_and_round: Table = [[1], [0]]
    leaves_from_both: Table = [[2], [2]]
    leaves_from_one: Table = [[2], []]
    nothing: Table = []
    assert both(toy(round_and_round, leaves_from_both, nothing, nothing), (stays(2),))["stays"].holds
    caught = both(toy(round_and_round, leaves_from_one, nothing, nothing), (stays(2),))["stays"]
    assert caught.lasso is not None
    assert len(caught.lasso.loop) == 2


def test_strong_fairness_leaves_what_enables_a_softirq_again_and_again() -> None:
    round_and_round: Table = [[1], [0]]
    leaves_from_one: Table = [[2], []]
    nothing: Table = []
    assert both(toy(round_and_round, nothing, leaves_from_one, nothing), (stays(2),))["stays"].holds
    # A way around the state that enables it is fair again.
    caught = both(toy([[1], [0, 1]], nothing, leaves_from_one, nothing), (stays(2),))["stays"]
    assert caught.lasso is not None
    assert len(caught.lasso.loop) == 1


def test_the_environment_owes_nothing_and_may_go_round_for_ever() -> None:
    nothing: Table = []
    assert both(toy(nothing, nothing, nothing, [[1], [2]]), (stays(2),))["stays"].holds
    assert not both(toy(nothing, nothing, nothing, [[1], [0, 2]]), (stays(2),))["stays"].holds


@pytest.mark.parametrize("seed", range(25))
def test_both_engines_agree_on_random_systems(seed: int) -> None:
    chance = random.Random(seed)

    def table(density: float) -> Table:
        return [
            [chance.randrange(8) for _ in range(chance.choice((1, 1, 2, 3)))] if chance.random() < density else []
            for _ in range(8)
        ]

    system = toy(table(0.7), table(0.3), table(0.3), table(0.1))
    plain = tuple(Liveness(f"below {n}", "", below(n)) for n in (2, 4, 6, 8))
    both(system, (*plain, *(replace(c, name=f"{c.name} {k}", same=part(k)) for c in plain[2:] for k in (1, 2, 6))))
    both(system, tuple(replace(c, name=f"{c.name} {k}", again=odd(k)) for c in plain[2:] for k in (0, 3, 5)))


def part(k: int) -> Callable[[Any], int]:
    return lambda s: pick(s.x < 3, s.x & k, 7 - s.x)


def odd(k: int) -> Callable[[Any], bool]:
    """x is k, or one of the next odd numbers."""
    return lambda s: (s.x == k) | ((s.x > k) & (s.x & 1 == 1))


def test_a_cycle_counts_where_it_comes_to_what_may_not_happen_again_and_again() -> None:
    """0 and 1 go round, 2 comes but once, 3 and 4 go round and may go by 5."""
    system = toy([[1], [0, 2], [3], [4], [3, 5], [4]], [], [], [])
    anything = Liveness("any", "", below(8))
    asked = [replace(anything, name=str(n), again=at(n)) for n in range(8)]
    found = both(system, tuple(asked))
    assert [bool(v.lasso) for v in found.values()] == [True, True, False, True, True, True, False, False]
    loop = found["5"].lasso
    assert loop is not None and len(loop.loop) == 4
    both_rounds = both(system, (replace(anything, name="low", lasts=below(2), again=at(5)),))
    assert both_rounds["low"].holds


def test_what_may_not_happen_again_and_again_needs_a_fair_cycle() -> None:
    """The second context leaves the round that comes to 1, unless it is held up there."""
    rounds: Table = [[1], [0]]
    claim = Liveness("comes", "", below(2), again=at(1))
    assert both(toy(rounds, [[2], [2]], [], []), (claim,))["comes"].holds
    assert not both(toy(rounds, [[2], []], [], []), (claim,))["comes"].holds


def test_a_rest_repeats_nothing() -> None:
    claim = Liveness("comes", "", below(2), again=at(1))
    assert both(toy([[1]], [], [], []), (claim,))["comes"].holds


def at(n: int) -> Callable[[Any], bool]:
    return lambda s: s.x == n


def test_an_edge_that_makes_progress_is_no_edge_of_a_cycle() -> None:
    round_and_round: Table = [[1], [2], [0], [4], [3]]
    nothing: Table = []
    system = toy(round_and_round, nothing, nothing, [[3]])
    anything = Liveness("any", "", below(8))
    parity = replace(anything, name="parity", same=lambda s: s.x & 1)
    halves = replace(anything, name="halves", same=lambda s: pick(s.x < 3, 0, s.x))
    inside = replace(anything, name="inside", same=lambda s: pick(s.x < 3, s.x, 3))
    found = both(system, (anything, parity, halves, inside))
    assert [bool(v.lasso) for v in found.values()] == [True, False, True, True]
    assert found["inside"].lasso is not None and len(found["inside"].lasso.prefix) == 1


@never_forever
def stays_low(s: Any) -> bool:
    """x does not stay below 2."""
    return bool(s.x < 2) if isinstance(s.x, int) else s.x < 2


def test_a_claim_of_the_users_own_is_a_function_with_a_docstring() -> None:
    assert stays_low.sentence == "x does not stay below 2." and stays_low.name == "stays_low"
    nothing: Table = []
    caught = both(toy([[1], [0]], nothing, nothing, nothing), (stays_low,))["stays_low"]
    assert caught.lasso is not None and len(caught.lasso.loop) == 2
    stuck = both(toy([[1]], nothing, nothing, nothing), (stays_low,))["stays_low"]
    assert stuck.lasso is not None and not stuck.lasso.loop and len(stuck.lasso.prefix) == 1
    assert both(toy([[2]], nothing, nothing, nothing), (stays_low,))["stays_low"].holds


@pytest.mark.parametrize("options", [{"data": True, "stops": True}, {"mergeable": True, "event_idx": True}])
def test_the_native_reading_of_the_steps_is_the_one_on_integers(options: dict[str, Any]) -> None:
    system = rx(size=2, memory="tso", irq="any", **options)
    states = explore_native(system, limit=3000, keep_states=True).seen
    assert states
    reading = Reading(system)
    with Native(reading, generate(reading, graph=()), threads=1, limit=0, max_bytes=1 << 24, stop=False) as native:
        for values in states:
            wanted = [(move.action, after) for move, after in reading.program.successors(values)]
            assert successors(native, values) == wanted
