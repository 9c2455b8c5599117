'''Judging what was observed of a real device or driver by the standard: plain integers, rings of 1 to 1024 and more.

A harness that plays one side, watches the ring and feeds a `Judge` with everything that
happens, in the order in which it is seen:

    judge = Judge(size=256, event_idx=True, mergeable=True, features={"GUEST_CSUM"})
    judge.feed(DriverOk())
    judge.feed(Available(7, capacity=1536))            # head 7 placed in the available ring
    judge.feed(AvailablePublished())                   # avail.idx moved by one
    judge.feed(Kicked())
    judge.feed(AskInterrupts(event=0))                 # the driver wrote used_event (or avail.flags)
    judge.feed(Used(7, 72, Header(num_buffers=1)))     # a used entry, with the header of the packet that begins in it
    judge.feed(UsedPublished())                        # used.idx moved by one
    judge.outstanding()                                # [2.7.7.2-5: the device owes an interrupt]
    judge.feed(Interrupted())                          # ... and pays
    judge.feed(Settled())                              # what is owed now becomes a verdict

`feed` returns the verdicts about this event: an empty list where the standard allows it.  A verdict
names the clause, who broke it and with which force; `deviation` is true for MUST and MUST NOT, and
for rules without a key word; a SHOULD that was not followed is a verdict that is no deviation.

What holds of any harness:

- **Feed entries before the index.**  `Available` (`Used`) once for each entry, then one
  `AvailablePublished(n)` (`UsedPublished(n)`) for the move of the index as it was *seen*, modulo 2**16: a packet
  of several buffers must be seen whole.  Only a packet's first buffer comes with a `Header`;
  `expects_header` says whether the next one is first.  Without `net=True` no headers are looked at.
- **Look at the index before you notify, listen or settle.**  Feed `AskInterrupts` after everything
  that you see in the ring *after* you have written used_event or avail.flags: what the device had
  published by then it may have judged by the old value.  Feed `Interrupted` after what is in the ring
  when you see it.  The same on the other way.  Feeding too late in this sense never accuses anybody
  wrongly; feeding too early may.
- A notification is owed if the publisher must have come to owe one *whenever* after publication it
  looked.  It is advised against only if no moment of looking excuses it.  Notifications in flight
  coalesce: feed each edge that you see.
- **Owed is for ever**: nothing says how soon.  Only `Settled` (the other side had all the time it could
  want) turns what is outstanding into verdicts.
- After a verdict about who has a buffer, or about an index that moved back, nobody knows who has what:
  `lost` is true, and until `Reset` there are no more verdicts.
- What is available is taken at once and what is used is the driver's at once: when a side looks is not observable.
- IN_ORDER: one `Used` may stand for a batch: the buffers made available before it count as used completely, and
  `UsedPublished` counts all of them.  On a receive queue a batch is part of one packet; `header` is the packet's.

The judge calls the transition functions of `spec.standard.virtqueue` and `spec.standard.receive`, the same
that the most general device and driver are made of.  What it adds is that it does not know *when* the
other side looked: it follows the publisher who looks at the moments at which the answer is no
(`_Evader`: what it owes, everybody owes), and the one who looks whenever the answer is yes.
'''

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from vrx.spec.ring import idx_add, idx_sub, turn
from vrx.spec.standard import virtqueue as vq
from vrx.spec.standard.config import StandardConfig
from vrx.spec.standard.events import (
    AskInterrupts,
    AskKicks,
    Available,
    AvailablePublished,
    DriverOk,
    Event,
    Interrupted,
    Kicked,
    Reset,
    Settled,
    Side,
    Suspended,
    Used,
    UsedPublished,
    Verdict,
    verdict,
)
from vrx.spec.standard.header import ECN, ETHERNET, NONE, Header, broken, header_size, whole_size
from vrx.spec.standard.receive import Packet, begin, deliver, fill
from vrx.spec.standard.rules import AGAINST, Forbidden, must
from vrx.spec.standard.wording import PLAIN, Wording

