"""Proving one step at a time: what is asked, what is known, and which lemmas an answer needed.

Each question is one lemma after one path of a step.  First with the few lemmas
that proved its like before, and what the path decided about the variables that
they mention; then, where that is not enough, with all lemmas and decisions.
A question is named by its content (`models.engines.induction.term_digest`), so paths share
answers, and systems do: most steps of SC and TSO, or of store buffers of 2, 3
and 4, ask the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import z3

from vrx.models.engines.induction.integer_reading import SIZE, Decisions, Path, Taken
from vrx.models.engines.induction.proof_cache import Known
from vrx.models.engines.induction.prover import Obligation, Prover
from vrx.models.engines.induction.step_result import Failure, StepResult
from vrx.models.engines.induction.term_digest import Digests, combined
from vrx.models.systems.system import ActionKey
from vrx.spec.properties import Property

SMALL = 2
"""The ring on which a state is looked for that enables a step."""
HINTS = 3
"""How many sets of lemmas are tried for one question before all are."""
IMPOSSIBLE = "impossible"
"""The name of the question whether a path contradicts the invariant."""


@dataclass(frozen=True)
class Question:
    """One question.  name: of the lemma, `ranges`, `inside`, or `impossible`; obligation: None for `impossible`."""

    taken: Taken
    path: Path
    name: str
    obligation: Obligation | None = None


class Asker(Protocol):
    """Somebody who is asked whether a few lemmas prove something of a path."""

    def prove(self, question: Question, lemmas: Sequence[str], decisions: Decisions) -> bool:
        """Do they, where the path has taken these decisions?"""


class Tracking(Protocol):
    """Somebody who has all lemmas of a path.

    answer: the last, `sat` or `unknown` where nothing was proved; few: the last proof took the decisions only that
    concern its lemmas
    """

    answer: str
    few: bool

    def core(self, obligation: Obligation | None = None) -> list[str] | None:
        """The lemmas that prove the obligation (without one, that the path is impossible); None: they do not."""


class Induction:
    """The steps of one prover, asked one by one."""

    def __init__(self, prover: Prover, known: Known | None = None) -> None:
        self.prover = prover
        self.known = known or Known(use=False)
        self._digests = Digests()
        self._bounds = {id(p.variable): p.bound for p in prover.reading.places if p.bound is not None}
        over = {lemma.name: lemma.over.encode() for lemma in prover.lemmas}
        self._lemmas = {name: self._digests.of(term) + over[name] for name, term in prover.terms.items()}
        self.invariant = sorted(self._lemmas.values())
        self.cores: dict[tuple[str, str], set[str]] = {}

    def few(self, taken: Taken) -> Asker:
        """Who is asked questions about a step with a few lemmas."""
        return Few(self.prover, taken)

    def tracked(self, taken: Taken, path: Path) -> Tracking:
        """Who is asked with all lemmas, and says which of them were needed."""
        return Tracked(self.prover, taken, path)

    def step(self, taken: Taken) -> StepResult:
        """Check one step: all paths, all lemmas."""
        began = time.process_time()
        result = StepResult(taken.name)
        few = self.few(taken)
        for path in taken.paths:
            all_of_them = None
            result.paths += 1
            impossible = Question(taken, path, IMPOSSIBLE)
            if self._with_hints(impossible, few, result):
                result.queries += 1
                continue
            for obligation in self.prover.obligations(path):
                question = Question(taken, path, obligation.name, obligation)
                result.queries += 1
                if self._with_hints(question, few, result):
                    continue
                if all_of_them is None:
                    all_of_them = self.tracked(taken, path)
                    core = all_of_them.core()
                    if core is not None:
                        self._remember(impossible, core, False)
                        break
                core = all_of_them.core(obligation)
                if core is None:
                    result.failures.append(Failure(taken.name, obligation.name, all_of_them.answer, path))
                else:
                    self._remember(question, core, all_of_them.few)
        result.seconds = time.process_time() - began
        return result

    def possible(self, walked: Callable[[], set[ActionKey]], small: Callable[[], Prover], taken: Taken) -> bool:
        """Is there a state inside the invariant, on a small ring, that enables the step?

        walked: the steps for which a walk has found one; for the others z3 is asked, with the prover of a small ring
        """
        paths = [self._path(p) for p in taken.paths]
        key = combined("possible", SMALL, taken.point, *paths, *self._everything())
        if self.known.proved(taken.step.name, key):
            return True
        if taken.key not in walked():
            (twin,) = (t for t in small().reading.actions if t.key == taken.key)
            if not small().possible(twin):
                return False
        self.known.put(taken.step.name, key)
        return True

    def follows(self, goal: Property) -> str:
        """Does a goal follow from the invariant?  `unsat` if so."""
        steps = [t for t in self.prover.reading.actions if goal.when == "rest" and not t.step.environment]
        parts = [part for t in steps for part in (t.point, self._digests.of(t.enabled))]
        fact = self._digests.of(self.prover.reading.fact(goal.holds))
        key = combined("goal", goal.when, fact, *parts, *self._everything())
        if self.known.proved("goals", key):
            return "unsat"
        answer = self.prover.follows(goal)
        if answer == "unsat":
            self.known.put("goals", key)
        return answer

    def _everything(self) -> list[bytes]:
        """All lemmas and all ranges, by their content."""
        of = self._digests.of
        bounds = [of(p.variable) + of(p.bound) for p in self.prover.reading.places if p.bound is not None]
        return [*self.invariant, *bounds, of(self.prover.reading.turn)]

    def run(self, progress: Callable[[StepResult], None] | None = None) -> list[StepResult]:
        """Check every step."""
        out = []
        for taken in self.prover.reading.actions:
            out.append(self.step(taken))
            if progress:
                progress(out[-1])
        return out

    def _remember(self, question: Question, core: Sequence[str], few: bool) -> None:
        step, path = question.taken.step.name, question.path
        self.known.put(step, self._key(question, core, self.concern(question, core) if few else path.decisions))
        self.known.hint(step, question.name, self._path(question.path), core)
        self._needed(question, core)

    def _needed(self, question: Question, core: Sequence[str]) -> None:
        if question.obligation is not None:
            self.cores.setdefault((question.taken.name, question.name), set()).update(core)

    def _with_hints(self, question: Question, few: Asker, result: StepResult) -> bool:
        """Is it known, or can a few lemmas prove it?"""
        step = question.taken.step.name
        hints = self.known.hints(step, question.name, self._path(question.path))
        hints = [h for h in hints if set(h) <= set(self._lemmas)]
        for hint in hints:
            for decisions in self.enough(question, hint):
                if self.known.proved(step, self._key(question, hint, decisions)):
                    result.known += 1
                    self._needed(question, hint)
                    return True
        for hint in hints[:HINTS]:
            decisions = self.concern(question, hint)
            if few.prove(question, hint, decisions):
                self.known.put(step, self._key(question, hint, decisions))
                self._needed(question, hint)
                return True
        return False

    def enough(self, question: Question, lemmas: Sequence[str]) -> list[Decisions]:
        """The decisions that may be enough, then all, if these are more."""
        few, every = self.concern(question, lemmas), question.path.decisions
        return [few, every] if len(few) < len(every) else [every]

    def concern(self, question: Question, lemmas: Sequence[str]) -> Decisions:
        """The decisions of a path that say something of the variables in a question, or in what is said of these."""
        path, obligation = question.path, question.obligation
        if obligation is None:
            return path.decisions
        of = self._digests.mentions
        said = [*obligation.terms, *(self.prover.terms[name] for name in lemmas)]
        about = frozenset[int]().union(*map(of, said)) - {id(SIZE)}  # the ring size is in nearly everything
        left = list(range(len(path.decisions)))
        more = True
        while more:
            joined = [n for n in left if of(path.decisions[n][0]) & about]
            about = about.union(*(of(path.decisions[n][0]) for n in joined)) - {id(SIZE)}
            left, more = [n for n in left if n not in joined], bool(joined)
        return tuple(d for n, d in enumerate(path.decisions) if n not in left)

    def _path(self, path: Path) -> str:
        """The content of a path's decisions as a name."""
        return combined(*(part for c, value in path.decisions for part in (self._digests.of(c), value)))

    def _terms(self, question: Question, decisions: Decisions) -> Iterator[Any]:
        """The terms that a question is made of, its lemmas aside."""
        taken = question.taken
        if taken.counter is not None:
            yield taken.counter
        for pair in taken.choices:
            yield from pair
        for condition, _ in decisions:
            yield condition
        if question.obligation is not None:
            yield from question.obligation.terms

    def _variables(self, question: Question, lemmas: Sequence[str], decisions: Decisions) -> frozenset[int]:
        terms = [*self._terms(question, decisions), *(self.prover.terms[name] for name in lemmas)]
        found = frozenset[int]().union(*(self._digests.mentions(t) for t in terms))
        bounds = [self._bounds[v] for v in found if v in self._bounds]
        return found.union(*(self._digests.mentions(b) for b in bounds))

    def _key(self, question: Question, lemmas: Sequence[str], decisions: Decisions) -> str:
        """The content of a question as a name."""
        of = self._digests.of
        obligation = question.obligation
        bounds = sorted(
            of(self.prover.variable(v)) + of(self._bounds[v])
            for v in self._variables(question, lemmas, decisions)
            if v in self._bounds
        )
        turn = of(self.prover.reading.turn)  # what is known of slots depends on it
        parts: list[Any] = [question.taken.point, obligation is None or obligation.kind, turn]
        parts += [of(t) for t in self._terms(question, decisions)]
        parts += [value for _, value in decisions]
        parts += ["lemmas", *sorted(self._lemmas[name] for name in lemmas), "bounds", *bounds]
        return combined(*parts)


