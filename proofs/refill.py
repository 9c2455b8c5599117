"""When can the driver leave too few buffers posted, and the device wait for ever?  The refill question.

Linux refills when more than half of min(budget, ring size) is free; QEMU waits
until the whole packet fits.  A packet strands at a rest if and only if it takes
more than size - min(budget, size) / 2 buffers, and no more than the ring has:
`refill-impossible` and `refill-possible` are the two directions in numbers,
`any-size` says that the model keeps to them, the searches and the runs on real
sizes that it happens.  docs/refill.md is the account.
"""

from __future__ import annotations

from collections.abc import Callable

from vrx.models.claims import Claim, Figures, Safety, Sentence, Statement, Tier, Verdict, claims_of, cover
from vrx.models.engines.z3.all_values import Answer
from vrx.models.systems.system import System, rx
from vrx.proofs.deciders import refill_sizes as sizes
from vrx.proofs.deciders import second_opinion
from vrx.proofs.deciders.refill import at_any_size, of_a_setting, of_sizes, run_to_the_rest, stops_for_a_reason
from vrx.proofs.deciders.refill_rest import (
    GOALS,
    STEP,
    WEIGHT,
    adds_one,
    refilled_at_rest,
    refills_when_all_is_free,
    weighing,
)
from vrx.proofs.induction.systems import merging, short, unbounded
from vrx.proofs.running import main_for
from vrx.spec.accounts import POSTING, fills_the_ring
from vrx.spec.properties import Property, no_stranded_packet

ALL_SIZES = Sentence("for_all_sizes", "The sentence holds for every ring size, every budget and every packet.")


def about_sizes(name: str, expected: Verdict, answer: Callable[[], Answer], note: str) -> Claim:
    """A claim about sizes alone."""
    return Statement(name, None, ALL_SIZES, expected, note=note, decide=of_sizes(answer))


def setting(ring: int, buffer: int, expected: Verdict, *, weight: int = sizes.WEIGHT) -> Claim:
    """What the largest packet meets on a real ring.  buffer: in bytes; refuted: it can strand."""
    note = f"{sizes.LARGEST} bytes with the header, buffers of {buffer} bytes, weight {weight}"
    name = f"refill-ring{ring}-buffers{buffer}" + (f"-weight{weight}" if weight != sizes.WEIGHT else "")
    decide = of_a_setting(ring, weight, sizes.needed(sizes.LARGEST, buffer))
    return Statement(name, None, ALL_SIZES, expected, note=note, decide=decide)


def any_size(system: System, *goals: Property) -> list[Claim]:
    """The claims that no rest of a system has more free than the refill test allows, for every size and weight."""
    weighed = weighing(system, WEIGHT)
    note = "any power-of-two ring size, any weight, any budget up to it"
    return [
        Safety(f"{g.name}-any-size-{short(system)}", weighed, g, "inductive", tier="full", note=note,
               decide=at_any_size)
        for g in goals
    ]  # fmt: skip


def stops(name: str, step: str, run: Callable[..., None], note: str) -> Claim:
    """The claim that the induction stops at a faulty driver, and that a ring of 1 or 2 shows why."""
    faulty = weighing(merging(), WEIGHT).replace(step, run)
    decide = stops_for_a_reason(rx(size=2, mergeable=True).replace(step, run))
    return Safety(name, faulty, refilled_at_rest, "refuted", tier="full", note=note, decide=decide)


def searched(size: int, packet: int, weight: int, expected: Verdict, tier: Tier = "full") -> Claim:
    """A small ring with this largest packet and this weight, all its states."""
    system = weighing(rx(size=size, mergeable=True, max_packet=packet, idx_bits=3 if size < 4 else 4), weight)
    name = f"no_stranded_packet-ring{size}-packet{packet}-weight{weight}"
    return Safety(name, system, no_stranded_packet, expected, tier=tier)


def run_on(size: int, packet: int, weight: int, steps: int, **options: object) -> Claim:
    """The rest that Z3 finds for these sizes, reached on integers: so many small packets, one by one, then this one."""
    system = rx(size=size, mergeable=True, max_packet=packet, idx_bits=16, **options)
    name = f"stranded-ring{size}-packet{packet}-weight{weight}"
    said = Figures(steps=steps)
    return Safety(name, system, no_stranded_packet, "refuted", figures=said, decide=run_to_the_rest(weight))


TWO = rx(size=2, mergeable=True)
OTHERS = (
    rx(idx_bits=2, event_idx=True, memory="tso", max_packet=1),
    rx(idx_bits=2, data=True, segments=2, indirect=True, max_packet=1),
    rx(netpoll="same", size=2, max_packet=1),
    rx(opens="task", idx_bits=2, max_packet=1),
)
"""Where else a fill is asked whether it fills: other layouts of a buffer, and others who refill."""
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
    searched(2, 2, 1, "proved", "quick"),
    searched(2, 2, 2, "refuted"),
    searched(4, 3, 4, "refuted"),
    searched(4, 4, 2, "refuted"),
    Safety("no_stranded_packet-ring2", TWO, no_stranded_packet, "refuted",
          note="no_lost_kick and every_packet_ends hold on this ring: they excuse a driver that has posted too little"),
    Safety("z3-confirms-no_stranded_packet-ring2", TWO, no_stranded_packet, "refuted", tier="full",
          note=second_opinion.NOTE, decide=second_opinion.agreed),
    cover("refill_happens-ring2", TWO, "refill"),
    *claims_of(TWO, *POSTING),
    *(claim for system in OTHERS for claim in claims_of(system, *POSTING, tier="full")),
    Safety("fills_the_ring-adds-one", TWO.replace("try_fill_recv", adds_one), fills_the_ring, "refuted",
           note="on a ring of 2 nothing else sees it: half of the ring may be free at rest"),
    run_on(2, 2, 2, 68),
    run_on(4, 3, 4, 108),
    run_on(4, 4, 2, 78),
    run_on(64, 43, 64, 1182, event_idx=True, memory="tso"),
]  # fmt: skip

if __name__ == "__main__":
    main_for(CLAIMS)
