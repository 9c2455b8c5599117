"""What a barrier table is, of any layout: its rows, the claim or claims of each cell, its lines as Markdown.

A row is a barrier taken out of one small system.  *Needed*: a property is refuted
without it.  *Masked*: every property is still proved without it, and the
row says what takes its place.  Where the memory model gives it nothing to do, the steps
are the same C with and without it: masked *by construction*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from vrx.models.claims import Claim, Figures, Result, Safety
from vrx.models.deciding.digest import steps_digest
from vrx.models.engines.native.explore import write
from vrx.models.systems.locks import LOCKS, LOCKS_OF
from vrx.models.systems.system import System
from vrx.proofs.kinds import KINDS
from vrx.spec.memory import Barrier
from vrx.spec.properties import Property, no_lost_interrupt
from vrx.spec.questions import meaningful
from vrx.spec.switch import Switch
from vrx.spec.switches import BUSY_POLLS, GRO_FLUSH_TIMEOUT, NETPOLLS

ALL_STORES_VISIBLE = "under SC every store is visible at once"
TSO_KEEPS_ORDER = "TSO keeps loads in order and stores in order"
NEVER_EXECUTED = "never executed: virtnet_poll() has turned callbacks off before it receives"
EXCHANGE_DRAINS = "the locked exchange in napi_complete_done() has drained the store buffer"
POLL_MB_DRAINS = "the barrier in virtqueue_poll() drains it before the look that matters"
OWN_CPU = "what it orders is looked at by the same CPU, or after a later locked exchange"
NO_LOCK = "a uniprocessor guest has no lock prefix there to remove"
AT_ONCE = "what is handed over goes through napi_schedule_prep(), napi_complete_done() or virtqueue_poll() later"
NO_THREAD = "no thread is woken: the softirq runs on the CPU that scheduled it"
KICK_DRAINS = "whoever has refilled drains its store buffer in virtqueue_kick_prepare_{}()"

POLL_MB = "virtqueue_poll__mb"
EXCHANGE = "napi_complete_done__lock"
MASKS = {
    POLL_MB: EXCHANGE_DRAINS,
    EXCHANGE: POLL_MB_DRAINS,
    "wake_up_process__lock": NO_THREAD,
}
"""Barrier or locked instruction of any layout -> what takes its place."""
BESIDE = (("sc", "smp", "same"), ("tso", "smp", "same"), ("tso", "smp", "other"), ("tso", "up", "same"))
"""Memory model, guest, and where the one is who polls beside the softirq (of the timer: where interrupts are taken)."""
DEFERRED: dict[str, object] = {"gro_flush_timeout": True, "defer_hard_irqs": 1}
OTHERS: dict[Switch, tuple[str, dict[str, object]]] = {
    BUSY_POLLS: ("busy_poll", {"max_packet": 1}),
    GRO_FLUSH_TIMEOUT: ("irq", {"max_packet": 1} | DEFERRED),
    NETPOLLS: ("netpoll", {"size": 2, "max_packet": 1}),
}
"""Who polls beside the softirq: the option that says where, and the others of its systems."""


@dataclass(frozen=True)
class Row:
    """A barrier taken out of one system, and what is claimed of it.

    asked: of it where the barrier is masked; at_once: what is taken out with it
    place: the last word of the claims' names, where it is not `irq`; prefix: their first
    whole: the system with all barriers; absent: `system` is the code as it is, which has no such barrier
    """

    barrier: str
    system: System
    fails: Property | None
    steps: int | None
    mask: str
    asked: tuple[Property, ...]
    whole: System
    at_once: tuple[str, ...] = ()
    place: str = ""
    prefix: str = "barrier"
    absent: bool = False

    @property
    def variant(self) -> System:
        """The system without the barrier."""
        variant = self.system
        for barrier in () if self.absent else self.at_once or (self.barrier,):
            variant = variant.without(barrier)
        return variant

    def claims(self) -> list[Claim]:
        """Refuted where the barrier is needed; every property proved where it is masked."""
        cfg = self.system.cfg
        event = "event" if cfg.event_idx else "flags"
        more = self.at_once[1:]
        what = f"{self.at_once[0]}-and-{len(more)}-more" if more else self.barrier
        name = f"{self.prefix}-{what}-{event}-{cfg.memory}-{cfg.guest}-{self.place or cfg.irq}"
        if self.fails is not None:
            return [Safety(name, self.variant, self.fails, "refuted", figures=Figures(steps=self.steps), tier="full")]
        return [
            Safety(f"{name}-{p.name}", self.variant, p, "proved", tier="full", note=f"masked: {self.mask}")
            for p in meaningful(cfg, self.asked)
        ]


@dataclass(frozen=True)
class Table:
    """The barrier table of a layout.

    layout: its name, as people and functions say it
    system: one of its systems: options of a configuration -> the system of which the table speaks
    barriers: those of its steps, in their order
    needed: (barrier, memory, guest, irq, event index) -> the property that fails without it, the steps of the trace
    masks: barriers of its own -> what takes their place
    asked: what is asked where a barrier is masked
    small: options of the smallest systems, rings of 1; prefix: the first word of the claims' names
    absent: barriers that the code does not have and needs; as_it_is: the system without them
    """

    layout: str
    system: Callable[..., System]
    barriers: tuple[Barrier, ...]
    needed: Mapping[tuple[str, str, str, str, bool], tuple[Property, int]]
    masks: Mapping[str, str]
    asked: tuple[Property, ...]
    small: Mapping[str, object] = field(default_factory=dict)
    prefix: str = "barrier"
    absent: tuple[Barrier, ...] = ()
    as_it_is: Callable[..., System] | None = None

    def mask_of(self, barrier: str, memory: str, guest: str) -> str:
        """What takes the place of a barrier that is not needed."""
        kinds = {b.name: b.kind for b in (*self.barriers, *self.absent)}
        if memory == "sc":
            return ALL_STORES_VISIBLE
        if kinds.get(barrier) in ("rmb", "wmb"):
            return TSO_KEEPS_ORDER
        if barrier in LOCKS and guest == "up":
            return NO_LOCK
        return {**MASKS, **self.masks}.get(barrier, OWN_CPU)

    def rows(self) -> list[Row]:
        """Every barrier and locked instruction, in every kind of system, with and without the event index."""
        out = []
        lacking = tuple(b.name for b in self.absent)
        for barrier in [*(b.name for b in self.barriers), *lacking, *LOCKS]:
            for event in (False, True):
                for memory, guest, irq in KINDS:
                    kind = dict(event_idx=event, memory=memory, guest=guest, irq=irq, **self.small)
                    whole = system = self.system(**kind)
                    if barrier in lacking and self.as_it_is:
                        system = self.as_it_is(**kind)
                    fails, steps = self.needed.get((barrier, memory, guest, irq, event), (None, None))
                    mask = "" if fails else self.mask_of(barrier, memory, guest)
                    out.append(
                        Row(barrier, system, fails, steps, mask, self.asked, whole, prefix=self.prefix,
                            absent=barrier in lacking)
                    )  # fmt: skip
        return out

    def others(self) -> list[Row]:
        """The locked instructions of whoever polls beside the softirq.

        Each by itself where that is small; where there are two CPUs, and for netpoll, all of one kind at once: a system
        without all of them does whatever one does that lacks one of them.
        """
        out = []
        for switch, (where, options) in OTHERS.items():
            for barrier in LOCKS_OF[switch]:
                for memory, guest, place in BESIDE:
                    small = {} if switch == NETPOLLS else self.small
                    system = self.system(memory=memory, guest=guest, **{where: place}, **options, **small)
                    together = LOCKS_OF[switch] if memory == "tso" and (place == "other" or switch == NETPOLLS) else ()
                    if memory == "sc" or guest == "up":
                        mask = ALL_STORES_VISIBLE if memory == "sc" else NO_LOCK
                    else:
                        kick = KICK_DRAINS.format(self.layout)
                        mask = OWN_CPU if place == "same" else kick if switch == NETPOLLS else AT_ONCE
                    together = () if guest == "up" else together
                    out.append(Row(barrier, system, None, None, mask, self.asked, system, together, place, self.prefix))
        return out

    def both_gone(self) -> list[Claim]:
        """That the exchange is what masks virtqueue_poll's barrier: without either the interrupt is lost."""
        out: list[Claim] = []
        for event in (False, True):
            variant = self.system(event_idx=event, memory="tso", **self.small).without(POLL_MB).without(EXCHANGE)
            name = f"{self.prefix}-poll_mb-and-exchange-{'event' if event else 'flags'}-tso-smp-same"
            steps = self.needed[POLL_MB, "tso", "up", "same", event][1]
            said = Figures(steps=steps)
            out.append(Safety(name, variant, no_lost_interrupt, "refuted", figures=said, tier="full"))
        return out

    def claims(self) -> list[Claim]:
        """A claim or several for each cell."""
        return [
            *(claim for row in self.rows() for claim in row.claims()),
            *{claim.name: claim for row in self.others() for claim in row.claims()}.values(),
            *self.both_gone(),
        ]


