"""One virtqueue, free of layout: who has each buffer, what is published, who wants to be notified.

A buffer is known by its head (a descriptor number in a split ring, a buffer ID in a
packed one).  It goes round:

    with the driver --offer--> offered --take--> taken --use--> returned --receive--> with the driver

Two *ways* lead through the queue: offers go to the device, returns to the driver.  On
each way entries have free-running positions: the first entry ever is 0, and a position
is an index of `idx_bits` bits that wraps (16 in VIRTIO).  Placing an entry (`offer`,
`use`) shows it to nobody.  `publish` moves the index of the way, and every entry
before the index can be seen.  Event indices are positions too, which is why they work
alike on both ways and in every layout.

Notification is apart from publication.  Whoever listens on a way says what it wants to
hear of (`ask_interrupts`, `ask_kicks`); whoever publishes looks at that at a moment of its own (`decide`)
and then owes a notification or not; `notify` pays.  Between these an arbitrary time may
pass: whether a wake-up can be lost is a question about their order, and no rule of the
standard alone answers it (A2 of `docs/virtqueue.md`).

The functions are written in the step language.  A guard names its clause
(`spec.standard.rules.must`).  A guard that stands after the effects forbids them just
the same; it stands there so that a judge, who cannot undo what was done, goes on from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol

from vrx.spec.ring import idx_add, idx_sub, vring_need_event
from vrx.spec.sizes import LAST_INDEX, LEN_BITS, TOP_QUIET
from vrx.spec.standard.config import Negotiated
from vrx.spec.standard.rules import must, should
from vrx.spec.words import Array, Bits, Index, Of, Upto, clear

DRIVER, OFFERED, TAKEN, RETURNED = range(4)
"""Who has a buffer: the driver; the queue, on its way to the device; the device; the queue, on its way back."""
SETUP, LIVE, SUSPENDED = range(3)
"""The queue before DRIVER_OK (and after a reset), in use, and suspended."""

AT_EVENT = 2
"""A listener that has a structure for it asks for a notification at the event.  Spec: VIRTIO 1.4, 2.8.14."""

LARGEST_WITHOUT_GSO = 1534
"""Bytes of the largest buffer that a driver without guest GSO should post."""


@dataclass(slots=True)
class Way:
    """One way through the queue.

    added: the position of the next entry to be placed, private to the publisher
    idx: how far entries are published
    quiet: 1 if the listener has asked for no notifications, AT_EVENT if it has asked for one at the event; with the
        event index on a ring that has no structure for both, 0
    event: the position whose publication the listener wants to hear of (with the event index)
    """

    added: Index = 0
    idx: Index = 0
    quiet: Annotated[int, Upto(TOP_QUIET)] = 0
    event: Index = 0


@dataclass(slots=True)
class Teller:
    """Where a publisher stands with its notifications.

    told: everything before this position was considered; owed: a notification has to follow
    """

    told: Index = 0
    owed: bool = False


@dataclass(slots=True)
class Queue:
    """A virtqueue.

    owner: who has each buffer; place: its position on the way where it was last placed
    capacity: how much the device may write into it; length: how much it says to have written
    taken: the position up to which the device has taken offered buffers
    received: the position up to which the driver has received returned ones
    """

    life: Annotated[int, Upto(2)] = SETUP
    owner: Annotated[Array[int], Of(Upto(3))] = field(default_factory=Array)
    place: Annotated[Array[int], Of(Upto(LAST_INDEX))] = field(default_factory=Array)
    capacity: Annotated[Array[int], Of(Bits(LEN_BITS))] = field(default_factory=Array)
    length: Annotated[Array[int], Of(Bits(LEN_BITS))] = field(default_factory=Array)
    offers: Way = field(default_factory=Way)
    returns: Way = field(default_factory=Way)
    taken: Index = 0
    received: Index = 0


class HasQueue(Protocol):
    """A state with a queue in it."""

    cfg: Any
    queue: Queue
    marks: list[str] | None


def new_queue(cfg: Negotiated, life: int = SETUP) -> Queue:
    """A queue whose buffers are all with the driver."""
    lengths = cfg.size if cfg.lengths else 0
    owner, place, capacity, length = (Array([0] * n) for n in (cfg.size, cfg.size, lengths, lengths))
    return Queue(life, owner, place, capacity, length)


# The driver.


def offer(s: HasQueue, head: int, capacity: int = 0, span: int = 1) -> None:
    """The driver places a buffer among the offers.

    capacity: how much the device may write into it; span: how many positions it takes, more than 1 in a packed ring
    where it is a list

    Spec: VIRTIO 1.4, 2.7.13 (Supplying Buffers to The Device)
    """
    q, c = s.queue, s.cfg
    must(head < c.size, "P-2.7-1")
    must(q.owner[head] == DRIVER, "3.3.1-1")
    q.owner[head] = OFFERED
    q.place[head] = q.offers.added
    q.offers.added = idx_add(c, q.offers.added, span)
    if c.lengths:
        q.capacity[head] = capacity
        if c.mergeable:
            must(capacity >= c.header, "5.1.9.3.1-3")
        else:
            should(s, capacity >= c.whole, "5.1.9.3.1-1" if c.whole > LARGEST_WITHOUT_GSO else "5.1.9.3.1-2")


def expose(s: HasQueue, count: int) -> None:
    """The driver moves the index of the offers over `count` entries that it has placed.

    An index that moves over what was not placed has been moved back, or over nothing.

    Spec: VIRTIO 1.4, 2.7.13.3 (Updating idx)
    """
    must(count <= idx_sub(s.cfg, s.queue.offers.added, s.queue.offers.idx), "2.7.6.1-1")
    publish(s.cfg, s.queue.offers, count)
    must(s.queue.life != SUSPENDED, "3.4.1-3")


def receive(s: HasQueue, head: int, span: int = 1) -> None:
    """The driver takes the next returned buffer back.  span: as it was offered.

    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    q, c = s.queue, s.cfg
    must(q.owner[head] == RETURNED and q.received != q.returns.idx and q.place[head] == q.received, "3.3.1-1")
    q.owner[head] = DRIVER
    q.place[head] = 0
    if c.lengths:
        q.capacity[head] = 0
        q.length[head] = 0
    q.received = idx_add(c, q.received, span)


