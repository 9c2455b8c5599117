"""The barrier table: for every barrier of both sides, is it needed, or what masks it?

A row is a barrier taken out of one small system.  *Needed*: a property is refuted
without it.  *Masked*: every property is still proved without it, and the
row says what takes its place.  Where the memory model gives it nothing to do, the steps
are the same C with and without it: masked *by construction*.
`python -m vrx.proofs.barriers --table docs/barriers.md` decides every row again and
writes the page.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vrx.models.claims import Claim, Figures, Result, Safety
from vrx.models.deciding.counted import counted
from vrx.models.systems.locks import LOCKS, LOCKS_OF
from vrx.models.systems.system import System, rx
from vrx.proofs.kinds import KINDS
from vrx.proofs.running import main_for
from vrx.spec.layouts.driver import POLL_MB
from vrx.spec.layouts.split.device import SET_NOTIFICATION_MB
from vrx.spec.layouts.split.device_descriptors import NEXT_DESC_WMB
from vrx.spec.layouts.split.device_used import SHOULD_NOTIFY_MB
from vrx.spec.layouts.split.driver import KICK_PREPARE_MB
from vrx.spec.properties import (
    CONTENTS,
    SPINE,
    Property,
    descriptors_conserved,
    interrupts_suppressed_while_polling,
    inuse_exact,
    no_lost_interrupt,
    no_lost_kick,
    ring_not_broken,
    single_owner,
)
from vrx.spec.questions import meaningful
from vrx.spec.suppression import used_event_away_while_polling
from vrx.spec.switch import Switch
from vrx.spec.switches import BUSY_POLLS, GRO_FLUSH_TIMEOUT, NETPOLLS

ALL_STORES_VISIBLE = "under SC every store is visible at once"
TSO_KEEPS_ORDER = "TSO keeps loads in order and stores in order"
NEVER_EXECUTED = "never executed: virtnet_poll() has turned callbacks off before it receives"
EXCHANGE_DRAINS = "the locked exchange in napi_complete_done() has drained the store buffer"
POLL_MB_DRAINS = "the barrier in virtqueue_poll() drains it before the look that matters"
OWN_CPU = "what it orders is looked at by the same CPU, or after a later locked exchange"
NO_LOCK = "a uniprocessor guest has no lock prefix there to remove"
CHAINS = (single_owner, descriptors_conserved, inuse_exact, ring_not_broken, *CONTENTS)
"""What is asked of data where each side may look at any time: nothing at rest."""
AT_ONCE = "what is handed over goes through napi_schedule_prep(), napi_complete_done() or virtqueue_poll() later"
KICK_DRAINS = "whoever has refilled drains its store buffer in virtqueue_kick_prepare_split()"
NO_THREAD = "no thread is woken: the softirq runs on the CPU that scheduled it"

NEEDED: dict[tuple[str, str, str, str, bool], tuple[Property, int]] = {}
"""(barrier, memory, guest, irq, event index) -> the property that fails without it, and the steps of the trace."""
for _irq, _guest in (("same", "smp"), ("other", "smp"), ("same", "up")):
    for _event in (False, True):
        NEEDED[SET_NOTIFICATION_MB.name, "tso", _guest, _irq, _event] = (no_lost_kick, 57 if _event else 55)
        NEEDED[KICK_PREPARE_MB.name, "tso", _guest, _irq, _event] = (no_lost_kick, 57 if _event else 55)
        NEEDED[SHOULD_NOTIFY_MB.name, "tso", _guest, _irq, _event] = (no_lost_interrupt, 60 if _event else 39)
NEEDED[POLL_MB.name, "tso", "up", "same", True] = (no_lost_interrupt, 60)
NEEDED[POLL_MB.name, "tso", "up", "same", False] = (no_lost_interrupt, 39)
NEEDED["wake_up_process__lock", "tso", "smp", "other", True] = (no_lost_interrupt, 76)
NEEDED["wake_up_process__lock", "tso", "smp", "other", False] = (no_lost_interrupt, 79)
NEEDED["napi_complete_done__lock", "tso", "smp", "other", True] = (used_event_away_while_polling, 55)
NEEDED["napi_complete_done__lock", "tso", "smp", "other", False] = (interrupts_suppressed_while_polling, 58)


BESIDE = (("sc", "smp", "same"), ("tso", "smp", "same"), ("tso", "smp", "other"), ("tso", "up", "same"))
"""Memory model, guest, and where the one is who polls beside the softirq (of the timer: where interrupts are taken)."""
FITTING: dict[str, object] = {"idx_bits": 2, "max_packet": 1}
DEFERRED: dict[str, object] = {"gro_flush_timeout": True, "defer_hard_irqs": 1}
OTHERS: dict[Switch, tuple[str, dict[str, object]]] = {
    BUSY_POLLS: ("busy_poll", FITTING),
    GRO_FLUSH_TIMEOUT: ("irq", FITTING | DEFERRED),
    NETPOLLS: ("netpoll", {"size": 2, "max_packet": 1}),
}
"""Who polls beside the softirq: the option that says where, and the others of its systems."""


@dataclass(frozen=True)
class Row:
    """A barrier taken out of one system, and what is claimed of it.

    at_once: what is taken out with it; place: the last word of the claims' names, where it is not `irq`
    """

    barrier: str
    system: System
    fails: Property | None
    steps: int | None
    mask: str
    at_once: tuple[str, ...] = ()
    place: str = ""

    def claims(self) -> list[Claim]:
        """Refuted where the barrier is needed; every property proved where it is masked."""
        cfg = self.system.cfg
        event = "event" if cfg.event_idx else "flags"
        more = self.at_once[1:]
        what = f"{self.at_once[0]}-and-{len(more)}-more" if more else self.barrier
        place = self.place or cfg.irq
        name = f"barrier-{what}-{event}-{cfg.memory}-{cfg.guest}-{place}"
        variant = self.system
        for barrier in self.at_once or (self.barrier,):
            variant = variant.without(barrier)
        if self.fails is not None:
            return [Safety(name, variant, self.fails, "refuted", figures=Figures(steps=self.steps), tier="full")]
        return [
            Safety(f"{name}-{p.name}", variant, p, "proved", tier="full", note=f"masked: {self.mask}") for p in SPINE
        ]


_BARRIERS = {b.name: b.kind for b in (*rx().barriers, NEXT_DESC_WMB)}


def mask_of(barrier: str, memory: str, guest: str, irq: str) -> str:
    """What takes the place of a barrier that is not needed."""
    if memory == "sc":
        return ALL_STORES_VISIBLE
    if _BARRIERS.get(barrier) in ("rmb", "wmb"):
        return TSO_KEEPS_ORDER
    if barrier in LOCKS and guest == "up":
        return NO_LOCK
    return {
        "virtqueue_get_buf_ctx_split__mb": NEVER_EXECUTED,
        POLL_MB.name: EXCHANGE_DRAINS,
        "napi_complete_done__lock": POLL_MB_DRAINS,
        "wake_up_process__lock": NO_THREAD,
    }.get(barrier, OWN_CPU)


def rows() -> list[Row]:
    """Every barrier and locked instruction, in every kind of system, with and without the event index."""
    out = []
    for barrier in [*(b.name for b in rx().barriers), *LOCKS]:
        for event in (False, True):
            for memory, guest, irq in KINDS:
                system = rx(event_idx=event, memory=memory, guest=guest, irq=irq, idx_bits=2)
                fails, steps = NEEDED.get((barrier, memory, guest, irq, event), (None, None))
                out.append(Row(barrier, system, fails, steps, "" if fails else mask_of(barrier, memory, guest, irq)))
    return out


def others() -> list[Row]:
    """The locked instructions of whoever polls beside the softirq.

    Each by itself where that is small; where there are two CPUs, and for netpoll, all of one kind at once: a system
    without all of them does whatever one does that lacks one of them.
    """
    out = []
    for switch, (where, options) in OTHERS.items():
        for barrier in LOCKS_OF[switch]:
            for memory, guest, place in BESIDE:
                system = rx(memory=memory, guest=guest, **{where: place}, **options)
                together = LOCKS_OF[switch] if memory == "tso" and (place == "other" or switch == NETPOLLS) else ()
                if memory == "sc" or guest == "up":
                    mask = ALL_STORES_VISIBLE if memory == "sc" else NO_LOCK
                else:
                    mask = OWN_CPU if place == "same" else KICK_DRAINS if switch == NETPOLLS else AT_ONCE
                together = () if guest == "up" else together
                out.append(Row(barrier, system, None, None, mask, together, place))
    return out


def both_gone() -> list[Claim]:
    """That the exchange is what masks virtqueue_poll's barrier: without either the interrupt is lost."""
    out: list[Claim] = []
    for event in (False, True):
        system = rx(event_idx=event, memory="tso", idx_bits=2)
        variant = system.without(POLL_MB.name).without("napi_complete_done__lock")
        name = f"barrier-poll_mb-and-exchange-{'event' if event else 'flags'}-tso-smp-same"
        said = Figures(steps=60 if event else 39)
        out.append(Safety(name, variant, no_lost_interrupt, "refuted", figures=said, tier="full"))
    return out


