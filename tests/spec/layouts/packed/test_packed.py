"""A packed ring runs with all that is above the ring, and its own questions see what is wrong with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrx.models.claims import about
from vrx.models.deciding.many_claims import prove_here
from vrx.models.engines.explorer import explore
from vrx.models.engines.native.explore import explore_native
from vrx.models.engines.z3.bmc import bmc
from vrx.models.simulation.simulator import Simulator
from vrx.models.systems.family import given as with_options
from vrx.models.systems.mended import mended
from vrx.models.systems.system import System, rx
from vrx.models.traces.narration import text
from vrx.models.traces.trace import replay
from vrx.models.traces.trace_file import from_text, to_json
from vrx.proofs.museum.packed import exhibits, packed
from vrx.proofs.packed import flips_too_early
from vrx.spec.config import BadConfiguration
from vrx.spec.layouts.packed.layout import PACKED
from vrx.spec.layouts.packed.memory import available_mark, used_mark
from vrx.spec.layouts.packed.notification import need_event
from vrx.spec.layouts.packed.properties import wrap_counters_coherent
from vrx.spec.layouts.packed.view import PackedView
from vrx.spec.properties import Property, no_lost_interrupt
from vrx.spec.questions import standard_for
from vrx.spec.ring import idx_add, slot, turn
from vrx.spec.words import leading

SMALL = [
    packed(size=3, arrivals=False, event_idx=True, memory="tso"), packed(size=2, notify=False),
    packed(notify=False, memory="tso"), packed(size=2, notify=False, mergeable=True),
]  # fmt: skip


@pytest.mark.parametrize("system", SMALL, ids=lambda s: s.name)
def test_the_reference_and_the_native_explorer_agree(system: System) -> None:
    asked = [q for q in standard_for(system.cfg)[0] if isinstance(q, Property)]
    found, native = explore(system, asked), explore_native(system, asked)
    assert found.complete and not found.violations and not native.violations
    assert (found.states, found.depth, found.rests) == (native.states, native.depth, native.rests)


def test_every_standard_question_and_those_of_the_layout_are_answered() -> None:
    system = mended(packed(max_packet=1))
    asked, _ = standard_for(system.cfg)
    assert {"wrap_counters_coherent", "packed_slots_contiguous", "no_lost_interrupt"} <= {q.name for q in asked}
    assert {q.name for q in standard_for(rx(max_packet=1).cfg)[0]} - {q.name for q in asked} == {"event_index_monotone"}
    results = prove_here([about(q.name, system, q, "proved") for q in asked])
    assert [(r.claim.name, r.reason) for r in results if not r.ok] == []


def test_z3_finds_what_the_explorers_find() -> None:
    system = packed().replace("virtqueue_add_packed__head_flags", flips_too_early)
    found = [e(system, [wrap_counters_coherent], stop_at_violation=True) for e in (explore, explore_native)]
    bounded = bmc(system, wrap_counters_coherent, 6)
    lengths = {len(f.violations[wrap_counters_coherent.name].path) for f in found}
    assert lengths == {len(bounded.moves)} == {4}
    assert bmc(packed(), wrap_counters_coherent, 6).verdict == "bounded"


def test_the_bug_of_qemu_is_told_and_read_again() -> None:
    exhibit = next(e for e in exhibits() if e.id == "packed-notify-no-barrier")
    assert isinstance(exhibit.asks, Property)
    path = explore_native(exhibit.faulty, [exhibit.asks], stop_at_violation=True).violations[exhibit.asks.name].path
    trace = replay(exhibit.id, exhibit.faulty, exhibit.asks, path)
    told = text(trace)
    assert "desc.flags[0] <- 3 (store buffer)" in told and "virtio_packed_should_notify" in told
    assert "1 used entry that the driver has not taken" in told
    again = from_text(json.dumps(to_json(trace)), lambda subject, wanted: None)
    assert again.states == trace.states and again.system == trace.system


@given(size=st.integers(1, 9), data=st.data())
def test_a_position_is_passed_exactly_if_it_is_among_those_written(size: int, data: st.DataObject) -> None:
    cfg = packed(size=size, max_packet=1).cfg
    index, event = (data.draw(st.integers(0, 2 * size - 1)) for _ in range(2))
    count = data.draw(st.integers(0, size))
    written = {(index - 1 - k) % turn(cfg) for k in range(count)}
    new = slot(cfg, index)
    assert need_event(cfg, event, new, index, new - count) == (event in written)


@given(size=st.integers(1, 9), begin=st.integers(0, 17), used=st.integers(0, 9), more=st.integers(0, 9))
def test_the_view_counts_what_the_flags_say(size: int, begin: int, used: int, more: int) -> None:
    """From any index: so many used, so many available behind them, all others of the lap before."""
    s = packed(size=size, max_packet=1).built().state
    s.vq.last_used_idx = begin % (2 * size)
    used, shown = min(used, size), min(used + more, size)
    for n in range(size):
        index = idx_add(s.cfg, s.vq.last_used_idx, n)
        before = idx_add(s.cfg, index, size)
        kind = used_mark(s.cfg, index) if n < used else available_mark(s.cfg, index)
        s.ring.desc_flags[slot(s.cfg, index)] = kind if n < shown else used_mark(s.cfg, before)
    ring = PackedView(s)
    assert ring.returned == idx_add(s.cfg, s.vq.last_used_idx, used)
    assert ring.offered == idx_add(s.cfg, s.vq.last_used_idx, shown)
    assert [ring.says_old(n) for n in range(size)] == [n >= shown for n in range(size)]


def test_leading_stops_at_the_first_gap() -> None:
    s = packed(size=4).built().state
    flags = s.ring.desc_flags
    assert [leading(flags, k.__gt__) for k in range(5)] == [0, 1, 2, 3, 4]
    assert leading(flags, lambda n: n != 1) == 1


@pytest.mark.parametrize("options", [{"size": 3}, {"size": 5, "event_idx": True}, {"size": 2, "watch": True}], ids=str)
def test_the_simulator_runs_it(options: dict[str, Any]) -> None:
    system = packed(max_packet=1, **options)
    asked = [q for q in standard_for(system.cfg)[0] if isinstance(q, Property)]
    run = Simulator(system, asked, 5).run(60)
    counts = run.counts()
    assert run.finished and run.violated is None
    assert counts["packets delivered"] == counts["buffers taken by the driver"] == 60


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"ring": "round"}, "ring='round': use split or packed"),
        ({"ring": "packed", "layout": PACKED}, "ring='packed' beside layout: use split or packed"),
        ({"ring": "packed", "size": 3, "data": True, "segments": 4}, "a ring of 3 never holds such a chain"),
        ({"ring": "packed", "idx_bits": 5}, "twice its size and has no other width; leave it out"),
    ],
    ids=["another ring", "a layout beside it", "a list too long", "a width"],
)
def test_what_it_cannot_be_is_said(options: dict[str, Any], says: str) -> None:
    with pytest.raises(BadConfiguration, match=says):
        rx(**options)


def test_a_system_does_not_change_its_ring() -> None:
    with pytest.raises(BadConfiguration, match="has steps of a split ring: leave --ring out"):
        with_options(rx(), {"ring": "packed"})
    assert with_options(packed(), {"ring": "packed", "event_idx": True}) == packed(event_idx=True)


def test_without_the_barrier_an_interrupt_is_lost_under_tso_only() -> None:
    assert not explore_native(packed(), [no_lost_interrupt]).violations
    found = explore_native(packed(memory="tso"), [no_lost_interrupt], stop_at_violation=True)
    assert len(found.violations[no_lost_interrupt.name].path) == 37
