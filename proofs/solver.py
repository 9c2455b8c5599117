"""What Z3 decides: the event test for all 16-bit values, and a second opinion on every trace of the search.

A trace of the search is handed to Z3 as a schedule, the actions fixed; the
states in between, and whether the property fails at the end, are the solver's.
"""

from __future__ import annotations

from collections.abc import Iterator

from vrx.models.claims import Claim, Cover, Figures, Safety, Sentence, Statement, Tier, Verdict, about
from vrx.models.systems.system import System, rx
from vrx.proofs import barriers, hints, lost_wakeup, ownership, variants
from vrx.proofs.deciders import second_opinion as second
from vrx.proofs.deciders.event_test import ANSWERS, EXPECTED, deciding
from vrx.proofs.deciders.named_state import bounded_from, reached_at_every_index
from vrx.proofs.museum import all_exhibits
from vrx.proofs.running import main_for
from vrx.spec.layouts.driver import POLL_MB
from vrx.spec.properties import Property, no_lost_interrupt, no_lost_kick


def second_opinion(name: str, claim: Safety | Cover) -> Claim:
    """The claim that Z3 confirms the shortest counterexample of a property, or the shortest way to a cover."""
    name = f"z3-confirms-{name}"
    return about(name, claim.system, claim.asks, "refuted", tier="full", note=second.NOTE, decide=second.agreed)


def traces() -> Iterator[tuple[str, Safety | Cover]]:
    """Every claim that the search answers with a trace, each system and question once, with a name."""
    found: set[tuple[System, str]] = set()
    ours = (*lost_wakeup.CLAIMS, *ownership.CLAIMS, *variants.CLAIMS, *hints.CLAIMS, *barriers.CLAIMS)
    for name, claim in (*((e.id, e.claims()[0]) for e in all_exhibits()), *((c.name, c) for c in ours)):
        if isinstance(claim, Safety | Cover) and claim.expected == "refuted" and claim.decide is None:
            if (claim.system, claim.asks.name) not in found:
                found.add((claim.system, claim.asks.name))
                yield name, claim


ALL_VALUES = Sentence(
    "for_all_16_bit_values",
    "The form of the event test equals the standard's words, or the axiom holds, for all 16-bit values.",
)
NOTES = {
    "vring_need_event": "crossing: the test that Linux and QEMU have",
    "latest_only": "only the last entry written is compared",
    "first_only": "only the first entry written is compared",
    "off_by_one": "the event itself is left out",
    "compared": "raw indices are compared, not distances",
    "slot_axiom": "entries less than a ring apart have different slots, for every power of two",
    "slot_axiom-35": "not for other sizes: why a split ring is a power of two",
}


EVERY_INDEX = Sentence(
    "reached_at_every_index",
    "A state in which all is asleep is reached at every start index, and so is what is named from it.",
)


def from_named(
    name: str, system: System, prop: Property, expected: Verdict, state: str, depth: int, note: str,
    anywhere: bool = False, tier: Tier = "full",
) -> Claim:
    """The claim that Z3 alone finds a trace from a named state (steps = depth), or none up to that depth."""
    steps = depth if expected == "refuted" else None
    decide = bounded_from(state, depth, anywhere)
    return Safety(name, system, prop, expected, figures=Figures(steps=steps), tier=tier, note=note, decide=decide)


NO_POLL_MB = {n: rx(size=n, idx_bits=b, memory="tso", guest="up", event_idx=True) for n, b in ((1, 3), (4, 16))}

CLAIMS: list[Claim] = [
    *(
        Statement(
            name,
            None,
            ALL_VALUES,
            "refuted" if name in EXPECTED else "proved",
            tier="full" if name == "slot_axiom-35" else "quick",
            note=NOTES[name],
            decide=deciding(answer),
        )
        for name, answer in ANSWERS.items()
    ),
    from_named(
        "z3-finds-complete-no-barrier-ring1",
        NO_POLL_MB[1].without(POLL_MB.name),
        no_lost_interrupt,
        "refuted",
        "completing",
        16,
        "the lost wake-up of a removed barrier, found by Z3 itself",
        tier="quick",
    ),
    from_named(
        "z3-finds-nothing-with-the-barrier-ring1",
        NO_POLL_MB[1],
        no_lost_interrupt,
        "bounded",
        "completing",
        16,
        "the same search with the barrier in place",
    ),
    from_named(
        "z3-finds-complete-no-barrier-ring4-any-index",
        NO_POLL_MB[4].without(POLL_MB.name),
        no_lost_interrupt,
        "refuted",
        "completing",
        16,
        "16-bit indices, wherever they stand",
        anywhere=True,
    ),
    *(
        Statement(
            f"reached-at-every-index-ring{size}",
            system,
            EVERY_INDEX,
            "inductive",
            tier="quick" if size == 1 else "full",
            note="where the checks from any index begin",
            decide=reached_at_every_index,
        )
        for size, system in NO_POLL_MB.items()
    ),
    *(
        from_named(
            f"z3-{prop.name}-ring4-any-index-from-{state}",
            NO_POLL_MB[4],
            prop,
            "bounded",
            state,
            14,
            "16-bit indices, wherever they stand, the wrap included",
            anywhere=True,
        )
        for state, prop in (("asleep", no_lost_interrupt), ("parked", no_lost_kick))
    ),
    *(second_opinion(name, claim) for name, claim in traces()),
]

if __name__ == "__main__":
    main_for(CLAIMS)
