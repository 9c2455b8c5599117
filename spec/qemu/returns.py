"""Where the ring's functions return to in QEMU: virtio_net, whatever the layout of the ring is.

No steps here: these functions say where the main loop goes after a step of a ring
(`spec.layouts`) or of `spec.qemu.virtio_net`, between the accesses of
virtio_net_receive_rcu() and virtio_net_has_buffers(), QEMU 7.2, hw/net/virtio-net.c.
Where the caller is general (`spec.qemu.caller`) they return to it.
"""

from __future__ import annotations

from vrx.spec.memory import over
from vrx.spec.qemu.net_queue import done, park
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.ring import idx_add, slot
from vrx.spec.rx import TO_DEVICE, State, fate, goes_on, lied
from vrx.spec.steps import Machine, mark
from vrx.spec.words import clear

returns = Machine("hw/net/virtio-net.c")


@returns.helper
def look(s: State, me: MainLoop) -> None:
    """The loop condition of virtio_net_has_buffers() begins with a look whether the queue is empty."""
    me.goto(Q.EMPTY)


@returns.helper
def not_empty(s: State, me: MainLoop) -> None:
    """Something is posted: where buffers merge it is counted all the same, else the loop is left."""
    if s.cfg.mergeable:
        count_bytes(s, me)
    else:
        goes_on(s, s.dev.broken)
        enough_buffers(s, me)


@returns.helper
def count_bytes(s: State, me: MainLoop) -> None:
    """virtqueue_get_avail_bytes() begins at last_avail_idx."""
    me.idx = s.dev.last_avail_idx
    me.goto(Q.NUM_HEADS)


@returns.helper
def enough_buffers(s: State, me: MainLoop) -> None:
    """Leave the loop of virtio_net_has_buffers(): notifications off."""
    if s.cfg.general:
        done(s, me)
        return
    me.rest = me.size
    if s.cfg.notify:
        me.goto(Q.DISABLE_LOAD)
    else:
        notification_is_off(s, me)


@returns.helper
def notification_is_off(s: State, me: MainLoop) -> None:
    """virtio_queue_set_notification(vq, 0) returns: the receive filter, then begin to pop."""
    if s.cfg.general:
        done(s, me)
    else:
        me.goto(Q.RECEIVE_FILTER if s.cfg.filter else Q.POP_EMPTY)


@returns.helper
def virtio_error(s: State, me: MainLoop) -> None:
    """The device declares the ring broken and stops using it until reset.

    C: virtio_error(), hw/virtio/virtio.c, QEMU 7.2
    """
    mark(s, "device breaks the ring")
    s.dev.broken = True


@returns.helper
def disabled_meanwhile(s: State) -> bool:
    """virtio_device_disabled() between a pop and what follows it.

    Only a general caller pops, and is lied to, while it holds what it popped before; virtio_net_receive_rcu() gives up
    with the error, so there the question is not asked of every state.

    C: virtio_device_disabled(), include/hw/virtio/virtio.h, QEMU 7.2
    """
    return s.cfg.general and s.dev.broken


@returns.helper
def count_fails(s: State, me: MainLoop) -> None:
    """virtqueue_get_avail_bytes() meets an error: the ring is broken, and nothing counts."""
    virtio_error(s, me)
    me.in_bytes = 0
    judge_buffers(s, me)


@returns.helper
def judge_buffers(s: State, me: MainLoop) -> None:
    """virtqueue_get_avail_bytes() returns: enough for the packet, or enable notifications and look again."""
    enough = me.in_bytes >= me.size + s.cfg.header_len
    me.in_bytes = 0
    over(s, me, "idx")
    if s.cfg.data:
        me.walked = 0
        me.total = 0
    if enough:
        enough_buffers(s, me)
    elif not s.cfg.notify:
        park(s, me)
    else:
        me.opaque = s.dev.shadow_avail_idx
        me.goto(Q.ENABLE_LOAD)


@returns.helper
def recheck_says(s: State, me: MainLoop, again: bool) -> None:
    """virtio_queue_enable_notification_and_check() returns: look again, or park."""
    over(s, me, "opaque")
    if again:
        mark(s, "the device's recheck finds work")
        if s.cfg.general:
            done(s, me)
        else:
            look(s, me)
    else:
        park(s, me)


@returns.helper
def kept(s: State, k: int) -> int:
    """Where the k-th popped element is kept: elems[k]; a general caller's by ring index, so that a flush moves none."""
    return slot(s.cfg, idx_add(s.cfg, s.dev.used_idx, k)) if s.cfg.general else k


@returns.helper
def ndescs(s: State, me: MainLoop, k: int) -> int:
    """What inuse counts of the k-th element in hand: itself, or how many of the ring's descriptors it takes."""
    return me.ndescs[k] if s.cfg.elements_differ else 1


@returns.helper
def all_ndescs(s: State, me: MainLoop) -> int:
    """What inuse counts of all elements in hand."""
    return sum(me.ndescs[k] for k in range(s.cfg.in_hand)) if s.cfg.elements_differ else me.held


