"""The control flow of virtnet_receive(), receive_buf() and receive_mergeable() between their accesses.

No steps here: these functions say where a poll goes after a step of
`spec.linux.virtio_ring`, `spec.linux.chains` or `spec.linux.receive`; Linux 6.1,
drivers/net/virtio_net.c.  Its counters are marks.
"""

from __future__ import annotations

from vrx.spec.counting import begins, counted, let_go
from vrx.spec.linux.state import L, Softirq
from vrx.spec.memory import over
from vrx.spec.rx import TO_DRIVER, State, fate, lied
from vrx.spec.steps import Machine, mark
from vrx.spec.words import wrap

flow = Machine("drivers/net/virtio_net.c")

LENGTH_ERROR = "the driver counts a length error"
DROP = "the driver counts a drop"


@flow.helper
def ring_filled(s: State, me: Softirq) -> None:
    """try_fill_recv() has added what it could: kick, or return where there are no notifications."""
    if s.cfg.notify:
        me.goto(L.KICK_PREPARE)
    else:
        me.ret()


@flow.helper
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
        gathered(s, me, believed)
    elif s.cfg.mergeable and me.ret0 == L.DISCARD:
        me.ret()
        discard(s, me)
    else:
        begins(s)
        receive_buf(s, me, believed)


@flow.helper
def refuse_id(s: State, me: Softirq) -> bool:
    """BAD_RING: an id that no descriptor has, or one that is no head in use, breaks the ring.

    C: virtqueue_get_buf_ctx_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    """
    lied(s, TO_DRIVER, me.head >= s.cfg.size)
    if me.head >= s.cfg.size:
        mark(s, "a used id is out of range")
    elif not s.vq.token[me.head]:
        lied(s, TO_DRIVER, True)
        mark(s, "a used id is no head")
    else:
        lied(s, TO_DRIVER, not s.vq.token[me.head])
        return False
    mark(s, "driver breaks the ring")
    s.vq.broken = True
    return True


@flow.helper
def no_buf(s: State, me: Softirq) -> None:
    """virtqueue_get_buf_ctx_split() returns NULL for an entry that breaks the ring."""
    drop_used_entry(s, me)
    if s.cfg.mergeable and (me.ret0 == L.GATHER or me.ret0 == L.DISCARD):
        me.ret()
        missing(s, me)
    else:
        me.goto(L.REFILL_TEST)


@flow.helper
def drop_used_entry(s: State, me: Softirq) -> None:
    """The used entry in hand is dead."""
    over(s, me, "head", "length", "flags")


@flow.helper
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


@flow.helper
def too_long(s: State, me: Softirq) -> bool:
    """Does the device say that it wrote more than the buffer holds?  Exact for each kind of buffer.

    C: receive_small(), receive_big(), receive_mergeable(), drivers/net/virtio_net.c, Linux 6.1
    """
    return me.length > s.cfg.capacity


@flow.helper
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


@flow.helper
def gathered(s: State, me: Softirq, believed: bool = False) -> None:
    """receive_mergeable() has one more buffer of the packet."""
    if not believed and too_long(s, me):
        mark(s, LENGTH_ERROR)
        discard(s, me)
    else:
        me.goto(L.RECEIVE_DATA)


@flow.helper
def discard(s: State, me: Softirq) -> None:
    """err_skb: take the packet's other buffers and throw them away, then drop the packet."""
    drop_used_entry(s, me)
    if me.num_buf > 1:
        me.num_buf = me.num_buf - 1
        me.goto(L.DISCARD)
    else:
        drop(s, me)


@flow.helper
def missing(s: State, me: Softirq) -> None:
    """A buffer of the packet is not there."""
    mark(s, "a buffer of a packet is missing")
    mark(s, LENGTH_ERROR)
    drop(s, me)


@flow.helper
def drop(s: State, me: Softirq) -> None:
    """The packet is dropped and counted."""
    mark(s, DROP)
    counted(s)
    if s.cfg.packets:
        fate(s, me.packet, 2)
    finish(s, me)


@flow.helper
def deliver(s: State, me: Softirq) -> None:
    """napi_gro_receive(): the packet's fate is to be delivered, all of it."""
    s.ghost.torn |= me.at != me.whole
    fate(s, me.packet, 1)
    counted(s)
    finish(s, me)


@flow.helper
def finish(s: State, me: Softirq) -> None:
    """The packet in hand is gone; on with the next one."""
    let_go(s)
    drop_used_entry(s, me)
    over(s, me, "num_buf", "whole")
    me.packet = 0
    me.at = 0
    me.goto(L.MORE_USED)
