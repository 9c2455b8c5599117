"""The standard looks on: what happens to a split ring in memory, followed by the rules, step by step.

`follow` compares the ring before and after a step of any machine, and takes the same
course on a queue of the standard: entries over which avail.idx has moved are offers,
those over which used.idx has moved are returns, a changed flag or event index is a wish,
a raised line a notification.  A change that is none of these is nothing that the
standard sees.  So a step either is a step of the standard, or changes nothing that it
sees, or breaks a rule, whose number is kept.

Both publishers are taken for evaders (see `spec.standard.judge`): whatever the device and
the driver think they owe, this is the least that the rules make of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any

from vrx.spec.layouts.split.standard.peers import Ring
from vrx.spec.layouts.split.standard.rules import RULES
from vrx.spec.memory import StoreBuffer
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.standard import virtqueue as vq
from vrx.spec.standard.peers import Watch
from vrx.spec.standard.rules import Forbidden, must


@dataclass
class _At:
    """The standard's queue as its functions want it."""

    cfg: Any
    queue: vq.Queue
    marks: list[str] | None = None


@dataclass(frozen=True)
class Picture:
    """What of the ring the standard sees at one moment."""

    avail_idx: int
    used_idx: int
    interrupts: tuple[int, int]
    kicks: tuple[int, int]
    irq: bool
    kick: bool
    avail: tuple[int, ...]
    used: tuple[int, ...]


def picture(s: Ring) -> Picture:
    """The ring as it is now."""
    ring, lines = s.ring, s.lines
    return Picture(
        ring.avail_idx,
        ring.used_idx,
        (ring.avail_flags, ring.used_event),
        (ring.used_flags, ring.avail_event),
        lines.irq,
        lines.kick,
        tuple(ring.avail_ring[:]),
        tuple(ring.used_id[:]),
    )


@cache
def watched(run: Callable[..., None]) -> Callable[..., None]:
    """The step with the standard looking on: the same function for the same step, so that equal systems are equal."""

    @wraps(run)
    def step(s: Ring, me, **choices: int) -> None:  # type: ignore[no-untyped-def]  # who runs it: as the step itself
        before = picture(s)
        run(s, me, **choices)
        if s.watch is not None and s.watch.broken == 0:
            try:
                follow(s, s.watch, me, before)
            except Forbidden as breach:
                s.watch.broken = 1 + RULES.index(breach.clause)

    return step


def follow(s: Ring, watch: Watch, me: Any, before: Picture) -> None:
    """Take the course on the standard's queue that the ring has taken since `before`."""
    c, q, ring = s.cfg, watch.queue, s.ring
    at = _At(c, q)
    q.life = vq.LIVE  # throughout: said here, so that no engine reads the steps for another life
    _entries_keep(s, me, before)
    offered = _passes(at, ring.avail_ring, before.avail_idx, ring.avail_idx, (vq.offer, vq.expose, vq.take))
    returned = _passes(at, ring.used_id, before.used_idx, ring.used_idx, (vq.use, vq.hand_back, vq.receive))
    asked = _asks(at, ring.avail_flags, ring.used_event, before.interrupts, vq.ask_interrupts)
    if asked or returned != 0 or s.lines.irq:
        _evade(c, q.returns, watch.interrupts, s.lines.irq)
    asked = _asks(at, ring.used_flags, ring.avail_event, before.kicks, vq.ask_kicks)
    if asked or offered != 0 or s.lines.kick:
        _evade(c, q.offers, watch.kicks, s.lines.kick)


def _passes(at: _At, entries: Any, before: int, now: int, rules: tuple[Any, Any, Any]) -> int:
    """Entries have become visible up to index `now`: each is written, all are published, each is taken at once.

    rules: these three functions of the standard.  Returns how many entries.
    """
    c = at.cfg
    count = idx_sub(c, now, before)
    written, published, taken = rules
    if count != 0:
        heads = [entries[slot(c, idx_add(c, before, k))] for k in range(c.size)]
        for k, head in enumerate(heads):
            if k < count:
                written(at, head)
        published(at, count)
        for k, head in enumerate(heads):
            if k < count:
                taken(at, head)
    return count


def _asks(at: _At, flags: int, event: int, before: tuple[int, int], rule: Any) -> bool:
    """A side says by flags and event what it wants to hear of, if that is another wish than before."""
    asked = flags != before[0] or event != before[1]
    if asked:
        rule(at, flags, event)
    return asked


def _evade(c: Any, way: vq.Way, teller: vq.Teller, told: bool) -> None:
    """Whoever has not to notify now considers it done.  told: a notification is on its way and covers everything."""
    if told or not vq.wanted(c, way, teller.told):
        vq.decide(c, way, teller)
        teller.owed = False


def _entries_keep(s: Ring, me: Any, before: Picture) -> None:
    """What is published stays as it is until the other side has read it."""
    c, ring = s.cfg, s.ring
    side = me.side if isinstance(me, StoreBuffer) else "device" if id(me) in (id(s.dev), id(s.main)) else "driver"
    for i in range(c.size):
        if side == "driver" and ring.avail_ring[i] != before.avail[i]:
            pending = idx_sub(c, before.avail_idx, s.dev.last_avail_idx)
            must(slot(c, idx_sub(c, i, s.dev.last_avail_idx)) >= pending, "3.3.1-1")
        if side == "device" and ring.used_id[i] != before.used[i]:
            pending = idx_sub(c, before.used_idx, s.vq.last_used_idx)
            must(slot(c, idx_sub(c, i, s.vq.last_used_idx)) >= pending, "P-2.7.8-1")
