"""Which engine decides, and what it says: all claims about one system in one search.

The native explorer decides where there is a C compiler.  Without one the
reference explorer decides what is small, and the rest is left undecided with
the command that mends it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from vrx.models.claims import Claim, Lasting, Outcome, Question, Reached, Safety, Sentence, Statement, about
from vrx.models.deciding.digest import identity, steps_digest, unchanged
from vrx.models.deciding.refusals import outside_of, refusals, without_meaning
from vrx.models.deciding.resting_on_names import asked_beside, founded, kept_to_names, rests_on_names
from vrx.models.deciding.same_system import Alike, alike
from vrx.models.deciding.schedule import only_refuted
from vrx.models.deciding.search_cache import Drawer
from vrx.models.deciding.vacuous import (
    NO_REST,
    NO_SITUATION,
    cannot_fail,
    change_without_effect,
    never_taken,
    no_such_mark,
    nothing_to_say,
    occasion,
)
from vrx.models.engines.explorer import Found, Search, by_name, explore
from vrx.models.engines.liveness import Lasso, liveness
from vrx.models.engines.liveness_reference import liveness_reference
from vrx.models.engines.native.build import NoCompiler
from vrx.models.engines.native.codegen import MOST_PROPERTIES, Source
from vrx.models.engines.native.explore import FEW, explore_native, write
from vrx.models.symbolic.reading import Reading
from vrx.models.systems.step_errors import OutOfRange, QuestionFails
from vrx.models.systems.system import Program, System
from vrx.models.terminal import ending
from vrx.models.traces.trace import Mismatch, replay
from vrx.spec.liveness import FAIRNESS, Liveness
from vrx.spec.properties import Property
from vrx.spec.steps import ModelError

REFERENCE_LIMIT = 300_000
"""States that the reference explorer is asked to visit at most: a minute."""
REFERENCE_GRAPH = 100_000
"""States of a graph in which the reference looks for cycles at most."""
Progress = Callable[[int, int], None]


class Unfinished(Exception):
    """A search ended before it found anything; the text says why."""


@dataclass(frozen=True)
class Unreachable:
    """A step that no search takes, why, and in which configurations (all, unless said)."""

    step: str
    reason: str
    when: Callable[[Any], bool] = lambda cfg: True


@dataclass(frozen=True)
class Decided:
    """The outcomes of a group of claims, in their order, and what is wrong with the steps that fired.

    complaints: the number of a claim, and what is wrong in the search of its system
    """

    outcomes: list[Outcome]
    complaints: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Limits:
    """What one search may take.  threads: of the native explorer; max_bytes, seconds: 0 for no limit."""

    threads: int = 1
    max_bytes: int = 0
    seconds: float = 0


def cpus() -> int:
    """How many threads a search may use: those that this process may run on, and what the native explorer takes."""
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 64)


def decide(
    claims: Sequence[Claim],
    *,
    threads: int = 1,
    max_bytes: int = 0,
    seconds: float = 0,
    unreachable: Sequence[Unreachable] | None = None,
    resume: bool = False,
    first: bool = False,
    progress: Progress | None = None,
) -> Decided:
    """Decide claims: one search for those about the same transition system (or one claim that brings its own engine).

    max_bytes, seconds: what each search may take, 0 for no limit; one that needs more leaves claims undecided.
    unreachable: the steps that no search takes; without a list nobody complains of steps.
    resume: take what an earlier run of this very tool found out.
    first: a search of states ends where the first of its claims is refuted, which leaves others undecided.
    """
    if claims[0].decide is not None:
        return Decided([by_its_own_engine(claim) for claim in claims])
    limits = Limits(threads, max_bytes, seconds)
    beside = [] if first or only_refuted(claims) else asked_beside(claims)
    found = _decide([*claims, *beside], limits, unreachable, resume, first, progress)
    further = found.outcomes[len(claims) :]
    outcomes = [kept_to_names(c, o) for c, o in zip(claims, found.outcomes, strict=False)]
    if not beside:
        beside = asked_beside(c for c, o in zip(claims, outcomes, strict=True) if rests_on_names(c, o))
        further = _decide(beside, limits, None, resume, False, progress).outcomes if beside else []
    known = list(zip(beside, further, strict=True))
    outcomes = [founded(c, o, known) for c, o in zip(claims, outcomes, strict=True)]
    return Decided(outcomes, tuple((n, text) for n, text in found.complaints if n < len(claims)))


def _decide(
    claims: Sequence[Claim],
    limits: Limits,
    unreachable: Sequence[Unreachable] | None,
    resume: bool,
    first: bool,
    progress: Progress | None,
) -> Decided:
    """Decide claims about systems by searches, one for each transition system."""
    seconds = limits.seconds
    outcomes: dict[int, Outcome] = {}
    complaints: list[tuple[int, str]] = []
    refused: dict[object, str] = {}
    searched = [claim for claim in claims if not isinstance(claim, Statement)]
    try:
        with ending.working_within(seconds):
            for n, claim in enumerate(searched):
                key = identity(claim.system)
                if key not in refused:
                    refused[key] = refusals(claim.system)
                why = refused[key] or without_meaning(claim.system, claim.asks) or outside_of(claim.system, claim.asks)
                if why:
                    outcomes[n] = Outcome("undecided", "-", reason=why, fault=True, refused=bool(refused[key]))
            asked = [n for n in range(len(claims)) if n not in outcomes]
            groups, unread = alike([claims[n] for n in asked], not first)
    except ending.OutOfTime:
        said = f"reading the steps took more than {seconds:g} s: has one a loop without an end?"
        return Decided([Outcome("undecided", "-", reason=said, why="time")] * len(claims))
    for n, error in unread.items():
        outcomes[asked[n]] = _broken(claims[asked[n]].system, error)
    for group in groups:
        numbers = [asked[n] for n in group.numbers]
        part = [claims[n] for n in numbers]
        if isinstance(part[0], Lasting):
            found = decide_liveness(part, group, limits, progress)
        else:
            found = decide_states(part, group, limits, unreachable, resume, progress, first or None)
        shared = f"the same C as {part[0].system_name}, decided by its search"
        for n, one, outcome in zip(numbers, part, found.outcomes, strict=True):
            of_another = one.system is not None and identity(one.system) != identity(group.reading.system)
            outcomes[n] = replace(outcome, reason=shared) if of_another and not outcome.reason else outcome
        complaints += [(numbers[n], text) for n, text in found.complaints]
    return Decided([outcomes[n] for n in range(len(claims))], tuple(complaints))


def by_its_own_engine(claim: Claim) -> Outcome:
    """What a claim's own engine says, with the seconds that it took where it does not say them itself."""
    if claim.decide is None:
        raise ValueError(f"{claim.name} has no engine of its own")
    began = time.monotonic()
    outcome = claim.decide(claim)
    return outcome if outcome.seconds else replace(outcome, seconds=time.monotonic() - began)


