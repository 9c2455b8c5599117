"""The refill question: the formula against counting, Z3's rests against runs, and the bound on real sizes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrx.models.claims import Claim
from vrx.models.systems.system import rx
from vrx.models.traces.trace import replay
from vrx.proofs import refill
from vrx.proofs.deciders.refill_rest import adds_one, one_by_one, weighing
from vrx.proofs.deciders.refill_sizes import LARGEST, may_strand, needed, rest_for, shortest_buffer, stranding
from vrx.spec.properties import no_lost_interrupt, no_lost_kick, no_stranded_packet
from vrx.spec.steps import ModelError


@given(st.integers(1, 40), st.integers(1, 80), st.integers(1, 40))
def test_the_condition_is_what_counting_says(size: int, budget: int, packet: int) -> None:
    if packet > size:
        return
    counted = [free for free in range(size + 1) if stranding(size, budget, packet, free)]
    assert may_strand(size, budget, packet) == bool(counted)
    assert may_strand(size, budget, packet) == (packet > size - min(budget, size) // 2)
    assert rest_for(size, budget, packet) == (counted[0] if counted else None)


@given(st.integers(1, 200), st.integers(0, 200))
def test_the_refill_test_is_that_of_the_c(budget: int, free: int) -> None:
    from vrx.spec.linux.virtio_net import more_than_half

    assert more_than_half(free, budget) == (free > budget // 2)


@pytest.mark.parametrize("power", range(1, 7))
def test_a_rest_that_z3_finds_is_reached_and_nothing_else_is_lost(power: int) -> None:
    """On every ring, at the bound a run ends well, and one buffer above it strands the packet."""
    size, weight = 1 << power, 8
    bound = size - min(weight, size) // 2
    system = rx(size=size, mergeable=True, max_packet=size, idx_bits=16, event_idx=True)
    free = rest_for(size, weight, bound + 1)
    assert free is not None and rest_for(size, weight, bound) is None
    choose = {"budget": min(weight, size) - 1}
    moves = one_by_one(system, [1] * free + [bound + 1], choose)
    assert replay("stranded", system, no_stranded_packet, moves).steps
    program = system.built()
    for packets in ([1] * free + [bound], [1] * free + [bound + 1]):
        here = program.initial
        for move in one_by_one(system, packets, choose):
            after = program.take(here, move)
            assert after is not None
            here = after
        program.view.set(here)
        assert no_lost_kick.holds(program.state) and no_lost_interrupt.holds(program.state)
        assert no_stranded_packet.holds(program.state) == (packets[-1] == bound)


def test_a_stranded_packet_stops_the_network() -> None:
    system = rx(size=2, mergeable=True, idx_bits=16)
    with pytest.raises(ModelError, match="cannot arrive"):
        one_by_one(system, [1, 2, 1], {"budget": 1})


def test_smaller_budgets_refill_sooner() -> None:
    system = weighing(rx(size=4, mergeable=True, max_packet=4, idx_bits=16), 1)
    program = system.built()
    here = program.initial
    for move in one_by_one(system, [1, 2, 4], {"budget": 3}):
        here = program.take(here, move) or here
    program.view.set(here)
    assert program.state.vq.num_free == 0 and program.state.net.queued == 0


def test_a_driver_that_does_not_fill_up_strands() -> None:
    system = rx(size=2, mergeable=True, idx_bits=16).replace("try_fill_recv", adds_one)
    moves = one_by_one(system, [2], {"budget": 1})
    assert replay("adds one", system, no_stranded_packet, moves).steps


def test_real_settings() -> None:
    assert [shortest_buffer(n) for n in (16, 32, 64, 256, 1024)] == [4096, 2112, 1536, 1536, 1536]
    assert needed(LARGEST, 1536) == 43
    assert [n for n in (64, 128, 256, 1024) if may_strand(n, 64, 43)] == [64]


def quick() -> list[Claim]:
    return [c for c in refill.CLAIMS if c.decide is not None and c.tier == "quick"]


@pytest.mark.parametrize("claim", quick(), ids=lambda c: c.name)
def test_the_claims_that_cost_nothing(claim: Claim) -> None:
    assert claim.decide is not None
    result = claim.judge(claim.decide(claim))
    assert result.ok, result.reason
