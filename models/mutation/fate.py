"""What becomes of a mutant: which standard question sees it, on the first of a few small systems that shows it.

The systems are asked in their order, those left out where the mutant makes no difference in
any state, until one kills it.  What kills one there must hold of the steps as they are:
`wrongly_killed` asks that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from vrx.models.claims import Claim, Outcome, Sentence, Statement
from vrx.models.deciding.checking import as_claim
from vrx.models.deciding.many_claims import prove
from vrx.models.mutation.differences import Glance, can_differ
from vrx.models.mutation.mutant_cache import Shelf, own_cache
from vrx.models.mutation.mutant_readings import Beside, beside, final, touched
from vrx.models.mutation.mutants import Mutant
from vrx.models.mutation.questions import Answers, never_taken_by_original
from vrx.models.mutation.systems import belongs
from vrx.models.systems.system import System
from vrx.models.variants.access_rules import looks_behind
from vrx.models.variants.canonical import as_in_c, reads_what_is_not_kept
from vrx.spec.config import BadConfiguration
from vrx.spec.liveness import Liveness
from vrx.spec.questions import Question, standard_for
from vrx.spec.standard.properties import follows_the_standard
from vrx.spec.steps import ModelError

Word = Literal["killed", "equal", "survived", "undecided"]
SECONDS = 60.0
"""How long a search may take unless told otherwise."""
LANGUAGE = "the step language"
"""What kills a mutant that breaks a rule of the language: a second access, a value out of its range."""
KEPT = ("memory", "all")
"""What of the values that the model makes zero stays as the C leaves it, as little as is enough."""
NEVER_TAKEN = "a step is never taken"
"""What kills a mutant where no run takes a step that runs of the original take: every search asks that."""

UNSEEN = Sentence("unseen", "No standard question sees the mutant.")


@dataclass(frozen=True)
class Fate(Outcome):
    """The outcome of asking about a mutant.

    word: killed, equal (the same transition system on every system that it belongs to), survived, or undecided
    by: the questions that kill it, those of the shortest run; where a run refutes several, all are there
    vacuous: they kill because what they ask about does not occur any more
    on: the system that shows it; asked: how many systems were searched; reached: some run comes to the fault
    differs: in some state of a run it does something else than the original
    rule: the rule of VIRTIO that it breaks, where `follows_the_standard` kills it
    """

    word: Word = "undecided"
    by: tuple[str, ...] = ()
    vacuous: bool = False
    on: str = ""
    asked: int = 0
    reached: bool = False
    differs: bool = True
    rule: str = ""


def fate(
    mutant: Mutant,
    *,
    systems: Sequence[System],
    seconds: float = SECONDS,
    folder: str | None = None,
    shelf: Shelf | None = None,
    seen: Mapping[System, Glance] | None = None,
) -> Fate:
    """What becomes of a mutant on some systems, asked in their order.

    One that reads what the model does not keep is asked about where values stay as the C leaves them (`stale`).  Where
    local variables do so, too, there are too many states for questions about runs without end: those are left out.
    seconds: of each search; folder: for what is compiled, which is thrown away; shelf: of what is known already
    seen: on which systems it makes a difference; without it every system is asked
    """
    shelf = shelf or Shelf()
    found: list[Fate] = []
    equal, reached, differs = True, False, False
    with own_cache(folder):
        for asked in systems:
            if not belongs(mutant, asked):
                continue
            system = asked
            try:
                reading = beside(mutant, system)
                if reading.may_read_dead_values():
                    system, reading = _as_in_c(mutant, asked, reading)
                if not can_differ(reading):
                    continue
                equal = False
                if seen is not None and system is asked and not (glance := seen[asked]).differs:
                    reached |= glance.reached
                    continue
                differs = True
                found.append(_asked(mutant, system, reading, seconds, shelf))
            except (ModelError, BadConfiguration) as error:
                found.append(_killed((LANGUAGE,), reason=str(error)))
            if found[-1].word == "killed":
                break
    took = sum(f.seconds for f in found)
    if found and found[-1].word == "killed":
        return replace(found[-1], on=final(system).name, asked=len(found), seconds=took)
    if not found:
        word: Word = "equal" if equal else "survived"
        return Fate("proved", "-", word=word, reached=reached, differs=False)
    reached |= any(f.reached for f in found)
    outcome = Fate("proved", "-", seconds=took, word="survived", asked=len(found), reached=reached, differs=differs)
    if why := [f.reason for f in found if f.word == "undecided"]:
        return replace(outcome, verdict="undecided", word="undecided", reason=why[0])
    return outcome


def _as_in_c(mutant: Mutant, system: System, reading: Beside) -> tuple[System, Beside]:
    """The system in which as little as is enough of what a mutant reads stays as the C leaves it."""
    for kept in KEPT if reads_what_is_not_kept(reading.system) else ():
        other = as_in_c(system, kept)
        reading = beside(mutant, other)
        if not reads_what_is_not_kept(reading.system):
            return other, reading
    return system, reading


def _asked(
    mutant: Mutant, system: System, reading: Beside, seconds: float, shelf: Shelf
) -> Fate:
    """Ask one system all standard questions: those of states, then, where none of them sees the fault, those of runs.

    Where no run comes to the fault, the mutant does what the original does, and nothing more is asked.
    """
    if behind := looks_behind(reading.system, touched(mutant, system)):
        return _killed((LANGUAGE,), reason=behind)
    answers = Answers(mutant, system, reading, shelf)
    questions, _ = standard_for(reading.system.cfg)
    undecided = ""
    asked: list[Question] = []
    for runs in (False, True):
        these = [q for q in questions if isinstance(q, Liveness) is runs]
        if runs and (not these or getattr(reading.system.cfg, "stale", "no") == "all"):
            continue
        asked += these
        if kills := answers.refuted(these):
            return _by(kills, answers)
        left = [q for q in these if answers.of(q) is None]
        if left or (not runs and answers.idle is None):
            undecided = answers.ask(mutant.name, left, seconds) or undecided
        if kills := answers.refuted(these):
            return _by(kills, answers)
        if answers.refused:
            return _killed((LANGUAGE,), reason=answers.refused, seconds=answers.seconds)
        if answers.reached is False:
            break  # a step that asks too much is never taken: what asks stands before the mark
    empty = [(q.name, o.reason) for q in asked if (o := answers.of(q)) and o.verdict == "vacuous"]
    if empty and answers.reached:
        killed = _killed(tuple(name for name, _ in empty), reason=empty[0][1], seconds=answers.seconds)
        return replace(killed, vacuous=True)
    if answers.idle and (idle := answers.idle - never_taken_by_original(system, shelf)):
        return _killed((NEVER_TAKEN,), reason=", ".join(sorted(idle)), seconds=answers.seconds)
    if answers.reached is False:
        return Fate("proved", "-", seconds=answers.seconds, word="survived")
    word: Word = "undecided" if undecided else "survived"
    why = f"{reading.system.name}: {undecided}" if undecided else ""
    return Fate("undecided" if why else "proved", "-", seconds=answers.seconds, reason=why, word=word, reached=True)


def _by(kills: Sequence[Question], answers: Answers) -> Fate:
    killed = _killed(tuple(q.name for q in kills), steps=answers.steps(kills), seconds=answers.seconds)
    return replace(killed, rule=answers.broken_rule()) if follows_the_standard in kills else killed


def _killed(by: tuple[str, ...], *, reason: str = "", steps: int | None = None, seconds: float = 0.0) -> Fate:
    return Fate("refuted", "-", steps=steps, seconds=seconds, reason=reason, word="killed", by=by, reached=True)


def as_claim_of(
    mutant: Mutant,
    seen: Mapping[System, Glance],
    *,
    systems: Sequence[System],
    seconds: float,
    folder: str,
    shelf: Shelf,
) -> Claim:
    """The claim that some standard question sees the mutant, with the engine that finds out.  The rest as in `fate`."""

    def decided(_: Claim) -> Outcome:
        return fate(
            mutant,
            systems=systems,
            seconds=seconds,
            folder=folder,
            shelf=shelf,
            seen=seen,
        )

    return Statement(mutant.name, None, UNSEEN, "refuted", decide=decided)


def _with_stale(systems: Sequence[System]) -> Iterator[System]:
    for system in systems:
        yield final(system)
        yield from (final(as_in_c(system, kept)) for kept in KEPT)


def wrongly_killed(
    fates: Iterable[Fate],
    systems: Sequence[System],
    jobs: int = 1,
    seconds: float = SECONDS,
) -> list[str]:
    """The questions that killed something on a system where they fail without any fault: such a kill says nothing."""
    names = {(f.on, by) for f in fates for by in f.by}
    claims = []
    for system in _with_stale(systems):
        asked = [q for q in standard_for(system.cfg)[0] if (system.name, q.name) in names]
        claims += [as_claim(system.name, system, q) for q in asked]
    results = list(prove(claims, jobs=jobs, seconds=seconds, resume=True))
    return [
        f"{r.claim.asks.name} is {r.outcome.verdict} of the steps as they are, on {r.claim.system_name}: "
        "what it kills there does not count"
        for r in results
        if not r.ok
    ]
