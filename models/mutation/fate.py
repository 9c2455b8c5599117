"""What becomes of a mutant: which standard question sees it, on the first of a few small systems that shows it.

The systems are those in which every step is taken soon.  They are asked in this
order, the quickest first, until one kills the mutant.  What kills one there must
hold of the steps as they are: `wrongly_killed` asks that.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from vrx.models.canonical import as_in_c, reads_what_is_not_kept
from vrx.models.checking import as_claim
from vrx.models.claims import Claim, Outcome, cover
from vrx.models.digest import of_steps_alone
from vrx.models.engine import Unreachable, decide
from vrx.models.mutation.mutants import HERE, Mutant
from vrx.models.peers import peers, watched
from vrx.models.prove import prove
from vrx.models.schedule import AT_LEAST
from vrx.models.system import System, rx
from vrx.spec.config import BadConfiguration
from vrx.spec.liveness import Liveness
from vrx.spec.properties import Property
from vrx.spec.questions import standard_for
from vrx.spec.standard.config import PeerConfig
from vrx.spec.steps import ModelError

Word = Literal["killed", "equal", "survived", "undecided"]
SECONDS = 60.0
"""How long a search may take unless told otherwise."""
LANGUAGE = "the step language"
"""What kills a mutant that breaks a rule of the language: a second access, a value out of its range."""
KEPT = ("memory", "all")
"""What of the values that the model makes zero stays as the C leaves it, as little as is enough."""
VACUOUS = " (vacuous)"
"""How a question is marked that kills because what it asks about does not occur any more."""
NEVER_TAKEN = "its step is never taken"
"""What kills a mutant that no run takes, where runs of the original do."""

SYSTEMS: tuple[System, ...] = (
    rx(idx_bits=2, notify=False, data=True),
    rx(size=2, notify=False, data=True, segments=2),
    rx(size=2, notify=False, data=True, mergeable=True),
    rx(idx_bits=2, notify=False, data=True, segments=3, indirect=True, hdr_room=2, buffer_len=4, max_packet=9),
    peers(peer="any-driver", idx_bits=2),
    peers(idx_bits=2),
    rx(idx_bits=2, stops=True, max_packet=1),
    rx(idx_bits=2, irq="other", max_packet=1),
    rx(idx_bits=2, memory="tso", max_packet=1),
    rx(idx_bits=2, memory="tso", guest="up", max_packet=1),
    rx(idx_bits=2, data=True, max_packet=1),
    rx(idx_bits=2, data=True, mergeable=True, max_packet=1),
    rx(idx_bits=2, data=True, segments=2, indirect=True, max_packet=1),
    rx(size=2, data=True, segments=2, max_packet=1),
    peers(peer="any-device", idx_bits=2),
    rx(idx_bits=2, hostile="driver"),
    rx(idx_bits=2, hostile="device"),
    rx(idx_bits=2, hostile="device", notify=False, data=True),
    rx(idx_bits=2, hostile="device", notify=False, data=True, mergeable=True, max_packet=1),
    rx(idx_bits=2, hostile="driver", notify=False, data=True),
    rx(idx_bits=2, hostile="driver", caller="any"),
    rx(idx_bits=2, event_idx=True, max_packet=1),
    rx(idx_bits=2, watch=True),
    rx(size=2, notify=False, data=True, segments=2, indirect=True, filter=True),
    peers(peer="any-driver", idx_bits=2, event_idx=True),
    rx(idx_bits=2, event_idx=True, memory="tso", max_packet=1),
    rx(size=2, max_packet=1),
    peers(idx_bits=2, event_idx=True),
    rx(size=2, mergeable=True),
    rx(idx_bits=2, hostile="driver", notify=False, data=True, segments=2, indirect=True, max_packet=1),
)
"""Where mutants are asked about; the systems of `peers` with the standard looking on."""


@dataclass(frozen=True)
class Fate(Outcome):
    """The outcome of asking about a mutant.

    word: killed, equal (the same transition system on every system that it belongs to), survived, or undecided
    by: the questions that kill it, those of the shortest run; where a run refutes several, all are there
    on: the system that shows it; asked: how many systems were searched; reached: some run comes to the fault
    """

    word: Word = "undecided"
    by: tuple[str, ...] = ()
    on: str = ""
    asked: int = 0
    reached: bool = False


def final(system: System) -> System:
    """The system as it is asked about."""
    return watched(system) if isinstance(system.cfg, PeerConfig) else system


def belongs(mutant: Mutant, system: System) -> bool:
    """Has the system the step of the mutant?  A helper belongs to every system that has its machine."""
    if mutant.function in system.helpers:
        return True
    return any(s.name == mutant.function and s.belongs_to(system.cfg) for s in system.steps)


def never_taken_at_all(mutant: Mutant, unreachable: Sequence[Unreachable]) -> str:
    """Why no run of any of the systems takes the step of a mutant; empty where some does, and for a helper."""
    there = [system.cfg for system in SYSTEMS if belongs(mutant, system)]
    reasons = [u.reason for u in unreachable if u.step == mutant.function and all(map(u.when, there))]
    return reasons[0] if reasons else ""


@cache
def plain_digest(system: System) -> str:
    """The digest of a system without a fault."""
    return of_steps_alone(final(system))


def fate(
    mutant: Mutant,
    *,
    systems: Sequence[System] | None = None,
    unreachable: Sequence[Unreachable] = (),
    seconds: float = SECONDS,
    folder: str | None = None,
) -> Fate:
    """What becomes of a mutant.

    One that reads what the model does not keep is asked about where values stay as the C leaves them (`stale`).  Where
    local variables do so, too, there are too many states for questions about runs without end: those are left out.
    unreachable: the steps that no original takes: that a mutant never takes them either is not held against it
    seconds: of each search; folder: for what is compiled, which is thrown away
    """
    found: list[Fate] = []
    with own_cache(folder):
        for asked in SYSTEMS if systems is None else systems:
            system = asked
            if not belongs(mutant, system):
                continue
            try:
                variant = final(mutant.of(system))
                if of_steps_alone(variant) == plain_digest(system):
                    continue
                for kept in KEPT if reads_what_is_not_kept(variant) else ():
                    system = as_in_c(asked, kept)
                    variant = final(mutant.of(system))
                    if not reads_what_is_not_kept(variant):
                        break
                listed = {u.step for u in unreachable if u.when(system.cfg)}
                found.append(_asked(variant, mutant, mutant.function in listed, seconds))
            except (ModelError, BadConfiguration) as error:
                found.append(_killed((LANGUAGE,), reason=str(error)))
            if found[-1].word == "killed":
                break
    took, reached = sum(f.seconds for f in found), any(f.reached for f in found)
    if not found:
        return Fate("proved", "-", word="equal")
    last = found[-1]
    if last.word == "killed":
        return replace(last, on=final(system).name, asked=len(found), seconds=took)
    if why := [f.reason for f in found if f.word == "undecided"]:
        return replace(last, verdict="undecided", word="undecided", reason=why[0], asked=len(found), seconds=took)
    return replace(last, reached=reached, asked=len(found), seconds=took)


@contextmanager
def own_cache(folder: str | None) -> Iterator[None]:
    """Keep what is compiled for a mutant out of the user's cache: nobody needs it again."""
    before = os.environ.get("XDG_CACHE_HOME")
    with tempfile.TemporaryDirectory(prefix="vrx-mutant-", dir=folder) as here:
        os.environ["XDG_CACHE_HOME"] = here
        try:
            yield
        finally:
            del os.environ["XDG_CACHE_HOME"]
            if before is not None:
                os.environ["XDG_CACHE_HOME"] = before


