"""Figures stand beside the claims that they are of: none without a claim, none missing, each once."""

from __future__ import annotations

from vrx.models.claims import Claim, figures_key
from vrx.proofs import all_claims, all_exhibits, exhibit_claims, figures
from vrx.proofs.command.results import PACKAGES, homes_of_systems
from vrx.proofs.figures import MUSEUM

CLAIMS: tuple[Claim, ...] = (*all_claims(), *(c for e in all_exhibits() for c in exhibit_claims(e)))
SEARCHED = [c for c in CLAIMS if c.system is not None and c.decide is None]


def test_a_figure_stands_with_the_first_module_that_claims_it() -> None:
    of_systems = homes_of_systems(CLAIMS)
    of_claims = {c.name: c.module or MUSEUM for c in SEARCHED}
    for module in figures.modules():
        searches, steps = figures.of(module)
        assert {key: of_systems.get(key) for key in searches} == dict.fromkeys(searches, module)
        assert {name: of_claims.get(name) for name in steps} == dict.fromkeys(steps, module)
        assert searches or steps, f"proofs/figures/{module}.py is empty"


def test_no_claim_of_a_search_is_without_figures() -> None:
    """`pinned` finds a figure wherever it stands."""
    assert [c.name for c in SEARCHED if not c.figures.measured] == []
    assert [c.name for c in SEARCHED if c.expected == "refuted" and c.figures.steps is None] == []
    assert [c.name for c in SEARCHED if c.expected == "proved" and c.figures.states is None] == []
    used = {figures_key(c.system) for c in SEARCHED if c.expected != "refuted" and c.system is not None}
    assert set(figures.SEARCHES) == used
    assert set(figures.STEPS) == {c.name for c in SEARCHED if c.expected == "refuted"}


def test_a_module_of_figures_is_one_of_claims() -> None:
    assert set(figures.modules()) <= {c.module for c in SEARCHED} | {MUSEUM}
    assert set(PACKAGES) <= {c.module for c in CLAIMS} | {MUSEUM}
