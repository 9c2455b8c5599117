"""Where the ring's functions return to: virtio_net and the NAPI, whatever the layout of the ring is.

No steps here: these functions say where a context goes after a step of a ring
(`spec.layouts`) or of `spec.linux.virtio_net`, between the accesses of virtnet_receive(),
receive_buf() and receive_mergeable(); Linux 6.1, drivers/net/virtio_net.c.  Its counters
are marks.  A ring's step never names its caller's program point: it goes through here.
"""

from __future__ import annotations

from vrx.spec.counting import begins, counted, let_go, none_there, takes_further
from vrx.spec.linux.napi import poll_over
from vrx.spec.linux.state import HardIrq, L, Softirq
from vrx.spec.memory import over
from vrx.spec.rx import State, fate
from vrx.spec.steps import Machine, mark
from vrx.spec.words import wrap

returns = Machine("drivers/net/virtio_net.c")

LENGTH_ERROR = "the driver counts a length error"
DROP = "the driver counts a drop"


@returns.helper
def not_interrupted(s: State, me: HardIrq) -> None:
    """vring_interrupt() has nothing for the driver: the interrupt is over."""
    me.goto(L.IDLE)


@returns.helper
def interrupted(s: State, me: HardIrq) -> None:
    """vring_interrupt() calls the callback of the virtqueue."""
    me.goto(L.SKB_RECV_DONE)


@returns.helper
def stops_here(s: State, me: Softirq, exhausted: int) -> bool:
    """virtnet_receive() has used its budget.  That is a free choice: a poll may stop after any number of buffers but
    none."""
    if exhausted == 1 and (me.received or not s.cfg.notify):
        me.exhausted = s.cfg.notify
        return True
    return False


@returns.helper
def receive_over(s: State, me: Softirq) -> None:
    """virtnet_receive() leaves its loop, at the budget or for want of a used buffer."""
    me.goto(L.REFILL_TEST)


@returns.helper
def took_buf(s: State, me: Softirq) -> None:
    """virtqueue_get_buf_ctx() has a buffer, and returns it soon: the poll has received something."""
    if s.cfg.notify:
        me.received = True


@returns.helper
def added(s: State, me: Softirq) -> None:
    """virtqueue_add() has added a buffer: try_fill_recv() goes on while a descriptor is free."""
    if s.vq.num_free > 0:
        me.goto(L.TRY_FILL_RECV)
    else:
        ring_filled(s, me)


@returns.helper
def callbacks_enabled(s: State, me: Softirq) -> None:
    """virtqueue_enable_cb_prepare() returns: the NAPI completes.  virtqueue_enable_cb_delayed() comes behind that, and
    goes on to a look of its own."""
    if s.cfg.delayed:
        me.goto(L.VIRTQUEUE_POLL)
        return
    me.goto(L.KEPT_BY_ANOTHER if s.cfg.others_poll else L.NAPI_COMPLETE_DONE)


@returns.helper
def more_work(s: State, me: Softirq, found: bool) -> None:
    """virtqueue_poll() returns: schedule again where it found something, else the poll is over."""
    if found:
        mark(s, "virtqueue_poll finds work")
        me.call(L.NAPI_SCHEDULE_PREP, then=poll_over(s, me))
    else:
        me.goto(poll_over(s, me))


@returns.helper
def ring_filled(s: State, me: Softirq) -> None:
    """try_fill_recv() has added what it could: kick, or return where there are no notifications."""
    if s.cfg.notify:
        me.goto(L.KICK_PREPARE)
    else:
        me.ret()


@returns.helper
def got_buf(s: State, me: Softirq, believed: bool = False) -> None:
    """virtqueue_get_buf_ctx_split() returns a buffer to whoever asked.

    believed: a faulty driver takes any length for true; for variants only, as in the functions below.
    """
    if not s.cfg.data:
        if s.cfg.watch:
            me.goto(L.RECEIVE_DATA)
        else:
            drop_used_entry(s, me)
            me.goto(L.MORE_USED)
    elif s.cfg.mergeable and me.ret0 == L.GATHER:
        me.ret()
        takes_further(s)
        gathered(s, me, believed)
    elif s.cfg.mergeable and me.ret0 == L.DISCARD:
        me.ret()
        takes_further(s)
        discard(s, me)
    else:
        begins(s)
        receive_buf(s, me, believed)


