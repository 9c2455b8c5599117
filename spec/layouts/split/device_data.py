"""hw/virtio/virtio.c: the walk over the descriptors of a buffer, in the ring or in an indirect table.

Twice for every packet: virtqueue_get_avail_bytes() adds the lengths up,
virtqueue_split_pop() collects the pieces of one element.  Each descriptor is one
copy of 16 bytes.
"""

from __future__ import annotations

from typing import Any

from vrx.spec.layouts.split.memory import INDIRECT, NEXT, WRITE, loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.memory import Barrier, load, over, wmb
from vrx.spec.qemu.returns import count_fails, judge_buffers, nothing_popped, popped, virtio_error
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.rx import TO_DEVICE, lied
from vrx.spec.steps import Machine

chain = Machine("hw/virtio/virtio.c")
NEXT_DESC_WMB = Barrier("virtqueue_split_read_next_desc__wmb", "wmb", "virtqueue_split_read_next_desc()")
"""Between `next` and the look at it: meant for the compiler, as its comment says."""
CHAIN_BARRIERS = (NEXT_DESC_WMB,)


@chain.helper
def read_descriptor(s: SplitState, me: MainLoop) -> Any:
    """The descriptor that comes next: addr, len, flags, next, copied at once.

    C: vring_split_desc_read(), hw/virtio/virtio.c, QEMU 7.2
    """
    if s.cfg.indirect and me.table != 0:
        return load(s, me, loc.table[(me.table - 1) * s.cfg.segments + me.desc])
    return load(s, me, loc.desc[me.desc])


@chain.helper
def limit(s: SplitState, me: MainLoop) -> int:
    """How many descriptors the ring or the table in hand has: a walk over more is a loop (max of the C)."""
    return me.entries if s.cfg.indirect and me.table != 0 else s.cfg.size


@chain.helper
def enter_table(s: SplitState, me: MainLoop, addr: int, length: int) -> bool:
    """Go on in an indirect table; false where it has no entry or cannot be mapped."""
    lied(s, TO_DEVICE, (length == 0) | (length > s.cfg.segments) | (addr == 0))
    if length == 0 or length > s.cfg.segments or addr == 0:
        return False
    me.table = addr
    me.entries = length
    me.walked = 0
    me.desc = 0
    return True


@chain.helper
def leave(s: SplitState, me: MainLoop) -> None:
    """A walk is over: its variables are dead."""
    me.table = 0
    over(s, me, "desc", "entries")


@chain.step(at=(Q.DESC_READ, Q.DESC_NEXT), only="data")
def virtqueue_split_get_avail_bytes__desc(s: SplitState, me: MainLoop) -> None:
    """Read a descriptor, add its length up, and stop as soon as there is enough.

    C: virtqueue_split_get_avail_bytes(), virtqueue_split_read_next_desc(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.5 (The Virtqueue Descriptor Table)
    """
    addr, length, flags, following = read_descriptor(s, me)
    if s.cfg.indirect and me.pc == Q.DESC_READ and flags & INDIRECT != 0:
        lied(s, TO_DEVICE, me.total >= s.cfg.size)
        if me.total >= s.cfg.size or not enter_table(s, me, addr, length):
            leave(s, me)
            count_fails(s, me)
        else:
            me.goto(Q.DESC_NEXT)
        return
    me.walked = me.walked + 1
    lied(s, TO_DEVICE, me.walked > limit(s, me))
    if me.walked > limit(s, me):
        leave(s, me)
        count_fails(s, me)
        return
    if flags & WRITE != 0:
        wanted = me.size + s.cfg.hdr_len
        if me.in_bytes + length >= wanted:
            me.in_bytes = wanted
            leave(s, me)
            judge_buffers(s, me)
            return
        me.in_bytes = me.in_bytes + length
    if flags & NEXT != 0:
        wmb(s, me, NEXT_DESC_WMB)
        lied(s, TO_DEVICE, following >= limit(s, me))
        if following >= limit(s, me):
            leave(s, me)
            count_fails(s, me)
        else:
            me.desc = following
            me.goto(Q.DESC_NEXT)
        return
    if s.cfg.indirect and me.table != 0:
        me.total = me.total + 1
        me.walked = me.total
    elif s.cfg.indirect:
        me.total = me.walked
    leave(s, me)
    me.goto(Q.NUM_HEADS)


@chain.step(at=(Q.POP_DESC, Q.POP_NEXT), only="data")
def virtqueue_split_pop__desc(s: SplitState, me: MainLoop) -> None:
    """Read a descriptor and map its piece; one that cannot be breaks the ring, and nothing is popped.

    C: virtqueue_split_pop(), virtqueue_map_desc(), virtqueue_split_read_next_desc(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.5 (The Virtqueue Descriptor Table)
    """
    addr, length, flags, following = read_descriptor(s, me)
    if s.cfg.indirect and me.pc == Q.POP_DESC and flags & INDIRECT != 0:
        if enter_table(s, me, addr, length):
            me.goto(Q.POP_NEXT)
        else:
            pop_fails(s, me)
        return
    lied(s, TO_DEVICE, (length == 0) | (addr == 0))
    lied(s, TO_DEVICE, (flags & WRITE == 0) & (me.in_num != 0))
    if length == 0 or addr == 0:
        pop_fails(s, me)
        return
    if flags & WRITE != 0:
        if me.in_num == s.cfg.segments:  # an element has no room for more
            pop_fails(s, me)
            return
        me.sg_addr[me.in_num] = addr
        me.sg_len[me.in_num] = length
        me.in_num = me.in_num + 1
    elif me.in_num != 0:
        pop_fails(s, me)
        return
    me.walked = me.walked + 1
    lied(s, TO_DEVICE, me.walked > limit(s, me))
    if me.walked > limit(s, me):
        pop_fails(s, me)
    elif flags & NEXT != 0:
        wmb(s, me, NEXT_DESC_WMB)
        lied(s, TO_DEVICE, following >= limit(s, me))
        if following >= limit(s, me):
            pop_fails(s, me)
        else:
            me.desc = following
            me.goto(Q.POP_NEXT)
    else:
        me.walked = 0
        leave(s, me)
        popped(s, me, me.elems[me.held])


@chain.helper
def pop_fails(s: SplitState, me: MainLoop) -> None:
    """virtqueue_split_pop() reports an error: the ring is broken, and nothing is popped."""
    leave(s, me)
    virtio_error(s, me)
    nothing_popped(s, me)
