"""What is claimed, one module per question.  `python -m proofs.lost_wakeup` decides the claims of one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import import_module

from models.claims import Claim, Exhibit

MODULES = ("lost_wakeup", "ownership")
"""The modules with a list CLAIMS, in the order of a report."""


@cache
def all_claims() -> tuple[Claim, ...]:
    """Every claim of every module.  Names are unique."""
    claims: dict[str, Claim] = {}
    for module in MODULES:
        for claim in import_module(f"proofs.{module}").CLAIMS:
            if claim.name in claims:
                raise ValueError(f"two claims are called {claim.name}")
            claims[claim.name] = replace(claim, module=module)
    return tuple(claims.values())


@cache
def all_exhibits() -> tuple[Exhibit, ...]:
    """Every bug of the museum."""
    from proofs.museum import all_exhibits

    return tuple(all_exhibits())
