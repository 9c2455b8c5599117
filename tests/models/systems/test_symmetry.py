"""Free buffers without numbers: the same situations, the same verdicts, the same lengths; and wrong orders are found.

Two states are one situation where an exchange of names makes one of the other.  The orders
that are wrong on purpose are layouts of a split ring that differ in `free_names` alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

import pytest

from vrx.models.engines.explorer import explore
from vrx.models.engines.liveness import liveness
from vrx.models.engines.native.explore import explore_native
from vrx.models.systems.fields import Values
from vrx.models.systems.mended import flushing_everything
from vrx.models.systems.system import Program, System, rx
from vrx.models.variants.buffer_names import exchanged
from vrx.proofs.museum import device, driver
from vrx.spec.config import BadConfiguration
from vrx.spec.layouts.free_names import FreeNames
from vrx.spec.layouts.layout import Layout
from vrx.spec.layouts.packed.layout import PACKED
from vrx.spec.layouts.packed.shape import SHAPE as PACKED_SHAPE
from vrx.spec.layouts.split.free_names import FREE_NAMES
from vrx.spec.layouts.split.layout import SPLIT
from vrx.spec.layouts.split.shape import SHAPE
from vrx.spec.liveness import every_packet_ends, no_packet_blocks_the_queue
from vrx.spec.properties import (
    SPINE,
    Property,
    free_list_intact,
    inuse_exact,
    no_lost_interrupt,
    no_lost_kick,
    single_owner,
)
from vrx.spec.questions import meaningful
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.rx import FREE
from vrx.spec.symmetry import free_numbers_stand_nowhere_else

NO_WAKE_UPS = {"notify": False, "symmetry": True}
SYSTEMS = {
    "ring of 2": rx(size=2, symmetry=True),
    "ring of 4": rx(size=4, symmetry=True),
    "event index": rx(size=4, event_idx=True, symmetry=True),
    "any caller": rx(size=4, caller="any", symmetry=True),
    "watched": rx(size=4, watch=True, symmetry=True),
    "merging": rx(size=4, mergeable=True, symmetry=True),
    "stops": rx(size=4, stops=True, symmetry=True),
    "two CPUs": rx(size=4, irq="any", symmetry=True),
    "TSO": rx(size=4, memory="tso", symmetry=True),
    "packed ring of 3": rx(ring="packed", size=3, symmetry=True),
    "packed, event index": rx(ring="packed", size=4, event_idx=True, symmetry=True),
    "packed, merging": rx(ring="packed", size=4, mergeable=True, symmetry=True),
    "packed, watched": rx(ring="packed", size=4, watch=True, symmetry=True),
    "packed, any caller": flushing_everything(rx(ring="packed", size=4, caller="any", symmetry=True)),
    "packed, TSO": rx(ring="packed", size=4, memory="tso", symmetry=True),
}


def named(system: System) -> System:
    """The same system with numbers."""
    return system.under(replace(system.cfg, symmetry=False))


def situation(program: Program, values: Values) -> Values:
    """One state for all those that differ in names: the least.  Memory that the driver still reads is no buffer's, and
    nobody reads that of a free one."""
    size = program.system.cfg.size
    program.view.set(values)
    s, in_hand = program.state, 0
    names_of = s.cfg.layout.free_names
    for place in [p for p in names_of.places(s) if p.of_memory and p.read and s.cfg.watch]:
        in_hand = s.contents.data[place.number]
    for head in range(size if s.cfg.watch else 0):
        s.contents.data[head] *= s.ghost.owner[head] != FREE
    heads = [n for n, f in enumerate(program.view.fields) if f.attribute == "head"]
    values = tuple(int(v) for v in program.view.get())
    found = []
    for names in permutations(range(size)):
        here, now = values, list(range(size))
        for at, name in enumerate(names):
            if now[at] != name:
                other = now.index(name)
                here = exchanged(program, here, now[at], name)
                now[at], now[other] = now[other], now[at]
        found.append(tuple(v for n, v in enumerate(exchanged(program, here, 0, 0)) if n not in heads))
    return (*min(found), in_hand)


SITUATIONS: tuple[dict[str, Any], ...] = (
    {},
    {"max_packet": 1, "watch": True, "idx_bits": 2},
    {"ring": "packed"},
    {"ring": "packed", "mergeable": True},
    {"ring": "packed", "max_packet": 1, "watch": True},
)


@pytest.mark.parametrize("options", SITUATIONS, ids=str)
def test_situations_are_those_with_numbers(options: dict[str, Any]) -> None:
    """No situation is lost, and none is made up."""
    less = rx(size=2, **NO_WAKE_UPS, **options)
    program = named(less).built()
    with_numbers = explore(named(less), keep_states=True).seen or set()
    without = explore(less, keep_states=True).seen or set()
    there = {situation(program, tuple(map(int, values))) for values in with_numbers}
    assert {situation(program, tuple(map(int, values))) for values in without} == there
    assert len(without) < 0.6 * len(with_numbers)


@pytest.mark.parametrize("options", [{"size": 4}, {"size": 2, "memory": "tso"}, {"size": 2, "ring": "packed"}], ids=str)
def test_both_explorers_see_the_same(options: dict[str, Any]) -> None:
    system = rx(**NO_WAKE_UPS, **options)
    asked = (single_owner, free_list_intact, free_numbers_stand_nowhere_else)
    found = explore_native(system, asked, keep_states=True)
    there = explore(system, asked, keep_states=True)
    assert found.complete and (found.states, found.depth, found.violations) == (there.states, there.depth, {})
    assert {tuple(map(int, v)) for v in found.seen or ()} == {tuple(map(int, v)) for v in there.seen or ()}


def free_list(program: Program, values: Values) -> list[int]:
    program.view.set(values)
    vq = program.state.vq
    found, here = [], vq.free_head
    for _ in range(vq.num_free):
        found.append(here)
        here = vq.next[here]
    return found


def walk(program: Program, seed: int, length: int) -> Iterator[Values]:
    rng, values = random.Random(seed), program.initial
    for _ in range(length):
        yield values
        values = tuple(int(v) for v in rng.choice([after for _, after in program.successors(values)]))


def wrong_step(system: System) -> str:
    """Where a step does more to a state than the same step with numbers, but for the order of the free list; and where
    that list gets or loses a buffer, or has one that somebody else has."""
    less, more = system.built(), named(system).built()
    order = {n for n, f in enumerate(less.view.fields) if f.whole in ("vq.free_head", "vq.next")}
    owner = less.view.index["ghost.owner[0]"]
    for seed in range(3):
        for values in walk(less, seed, 400):
            plain = {move: tuple(int(v) for v in after) for move, after in more.successors(values)}
            for move, after in list(less.successors(values)):
                name = less.actions[move.action].name
                if any(int(a) != b for n, (a, b) in enumerate(zip(after, plain[move], strict=True)) if n not in order):
                    return f"{name}: another state"
                here = free_list(less, after)
                if sorted(here) != sorted(free_list(more, plain[move])):
                    return f"{name}: another free list"
                if any(after[owner + head] != 0 for head in here):
                    return f"{name}: a buffer that is not free"
    return ""


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_step_differs_in_the_order_of_the_free_list_alone(name: str) -> None:
    assert wrong_step(SYSTEMS[name]) == ""


@dataclass(frozen=True, eq=False)
class Wrong(FreeNames):
    """An order that is wrong on purpose: `how` stands in its place."""

    how: Callable[[Any], None] = FREE_NAMES.give

    def give(self, s: Any) -> None:
        self.how(s)


def layout(how: Callable[[Any], None]) -> Layout:
    own = FREE_NAMES
    wrong = Wrong(own.behind, own.start, own.places, own.numbered, how=how)
    return replace(SPLIT, shape=replace(SHAPE, free_names=wrong))


def slot_without_looking(s: Any) -> None:
    """The slot's number comes next, whether its buffer is free or offered."""
    s.vq.free_head = FREE_NAMES.start(s)