@returns.helper
def popped(s: State, me: MainLoop, head: int) -> None:
    """virtqueue_pop() returns an element: it is in the device's hand, inuse counts it."""
    me.elems[kept(s, me.held)] = head
    me.held = me.held + 1
    s.dev.inuse = s.dev.inuse + ndescs(s, me, me.held - 1)
    if s.cfg.general:
        mark(s, "inuse is more than one", when=me.held > 1)
        done(s, me)
    elif s.cfg.data:
        use_element(s, me)
    elif s.cfg.watch:
        me.goto(Q.IOV_FROM_BUF)
    else:
        copied(s, me)


@returns.helper
def use_element(s: State, me: MainLoop) -> None:
    """One without pieces to write breaks the ring.  The first one is to have the header, later num_buffers."""
    lied(s, TO_DEVICE, me.in_num == 0)
    if me.in_num == 0:
        mark(s, "an element has no in buffers")
        virtio_error(s, me)
        lose_packet(s, me)
    elif me.held == 1:
        if s.cfg.mergeable:
            me.mhdr = me.sg_addr[0]
        me.goto(Q.RECEIVE_HEADER)
    else:
        me.goto(Q.IOV_FROM_BUF)


@returns.helper
def nothing_popped(s: State, me: MainLoop) -> None:
    """virtqueue_pop() returns NULL, an error after a first buffer: what was popped is forgotten, the packet lost."""
    mark(s, "virtqueue_pop returns nothing")
    if s.cfg.general:
        done(s, me)
        return
    lied(s, TO_DEVICE, s.cfg.mergeable and me.held > 0)
    if me.held > 0:
        mark(s, "the queue is empty after a first element")
        s.dev.broken = True
    lose_packet(s, me)


@returns.helper
def lose_packet(s: State, me: MainLoop) -> None:
    """err: every element in hand is detached, and inuse no longer counts it; none of them is used."""
    s.dev.inuse = s.dev.inuse - all_ndescs(s, me)
    over(s, me, "rest", "elems")
    me.held = 0
    if s.cfg.data:
        forget_pieces(s, me)
        me.walked = 0
        over(s, me, "mhdr")
        clear(me.lens)
        clear(me.ndescs)
    fate(s, me.mark, 2)
    done(s, me)


@returns.helper
def copied(s: State, me: MainLoop) -> None:
    """One buffer is full.  A packet that needs more goes on where buffers merge, and is dropped where they do not."""
    if s.cfg.data:
        forget_pieces(s, me)
    else:
        me.rest = me.rest - 1
    if me.rest == 0:
        me.goto(Q.NUM_BUFFERS if s.cfg.data and s.cfg.mergeable else Q.FILL)
    elif not s.cfg.mergeable:
        over(s, me, "rest")
        me.goto(Q.UNPOP)
    elif s.cfg.data and me.held >= s.cfg.max_elements:
        mark(s, "a packet takes too many elements")
        lied(s, TO_DEVICE, True)
        virtio_error(s, me)
        lose_packet(s, me)
    else:
        me.goto(Q.POP_EMPTY)


@returns.helper
def forget_pieces(s: State, me: MainLoop) -> None:
    """The pieces of the last element are dead."""
    me.in_num = 0
    me.seg = 0
    over(s, me, "sg_addr", "sg_len")


@returns.helper
def forget_element(s: State, me: MainLoop) -> None:
    """The packet in hand is dropped: virtio_net_receive_rcu() returns its size."""
    mark(s, "a packet is dropped")
    fate(s, me.mark, 2)
    if s.cfg.data:
        s.ghost.written[me.elems[0]] = 0
        me.lens[0] = 0
        clear(me.ndescs)
    over(s, me, "elems", at=0)
    me.held = 0
    done(s, me)


@returns.helper
def filled(s: State, me: MainLoop) -> None:
    """virtqueue_fill() returns: the next buffer of the packet, or flush."""
    if s.cfg.general:
        over(s, me, "elems", at=kept(s, me.filled))
        me.filled = me.filled + 1
        done(s, me)
        return
    me.filled = me.filled + 1
    me.goto(Q.FLUSH if me.filled == me.held else Q.FILL)


@returns.helper
def flush_count(s: State, me: MainLoop) -> int:
    """How many used elements virtqueue_flush() is to publish: all, or as many as a general caller says."""
    return me.rest if s.cfg.general else me.held


@returns.helper
def flushed(s: State, me: MainLoop) -> None:
    """virtqueue_flush() returns: notify at once; a general caller may do other things first."""
    if s.cfg.general:
        me.held = me.held - me.rest
        me.filled = me.filled - me.rest
        if me.held > 0:
            mark(s, "a part is flushed")
        over(s, me, "rest")
        me.owed = 1
        done(s, me)
        return
    over(s, me, "elems")
    clear(me.lens)
    clear(me.ndescs)
    me.held = 0
    me.filled = 0
    if s.cfg.notify:
        me.goto(Q.SHOULD_NOTIFY)
    else:
        done(s, me)
