"""The induction once more, in bit-vectors: a second opinion.

The same paths, the same lemmas, another arithmetic (16 bits that wrap by
themselves), slots computed, no quantifier (`models.engines.induction.instances`), and
bitwuzla instead of z3 where it is installed.  From the integer reading it takes
one thing: which few lemmas proved a question there.  They are tried first, and
all of them where they are not enough; they are never believed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import z3

from vrx.models.engines.induction import bit_solver, step_proof
from vrx.models.engines.induction.bit_solver import available
from vrx.models.engines.induction.instances import Instances
from vrx.models.engines.induction.integer_reading import Decisions, Path, Taken, free_running
from vrx.models.engines.induction.logic import Lemma
from vrx.models.engines.induction.proof_cache import Known
from vrx.models.engines.induction.prover import Obligation, Prover
from vrx.models.engines.induction.step_proof import Induction, Question
from vrx.models.engines.induction.step_result import StepResult
from vrx.models.engines.induction.system_proof import NotFollowing, Report
from vrx.models.engines.induction.term_digest import combined
from vrx.models.engines.induction.vectors import Vectors
from vrx.models.symbolic import terms
from vrx.models.symbolic.terms import Num, Row, Truth
from vrx.models.symbolic.walk import in_order
from vrx.models.systems.system import System
from vrx.spec.properties import Property

ROUNDS = (1, 2)
"""How often lemmas are said of what was mentioned: first once, then twice."""


class Second:
    """Questions of one prover in bit-vectors.  seconds: the limit of one question."""

    def __init__(self, prover: Prover, solver: str = "", seconds: float = 120.0) -> None:
        self.prover, self.seconds = prover, seconds
        self.solver = solver or available()
        self.instances = Instances(prover)
        self._low = Vectors(laps=not free_running(prover.reading.cfg))
        self._bounds = {id(p.variable): p.bound for p in prover.reading.places if p.bound is not None}

    @property
    def all_lemmas(self) -> list[str]:
        """The names of the lemmas."""
        return [lemma.name for lemma in self.prover.lemmas]

    def proves(self, facts: Sequence[Truth], goal: Truth, names: Sequence[str]) -> str:
        """Does the goal follow from the facts and the lemmas of these names?  `unsat` if so; else another answer."""
        answer = "unknown"
        for rounds in ROUNDS:
            known = self.instances.known(facts, goal, names, rounds)
            answer = self._ask([*known, terms.negate(goal)])
            if answer == "unsat":
                return answer
        return answer

    def consistent(self, taken: Taken, path: Path) -> bool:
        """Is there a state that the lemmas, as they are used here, allow and in which the step takes the path?"""
        facts = self.instances.given(taken, path.decisions)
        return self._ask(self.instances.known(facts, terms.NO, self.all_lemmas, ROUNDS[0])) == "sat"

    def follows(self, prop: Property) -> str:
        """Does a property follow from the invariant?  `unsat` if so."""
        facts, goal = self.instances.at_rest(prop)
        return self.proves(facts, goal, self.all_lemmas)

    def _ask(self, facts: Sequence[Truth]) -> str:
        solver = z3.SolverFor("QF_AUFBV")
        solver.set("timeout", int(self.seconds * 1000))
        solver.set("ctrl_c", False)
        solver.add(self._low.ring_size(), *(self._low.truth(f) for f in facts), *self._ranges(facts))
        if self.solver == "z3":
            return str(solver.check())
        return bit_solver.ask(solver.to_smt2(), self.seconds)

    def _ranges(self, facts: Sequence[Truth]) -> list[Any]:
        """Every variable that is mentioned is in its range, and every element."""
        out = []
        for t in in_order(facts):
            form: Any = t
            if isinstance(form, Num) and form.op == "var":
                bound = self._bounds.get(id(form), terms.const(form.high))
                if bound.op == "const":
                    out.append(self._low.at_most(form, bound.data))
                else:
                    out.append(self._low.truth(terms.negate(terms.less(bound, form))))
            elif isinstance(form, Num) and form.op == "at":
                row: Row = form.args[0]
                while row.op == "put":
                    row = row.args[0]
                element = row.at(form.args[1])
                if isinstance(element, Num) and element.op == "at":
                    out.append(self._low.at_most(element, element.high))
        return [fact for fact in out if fact is not None]


class SecondInduction(Induction):
    """The steps of one prover, asked in bit-vectors."""

    def __init__(self, second: Second, known: Known | None = None) -> None:
        super().__init__(second.prover, known)
        self.second = second

    def follows(self, goal: Property) -> str:
        """Does a goal follow from the invariant?  `unsat` if so."""
        return self.second.follows(goal)

    def few(self, taken: Taken) -> step_proof.Asker:
        """A question with a few lemmas."""
        return _Few(self.second, taken)

    def tracked(self, taken: Taken, path: Path) -> step_proof.Tracking:
        """A question with the lemmas that the integer reading needs, then with all."""
        return _All(self, taken, path)

    def consistent(self, taken: Taken) -> bool:
        """Is there a state that the lemmas allow, as they are used here, and that enables the step?"""
        key = combined("consistent", taken.point, *(self._path(p) for p in taken.paths), *self.invariant)
        if not self.known.proved(taken.step.name, key):
            if not any(self.second.consistent(taken, path) for path in taken.paths if not path.outside):
                return False
            self.known.put(taken.step.name, key)
        return True


class _Few:
    """Questions about one step, with few lemmas and decisions."""

    def __init__(self, second: Second, taken: Taken) -> None:
        self._second, self._taken = second, taken

    def prove(self, question: Question, lemmas: Sequence[str], decisions: Decisions) -> bool:
        """Do they prove it?"""
        return self.ask(question, lemmas, decisions) == "unsat"

    def ask(self, question: Question, lemmas: Sequence[str], decisions: Decisions) -> str:
        """The answer; `unsat` if they do."""
        instances, obligation = self._second.instances, question.obligation
        goal = terms.NO if obligation is None else instances.goal(question.path, obligation.name)
        return self._second.proves(instances.given(self._taken, decisions), goal, lemmas)


class _All:
    """Questions about one path, with all lemmas and decisions."""

    def __init__(self, induction: SecondInduction, taken: Taken, path: Path) -> None:
        self._induction, self._taken, self._path = induction, taken, path
        self._few = _Few(induction.second, taken)
        self.answer, self.few = "unknown", False

    @cached_property
    def _first(self) -> step_proof.Tracked:
        return step_proof.Tracked(self._induction.prover, self._taken, self._path)

    def core(self, obligation: Obligation | None = None) -> list[str] | None:
        """Lemmas that prove the obligation, or without one that the path is impossible; None: they do not."""
        hint = self._first.core(obligation)
        if obligation is None and hint is None:
            return None
        name = obligation.name if obligation else step_proof.IMPOSSIBLE
        question = Question(self._taken, self._path, name, obligation)
        for names in (hint, self._induction.second.all_lemmas):
            if names is None:
                continue
            for decisions in self._induction.enough(question, names):
                self.few = len(decisions) < len(self._path.decisions)
                self.answer = self._few.ask(question, names, decisions)
                if self.answer == "unsat":
                    return names
        return None


def check_again(
    system: System,
    lemmas: Sequence[Lemma],
    goals: Sequence[Property],
    *,
    solver: str = "",
    seconds: float = 120.0,
    cache: bool = True,
    progress: Callable[[StepResult], None] | None = None,
) -> Report:
    """Every step and every goal in bit-vectors.  The initial states are numbers, the same in both readings.

    seconds: the limit of one question
    """
    began = time.process_time()
    report = Report(system.name)
    second = Second(Prover(system, lemmas), solver, seconds)
    induction = SecondInduction(second, Known(cache, f"bits, {second.solver}"))
    report.steps = induction.run(progress)
    report.never = [t for t in second.prover.reading.actions if not induction.consistent(t)]
    report.goals = [NotFollowing(g.name, answer) for g in goals if (answer := induction.follows(g)) != "unsat"]
    report.seconds = time.process_time() - began
    return report


def proved_in_bits(
    system: System, lemmas: Sequence[Lemma], stops: Mapping[str, Sequence[str]], seconds: float = 20.0
) -> list[str]:
    """Of the steps and lemmas at which the induction of a faulty system stops: those that bit-vectors prove."""
    second = Second(Prover(system, lemmas), seconds=seconds)
    proved = []
    for taken in second.prover.reading.actions:
        for name in stops.get(taken.name, ()):
            asked = [p for p in taken.paths if any(o.name == name for o in second.prover.obligations(p))]
            given, goals = second.instances.given, second.instances.goal
            answers = [second.proves(given(taken, p.decisions), goals(p, name), second.all_lemmas) for p in asked]
            if all(answer == "unsat" for answer in answers):
                proved.append(f"{taken.name}: {name}")
    return proved
