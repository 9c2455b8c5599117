"""What is claimed, one module per question.  `python -m vrx.proofs.lost_wakeup` decides the claims of one.

How many states a search has, how deep it goes and how long a counterexample is
are claimed as well: `proofs/figures/` has the numbers, a file for each module, written by the tool
(`python -m vrx.proofs.command.results --pin`) and read by people in a diff.  Each stands
there with the digest of the steps that it was measured on.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import import_module

import vrx.proofs.beginning  # noqa: F401  before whatever takes time to import
from vrx.models.claims import Claim, Exhibit, Lasting, figures_key
from vrx.proofs.figures import SEARCHES, STEPS

AGAIN = "python -m vrx.proofs.command.results --pin"
"""Measures the figures anew."""


def pinned(claim: Claim) -> Claim:
    """The claim with the figures that were measured, where it writes none of its own, and with the digest of the steps
    that they were measured on: what is claimed of other steps is not what was measured."""
    own = claim.figures
    if claim.system is None or claim.decide is not None:
        return claim
    if claim.expected == "refuted":
        steps, measured = STEPS.get(claim.name, (None, ""))
        return replace(claim, figures=replace(own, steps=own.steps or steps, measured=measured, again=AGAIN))
    states, depth, measured = SEARCHES.get(figures_key(claim.system), (None, None, ""))
    said = replace(own, states=own.states or states, measured=measured, again=AGAIN)
    if not isinstance(claim, Lasting):  # its graph has the same states, but no depth
        said = replace(said, depth=own.depth or depth or None)
    return replace(claim, figures=said)


def exhibit_claims(exhibit: Exhibit) -> tuple[Claim, Claim]:
    """The two claims of an exhibit, with figures."""
    faulty, fixed = exhibit.claims()
    return pinned(faulty), pinned(fixed)


MODULES = (
    "lost_wakeup",
    "ownership",
    "accounts",
    "data",
    "giving_up",
    "exits",
    "hostile",
    "packed_hostile",
    "branches",
    "variants",
    "suppression",
    "hints",
    "delayed",
    "busy_poll",
    "barriers",
    "packed_barriers",
    "every_system",
    "solver",
    "liveness",
    "stops",
    "refill",
    "caller",
    "packed",
    "packed_flags",
    "packed_sizes",
    "packed_laps",
    "packed_data",
    "versions",
    "induction",
    "standard",
    "standard_packed",
    "standard_in_order",
    "standard_queue",
    "standard_chains",
    "standard_packets",
    "refinement",
    "symmetry",
)
"""The modules with a list CLAIMS, in the order of a report."""


@cache
def all_claims() -> tuple[Claim, ...]:
    """Every claim of every module, once: a file may repeat what an earlier one claims, but not claim another thing."""
    claims: dict[str, Claim] = {}
    for module in MODULES:
        for claim in import_module(f"vrx.proofs.{module}").CLAIMS:
            known = claims.get(claim.name)
            if known is not None:
                if (known.system, known.asks, known.expected) != (claim.system, claim.asks, claim.expected):
                    raise ValueError(f"two claims are called {claim.name}")
                continue
            claims[claim.name] = replace(pinned(claim), module=module)
    return tuple(claims.values())


@cache
def all_exhibits() -> tuple[Exhibit, ...]:
    """Every bug of the museum, and those that newer versions have."""
    from vrx.proofs.museum import all_exhibits

    return (*all_exhibits(), *import_module("vrx.proofs.versions").exhibits())
