"""What the most general device and the most general driver do alike on a split ring.

The ring is symmetric: each side writes entries and an index, says what it wants to hear of,
and reads the other side's.  `Half` is what differs.  `any_device` and `any_driver` have the
steps, each with its clause; what only one of them does stands there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vrx.spec.layouts.split.standard.peers import Ring
from vrx.spec.memory import Barrier, Cell, Location, dead, load, mb, store, wmb
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.rx import give
from vrx.spec.standard.peers import P, Side
from vrx.spec.standard.virtqueue import Way, decide
from vrx.spec.steps import mark, require


@dataclass(frozen=True)
class Half:
    """Where a side of the ring writes, where it reads, and its barriers.

    name: in what runs are said to pass
    entries, index: its own; their_index: the other side's
    event, quiet: where it says what it wants to hear of; their_event, their_quiet: where the other side does
    mine, away: the owner of a buffer that it has, and of one that it has given away
    publish, decide, arm: the barriers before its index is written, and before both looks that follow a write
    """

    name: str
    entries: Location
    index: Location
    their_index: Location
    event: Location
    quiet: Location
    their_event: Location
    their_quiet: Location
    mine: int
    away: int
    publish: Barrier
    decide: Barrier
    arm: Barrier


def looks(s: Ring, me: Side, half: Half) -> None:
    """Read the other side's index, which has moved."""
    now = load(s, me, half.their_index)
    require(now != me.seen)
    me.seen = now


def takes(s: Ring, me: Side, half: Half, entry: Cell, before: int) -> Any:
    """Take the buffer of an entry of the other side.  before: who has it until then.  Returns its head."""
    head = load(s, me, entry)
    give(s, head, before, half.mine)
    dead(s, entry)
    me.has[head] = True
    return head


def places(s: Ring, me: Side, half: Half, head: int) -> None:
    """Write the entry of a buffer, any that it has."""
    require(me.has[head])
    give(s, head, half.mine, half.away, me.placed)
    me.has[head] = False
    store(s, me, half.entries[slot(s.cfg, me.placed)], head)
    me.placed = idx_add(s.cfg, me.placed, 1)


def publishes(s: Ring, me: Side, half: Half, index: int, more: int) -> Any:
    """Move the index over one entry and `more` others.  Returns where it stands then."""
    require(more < idx_sub(s.cfg, me.placed, index))
    # Before a full turn of the index, which could not be told from no turn, it has to decide.
    require(idx_sub(s.cfg, index, me.tells.told) + more < s.cfg.last_index)
    wmb(s, me, half.publish)
    moved = idx_add(s.cfg, index, more + 1)
    store(s, me, half.index, moved)
    return moved


def decides(s: Ring, me: Side, half: Half, index: int) -> None:
    """Look at what the other side wants to hear of, some time after publishing up to `index`."""
    require(me.tells.told != index)
    mb(s, me, half.decide)
    way = Way(idx=index)
    if s.cfg.event_idx:
        way.event = load(s, me, half.their_event)
    else:
        way.quiet = load(s, me, half.their_quiet)
    decide(s.cfg, way, me.tells)


def asks(s: Ring, me: Side, half: Half, wish: int) -> None:
    """Ask to be notified in any way: any event index, or flag on or off."""
    store(s, me, half.event if s.cfg.event_idx else half.quiet, wish)


def arms(s: Ring, me: Side, half: Half) -> None:
    """Ask to be notified of the next entry of the other side, and look once more or sleep."""
    asks(s, me, half, me.seen if s.cfg.event_idx else 0)
    me.goto(P.ARMED if s.cfg.looks_again else P.ASLEEP)


def looks_again(s: Ring, me: Side, half: Half) -> None:
    """Read the other side's index once more, and sleep if it has not moved."""
    mb(s, me, half.arm)
    now = load(s, me, half.their_index)
    if now != me.seen:
        mark(s, f"the {half.name}'s second look finds work")
        me.seen = now
        me.goto(P.AWAKE)
    else:
        me.goto(P.ASLEEP)
