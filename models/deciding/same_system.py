"""Claims whose systems are one transition system, and what cannot be read at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vrx.models.claims import Claim, Lasting, Safety
from vrx.models.deciding.digest import digest, identity
from vrx.models.deciding.schedule import only_refuted
from vrx.models.deciding.vacuous import occasion
from vrx.models.engines.liveness import Fairness, situations, written
from vrx.models.engines.native.codegen import MOST_PROPERTIES, Source
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
    What is asked of states and what is asked of runs without end is not decided together, nor more than fits into one
    search: what is too much for one has several.
    """
    ask_occasions = occasions and not only_refuted(claims)  # where only a refutation is wanted, a search ends there
    of_states = _fitting(dict.fromkeys(c.asks for c in claims if isinstance(c, Safety)), ask_occasions)
    of_runs = _fitting(dict.fromkeys(c.asks for c in claims if isinstance(c, Lasting)), True)
    found: dict[object, _Read] = {}
    groups: dict[object, Alike] = {}
    unread: dict[int, ModelError] = {}
    for n, claim in enumerate(claims):
        assert claim.system is not None
        runs = isinstance(claim, Lasting)
        parts = of_runs if runs else of_states
        part = next((i for i, asked in enumerate(parts) if claim.asks in asked), 0)
        key = (identity(claim.system), runs, part)
        if key not in found:
            found[key] = _read(claim.system, parts[part])
        read = found[key]
        error = (read.unread.get(claim.asks) if isinstance(claim, Safety | Lasting) else None) or read.unread.get(None)
        if error is not None:
            unread[n] = error
            continue
        assert read.reading is not None and read.source is not None
        one = (digest(read.source), runs, part, read.answers)
        groups.setdefault(one, Alike([], read.reading, read.source)).numbers.append(n)
    return list(groups.values()), unread


def _fitting(questions: Iterable[Property | Liveness], occasions: bool) -> list[list[Property | Liveness]]:
    """Questions in as many parts as it takes for each to fit into one search, with what is asked beside them."""
    parts: list[list[Property | Liveness]] = [[]]
    room = MOST_PROPERTIES
    for question in questions:
        beside = occasion(question) if occasions and isinstance(question, Property) else None
        asked = [question, *([beside] if beside is not None else [])]
        takes = len(_states_of(asked))
        if takes > room:
            parts.append([])
            room = MOST_PROPERTIES
        room -= takes
        parts[-1] += asked
    return parts


@dataclass(frozen=True)
class _Read:
    """A system and what is asked of it as C.

    unread: questions that cannot be read, and why; None: the system
    answers: what an answer rests on beside that C: which questions could be read, and of runs without end all that
        cycles are judged by; a claim's `same` or `about` may read a configuration that differs where no step does
    """

    reading: Reading | None
    source: Source | None
    unread: dict[Property | Liveness | None, ModelError]
    answers: tuple[object, ...] = ()


def _read(system: System, asked: Sequence[Property | Liveness]) -> _Read:
    """The system with every question that can be read: one that cannot does not take the others with it."""
    try:
        return _with_answers(*write(system, _states_of(asked)), {}, asked)
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
            if isinstance(question, Liveness) and question.about is not None:
                reading.property_tree(Property(question.name, question.about, "always"))
        except ModelError as error:
            unread[question] = error
    there = [q for q in asked if q not in unread]
    return _with_answers(*write(system, _states_of(there), reading), unread, there)


def _with_answers(
    reading: Reading,
    source: Source,
    unread: dict[Property | Liveness | None, ModelError],
    asked: Sequence[Property | Liveness],
) -> _Read:
    """Raises ModelError where a number or an occasion of a claim cannot be read."""
    endless = [q for q in asked if isinstance(q, Liveness)]
    answers: tuple[object, ...] = tuple(asked)
    if endless:
        answers += asked_of_runs(reading, endless)
    return _Read(reading, source, unread, answers)


def asked_of_runs(reading: Reading, endless: Sequence[Liveness]) -> tuple[str, Fairness, tuple[object, ...]]:
    """All that cycles are judged by, beside the steps: what claims ask of their states, `same` and `about` among it,
    who has to step, and who takes which step; the same in every process.

    Raises ModelError where something that a claim asks cannot be read.
    """
    program = reading.program
    takers = tuple((a.actor, a.step.environment, getattr(a.context, "side", None)) for a in program.actions)
    return written(reading, endless).asked, Fairness.of(program), (*(c.side for c in endless), *takers)


def _states_of(asked: Sequence[Property | Liveness]) -> list[Property]:
    """What questions ask of states."""
    return [p for q in asked for p in (situations([q]) if isinstance(q, Liveness) else [q])]