def offered_too(s: Any) -> None:
    """A buffer that is offered changes its name with a free one, in the ring and not where its owner is noted."""
    at = slot(s.cfg, idx_sub(s.cfg, s.vq.avail_idx_shadow, 1))
    s.ring.avail_ring[at] = s.vq.free_head


def owner_too(s: Any) -> None:
    """The name that a buffer is known by on the way changes in one place."""
    s.ghost.owner[0], s.ghost.owner[1] = s.ghost.owner[1], s.ghost.owner[0]


def loses_one(s: Any) -> None:
    """The list begins with its second buffer."""
    s.vq.free_head = s.vq.next[s.vq.free_head]


@pytest.mark.parametrize("how", [slot_without_looking, offered_too, owner_too, loses_one])
def test_an_order_that_renames_more_than_free_buffers_is_found(how: Callable[[Any], None]) -> None:
    assert wrong_step(rx(size=4, caller="any", layout=layout(how), symmetry=True)), how.__doc__


def not_its_slot(program: Program) -> int:
    """How many of the buffers that are offered in a walk have another number than that of their slot."""
    found = 0
    for values in walk(program, 0, 2000):
        program.view.set(values)
        s = program.state
        for n in range(idx_sub(s.cfg, s.ring.avail_idx, s.dev.last_avail_idx)):
            at = slot(s.cfg, idx_add(s.cfg, s.dev.last_avail_idx, n))
            found += s.ring.avail_ring[at] != at
    return found


def test_an_offered_buffer_of_a_packed_ring_has_the_number_of_its_slot() -> None:
    program = rx(ring="packed", size=3, symmetry=True).built()
    for values in walk(program, 0, 2000):
        program.view.set(values)
        s = program.state
        for k in range(idx_sub(s.cfg, s.vq.next_avail_idx, s.dev.last_avail_idx)):
            at = slot(s.cfg, idx_add(s.cfg, s.dev.last_avail_idx, k))
            assert s.ring.desc_id[at] == at


