"""What is left behind is seen by a standard question, wherever mutants are asked about, and what is right is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from vrx.models.engines.native.explore import explore_native
from vrx.models.mutation.fate import fate
from vrx.models.mutation.mutants import all_mutants
from vrx.models.mutation.systems import SYSTEMS
from vrx.models.simulation.undo_log import InPlace
from vrx.models.systems.system import System, rx
from vrx.proofs import accounts as faulty
from vrx.proofs import stops
from vrx.spec.accounts import (
    ACCOUNTS,
    everything_added_is_published,
    nothing_offered_is_passed_over,
    stopped_device_leaves_the_ring,
    taken_is_accounted_for,
    waits_only_for_buffers,
    works_on_a_packet,
)
from vrx.spec.properties import Property
from vrx.spec.qemu.state import Q
from vrx.spec.questions import standard_for
from vrx.spec.rx import OFFERED

TABLES = rx(size=2, notify=False, data=True, segments=2, indirect=True, filter=True)
LEFT_BEHIND: dict[str, tuple[str, Callable[..., None], Property, System]] = {
    "one behind": (
        "virtqueue_add_split__idx", faulty.publishes_one_behind, everything_added_is_published, rx(size=2, max_packet=1)
    ),
    "not rewound": ("virtqueue_unpop", faulty.gives_back_without_rewinding, taken_is_accounted_for, TABLES),
    "one of n": (
        "virtqueue_split_flush", faulty.publishes_one_of_n, taken_is_accounted_for, rx(size=2, mergeable=True)
    ),
    "keeps": ("virtqueue_unpop", faulty.keeps_what_does_not_fit, waits_only_for_buffers, TABLES),
    "out of nothing": (
        "qemu_net_queue_flush", faulty.offers_an_empty_queue, works_on_a_packet,
        rx(idx_bits=2, memory="tso", max_packet=1),
    ),
    "not asked": (
        "virtio_net_can_receive", stops.receives_all_the_same, stopped_device_leaves_the_ring,
        rx(idx_bits=2, stops=True, max_packet=1),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT_BEHIND)
def test_what_is_left_behind_dies_where_mutants_are_asked_about(name: str) -> None:
    step, run, question, system = LEFT_BEHIND[name]
    assert system in SYSTEMS and question in standard_for(system.cfg)[0]
    assert explore_native(system.replace(step, run), [question], stop_at_violation=True).violations


def test_a_device_that_does_not_ask_whether_the_machine_runs_is_killed() -> None:
    (mutant,) = (m for m in all_mutants() if m.name == "virtio_net_can_receive:1 always s.net.running")
    found = fate(mutant, systems=[rx(idx_bits=2, stops=True, max_packet=1)])
    assert found.word == "killed" and found.by == ("stopped_device_leaves_the_ring",)


def test_each_question_speaks_of_what_it_says() -> None:
    program = rx(size=2, stops=True).built()
    s: Any = program.state
    for question in (*ACCOUNTS, stopped_device_leaves_the_ring):
        assert question.holds(s), question.name
    s.vq.num_free = 1  # a buffer was added, and avail.idx does not say so
    assert not everything_added_is_published.holds(s)
    s.ring.avail_idx = 1
    assert everything_added_is_published.holds(s)
    s.ghost.owner[0] = OFFERED
    assert nothing_offered_is_passed_over.holds(s)
    s.dev.last_avail_idx = 1
    assert not nothing_offered_is_passed_over.holds(s) and not taken_is_accounted_for.holds(s)
    s.main.held = 1
    assert taken_is_accounted_for.holds(s)
    s.net.running = False
    assert not stopped_device_leaves_the_ring.holds(s)
    s.main.held, s.main.size, s.main.pc = 0, 1, Q.CAN_RECEIVE
    assert stopped_device_leaves_the_ring.holds(s)
    assert works_on_a_packet.holds(s)
    s.main.size = 0
    assert not works_on_a_packet.holds(s)
    s.main.pc = Q.POP_EMPTY
    assert not stopped_device_leaves_the_ring.holds(s)


@pytest.mark.parametrize("options", [{}, {"mergeable": True}, {"data": True, "buffer_len": 3, "max_packet": 4}])
def test_a_packet_may_wait_while_all_buffers_together_are_smaller(options: dict[str, Any]) -> None:
    """Two buffers seen hold 2, or 6 with a header of 1: whatever is as large is delivered or dropped."""
    s: Any = rx(size=2, **options).built().state
    s.dev.shadow_avail_idx = 2
    s.net.queued = s.cfg.max_packet
    assert waits_only_for_buffers.holds(s)  # queued by a sender that nobody told to stop: the next flush offers it
    s.net.receive_disabled = True
    assert not waits_only_for_buffers.holds(s)
    s.dev.shadow_avail_idx = 1
    assert waits_only_for_buffers.holds(s)


def take(program: InPlace, name: str) -> None:
    """The one action of this name that can be taken here."""
    (number,) = (n for n in program.candidates() if program.actions[n].step.name == name)
    assert program.step(number, (), [])


def test_a_stop_loses_what_waits_and_consumes_the_kick() -> None:
    """With a watched packet: it has its fate at the stop, and no later one."""
    asked = [q for q in standard_for(stops.WATCHED.cfg)[0] if isinstance(q, Property)]
    found = explore_native(stops.WATCHED, asked)
    assert found.complete and not found.violations
    system = rx(stops=True)
    program = InPlace(system)
    s: Any = program.state
    s.net.queued, s.net.receive_disabled, s.lines.kick = 1, True, True
    for name in ("vm_stop", "virtio_net_can_receive"):
        take(program, name)
    assert (s.net.queued, s.net.receive_disabled, s.lines.kick, s.main.pc) == (0, False, False, Q.IDLE)
    s.net.queued = 1
    take(program, "vm_continue")
    assert (s.net.running, s.lines.kick, s.main.size, s.main.pc) == (True, True, 1, Q.CAN_RECEIVE)
