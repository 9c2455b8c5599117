"""A changed system, and where the induction stops."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from vrx.models.systems.system import System
from vrx.spec.properties import Property


@dataclass(frozen=True)
class Mutant:
    """A changed system.

    stops: where the induction stops, step -> lemmas that it does not preserve (others may fail there too); empty:
    it goes through
    property: what a search of small rings finds violated; None where every reachable state of them is good, so that
    the change is a correct program or the invariant too weak for it
    note: what is to be said of it
    """

    name: str
    system: System
    stops: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    property: Property | None = None
    note: str = ""


def replaced(
    system: System, name: str, step: str, run: Callable[..., None], where: str, lemmas: str, found: Property
) -> Mutant:
    """A system with one step exchanged.  where, lemmas: the step and the lemmas at which the proof stops."""
    return Mutant(name, system.replace(step, run), {where: tuple(lemmas.split())}, found)
