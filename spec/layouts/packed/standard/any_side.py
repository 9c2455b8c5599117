"""What the most general device and the most general driver do alike on a packed ring.

Both write descriptors of one array: an id, then flags that give the slot to the other side.  Each says in
a structure what it wants to hear of, and reads the other side's.  `Half` is what differs.  `any_device` and
`any_driver` have the steps, each with its clause.

A side that has written several descriptors marks them in any order: the other side looks at one slot, and comes to
what lies behind a gap when the gap is closed (2.8.12, A20).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vrx.spec.layouts.packed.memory import DESC, ENABLE, loc
from vrx.spec.layouts.packed.standard.peers import PackedSide, Ring
from vrx.spec.memory import Barrier, Location, dead, load, mb, rmb, store, wmb
from vrx.spec.ring import idx_add, idx_sub, slot, turn
from vrx.spec.rx import give
from vrx.spec.standard.peers import P
from vrx.spec.standard.virtqueue import Way, decide
from vrx.spec.steps import mark, require
from vrx.spec.words import leading

Mark = Callable[[Any, int], int]


@dataclass(frozen=True)
class Half:
    """What a side of the ring writes, what it looks for, and its barriers.

    name: in what runs are said to pass
    gives, finds: the flags that it writes at an index, and those that it waits for there
    off_wrap, flags: its own structure; their_off_wrap, their_flags: the other side's
    mine, away: the owner of a buffer that it has, and of one that it has given away
    publish, decide, position, arm: the barriers before flags are written, before the other side's structure is
    read and before its position is, and before the look that follows a wish
    """

    name: str
    gives: Mark
    finds: Mark
    off_wrap: Location
    flags: Location
    their_off_wrap: Location
    their_flags: Location
    mine: int
    away: int
    publish: Barrier
    decide: Barrier
    position: Barrier
    arm: Barrier


def is_there(s: Ring, me: PackedSide, half: Half) -> Any:
    """Read the flags of the next slot: has the other side given it, in this lap?"""
    return load(s, me, loc.desc_flags[slot(s.cfg, me.seen)]) == half.finds(s.cfg, me.seen)


def looks(s: Ring, me: PackedSide, half: Half) -> None:
    """Look at the next slot, which is there."""
    require(not me.named)
    require(is_there(s, me, half))
    me.seen = idx_add(s.cfg, me.seen, 1)


def takes(s: Ring, me: PackedSide, half: Half, at: int, before: int) -> Any:
    """Take the buffer of the descriptor at an index.  before: who has it until then.  Returns its head."""
    entry = loc.desc_id[slot(s.cfg, at)]
    head = load(s, me, entry)
    give(s, head, before, half.mine)
    dead(s, entry)
    me.has[head] = True
    return head


def places(s: Ring, me: PackedSide, half: Half, head: int) -> None:
    """Write the id of a buffer, any that it has, into the next slot of its own."""
    require(me.has[head])
    give(s, head, half.mine, half.away, me.placed)
    me.has[head] = False
    store(s, me, loc.desc_id[slot(s.cfg, me.placed)], head)
    me.placed = idx_add(s.cfg, me.placed, 1)


def gives_away(s: Ring, me: PackedSide, half: Half, index: int, ahead: int) -> Any:
    """Write the flags of a descriptor whose id is written.  Returns up to where the other side can see them then.

    index: up to where it can before; ahead: how far behind that the descriptor lies
    """
    c, here = s.cfg, idx_add(s.cfg, index, ahead)
    require(ahead < idx_sub(c, me.placed, index) and not me.heard)
    require(me.first_lap[slot(c, here)] != (here < c.size))
    wmb(s, me, half.publish)
    store(s, me, loc.desc_flags[slot(c, here)], half.gives(c, here))
    me.first_lap[slot(c, here)] = here < c.size
    visible = leading(me.first_lap, lambda n: _given(s, me, idx_add(c, index, n)))
    # Before two laps, which could not be told from none, it has to decide.
    require(idx_sub(c, index, me.tells.told) + visible < turn(c))
    return idx_add(c, index, visible)


def gives_batch_away(s: Ring, me: PackedSide, half: Half, index: int) -> Any:
    """Write the flags of the descriptor that stands for all that is placed; those behind it keep theirs, and are
    skipped.  Returns up to where the other side can see them then."""
    c = s.cfg
    count = idx_sub(c, me.placed, index)
    require(count != 0 and not me.heard)
    require(idx_sub(c, index, me.tells.told) + count < turn(c))
    wmb(s, me, half.publish)
    store(s, me, loc.desc_flags[slot(c, index)], half.gives(c, index))
    return me.placed


def _given(s: Ring, me: PackedSide, index: int) -> Any:
    """Has it written the flags of the descriptor at an index, in that lap?"""
    return me.first_lap[slot(s.cfg, index)] == (index < s.cfg.size)


def decides(s: Ring, me: PackedSide, half: Half, index: int) -> None:
    """Look at what the other side wants to hear of, some time after publishing up to `index`.  Where the flags say that
    a position counts, that comes next."""
    require(me.tells.told != index and not me.heard)
    mb(s, me, half.decide)
    flags = load(s, me, half.their_flags)
    if s.cfg.event_idx and flags == DESC:
        me.heard = True
    else:
        decide(s.cfg, Way(idx=index, quiet=flags), me.tells)


def decides_by_position(s: Ring, me: PackedSide, half: Half, index: int) -> None:
    """Read the position that counts, and decide.  Nothing is published in between."""
    require(me.heard)
    rmb(s, me, half.position)
    me.heard = False
    decide(s.cfg, Way(idx=index, quiet=DESC, event=load(s, me, half.their_off_wrap)), me.tells)


def asks(s: Ring, me: PackedSide, half: Half, wish: int) -> None:
    """Ask to be notified always, never or at a position, whichever is there."""
    require(not me.named)
    store(s, me, half.flags, wish)


def names(s: Ring, me: PackedSide, half: Half, position: int) -> None:
    """Name any position."""
    require(not me.named)
    store(s, me, half.off_wrap, position)


def arms(s: Ring, me: PackedSide, half: Half) -> None:
    """Ask to be notified always, and look once more or sleep."""
    require(not me.named)
    store(s, me, half.flags, ENABLE)
    asked(s, me)


def names_next(s: Ring, me: PackedSide, half: Half) -> None:
    """Name the next slot; the flags come behind."""
    require(not me.named)
    store(s, me, half.off_wrap, me.seen)
    me.named = True


def arms_at_position(s: Ring, me: PackedSide, half: Half) -> None:
    """Ask to be notified at the position, and look once more or sleep."""
    require(me.named)
    me.named = False
    store(s, me, half.flags, DESC)
    asked(s, me)


def asked(s: Ring, me: PackedSide) -> None:
    """What is wanted stands: look once more or sleep."""
    me.goto(P.ARMED if s.cfg.looks_again else P.ASLEEP)


def looks_again(s: Ring, me: PackedSide, half: Half) -> None:
    """Look at the next slot once more, and sleep if it is not there."""
    mb(s, me, half.arm)
    if is_there(s, me, half):
        mark(s, f"the {half.name}'s second look finds work")
        me.seen = idx_add(s.cfg, me.seen, 1)
        me.goto(P.AWAKE)
    else:
        me.goto(P.ASLEEP)
