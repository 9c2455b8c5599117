"""hw/virtio/virtio.c: what a packed virtqueue's device gives back, QEMU 7.2: used descriptors, the interrupt.

A flush writes the descriptors of all elements but the first, then that of the first, which is the only one that the
driver waits for.  Each element takes as many descriptors as it had; only the first one of them is written.
"""

from __future__ import annotations

from typing import Any

from vrx.spec.layouts.device import notify_if, virtio_irq
from vrx.spec.layouts.packed.contexts import PackedMainLoop, PackedQ
from vrx.spec.layouts.packed.memory import DISABLE, ENABLE, loc, used_mark
from vrx.spec.layouts.packed.notification import need_event
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.memory import Barrier, load, over, rmb, store, wmb
from vrx.spec.qemu.returns import disabled_meanwhile, filled, flush_count, flushed, kept
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.ring import idx_add, slot
from vrx.spec.rx import HELD, USED, give, goes_on
from vrx.spec.steps import Machine, mark
from vrx.spec.switches import DATA, EVENT_IDX, NOTIFY
from vrx.spec.words import clear, pick

using = Machine("hw/virtio/virtio.c")

FLUSH_WMB = Barrier("vring_packed_desc_write__wmb", "wmb", "vring_packed_desc_write()")
EVENT_READ_RMB = Barrier("vring_packed_event_read__rmb", "rmb", "vring_packed_event_read()")
BARRIERS = (FLUSH_WMB, EVENT_READ_RMB)


@using.step(at=Q.FILL)
def virtqueue_packed_fill(s: PackedState, me: MainLoop) -> None:
    """Remember which buffer is used; nothing is written to the ring, and a broken device does not even that.

    C: virtqueue_fill(), virtqueue_packed_fill(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.9 (Multi-buffer requests)
    """
    if not disabled_meanwhile(s):
        goes_on(s, s.dev.broken)
        head = me.elems[kept(s, me.filled)]
        give(s, head, HELD, USED, idx_add(s.cfg, s.dev.used_idx, me.filled))
        s.dev.used_elems[me.filled] = head
        if s.cfg.data:
            s.dev.used_lens[me.filled] = me.lens[me.filled]
            s.dev.used_ndescs[me.filled] = me.ndescs[me.filled]
    filled(s, me)


@using.step(at=(Q.FLUSH, PackedQ.FLUSH_ID))
def virtqueue_packed_flush__id(s: PackedState, me: PackedMainLoop) -> None:
    """Write the id of one used descriptor, the second element's first and the first one's last; a broken device only
    forgets them.

    C: virtqueue_flush(), virtqueue_packed_flush(), virtqueue_packed_fill_desc(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.9 (Multi-buffer requests)
    """
    if disabled_meanwhile(s):
        s.dev.inuse = s.dev.inuse - flush_count(s, me)
        flushed(s, me)
        return
    goes_on(s, s.dev.broken)
    if me.pc == Q.FLUSH:
        me.element = first_written(s, me)
        if s.cfg.data:
            me.walk.offset = s.dev.used_ndescs[0]
    store(s, me, loc.desc_id[slot(s.cfg, used_at(s, me))], s.dev.used_elems[me.element])
    me.goto(PackedQ.FLUSH_LEN if s.cfg.data else PackedQ.FLUSH_FLAGS)


@using.helper
def first_written(s: PackedState, me: PackedMainLoop) -> Any:
    """A flush begins with the second element, if there are several."""
    return pick(flush_count(s, me) > 1, 1, 0)


@using.step(at=PackedQ.FLUSH_LEN, only=DATA)
def virtqueue_packed_flush__len(s: PackedState, me: PackedMainLoop) -> None:
    """Write how much is in it.

    C: virtqueue_packed_flush(), vring_packed_desc_write_data(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.9 (Multi-buffer requests)
    """
    store(s, me, loc.desc_len[slot(s.cfg, used_at(s, me))], s.dev.used_lens[me.element])
    me.goto(PackedQ.FLUSH_FLAGS)


@using.helper
def used_at(s: PackedState, me: PackedMainLoop) -> int:
    """Where the element that is being written goes: behind the descriptors of each before it.

    C: virtqueue_packed_flush(), virtqueue_packed_fill_desc(), hw/virtio/virtio.c, QEMU 7.2
    """
    if s.cfg.data:
        return idx_add(s.cfg, s.dev.used_idx, pick(me.element == 0, 0, me.walk.offset))
    return idx_add(s.cfg, s.dev.used_idx, me.element)


