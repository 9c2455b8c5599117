"""Asking one system with a fault every standard question, as far as nobody has asked it before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vrx.models.claims import Claim, Outcome, cover
from vrx.models.deciding.checking import as_claim
from vrx.models.deciding.engine import Limits, decide_liveness, decide_states, first_violation
from vrx.models.deciding.same_system import Alike
from vrx.models.deciding.vacuous import never_taken
from vrx.models.engines.native.codegen import generate, runtime
from vrx.models.engines.native.explore import explore_native
from vrx.models.mutation.mutant_cache import Shelf
from vrx.models.mutation.mutant_readings import Beside, digest_of, plain
from vrx.models.mutation.mutants import HERE, Mutant
from vrx.models.systems.system import Move, Program, System
from vrx.spec.liveness import Liveness
from vrx.spec.properties import Property
from vrx.spec.questions import Question
from vrx.spec.standard.properties import follows_the_standard

ROOM = 6 << 30
"""Bytes that a search may take: the largest, of a mutant that reads what only the C keeps, has 85 million states."""


class Answers:
    """What is known of a mutant on a system: the outcome of each question, whether a run comes to the fault.

    kept: as it lies on the shelf: the verdict, the steps and the reason of each question by what it asks
    """

    def __init__(self, mutant: Mutant, original: System, reading: Beside, shelf: Shelf) -> None:
        self.original, self.reading, self.shelf = original, reading, shelf
        self.source = generate(reading)
        steps = (self.source.text, runtime("graph.c"), *self.source.fields, *self.source.actions)
        self.place = shelf.place(mutant.function, *steps, *self.source.marks)
        found = shelf.get(self.place)
        self.kept: dict[str, Any] = found if isinstance(found, dict) else {}
        self.seconds = 0.0

    @property
    def reached(self) -> bool | None:
        """Does a run come to the fault?  None: nobody looked, or no search ended."""
        return self.kept.get("reached")

    @property
    def idle(self) -> frozenset[str] | None:
        """The steps that no run takes; None: no search ended."""
        return frozenset(self.kept["idle"]) if "idle" in self.kept else None

    @property
    def refused(self) -> str:
        """What the language says against a step of a run; empty where nothing."""
        return str(self.kept.get("refused", ""))

    def of(self, question: Question) -> Outcome | None:
        """The outcome of a question; None where it was not asked."""
        found = self.kept.get(digest_of(self.original, question))
        return found and Outcome(found[0], "native", steps=found[1], reason=found[2])

    def refuted(self, questions: Sequence[Question]) -> list[Question]:
        """Those of some questions that are refuted."""
        return [q for q in questions if (o := self.of(q)) is not None and o.verdict == "refuted"]

    def steps(self, questions: Sequence[Question]) -> int:
        """The length of the shortest run that refutes one of some questions."""
        return min(o.steps or 0 for q in questions if (o := self.of(q)) is not None)

    def broken_rule(self) -> str:
        """The rule of VIRTIO that a shortest run to a breach of the standard breaks."""
        if "rule" not in self.kept:
            found = first_violation(self.reading.system, [follows_the_standard])
            assert found is not None
            self.kept["rule"] = _broken(self.reading.program, found[1].path)
            self.shelf.put(self.place, self.kept)
        return str(self.kept["rule"])

    def ask(self, name: str, questions: Sequence[Question], seconds: float) -> str:
        """Ask some questions of states, or some about runs without end.  Why they are not all decided; else empty.

        Those of states end where the first of them is refuted, which leaves others without an answer.
        """
        system, runs = self.reading.system, isinstance(questions[0], Liveness) if questions else False
        claims: list[Claim] = [as_claim(name, system, q) for q in questions]
        limits = Limits(max_bytes=ROOM, seconds=seconds)
        if runs:
            outcomes = decide_liveness(claims, Alike([], self.reading, self.source), limits).outcomes
        else:
            source = generate(self.reading, [q for q in questions if isinstance(q, Property)])
            group = Alike([], self.reading, source)
            outcomes = decide_states([*claims, cover("the fault", system, HERE)], group, limits, stop=True).outcomes
        self.seconds += max(o.seconds for o in outcomes)
        if refused := [o.reason for o in outcomes if o.refused]:
            self.kept["refused"] = refused[0]
        for question, outcome in zip(questions, outcomes, strict=False):
            if outcome.verdict in ("refuted", "proved", "vacuous"):
                self.kept[digest_of(self.original, question)] = [outcome.verdict, outcome.steps, outcome.reason]
        why = next((o.reason for o in outcomes[: len(claims)] if o.verdict == "undecided"), "")
        if not runs and outcomes[-1].verdict == "refuted":
            self.kept["reached"] = True
        elif not runs and not why and outcomes[-1].verdict != "undecided":
            self.kept["reached"] = False
        if not runs and not why and not refused and "reached" in self.kept:
            self.kept["idle"] = list(outcomes[-1].never_taken)
        self.shelf.put(self.place, self.kept)
        return why



def never_taken_by_original(system: System, shelf: Shelf) -> frozenset[str]:
    """The steps that no run of an original takes: that a mutant of it takes none either is no fault of it."""
    reading = plain(system)
    source = generate(reading)
    place = shelf.place("idle", source.text, *source.actions)
    kept = shelf.get(place)
    if not isinstance(kept, list):
        found = explore_native(reading.system, few=True, max_bytes=ROOM, written=(reading, source))
        kept = list(never_taken(reading.program, found.fired))
        shelf.put(place, kept)
    return frozenset(kept)


def _broken(program: Program, path: Sequence[Move]) -> str:
    values = program.initial
    for move in path:
        after = program.take(values, move)
        assert after is not None
        values = after
    program.view.set(values)
    watch = program.state.watch
    rule: str = watch.rules[int(watch.broken) - 1]
    return rule
