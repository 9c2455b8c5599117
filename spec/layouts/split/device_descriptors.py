"""hw/virtio/virtio.c: the walk over the descriptors of a buffer, in the ring or in an indirect table, QEMU 7.2.

Twice for every packet: virtqueue_get_avail_bytes() adds the lengths up,
virtqueue_split_pop() collects the pieces of one element.  Each descriptor is one
copy of 16 bytes.  Only systems with data have any.
"""

from __future__ import annotations

from typing import Any

from vrx.spec.layouts.split.contexts import SplitMainLoop
from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.memory import Barrier, load, over, wmb
from vrx.spec.rx import TO_DEVICE, lied
from vrx.spec.steps import Machine
from vrx.spec.words import pick

descriptors = Machine("hw/virtio/virtio.c")
NEXT_DESC_WMB = Barrier("virtqueue_split_read_next_desc__wmb", "wmb", "virtqueue_split_read_next_desc()")
"""Between `next` and the look at it: meant for the compiler, as its comment says."""
CHAIN_BARRIERS = (NEXT_DESC_WMB,)


@descriptors.helper
def read_descriptor(s: SplitState, me: SplitMainLoop) -> Any:
    """The descriptor that comes next: addr, len, flags, next, copied at once.

    C: vring_split_desc_read(), hw/virtio/virtio.c, QEMU 7.2
    """
    if s.cfg.indirect and me.table != 0:
        return load(s, me, loc.table[(me.table - 1) * s.cfg.segments + me.desc])
    return load(s, me, loc.desc[me.desc])


@descriptors.helper
def limit(s: SplitState, me: SplitMainLoop) -> int:
    """How many descriptors the ring or the table in hand has: a walk over more is a loop (max of the C)."""
    return me.entries if s.cfg.indirect and me.table != 0 else s.cfg.size


def there_are(s: SplitState, me: SplitMainLoop) -> int:
    """The same as the ghost has it, so that it is no lie where `limit` is wrong."""
    return pick(me.table != 0, me.entries, s.cfg.size) if s.cfg.indirect else s.cfg.size


@descriptors.helper
def enter_table(s: SplitState, me: SplitMainLoop, addr: int, length: int) -> bool:
    """Go on in an indirect table; false where it has no entry or cannot be mapped."""
    lied(s, TO_DEVICE, (length == 0) | (length > s.cfg.segments) | (addr == 0))
    if length == 0 or length > s.cfg.segments or addr == 0:
        return False
    me.table = addr
    me.entries = length
    me.walked = 0
    me.desc = 0
    return True


@descriptors.helper
def next_descriptor(s: SplitState, me: SplitMainLoop, following: int) -> bool:
    """Go on where a descriptor says; false where the ring or the table has nothing there.

    C: virtqueue_split_read_next_desc(), hw/virtio/virtio.c, QEMU 7.2
    """
    wmb(s, me, NEXT_DESC_WMB)
    lied(s, TO_DEVICE, following >= there_are(s, me))
    if following >= limit(s, me):
        return False
    me.desc = following
    return True


@descriptors.helper
def leave(s: SplitState, me: SplitMainLoop) -> None:
    """A walk is over: its variables are dead."""
    me.table = 0
    over(s, me, "desc", "entries")
