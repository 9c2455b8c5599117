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

from vrx.models.claims import MENDED_BY, Claim, Outcome
from vrx.models.deciding.digest import identity, steps_digest, unchanged
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
from vrx.models.engines.native.codegen import Source
from vrx.models.engines.native.explore import FEW, explore_native, write
from vrx.models.symbolic.reading import Reading
from vrx.models.systems.system import Program, System
from vrx.models.traces.trace import Mismatch, replay
from vrx.models.variants.access_rules import looks_behind
from vrx.models.variants.canonical import reads_what_is_not_kept
from vrx.models.variants.hidden_inputs import asks_more, depends_on_more
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
        return Decided([claim.decide(claim) for claim in claims if claim.decide])
    if claims[0].system is None:
        raise ValueError(f"{claims[0].name} has neither a system nor an engine of its own")
    limits = Limits(threads, max_bytes, seconds)
    outcomes: dict[int, Outcome] = {}
    complaints: list[tuple[int, str]] = []
    refused: dict[object, str] = {}
    for n, claim in enumerate(claims):
        assert claim.system is not None
        key = identity(claim.system)
        if key not in refused:
            refused[key] = refusals(claim.system)
        question = claim.liveness or claim.property
        if why := refused[key] or without_meaning(claim.system, question) or _asks_more(claim.system, question):
            outcomes[n] = Outcome("undecided", "-", reason=why, fault=True, refused=bool(refused[key]))
    asked = [n for n in range(len(claims)) if n not in outcomes]
    groups, unread = alike([claims[n] for n in asked], not first)
    for n, error in unread.items():
        outcomes[asked[n]] = _broken(claims[asked[n]].system, error)
    for group in groups:
        numbers = [asked[n] for n in group.numbers]
        part = [claims[n] for n in numbers]
        if part[0].liveness is not None:
            found = decide_liveness(part, group, limits, progress)
        else:
            found = decide_states(part, group, limits, unreachable, resume, progress, first or None)
        shared = f"the same C as {part[0].system_name}, decided by its search"
        for n, claim, outcome in zip(numbers, part, found.outcomes, strict=True):
            of_another = claim.system is not None and identity(claim.system) != identity(group.reading.system)
            outcomes[n] = replace(outcome, reason=shared) if of_another and not outcome.reason else outcome
        complaints += [(numbers[n], text) for n, text in found.complaints]
    return Decided([outcomes[n] for n in range(len(claims))], tuple(complaints))


def undecidable(system: System, question: Property | Liveness) -> str:
    """Why a question is not answered about a system, or is none; empty where it may be."""
    return refusals(system) or without_meaning(system, question) or _asks_more(system, question)


def refusals(system: System) -> str:
    """Why nothing is asked of a system, before any search; empty where it may be: a variant that depends on more than
    the state, looks where it has no access, or reads what the model does not keep."""
    try:
        return depends_on_more(system) or looks_behind(system) or reads_what_is_not_kept(system)
    except ModelError:
        return ""  # the system cannot be read at all, which is said where it is read


def _asks_more(system: System, question: Property | Liveness) -> str:
    """What a question depends on beside the state; empty where it may be asked."""
    try:
        return asks_more(system, question)
    except ModelError:
        return ""  # it cannot be read at all, which is said where it is read


def without_meaning(system: System, question: Property | Liveness) -> str:
    """Why a question has no meaning for a system, as it says itself; empty where it has one."""
    why = question.meaningless(system.cfg)
    return f"{question.name} has no meaning here: {why}" if why else ""


