"""What Z3 decides: the event test for all 16-bit values, and a second opinion on every trace of the search.

A trace of the search is handed to Z3 as a schedule, the actions fixed; the
states in between, and whether the property fails at the end, are the solver's.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace

from vrx.models.anywhere import bmc_anywhere, everywhere
from vrx.models.bmc import bmc, confirm
from vrx.models.claims import Claim, Outcome, Tier, Verdict
from vrx.models.engine import search_for
from vrx.models.named import start
from vrx.models.system import System, rx
from vrx.proofs import barriers, hints, lost_wakeup, ownership, variants
from vrx.proofs.event_test import EXPECTED, WRONG, Answer, decide_event_test, decide_slot_axiom
from vrx.proofs.museum import all_exhibits
from vrx.spec.layouts.split.driver import POLL_MB
from vrx.spec.properties import Property, no_lost_interrupt, no_lost_kick
from vrx.spec.ring import vring_need_event

FORMS = {form.__name__: form for form in (vring_need_event, *WRONG)}


def _answer(name: str) -> Answer:
    if name.startswith("slot_axiom"):
        return decide_slot_axiom(35 if name.endswith("35") else None)
    return decide_event_test(FORMS[name])


def _decide_answer(claim: Claim) -> Outcome:
    answer = _answer(claim.name)
    shown = ", ".join(f"{k}={v}" for k, v in answer.witness.items())
    verdict = "proved" if answer.verdict == "proved" else "refuted"
    reason = f"smallest witness: {shown}" if shown else ""
    return Outcome(verdict, "z3", seconds=answer.seconds, reason=reason)  # type: ignore[arg-type]


def _confirm(claim: Claim) -> Outcome:
    began = time.monotonic()
    assert claim.system is not None
    found = search_for(claim.system, claim.property)
    if found is None:
        return Outcome("undecided", "z3", reason="the search found no trace", fault=True)
    agreed = confirm(claim.system, found.path, None if claim.mark else claim.property)
    seconds = time.monotonic() - began
    if not agreed:
        return Outcome("undecided", "z3", reason="z3 does not find the trace of the search", fault=True)
    return Outcome("refuted", "z3", steps=len(found.path), seconds=seconds)


def second_opinion(name: str, system: System | None, prop: Property) -> Claim:
    """The claim that Z3 confirms the shortest counterexample of a property, or the shortest way to a cover."""
    note = "the trace of the search, its actions fixed, is one of Z3 too"
    return Claim(f"z3-confirms-{name}", system, prop, "refuted", tier="full", note=note, decide=_confirm)


def traces() -> list[Claim]:
    """Every claim that the search answers with a trace, each system and property once."""
    found: dict[tuple[System | None, str], Claim] = {}
    for exhibit in all_exhibits():
        if exhibit.liveness is None:
            found[exhibit.faulty, exhibit.property.name] = replace(exhibit.claims()[0], name=exhibit.id)
    for claim in (*lost_wakeup.CLAIMS, *ownership.CLAIMS, *variants.CLAIMS, *hints.CLAIMS, *barriers.CLAIMS):
        if claim.expected == "refuted" and claim.decide is None and claim.liveness is None:
            found.setdefault((claim.system, claim.property.name), claim)
    return list(found.values())


def for_all_16_bit_values(state: object) -> bool:
    """The form of the event test equals the standard's words, or the axiom holds, for all 16-bit values."""
    return True


ALL_VALUES = Property("for_all_16_bit_values", for_all_16_bit_values, "always")
NOTES = {
    "vring_need_event": "crossing: the test that Linux and QEMU have",
    "latest_only": "only the last entry written is compared",
    "first_only": "only the first entry written is compared",
    "off_by_one": "the event itself is left out",
    "compared": "raw indices are compared, not distances",
    "slot_axiom": "entries less than a ring apart have different slots, for every power of two",
    "slot_axiom-35": "not for other sizes: why a split ring is a power of two",
}


def _from(system: System, name: str, depth: int, anywhere: bool) -> Callable[[Claim], Outcome]:
    """Decide a claim by bounded search from a named state, or from that state at every start index at once."""

    def decide(claim: Claim) -> Outcome:
        if anywhere:
            found = bmc_anywhere(system, claim.property, depth, name)
        else:
            found = bmc(system, claim.property, depth, start(system, name))
        reason = found.reason or f"from {name!r}" + (", at any of the 65536 start indices" if anywhere else "")
        steps = len(found.steps) if found.verdict == "refuted" else None
        return Outcome(found.verdict, "z3", depth=found.depth, steps=steps, seconds=found.seconds, reason=reason)

    return decide


def reached_at_every_index(state: object) -> bool:
    """A state in which all is asleep is reached at every start index, and so is what is named from it."""
    return True


def _everywhere(claim: Claim) -> Outcome:
    began = time.monotonic()
    assert claim.system is not None
    found = everywhere(claim.system)
    said = " and ".join(f"{len(r.moves)} steps move the indices by {r.moved}" for r in found.rounds)
    return Outcome("inductive", "z3", seconds=time.monotonic() - began, reason=f"rounds of {said}")


def from_named(
    name: str, system: System, prop: Property, expected: Verdict, state: str, depth: int, note: str,
    anywhere: bool = False, tier: Tier = "full",
) -> Claim:
    """The claim that Z3 alone finds a trace from a named state (steps = depth), or none up to that depth."""
    steps = depth if expected == "refuted" else None
    decide = _from(system, state, depth, anywhere)
    return Claim(name, system, prop, expected, steps=steps, tier=tier, note=note, decide=decide)


NO_POLL_MB = {n: rx(size=n, idx_bits=b, memory="tso", guest="up", event_idx=True) for n, b in ((1, 3), (4, 16))}

CLAIMS: list[Claim] = [
    *(
        Claim(
            name, None, ALL_VALUES, "refuted" if name in EXPECTED else "proved", note=NOTES[name], decide=_decide_answer
        )
        for name in (*FORMS, "slot_axiom", "slot_axiom-35")
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
        Claim(
            f"reached-at-every-index-ring{size}",
            system,
            Property("reached_at_every_index", reached_at_every_index, "always"),
            "inductive",
            note="where the checks from any index begin",
            decide=_everywhere,
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
    *(second_opinion(claim.name, claim.system, claim.property) for claim in traces()),
]

if __name__ == "__main__":
    from vrx.models.cli import main_for

    sys.exit(main_for(CLAIMS))