class Few:
    """A solver that knows the step, and for each question is told a few lemmas and decisions.

    It has the ranges of all variables, also of those that a question does not mention, of which nothing follows.
    """

    def __init__(self, prover: Prover, taken: Taken) -> None:
        self._prover, self._taken = prover, taken

    @cached_property
    def _solver(self) -> z3.Solver:
        solver = self._prover.solver()
        solver.add(*self._prover.ranges, *self._prover.at_point(self._taken))
        return solver

    def prove(self, question: Question, lemmas: Sequence[str], decisions: Decisions) -> bool:
        """Does z3 prove it from these lemmas and decisions alone?"""
        self._solver.push()
        self._solver.add(*self._prover.decided(decisions), *(self._prover.before[name] for name in lemmas))
        if question.obligation is not None:
            self._solver.add(z3.Not(question.obligation.formula))
        answer = self._solver.check()
        self._solver.pop()
        return answer == z3.unsat


class Tracked:
    """A solver with all lemmas, each under a name of its own, so that z3 says which it used."""

    few = False

    def __init__(self, prover: Prover, taken: Taken, path: Path) -> None:
        self.solver = prover.solver()
        self.solver.add(*prover.hypotheses(taken, path))
        self.names: dict[str, str] = {}
        self.literals = []
        self.answer = "unknown"
        for name, formula in prover.before.items():
            literal = z3.Bool(f"lemma {name}")
            self.names[str(literal)] = name
            self.literals.append(literal)
            self.solver.add(z3.Implies(literal, formula))

    def core(self, obligation: Obligation | None = None, *, without: str = "") -> list[str] | None:
        """The lemmas that prove an obligation (or, without one, that the path is impossible); None: they do not.

        without: a lemma not to use.
        """
        self.solver.push()
        if obligation is not None:
            self.solver.add(z3.Not(obligation.formula))
        answer = self.solver.check(*(x for x in self.literals if self.names[str(x)] != without))
        self.answer = str(answer)
        core = [self.names[str(c)] for c in self.solver.unsat_core()] if answer == z3.unsat else None
        self.solver.pop()
        return core
