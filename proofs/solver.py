"""What Z3 decides: the event test for all 16-bit values, and a second opinion on every trace of the museum.

A trace of the search is handed to Z3 as a schedule, the actions fixed; the
states in between, and whether the property fails at the end, are the solver's.
"""

from __future__ import annotations

import sys
import time

from models.bmc import confirm
from models.claims import Claim, Exhibit, Outcome
from models.engine import search_for
from proofs.event_test import EXPECTED, WRONG, Answer, decide_event_test, decide_slot_axiom
from proofs.museum import all_exhibits
from spec.properties import Property
from spec.ring import vring_need_event

FORMS = {form.__name__: form for form in (vring_need_event, *WRONG)}


def _answer(name: str) -> Answer:
    if name.startswith("slot_axiom"):
        return decide_slot_axiom(35 if name.endswith("35") else None)
    return decide_event_test(FORMS[name])


def _decide_answer(claim: Claim) -> Outcome:
    answer = _answer(claim.name)
    shown = ", ".join(f"{k}={v}" for k, v in answer.witness.items())
    verdict = "proved" if answer.verdict == "proved" else "refuted"
    return Outcome(verdict, "z3", seconds=answer.seconds, reason=shown and f"smallest witness: {shown}")  # type: ignore[arg-type]


def _confirm(claim: Claim) -> Outcome:
    began = time.monotonic()
    assert claim.system is not None
    found = search_for(claim.system, claim.property)
    if found is None:
        return Outcome("undecided", "z3", reason="the search found no trace", fault=True)
    agreed = confirm(claim.system, found.path, claim.property)
    seconds = time.monotonic() - began
    if not agreed:
        return Outcome("undecided", "z3", reason="z3 does not find the trace of the search", fault=True)
    return Outcome("refuted", "z3", steps=len(found.path), seconds=seconds)


def second_opinion(exhibit: Exhibit) -> Claim:
    """The claim that Z3 confirms the shortest counterexample of an exhibit."""
    return Claim(
        f"z3-confirms-{exhibit.id}", exhibit.faulty, exhibit.property, "refuted", tier="full", decide=_confirm
    )


def _all_values() -> bool:
    """The form equals the standard's words (or the axiom holds) for all 16-bit values."""
    return True


ALL_VALUES = Property("for_all_16_bit_values", lambda state: _all_values(), "always")

CLAIMS: list[Claim] = [
    *(
        Claim(name, None, ALL_VALUES, "refuted" if name in EXPECTED else "proved", decide=_decide_answer)
        for name in (*FORMS, "slot_axiom", "slot_axiom-35")
    ),
    *(second_opinion(exhibit) for exhibit in all_exhibits()),
]

if __name__ == "__main__":
    from models.cli import main_for

    sys.exit(main_for(CLAIMS))
