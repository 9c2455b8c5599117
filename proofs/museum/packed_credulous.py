"""Linux and QEMU on a packed ring with a look taken out: what they then believe of a side that lies.

`proofs.packed_hostile` claims that each of them fails.
"""

from __future__ import annotations

from vrx.models.systems.system import System
from vrx.proofs.museum.data import believes_first_length
from vrx.spec.counting import takes_next
from vrx.spec.layouts.driver import refuse_id
from vrx.spec.layouts.packed.contexts import PackedL, PackedMainLoop, PackedQ, PackedSoftirq
from vrx.spec.layouts.packed.device import (
    counts_too_many,
    virtqueue_packed_pop__empty,
    virtqueue_packed_pop__len,
)
from vrx.spec.layouts.packed.device_descriptors import field
from vrx.spec.layouts.packed.device_used import virtqueue_packed_flush__id
from vrx.spec.layouts.packed.driver import begin_add, full
from vrx.spec.layouts.packed.driver_used import (
    detach_buf_packed,
    entry_done,
    virtqueue_get_buf_ctx_packed__id,
    virtqueue_get_buf_ctx_packed__len,
)
from vrx.spec.layouts.packed.memory import loc
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.linux.returns import no_buf, ring_filled
from vrx.spec.linux.state import L, Softirq
from vrx.spec.memory import load
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.ring import idx_sub, slot
from vrx.spec.rx import TO_DEVICE, goes_on, lied

LEN = "virtqueue_get_buf_ctx_packed__len"


def reads_past_the_end(s: PackedState, me: PackedSoftirq) -> None:
    """No look at the range: desc_state[] is read behind its end."""
    if me.head >= s.cfg.size:
        me.length = load(s, me, loc.desc_len[slot(s.cfg, s.vq.last_used_idx)])
        s.ghost.overrun = True
        no_buf(s, me)
    else:
        virtqueue_get_buf_ctx_packed__len(s, me)


def takes_any_descriptor(s: PackedState, me: PackedSoftirq) -> None:
    """No look whether the id is of a buffer that is out."""
    if me.head < s.cfg.size:
        s.vq.token[me.head] = True
    virtqueue_get_buf_ctx_packed__len(s, me)


def takes_any_id(s: PackedState, me: Softirq) -> None:
    """The same without data."""
    refused = s.vq.broken
    virtqueue_get_buf_ctx_packed__id(s, me)
    if s.vq.broken and not refused:
        s.vq.broken = False


def believes_length(s: PackedState, me: PackedSoftirq) -> None:
    """The used length is taken for true."""
    me.length = load(s, me, loc.desc_len[slot(s.cfg, s.vq.last_used_idx)])
    if refuse_id(s, me):
        no_buf(s, me)
        return
    detach_buf_packed(s, me)
    entry_done(s, me, believed=True)


def believing(system: System) -> System:
    """The system with a driver that does not compare the length with its buffer."""
    if system.cfg.mergeable:
        system = system.replace("receive_mergeable__num_buffers", believes_first_length)
    return system.replace(LEN, believes_length)


def takes_any(s: PackedState, me: Softirq, exhausted: int) -> None:
    """The next descriptor is taken whether its flags show it as used or not."""
    takes_next(s)
    me.goto(PackedL.USED_ID)


def takes_what_the_header_says(s: PackedState, me: Softirq, point: L) -> None:
    """The next buffer of a packet is taken because the header tells of one, without a look at its flags."""
    takes_next(s)
    me.call(PackedL.USED_ID, then=point)


def fills_a_broken_ring(s: PackedState, me: Softirq) -> None:
    """No look at a broken ring before buffers are added."""
    goes_on(s, s.vq.broken)
    if full(s):
        ring_filled(s, me)
    else:
        begin_add(s, me)


def pops_a_full_ring(s: PackedState, me: PackedMainLoop) -> None:
    """No look whether as many descriptors are out as the ring has."""
    inuse, s.dev.inuse = s.dev.inuse, 0
    virtqueue_packed_pop__empty(s, me)
    s.dev.inuse = inuse
    lied(s, TO_DEVICE, (me.pc == PackedQ.POP_FLAGS) & (inuse >= s.cfg.size))


def counts_on(s: PackedState, me: PackedMainLoop) -> bool:
    """No end of counting at the size of the ring."""
    counts_too_many(s, me)
    return False


def takes_a_full_ring_for_a_lie(s: PackedState, me: PackedMainLoop) -> bool:
    """As many buffers as the ring has count as one too many."""
    return counts_too_many(s, me) or idx_sub(s.cfg, me.idx, s.dev.last_avail_idx) + 1 >= s.cfg.size


def goes_around(s: PackedState, me: PackedMainLoop) -> int:
    """No limit to the descriptors of a list: it is walked around the ring."""
    return s.cfg.size + 1


def takes_what_has_no_length(s: PackedState, me: PackedMainLoop) -> int:
    """A descriptor without length is mapped as one of length 1."""
    length: int = load(s, me, field(s, me, loc.desc_len, loc.table_len))
    lied(s, TO_DEVICE, length == 0)
    return length if length != 0 else 1


def uses_any_number_of_elements(s: PackedState, me: MainLoop) -> None:
    """No look whether elems[] of virtio_net_receive_rcu() has room for one more element."""
    s.ghost.overrun |= me.held >= s.cfg.max_elements
    me.goto(Q.POP_EMPTY)


def pops_all_the_same(s: PackedState, me: PackedMainLoop) -> None:
    """No look whether the device has declared the ring broken."""
    broken, s.dev.broken = s.dev.broken, False
    virtqueue_packed_pop__empty(s, me)
    s.dev.broken = s.dev.broken | broken
    goes_on(s, broken & (me.pc == PackedQ.POP_FLAGS))


def publishes_all_the_same(s: PackedState, me: PackedMainLoop) -> None:
    """No look at a broken ring before what was popped is written as used."""
    broken, s.dev.broken = s.dev.broken, False
    virtqueue_packed_flush__id(s, me)
    s.dev.broken = broken
    goes_on(s, broken)


def stands_at_the_last_piece(s: PackedState, me: PackedMainLoop) -> None:
    """Of a list with more pieces than an element has room for the next one is read again and again."""
    if me.in_num == s.cfg.segments:
        load(s, me, field(s, me, loc.desc_len, loc.table_len))
    else:
        virtqueue_packed_pop__len(s, me)