# The device.


def take(s: HasQueue, head: int, span: int = 1) -> None:
    """The device takes the next offered buffer: from now on it reads and writes the buffer.  span: as it was offered.

    Next, because an entry that is passed over may be overwritten as soon as a later buffer
    is returned.  The driver cannot see the order; use follows in any order.

    Spec: VIRTIO 1.4, 2.7.13.3 (Updating idx)
    """
    q, c = s.queue, s.cfg
    must(q.life != SETUP, "2.1.2-1")
    must(q.life != SUSPENDED, "3.4.2-3")
    must(q.owner[head] == OFFERED and q.taken != q.offers.idx and q.place[head] == q.taken, "2.7.13.2-2")
    q.owner[head] = TAKEN
    q.taken = idx_add(c, q.taken, span)
    if not c.in_order:
        q.place[head] = 0  # where it was offered matters no more


def use(s: HasQueue, head: int, length: int = 0, span: int = 1) -> None:
    """The device places a taken buffer, any of them, among the returns.

    length: how much it says to have written; span: as it was offered

    Spec: VIRTIO 1.4, 2.7.8 (The Virtqueue Used Ring)
    """
    q, c = s.queue, s.cfg
    must(head < c.size, "P-2.7.8-1")
    must(q.owner[head] == TAKEN, "P-2.7.8-1")
    in_turn = q.place[head] == q.returns.added
    q.owner[head] = RETURNED
    q.place[head] = q.returns.added
    q.returns.added = idx_add(c, q.returns.added, span)
    if c.in_order:
        must(in_turn, "6.2-5")
    if c.lengths:
        q.length[head] = length
        must(length <= q.capacity[head], "P-2.7.8-2")
    must(q.life != SUSPENDED, "3.4.2-3")


def hand_back(s: HasQueue, count: int) -> None:
    """The device moves the index of the returns over `count` entries that it has placed, ids and lengths complete.

    Spec: VIRTIO 1.4, 2.7.8.2 (Device Requirements: The Virtqueue Used Ring)
    """
    must(s.queue.life != SETUP, "2.4.1-2")
    must(count <= idx_sub(s.cfg, s.queue.returns.added, s.queue.returns.idx), "2.7.8.2-1")
    publish(s.cfg, s.queue.returns, count)
    must(s.queue.life != SUSPENDED, "3.4.2-3")


# Either side.


def publish(c: Negotiated, way: Way, count: int) -> None:
    """Move the index of a way: `count` more entries can be seen."""
    way.idx = idx_add(c, way.idx, count)


def ask_interrupts(s: HasQueue, quiet: int, event: int) -> None:
    """The driver says what it wants to hear of.  quiet: avail.flags as it stands; event: used_event.

    Spec: VIRTIO 1.4, 2.7.7.1 (Driver Requirements: Used Buffer Notification Suppression)
    """
    if s.cfg.event_structure:
        ask_by_structure(s.cfg, s.queue.returns, quiet, event)
        return
    listen(s.cfg, s.queue.returns, quiet & 1, event)
    must(quiet <= 1, "2.7.7.1-1")
    must(quiet == 0 or not s.cfg.event_idx, "2.7.7.1-3")


