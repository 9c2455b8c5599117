"""A packed ring in the words of the lemmas: where its functions stand, and what its descriptors say."""

from __future__ import annotations

from typing import Any

from vrx.models.engines.induction.logic import as_number, at, every, some
from vrx.proofs.induction.stores import device_stores, driver_stores, entry
from vrx.spec.layouts.packed.contexts import PackedL, PackedQ
from vrx.spec.layouts.packed.memory import AVAIL, DESC, ENABLE, USED, loc
from vrx.spec.memory import Location, StoreBuffer
from vrx.spec.qemu.state import Q
from vrx.spec.ring import idx_add, idx_sub
from vrx.spec.words import pick

ADDING = (PackedL.ADD_ID, PackedL.ADD_HEAD_FLAGS)
WRITTEN: tuple[PackedL, ...] = ()
ADDS = ADDING
TAKING = (PackedL.USED_ID,)
ENABLING = (PackedL.ENABLE_CB_OFF_WRAP, PackedL.ENABLE_CB_FLAGS)
INTERRUPTED = (PackedL.EVENT_TRIGGERED,)
COUNTING: tuple[PackedQ, ...] = ()
ASKING = (PackedQ.ENABLE_FLAGS, PackedQ.RECHECK)
REFUSING: tuple[PackedQ, ...] = ()
POPPING = (PackedQ.POP_FLAGS, PackedQ.POP_ID)
POPPED: tuple[PackedQ, ...] = ()
DECIDING = (PackedQ.SHOULD_NOTIFY_OFF_WRAP,)
FLUSHING = (PackedQ.FLUSH_ID, PackedQ.FLUSH_FLAGS)
"""Within virtqueue_packed_flush(), behind its first store."""


def interrupt_wishes(cfg: Any) -> tuple[Location, ...]:
    """The driver's structure: with the event index the position, and the flags."""
    return (loc.driver_off_wrap, loc.driver_flags) if cfg.event_idx else (loc.driver_flags,)


def kick_wishes(cfg: Any) -> tuple[Location, ...]:
    """The device's structure."""
    return (loc.device_off_wrap, loc.device_flags) if cfg.event_idx else (loc.device_flags,)


def waiting(buffer: StoreBuffer | None, place: Location) -> list[tuple[Any, Any, Any]]:
    """Of each store that a buffer has room for, oldest first: is one to this place there; the slot; the value."""
    if buffer is None:
        return []
    each = zip(*(list.__iter__(array) for array in (buffer.where, buffer.at, buffer.value)), strict=True)
    return [(where == place.code, at_slot, value) for where, at_slot, value in each]


def used_index(s: Any, at_slot: Any, flags: Any) -> Any:
    """The ring index at which a descriptor with these flags is used."""
    return pick(flags == (AVAIL | USED), at_slot, at_slot + s.cfg.size)


def shown_used(s: Any) -> Any:
    """Up to used_idx, or to the first descriptor whose flags wait in the device's store buffer."""
    shown, base = s.dev.used_idx, s.vq.last_used_idx
    for there, at_slot, flags in waiting(device_stores(s), loc.desc_flags):
        index = used_index(s, at_slot, flags)
        before = idx_sub(s.cfg, index, base) < idx_sub(s.cfg, shown, base)
        shown = pick(every(there, before), index, shown)
    return shown


def shown_available(s: Any) -> Any:
    """Up to next_avail_idx, but for those descriptors whose flags wait in the driver's store buffer."""
    return s.vq.next_avail_idx if driver_stores(s) is None else idx_sub(s.cfg, s.vq.next_avail_idx, flags_waiting(s))


def flags_waiting(s: Any) -> Any:
    """Of how many descriptors the flags wait in the driver's store buffer."""
    count: Any = 0
    for there, _, _ in waiting(driver_stores(s), loc.desc_flags):
        count = count + as_number(there)
    return count


def found(s: Any) -> Any:
    """virtio_queue_packed_empty() leaves no copy: what memory shows."""
    return shown_available(s)


def kicks_asked(s: Any) -> Any:
    """The flags of the device's structure."""
    return s.ring.device_flags == (DESC if s.cfg.event_idx else ENABLE)


def decision(s: Any, by_position: Any) -> Any:
    """Between its two loads the device knows what the flags said; before, they have to be read yet."""
    flags = s.main.event_flags
    known = pick(flags == DESC, by_position, flags == ENABLE)
    return pick(at(s.main, *DECIDING), known, by_position)


def decided_within(cfg: Any) -> Any:
    """A lap: virtqueue_packed_flush() clears signalled_used_valid at its end."""
    return cfg.size


def written_of_batch(s: Any) -> Any:
    """While a flush is under way: of the elements 1, 2, ... of the batch, those below this number are written."""
    me = s.main
    count = me.rest if s.cfg.general else me.held
    return pick(at(me, *FLUSHING), pick(me.element == 0, count, me.element), 1)


def shows_used(s: Any, index: Any) -> Any:
    """The device has marked the descriptor at an index of this lap as used, as far as its CPU sees."""
    base = s.vq.last_used_idx
    here, used = idx_sub(s.cfg, index, base), idx_sub(s.cfg, s.dev.used_idx, base)
    return some(here < used, every(used < here, here < used + written_of_batch(s)))


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
    """The id of a descriptor, as the driver wrote it."""
    return entry(s, driver_stores(s), loc.desc_id, index)


def returned(s: Any, index: Any) -> Any:
    """The id of a descriptor, as the device wrote it."""
    return entry(s, device_stores(s), loc.desc_id, index)


def returned_end(s: Any) -> Any:
    """used_idx of QEMU: virtqueue_packed_fill() writes nothing."""
    return s.dev.used_idx


def remembered(s: Any, k: Any) -> Any:
    """used_elems of QEMU."""
    return s.dev.used_elems[k]


def call_left(s: Any) -> Any:
    """A count is one step for each descriptor, and ends with the enabling of kicks; a flush is two for each element."""
    me = s.main
    behind = pick(me.element == 0, 0, 2 * (me.rest - me.element))
    table: list[tuple[Any, Any]] = [
        (at(me, Q.FILL, Q.IRQ, Q.DISABLE_LOAD, Q.HANDLE_RX, PackedQ.RECHECK, PackedQ.POP_ID), 1),
        (at(me, PackedQ.ENABLE_FLAGS, PackedQ.POP_FLAGS, *DECIDING), 2),
        (at(me, Q.ENABLE_LOAD, Q.POP_EMPTY, Q.SHOULD_NOTIFY), 3),
        (me.pc == PackedQ.FLUSH_FLAGS, behind + 1),
        (me.pc == PackedQ.FLUSH_ID, behind + 2),
        (me.pc == Q.FLUSH, 2 * me.rest),
    ]
    far: Any = 4 + (s.cfg.size - me.in_bytes)
    for condition, value in reversed(table):
        far = pick(condition, value, far)
    return far


def next_index(s: Any, at_slot: Any) -> Any:
    """The ring index of a slot in the lap that begins at last_used_idx."""
    this = idx_sub(s.cfg, at_slot, s.vq.last_used_idx) < s.cfg.size
    return pick(this, at_slot, idx_add(s.cfg, at_slot, s.cfg.size))
