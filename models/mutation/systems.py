"""Where mutants are asked about: a few small systems of each layout, in which every step is taken soon."""

from __future__ import annotations

from collections.abc import Sequence

from vrx.models.deciding.engine import Unreachable
from vrx.models.mutation.mutants import Mutant
from vrx.models.mutation.rings import RINGS
from vrx.models.systems.system import System

SYSTEMS: tuple[System, ...] = tuple(system for ring in RINGS for system in ring.systems)
"""All of them, in their order."""


def belongs(mutant: Mutant, system: System) -> bool:
    """Has the system the step of the mutant, and no other one in its place?  A helper belongs to every system that has
    its machine."""
    if mutant.layout and mutant.layout != str(system.cfg.layout):
        return False
    if mutant.function in system.helpers:
        return True
    return any(
        s.name == mutant.function and s.stands_for is None and s.belongs_to(system.cfg) for s in system.steps
    )


def never_taken_at_all(mutant: Mutant, unreachable: Sequence[Unreachable]) -> str:
    """Why no run of any of the systems takes the step of a mutant; empty where some does, and for a helper."""
    there = [system.cfg for system in SYSTEMS if belongs(mutant, system)]
    reasons = [u.reason for u in unreachable if u.step == mutant.function and all(map(u.when, there))]
    return reasons[0] if reasons else ""