def _asked(variant: System, mutant: Mutant, listed: bool, seconds: float) -> Fate:
    """Ask one variant all standard questions: those of states, then, where none of them sees it, those of runs.

    Where no run comes to the fault, the mutant does what the original does, and nothing more is asked.
    listed: the original never takes the step either
    """
    questions, _ = standard_for(variant.cfg)
    undecided, took = "", 0.0
    empty: list[tuple[str, Outcome]] = []
    for runs in (False, True):
        claims = [as_claim(mutant.name, variant, q) for q in questions if isinstance(q, Liveness) is runs]
        if not claims or (runs and getattr(variant.cfg, "stale", "no") == "all"):
            continue
        here = [] if runs else [cover("the fault", variant, HERE)]
        *found, last = decide([*claims, *here], max_bytes=AT_LEAST, seconds=seconds, first=True).outcomes
        found += [last] if runs else []
        took += max(o.seconds for o in found)
        named = [(c.liveness.name if c.liveness else c.property.name, o) for c, o in zip(claims, found, strict=True)]
        if kills := [(name, o) for name, o in named if o.verdict == "refuted"]:
            steps = min(o.steps or 0 for _, o in kills)
            return _killed(tuple(name for name, _ in kills), steps=steps, seconds=took)
        if refused := [o.reason for o in found if o.refused]:
            return _killed((LANGUAGE,), reason=refused[0], seconds=took)
        undecided = undecided or next((o.reason for o in found if o.verdict == "undecided"), "")
        if not runs and last.verdict != "refuted" and not undecided:
            # A step that is never taken may be one that asks too much: what asks stands before the mark.
            idle = found[0].never_taken
            if mutant.function in idle and not listed:
                return _killed((NEVER_TAKEN,), seconds=took)
            return Fate("proved", "-", seconds=took, word="survived")
        empty += [(name, o) for name, o in named if o.verdict == "vacuous"]
    if empty:
        return _killed(tuple(name + VACUOUS for name, _ in empty), reason=empty[0][1].reason, seconds=took)
    if undecided:
        return Fate("undecided", "-", seconds=took, reason=f"{variant.name}: {undecided}", reached=True)
    return Fate("proved", "-", seconds=took, word="survived", reached=True)