def _broken(system: System | None, error: ModelError) -> Outcome:
    """The outcome where a step broke a rule: a variant's own, or one of the model."""
    own = str(error).startswith("question ") or (system is not None and system.changed)
    whose = "" if own else "the model is wrong: "
    return Outcome("undecided", "-", reason=f"{whose}{error}", fault=True, refused=True)


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
    asked = list(dict.fromkeys(claim.liveness for claim in claims if claim.liveness))
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
            known = max((c.states or 0 for c in claims), default=0)
            if not 0 < known <= REFERENCE_GRAPH:
                size = f"a graph of {known:,} states is" if known else "a graph of unknown size may be"
                why = f"{size} too large for the reference{MENDED_BY}{missing}"
                return Decided([Outcome("undecided", "-", reason=why)] * len(claims))
            verdicts, engine = liveness_reference(system, asked, seconds=limits.seconds), "reference"
    except ModelError as error:
        return Decided([_broken(c.system, error) for c in claims])
    seconds = time.monotonic() - began
    found = {verdict.claim: verdict for verdict in verdicts}
    measured = steps_digest(group.source)
    outcomes = []
    for claim in claims:
        assert claim.liveness is not None and claim.system is not None
        verdict = found[claim.liveness]
        program = claim.system.built()
        idle = never_taken(program, verdict.fired) if verdict.complete else ()
        outcome = Outcome("undecided", engine, verdict.states, None, None, seconds, verdict.reason)
        outcome = replace(outcome, digest=measured, never_taken=idle)
        if verdict.lasso is not None:
            steps = len(verdict.lasso.prefix) + len(verdict.lasso.loop)
            outcome = replace(outcome, verdict="refuted", steps=steps, reason="")
        elif verdict.complete:
            void = "" if verdict.occurs else NO_SITUATION
            void = void or ("" if verdict.spoken_of else nothing_to_say(claim.liveness))
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


def search_for(system: System, prop: Property, progress: Progress | None = None) -> Found | None:
    """The shortest way to a state where a property fails, or to a step that passes a cover's mark; None: there is none.

    Raises Unfinished where the search ended before it could tell.
    """
    claim = Claim("", system, prop, "refuted")
    written = write(system, [] if claim.mark else [prop])
    search, _ = _search(system, [claim], written, Limits(), False, progress)  # one thread: the same trace every time
    found = _found(claim, written[1], search)
    if found is None and not search.complete:
        raise Unfinished(search.reason or "the search did not end")
    return found


def first_violation(
    system: System, asked: Sequence[Property], progress: Progress | None = None
) -> tuple[Property, Found] | None:
    """The shortest way to a state where any of several properties fails, and which; None: there is none.

    Raises Unfinished where the search ended before it could tell.
    """
    claims = [Claim("", system, prop, "refuted") for prop in asked]
    written = write(system, asked)
    search, _ = _search(system, claims, written, Limits(), False, progress, stop=True)
    found = [(c.property, way) for c in claims if (way := _found(c, written[1], search)) is not None]
    if not found and not search.complete:
        raise Unfinished(search.reason or "the search did not end")
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
    known = max((c.states or 0 for c in claims), default=0)
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
            why = f"{known:,} states are too many for the reference explorer{MENDED_BY}{mend}"
            return Search(reason=why), "reference"
    found = explore(
        system,
        properties,
        limit=REFERENCE_LIMIT,
        seconds=limits.seconds,
        stop_at_violation=stop,
        progress=progress,
    )
    if not found.complete and not found.violations:
        found.reason += MENDED_BY + mend
    return found, "reference"


def _found(claim: Claim, source: Source, search: Search) -> Found | None:
    """What refutes a claim, or reaches its cover: the answer to its own question, whatever it is called."""
    if claim.mark:
        return search.covers.get(claim.mark)
    return next((search.violations.get(name) for name, p in by_name(source.properties).items() if p == claim.property))


def _outcome(program: Program, claim: Claim, group: Alike, search: Search, engine: str, seconds: float) -> Outcome:
    source = group.source
    outcome = Outcome("undecided", engine, search.states or None, search.depth or None, None, seconds)
    found = _found(claim, source, search)
    if found is not None:
        try:
            replay(claim.name, program.system, claim.property, found.path)
        except (Mismatch, ModelError) as error:
            reason = f"the trace of the {engine} explorer does not replay on integers: {error}"
            return replace(outcome, reason=reason, fault=True)
        return replace(outcome, verdict="refuted", steps=len(found.path))
    if claim.mark and claim.mark not in source.marks:
        return replace(outcome, verdict="vacuous", reason=no_such_mark(claim.mark, source.marks))
    if not search.complete:
        return replace(outcome, reason=search.reason or "the search did not end")
    void = NO_REST if claim.property.when == "rest" and not search.rests else ""
    void = void or change_without_effect(program, search.fired, search.covers)
    if not void and not claim.mark:
        void = cannot_fail(group.reading, claim.property)
    if not void and (one := occasion(claim.property)) is not None:
        asked = next((name for name, p in by_name(source.properties).items() if p == one), None)
        if asked is not None and asked not in search.violations:
            void = nothing_to_say(claim.property)
    return replace(outcome, verdict="vacuous" if void else "proved", reason=void)


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
