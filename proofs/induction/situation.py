"""Words for situations, from which the lemmas are made: where the contexts stand, and what each side has written."""

from __future__ import annotations

from typing import Any

from vrx.models.engines.induction.logic import as_number, at, every, some
from vrx.spec.layouts.split.contexts import SplitL, SplitQ, SplitSoftirq
from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import HardIrq, L
from vrx.spec.memory import StoreBuffer
from vrx.spec.qemu.state import Q
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.words import pick

FILL = (L.TRY_FILL_RECV, SplitL.ADD_RING, SplitL.ADD_IDX, L.KICK_PREPARE, L.NOTIFY)


def softirq(s: SplitState) -> SplitSoftirq:
    """The context that polls: CPU 0 (`irq=same` and `irq=other`)."""
    polls: Any = s.cpus[0].softirq
    me: SplitSoftirq = polls
    return me


def hardirq(s: SplitState) -> HardIrq:
    """The context that takes the interrupt: CPU 0, or CPU 1 where irq=other."""
    return s.cpus[-1].hardirq


def driver_stores(s: SplitState) -> StoreBuffer | None:
    """The store buffer of the CPU that polls."""
    return s.buffers[0] if s.cfg.memory == "tso" else None


def device_stores(s: SplitState) -> StoreBuffer | None:
    """The store buffer of the main loop's CPU."""
    return s.buffers[-1] if s.cfg.memory == "tso" else None


def filling(s: SplitState, then: L) -> Any:
    """try_fill_recv() runs, called from virtnet_open() or from the poll, as `then` says."""
    me = softirq(s)
    return every(at(me, *FILL), me.ret0 == then)


def opening(s: SplitState) -> Any:
    """virtnet_open() has not enabled the NAPI yet."""
    return some(at(softirq(s), L.OPEN_FILL, L.OPEN_NAPI_ENABLE), filling(s, L.OPEN_NAPI_ENABLE))


def receiving(s: SplitState) -> Any:
    """A poll runs, callbacks are off."""
    me = softirq(s)
    points = (L.MORE_USED, SplitL.USED_ID, L.REFILL_TEST, L.POLL_DONE, L.ENABLE_CB_PREPARE)
    return some(at(me, *points), filling(s, L.POLL_DONE))


def polling(s: SplitState) -> Any:
    """A poll runs, and SCHED is its own."""
    me = softirq(s)
    begins = some(me.pc == L.VIRTNET_POLL, every(me.pc == L.DISABLE_CB, me.ret0 == L.MORE_USED))
    ends = at(me, SplitL.ENABLE_CB_FLAGS, SplitL.ENABLE_CB_EVENT, L.NAPI_COMPLETE_DONE)
    return some(begins, receiving(s), ends)


def scheduling(s: SplitState) -> Any:
    """How many contexts have won SCHED and not put the NAPI on the list yet: 0, 1 or 2."""
    me, irq = softirq(s), hardirq(s)
    mine = some(every(me.pc == L.DISABLE_CB, me.ret0 == L.NAPI_SCHEDULE), me.pc == L.NAPI_SCHEDULE)
    return as_number(mine) + as_number(at(irq, L.DISABLE_CB, L.NAPI_SCHEDULE))


def offered_end(s: SplitState) -> Any:
    """The index after the last entry of the available ring that is written, published or not."""
    me = softirq(s)
    return pick(me.pc == SplitL.ADD_IDX, idx_add(s.cfg, s.vq.avail_idx_shadow, 1), s.vq.avail_idx_shadow)


def used_end(s: SplitState) -> Any:
    """The index after the last entry of the used ring that is written, published or not."""
    return idx_add(s.cfg, s.dev.used_idx, s.main.filled)


def undecided(s: SplitState) -> Any:
    """The device has published something and not decided about an interrupt since."""
    return s.main.owed == 1 if s.cfg.general else s.main.pc == Q.SHOULD_NOTIFY


def counts(s: SplitState) -> Any:
    """The device counts buffers, or asks for kicks and looks again."""
    return at(s.main, Q.NUM_HEADS, SplitQ.GET_HEAD, Q.ENABLE_LOAD, SplitQ.ENABLE_STORE, SplitQ.RECHECK)


def hand(s: SplitState, index: Any) -> Any:
    """The head that the device has in hand for a ring index: popped there, or put there to be completed early."""
    return s.main.elems[slot(s.cfg, index) if s.cfg.general else ahead(s, index, s.dev.used_idx)]


def written(buffer: StoreBuffer | None, place: Any, in_memory: Any) -> Any:
    """A location as the CPU of the store buffer sees it: its youngest waiting store, else memory."""
    if buffer is None:
        return in_memory
    for where, value in zip(_all(buffer.where), _all(buffer.value), strict=True):
        in_memory = pick(where == place.code, value, in_memory)
    return in_memory


def waits(buffer: StoreBuffer | None, *places: Any) -> Any:
    """A store to one of the locations waits in the buffer."""
    if buffer is None:
        return False
    return some(*(where == p.code for where in _all(buffer.where) for p in places))


def entry(s: SplitState, buffer: StoreBuffer | None, place: Any, index: Any) -> Any:
    """A ring entry as its writer would read it back."""
    at_slot = slot(s.cfg, index)
    value = getattr(s.ring, place.fields[0])[at_slot]
    if buffer is None:
        return value
    for where, there, waiting in zip(_all(buffer.where), _all(buffer.at), _all(buffer.value), strict=True):
        value = pick(every(where == place.code, there == at_slot), waiting, value)
    return value


def offered(s: SplitState, index: Any) -> Any:
    """The head in the available ring at an index, as the driver wrote it."""
    return entry(s, driver_stores(s), loc.avail_ring, index)


def returned(s: SplitState, index: Any) -> Any:
    """The head in the used ring at an index, as the device wrote it."""
    return entry(s, device_stores(s), loc.used_id, index)


def _all(array: Any) -> Any:
    """The entries of an array of a store buffer."""
    return list.__iter__(array)


def ahead(s: SplitState, a: Any, b: Any) -> Any:
    """How far index a is ahead of b."""
    return idx_sub(s.cfg, a, b)


def crossed(s: SplitState, event: Any, new: Any, old: Any) -> Any:
    """vring_need_event(): the move from old to new passes the event index."""
    return ahead(s, new, idx_add(s.cfg, event, 1)) < ahead(s, new, old)
