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
from vrx.models.explorer import Found, Search, explore
from vrx.models.kept import Drawer
from vrx.models.liveness import Lasso, liveness, liveness_reference
from vrx.models.native.build import NoCompiler
from vrx.models.native.codegen import generate
from vrx.models.native.explore import FEW, explore_native, write
from vrx.models.reading import Reading
from vrx.models.schedule import only_refuted
from vrx.models.system import System
from vrx.models.trace import Mismatch, replay
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


def cpus() -> int:
    """How many threads a search may use: those that this process may run on, and what the native explorer takes."""
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 64)


def decide(
    claims: Sequence[Claim],
    *,
    threads: int = 1,
    max_bytes: int = 0,
    unreachable: Sequence[Unreachable] = (),
    resume: bool = False,
    progress: Progress | None = None,
) -> Decided:
    """Decide claims: one search for those about the same transition system (or one claim that brings its own engine).

    resume: take what an earlier run of this very tool found out.
    """
    first = claims[0]
    if first.decide is not None:
        return Decided([claim.decide(claim) for claim in claims if claim.decide])
    if first.system is None:
        raise ValueError(f"{first.name} has neither a system nor an engine of its own")
    outcomes: dict[int, Outcome] = {}
    complaints: list[tuple[int, str]] = []
    readings: dict[System, Reading] = {}
    for numbers in alike(claims, readings):
        part = [claims[n] for n in numbers]
        if first.liveness is not None:
            found = _decide_liveness(part, max_bytes, progress)
        else:
            found = _decide_states(part, readings, threads, max_bytes, unreachable, resume, progress)
        leader = part[0].system_name
        for n, outcome in zip(numbers, found.outcomes, strict=True):
            shared = f"the same C as {leader}, decided by its search"
            whose = shared if claims[n].system_name != leader and not outcome.reason else outcome.reason
            outcomes[n] = replace(outcome, reason=whose)
        complaints += [(numbers[n], text) for n, text in found.complaints]
    return Decided([outcomes[n] for n in range(len(claims))], tuple(complaints))


def alike(claims: Sequence[Claim], readings: dict[System, Reading]) -> list[list[int]]:
    """The numbers of claims whose systems are one transition system: for which the whole generated C is the same.

    readings: of systems; those that are made are added
    """
    properties = list({c.property.name: c.property for c in claims if not c.mark}.values())
    texts: dict[System, str] = {}
    if len({c.system for c in claims}) > 1:
        for claim in claims:
            if claim.system is not None and claim.system not in texts:
                reading = readings[claim.system] = Reading(claim.system)
                texts[claim.system] = "\n".join([generate(reading, properties).text, *(f.name for f in reading.fields)])
    parts: dict[str, list[int]] = {}
    for n, claim in enumerate(claims):
        parts.setdefault(texts.get(claim.system, "") if claim.system else "", []).append(n)
    return list(parts.values())


def _decide_states(
    claims: Sequence[Claim],
    readings: dict[System, Reading],
    threads: int,
    max_bytes: int,
    unreachable: Sequence[Unreachable],
    resume: bool,
    progress: Progress | None,
) -> Decided:
    """Decide claims about the states of one transition system."""
    began = time.monotonic()
    system = claims[0].system
    assert system is not None
    try:
        search, engine = _search(system, claims, readings.get(system), threads, max_bytes, resume, progress)
    except ModelError as error:
        return Decided([Outcome("undecided", "-", reason=f"the model is wrong: {error}", fault=True)] * len(claims))
    seconds = time.monotonic() - began
    outcomes = [_outcome(claim.system or system, claim, search, engine, seconds) for claim in claims]
    systems = {c.system: n for n, c in reversed(list(enumerate(claims))) if c.system}
    wrong = [(n, fired_as_listed(s, search, unreachable)) for s, n in systems.items()]
    return Decided(outcomes, tuple((n, text) for n, text in wrong if text))


