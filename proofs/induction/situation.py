"""Words for situations, from which the lemmas are made: where the contexts stand, and what each side has written."""

from __future__ import annotations

from typing import Any

from vrx.models.engines.induction.logic import as_number, at, every, some
from vrx.proofs.induction.stores import hardirq, softirq
from vrx.proofs.induction.words import words
from vrx.spec.layouts.view import view
from vrx.spec.linux.state import DriverPoint, L
from vrx.spec.qemu.state import Q
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.rx import State
from vrx.spec.words import pick


def fill(s: State) -> tuple[DriverPoint, ...]:
    """The points of try_fill_recv()."""
    return (L.TRY_FILL_RECV, *words(s).ADDING, L.KICK_PREPARE, L.NOTIFY)


def filling(s: State, then: L) -> Any:
    """try_fill_recv() runs, called from virtnet_open() or from the poll, as `then` says."""
    me = softirq(s)
    return every(at(me, *fill(s)), me.ret0 == then)


def opening(s: State) -> Any:
    """virtnet_open() has not enabled the NAPI yet."""
    return some(at(softirq(s), L.OPEN_FILL, L.OPEN_NAPI_ENABLE), filling(s, L.OPEN_NAPI_ENABLE))


def receiving(s: State) -> Any:
    """A poll runs, callbacks are off."""
    me = softirq(s)
    points = (L.MORE_USED, *words(s).TAKING, L.REFILL_TEST, L.POLL_DONE, L.ENABLE_CB_PREPARE)
    return some(at(me, *points), filling(s, L.POLL_DONE))


def polling(s: State) -> Any:
    """A poll runs, and SCHED is its own."""
    me = softirq(s)
    begins = some(me.pc == L.VIRTNET_POLL, every(me.pc == L.DISABLE_CB, me.ret0 == L.MORE_USED))
    ends = at(me, *words(s).ENABLING, L.NAPI_COMPLETE_DONE)
    return some(begins, receiving(s), ends)


def scheduling(s: State) -> Any:
    """How many contexts have won SCHED and not put the NAPI on the list yet: 0, 1 or 2."""
    me, irq = softirq(s), hardirq(s)
    mine = some(every(me.pc == L.DISABLE_CB, me.ret0 == L.NAPI_SCHEDULE), me.pc == L.NAPI_SCHEDULE)
    return as_number(mine) + as_number(at(irq, L.DISABLE_CB, L.NAPI_SCHEDULE))


def offered_end(s: State) -> Any:
    """The index after the last buffer that is written as available, published or not."""
    added = view(s).added
    return pick(at(softirq(s), *words(s).WRITTEN), idx_add(s.cfg, added, 1), added)


def used_end(s: State) -> Any:
    """The index after the last buffer that is written as used, published or not."""
    return idx_add(s.cfg, s.dev.used_idx, s.main.filled)


def undecided(s: State) -> Any:
    """The device has published something and not begun to decide about an interrupt since."""
    return s.main.owed == 1 if s.cfg.general else s.main.pc == Q.SHOULD_NOTIFY


def counts(s: State) -> Any:
    """The device counts buffers, or asks for kicks and looks again."""
    return at(s.main, Q.NUM_HEADS, *words(s).COUNTING, Q.ENABLE_LOAD, *words(s).ASKING)


def hand(s: State, index: Any) -> Any:
    """The head that the device has in hand for a ring index: popped there, or put there to be completed early."""
    return s.main.elems[slot(s.cfg, index) if s.cfg.general else ahead(s, index, s.dev.used_idx)]


def ahead(s: State, a: Any, b: Any) -> Any:
    """How far index a is ahead of b."""
    return idx_sub(s.cfg, a, b)


def crossed(s: State, event: Any, new: Any, old: Any) -> Any:
    """vring_need_event(): the move from old to new passes the event index."""
    return ahead(s, new, idx_add(s.cfg, event, 1)) < ahead(s, new, old)
