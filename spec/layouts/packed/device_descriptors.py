"""hw/virtio/virtio.c: the walk over the descriptors of a buffer, in the ring or in an indirect table, QEMU 7.2.

Twice for every packet: virtqueue_get_avail_bytes() adds the lengths up, virtqueue_packed_pop() collects the pieces of
one element.  vring_packed_desc_read() reads the four fields of a descriptor one after the other; what is used of them
nowhere is no step.  A list goes on in the next descriptor while NEXT is set, a table to its end.  Only systems with
data have any.
"""

from __future__ import annotations

from typing import Any

from vrx.spec.layouts.packed.contexts import PackedMainLoop, PackedQ
from vrx.spec.layouts.packed.memory import INDIRECT, NEXT, WRITE, loc
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.memory import Cell, Location, load, over
from vrx.spec.qemu.returns import count_fails, judge_buffers
from vrx.spec.qemu.state import Q
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.rx import TO_DEVICE, lied
from vrx.spec.steps import Machine, mark
from vrx.spec.switches import CHAINS, DATA, DRIVER_LIES, INDIRECT_DESC
from vrx.spec.words import pick

descriptors = Machine("hw/virtio/virtio.c")


@descriptors.helper
def in_walked_table(s: PackedState, me: PackedMainLoop) -> bool:
    """Is the descriptor that is read one of an indirect table?"""
    return s.cfg.indirect and me.walk.table != 0


@descriptors.helper
def field(s: PackedState, me: PackedMainLoop, ring: Location, table: Location) -> Cell:
    """A field of the descriptor that is read, in the ring or in a table."""
    return table[(me.walk.table - 1) * s.cfg.segments + me.walk.desc] if in_walked_table(s, me) else ring[me.walk.desc]


@descriptors.helper
def read_flags(s: PackedState, me: PackedMainLoop) -> None:
    """Of the flags of a descriptor all but those that say whose it is.

    C: vring_packed_desc_read_flags(), hw/virtio/virtio.c, QEMU 7.2
    """
    keep_flags(s, me, load(s, me, field(s, me, loc.desc_flags, loc.table_flags)))


@descriptors.helper
def keep_flags(s: PackedState, me: PackedMainLoop, flags: int) -> None:
    """What is kept of them until the other fields are read."""
    me.walk.flags = flags & (NEXT | WRITE | INDIRECT if s.cfg.indirect else NEXT | WRITE)


@descriptors.helper
def read_addr(s: PackedState, me: PackedMainLoop) -> None:
    """The address of a descriptor.

    C: vring_packed_desc_read(), hw/virtio/virtio.c, QEMU 7.2
    """
    me.walk.addr = load(s, me, field(s, me, loc.desc_addr, loc.table_addr))


@descriptors.helper
def read_len(s: PackedState, me: PackedMainLoop) -> int:
    """The length of a descriptor; of one that names a table, its entries.

    C: vring_packed_desc_read(), hw/virtio/virtio.c, QEMU 7.2
    """
    length: int = load(s, me, field(s, me, loc.desc_len, loc.table_len))
    return length


@descriptors.helper
def first_of_element(s: PackedState, me: PackedMainLoop) -> bool:
    """Is the descriptor that is read the first one of its buffer?"""
    return me.walked == 0 and not in_walked_table(s, me)


@descriptors.helper
def first_counted(s: PackedState, me: PackedMainLoop) -> bool:
    """Is the descriptor that is counted the first one of its buffer?  The C counts on from those before (num_bufs)."""
    return me.walked == idx_sub(s.cfg, me.idx, s.dev.last_avail_idx) and not in_walked_table(s, me)


@descriptors.helper
def names_table(s: PackedState, first: bool, flags: int) -> bool:
    """Does the descriptor name a table?  Only in the first one of a buffer INDIRECT is looked at."""
    return s.cfg.indirect and first and flags & INDIRECT != 0


@descriptors.helper
def limit(s: PackedState, me: PackedMainLoop) -> int:
    """How many descriptors the ring or the table in hand has: a walk over more is a loop (max of the C)."""
    return me.walk.entries if in_walked_table(s, me) else s.cfg.size


def there_are(s: PackedState, me: PackedMainLoop) -> int:
    """The same as the ghost has it, so that it is no lie where `limit` is wrong."""
    return pick(me.walk.table != 0, me.walk.entries, s.cfg.size) if s.cfg.indirect else s.cfg.size


@descriptors.helper
def enter_table(s: PackedState, me: PackedMainLoop, addr: int, length: int) -> bool:
    """Go on in an indirect table; false where it cannot be mapped.

    One without an entry ends QEMU: address_space_cache_init() asserts that there is something to map.  Here the device
    is broken from then on, which to the driver is the same.
    """
    lied(s, TO_DEVICE, (length == 0) | (length > s.cfg.segments) | (addr == 0))
    mark(s, "an assertion of the device fails", when=length == 0)
    if length == 0 or length > s.cfg.segments or addr == 0:
        return False
    me.walk.table = addr
    me.walk.entries = length
    me.walked = 0
    me.walk.desc = 0
    return True


