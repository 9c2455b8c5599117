"""What must happen in the end: claims about runs that never stop, and the fairness that they assume.

A claim names the situation that may not last for ever.  It is refuted by a
*fair cycle*, a loop of states all in that situation that no fair scheduler would
leave and that makes no progress, or by a rest in it that nothing excuses.  Where the
claim is that something does not happen again and again, only cycles on which it does count.

Fairness, per context: one that is enabled without a break takes a step (weak
fairness: the main loop, hard interrupts, store buffers); a softirq, which the
interrupts of its CPU hold up again and again, takes a step if it is enabled again
and again (strong fairness), and so does a hard interrupt where the environment may
stop the machine again and again.  The environment owes nobody anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Literal, cast, overload

from vrx.spec import parts
from vrx.spec.bound_names import remember_question
from vrx.spec.layouts.view import view
from vrx.spec.linux.state import HardIrq, L, Softirq
from vrx.spec.meaning import meaningless
from vrx.spec.parts import NOTHING, Parts, only_parts
from vrx.spec.property import Told, answering, sentence_of
from vrx.spec.ring import idx_sub
from vrx.spec.rx import State, pollers
from vrx.spec.steps import ModelError, only_where
from vrx.spec.switch import ANYWHERE, Where
from vrx.spec.switches import DATA, DEVICE_LIES, DRIVER_LIES, GENERAL, LIAR, MERGEABLE, NOTIFY
from vrx.spec.words import Condition

FAIRNESS = "fair: weakly per context, softirqs strongly (hard interrupts too where the machine stops, or netpoll polls)"
Side = Literal["device", "driver"]


def is_strong(cfg: Any, context: Any) -> bool:
    """Does the context step if it is enabled again and again?  What others hold up again and again does: a softirq
    (its CPU's interrupts preempt it), and a hard interrupt of a machine that is stopped and goes on, or where netpoll
    turns interrupts off."""
    if isinstance(context, HardIrq):
        return bool(cfg.stops or getattr(cfg, "netpolls", False))
    return isinstance(context, Softirq)


@dataclass(frozen=True)
class Liveness:
    """A named claim that a situation does not last for ever.

    lasts: the situation, asked of every state of a cycle
    stuck: whether a rest in this state refutes the claim as well; None: no rest does
    side: the cycles in question consist of steps of this side alone, and the environment does nothing
    same: a number that progress changes: along a cycle in question it stays as it is; None: any cycle counts
    again: what may not happen again and again: a cycle in question has a state where it holds; None: any cycle counts
    only, reads: where the claim has a meaning (`spec.meaning`)
    waking: it speaks of what wakes a side up, and has no meaning where nothing comes to rest
    about: what it speaks of beside the situation; where no reachable state is such, that it holds says nothing
    explain: what is wrong at the end of a run that refutes it, a rest or a state of the cycle; None: the values say it
    Claims are equal where they ask the same objects, whatever these say about `==`.
    """

    name: str
    sentence: str
    lasts: Callable[[Any], bool] = field(compare=False)
    stuck: Callable[[Any], bool] | None = field(default=None, compare=False)
    side: Side | None = None
    same: Callable[[Any], int] | None = field(default=None, compare=False)
    only: Where = ANYWHERE
    reads: Parts = NOTHING
    again: Callable[[Any], bool] | None = field(default=None, compare=False)
    about: Callable[[Any], bool] | None = field(default=None, compare=False)
    waking: bool = True
    explain: Callable[[Any], str] | None = field(default=None, compare=False)
    asks: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        asked = (self.lasts, self.stuck, self.same, self.again, self.about, self.explain)
        object.__setattr__(self, "asks", tuple(map(id, asked)))
        only_where(self.name, self.only)
        only_parts(self.name, self.reads)
        remember_question(self.lasts, self.stuck, self.same, self.again, self.about)

    @property
    def needs(self) -> Where:
        """Where it has a meaning: `only`, and where something comes to rest."""
        return NOTIFY & self.only if self.waking else self.only

    def meaningless(self, cfg: Any) -> str:
        """Why the claim has no meaning for systems with this configuration; an empty string where it has one."""
        return meaningless(cfg, self.needs, self.reads)


Asked = Callable[[Any], bool]


ITSELF: Literal["itself"] = "itself"
"""Stands for the situation itself in `never_forever`."""


@overload
def never_forever(lasts: Asked) -> Liveness: ...
@overload
def never_forever(
    *,
    stuck: Asked | Literal["itself"] | None = ITSELF,
    side: Side | None = None,
    same: Callable[[Any], int] | None = None,
    again: Asked | None = None,
    about: Asked | None = None,
    only: Where = ANYWHERE,
    reads: Parts = NOTHING,
    waking: bool = True,
    explain: Told | None = None,
) -> Callable[[Asked], Liveness]: ...
def never_forever(
    lasts: Asked | None = None,
    *,
    stuck: Asked | Literal["itself"] | None = ITSELF,
    side: Side | None = None,
    same: Callable[[Any], int] | None = None,
    again: Asked | None = None,
    about: Asked | None = None,
    only: Where = ANYWHERE,
    reads: Parts = NOTHING,
    waking: bool = True,
    explain: Told | None = None,
) -> Any:
    """Decorator: the situation that the function describes does not last for ever; its docstring is the claim.

    The options are the fields of `Liveness`; unless `stuck` says otherwise, a rest in the situation refutes it too.
    That p leads to q, where p stays until then, is the claim that p without q does not last for ever.  That q does not
    happen again and again while p lasts is `again=q`: then no rest in p refutes it, since a rest repeats nothing.
    """

    def decorate(function: Asked) -> Liveness:
        asked = answering(function)
        itself = asked if again is None else None
        at_rest = itself if isinstance(stuck, str) else answering(stuck) if stuck else None
        progress = counting(same) if same else None
        repeated = answering(again) if again else None
        spoken_of = answering(about) if about else None
        return Liveness(
            *(function.__name__, sentence_of(function), asked, at_rest, side, progress),
            *(only, reads, repeated, spoken_of, waking, explain),
        )

    return decorate if lasts is None else decorate(lasts)


def counting(value: Callable[[Any], Any]) -> Callable[[Any], int]:
    """The function of a number, which raises ModelError where it gives none."""

    @wraps(value)
    def number(s: Any) -> int:
        said = value(s)
        if isinstance(said, (bool, Condition)) or said is None:
            raise ModelError(f"{value.__name__} gives no number: write `return` before what progress changes")
        return cast(int, said)

    return number


def last_taken(s: State) -> int:
    """How far the driver has come: the index of the used entry that it takes next."""
    return view(s).received


def in_front(s: State) -> bool:
    """A packet was accepted from the network and is still in front of the device, or in its hand."""
    return s.net.queued != 0 or s.main.size != 0


def posted(s: State) -> int:
    """How many buffers the driver has posted that the device has not taken."""
    ring = view(s)
    return idx_sub(s.cfg, ring.offered, ring.popped)


def packet_stuck(s: State) -> bool:
    """At rest: a packet waits although the posted buffers hold it, or is in the device's hand, or the driver has not
    taken back what the device took: it was never published, or nobody came for it."""
    ring = view(s)
    if s.main.size != 0 or ring.popped != ring.received:
        return True
    return s.net.queued != 0 and not s.cfg.too_few(posted(s), s.net.queued, s.cfg.ndescs)


def packet_blocks(s: State) -> bool:
    """At rest: a packet waits although the posted buffers hold it or, where buffers do not merge, although one is
    posted: as much as the device needs to see that it does not fit, and to drop it."""
    if s.main.size != 0:
        return True
    if s.net.queued == 0:
        return False
    if s.cfg.mergeable:
        return not s.cfg.too_few(posted(s), s.net.queued, s.cfg.ndescs)
    return posted(s) >= 1


@never_forever(stuck=packet_stuck, same=last_taken, only=~GENERAL & ~LIAR, reads=parts.NET & parts.NAPI)
def every_packet_ends(s: State) -> bool:
    """Every accepted packet ends: the driver is handed it, or the device drops it, unless the posted buffers do
    not hold it.

    The situation: a packet is in front of the device or in its hand, or the device has taken a buffer that has not
    come back to the driver.  A cycle in which the driver takes an entry again and again makes progress and does not
    count.  That is enough, because everything is in order (`in_order`, `single_owner`): the net queue holds one packet
    and the device has one in hand, so another comes only behind a state with none in front; and buffers go out and
    come back in the order of their indices.  Take a cycle that lasts.  If some packet is in front of the device in
    all its states, it is the same one, and never ends.  Else there is a state with none in front, and the situation
    is that the buffer at index last_used_idx is out.  It stays out all along the cycle: only the driver takes it
    (then last_used_idx changes), or the device gives it back as the last one that it took (then none is out and none
    in front, so the situation ends).  So the packet in that buffer never reaches the driver.  The other way round: if
    a packet never ends, the entries before its own are finitely many, and from some state on the driver takes none.
    What this leaves out, a packet that stays in front while the driver is handed entries for ever, is
    `no_packet_blocks_the_queue`.
    """
    ring = view(s)
    return in_front(s) or ring.popped != ring.received


@never_forever(stuck=packet_blocks, only=~GENERAL & ~LIAR, reads=parts.NET & parts.NAPI)
def no_packet_blocks_the_queue(s: State) -> bool:
    """No packet stays in front of the device for ever: it is taken or dropped, unless too few buffers are posted.

    Where buffers do not merge, one is enough to see that a packet does not fit.  QEMU's own code breaks that for
    packets that are larger than everything posted (docs/trust.md).
    """
    return in_front(s)


@never_forever(same=last_taken, only=~GENERAL & ~LIAR, reads=parts.NET & parts.NAPI)
def every_used_entry_is_taken(s: State) -> bool:
    """Every used entry is taken by the driver in the end.

    Entries are taken in order, so if one is never taken, then from some state on none is: `same` asks for that.
    Not of the most general caller: it may pop and find nothing for ever, and that is a step of its context, while the
    notification that it owes is another.
    """
    ring = view(s)
    return ring.returned != ring.received


def anything(s: State) -> bool:
    """Every state."""
    return True


def no_spin(side: Side) -> Liveness:
    """No side runs for ever while the other stands still and no packet comes."""
    only = ~DEVICE_LIES if side == "device" else ~DRIVER_LIES
    reads = parts.NET & parts.NAPI
    return Liveness(f"no_spin_{side}", sentence_of(no_spin), anything, None, side, only=only, reads=reads)


def reads_a_packet(me: Softirq) -> bool:
    """The context has begun to read a packet, and is neither done with it nor has given it up."""
    further = (me.ret0 == L.GATHER) | (me.ret0 == L.DISCARD)
    return bool((L.RECEIVE_NUM <= me.pc) & (me.pc <= L.DISCARD) | further)


@never_forever(
    stuck=None,
    only=DATA & (MERGEABLE | DEVICE_LIES) & ~DRIVER_LIES,
    reads=parts.NUM_FREE & parts.NAPI,
    waking=False,
)
def no_packet_is_read_for_ever(s: State) -> bool:
    """The driver comes to an end with each packet that it begins to read, whatever it finds: it waits in the middle of
    none for a buffer that may never come.

    Also beside a device that lies, whose headers tell of buffers that are not there, and also where each side may look
    at any time.  Of an honest device only where buffers merge: elsewhere a packet has no further buffer, and a driver
    that does nothing is seen by `no_spin_driver`.
    """
    return any(reads_a_packet(me) for me in pollers(s))


def has_a_packet(s: State) -> bool:
    """The device has a packet in hand."""
    return s.main.size != 0


@never_forever(
    stuck=None, side="device", only=DATA & DRIVER_LIES & ~GENERAL, reads=parts.NET & parts.MAIN, waking=False
)
def no_packet_is_held_for_ever(s: State) -> bool:
    """The device comes to an end with each packet that it has in hand, whatever the driver has written: it goes around
    in no chain, and stands still in none.

    As long as the driver writes nothing further: one that offers again and again what holds nothing keeps the device
    at counting, in the C as well.  Of an honest driver `no_spin_device` and `every_packet_ends` say more.
    """
    return has_a_packet(s)


LIVENESS = (
    every_packet_ends,
    no_packet_blocks_the_queue,
    every_used_entry_is_taken,
    no_spin("device"),
    no_spin("driver"),
)
"""The liveness claims of every receive system."""
READING = (no_packet_is_read_for_ever,)
"""What is asked of a driver that reads packets, also where nobody has to be woken."""
HOLDING = (no_packet_is_held_for_ever,)
"""What is asked of a device that reads what a driver has written that lies."""