def _broken(system: System | None, error: ModelError) -> Outcome:
    """The outcome where a step broke a rule: a variant's own, or one of the model."""
    own = isinstance(error, QuestionFails) or (system is not None and system.changed)
    whose = "" if own else "the model is wrong: "
    leaves = isinstance(error, OutOfRange)
    return Outcome("undecided", "-", reason=f"{whose}{error}", fault=True, refused=True, leaves_range=leaves)


def decide_states(
    claims: Sequence[Claim],
    group: Alike,
    limits: Limits,
    unreachable: Sequence[Unreachable] | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    stop: bool | None = None,
) -> Decided:
    """Decide claims about the states of one transition system.  stop: at a violation; None: if they are all of one."""
    began = time.monotonic()
    system = group.reading.system
    try:
        search, engine = _search(system, claims, (group.reading, group.source), limits, resume, progress, stop)
    except ModelError as error:
        return Decided([_broken(c.system, error) for c in claims])
    seconds = time.monotonic() - began
    measured = steps_digest(group.source)
    programs: dict[object, Program] = {}
    outcomes, complaints = [], []
    for n, claim in enumerate(claims):
        assert claim.system is not None
        key = identity(claim.system)
        if key not in programs:
            programs[key] = claim.system.built()
            if unreachable is not None and (text := fired_as_listed(programs[key], search, unreachable)):
                complaints.append((n, text))
        outcome = _outcome(programs[key], claim, group, search, engine, seconds)
        idle = never_taken(programs[key], search.fired) if search.complete else ()
        alike_c = outcome.verdict == "proved" and unchanged(claim.system, measured)
        outcomes.append(replace(outcome, digest=measured, never_taken=idle, by_construction=alike_c))
    return Decided(outcomes, tuple(complaints))


