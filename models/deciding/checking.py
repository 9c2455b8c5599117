"""Is this right?  Every standard question asked of a system of the user's, and the user's own beside them.

`check(system)` is what `vrx check` runs: all safety questions in one search, the
questions about runs without end on one graph, each search in a process of its own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from vrx.models.claims import (
    USE,
    Claim,
    Cover,
    Exhibit,
    Lasting,
    Outcome,
    Question,
    Reached,
    Safety,
    about,
)
from vrx.models.claims import asked as named
from vrx.models.deciding.digest import SAME, equal_mutant
from vrx.models.deciding.engine import Unreachable, cpus
from vrx.models.deciding.many_claims import Watch, prove
from vrx.models.deciding.user_file import Subject
from vrx.models.deciding.vacuous import ghosts_lost, rests_on_lost
from vrx.models.systems.nearest_names import nearest
from vrx.models.systems.system import System
from vrx.spec.config import BadConfiguration, Config
from vrx.spec.liveness import Liveness
from vrx.spec.meaning import elsewhere
from vrx.spec.properties import Property
from vrx.spec.questions import broken_by_linux, standard_for
from vrx.spec.switches import DECISIONS, PACKETS

CHECKS_VERSION = 1
SECONDS = 60.0
"""How long a search may take unless told otherwise."""


@dataclass(frozen=True)
class Answer:
    """What was found out about one question: the verdict is `outcome.verdict`, but of a cover see `verdict`."""

    subject: str
    system: System
    question: Question
    outcome: Outcome

    @property
    def is_cover(self) -> bool:
        """Is the question whether some run passes a mark?"""
        return isinstance(self.question, Reached)

    @property
    def verdict(self) -> str:
        """The verdict about the question as it is asked: that some run passes a mark is *proved* by the run."""
        found = self.outcome.verdict
        return {"refuted": "proved", "proved": "refuted"}.get(found, found) if self.is_cover else found

    @property
    def name(self) -> str:
        """What reports call the question."""
        return self.question.name

    def as_json(self) -> dict[str, Any]:
        """The entry in `vrx check --json`; the fields are described in docs/formats.md."""
        found = self.outcome
        return {
            "subject": self.subject,
            "system": self.system.name,
            "property": self.name,
            "verdict": self.verdict,
            "engine": found.engine,
            "states": found.states,
            "steps": found.steps,
            "seconds": round(found.seconds, 3),
            "reason": found.told,
        }

    def __str__(self) -> str:
        how = f" in {self.outcome.steps} steps" if self.outcome.steps is not None else ""
        why = f"  ({self.outcome.told})" if self.outcome.told and self.verdict != "proved" else ""
        return f"{self.verdict:9}  {self.name}{how}{why}"


@dataclass(frozen=True)
class Checked:
    """Everything that was asked of one system.

    skipped: questions that have no meaning there, and why; interrupted: by Ctrl-C, with what was known by then
    claims: those of the user's file about this system
    """

    subject: str
    system: System
    answers: tuple[Answer, ...]
    skipped: tuple[tuple[Question, str], ...] = ()
    notes: tuple[str, ...] = field(default=())
    interrupted: bool = False
    claims: tuple[Claim, ...] = ()

    def those(self, *verdicts: str) -> list[Answer]:
        """The answers with one of these verdicts."""
        return [a for a in self.answers if a.verdict in verdicts]

    @property
    def wrong(self) -> list[Answer]:
        """What is refuted, shortest counterexample first, then what is vacuous; without what is claimed to be so."""
        refuted = sorted(self.those("refuted"), key=lambda a: a.outcome.steps or 0)
        return [a for a in (*refuted, *self.those("vacuous")) if not self._is_claimed(a)]

    def _is_claimed(self, answer: Answer) -> bool:
        return any(c.asks == answer.question and c.expected == answer.outcome.verdict for c in self.claims)

    @property
    def claimed(self) -> list[tuple[Claim, Answer]]:
        """Each claim with the answer to its question."""
        return [(c, a) for c in self.claims for a in self.answers if a.question == c.asks]

    @property
    def contradicted(self) -> list[tuple[Claim, Answer]]:
        """Claims that say something else than what was found."""
        return [(c, a) for c, a in self.claimed if a.outcome.verdict not in (c.expected, "undecided")]

    @property
    def faults(self) -> list[str]:
        """What is wrong with the system itself, so that nothing could be found out; each said once."""
        return list(dict.fromkeys(a.outcome.reason for a in self.answers if a.outcome.fault))

    @property
    def ok(self) -> bool:
        """Something was asked, and everything that was holds, and was decided."""
        return bool(self.answers) and not self.wrong and not self.contradicted and not self.those("undecided")

    def answer(self, name: str) -> Answer:
        """The answer to a question, by its name; KeyError where it was not asked."""
        for one in self.answers:
            if name in names_of(one.question):
                return one
        raise KeyError(name)

    def __str__(self) -> str:
        return "\n".join([f"{self.subject}: {self.system.name}", *(f"  {a}" for a in self.answers)])


def check(
    what: System | Subject | Claim | Exhibit,
    questions: Iterable[Question] = (),
    *,
    seconds: float = SECONDS,
    max_bytes: int = 0,
    jobs: int = 0,
    watch: Watch | None = None,
    only: Sequence[str] = (),
    unreachable: Sequence[Unreachable] = (),
) -> Checked:
    """Ask every standard question that has a meaning for the system, and `questions` beside them.

    seconds, max_bytes: of each search, 0 for no limit and for what is free; jobs: searches at a time, 0 for a CPU each
    only: names of questions, where not all are asked
    unreachable: steps that the original never takes either, so that a note about a variant can leave them out
    An exhibit is asked about its faulty system.  Raises TypeError for what is no system, claim or exhibit, and
    BadConfiguration where `only` names what is no question.
    """
    if seconds < 0 or max_bytes < 0 or jobs < 0:
        raise ValueError("seconds, max_bytes and jobs are 0 or more; 0 is no limit")
    subject = as_subject(what)
    system = subject.system
    asked, skipped = questions_of(subject, questions)
    watching, of_packets = watched_twin(system, skipped)
    if only:
        known = [name for q in (*asked, *(q for q, _ in skipped)) for name in names_of(q)]
        if unknown := [name for name in only if name not in known]:
            raise BadConfiguration(f"no question is called {unknown[0]!r}; {nearest(unknown[0], known)}")
        asked = [q for q in asked if not names_of(q).isdisjoint(only)]
        skipped = [(q, why) for q, why in skipped if not names_of(q).isdisjoint(only)]
        of_packets = [q for q in of_packets if not names_of(q).isdisjoint(only)]
    skipped = [(q, why) for q, why in skipped if q not in of_packets]
    pairs = [*((system, q) for q in asked), *((watching, q) for q in of_packets)]
    claims = [as_claim(subject.name, of, question) for of, question in pairs]

    interrupted = False

    def decided(claims: Sequence[Claim]) -> dict[int, Outcome]:
        nonlocal interrupted
        known: dict[int, Outcome] = {}
        try:
            for result in prove(claims, jobs=jobs or cpus(), seconds=seconds, max_bytes=max_bytes, watch=watch):
                known[id(result.claim)] = result.outcome
        except KeyboardInterrupt:
            interrupted = True
        return known

    if len(claims) == 1 and isinstance(claims[0], Safety):
        alone = replace(claims[0], expected="refuted")  # a search for one question may end where it fails
        outcome = decided([alone]).get(id(alone))
        if interrupted or (outcome is not None and outcome.verdict != "proved"):
            found = {} if outcome is None else {id(claims[0]): outcome}
        else:
            found = decided(claims)  # what holds is asked again, with whether it says anything
    else:
        found = decided(claims)
    missing = Outcome("undecided", "-", reason="interrupted", why="interrupted")
    unread = interrupted or any(o.fault or (o.why == "time" and o.states is None) for o in found.values())
    lost = ghosts_lost(system) if system.changed and not unread else {}
    answers = [
        Answer(subject.name, of, question, _judged(of, question, found.get(id(claim), missing), lost))
        for (of, question), claim in zip(pairs, claims, strict=True)
    ]
    notes = () if unread else tuple(_remarks(system, answers, lost, unreachable))
    return Checked(subject.name, system, tuple(answers), tuple(skipped), notes, interrupted, subject.claims)


def watched_twin(
    system: System, skipped: Sequence[tuple[Question, str]]
) -> tuple[System, list[Question]]:
    """The same system with packets that can be told apart and decisions that are followed, and the questions about
    them that are skipped without.

    Where packets are told apart its indices are as narrow as the ring allows, because it has many more states.  No
    questions where there is no twin.
    """
    cfg = system.cfg
    if type(cfg) is not Config or not (cfg.notify or cfg.packets):
        return system, []
    followed = replace(cfg, decisions=True)
    with suppress(BadConfiguration):  # where buffers merge, packets are told apart only with data
        if not cfg.packets and not cfg.general:
            followed = replace(followed, watch=True, positions=False, idx_bits=cfg.size.bit_length() + 1)
    twin = replace(system, cfg=followed)
    of_twin = [q for q, _ in skipped if isinstance(q, Property) and (PACKETS in q.only or DECISIONS in q.only)]
    return twin, [q for q in of_twin if not q.meaningless(twin.cfg)]


def _judged(system: System, question: Question, outcome: Outcome, lost: Mapping[str, list[str]]) -> Outcome:
    """The outcome, where it does not rest on a ghost line that the variant has left out."""
    if outcome.verdict != "proved" or not lost or not isinstance(question, Property):
        return outcome
    why = rests_on_lost(system, lost, question)
    return replace(outcome, verdict="vacuous", reason=f"{why} (docs/your-own.md, The ghost)") if why else outcome


def _remarks(
    system: System, answers: Sequence[Answer], lost: Mapping[str, list[str]], unreachable: Sequence[Unreachable]
) -> Iterator[str]:
    """What a reader of the answers should know, about a variant most of all."""
    if (why := broken_by_linux(system.cfg)) and any(a.verdict == "refuted" for a in answers):
        yield why
    if not system.changed and not getattr(system.cfg, "without", ()):
        return
    if any(a.outcome.fault for a in answers):
        return
    if equal_mutant(system):
        yield f"{SAME}: what holds of the original holds of this one"
    for step, ghosts in lost.items():
        yield (
            f"{step} does not write {', '.join(ghosts)}, as the step that it stands for does: what rests on that is "
            "not judged here (docs/your-own.md, The ghost)"
        )
    listed = {u.step for u in unreachable if u.when(system.cfg)}
    idle = {step for a in answers for step in a.outcome.never_taken} - listed
    if idle and unreachable:
        yield f"steps that this variant never takes: {', '.join(sorted(idle))}"


def questions_of(
    subject: Subject, questions: Iterable[Question] = ()
) -> tuple[list[Question], list[tuple[Question, str]]]:
    """The standard questions, the subject's own and further ones: what has a meaning there; the rest, and why."""
    cfg = subject.system.cfg
    standard, without_meaning = standard_for(cfg)
    asked: list[Question] = list(standard)
    skipped: list[tuple[Question, str]] = list(without_meaning)
    for question in [*subject.own, *questions]:
        if not isinstance(question, Question):
            raise TypeError(f"{named(question)} is no question: {USE}, or @never_forever")
        if why := question.meaningless(cfg):
            skipped.append((question, why))
        elif question not in asked:
            asked.append(question)
    return asked, skipped