def in_chains() -> list[Claim]:
    """The barrier of the walk over a chain: with data, in the ring and in a table, each side looking when it likes."""
    out: list[Claim] = []
    for memory in ("sc", "tso"):
        for where in (False, True):
            system = rx(
                data=True, notify=False, size=2, idx_bits=2, segments=2, memory=memory, indirect=where
            ).without(NEXT_DESC_WMB.name)
            name = f"barrier-{NEXT_DESC_WMB.name}-{'table' if where else 'ring'}-{memory}"
            mask = mask_of(NEXT_DESC_WMB.name, memory, "smp", "same")
            out += [
                Safety(f"{name}-{p.name}", system, p, "proved", tier="full", note=f"masked: {mask}")
                for p in meaningful(system.cfg, CHAINS)
            ]
    return out


CLAIMS: list[Claim] = [
    *in_chains(),
    *(claim for row in rows() for claim in row.claims()),
    *{claim.name: claim for row in others() for claim in row.claims()}.values(),
    *both_gone(),
]


def _lines(of: list[Row], results: Mapping[str, Result], masks: list[str]) -> Iterator[str]:
    """A line of the table for each barrier."""
    for barrier in dict.fromkeys(row.barrier for row in of):
        cells = []
        for row in (row for row in of if row.barrier == barrier):
            if row.fails is not None:
                found = results[row.claims()[0].name].outcome
                cells.append(f"**needed**: `{row.fails.name}`, {found.steps} steps")
            else:
                nothing = all(results[c.name].outcome.by_construction for c in row.claims())
                word = "nothing there" if nothing else "masked, all at once" if row.at_once else "masked"
                cells.append(f"{word} ({masks.index(row.mask) + 1})")
        yield f"| `{barrier}` | " + " | ".join(cells) + " |"


