"""What becomes of a mutant: which standard question sees it, on the first of a few small systems that shows it.

The systems are those in which every step is taken soon.  They are asked in this
order, the quickest first, until one kills the mutant.  On each of them every
standard question holds of the steps as they are.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from vrx.models.checking import as_claim
from vrx.models.claims import Claim, Outcome
from vrx.models.digest import of_steps_alone
from vrx.models.engine import Unreachable, decide
from vrx.models.mutation.mutants import Mutant
from vrx.models.peers import peers, watched
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
"""What kills a mutant that breaks a rule of the language: a second access, a value out of its range, no such field."""

SYSTEMS: tuple[System, ...] = (
    rx(idx_bits=2, notify=False, data=True),
    rx(size=2, notify=False, data=True, segments=2),
    rx(size=2, notify=False, data=True, mergeable=True),
    peers(peer="any-driver", idx_bits=2),
    peers(idx_bits=2),
    rx(idx_bits=2, stops=True, max_packet=1),
    rx(idx_bits=2, irq="other", max_packet=1),
    rx(idx_bits=2, memory="tso", max_packet=1),
    rx(idx_bits=2, memory="tso", guest="up", max_packet=1),
    peers(peer="any-device", idx_bits=2),
    rx(idx_bits=2, event_idx=True, max_packet=1),
    rx(idx_bits=2, watch=True),
    rx(size=2, notify=False, data=True, segments=2, indirect=True, filter=True),
    peers(peer="any-driver", idx_bits=2, event_idx=True),
    rx(idx_bits=2, event_idx=True, memory="tso", max_packet=1),
    rx(size=2, max_packet=1),
    peers(idx_bits=2, event_idx=True),
    rx(size=2, mergeable=True),
)
"""Where mutants are asked about; the systems of `peers` with the standard looking on."""


@dataclass(frozen=True)
class Fate(Outcome):
    """The outcome of asking about a mutant.

    word: killed, equal (the same transition system on every system that it belongs to), survived, or undecided
    by: the questions that kill it, those of the shortest run; where a run refutes several, all are there
    on: the system that shows it; asked: how many systems were searched
    """

    word: Word = "undecided"
    by: tuple[str, ...] = ()
    on: str = ""
    asked: int = 0


def final(system: System) -> System:
    """The system as it is asked about."""
    return watched(system) if isinstance(system.cfg, PeerConfig) else system


def belongs(mutant: Mutant, system: System) -> bool:
    """Has the system the step of the mutant?  A helper belongs to every system that has its machine."""
    if mutant.function in system.helpers:
        return True
    return any(s.name == mutant.function and s.belongs_to(system.cfg) for s in system.steps)


@cache
def plain_digest(system: System) -> str:
    """The digest of a system without a fault."""
    return of_steps_alone(final(system))


def fate(
    mutant: Mutant,
    *,
    systems: Sequence[System] = SYSTEMS,
    unreachable: Sequence[Unreachable] = (),
    seconds: float = SECONDS,
) -> Fate:
    """What becomes of a mutant.

    unreachable: the steps that no original takes: that a mutant never takes them either is not held against it
    seconds: of each search
    """
    asked, why = 0, []
    took = 0.0
    with tempfile.TemporaryDirectory(prefix="vrx-mutant-") as cache_of_its_own:
        os.environ["XDG_CACHE_HOME"] = cache_of_its_own  # what was compiled for a mutant is of no use to anybody
        for system in systems:
            if not belongs(mutant, system):
                continue
            try:
                variant = final(mutant.of(system))
                if of_steps_alone(variant) == plain_digest(system):
                    continue
            except (ModelError, BadConfiguration) as error:
                return _killed((LANGUAGE,), system, asked + 1, reason=str(error))
            asked += 1
            listed = {u.step for u in unreachable if u.when(system.cfg)}
            found = _asked(variant, mutant, listed, seconds)
            took += found.seconds
            if found.word == "killed":
                return Fate(**{**vars(found), "on": system.name, "asked": asked, "seconds": took})
            if found.word == "undecided":
                why.append(f"{system.name}: {found.reason}")
    if why:
        return Fate("undecided", "-", seconds=took, reason="; ".join(why), word="undecided", asked=asked)
    return Fate("proved", "-", seconds=took, word="survived" if asked else "equal", asked=asked)


def _asked(variant: System, mutant: Mutant, listed: set[str], seconds: float) -> Fate:
    """Ask one variant all standard questions: those of states, then, where none of them sees it, those of runs."""
    questions, _ = standard_for(variant.cfg)
    undecided, took = "", 0.0
    for runs in (False, True):
        claims = [as_claim(mutant.name, variant, q) for q in questions if isinstance(q, Liveness) is runs]
        if not claims:
            continue
        found = decide(claims, threads=1, max_bytes=AT_LEAST, seconds=seconds, first=True).outcomes
        took += max(o.seconds for o in found)
        kills = [(_name(c), o) for c, o in zip(claims, found, strict=True) if o.verdict == "refuted"]
        if kills:
            least = min(o.steps or 0 for _, o in kills)
            return _killed(tuple(name for name, _ in kills), None, 0, steps=least, seconds=took)
        if any(o.refused for o in found):
            (reason, *_) = [o.reason for o in found if o.refused]
            return _killed((LANGUAGE,), None, 0, reason=reason, seconds=took)
        empty = [(_name(c), o) for c, o in zip(claims, found, strict=True) if o.verdict == "vacuous"]
        if empty and not _never_there(mutant, empty[0][1], listed):
            return _killed(tuple(f"{name} (vacuous)" for name, _ in empty), None, 0, empty[0][1].reason, seconds=took)
        undecided = undecided or next((o.reason for o in found if o.verdict == "undecided"), "")
    return Fate("undecided", "-", seconds=took, reason=undecided, word="undecided" if undecided else "survived")


def _never_there(mutant: Mutant, outcome: Outcome, listed: set[str]) -> bool:
    """Is it vacuous only for want of the mutant: a step, or a helper, that no run of the original comes to either?

    A helper that is never called cannot change that; a step that is never taken may be one that asks too much.
    """
    helper = outcome.reason.startswith("never called")
    return helper or (outcome.reason.startswith("never taken") and mutant.function in listed)


def _killed(
    by: tuple[str, ...],
    system: System | None,
    asked: int,
    reason: str = "",
    steps: int | None = None,
    seconds: float = 0.0,
) -> Fate:
    on = system.name if system else ""
    return Fate("refuted", "-", steps=steps, seconds=seconds, reason=reason, word="killed", by=by, on=on, asked=asked)


def _name(claim: Claim) -> str:
    return claim.liveness.name if claim.liveness else claim.property.name


def as_claim_of(mutant: Mutant, unreachable: Sequence[Unreachable], seconds: float) -> Claim:
    """The claim that some standard question sees the mutant, with the engine that finds out."""

    def decided(_: Claim) -> Outcome:
        return fate(mutant, unreachable=unreachable, seconds=seconds)

    seen = Property("seen_by_a_standard_question", lambda s: True, "always")
    return Claim(mutant.name, None, seen, "refuted", decide=decided)
