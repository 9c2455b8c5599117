"""All faulty systems of the proof: barriers taken out one at a time, wrong steps, and the same beside any caller."""

from __future__ import annotations

from vrx.proofs.induction.mutant import Mutant
from vrx.proofs.induction.packed.mutants import mutants as packed
from vrx.proofs.induction.split.barrier_rows import cells
from vrx.proofs.induction.split.caller_mutants import caller_mutants
from vrx.proofs.induction.split.mutants import mutants


def faults() -> list[Mutant]:
    """Every one, those of split rings first, barriers before the others."""
    return [*cells(), *mutants(), *caller_mutants(), *packed()]
