"""A split ring in the words of the lemmas: where its functions stand, and what its entries say."""

from __future__ import annotations

from typing import Any

from vrx.models.engines.induction.logic import at
from vrx.proofs.induction.stores import device_stores, driver_stores, entry
from vrx.spec.layouts.split.contexts import SplitL, SplitQ
from vrx.spec.layouts.split.memory import loc
from vrx.spec.memory import Location
from vrx.spec.qemu.state import Q
from vrx.spec.ring import idx_add, turn
from vrx.spec.words import pick

ADDING = (SplitL.ADD_RING, SplitL.ADD_IDX)
WRITTEN = (SplitL.ADD_IDX,)
ADDS = (SplitL.ADD_RING,)
TAKING = (SplitL.USED_ID,)
ENABLING = (SplitL.ENABLE_CB_FLAGS, SplitL.ENABLE_CB_EVENT)
INTERRUPTED = (SplitL.EVENT_TRIGGERED,)
COUNTING = (SplitQ.GET_HEAD,)
ASKING = (SplitQ.ENABLE_STORE, SplitQ.RECHECK)
REFUSING = (SplitQ.DISABLE_STORE,)
POPPING = (SplitQ.POP_HEAD,)
POPPED = (SplitQ.POP_EVENT,)
FLUSHING: tuple[SplitQ, ...] = ()
DECIDING: tuple[SplitQ, ...] = ()


def interrupt_wishes(cfg: Any) -> tuple[Location, ...]:
    """used_event, or avail.flags."""
    return (loc.used_event if cfg.event_idx else loc.avail_flags,)


def kick_wishes(cfg: Any) -> tuple[Location, ...]:
    """avail_event, or used.flags."""
    return (loc.avail_event if cfg.event_idx else loc.used_flags,)


def shown_used(s: Any) -> Any:
    """used.idx."""
    return s.ring.used_idx


def shown_available(s: Any) -> Any:
    """avail.idx."""
    return s.ring.avail_idx


def found(s: Any) -> Any:
    """shadow_avail_idx of QEMU: each look leaves a copy."""
    return s.dev.shadow_avail_idx


def kicks_asked(s: Any) -> Any:
    """used.flags; with the event index the position is all that is asked by."""
    return True if s.cfg.event_idx else s.ring.used_flags == 0


def decision(s: Any, by_position: Any) -> Any:
    """The position is all that is asked by."""
    return by_position


def decided_within(cfg: Any) -> Any:
    """Half of all indices: virtqueue_split_flush() clears signalled_used_valid before."""
    return turn(cfg) // 2


def hinted(s: Any) -> Any:
    """event_triggered of Linux."""
    return s.vq.event_triggered


def is_out(s: Any, head: Any) -> Any:
    """desc_state[].data of Linux."""
    return s.vq.token[head]


def first_free(s: Any) -> Any:
    """free_head of Linux."""
    return s.vq.free_head


def next_free(s: Any, head: Any) -> Any:
    """desc_extra[].next of Linux."""
    return s.vq.next[head]


def offered(s: Any, index: Any) -> Any:
    """The available ring, as the driver wrote it."""
    return entry(s, driver_stores(s), loc.avail_ring, index)


def returned(s: Any, index: Any) -> Any:
    """The used ring, as the device wrote it."""
    return entry(s, device_stores(s), loc.used_id, index)


def returned_end(s: Any) -> Any:
    """virtqueue_split_fill() writes each entry at once."""
    return idx_add(s.cfg, s.dev.used_idx, s.main.filled)


def remembered(s: Any, k: Any) -> Any:
    """None is."""
    return s.cfg.size


def call_left(s: Any) -> Any:
    """A count is two steps for each entry, and ends with the enabling of kicks."""
    me = s.main
    counting = 6 + 2 * (s.cfg.size - me.in_bytes)
    table: list[tuple[Any, Any]] = [
        (at(me, SplitQ.POP_EVENT, Q.FILL, Q.FLUSH, Q.IRQ, SplitQ.DISABLE_STORE, Q.HANDLE_RX, SplitQ.RECHECK), 1),
        (at(me, SplitQ.POP_HEAD, Q.SHOULD_NOTIFY, Q.DISABLE_LOAD, SplitQ.ENABLE_STORE), 2),
        (at(me, Q.POP_EMPTY, Q.ENABLE_LOAD), 3),
        (me.pc == SplitQ.GET_HEAD, counting),
    ]
    far: Any = counting + 1
    for condition, value in reversed(table):
        far = pick(condition, value, far)
    return far