def names_of(question: Question) -> set[str]:
    """How a question can be named: a cover also by its mark, and as reports call it."""
    return {question.name, *([question.mark] if isinstance(question, Reached) else [])}


def as_subject(what: Any) -> Subject:
    """A system, claim or exhibit as something that can be asked about."""
    if isinstance(what, Subject):
        return what
    if isinstance(what, System):
        return Subject("system", what)
    if isinstance(what, Exhibit):
        return Subject(what.id, what.faulty, (what.asks,))
    if isinstance(what, Safety | Cover | Lasting):
        return Subject(what.name, what.system, (what.asks,))
    raise TypeError(f"{what!r} is no system, claim or exhibit: make a system with rx(...)")


def as_claim(subject: str, system: System, question: Question) -> Claim:
    """The claim that a question is answered with yes."""
    return about(f"{question.name} of {subject}", system, question, "proved")


def as_json(checked: Iterable[Checked]) -> dict[str, Any]:
    """`vrx check --json`, described in docs/formats.md."""
    return {"version": CHECKS_VERSION, "checks": [a.as_json() for c in checked for a in c.answers]}


def table(checked: Checked) -> Iterator[str]:
    """The answers as lines: verdict, question, steps, what it says."""
    yield f"{checked.subject}   {checked.system.name}"
    for fault in checked.faults:
        yield f"  error: {fault}"
    shown = [a for a in checked.answers if not a.outcome.fault]
    if not shown and checked.answers:
        return
    width = max((len(a.name) for a in shown), default=0)
    for a in shown:
        steps = f"{a.outcome.steps} steps" if a.outcome.steps is not None else ""
        says = a.question.sentence if a.verdict in ("proved", "refuted") else a.outcome.told
        if a.system != checked.system:
            says = f"({_switch(a.question)}=True) {says}"
        word = a.verdict.upper() if a.verdict in ("refuted", "vacuous") else a.verdict
        line = f"  {word:9}  {a.name:{width}}  {steps:>10}  {says}".rstrip()
        yield line if a.verdict != "proved" else shorten_line(line)
    by_reason: dict[str, list[str]] = {}
    for question, why in checked.skipped:
        if not (shown and _of_another_kind(question, checked.system)):
            by_reason.setdefault(why, []).append(question.name)
    for why, names in by_reason.items():
        yield f"  not asked  {', '.join(names)}: {why}"
    for claim, answer in checked.claimed:
        found = answer.outcome.verdict
        said = "as it says" if found == claim.expected else f"and says {claim.expected}"
        yield f"  claim      {claim.name}: {found}, {said}"
    for note in checked.notes:
        yield f"  note: {note}"
    if shown:
        yield "  " + ", ".join(_searched(shown))


def _of_another_kind(question: Question, system: System) -> bool:
    """Does the question read what no system of this kind has?  That is not worth a line."""
    return not isinstance(question, Reached) and bool(elsewhere(system.cfg, question.reads))


def _switch(question: Question) -> str:
    """The switch of the configuration that a question of the watched twin needs."""
    return "decisions" if isinstance(question, Property) and DECISIONS in question.only else "watch"


def shorten_line(line: str) -> str:
    """What fits into the terminal, or into 120 characters where there is none."""
    room = os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else 120
    return line if len(line) <= room else line[: room - 4].rsplit(" ", 1)[0] + " ..."


def _searched(answers: Sequence[Answer]) -> Iterator[str]:
    """How large the searches were."""
    seen: dict[tuple[str, int | None], float] = {}
    for a in answers:
        kind = "graph" if isinstance(a.question, Liveness) else "states"
        seen.setdefault((kind, a.outcome.states), a.outcome.seconds)
    for (kind, states), seconds in seen.items():
        if states:
            yield f"{states:,} states{' of a graph' if kind == 'graph' else ''} in {seconds:.1f} s"
