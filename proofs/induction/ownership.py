"""Lemmas about ownership: where each buffer is, and that nobody else has it.

Every head has one owner and one place.  Each of the four places (free list,
available ring, hand of the device, used ring) is said in both directions: what
lies there has that owner and place, and who has that owner lies there.  So no
buffer is in two places, and none is in no place, without counting anything.
"""

from __future__ import annotations

from typing import Any

from vrx.models.engines.induction.logic import every, lemma, no, some
from vrx.proofs.induction.situation import ahead, hand, offered, offered_end, returned, softirq, used_end
from vrx.spec.layouts.split.contexts import SplitL
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L
from vrx.spec.ring import idx_add
from vrx.spec.rx import FREE, HELD, OFFERED, USED


@lemma(goal=True)
def not_misused(s: SplitState) -> Any:
    """Nobody ever took, gave or touched a buffer that was not its own.

    Mirrors: VIRTIO 1.4, 2.7.13 (Supplying Buffers to The Device), 2.7.14 (Receiving Used Buffers From The Device)
    """
    return no(s.ghost.misuse)


@lemma(over="heads")
def each_head(s: SplitState, h: Any) -> Any:
    """A free buffer lies on the free list at its height; an offered one in the available ring at its index; a held
    one in the device's hand; a used one in the used ring at its index.  The driver's token says which are out.

    Mirrors: vq->split.desc_state[].data and the free list of desc_extra[].next, drivers/virtio/virtio_ring.c
    """
    owner, place = s.ghost.owner[h], s.ghost.place[h]
    if owner == FREE:
        return every(no(s.vq.token[h]), place < s.vq.num_free) and s.ghost.stack[place] == h
    base = s.dev.last_avail_idx
    if owner == OFFERED:
        there = every(ahead(s, place, base) < ahead(s, offered_end(s), base), offered(s, place) == h)
    elif owner == HELD:
        base = used_end(s)
        if not ahead(s, place, base) < ahead(s, s.dev.last_avail_idx, base):
            return False
        there = hand(s, place) == h
    else:
        base = s.vq.last_used_idx
        there = every(ahead(s, place, base) < ahead(s, used_end(s), base), returned(s, place) == h)
    return every(s.vq.token[h], there)


@lemma(over="heights")
def on_free_list(s: SplitState, p: Any) -> Any:
    """At each height of the free list below num_free lies one free buffer, which links to the one below.

    Mirrors: vq->free_head and desc_extra[].next in virtqueue_add_split() and detach_buf_split(), Linux 6.1
    """
    if not p < s.vq.num_free:
        return True
    head = s.ghost.stack[p]
    if not head < s.cfg.size:
        return False
    links = True
    if p > 0:
        links = s.vq.next[head] == s.ghost.stack[p - 1]
    return every(s.ghost.owner[head] == FREE, s.ghost.place[head] == p, links)


@lemma()
def head_of_list(s: SplitState) -> Any:
    """The next descriptor to be taken is the highest of the free list.

    Mirrors: head = vq->free_head in virtqueue_add_split(), Linux 6.1
    """
    if s.vq.num_free == 0:
        return True
    return s.vq.free_head == s.ghost.stack[s.vq.num_free - 1]


@lemma(over="indices")
def in_available_ring(s: SplitState, i: Any) -> Any:
    """At each index from the device's last_avail_idx on, as far as the driver has written, lies one offered buffer.

    Mirrors: VIRTIO 1.4, 2.7.6 (The Virtqueue Available Ring)
    """
    base = s.dev.last_avail_idx
    if not ahead(s, i, base) < ahead(s, offered_end(s), base):
        return True
    head = offered(s, i)
    if not head < s.cfg.size:
        return False
    return every(s.ghost.owner[head] == OFFERED, s.ghost.place[head] == i)


@lemma(over="indices")
def in_used_ring(s: SplitState, i: Any) -> Any:
    """At each index from the driver's last_used_idx on, as far as the device has written, lies one used buffer.

    Mirrors: VIRTIO 1.4, 2.7.8 (The Virtqueue Used Ring)
    """
    base = s.vq.last_used_idx
    if not ahead(s, i, base) < ahead(s, used_end(s), base):
        return True
    head = returned(s, i)
    if not head < s.cfg.size:
        return False
    return every(s.ghost.owner[head] == USED, s.ghost.place[head] == i)


@lemma()
def in_hand(s: SplitState) -> Any:
    """The buffer that the device has popped and not filled is its own, and its entry in the available ring, which
    virtqueue_unpop() would make valid again, is still there.

    Mirrors: vq->inuse and elem in virtio_net_receive_rcu(), QEMU 7.2, where buffers do not merge
    """
    return _kth_in_hand(s, 0)


@lemma(over="heights")
def each_in_hand(s: SplitState, k: Any) -> Any:
    """Each buffer that the device has popped and not filled is its own, and popped in the order of the ring.

    Mirrors: vq->inuse and elems[] in virtio_net_receive_rcu(), QEMU 7.2, where buffers merge
    """
    return _kth_in_hand(s, k)


def _kth_in_hand(s: SplitState, k: Any) -> Any:
    if not every(s.main.filled <= k, k < s.main.held):
        return True
    head, index = s.main.elems[k], idx_add(s.cfg, s.dev.used_idx, k)
    if not head < s.cfg.size:
        return False
    entry = True if s.cfg.mergeable else offered(s, index) == head
    return every(s.ghost.owner[head] == HELD, s.ghost.place[head] == index, entry)


@lemma(over="indices")
def in_callers_hand(s: SplitState, i: Any) -> Any:
    """For each index from what is filled on, as far as it has popped, a general caller has one buffer in hand, its own.

    Mirrors: vq->inuse, hw/virtio/virtio.c, QEMU 7.2: the elements themselves are the caller's
    """
    base = used_end(s)
    if not ahead(s, i, base) < ahead(s, s.dev.last_avail_idx, base):
        return True
    head = hand(s, i)
    if not head < s.cfg.size:
        return False
    return every(s.ghost.owner[head] == HELD, s.ghost.place[head] == i)


@lemma()
def entry_in_hand(s: SplitState) -> Any:
    """Outside the read of a used entry the driver's copy of it is dead, and a poll begins with nothing received.

    Mirrors: the local variables of virtqueue_get_buf_ctx_split(), Linux 6.1
    """
    me = softirq(s)
    takes = some(me.pc == L.MORE_USED, me.pc == SplitL.USED_ID, me.pc == L.REFILL_TEST)
    return every(
        some(me.pc == SplitL.USED_LEN, every(me.head == 0, me.length == 0, me.flags == 0)), some(takes, no(me.received))
    )


OWNERSHIP = (
    not_misused,
    each_head,
    on_free_list,
    head_of_list,
    in_available_ring,
    in_used_ring,
    in_hand,
    each_in_hand,
    in_callers_hand,
    entry_in_hand,
)