__all__ = [
    "AskInterrupts", "AskKicks", "Available", "AvailablePublished", "DriverOk", "Event", "Header", "Interrupted",
    "Judge", "Kicked", "Reset", "Settled", "Side", "Suspended", "Used", "UsedPublished", "Verdict",
]  # fmt: skip

OWNERSHIP = frozenset(
    {"P-2.7-1", "3.3.1-1", "P-2.7.8-1", "2.7.6.1-1", "2.7.8.2-1", "2.7.13.2-2", "2.1.2-1", "2.4.1-2", "6.2-5"}
)
"""Clauses after whose breach nobody knows who has which buffer."""


@dataclass
class _Eager(vq.Teller):
    """A publisher that looks at every moment at which the answer is yes.  hit: up to where the last yes considered."""

    hit: int = 0


@dataclass
class _State:
    cfg: StandardConfig
    queue: vq.Queue
    packet: Packet = field(default_factory=Packet)
    marks: list[str] | None = None


def _given(size: int | None, otherwise: int) -> int:
    return otherwise if size is None else size


class Judge:
    """Judges one virtqueue.  See the module.

    size: of the queue, on a split ring a power of two; idx_bits: width of positions on a split ring, 16 in VIRTIO
    wording: how the layout words the rules, `spec.layouts.split.standard.wording` and its packed sibling; without it
        nothing is said of addresses
    net: used entries are judged as received packets; features: names without prefix, for the header
    header, whole: smallest buffer that may be (merging), and that should be (not merging) posted, in bytes;
        None: what the standard says for the features
    mtu: of the device's configuration where MTU is negotiated, in bytes; None: it is not
    aligned: the rule of the layout where the parts of a queue may begin, which raises Forbidden; None: nobody asks
    lost: nobody knows any more who has which buffer
    """

    def __init__(
        self,
        size: int,
        *,
        event_idx: bool = False,
        mergeable: bool = False,
        in_order: bool = False,
        net: bool = True,
        features: Collection[str] = (),
        header: int | None = None,
        whole: int | None = None,
        mtu: int | None = None,
        idx_bits: int | None = None,
        wording: Wording = PLAIN,
    ) -> None:
        self.cfg = StandardConfig(
            size=size,
            idx_bits=_given(idx_bits, wording.idx_bits),
            layout=wording.shape,
            event_structure=wording.event_structure,
            event_idx=event_idx,
            mergeable=mergeable,
            max_packet=min(2, size),
            in_order=in_order,
            lengths=True,
            len_bits=32,
            header=_given(header, header_size(features)) if net else 0,
            whole=_given(whole, whole_size(features)) if net else 0,
            frame=0 if mtu is None or not net else _given(header, header_size(features)) + ETHERNET + mtu,
        )
        self.wording = wording
        self.net = net
        self.features = frozenset(features)
        self.lost = False
        self._state = _State(self.cfg, vq.new_queue(self.cfg))
        self._published: deque[int] = deque()
        self._in_turn: deque[int] = deque()
        self._placed: deque[int] = deque()
        self._span: dict[int, int] = {}
        self._first = False
        self._start()
        self._handlers: dict[type[Any], Callable[[Any], None]] = {
            DriverOk: self._driver_ok, Suspended: self._suspended, Available: self._available,
            AvailablePublished: self._available_published, Used: self._used, UsedPublished: self._used_published,
            AskInterrupts: self._ask_interrupts, AskKicks: self._ask_kicks,
            Kicked: self._kicked, Interrupted: self._interrupted,
        }  # fmt: skip
        self._found: list[str] = []

    @property
    def queue(self) -> vq.Queue:
        """The queue as the events have made it.  To be read only."""
        return self._state.queue

    @property
    def expects_header(self) -> bool:
        """Does the next used entry begin a packet?"""
        return self.net and self._state.packet.left == 0

    def feed(self, event: Event) -> list[Verdict]:
        """What the standard says of an event: the rules that it breaks."""
        if isinstance(event, Reset):
            self._reset()
            return []
        if self.lost:
            return []
        if isinstance(event, Settled):
            return self._settled(event)
        state = self._state
        marks: list[str] = []
        state.marks = marks
        self._found = found = []
        try:
            self._handlers[type(event)](event)
        except Forbidden as breach:
            found.append(breach.clause)
        if found and not OWNERSHIP.isdisjoint(found):
            self.lost = True
        if not marks and not found:
            return []
        found += [m.removeprefix(AGAINST) for m in marks if m.startswith(AGAINST)]
        return [self._verdict(clause) for clause in found]

    def _verdict(self, number: str) -> Verdict:
        """By the clause of the layout; who broke it is who has broken the rule of the queue."""
        rule, worded = verdict(number), verdict(self.wording.clause(number))
        return replace(worded, side=rule.side) if worded.side == "both" else worded

    def outstanding(self, side: Side | None = None) -> list[Verdict]:
        """What the sides, or one of them, owe now, by the rules that say so."""
        out = []
        c, q = self.cfg, self.queue
        if q.life == vq.LIVE and not self.lost:
            if side != "driver" and vq.wanted(c, q.returns, self._interrupts.told):
                out.append(self._verdict("2.7.7.2-5" if c.event_idx else "2.7.7.2-3"))
            if side != "device" and vq.wanted(c, q.offers, self._kicks.told):
                out.append(self._verdict("2.7.10.1-6" if c.event_idx else "2.7.10.1-4"))
        return out

    def _start(self) -> None:
        self._kicks, self._interrupts = vq.Teller(), vq.Teller()
        self._eager_kicks, self._eager_interrupts = _Eager(), _Eager()

    def begin_at(self, index: int) -> None:
        """Begin anew with a queue that is empty, and through which `index` buffers have gone, of one slot each."""
        self._reset()
        index %= turn(self.cfg)
        for way in (self.queue.offers, self.queue.returns):
            way.added, way.idx, way.event = index, index, index
        self.queue.received = self.queue.taken = index
        for teller in (self._kicks, self._interrupts, self._eager_kicks, self._eager_interrupts):
            teller.told = index

    def _reset(self) -> None:
        vq.reset(self._state)
        self._state.packet = Packet()
        self._published.clear()
        self._in_turn.clear()
        self._placed.clear()
        self._span.clear()
        self.lost = False
        self._start()

    def _settled(self, event: Settled) -> list[Verdict]:
        owed = self.outstanding(event.side)
        if event.side != "driver":
            self._interrupts.told = self.queue.returns.idx
        if event.side != "device":
            self._kicks.told = self.queue.offers.idx
        return owed

    def _driver_ok(self, event: DriverOk) -> None:
        self._kicks.told = self.queue.offers.idx  # whether buffers posted before are to be announced is open (A7)
        try:
            vq.driver_ok(self._state, event.used_flags)
            self.wording.aligned(*event.where)
        finally:
            self._take_all()

    def _suspended(self, event: Suspended) -> None:
        vq.suspend(self._state)

    def _available(self, event: Available) -> None:
        self._published.append(event.head)
        if self.cfg.in_order:
            self._in_turn.append(event.head)
        if self.cfg.event_structure:
            self._span[event.head] = event.span
        vq.offer(self._state, event.head, event.capacity, self._spans(event.head))

    def _available_published(self, event: AvailablePublished) -> None:
        vq.expose(self._state, self._slots(self._published, event.count))
        self._take_all()
        self._moved(self.queue.offers, self._kicks, self._eager_kicks)

    def _used(self, event: Used) -> None:
        if self.expects_header:
            self._begin(event.header)
        if self.cfg.in_order:
            self._skip_to(event.head)
        self._place(event.head, event.length)

    def _place(self, head: int, length: int) -> None:
        if head < self.cfg.size and self.queue.owner[head] == vq.OFFERED:
            vq.take(self._state, head, self._spans(head))  # has the verdict: all that it could take are taken
        self._placed.append(head)
        if self.net:
            first, self._first = self._first, False
            fill(self._state, head, length, first, self._spans(head))
        else:
            vq.use(self._state, head, length, self._spans(head))

    def _take_all(self) -> None:
        """When the device takes what it may take is not observable: at once."""
        q = self.queue
        while q.life == vq.LIVE and q.taken != q.offers.idx:
            head = self._published.popleft()
            vq.take(self._state, head, self._spans(head))

    def _spans(self, head: int) -> int:
        """How many positions a buffer takes."""
        return self._span.get(head, 1)

    def _slots(self, placed: Collection[int], count: int) -> int:
        """How many positions the next `count` placed buffers take; where each takes one, the number itself."""
        if not self.cfg.event_structure:
            return count
        return sum(self._spans(head) for head in islice(placed, count))

    def _begin(self, header: Header | None) -> None:
        if header is None:
            raise ValueError("a packet begins in this buffer: say what its header holds: Used(..., header=...)")
        self._found += broken(header, self.features)
        self._first = True
        try:
            begin(self._state, header.num_buffers, header.gso_type & ~ECN != NONE)
        except Forbidden as breach:
            self._found.append(breach.clause)
            self._state.packet.left = 1

    def _skip_to(self, head: int) -> None:
        """IN_ORDER: the buffers before it are used completely; on a receive queue, those of the same packet (A11)."""
        most = self._state.packet.left - 1 if self.net else len(self._in_turn)
        if head not in islice(self._in_turn, most + 1):
            return  # `use` has the verdict
        while (before := self._in_turn.popleft()) != head:
            self._place(before, self.queue.capacity[before])

    def _used_published(self, event: UsedPublished) -> None:
        q = self.queue
        try:
            count = self._slots(self._placed, event.count)
            deliver(self._state, count) if self.net else vq.hand_back(self._state, count)
        finally:
            while q.received != q.returns.idx:  # what is used is the driver's: when it looks is not observable
                head = self._placed.popleft()
                vq.receive(self._state, head, self._spans(head))
            self._moved(q.returns, self._interrupts, self._eager_interrupts)

    def _ask_interrupts(self, event: AskInterrupts) -> None:
        try:
            vq.ask_interrupts(self._state, event.flags, event.event)
        finally:
            self._moved(self.queue.returns, self._interrupts, self._eager_interrupts)

    def _ask_kicks(self, event: AskKicks) -> None:
        try:
            vq.ask_kicks(self._state, event.flags, event.event)
        finally:
            self._moved(self.queue.offers, self._kicks, self._eager_kicks)

    def _kicked(self, event: Kicked) -> None:
        vq.kick(self._state, self._eager_kicks)
        self._told(self.queue.offers, self._kicks, self._eager_kicks)
        if event.data is not None:
            must(event.data == self.wording.data(self.cfg.size, self.queue.offers.idx), "P-2.9-1")

    def _interrupted(self, event: Interrupted) -> None:
        vq.interrupt(self._state, self._eager_interrupts)
        self._told(self.queue.returns, self._interrupts, self._eager_interrupts)

    def _moved(self, way: vq.Way, evader: vq.Teller, eager: _Eager) -> None:
        """Something was published, or the listener wants something else: both kinds of publisher may look now."""
        c = self.cfg
        if not vq.wanted(c, way, evader.told):
            vq.decide(c, way, evader)
        if vq.wanted(c, way, eager.told):
            eager.owed = True
            eager.hit = idx_add(c, way.event if c.event_idx else eager.told, 1)
        elif 2 * idx_sub(c, way.idx, eager.told) >= turn(c):  # so far behind that positions would alias
            eager.told = way.idx

    def _told(self, way: vq.Way, evader: vq.Teller, eager: _Eager) -> None:
        """A notification: nothing is owed any more; a publisher who looks often may owe another one at once."""
        evader.told = way.idx
        if idx_sub(self.cfg, eager.hit, eager.told) <= idx_sub(self.cfg, way.idx, eager.told):
            eager.told = eager.hit
        self._moved(way, evader, eager)