def _decide_liveness(claims: Sequence[Claim], max_bytes: int, progress: Progress | None) -> Decided:
    """Decide claims about runs without end, all on one graph, natively or on the reference's."""
    began = time.monotonic()
    system = claims[0].system
    assert system is not None
    asked = [claim.liveness for claim in claims if claim.liveness]
    try:
        try:
            verdicts, engine = liveness(system, asked, max_bytes=max_bytes, progress=progress), "native"
        except NoCompiler as missing:
            known = max((c.states or 0 for c in claims), default=0)
            if not 0 < known <= REFERENCE_GRAPH:
                size = f"a graph of {known:,} states is" if known else "a graph of unknown size may be"
                why = f"{size} too large for the reference{MENDED_BY}{missing}"
                return Decided([Outcome("undecided", "-", reason=why)] * len(claims))
            verdicts, engine = liveness_reference(system, asked), "reference"
    except ModelError as error:
        return Decided([Outcome("undecided", "-", reason=f"the model is wrong: {error}", fault=True)] * len(claims))
    seconds = time.monotonic() - began
    outcomes = []
    for found in verdicts:
        if found.lasso is not None:
            steps = len(found.lasso.prefix) + len(found.lasso.loop)
            outcomes.append(Outcome("refuted", engine, found.states, None, steps, seconds))
        elif found.complete:
            outcomes.append(Outcome("proved", engine, found.states, None, None, seconds, FAIRNESS))
        else:
            outcomes.append(Outcome("undecided", engine, found.states, None, None, seconds, found.reason))
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
    search, _ = _search(system, [claim], None, 1, 0, False, progress)  # one thread: the same trace every time
    found = search.covers.get(claim.mark) if claim.mark else search.violations.get(prop.name)
    if found is None and not search.complete:
        raise Unfinished(search.reason or "the search did not end")
    return found


def _search(
    system: System,
    claims: Sequence[Claim],
    reading: Reading | None,
    threads: int,
    max_bytes: int,
    resume: bool,
    progress: Progress | None,
) -> tuple[Search, str]:
    properties = list({c.property.name: c.property for c in claims if not c.mark}.values())
    stop = len(properties) == 1 and only_refuted(claims)
    known = max((c.states or 0 for c in claims), default=0)
    try:
        written = write(system, properties, reading)
        drawer = Drawer(written[1].text, properties, stop)
        if resume and (before := drawer.get()) is not None:
            return before, "native, kept"
        found = explore_native(
            system,
            properties,
            threads=threads,
            max_bytes=max_bytes,
            stop_at_violation=stop,
            few=known <= FEW,
            written=written,
            progress=progress,
        )
        if found.complete or found.violations:
            drawer.put(found)
        return found, "native"
    except NoCompiler as missing:
        mend = str(missing)
        if known > REFERENCE_LIMIT and not stop:
            why = f"{known:,} states are too many for the reference explorer{MENDED_BY}{mend}"
            return Search(reason=why), "reference"
    found = explore(system, properties, limit=REFERENCE_LIMIT, stop_at_violation=stop, progress=progress)
    if not found.complete and not found.violations:
        found.reason += MENDED_BY + mend
    return found, "reference"


def _outcome(system: System, claim: Claim, search: Search, engine: str, seconds: float) -> Outcome:
    states, depth = search.states or None, search.depth or None
    found = search.covers.get(claim.mark) if claim.mark else search.violations.get(claim.property.name)
    if found is not None:
        try:
            replay(claim.name, system, claim.property, found.path)
        except (Mismatch, ModelError) as error:
            reason = f"the trace of the {engine} explorer does not replay on integers: {error}"
            return Outcome("undecided", engine, states, depth, None, seconds, reason, fault=True)
        return Outcome("refuted", engine, states, depth, len(found.path), seconds)
    if search.complete:
        return Outcome("proved", engine, states, depth, None, seconds)
    return Outcome("undecided", engine, states, depth, None, seconds, search.reason or "the search did not end")


def fired_as_listed(system: System, search: Search, unreachable: Sequence[Unreachable]) -> str:
    """What is wrong with the steps that a completed search took: one that never fired and is not listed, or did and is.

    Variants are exempt: what they change makes steps unreachable.
    """
    if not search.complete or system.changed or system.cfg.without:
        return ""
    actions = system.built().actions
    all_steps = {a.step.name for a in actions}
    fired = {actions[number].step.name for number, count in search.fired.items() if count}
    listed = {u.step for u in unreachable if u.when(system.cfg)}
    complaints = []
    if missing := sorted(all_steps - fired - listed):
        complaints.append(f"never fired: {', '.join(missing)}")
    if wrong := sorted(fired & listed):
        complaints.append(f"listed as unreachable, but fired: {', '.join(wrong)}")
    return "; ".join(complaints)