def decide_liveness(
    claims: Sequence[Claim], group: Alike, limits: Limits, progress: Progress | None = None
) -> Decided:
    """Decide claims about runs without end, all on one graph, natively or on the reference's."""
    began = time.monotonic()
    system = group.reading.system
    asked = list(dict.fromkeys(claim.asks for claim in claims if isinstance(claim, Lasting)))
    try:
        try:
            verdicts = liveness(
                system,
                asked,
                max_bytes=limits.max_bytes,
                seconds=limits.seconds,
                reading=group.reading,
                progress=progress,
            )
            engine = "native"
        except NoCompiler as missing:
            known = max((c.figures.states or 0 for c in claims), default=0)
            if not 0 < known <= REFERENCE_GRAPH:
                size = f"a graph of {known:,} states is" if known else "a graph of unknown size may be"
                said = f"{size} too large for the reference"
                left = Outcome("undecided", "-", reason=said, why="too_large", mend=str(missing))
                return Decided([left] * len(claims))
            verdicts, engine = liveness_reference(system, asked, seconds=limits.seconds), "reference"
    except ModelError as error:
        return Decided([_broken(c.system, error) for c in claims])
    seconds = time.monotonic() - began
    found = {verdict.claim: verdict for verdict in verdicts}
    measured = steps_digest(group.source)
    outcomes = []
    for claim in claims:
        assert isinstance(claim, Lasting)
        verdict = found[claim.asks]
        program = claim.system.built()
        idle = never_taken(program, verdict.fired) if verdict.complete else ()
        outcome = Outcome("undecided", engine, verdict.states, None, None, seconds, verdict.reason)
        outcome = replace(outcome, digest=measured, never_taken=idle, why=verdict.why)
        if verdict.lasso is not None:
            steps = len(verdict.lasso.prefix) + len(verdict.lasso.loop)
            outcome = replace(outcome, verdict="refuted", steps=steps, reason="", why="")
        elif verdict.complete:
            void = "" if verdict.occurs else NO_SITUATION
            void = void or ("" if verdict.spoken_of else nothing_to_say(claim.asks))
            void = void or change_without_effect(program, verdict.fired, verdict.covers)
            alike_c = not void and unchanged(claim.system, measured)
            outcome = replace(outcome, verdict="vacuous" if void else "proved", reason=void or FAIRNESS)
            outcome = replace(outcome, by_construction=alike_c)
        outcomes.append(outcome)
    return Decided(outcomes)


def lasso_for(system: System, claim: Liveness, progress: Progress | None = None) -> Lasso | None:
    """The way to a rest or a loop that refutes a claim about runs without end; None: there is none."""
    (found,) = liveness(system, [claim], progress=progress)
    if found.lasso is None and not found.complete:
        raise Unfinished(found.reason)
    return found.lasso


def search_for(system: System, asked: Property | Reached, progress: Progress | None = None) -> Found | None:
    """The shortest way to a state where a property fails, or to a step that passes a cover's mark; None: there is none.

    Raises Unfinished where the search ended before it could tell.
    """
    written = write(system, [asked] if isinstance(asked, Property) else [])
    claim = about("", system, asked, "refuted")
    search, _ = _search(system, [claim], written, Limits(), False, progress)  # one thread: the same trace every time
    found = _found(asked, written[1], search)
    if found is None and not search.complete:
        raise Unfinished(_why(search))
    return found


def first_violation(
    system: System, asked: Sequence[Property], progress: Progress | None = None
) -> tuple[Property, Found] | None:
    """The shortest way to a state where any of several properties fails, and which; None: there is none.

    Raises Unfinished where the search ended before it could tell.
    """
    found: list[tuple[Property, Found]] = []
    for first in range(0, len(asked), MOST_PROPERTIES):
        part = asked[first : first + MOST_PROPERTIES]
        claims = [Safety("", system, prop, "refuted") for prop in part]
        written = write(system, part)
        search, _ = _search(system, claims, written, Limits(), False, progress, stop=True)
        there = [(prop, way) for prop in part if (way := _found(prop, written[1], search)) is not None]
        if not there and not search.complete:
            raise Unfinished(_why(search))
        found += there
    return min(found, key=lambda f: len(f[1].path), default=None)


