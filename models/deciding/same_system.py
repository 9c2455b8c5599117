"""Claims whose systems are one transition system, and what cannot be read at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vrx.models.claims import Claim, Lasting, Safety
from vrx.models.deciding.digest import digest, identity
from vrx.models.deciding.schedule import only_refuted
from vrx.models.deciding.vacuous import occasion
from vrx.models.engines.liveness import situations
from vrx.models.engines.native.codegen import Source
from vrx.models.engines.native.explore import write
from vrx.models.symbolic.reading import Reading
from vrx.models.systems.system import System
from vrx.spec.liveness import Liveness
from vrx.spec.properties import Property
from vrx.spec.steps import ModelError


@dataclass(frozen=True)
class Alike:
    """Claims about one transition system.

    numbers: of the claims; reading, source: the system of the first of them and what is asked of its states, as C
    """

    numbers: list[int]
    reading: Reading
    source: Source


def alike(claims: Sequence[Claim], occasions: bool = True) -> tuple[list[Alike], dict[int, ModelError]]:
    """Claims by the digest of their systems with all that is asked, and the claims whose system, or whose question,
    cannot be read.

    occasions: ask too whether what properties speak of occurs
    What is asked of states and what is asked of runs without end is not decided together.
    """
    of_states = list(dict.fromkeys(c.asks for c in claims if isinstance(c, Safety)))
    if occasions and not only_refuted(claims):  # where a refutation is all that is wanted, a search ends there
        of_states += [one for prop in of_states if (one := occasion(prop)) is not None]
    of_runs = list(dict.fromkeys(c.asks for c in claims if isinstance(c, Lasting)))
    found: dict[object, _Read] = {}
    groups: dict[tuple[str, bool], Alike] = {}
    unread: dict[int, ModelError] = {}
    for n, claim in enumerate(claims):
        assert claim.system is not None
        runs = isinstance(claim, Lasting)
        key = (identity(claim.system), runs)
        if key not in found:
            found[key] = _read(claim.system, of_runs if runs else of_states)
        read = found[key]
        error = (read.unread.get(claim.asks) if isinstance(claim, Safety | Lasting) else None) or read.unread.get(None)
        if error is not None:
            unread[n] = error
            continue
        assert read.reading is not None and read.source is not None
        groups.setdefault((digest(read.source), runs), Alike([], read.reading, read.source)).numbers.append(n)
    return list(groups.values()), unread


@dataclass(frozen=True)
class _Read:
    """A system and what is asked of it as C.  unread: questions that cannot be read, and why; None: the system."""

    reading: Reading | None
    source: Source | None
    unread: dict[Property | Liveness | None, ModelError]


def _read(system: System, asked: Sequence[Property | Liveness]) -> _Read:
    """The system with every question that can be read: one that cannot does not take the others with it."""
    try:
        return _Read(*write(system, _states_of(asked)), {})
    except ModelError as error:
        try:
            reading = Reading(system)
        except ModelError:
            return _Read(None, None, {None: error})
    unread: dict[Property | Liveness | None, ModelError] = {}
    for question in asked:
        try:
            for prop in _states_of([question]):
                reading.property_tree(prop)
            if isinstance(question, Liveness) and question.same is not None:
                reading.value_tree(question.same)
            if isinstance(question, Liveness) and question.again is not None:
                reading.property_tree(Property(question.name, question.again, "always"))
        except ModelError as error:
            unread[question] = error
    return _Read(*write(system, _states_of([q for q in asked if q not in unread]), reading), unread)


def _states_of(asked: Sequence[Property | Liveness]) -> list[Property]:
    """What questions ask of states."""
    return [p for q in asked for p in (situations([q]) if isinstance(q, Liveness) else [q])]
