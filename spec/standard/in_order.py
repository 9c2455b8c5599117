"""VIRTIO_F_IN_ORDER on a ring: buffers come back in the order in which they were made available.

A device may be done with its buffers in any order; what it returns is what it was given first.  One used
entry, with the last buffer's head, may stand for several buffers: the driver knows their order, and takes all of them
back.  The entry stands where the batch begins, and the next one behind the whole batch.

Both layouts go through these functions; what differs is where an entry stands and what publishes it.
"""

from __future__ import annotations

from typing import Any

from vrx.spec.memory import Cell, dead, load, store
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.rx import FREE, HELD, USED, give
from vrx.spec.steps import mark, require


def fills(s: Any, me: Any, head: int) -> None:
    """The device finds the buffer among those that it was given, and notes that it may be returned.

    Spec: VIRTIO 1.4, 2.7.9 (In-order use of descriptors)
    """
    c = s.cfg
    given = idx_sub(c, me.last_avail_idx, me.placed)
    for k in range(c.size):
        here = slot(c, idx_add(c, me.placed, k))
        me.filled[here] = me.filled[here] | ((me.order[here] == head) & (k < given))


def completes(s: Any, me: Any, head: int) -> None:
    """The device is done with a buffer: any that it has, in any order.  The layout's helper `fills` comes behind."""
    require(me.has[head] and not me.finished[head])
    me.finished[head] = True


def returns(s: Any, me: Any, entry: Cell, more: int) -> None:
    """The device writes one used entry for the next buffer and `more` behind it, all of which it is done with.

    What it has written before is published: no entry stands within a batch.
    """
    c = s.cfg
    require(me.placed == me.used_idx and more < idx_sub(c, me.last_avail_idx, me.placed))
    last = 0
    for k in range(c.size):
        here = slot(c, idx_add(c, me.placed, k))
        if k <= more:
            require(me.filled[here])
            last = me.order[here]
            give(s, last, HELD, USED, idx_add(c, me.placed, k))
            me.has[last] = False
            me.finished[last] = False
            me.filled[here] = False
            me.order[here] = 0
    mark(s, "one entry for a batch", when=more > 0)
    store(s, me, entry, last)
    me.placed = idx_add(c, me.placed, more + 1)


def receives(s: Any, me: Any, entry: Cell) -> Any:
    """The driver takes back every buffer up to the one that a used entry names.  Returns how many."""
    c = s.cfg
    head = load(s, me, entry)
    dead(s, entry)
    for k in range(c.size):
        here = slot(c, idx_add(c, me.last_used_idx, k))
        mine = me.order[here]
        give(s, mine, USED, FREE)
        me.has[mine] = True
        me.order[here] = 0
        if mine == head:
            return k + 1
    s.ghost.misuse = True  # a head that it has not offered
    return c.size