def test_an_order_that_changes_under_an_id_that_is_written_is_found() -> None:
    """Between the id in the ring and its flags the buffer is free, and must stay the first."""
    own = PACKED_SHAPE.free_names
    assert own is not None
    wrong = replace(own, behind=("virtqueue_add_packed__id",), start=lambda s: slot(s.cfg, s.vq.next_avail_idx + 1))
    system = rx(size=3, layout=replace(PACKED, shape=replace(PACKED_SHAPE, free_names=wrong)), symmetry=True)
    asked = (free_numbers_stand_nowhere_else,)
    found = explore_native(system, asked, stop_at_violation=True, few=True)
    assert "free_numbers_stand_nowhere_else" in found.violations


def next_but_one(s: Any) -> None:
    """The number of the slot behind the right one."""
    replace(FREE_NAMES, start=lambda s: slot(s.cfg, FREE_NAMES.start(s) + 1)).give(s)


def test_an_offered_buffer_has_the_number_of_its_slot() -> None:
    assert not_its_slot(rx(size=4, symmetry=True).built()) == 0
    assert not_its_slot(rx(size=4).built()) > 0
    assert not_its_slot(rx(size=4, layout=layout(next_but_one), symmetry=True).built()) > 0


def test_another_slot_is_no_error_and_saves_less() -> None:
    """Any order is a renaming, so verdicts are the same; the right one leaves the fewest states."""
    right = explore_native(rx(size=2, **NO_WAKE_UPS), (single_owner,))
    other = explore_native(rx(size=2, layout=layout(next_but_one), **NO_WAKE_UPS), (single_owner,))
    assert right.states < other.states and not right.violations and not other.violations


FAULTS = (
    ("virtio_queue_split_poll", device.parks_without_looking, no_lost_kick),
    ("virtqueue_poll", driver.completes_without_looking, no_lost_interrupt),
    ("virtqueue_unpop", device.unpop_keeps_inuse, inuse_exact),
)
WAYS: tuple[dict[str, Any], ...] = ({}, {"event_idx": True, "memory": "tso"}, {"size": 4})


@pytest.mark.parametrize("options", WAYS, ids=str)
@pytest.mark.parametrize(("step", "run", "asked"), FAULTS, ids=lambda x: getattr(x, "name", ""))
def test_a_fault_is_refuted_by_a_run_of_the_same_length(
    step: str, run: Any, asked: Property, options: dict[str, Any]
) -> None:
    less = rx(**{"size": 2, "max_packet": 2, "symmetry": True, **options}).replace(step, run)
    lengths = []
    for system in (less, named(less)):
        found = explore_native(system, (asked,), stop_at_violation=True, few=True)
        lengths.append(len(found.violations[asked.name].path))
    assert lengths[0] == lengths[1]


def test_a_run_without_numbers_is_one_with_numbers() -> None:
    """The same moves lead to the same failure where every buffer keeps its number."""
    less = rx(size=2, symmetry=True).replace("virtio_queue_split_poll", device.parks_without_looking)
    path = explore_native(less, (no_lost_kick,), stop_at_violation=True, few=True).violations["no_lost_kick"].path
    program = named(less).built()
    values = program.initial
    for move in path:
        after = program.take(values, move)
        assert after is not None
        values = tuple(int(v) for v in after)
    program.view.set(values)
    assert not no_lost_kick.holds(program.state)


def test_the_same_holds_of_a_ring_of_2() -> None:
    less = rx(size=2, max_packet=1, symmetry=True)
    for system in (less, named(less)):
        found = explore_native(system, meaningful(system.cfg, (*SPINE, free_list_intact)))
        assert found.complete and not found.violations


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"data": True}, "symmetry with data"),
        ({"data": True, "segments": 2, "indirect": True}, "symmetry with data"),
        ({"positions": True}, "symmetry with positions"),
        ({"stale": "memory"}, "symmetry with stale=memory"),
        ({"hostile": "device"}, "symmetry with hostile=device"),
        ({"hostile": "driver"}, "symmetry with hostile=driver"),
    ],
    ids=str,
)
def test_where_numbers_matter_the_switch_is_refused(options: dict[str, Any], why: str) -> None:
    with pytest.raises(BadConfiguration, match=f"^{why}: .*; use one of them$"):
        rx(size=2, symmetry=True, **options)


def test_a_layout_that_does_not_say_how_is_refused() -> None:
    nobody = replace(SPLIT, shape=replace(SHAPE, free_names=None))
    with pytest.raises(BadConfiguration, match="does not say how free buffers get their numbers; use symmetry=False"):
        rx(size=2, layout=nobody, symmetry=True)
    elsewhere = replace(FREE_NAMES, behind=("virtqueue_get_buf",))
    with pytest.raises(BadConfiguration, match="the driver has no step virtqueue_get_buf: "):
        rx(layout=replace(SPLIT, shape=replace(SHAPE, free_names=elsewhere)))


@pytest.mark.slow
def test_runs_without_end_end_alike() -> None:
    less = rx(size=2, symmetry=True)
    for system in (less, named(less)):
        ends, blocks = liveness(system, (every_packet_ends, no_packet_blocks_the_queue))
        assert ends.holds and blocks.complete and blocks.lasso is not None, system.name
