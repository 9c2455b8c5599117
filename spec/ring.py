"""Ring arithmetic: free-running indices, slots, and the event test.

Every place that adds or compares ring indices goes through these functions, so
that one definition serves an index of 3 bits, of 16 bits, and the mathematical
integers of the unbounded proofs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from vrx.spec.words import Number, wrap

if TYPE_CHECKING:
    from vrx.spec.config import Config


def idx_add(c: Config, i: int, n: int) -> int:
    """The ring index n places after i.  Spec: VIRTIO 1.4, 2.7.6 (The Virtqueue Available Ring)."""
    return wrap(i + n, c.idx_bits)


def idx_sub(c: Config, a: int, b: int) -> int:
    """How many places a is ahead of b, modulo the index width."""
    return wrap(a - b, c.idx_bits)


def slot(c: Config, i: int) -> int:
    """The ring entry of index i: i modulo the queue size, a power of two (VIRTIO 1.4, 2.7)."""
    if isinstance(i, int) and isinstance(c.size, int):
        return i % c.size
    return cast(int, cast(Number, i).slot_of(c.size))


def vring_need_event(c: Config, event: int, new: int, old: int) -> bool:
    """Does a move of the index from old to new pass the event index?

    C: vring_need_event(), include/uapi/linux/virtio_ring.h, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.10 (Available Buffer Notification Suppression)
    """
    return wrap(new - event - 1, c.idx_bits) < wrap(new - old, c.idx_bits)
