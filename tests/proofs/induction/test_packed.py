"""The proof for every size of a packed ring: where it begins, what its descriptors say, that faults stop it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from vrx.models.engines.induction.beginning import outside
from vrx.models.engines.induction.integer_reading import free_running, sized
from vrx.models.engines.induction.logic import Lemma
from vrx.models.engines.induction.prover import Prover
from vrx.models.engines.induction.step_proof import Induction
from vrx.models.engines.induction.system_proof import initial
from vrx.models.engines.native.explore import explore_native
from vrx.models.systems.mended import flushing_everything, mended
from vrx.models.systems.system import rx
from vrx.proofs.induction.invariant import lemmas
from vrx.proofs.induction.packed import words
from vrx.proofs.induction.progress import unproved
from vrx.proofs.induction.ranks import RANKINGS
from vrx.proofs.induction.reachable import asked
from vrx.proofs.induction.systems import any_size, short, unbounded
from vrx.spec.layouts.view import view
from vrx.spec.linux.state import Softirq
from vrx.spec.properties import no_lost_interrupt, no_lost_kick
from vrx.spec.ring import idx_add

pytestmark = pytest.mark.slow

SC = unbounded(ring="packed")
UP = unbounded(ring="packed", event_idx=True, memory="tso", guest="up")


@pytest.fixture(scope="module")
def prover() -> Prover:
    return Prover(SC, lemmas(SC.cfg))


def test_a_packed_ring_has_no_width_of_its_own() -> None:
    assert free_running(rx().cfg) and not free_running(SC.cfg)
    assert sized(SC.cfg, 1000).last_index == 1999
    assert short(UP) == "event-tso2-up-same-packed" and "any size" in UP.name


def test_every_size_begins_inside(prover: Prover) -> None:
    assert outside(prover) == []
    assert initial(SC, lemmas(SC.cfg), (1, 3, 1000)) == []


def test_a_lemma_that_is_false_of_one_size_only_is_found() -> None:
    """No size that is looked at on integers is 999, and z3 says it of all."""
    wrong = Lemma("never_999", lambda s: s.vq.num_free != 999)
    assert outside(Prover(SC, [wrong])) == ["never_999"]


def test_a_field_without_a_common_form_is_no_beginning(prover: Prover, monkeypatch: Any) -> None:
    monkeypatch.setattr("vrx.models.engines.induction.beginning.SHAPES", ())
    assert outside(prover) == ["vq.num_free has no form that all sizes share"]


def test_the_goals_follow_and_the_descriptors_are_why(prover: Prover) -> None:
    for goal in (no_lost_interrupt, no_lost_kick):
        assert prover.follows(goal) == "unsat"
        assert prover.follows(goal, leave_out="each_descriptor") != "unsat"


TAKING = ("virtqueue_packed_flush__flags", "virtqueue_get_buf_ctx_packed__id", "vring_interrupt")


@pytest.mark.parametrize("step", TAKING)
def test_steps_go_through(prover: Prover, step: str) -> None:
    (taken,) = (t for t in prover.reading.actions if t.step.name == step)
    assert Induction(prover).step(taken).failures == []


@pytest.mark.parametrize("step", ["virtio_packed_should_notify__off_wrap", "virtqueue_poll"])
def test_steps_go_through_where_nothing_masks_a_barrier(step: str) -> None:
    prover = Prover(UP, lemmas(UP.cfg))
    (taken,) = (t for t in prover.reading.actions if t.step.name == step)
    assert Induction(prover).step(taken).failures == []


@pytest.mark.parametrize("ranking", RANKINGS, ids=lambda r: r.name)
def test_ranks_fall(ranking: Any) -> None:
    assert unproved(SC, ranking) == []


@pytest.mark.needs("compiler")
@pytest.mark.parametrize(
    "system",
    [
        rx(ring="packed", event_idx=True, memory="tso", guest="up", positions=True),
        rx(ring="packed", size=3, mergeable=True, max_packet=3, memory="tso", positions=True),
        flushing_everything(rx(ring="packed", caller="any", memory="tso", positions=True)),
    ],
    ids=str,
)
def test_lemmas_hold_in_reachable_states(system: Any) -> None:
    found = explore_native(mended(system), asked(mended(system)), limit=300_000)
    assert found.states > 100_000 and not found.violations


@pytest.mark.needs("compiler")
def test_what_memory_shows_is_what_the_view_counts() -> None:
    """The lemmas say it of private indices and of stores that wait; the view counts along the ring."""
    system = mended(rx(ring="packed", size=2, mergeable=True, memory="tso", positions=True))
    found = explore_native(system, keep_states=True, limit=200_000)
    assert found.seen is not None
    program = system.built()
    for values in sorted(found.seen)[::40]:
        program.view.set(values)
        s: Any = program.state
        assert words.shown_used(s) == view(s).returned
        assert words.shown_available(s) == view(s).offered


def arms_another_lap(s: Any, me: Softirq) -> None:
    """The position without its wrap counter."""
    s.ring.driver_off_wrap = idx_add(s.cfg, me.opaque, s.cfg.size)
    me.goto(words.ENABLING[1])


def test_a_position_of_another_lap_is_another_position() -> None:
    system = any_size(rx(ring="packed", event_idx=True))
    wrong = replace(system.replace("virtqueue_enable_cb_prepare_packed__off_wrap", arms_another_lap))
    prover = Prover(wrong, lemmas(wrong.cfg), timeout=5)
    (taken,) = (t for t in prover.reading.actions if t.step.run is arms_another_lap)
    assert "armed" in {f.lemma for f in Induction(prover).step(taken).failures}
