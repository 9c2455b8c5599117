"""The control flow of virtio_net_receive_rcu() and virtio_net_has_buffers() between their accesses.

No steps here: these functions say where the main loop goes after a step of
`spec.qemu.virtio` or `spec.qemu.virtio_net`, QEMU 7.2, hw/net/virtio-net.c.
Where the caller is general (`spec.qemu.caller`) they return to it.
"""

from __future__ import annotations

from spec.qemu.net_queue import done, park
from spec.qemu.state import MainLoop, Q
from spec.ring import idx_add, slot
from spec.rx import State, fate
from spec.steps import mark
from spec.words import clear


def look(s: State, me: MainLoop) -> None:
    """The loop condition of virtio_net_has_buffers(): with mergeable buffers always true, else an empty queue."""
    if s.cfg.mergeable:
        count_bytes(s, me)
    else:
        me.goto(Q.EMPTY)


def count_bytes(s: State, me: MainLoop) -> None:
    """virtqueue_get_avail_bytes() begins at last_avail_idx."""
    me.idx = s.dev.last_avail_idx
    me.goto(Q.NUM_HEADS)


def enough_buffers(s: State, me: MainLoop) -> None:
    """Leave the loop of virtio_net_has_buffers(): notifications off."""
    if s.cfg.general:
        done(s, me)
        return
    me.rest = me.size
    me.goto(Q.DISABLE_LOAD)


def notification_is_off(s: State, me: MainLoop) -> None:
    """virtio_queue_set_notification(vq, 0) returns: begin to pop."""
    if s.cfg.general:
        done(s, me)
    else:
        me.goto(Q.POP_EMPTY)


def judge_buffers(s: State, me: MainLoop) -> None:
    """virtqueue_get_avail_bytes() returns: enough for the packet, or enable notifications and look again."""
    enough = me.in_bytes >= me.size
    me.in_bytes = 0
    me.idx = 0
    if enough:
        enough_buffers(s, me)
    else:
        me.opaque = s.dev.shadow_avail_idx
        me.goto(Q.ENABLE_LOAD)


def recheck_says(s: State, me: MainLoop, again: bool) -> None:
    """virtio_queue_enable_notification_and_check() returns: look again, or park."""
    me.opaque = 0
    if again:
        mark(s, "the device's recheck finds work")
        if s.cfg.general:
            done(s, me)
        else:
            look(s, me)
    else:
        park(s, me)


def kept(s: State, k: int) -> int:
    """Where the k-th popped element is kept: elems[k]; a general caller's by ring index, so that a flush moves none."""
    return slot(s.cfg, idx_add(s.cfg, s.dev.used_idx, k)) if s.cfg.general else k


def popped(s: State, me: MainLoop, head: int) -> None:
    """virtqueue_pop() returns an element: it is in the device's hand, inuse counts it."""
    me.elems[kept(s, me.held)] = head
    me.held = me.held + 1
    s.dev.inuse = s.dev.inuse + 1
    if s.cfg.general:
        if me.held > 1:
            mark(s, "inuse is more than one")
        done(s, me)
    elif s.cfg.data:
        me.goto(Q.RECEIVE_HEADER if me.held == 1 else Q.IOV_FROM_BUF)
    elif s.cfg.watch:
        me.goto(Q.IOV_FROM_BUF)
    else:
        copied(s, me)


def nothing_popped(s: State, me: MainLoop) -> None:
    """virtqueue_pop() returns NULL, an error after a first buffer: what was popped is forgotten, the packet lost."""
    mark(s, "virtqueue_pop returns nothing")
    if s.cfg.general:
        done(s, me)
        return
    if me.held > 0:
        s.dev.broken = True
    s.dev.inuse = s.dev.inuse - me.held
    me.rest = 0
    clear(me.elems)
    me.held = 0
    fate(s, me.mark, 2)
    done(s, me)


def copied(s: State, me: MainLoop) -> None:
    """One buffer is full.  A packet that needs more goes on where buffers merge, and is dropped where they do not."""
    me.rest = me.rest - 1
    if me.rest == 0:
        me.goto(Q.FILL)
    elif s.cfg.mergeable:
        me.goto(Q.POP_EMPTY)
    else:
        me.rest = 0
        me.goto(Q.UNPOP)


def forget_element(s: State, me: MainLoop) -> None:
    """The packet in hand is dropped: virtio_net_receive_rcu() returns its size."""
    mark(s, "a packet is dropped")
    fate(s, me.mark, 2)
    me.elems[0] = 0
    me.held = 0
    done(s, me)


def filled(s: State, me: MainLoop) -> None:
    """virtqueue_fill() returns: the next buffer of the packet, or flush."""
    if s.cfg.general:
        me.elems[kept(s, me.filled)] = 0
        me.filled = me.filled + 1
        done(s, me)
        return
    me.filled = me.filled + 1
    me.goto(Q.FLUSH if me.filled == me.held else Q.FILL)


def flush_count(s: State, me: MainLoop) -> int:
    """How many used elements virtqueue_flush() is to publish: all, or as many as a general caller says."""
    return me.rest if s.cfg.general else me.held


def flushed(s: State, me: MainLoop) -> None:
    """virtqueue_flush() returns: notify at once; a general caller may do other things first."""
    if s.cfg.general:
        me.held = me.held - me.rest
        me.filled = me.filled - me.rest
        if me.held > 0:
            mark(s, "a part is flushed")
        me.rest = 0
        me.owed = 1
        done(s, me)
        return
    clear(me.elems)
    me.held = 0
    me.filled = 0
    me.goto(Q.SHOULD_NOTIFY)
