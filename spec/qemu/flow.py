"""The control flow of virtio_net_receive_rcu() and virtio_net_has_buffers() between their accesses.

No steps here: these functions say where the main loop goes after a step of
`spec.qemu.virtio` or `spec.qemu.virtio_net`, QEMU 7.2, hw/net/virtio-net.c.
"""

from __future__ import annotations

from spec.qemu.net_queue import done, park
from spec.qemu.state import MainLoop, Q
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
    me.rest = me.size
    me.goto(Q.DISABLE_LOAD)


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
        look(s, me)
    else:
        park(s, me)


def popped(s: State, me: MainLoop, head: int) -> None:
    """virtqueue_pop() returns an element: it is in the device's hand, inuse counts it."""
    me.elems[me.held] = head
    me.held = me.held + 1
    s.dev.inuse = s.dev.inuse + 1
    if s.cfg.data:
        me.goto(Q.RECEIVE_HEADER if me.held == 1 else Q.IOV_FROM_BUF)
    elif s.cfg.watch:
        me.goto(Q.IOV_FROM_BUF)
    else:
        copied(s, me)


def nothing_popped(s: State, me: MainLoop) -> None:
    """virtqueue_pop() returns NULL, an error after a first buffer: what was popped is forgotten, the packet lost."""
    mark(s, "virtqueue_pop returns nothing")
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
