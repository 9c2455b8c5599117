"""Step by step with Z3: what is inductive is said to be, and what is not is named."""

from __future__ import annotations

from typing import Any

import pytest

from vrx.models.engines.z3.one_step_induction import stepwise
from vrx.models.systems.system import litmus_test
from vrx.proofs.refinement import lemmas, wide
from vrx.spec.litmus import fenced
from vrx.spec.properties import Property

BUFFERING = litmus_test(fenced("SB"), "sc")


def _at_most(n: int) -> Property:
    def holds(s: Any) -> bool:
        return bool(s.variables.x <= n and s.threads[0].registers[0] <= n)

    return Property(f"at_most_{n}", holds, "always")


def _only_zero(s: Any) -> bool:
    return bool(s.variables.x == 0)


def _only_one(s: Any) -> bool:
    return bool(s.variables.x == 1)


def test_what_no_step_leaves_is_inductive() -> None:
    """Register 0 of thread 0 reads y, of which nothing is said: 3 is all that it holds."""
    assert stepwise(BUFFERING, [_at_most(3)]).verdict == "inductive"


def test_a_step_that_leaves_a_lemma_is_named() -> None:
    found = stepwise(BUFFERING, [Property("only_zero", _only_zero, "always")])
    assert found.verdict == "refuted" and "thread 0: instruction leaves only_zero" in found.reason


def test_an_initial_state_outside_is_named() -> None:
    found = stepwise(BUFFERING, [Property("only_one", _only_one, "always")])
    assert found.verdict == "refuted" and "the initial state is outside only_one" in found.reason


@pytest.mark.slow
def test_the_refinement_needs_its_lemmas() -> None:
    """Without the lemma about where functions return to, the steps that return are named."""
    without = [x for x in lemmas(wide()) if x.name != "returns_to_calls"]
    found = stepwise(wide(), without)
    assert found.verdict == "refuted" and "virtqueue_notify leaves" in found.reason
