"""A split ring in the words of the lemmas: where its functions stand, and what its entries say."""

from __future__ import annotations

from typing import Any

from vrx.proofs.induction.stores import device_stores, driver_stores, entry
from vrx.spec.layouts.split.contexts import SplitL, SplitQ
from vrx.spec.layouts.split.memory import loc
from vrx.spec.memory import Location

ADDING = (SplitL.ADD_RING, SplitL.ADD_IDX)
WRITTEN = SplitL.ADD_IDX
TAKING = (SplitL.USED_ID,)
ENABLING = (SplitL.ENABLE_CB_FLAGS, SplitL.ENABLE_CB_EVENT)
INTERRUPTED = (SplitL.EVENT_TRIGGERED,)
COUNTING = (SplitQ.GET_HEAD,)
ASKING = (SplitQ.ENABLE_STORE, SplitQ.RECHECK)
REFUSING = (SplitQ.DISABLE_STORE,)
POPPING = (SplitQ.POP_HEAD,)
POPPED = SplitQ.POP_EVENT


def interrupt_wish(cfg: Any) -> Location:
    """used_event, or avail.flags."""
    return loc.used_event if cfg.event_idx else loc.avail_flags


def kick_wish(cfg: Any) -> Location:
    """avail_event, or used.flags."""
    return loc.avail_event if cfg.event_idx else loc.used_flags


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
