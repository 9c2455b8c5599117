"""What a user looks at of a run: packets and their fate, notifications, polls, how full the ring was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from vrx.models.systems.system import Move, System
from vrx.spec.layouts.view import view
from vrx.spec.linux.returns import DROP, LENGTH_ERROR
from vrx.spec.linux.state import L
from vrx.spec.properties import Property, no_stranded_packet
from vrx.spec.qemu.state import Q
from vrx.spec.ring import idx_sub
from vrx.spec.rx import pollers

ARRIVAL = "qemu_net_queue_send"
SHORT = "short packet"
PARKS, WOKEN = "the device parks", "a parked device is woken"
TAKEN = "[the driver takes a buffer]"
"""Counted where the ring's view says so; no mark of a step."""
DRAIN = "a store drains"


def passed(point: IntEnum) -> str:
    """A program point, as it is counted: those of both sides have names and numbers in common."""
    return f"{type(point).__name__}.{point.name}"


DROPPED: dict[str, str] = {
    "dropped, does not fit": "[a packet is dropped]",
    "dropped, nothing to pop": "[virtqueue_pop returns nothing]",
    "dropped, machine stopped": "[not ready]",
    "dropped, filtered out": "[a packet is filtered out]",
    "dropped by the driver, too short": f"[{SHORT}]",
    "dropped by the driver": f"[{DROP}]",
}
"""Why a packet is dropped, and the event that says so."""
COUNTED: dict[str, str] = {
    "packets accepted": ARRIVAL,
    "packets published by the device": passed(Q.FLUSH),
    "buffers taken by the driver": TAKEN,
    **DROPPED,
    "length errors counted by the driver": f"[{LENGTH_ERROR}]",
    "parked": f"[{PARKS}]",
    "woken from parking": f"[{WOKEN}]",
    "device rechecks that found work": "[the device's recheck finds work]",
    "kicks sent": passed(L.NOTIFY),
    "kicks suppressed": "[no kick wanted]",
    "interrupts sent": passed(Q.IRQ),
    "interrupts suppressed": "[no interrupt wanted]",
    "polls": "virtnet_poll",
    "polls that used the whole budget": "[budget exhausted]",
    "driver rechecks that found work": "[virtqueue_poll finds work]",
    "MISSED set": "[MISSED is set]",
    "refills": "[refill]",
    "stores drained": DRAIN,
}
"""What is counted: a name, and the step, the program point or the [mark] that is counted for it."""
FILL, FLUSH = passed(Q.FILL), passed(Q.FLUSH)
REFILL, PIECE = "virtnet_receive__refill", "receive_buf__piece"
"""The points and the steps at which a poll, or a packet, is counted."""
ALWAYS_SHOWN = (
    *("packets accepted", "packets delivered", "packets dropped", "packets published by the device"),
    *("buffers taken by the driver", "parked", "kicks sent", "interrupts sent", "polls", "refills"),
)


@dataclass(frozen=True)
class Occupancy:
    """Who has the descriptors of the ring after a step: posted, in the device's hand, used and not taken, free."""

    step: int
    posted: int
    held: int
    used: int
    free: int


def occupied(s: Any) -> tuple[int, int, int, int]:
    """Who has the descriptors of the ring: posted, in the device's hand, used and not taken, free."""
    ring = view(s)
    return idx_sub(s.cfg, ring.added, ring.popped), s.dev.inuse, idx_sub(s.cfg, ring.used, ring.received), s.vq.num_free


def whole(s: Any) -> bool:
    """After a piece of a packet: has the driver the whole of it, and goes on to the next?"""
    return any(me.pc == L.MORE_USED for me in pollers(s))


@dataclass
class Spread:
    """Numbers of one kind: how many, their sum, the smallest and the largest."""

    count: int = 0
    total: int = 0
    least: int = 0
    most: int = 0

    def add(self, n: int) -> None:
        """One more number."""
        self.least = n if self.count == 0 else min(self.least, n)
        self.most = max(self.most, n)
        self.count += 1
        self.total += n

    @property
    def mean(self) -> float:
        """Their mean; 0 of none."""
        return self.total / self.count if self.count else 0.0

    def as_json(self) -> dict[str, Any]:
        """The numbers, the mean to three places."""
        return {"count": self.count, "mean": round(self.mean, 3), "least": self.least, "most": self.most}

    def __str__(self) -> str:
        return f"{self.mean:,.1f}  ({self.least:,} to {self.most:,})"


