"""Which step needs which lemma: each lemma left out in turn, and what is no longer preserved."""

from __future__ import annotations

from collections.abc import Iterator

from models.induction.prover import Prover
from models.system import System
from proofs.induction.invariant import lemmas
from proofs.induction.systems import ALSO, GOALS


def needs(system: System, timeout: float = 5.0) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Each lemma, with what needs it, a step or a goal -> the lemmas that fail there without it."""
    asked = lemmas(system.cfg)
    prover = Prover(system, asked, timeout=timeout)
    for lemma in asked:
        uses: dict[str, list[str]] = {}
        for result in prover.run(leave_out=lemma.name):
            names = sorted({f.lemma for f in result.failures})
            if names:
                uses[result.name] = names
        for goal in (*GOALS, *ALSO):
            if prover.follows(goal, leave_out=lemma.name) != "unsat":
                uses["(goal)"] = [*uses.get("(goal)", []), goal.name]
        yield lemma.name, uses


def table(system: System) -> Iterator[str]:
    """The table as text."""
    for name, uses in needs(system):
        yield f"{name}"
        for step, failing in uses.items():
            yield f"    {step}: {', '.join(failing)}"
        if not uses:
            yield "    nothing else"
