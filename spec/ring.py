"""Ring arithmetic: indices that go around, slots, and the event test.

A ring index counts modulo the `turn` of its layout: 2**idx_bits on a split ring, where
the word wraps.  Every place that adds or compares ring indices goes through these
functions, so that one definition serves every layout, an index of 3 bits, of 16 bits,
and the mathematical integers of the unbounded proofs.
"""

from __future__ import annotations

from typing import Protocol

from vrx.spec.layouts.shape import Shape
from vrx.spec.words import around, pick


class Indexed(Protocol):
    """What ring arithmetic asks of a configuration."""

    @property
    def size(self) -> int:
        """How many entries the ring has."""

    @property
    def layout(self) -> Shape:
        """What the ring looks like."""


def turn(c: Indexed) -> int:
    """How many values a ring index has."""
    return c.layout.turn(c)


def idx_add(c: Indexed, i: int, n: int) -> int:
    """The ring index n places after i.  Spec: VIRTIO 1.4, 2.7.6 (The Virtqueue Available Ring)."""
    return around(i + n, turn(c))


def idx_sub(c: Indexed, a: int, b: int) -> int:
    """How many places a is ahead of b, modulo the turn."""
    return around(a - b, turn(c))


def slot(c: Indexed, i: int) -> int:
    """The ring entry of index i: i modulo the queue size (VIRTIO 1.4, 2.7 and 2.8)."""
    return around(i, c.size)


def three_quarters(n: int, most: int) -> int:
    """n * 3 / 4, rounded down.  most: n is no larger; written without a division, which no term has.

    C: virtqueue_enable_cb_delayed_split(), virtqueue_enable_cb_delayed_packed(), drivers/virtio/virtio_ring.c
    """
    return sum(pick(3 * n >= 4 * k, 1, 0) for k in range(1, 3 * most // 4 + 1))


def vring_need_event(c: Indexed, event: int, new: int, old: int) -> bool:
    """Does a move of the index from old to new pass the event index?

    C: vring_need_event(), include/uapi/linux/virtio_ring.h, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.10 (Available Buffer Notification Suppression)
    """
    n = turn(c)
    return around(new - event - 1, n) < around(new - old, n)