@dataclass
class Run:
    """What a simulation saw.

    keep: note how full the ring was, for a plot
    delivered: packets handed to the network layer; where buffers merge, only with `data` are they gathered
    rests: how often everything stood still; waiting: packets in front of the device at the end
    stranded: it waits although the ring could hold it, and the driver sees no reason to refill (docs/refill.md)
    stopped: nothing could go on, or arrive
    violated: the property that failed, after the last step; finished: all packets arrived and everything rests
    moves: every move, for a trace; none of a native run of more than 2**24 steps that breaks nothing
    unconfirmed: the property that failed natively in a run that was interrupted while integers took it
    per_poll: packets of each poll; per_packet: buffers of each published packet; parked: how many steps the device
    was parked each time, parks: from which step to which; still_parked: for how many steps at the end
    """

    system: System
    seed: int
    packets: int
    keep: bool = False
    steps: int = 0
    rests: int = 0
    delivered: int = 0
    events: Counter[str] = field(default_factory=Counter)
    waiting: int = 0
    stranded: bool = False
    violated: Property | None = None
    finished: bool = False
    stopped: bool = False
    interrupted: bool = False
    unconfirmed: str = ""
    moves: Sequence[Move] = field(default_factory=list)
    per_poll: Spread = field(default_factory=Spread)
    per_packet: Spread = field(default_factory=Spread)
    parked: Spread = field(default_factory=Spread)
    still_parked: int = 0
    parks: list[tuple[int, int]] = field(default_factory=list, repr=False)
    occupancy: list[Occupancy] = field(default_factory=list, repr=False)
    polled: int = 0
    filled: int = 0
    received: int = 0
    parked_at: int | None = None

    def begins(self, state: Any) -> None:
        """The run begins in this state."""
        self.received = view(state).received

    def saw(self, move: Move, names: tuple[str, str], marks: Sequence[str], state: Any) -> None:
        """A step was taken; `state` is the one after it.  names: its own, and that of its program point"""
        step, point = names
        received = view(state).received
        taken, self.received = received != self.received, received
        assert isinstance(self.moves, list)
        self.moves.append(move)
        self.steps += 1
        self.events[step] += 1
        self.events[point] += 1
        self.events[TAKEN] += taken
        for mark in marks:
            self.events[f"[{mark}]"] += 1
            if mark == PARKS:
                self.parked_at = self.steps
            elif mark == WOKEN and self.parked_at is not None:
                self.parked.add(self.steps - self.parked_at)
                self.parks.append((self.parked_at, self.steps))
                self.parked_at = None
        if point == FILL:
            self.filled += 1
        elif point == FLUSH:
            self.per_packet.add(self.filled)
            self.filled = 0
        elif step == REFILL:
            self.per_poll.add(self.polled)
            self.polled = 0
        if self._delivers(step, taken, marks, state):
            self.delivered += 1
            self.polled += 1
        elif SHORT in marks or DROP in marks:
            self.polled += 1
        if self.keep:
            self._note(state)

    def _delivers(self, step: str, taken: bool, marks: Sequence[str], s: Any) -> bool:
        """Was this the step at whose end the driver has the whole packet?"""
        if not s.cfg.data:
            return taken
        return step == PIECE and DROP not in marks and whole(s)

    def _note(self, s: Any) -> None:
        now = occupied(s)
        last = self.occupancy[-1] if self.occupancy else None
        if last is None or (last.posted, last.held, last.used, last.free) != now:
            self.occupancy.append(Occupancy(self.steps, *now))

    def ends(self, state: Any) -> None:
        """The run is over."""
        self.waiting = 1 if state.net.queued else 0
        self.stranded = self.stopped and not no_stranded_packet.holds(state)
        if self.parked_at is not None:
            self.still_parked = self.steps - self.parked_at
            self.parks.append((self.parked_at, self.steps))

    def counts(self) -> dict[str, int]:
        """What a user looks at, by name."""
        counted = {name: self.events[event] for name, event in COUNTED.items()}
        if self.system.cfg.data or not self.system.cfg.mergeable:
            counted["packets delivered"] = self.delivered
        counted["packets dropped"] = sum(counted[name] for name in DROPPED)
        order = ["packets accepted", "packets delivered", "packets dropped", *COUNTED]
        return {name: counted[name] for name in dict.fromkeys(order) if name in counted}

    def as_json(self) -> dict[str, Any]:
        """`vrx simulate --json`, described in docs/formats.md."""
        return {
            "version": 1,
            "system": self.system.name,
            "seed": self.seed,
            "packets": self.packets,
            "steps": self.steps,
            "rests": self.rests,
            "waiting": self.waiting,
            "stranded": self.stranded,
            "finished": self.finished,
            "violated": self.violated.name if self.violated else None,
            "delivered": self.delivered,
            "counts": self.counts(),
            "packets_per_poll": self.per_poll.as_json(),
            "buffers_per_packet": self.per_packet.as_json(),
            "parked_steps": {**self.parked.as_json(), "at_end": self.still_parked},
            "events": dict(sorted(self.events.items())),
        }

    def text(self) -> str:
        """The run as a user reads it."""
        counts = self.counts()
        lines = [f"{self.system.name}   seed {self.seed}   {self.steps:,} steps, {self.rests:,} rests", ""]
        lines += [f"{n:10,}  {name}" for name, n in counts.items() if n or name in ALWAYS_SHOWN]
        lines += [f"{self.waiting:10,}  packets waiting at the end", ""]
        for name, spread in (
            ("packets per poll", self.per_poll),
            ("buffers per packet", self.per_packet),
            ("steps parked each time", self.parked),
        ):
            if spread.count:
                lines.append(f"{name:24}{spread}")
        if self.still_parked:
            lines.append(f"{'parked at the end, for':24}{self.still_parked:,} steps")
        if self.stranded:
            lines.append("STRANDED  the packet in front takes more than is posted, and the driver does not refill")
        lines.append("")
        if self.violated:
            lines.append(f"REFUTED  {self.violated.name} after step {self.steps:,}: {self.violated.sentence}")
        elif self.finished:
            lines.append("every invariant held after every step, every property at rest at every rest")
        elif self.unconfirmed:
            lines.append(f"not finished: interrupted while a run that breaks {self.unconfirmed} was taken on integers")
        else:
            why = "interrupted" if self.interrupted else "the limit of steps was reached, or nothing more could arrive"
            lines.append(f"not finished: {why}")
        return "\n".join(lines)
