"""Quiet: what the questions about it see, what they allow, and where they have a meaning."""

from __future__ import annotations

from typing import Any

import pytest

from vrx.models.deciding.checking import check
from vrx.models.engines.liveness import liveness
from vrx.models.mutation.fate import fate
from vrx.models.mutation.mutants import Mutant, all_mutants
from vrx.models.mutation.systems import SYSTEMS
from vrx.models.systems.standard_systems import peers
from vrx.models.systems.system import System, rx
from vrx.proofs.suppression import interrupts_once_for_nothing, never_interrupted_while_off
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.questions import STANDARD, standard_for
from vrx.spec.rx import DECIDED
from vrx.spec.suppression import (
    ASKING,
    DECIDING,
    SINGLE,
    interrupt_needless,
    interrupts_only_as_asked,
    interrupts_unasked,
    kick_needless,
    kicks_unasked,
)

FLAGS = rx(idx_bits=2, stops=True, max_packet=1)
EVENT = rx(idx_bits=2, event_idx=True, max_packet=1)
HALF = "since >= turn(s.cfg) // 2 or since < count"
KILLED = [
    ("notify_if:1 always wanted", FLAGS, "interrupts_only_as_asked"),
    (f"virtqueue_split_flush:15 always {HALF}", EVENT, "interrupts_only_as_asked"),
    ("kick_if:1 always wanted", FLAGS, "kicks_only_as_asked"),
    ("virtqueue_kick_prepare_split:6 never s.cfg.event_idx", EVENT, "kicks_only_as_asked"),
    ("virtio_queue_set_notification_off__store:2 drop store(s, me, loc.used_flags, NO_NOTIFY)", FLAGS,
     "kicks_suppressed_while_taking"),
    ("virtio_queue_set_notification_off__load:1 drop s.dev.notification = False", EVENT,
     "kicks_suppressed_while_taking"),
    ("virtqueue_disable_cb_split:6 drop store(s, me, loc.used_event, 0)", EVENT, "used_event_away_while_polling"),
    ("virtqueue_disable_cb_split:3 always s.vq.event_triggered", EVENT, "used_event_away_while_polling"),
    ("virtqueue_disable_cb_split:8 drop store(s, me, loc.avail_flags, NO_INTERRUPT)", FLAGS,
     "interrupts_suppressed_while_polling"),
    ("virtqueue_disable_cb_split:1 never not s.vq.no_interrupt", FLAGS, "interrupts_suppressed_while_polling"),
]  # fmt: skip
"""A mutant, one of the systems that mutants are asked about, and the question that sees it."""


def named(name: str) -> Mutant:
    (one,) = [m for m in all_mutants() if m.name == name]
    return one


@pytest.mark.needs("compiler")
@pytest.mark.parametrize(("name", "system", "question"), KILLED)
def test_who_does_not_ask_and_who_does_not_listen_is_seen(name: str, system: System, question: str) -> None:
    assert system in SYSTEMS
    found = fate(named(name), systems=[system])
    assert found.word == "killed" and found.by == (question,), found


@pytest.mark.needs("compiler")
def test_one_interrupt_for_nothing_is_seen_at_its_decision_alone() -> None:
    """Runs without end do not tell, as it does not come again; `vrx check` asks of each decision beside them."""
    system = rx(idx_bits=2, max_packet=1).replace("virtio_split_should_notify", interrupts_once_for_nothing)
    assert all(verdict.holds for verdict in liveness(system, DECIDING))
    seen = check(system, only=[q.name for q in SINGLE])
    assert [(a.name, a.verdict) for a in seen.answers] == [
        ("no_interrupt_for_nothing", "refuted"), ("no_kick_for_nothing", "proved"),
    ]  # fmt: skip


def test_a_decision_is_judged_by_what_was_published_since_the_last() -> None:
    """Of a ring with indices of 0 to 7: the entries since the last decision, as far as the record of each side goes."""
    s: Any = rx(size=2, event_idx=True, mergeable=True, decisions=True).state()
    s.dev.used_idx, s.vq.avail_idx_shadow = 3, 0

    def reasons(needless: Any, field: str) -> list[int]:
        found = []
        for event in range(8):
            setattr(s.ring, field, event)
            if not needless(s):
                found.append(event)
        return found

    assert reasons(interrupt_needless, "used_event") == [*range(8)]  # the first decision is free
    s.ghost.needless[DECIDED] = True
    assert reasons(interrupt_needless, "used_event") == [1, 2]  # without a record: what one packet may have taken
    s.dev.signalled_used_valid, s.dev.signalled_used = True, 2
    assert reasons(interrupt_needless, "used_event") == [2]
    s.vq.num_added = 2
    assert reasons(kick_needless, "avail_event") == [6, 7]
    s.vq.num_added = 0
    assert reasons(kick_needless, "avail_event") == []


@pytest.mark.needs("compiler")
def test_with_the_event_index_quiet_ends_where_the_index_passes_the_event() -> None:
    """It comes round to 0, and then there is an interrupt: the strong sentence is false, the one that is asked true."""
    strong, asked = liveness(EVENT, [never_interrupted_while_off, interrupts_only_as_asked])
    assert strong.lasso is not None and strong.lasso.loop and asked.holds


def test_what_is_passed_is_no_notification_for_nothing() -> None:
    """Of a ring with indices of 0 to 7: the last entry is where the index was before it moved."""
    event: Any = rx(size=2, event_idx=True, mergeable=True).state()
    event.main.pc, event.dev.used_idx = Q.IRQ, 3
    event.cpus[0].softirq.pc, event.vq.avail_idx_shadow = L.NOTIFY, 0

    def unasked(question: Any, field: str) -> list[int]:
        out = []
        for position in range(8):
            setattr(event.ring, field, position)
            if question(event):
                out.append(position)
        return out

    assert unasked(interrupts_unasked, "used_event") == [0, 3, 4, 5, 6, 7]
    assert unasked(kicks_unasked, "avail_event") == [0, 1, 2, 3, 4, 5]
    event.main.pc, event.cpus[0].softirq.pc = Q.IDLE, L.IDLE
    assert not unasked(interrupts_unasked, "used_event") and not unasked(kicks_unasked, "avail_event")


def test_each_side_is_asked_where_it_is_itself() -> None:
    names = {q.name for q in (*ASKING, *DECIDING)}
    assert names <= {q.name for q in STANDARD}

    def asked(system: System) -> set[str]:
        return names & {q.name for q in standard_for(system.cfg)[0]}

    device = {"kicks_suppressed_while_taking", "interrupts_only_as_asked"}
    assert asked(EVENT) == names
    assert asked(FLAGS) == names - {"used_event_away_while_polling"}
    assert asked(peers(peer="any-driver", event_idx=True)) == device
    assert asked(peers(peer="any-device", event_idx=True)) == names - device
    assert asked(rx(notify=False, data=True)) == set()
    assert asked(rx(caller="any")) == {"kicks_only_as_asked"}
    one = {q.name for q in SINGLE}
    followed = {q.name for q in standard_for(rx(decisions=True).cfg)[0]}
    assert one <= followed and not one & {q.name for q in standard_for(rx().cfg)[0]}


@pytest.mark.needs("compiler")
def test_a_report_says_which_side_it_is() -> None:
    found = check(FLAGS.replace("virtio_split_should_notify", always), only=[q.name for q in DECIDING])
    assert found.answer("interrupts_only_as_asked").verdict == "refuted"
    assert found.answer("kicks_only_as_asked").verdict == "proved"


def always(s: SplitState, me: MainLoop) -> None:
    """The device interrupts whatever the ring says."""
    me.goto(Q.IRQ)