def ask_kicks(s: HasQueue, quiet: int, event: int) -> None:
    """The device says what it wants to hear of.  quiet: used.flags as it stands; event: avail_event.

    Spec: VIRTIO 1.4, 2.7.10.2 (Device Requirements: Available Buffer Notification Suppression)
    """
    if s.cfg.event_structure:
        ask_by_structure(s.cfg, s.queue.offers, quiet, event)
        return
    listen(s.cfg, s.queue.offers, quiet & 1, event)
    must(quiet <= 1, "2.7.10.2-1")
    must(quiet == 0 or not s.cfg.event_idx, "2.7.10.2-3")


def listen(c: Negotiated, way: Way, quiet: int, event: int) -> None:
    """What the listener on a way wants from now on.  The field that the configuration gives no meaning is not seen."""
    if c.event_idx:
        way.event = event
    else:
        way.quiet = quiet


def ask_by_structure(c: Negotiated, way: Way, flags: int, event: int) -> None:
    """A listener says by an event suppression structure what it wants from now on.  flags: as they stand there.

    What flags do not say that nobody knows, or that refer to an event that was not negotiated, is not
    written: nothing is owed to who asks so (A3).

    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression), 2.8.14 (Event Suppression Structure Format)
    """
    known = flags <= 1 or (flags == AT_EVENT and c.event_idx)
    way.quiet = flags if known else 1
    if c.event_idx:
        way.event = event
    must(known, "P-2.8.10-1")


def wanted(c: Negotiated, way: Way, told: int) -> bool:
    """Does the listener want to hear of what was published since position `told`?

    Without the event index: yes, unless it has asked for quiet; the event index is not looked at.
    With it: if the event position is among what was published; quiet is looked at where a structure has both.

    Spec: VIRTIO 1.4, 2.7.7.2 (Device Requirements: Used Buffer Notification Suppression),
    2.7.10.1 (Driver Requirements: Available Buffer Notification Suppression)
    """
    if c.event_idx and (not c.event_structure or way.quiet == AT_EVENT):
        return vring_need_event(c, way.event, way.idx, told)
    return way.quiet == 0 and way.idx != told


def decide(c: Negotiated, way: Way, teller: Teller) -> None:
    """The publisher looks at what the listener wants: does it owe a notification?

    Spec: VIRTIO 1.4, 2.7.7.2 (Device Requirements: Used Buffer Notification Suppression),
    2.7.10.1 (Driver Requirements: Available Buffer Notification Suppression)
    """
    if wanted(c, way, teller.told):
        teller.owed = True
    teller.told = way.idx


def kick(s: HasQueue, teller: Teller) -> None:
    """The driver notifies the device.  One that the device does not want is advised against and allowed.

    Without the event index the clause speaks of a device that asked for quiet: a
    kick that announces nothing is not advised against while it has not.  The packed
    chapter advises against none.

    Spec: VIRTIO 1.4, 2.7.13.4 (Notifying The Device)
    """
    must(s.queue.life != SETUP, "3.1.1-7")
    must(s.queue.life != SUSPENDED, "3.4.1-4")
    if s.cfg.event_structure:
        pass
    elif s.cfg.event_idx:
        should(s, teller.owed, "2.7.10.1-7")
    else:
        should(s, teller.owed or s.queue.offers.quiet == 0, "2.7.10.1-3")
    teller.owed = False


def interrupt(s: HasQueue, teller: Teller) -> None:
    """The device notifies the driver.  One that the driver does not want is advised against and allowed.

    Spec: VIRTIO 1.4, 2.7.7 (Used Buffer Notification Suppression)
    """
    must(s.queue.life != SETUP, "2.1.2-1")
    must(s.queue.life != SUSPENDED, "3.4.2-3")
    if s.cfg.event_structure:
        pass
    elif s.cfg.event_idx:
        should(s, teller.owed, "2.7.7.2-6")
    else:
        should(s, teller.owed or s.queue.returns.quiet == 0, "2.7.7.2-2")
    teller.owed = False


# The life of the queue.


def driver_ok(s: HasQueue, used_flags: int = 0) -> None:
    """The driver has finished setting up, or resumes: the queue is live.  used_flags: what it left in used.flags.

    Spec: VIRTIO 1.4, 3.3 (Device Cleanup), 2.7.10.1 (Driver Requirements: Available Buffer Notification Suppression)
    """
    resumes = s.queue.life == SUSPENDED
    s.queue.life = LIVE
    must(resumes or used_flags == 0, "2.7.10.1-1")


def suspend(s: HasQueue) -> None:
    """The driver sets SUSPEND and the device reports it."""
    s.queue.life = SUSPENDED


def reset(s: HasQueue) -> None:
    """The device or the queue is reset: everything is as at the start, all buffers are with the driver.

    Spec: VIRTIO 1.4, 2.4 (Device Reset), 2.6.1 (Virtqueue Reset)
    """
    q = s.queue
    q.life = SETUP
    for array in (q.owner, q.place, q.capacity, q.length):
        clear(array)
    for way in (q.offers, q.returns):
        way.added, way.idx, way.quiet, way.event = 0, 0, 0, 0
    q.taken = 0
    q.received = 0
