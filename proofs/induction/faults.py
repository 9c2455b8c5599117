"""All faulty systems of the proof: barriers taken out one at a time, wrong steps, and the same beside any caller."""

from __future__ import annotations

from vrx.proofs.induction.barrier_rows import cells
from vrx.proofs.induction.caller_mutants import caller_mutants
from vrx.proofs.induction.mutants import Mutant, mutants


def faults() -> list[Mutant]:
    """Every one, barriers first."""
    return [*cells(), *mutants(), *caller_mutants()]
