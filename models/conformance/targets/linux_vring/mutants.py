"""Faults to plant in virtio_ring.c.

A fault says what it replaces: the first place with that text behind the
function's name.  `unseen` says why driving one thread from outside cannot see it;
such a fault must stay unseen, or the reason is wrong.
"""

from __future__ import annotations

from typing import Final

from vrx.models.conformance.targets.linux_vring.mutant import Mutant, NoPlace
from vrx.models.conformance.targets.linux_vring.packed_mutants import PACKED
from vrx.models.conformance.targets.linux_vring.split_mutants import SPLIT

MUTANTS: Final = (*SPLIT, *PACKED)


def mutant(name: str) -> Mutant:
    """A fault by name.  Raises NoPlace."""
    for m in MUTANTS:
        if m.name == name:
            return m
    raise NoPlace(f"no fault is called {name!r}: use one of {', '.join(m.name for m in MUTANTS)}")