def table() -> str:
    """Decide every row and write the table as Markdown."""
    from vrx.models.deciding.many_claims import prove_here

    results = {r.claim.name: r for r in prove_here(CLAIMS)}
    wrong = [name for name, r in results.items() if not r.ok]
    if wrong:
        raise SystemExit(f"not as claimed: {', '.join(wrong)}")
    heads = [f"{memory} {guest} {irq}" for memory, guest, irq in KINDS]
    lines = [
        "# The barrier table",
        "",
        "Generated by `python -m vrx.proofs.barriers --table docs/barriers.md`; do not edit.",
        "",
        "A cell says what happens on a ring of 1 when the barrier is taken out: **needed** with the property that",
        "fails and the steps of the shortest trace, or *masked* with the number of what takes its place. *Nothing",
        "there* is masked by construction: the steps are the same C with and without it, as this memory gives it",
        "nothing to do. Columns: memory model, guest, and where the interrupt is taken (`other`: on another CPU,",
        "threaded NAPI).",
        "",
        f"{counted(list(results.values())).text()}.",
        "",
    ]
    masks = list(dict.fromkeys(row.mask for row in (*rows(), *others()) if row.mask))
    lines += [
        f"`{NEXT_DESC_WMB.name}`, between the descriptors of a chain, has systems of its own, with data (rings of 2,",
        f"chains of 2, in the ring and in a table): masked under SC ({masks.index(ALL_STORES_VISIBLE) + 1}) and TSO",
        f"({masks.index(TSO_KEEPS_ORDER) + 1}).",
        "",
    ]
    for event in (False, True):
        lines += [f"## {'With' if event else 'Without'} the event index", ""]
        lines += ["| barrier | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
        lines += [*_lines([row for row in rows() if row.system.cfg.event_idx == event], results, masks), ""]
    lines += [
        "## Who polls beside the softirq",
        "",
        "The locked instructions of a task that polls (ring of 1), of the timer (ring of 1, interrupts put off once)",
        "and of netpoll (ring of 2), without the event index. `other`: the task, or who sends through netpoll, is on",
        "another CPU; for the timer the interrupt is. *All at once*: those of its kind are taken out together, which",
        "allows every run that is possible without one of them.",
        "",
        "| barrier | " + " | ".join(map(" ".join, BESIDE)) + " |",
        "|---" * (len(BESIDE) + 1) + "|",
        *_lines(others(), results, masks),
        "",
    ]
    lines += ["What masks:", ""] + [f"{i}. {mask}" for i, mask in enumerate(masks, 1)]
    lines += ["", "That the exchange masks the barrier of `virtqueue_poll` on SMP is a claim of its own: without both,"]
    lines.append("`no_lost_interrupt` is refuted (" + ", ".join(f"`{c.name}`" for c in both_gone()) + ").")
    lines += ["", "Each cell once more for every ring size, by induction: the claims `induction-without-*`, and"]
    lines.append("`proofs/induction/barrier_rows.py` for the step and the lemma at which it stops.")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--table"] and len(sys.argv) == 3:
        text = table()
        with open(sys.argv[2], "w", encoding="utf-8") as out:
            out.write(text)
        sys.exit(0)
    main_for(CLAIMS)
