"""Lemmas about ownership: where each buffer is, and that nobody else has it.

Every head has one owner and one place.  Each of the four places (free list,
available ring, hand of the device, used ring) is said in both directions: what
lies there has that owner and place, and who has that owner lies there.  So no
buffer is in two places, and none is in no place, without counting anything.
"""

from __future__ import annotations

from typing import Any

from vrx.models.engines.induction.logic import every, lemma, no
from vrx.proofs.induction.situation import ahead, hand, offered_end, used_end
from vrx.proofs.induction.words import words
from vrx.spec.ring import idx_add, turn
from vrx.spec.rx import FREE, HELD, OFFERED, USED, State


@lemma(goal=True)
def not_misused(s: State) -> Any:
    """Nobody ever took, gave or touched a buffer that was not its own.

    Mirrors: VIRTIO 1.4, 2.7.13 (Supplying Buffers to The Device), 2.7.14 (Receiving Used Buffers From The Device)
    """
    return no(s.ghost.misuse)


@lemma(over="heads")
def each_head(s: State, h: Any) -> Any:
    """A free buffer lies on the free list at its height; an offered one in the available ring at its index; a held
    one in the device's hand; a used one in the used ring at its index.  The driver's token says which are out.

    Mirrors: vq->split.desc_state[].data and the free list of desc_extra[].next, drivers/virtio/virtio_ring.c
    """
    owner, place = s.ghost.owner[h], s.ghost.place[h]
    if not place < turn(s.cfg):
        return False
    if owner == FREE:
        return every(no(words(s).is_out(s, h)), place < s.vq.num_free) and s.ghost.stack[place] == h
    base = s.dev.last_avail_idx
    if owner == OFFERED:
        there = every(ahead(s, place, base) < ahead(s, offered_end(s), base), words(s).offered(s, place) == h)
    elif owner == HELD:
        base = used_end(s)
        if not ahead(s, place, base) < ahead(s, s.dev.last_avail_idx, base):
            return False
        there = hand(s, place) == h
    else:
        base, filled = s.vq.last_used_idx, ahead(s, place, s.dev.used_idx)
        if ahead(s, place, base) < ahead(s, words(s).returned_end(s), base):
            there = words(s).returned(s, place) == h
        elif not filled < s.main.filled:
            return False
        else:
            there = words(s).remembered(s, filled) == h
    return every(words(s).is_out(s, h), there)


@lemma(over="heights")
def on_free_list(s: State, p: Any) -> Any:
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
        links = words(s).next_free(s, head) == s.ghost.stack[p - 1]
    return every(s.ghost.owner[head] == FREE, s.ghost.place[head] == p, links)


@lemma()
def head_of_list(s: State) -> Any:
    """The next descriptor to be taken is the highest of the free list.

    Mirrors: head = vq->free_head in virtqueue_add_split(), Linux 6.1
    """
    if s.vq.num_free == 0:
        return True
    return words(s).first_free(s) == s.ghost.stack[s.vq.num_free - 1]


@lemma(over="indices")
def in_available_ring(s: State, i: Any) -> Any:
    """At each index from the device's last_avail_idx on, as far as the driver has written, lies one offered buffer.

    Mirrors: VIRTIO 1.4, 2.7.6 (The Virtqueue Available Ring)
    """
    base = s.dev.last_avail_idx
    if not ahead(s, i, base) < ahead(s, offered_end(s), base):
        return True
    head = words(s).offered(s, i)
    if not head < s.cfg.size:
        return False
    return every(s.ghost.owner[head] == OFFERED, s.ghost.place[head] == i)


@lemma(over="indices")
def in_used_ring(s: State, i: Any) -> Any:
    """At each index from the driver's last_used_idx on, as far as the device has written, lies one used buffer.

    Mirrors: VIRTIO 1.4, 2.7.8 (The Virtqueue Used Ring); 2.8.22 (Receiving Used Buffers From The Device)
    """
    base, own = s.vq.last_used_idx, words(s)
    if not ahead(s, i, base) < ahead(s, own.returned_end(s), base):
        return True
    head = own.returned(s, i)
    if not head < s.cfg.size:
        return False
    return every(s.ghost.owner[head] == USED, s.ghost.place[head] == i)


@lemma()
def in_hand(s: State) -> Any:
    """The buffer that the device has popped and not filled is its own, and its entry in the available ring, which
    virtqueue_unpop() would make valid again, is still there.

    Mirrors: vq->inuse and elem in virtio_net_receive_rcu(), QEMU 7.2, where buffers do not merge
    """
    return _kth_in_hand(s, 0)


@lemma(over="heights")
def each_in_hand(s: State, k: Any) -> Any:
    """Each buffer that the device has popped and not filled is its own, and popped in the order of the ring.

    Mirrors: vq->inuse and elems[] in virtio_net_receive_rcu(), QEMU 7.2, where buffers merge
    """
    return _kth_in_hand(s, k)


def _kth_in_hand(s: State, k: Any) -> Any:
    if not every(s.main.filled <= k, k < s.main.held):
        return True
    head, index = s.main.elems[k], idx_add(s.cfg, s.dev.used_idx, k)
    if not head < s.cfg.size:
        return False
    entry = True if s.cfg.mergeable else words(s).offered(s, index) == head
    return every(s.ghost.owner[head] == HELD, s.ghost.place[head] == index, entry)


@lemma(over="indices")
def in_callers_hand(s: State, i: Any) -> Any:
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
