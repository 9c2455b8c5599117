"""What is wrong in a state where a property fails, in words, where the values alone say too little.

Plain functions of a state of integers; `Property.explain` has one of them.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from vrx.spec.layouts.view import view
from vrx.spec.ring import idx_sub
from vrx.spec.rx import FREE, HELD, USED

OWNERS = ("free", "offered", "with the device", "filled", "part of a chain")
"""Whose a buffer is, by the number that `ghost.owner` has."""


def counted(n: int, thing: str) -> str:
    """`1 step`, `2 steps`, `1,000 steps`."""
    return f"{n:,} {thing}" + ("" if n == 1 else "s")


def buffers(s: Any, begin: int, end: int) -> int:
    """How many buffers lie between two ring indices, which count descriptors on some rings."""
    return idx_sub(s.cfg, end, begin) // int(s.cfg.ndescs)


def entries_not_taken(s: Any) -> str:
    """How many used entries wait, and where the NAPI is."""
    waiting = buffers(s, view(s).received, view(s).returned)
    entries = "entry" if waiting == 1 else "entries"
    if not s.napi.sched:
        napi = "NAPI asleep"
    elif s.napi.poll_list:
        napi = f"NAPI on the list of CPU {s.napi.poll_list - 1}"
    else:
        napi = "SCHED set and the NAPI on no list"
    interrupt = f"{'an' if s.lines.irq else 'no'} interrupt on its way"
    return f"{waiting} used {entries} that the driver has not taken, {napi}, {interrupt}"


def packet_not_taken(s: Any) -> str:
    """What waits in front of the device, and how many buffers are posted."""
    posted = buffers(s, view(s).popped, view(s).offered)
    kick = "a" if s.lines.kick else "no"
    if s.cfg.general:
        waits = f"the device waits for {counted(s.net.queued, 'buffer')}"
    elif s.cfg.data:
        header, one = s.cfg.amount(s.cfg.hdr_len), s.cfg.amount(s.cfg.capacity)
        waits = f"a packet of {s.cfg.amount(s.net.queued)} and a header of {header} waits, a buffer holds {one}"
    else:
        waits = f"a packet of {s.cfg.amount(s.net.queued)} waits"
    return f"{waits}, {counted(posted, 'buffer')} posted, the device is parked, {kick} kick on its way"


def buffers_held(s: Any) -> str:
    """How many buffers the device keeps."""
    held = buffers(s, view(s).returned, view(s).popped)
    return f"the device has taken {counted(held, 'buffer')} and neither published nor given back"


def not_idle(s: Any) -> str:
    """Which contexts are in the middle of something, and which store buffers hold stores."""
    contexts = [c for cpu in s.cpus for c in (cpu.hardirq, cpu.softirq)] + [*s.opener, *s.busy, *s.netpoll, s.main]
    stuck = [f"{c.name} at {_point(c)}" for c in contexts if c.pc != 0]
    stuck += [f"{b.name} hold {counted(b.count, 'store')}" for b in s.buffers if b.count]
    return "not idle: " + ", ".join(stuck)


def _point(context: Any) -> str:
    point: IntEnum = context.point(int(context.pc))
    return point.name


def not_its_own(s: Any) -> str:
    """Whose the buffers are."""
    owners = ", ".join(f"buffer {i} {OWNERS[int(o)]}" for i, o in enumerate(s.ghost.owner))
    return f"a side took, gave or touched a buffer that is not its own ({owners})"


def not_conserved(s: Any) -> str:
    """How many descriptors are free and in hand, and how many the two sides believe."""
    free = sum(1 for o in s.ghost.owner if o == FREE)
    held = sum(1 for o in s.ghost.owner if o in (HELD, USED))
    return f"num_free {s.vq.num_free} but {free} free; the device has {s.main.held} in hand but owns {held}"


def inuse_and_hand(s: Any) -> str:
    """What inuse says, and what it should."""
    return f"inuse {s.dev.inuse}, elements in the device's hand {s.main.held}"


def who_gave_up(s: Any) -> str:
    """Which sides declared the ring broken."""
    sides = [side for side, broken in (("driver", s.vq.broken), ("device", s.dev.broken)) if broken]
    return " and ".join(sides) + " declared the ring broken"
