"""When can the driver leave too few buffers posted, and the device wait for ever?  The refill question.

Linux refills when more than half of min(budget, ring size) is free; QEMU waits
until the whole packet fits.  A packet strands at a rest if and only if it takes
more than size - min(budget, size) / 2 buffers, and no more than the ring has:
`refill-impossible` and `refill-possible` are the two directions in numbers,
`any-size` says that the model keeps to them, the searches and the runs on real
sizes that it happens.  docs/refill.md is the account.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from vrx.models.claims import Claim, Outcome, Verdict, cover
from vrx.models.deciding.engine import search_for
from vrx.models.engines.induction.witness import judge
from vrx.models.engines.z3.bmc import confirm
from vrx.models.systems.system import System, rx
from vrx.models.traces.trace import replay
from vrx.proofs import refill_sizes as sizes
from vrx.proofs.induction.systems import merging, short, unbounded
from vrx.proofs.refill_rest import (
    GOALS,
    STEP,
    WEIGHT,
    adds_one,
    induction,
    one_by_one,
    refilled_at_rest,
    refills_when_all_is_free,
    weighing,
)
from vrx.spec.properties import Property, no_stranded_packet


def for_all_sizes(state: object) -> bool:
    """The sentence holds for every ring size, every budget and every packet."""
    return True


ALL_SIZES = Property("for_all_sizes", for_all_sizes, "always")


def about_sizes(name: str, expected: Verdict, decide: Callable[[], sizes.Answer], note: str) -> Claim:
    """A claim about sizes alone."""

    def run(claim: Claim) -> Outcome:
        found = decide()
        shown = ", ".join(f"{k}={v}" for k, v in found.witness.items())
        return Outcome(found.verdict, "z3", seconds=found.seconds, reason=shown)  # type: ignore[arg-type]

    return Claim(name, None, ALL_SIZES, expected, note=note, decide=run)


def setting(ring: int, buffer: int, expected: Verdict, *, weight: int = sizes.WEIGHT) -> Claim:
    """What the largest packet meets on a real ring.  buffer: in bytes; refuted: it can strand."""
    packet = sizes.needed(sizes.LARGEST, buffer)
    posted = ring - min(weight, ring) // 2

    def run(claim: Claim) -> Outcome:
        began = time.monotonic()
        free = sizes.rest_for(ring, weight, packet)
        seconds = time.monotonic() - began
        if packet > ring:
            return Outcome("refuted", "z3", seconds=seconds, reason=f"{packet} buffers: more than the ring has")
        need = f"{packet} of the {ring} buffers"
        if free is None:
            return Outcome("proved", "z3", seconds=seconds, reason=f"needs {need}, and {posted} are always posted")
        reason = f"needs {need}; strands with {free} to {ring - posted} free"
        return Outcome("refuted", "z3", seconds=seconds, reason=reason)

    note = f"{sizes.LARGEST} bytes with the header, buffers of {buffer} bytes, weight {weight}"
    name = f"refill-ring{ring}-buffers{buffer}" + (f"-weight{weight}" if weight != sizes.WEIGHT else "")
    return Claim(name, None, ALL_SIZES, expected, note=note, decide=run)


def any_size(system: System, *goals: Property) -> list[Claim]:
    """The claims that no rest of a system has more free than the refill test allows, for every size and weight."""
    weighed = weighing(system, WEIGHT)

    def run(claim: Claim) -> Outcome:
        began = time.monotonic()
        stopped = induction(weighed, claim.property)
        verdict: Verdict = "undecided" if stopped else "inductive"
        return Outcome(verdict, "z3", seconds=time.monotonic() - began, reason=stopped)

    note = "any power-of-two ring size, any weight, any budget up to it"
    return [
        Claim(f"{g.name}-any-size-{short(system)}", weighed, g, "inductive", tier="full", note=note, decide=run)
        for g in goals
    ]


def stops(name: str, step: str, run: Callable[..., None], note: str) -> Claim:
    """The claim that the induction stops at a faulty driver, and that a ring of 1 or 2 shows why."""
    faulty = weighing(merging(), WEIGHT).replace(step, run)
    small = rx(size=2, mergeable=True).replace(step, run)

    def decide(claim: Claim) -> Outcome:
        began = time.monotonic()
        stopped = induction(faulty)
        real = judge(small, [no_stranded_packet], sizes=(2,))
        seconds = time.monotonic() - began
        if not stopped or real.kind != "bug":
            why = stopped or "the induction goes through"
            return Outcome("undecided", "z3 and search", seconds=seconds, reason=why)
        return Outcome("refuted", "z3 and search", steps=real.steps, seconds=seconds, reason=f"stops: {stopped}")

    return Claim(name, faulty, refilled_at_rest, "refuted", tier="full", note=note, decide=decide)


def searched(size: int, packet: int, weight: int, expected: Verdict) -> Claim:
    """A small ring with this largest packet and this weight, all its states."""
    system = weighing(rx(size=size, mergeable=True, max_packet=packet, idx_bits=3 if size < 4 else 4), weight)
    name = f"no_stranded_packet-ring{size}-packet{packet}-weight{weight}"
    return Claim(name, system, no_stranded_packet, expected)


def run_on(size: int, packet: int, weight: int, steps: int, **options: object) -> Claim:
    """The rest that Z3 finds for these sizes, reached on integers: so many small packets, one by one, then this one."""
    system = rx(size=size, mergeable=True, max_packet=packet, idx_bits=16, **options)

    def decide(claim: Claim) -> Outcome:
        began = time.monotonic()
        free = sizes.rest_for(size, weight, packet)
        if free is None:
            return Outcome("proved", "z3", seconds=time.monotonic() - began, reason="no such rest")
        moves = one_by_one(system, [1] * free + [packet], {"budget": min(weight, size) - 1})
        trace = replay(claim.name, system, no_stranded_packet, moves)
        seconds = time.monotonic() - began
        reason = f"{free} small packets, then one of {packet} buffers"
        return Outcome("refuted", "z3 and integers", steps=len(trace.steps), seconds=seconds, reason=reason)

    name = f"stranded-ring{size}-packet{packet}-weight{weight}"
    return Claim(name, system, no_stranded_packet, "refuted", steps=steps, decide=decide)


def second_opinion(claim: Claim) -> Outcome:
    """Z3 agrees with the search, its schedule given."""
    assert claim.system is not None
    began = time.monotonic()
    found = search_for(claim.system, claim.property)
    if found is None or not confirm(claim.system, found.path, claim.property):
        return Outcome("undecided", "z3", reason="z3 does not find the trace of the search", fault=True)
    return Outcome("refuted", "z3", steps=len(found.path), seconds=time.monotonic() - began)


TWO = rx(size=2, mergeable=True)
PROVED_FROM = (unbounded(event_idx=True, memory="tso", guest="up"), merging(event_idx=True), merging())

CLAIMS: list[Claim] = [
    about_sizes("refill-impossible", "proved", sizes.impossible,
                "a packet of at most size - min(budget, size) / 2 buffers never strands"),
    about_sizes("refill-possible", "proved", sizes.possible,
                "a larger one that the ring holds strands where half of min(budget, size) is free"),
    about_sizes("refill-impossible-off-by-one", "refuted", lambda: sizes.impossible(sizes.one_fewer),
                "the bound is sharp: one buffer more can strand"),
    about_sizes("refill-possible-off-by-one", "refuted", lambda: sizes.possible(sizes.one_more),
                "and at the bound it cannot"),
    about_sizes("refill-in-bytes", "proved", sizes.in_bytes,
                "so many buffers, none shorter than L, hold a packet if and, where none is longer, only if they are "
                "as many as its bytes divided by L, rounded up"),
    setting(64, 1536, "refuted"),
    setting(128, 1536, "proved"),
    setting(256, 1536, "proved"),
    setting(1024, 1536, "proved"),
    setting(256, 1536, "proved", weight=256),
    setting(1024, 1536, "proved", weight=1024),
    setting(64, 1536, "proved", weight=43),
    setting(32, 2112, "refuted"),
    setting(16, 4096, "refuted"),
    *(claim for system in PROVED_FROM for claim in any_size(system, *GOALS)),
    stops("refill-when-all-is-free-strands", STEP, refills_when_all_is_free, "the half is part of the test"),
    stops("refill-of-one-buffer-strands", "try_fill_recv", adds_one, "the loop of try_fill_recv() is needed"),
    searched(2, 1, 2, "proved"),
    searched(2, 2, 1, "proved"),
    searched(2, 2, 2, "refuted"),
    searched(4, 3, 4, "refuted"),
    searched(4, 4, 2, "refuted"),
    Claim("no_stranded_packet-ring2", TWO, no_stranded_packet, "refuted",
          note="no_lost_kick and every_packet_ends hold on this ring: they excuse a driver that has posted too little"),
    Claim("z3-confirms-no_stranded_packet-ring2", TWO, no_stranded_packet, "refuted", tier="full",
          note="the trace of the search, its actions fixed, is one of Z3 too", decide=second_opinion),
    cover("refill_happens-ring2", TWO, "refill"),
    run_on(2, 2, 2, 68),
    run_on(4, 3, 4, 108),
    run_on(4, 4, 2, 78),
    run_on(64, 43, 64, 1182, event_idx=True, memory="tso"),
]  # fmt: skip

if __name__ == "__main__":
    from vrx.proofs.running import main_for

    sys.exit(main_for(CLAIMS))
