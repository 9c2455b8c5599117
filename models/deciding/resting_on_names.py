"""What is proved of a variant with `symmetry` rests on more than its search: that numbers of buffers are names to it.

Z3 shows that of every state in which a few questions hold (`models.variants.buffer_names`), so these are
asked of the same system.  Where one or the other is not shown, nothing is proved; what is refuted stays refuted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from vrx.models.claims import Claim, Outcome, Safety, Statement
from vrx.models.deciding.digest import identity
from vrx.models.systems.system import System
from vrx.models.variants.buffer_names import ASK_WITHOUT, BESIDE, is_to_be_shown, not_shown


def asked_beside(claims: Iterable[Claim]) -> list[Claim]:
    """What has to be asked too for claims to be proved, each question once for each system."""
    beside: dict[object, System] = {}
    for claim in claims:
        if claim.system is not None and not isinstance(claim, Statement) and is_to_be_shown(claim.system, claim.asks):
            beside.setdefault(identity(claim.system), claim.system)
    return [Safety(f"{q.name}, beside", system, q, "proved") for system in beside.values() for q in BESIDE]


def kept_to_names(claim: Claim, outcome: Outcome) -> Outcome:
    """The outcome, undecided where it was proved and Z3 does not show that numbers are names to the system and the
    question."""
    if not rests_on_names(claim, outcome):
        return outcome
    assert claim.system is not None and not isinstance(claim, Statement)
    return _unproved(outcome, not_shown(claim.system, claim.asks))


def founded(claim: Claim, outcome: Outcome, beside: Sequence[tuple[Claim, Outcome]]) -> Outcome:
    """The outcome, undecided where it was proved and rests on something that does not hold.

    beside: the claims that `asked_beside` says, with what was found
    """
    if not rests_on_names(claim, outcome):
        return outcome
    for other, found in beside:
        if _of_one_system(claim, other) and found.verdict not in ("proved", "vacuous"):
            said = f"{found.verdict}{f': {found.told}' if found.told else ''}"
            return _unproved(outcome, f"numbers of buffers are names only where {other.asks.name} holds: {said}")
    return outcome


def _of_one_system(one: Claim, other: Claim) -> bool:
    if one.system is None or other.system is None:
        return False
    return identity(one.system) == identity(other.system)


def _unproved(outcome: Outcome, why: str) -> Outcome:
    if not why:
        return outcome
    return replace(outcome, verdict="undecided", reason=why, why="unproved", mend=ASK_WITHOUT, by_construction=False)


def rests_on_names(claim: Claim, outcome: Outcome) -> bool:
    """Is it proved, and does that rest on numbers being names to something of the user's?"""
    if outcome.verdict != "proved" or claim.system is None or isinstance(claim, Statement):
        return False
    return is_to_be_shown(claim.system, claim.asks)