@descriptors.helper
def next_descriptor(s: PackedState, me: PackedMainLoop, flags: int) -> bool:
    """Go on to the next descriptor: of a table up to its end, of the ring, around its end, while NEXT is set.

    C: virtqueue_packed_read_next_desc(), hw/virtio/virtio.c, QEMU 7.2
    """
    if in_walked_table(s, me):
        if me.walk.desc + 1 == me.walk.entries:
            return False
        me.walk.desc = me.walk.desc + 1
        return True
    if flags & NEXT == 0:
        return False
    me.walk.desc = pick(me.walk.desc + 1 == s.cfg.size, 0, me.walk.desc + 1)
    return True


@descriptors.helper
def elem_ndescs(s: PackedState, me: PackedMainLoop) -> int:
    """elem->ndescs: how many descriptors of the ring the element takes, 1 if they are in a table."""
    return 1 if in_walked_table(s, me) else me.walked


@descriptors.helper
def leave(s: PackedState, me: PackedMainLoop) -> None:
    """A walk is over: its variables are dead."""
    me.walk.table = 0
    over(s, me.walk, "desc", "entries")


@descriptors.helper
def count_buffer(s: PackedState, me: PackedMainLoop, flags: int) -> None:
    """virtqueue_packed_get_avail_bytes() begins with a buffer, whose first descriptor is available.

    total_bufs of the C is how far idx is ahead of last_avail_idx.
    """
    me.walk.desc = slot(s.cfg, me.idx)
    me.walked = idx_sub(s.cfg, me.idx, s.dev.last_avail_idx)
    keep_flags(s, me, flags)
    me.goto(PackedQ.COUNT_ADDR if names_table(s, True, flags) else PackedQ.COUNT_LEN)


@descriptors.step(at=PackedQ.COUNT_ADDR, only=INDIRECT_DESC)
def virtqueue_packed_get_avail_bytes__addr(s: PackedState, me: PackedMainLoop) -> None:
    """Read where a table is.

    C: virtqueue_packed_get_avail_bytes(), vring_packed_desc_read(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.13 (The Virtqueue Descriptor Format)
    """
    read_addr(s, me)
    me.goto(PackedQ.COUNT_LEN)


@descriptors.step(at=PackedQ.COUNT_FLAGS, only=CHAINS | (DATA & DRIVER_LIES))
def virtqueue_packed_get_avail_bytes__flags(s: PackedState, me: PackedMainLoop) -> None:
    """Read the flags of an entry of a table, or of a later descriptor of a list, whosever that is.

    C: virtqueue_packed_get_avail_bytes(), virtqueue_packed_read_next_desc(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.13 (The Virtqueue Descriptor Format)
    """
    read_flags(s, me)
    me.goto(PackedQ.COUNT_LEN)


@descriptors.step(at=PackedQ.COUNT_LEN, only=DATA)
def virtqueue_packed_get_avail_bytes__len(s: PackedState, me: PackedMainLoop) -> None:
    """Read the length of a descriptor, add it up, and stop as soon as there is enough; of a table go to its entries.

    C: virtqueue_packed_get_avail_bytes(), virtqueue_packed_read_next_desc(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.13 (The Virtqueue Descriptor Format)
    """
    length = read_len(s, me)
    addr, flags = me.walk.addr, me.walk.flags
    over(s, me.walk, "addr", "flags")
    if names_table(s, first_counted(s, me), flags):
        lied(s, TO_DEVICE, me.walked >= s.cfg.size)
        if me.walked >= s.cfg.size or not enter_table(s, me, addr, length):
            leave(s, me)
            count_fails(s, me)
        else:
            me.goto(PackedQ.COUNT_FLAGS)
        return
    me.walked = me.walked + 1
    lied(s, TO_DEVICE, me.walked > there_are(s, me))
    if me.walked > limit(s, me):
        leave(s, me)
        count_fails(s, me)
    elif flags & WRITE != 0 and is_enough(s, me, length):
        leave(s, me)
        judge_buffers(s, me)
    elif next_descriptor(s, me, flags):
        me.goto(PackedQ.COUNT_FLAGS)
    else:
        ahead = idx_sub(s.cfg, me.idx, s.dev.last_avail_idx)
        me.idx = idx_add(s.cfg, me.idx, 1 if in_walked_table(s, me) else me.walked - ahead)
        over(s, me, "walked")
        leave(s, me)
        me.goto(Q.NUM_HEADS)


@descriptors.helper
def is_enough(s: PackedState, me: PackedMainLoop, length: int) -> Any:
    """Add a length up, in which the device may write: is there enough for the packet?"""
    wanted = me.size + s.cfg.header_len
    if me.in_bytes + length >= wanted:
        me.in_bytes = wanted
        return True
    me.in_bytes = me.in_bytes + length
    return False