@using.step(at=PackedQ.FLUSH_FLAGS)
def virtqueue_packed_flush__flags(s: PackedState, me: PackedMainLoop) -> None:
    """Mark it as used, all flags in one store, and WRITE is none of them; behind the first element used_idx moves past
    all of them.

    C: virtqueue_packed_flush(), vring_packed_desc_write(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.9 (Multi-buffer requests)
    """
    here = used_at(s, me)
    first = me.element == 0
    if first:
        wmb(s, me, FLUSH_WMB)
    store(s, me, loc.desc_flags[slot(s.cfg, here)], used_mark(s.cfg, here))
    if first:
        moves_on(s, me)
    else:
        if s.cfg.data:
            me.walk.offset = me.walk.offset + s.dev.used_ndescs[me.element]
        me.element = pick(me.element + 1 < flush_count(s, me), me.element + 1, 0)
        me.goto(PackedQ.FLUSH_ID)


@using.helper
def moves_on(s: PackedState, me: PackedMainLoop) -> None:
    """used_idx moves on; around the end of the ring it is no longer known what was signalled last.

    C: virtqueue_packed_flush(), hw/virtio/virtio.c, QEMU 7.2
    """
    dev, count = s.dev, me.walk.offset if s.cfg.data else flush_count(s, me)
    dev.inuse = dev.inuse - count
    at_end = slot(s.cfg, dev.used_idx) + count >= s.cfg.size
    mark(s, "a flush of several lists", when=s.cfg.lists_merge and flush_count(s, me) > 1)
    mark(s, "a flush of several lists over the end", when=s.cfg.lists_merge and goes_over_the_end(s, me))
    dev.used_idx = idx_add(s.cfg, dev.used_idx, count)
    if at_end:
        end_of_ring(s, me)
    if s.cfg.stale == "no" and not s.cfg.general:
        clear(dev.used_elems)
        clear(dev.used_lens)
        clear(dev.used_ndescs)
    if s.cfg.data:
        me.walk.offset = 0
    flushed(s, me)


@using.helper
def end_of_ring(s: PackedState, me: MainLoop) -> None:
    """The position of the last signal is of the lap before: it counts no longer.

    C: virtqueue_packed_flush(), hw/virtio/virtio.c, QEMU 7.2
    """
    s.dev.signalled_used_valid = False


def goes_over_the_end(s: PackedState, me: PackedMainLoop) -> Any:
    """Does a flush of several elements go on at the beginning of the ring?  For a cover."""
    return (flush_count(s, me) > 1) & (slot(s.cfg, s.dev.used_idx) + me.walk.offset > s.cfg.size)


@using.step(at=Q.SHOULD_NOTIFY, only=NOTIFY)
def virtio_packed_should_notify(s: PackedState, me: PackedMainLoop) -> None:
    """Read whether the driver wants to hear of it: without a barrier before.

    C: virtio_notify(), virtio_packed_should_notify(), vring_packed_event_read(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    me.owed = 0
    flags = load(s, me, loc.driver_flags)
    if s.cfg.event_idx:
        me.event_flags = flags
        me.goto(PackedQ.SHOULD_NOTIFY_OFF_WRAP)
    else:
        notify_if(s, me, flags != DISABLE)


@using.step(at=PackedQ.SHOULD_NOTIFY_OFF_WRAP, only=EVENT_IDX)
def virtio_packed_should_notify__off_wrap(s: PackedState, me: PackedMainLoop) -> None:
    """With the event index: read the position too, and decide.

    C: virtio_packed_should_notify(), vring_packed_event_read(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    dev = s.dev
    rmb(s, me, EVENT_READ_RMB)
    off_wrap = load(s, me, loc.driver_off_wrap)
    old, new = dev.signalled_used, slot(s.cfg, dev.used_idx)
    valid = dev.signalled_used_valid
    dev.signalled_used = new
    dev.signalled_used_valid = True
    flags = me.event_flags
    over(s, me, "event_flags")
    if flags == DISABLE:
        wanted = False
    elif flags == ENABLE:
        wanted = True
    else:
        wanted = not valid or need_event(s.cfg, off_wrap, new, dev.used_idx, old)
    notify_if(s, me, wanted)


using.step(at=Q.IRQ, only=NOTIFY)(virtio_irq)