@returns.helper
def no_buf(s: State, me: Softirq) -> None:
    """virtqueue_get_buf_ctx_split() returns NULL for an entry that breaks the ring."""
    drop_used_entry(s, me)
    if s.cfg.data and s.cfg.mergeable and (me.ret0 == L.GATHER or me.ret0 == L.DISCARD):
        me.ret()
        missing(s, me)
    else:
        me.goto(L.REFILL_TEST)


@returns.helper
def drop_used_entry(s: State, me: Softirq) -> None:
    """The used entry in hand is dead."""
    over(s, me, *me.of_entry)


@returns.helper
def receive_buf(s: State, me: Softirq, believed: bool = False) -> None:
    """A packet begins: too short ones are counted and freed, others go to the function of the buffer's kind."""
    if me.length < s.cfg.hdr_len + s.cfg.eth_len:
        mark(s, "short packet")
        mark(s, LENGTH_ERROR)
        counted(s)
        finish(s, me)
    elif s.cfg.mergeable:
        me.goto(L.RECEIVE_NUM)
    elif not believed and too_long(s, me):
        if s.cfg.segments == 1:
            mark(s, LENGTH_ERROR)  # receive_big() counts the drop only
        drop(s, me)
    else:
        me.goto(L.RECEIVE_HEADER)


@returns.helper
def too_long(s: State, me: Softirq) -> bool:
    """Does the device say that it wrote more than the buffer holds?  Exact for each kind of buffer.

    C: receive_small(), receive_big(), receive_mergeable(), drivers/net/virtio_net.c, Linux 6.1
    """
    return me.length > s.cfg.capacity


@returns.helper
def fragment_done(s: State, me: Softirq) -> None:
    """A buffer is read: its packet goes on in the next one, or is complete."""
    drop_used_entry(s, me)
    me.seg = 0
    if s.cfg.mergeable:
        me.num_buf = wrap(me.num_buf - 1, s.cfg.num_bits)  # from 0, all the way around, as in the C
    if s.cfg.mergeable and me.num_buf != 0:
        me.goto(L.GATHER)
    else:
        deliver(s, me)


@returns.helper
def gathered(s: State, me: Softirq, believed: bool = False) -> None:
    """receive_mergeable() has one more buffer of the packet."""
    if not believed and too_long(s, me):
        mark(s, LENGTH_ERROR)
        discard(s, me)
    else:
        me.goto(L.RECEIVE_DATA)


@returns.helper
def discard(s: State, me: Softirq) -> None:
    """err_skb: take the packet's other buffers and throw them away, then drop the packet."""
    drop_used_entry(s, me)
    if me.num_buf > 1:
        me.num_buf = me.num_buf - 1
        me.goto(L.DISCARD)
    else:
        drop(s, me)


@returns.helper
def missing(s: State, me: Softirq) -> None:
    """A buffer of the packet is not there."""
    none_there(s)
    mark(s, "a buffer of a packet is missing")
    mark(s, LENGTH_ERROR)
    drop(s, me)


@returns.helper
def drop(s: State, me: Softirq) -> None:
    """The packet is dropped and counted."""
    mark(s, DROP)
    counted(s)
    if s.cfg.packets:
        fate(s, me.packet, 2)
    finish(s, me)


@returns.helper
def deliver(s: State, me: Softirq) -> None:
    """napi_gro_receive(): the packet's fate is to be delivered, all of it."""
    s.ghost.torn |= me.at != me.whole
    fate(s, me.packet, 1)
    counted(s)
    finish(s, me)


@returns.helper
def finish(s: State, me: Softirq) -> None:
    """The packet in hand is gone; on with the next one."""
    let_go(s)
    drop_used_entry(s, me)
    over(s, me, "num_buf", "whole")
    me.packet = 0
    me.at = 0
    me.goto(L.MORE_USED)