@cache
def _digest_of(system: System) -> str:
    """The digest of a system's steps."""
    return steps_digest(write(system, ())[1])


def _lines(of: Sequence[Row], results: Mapping[str, Result], masks: Sequence[str]) -> Iterator[str]:
    """A line of the table for each barrier."""
    for barrier in dict.fromkeys(row.barrier for row in of):
        cells = []
        for row in (row for row in of if row.barrier == barrier):
            if row.fails is not None:
                found = results[row.claims()[0].name].outcome
                cells.append(f"**needed**: `{row.fails.name}`, {found.steps} steps")
            else:
                nothing = all(results[c.name].outcome.digest == _digest_of(row.whole) for c in row.claims())
                word = "nothing there" if nothing else "masked, all at once" if row.at_once else "masked"
                cells.append(f"{word} ({masks.index(row.mask) + 1})")
        yield f"| `{barrier}` | " + " | ".join(cells) + " |"


def masks_of(tables: Sequence[Table]) -> list[str]:
    """What masks, in the order in which a page numbers it."""
    return list(dict.fromkeys(row.mask for t in tables for row in (*t.rows(), *t.others()) if row.mask))


def sections(table: Table, results: Mapping[str, Result], masks: Sequence[str]) -> Iterator[str]:
    """The three tables of a layout, as Markdown.  masks: what masks, by its number"""
    heads = [f"{memory} {guest} {irq}" for memory, guest, irq in KINDS]
    for event in (False, True):
        yield from (f"### {table.layout.capitalize()}, {'with' if event else 'without'} the event index", "")
        yield from ("| barrier | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|")
        yield from _lines([row for row in table.rows() if row.system.cfg.event_idx == event], results, masks)
        yield ""
    yield from (
        f"### {table.layout.capitalize()}, who polls beside the softirq",
        "",
        "The locked instructions of a task that polls (ring of 1), of the timer (ring of 1, interrupts put off once)",
        "and of netpoll (ring of 2), without the event index. `other`: the task, or who sends through netpoll, is on",
        "another CPU; for the timer the interrupt is. *All at once*: those of its kind are taken out together, which",
        "allows every run that is possible without one of them.",
        "",
        "| barrier | " + " | ".join(map(" ".join, BESIDE)) + " |",
        "|---" * (len(BESIDE) + 1) + "|",
        *_lines(table.others(), results, masks),
        "",
        "That the exchange masks the barrier of `virtqueue_poll` on SMP is a claim of its own: without both,",
        "`no_lost_interrupt` is refuted (" + ", ".join(f"`{c.name}`" for c in table.both_gone()) + ").",
        "",
    )