def _killed(by: tuple[str, ...], *, reason: str = "", steps: int | None = None, seconds: float = 0.0) -> Fate:
    return Fate("refuted", "-", steps=steps, seconds=seconds, reason=reason, word="killed", by=by, reached=True)


def as_claim_of(mutant: Mutant, unreachable: Sequence[Unreachable], seconds: float, folder: str | None = None) -> Claim:
    """The claim that some standard question sees the mutant, with the engine that finds out."""

    def decided(_: Claim) -> Outcome:
        return fate(mutant, unreachable=unreachable, seconds=seconds, folder=folder)

    seen = Property("seen_by_a_standard_question", lambda s: True, "always")
    return Claim(mutant.name, None, seen, "refuted", decide=decided)


def _with_stale(systems: Sequence[System]) -> Iterator[System]:
    for system in systems:
        yield final(system)
        yield from (final(as_in_c(system, kept)) for kept in KEPT)


def wrongly_killed(
    fates: Iterable[Fate], jobs: int = 1, seconds: float = SECONDS, systems: Sequence[System] | None = None
) -> list[str]:
    """The questions that killed something on a system where they fail without any fault: such a kill says nothing."""
    names = {(f.on, by.removesuffix(VACUOUS)) for f in fates for by in f.by}
    claims = []
    for system in _with_stale(SYSTEMS if systems is None else systems):
        asked = [q for q in standard_for(system.cfg)[0] if (system.name, q.name) in names]
        claims += [as_claim(system.name, system, q) for q in asked]
    results = list(prove(claims, jobs=jobs, seconds=seconds, resume=True))
    return [
        f"{r.claim.property.name} is {r.outcome.verdict} of the steps as they are, on {r.claim.system_name}: "
        "what it kills there does not count"
        for r in results
        if not r.ok
    ]