def _search(
    system: System,
    claims: Sequence[Claim],
    written: tuple[Reading, Source],
    limits: Limits,
    resume: bool,
    progress: Progress | None,
    stop: bool | None = None,
) -> tuple[Search, str]:
    properties = written[1].properties
    if stop is None:
        stop = len(properties) == 1 and only_refuted(claims)
    known = max((c.figures.states or 0 for c in claims), default=0)
    try:
        drawer = Drawer(written[1], stop)
        if resume and (before := drawer.get()) is not None:
            return before, "native, kept"
        found = explore_native(
            system,
            properties,
            threads=limits.threads,
            max_bytes=limits.max_bytes,
            seconds=limits.seconds,
            stop_at_violation=stop,
            few=known <= FEW,
            written=written,
            progress=progress,
        )
        if found.complete or (stop and found.violations):
            drawer.put(found)
        return found, "native"
    except NoCompiler as missing:
        mend = str(missing)
        if known > REFERENCE_LIMIT and not stop:
            said = f"{known:,} states are too many for the reference explorer"
            return Search(reason=said, why="too_large", mend=mend), "reference"
    found = explore(
        system,
        properties,
        limit=REFERENCE_LIMIT,
        seconds=limits.seconds,
        stop_at_violation=stop,
        progress=progress,
    )
    if not found.complete and not found.violations:
        found.mend = mend
    return found, "reference"


def _why(search: Search) -> str:
    """Why a search did not come to its end, and what mends it."""
    return "; ".join(filter(None, (search.reason or "the search did not end", search.mend)))


def _found(asked: Question | Sentence, source: Source, search: Search) -> Found | None:
    """What refutes a property, or reaches a mark: the answer to this very question, whatever it is called."""
    if isinstance(asked, Reached):
        return search.covers.get(asked.mark)
    return next((search.violations.get(name) for name, p in by_name(source.properties).items() if p == asked))


def _outcome(program: Program, claim: Claim, group: Alike, search: Search, engine: str, seconds: float) -> Outcome:
    source = group.source
    outcome = Outcome("undecided", engine, search.states or None, search.depth or None, None, seconds)
    asked = claim.asks
    assert isinstance(asked, Property | Reached)
    found = _found(asked, source, search)
    if found is not None:
        try:
            replay(claim.name, program.system, asked, found.path)
        except (Mismatch, ModelError) as error:
            reason = f"the trace of the {engine} explorer does not replay on integers: {error}"
            return replace(outcome, reason=reason, fault=True)
        return replace(outcome, verdict="refuted", steps=len(found.path))
    if isinstance(asked, Reached) and asked.mark not in source.marks:
        return replace(outcome, verdict="vacuous", reason=no_such_mark(asked.mark, source.marks))
    if not search.complete:
        said = search.reason or "the search did not end"
        return replace(outcome, reason=said, why=search.why, mend=search.mend)
    void = change_without_effect(program, search.fired, search.covers)
    if isinstance(asked, Property):
        void = (NO_REST if asked.when == "rest" and not search.rests else "") or void
        void = void or cannot_fail(group.reading, asked) or _without_occasion(asked, source, search)
    return replace(outcome, verdict="vacuous" if void else "proved", reason=void)


def _without_occasion(asked: Property, source: Source, search: Search) -> str:
    """Why a property says nothing whose occasion never comes; empty where it comes, or nobody looked."""
    one = occasion(asked)
    name = next((name for name, p in by_name(source.properties).items() if p == one), None)
    return nothing_to_say(asked) if name is not None and name not in search.violations else ""


def fired_as_listed(program: Program, search: Search, unreachable: Sequence[Unreachable]) -> str:
    """What is wrong with the steps that a completed search took: one that never fired and is not listed, or did and is.

    Variants are exempt: what they change makes steps unreachable.  `Outcome.never_taken` says which.
    """
    system = program.system
    if not search.complete or system.changed or system.cfg.without:
        return ""
    idle = set(never_taken(program, search.fired))
    fired = {action.step.name for action in program.actions} - idle
    listed = {u.step for u in unreachable if u.when(system.cfg)}
    complaints = []
    if missing := sorted(idle - listed):
        complaints.append(f"never fired: {', '.join(missing)}")
    if wrong := sorted(fired & listed):
        complaints.append(f"listed as unreachable, but fired: {', '.join(wrong)}")
    return "; ".join(complaints)
