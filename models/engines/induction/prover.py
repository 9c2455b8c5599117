"""Induction with z3: every step, from every state inside the invariant, leads to a state inside it.

One query per path of a step and lemma: all lemmas before the step, the
decisions of the path, and the lemma false after it.  `unsat` means that it is
preserved.  Lemmas that say nothing about what the path changes are not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import z3

from vrx.models.engines.induction.integer_reading import SIZE, Decisions, IntegerReading, Path, Taken, free_running
from vrx.models.engines.induction.integers import TOP, Integers, slot_facts
from vrx.models.engines.induction.logic import Lemma
from vrx.models.engines.induction.term_digest import Digests
from vrx.models.symbolic import terms
from vrx.models.symbolic.terms import Num, Row
from vrx.models.systems.system import System
from vrx.spec.properties import Property

INSTANCE = terms.variable("instance", TOP - 1)
"""What a quantified lemma is said of."""
RANGES = "ranges"
INSIDE = "inside"
"""Names of the two obligations that are not lemmas: values stay in range; ring indices are inside the ring."""


@dataclass
class Obligation:
    """A formula to prove for one path.

    name: the lemma that it is, or `ranges`, or `inside`; made: the formula; kind: how it is made from the terms
    terms: the lemma and the new values of what it mentions; or the numbers, and what they must not exceed
    """

    name: str
    made: Callable[[], Any]
    kind: str
    terms: tuple[Any, ...]

    @cached_property
    def formula(self) -> Any:
        """The formula, made when it is asked: most questions are known by their terms."""
        return self.made()


class Prover:
    """The induction of one system.

    timeout: of one query, in seconds
    size: None for the proof, which is about every ring size.  A number for looking into a failure: lemmas about
    all heads are then written out head by head, slots are computed, and z3 can answer with a state.
    """

    def __init__(
        self, system: System, lemmas: Sequence[Lemma], *, timeout: float = 20.0, size: int | None = None
    ) -> None:
        self.reading = IntegerReading(system)
        self.lemmas = list(lemmas)
        self.timeout = timeout
        self.size = size
        self.low = Integers(size)
        self._asked: dict[int, list[Obligation]] = {}
        self._variables = {id(p.variable): p.variable for p in self.reading.places}
        self._digests = Digests()
        self.terms = {
            lemma.name: self.reading.fact(lemma.holds, *((INSTANCE,) if lemma.over else ())) for lemma in self.lemmas
        }
        self.before = {lemma.name: self._closed(lemma) for lemma in self.lemmas}

    @cached_property
    def ranges(self) -> list[Any]:
        """Every number is in its range: of its field, of the elements of its array, and the ring size."""
        return self.ranges_of(frozenset(self._variables))

    def variable(self, number: int) -> Any:
        """The variable of a field, by the `id` of the term."""
        return self._variables[number]

    def ranges_of(self, variables: frozenset[int]) -> list[Any]:
        """The same for some variables only, and what is known of slots."""
        size = self.low.lower(SIZE)
        facts: list[Any] = [1 <= size, size <= SIZE.high] if self.size is None else [size == self.size]
        for place in self.reading.places:
            if id(place.variable) not in variables:
                continue
            if place.bound is not None and place.bound.high > 0:
                facts += self._in_range(self.low.lower(place.variable), place.bound)
            elif isinstance(place.variable, Row) and place.variable.top is not None:
                i, row = z3.Int("i"), self.low.lower(place.variable)
                inside = z3.And(0 <= row[i], row[i] <= place.variable.top)
                if self.size is None:
                    facts.append(z3.ForAll([i], inside, patterns=[row[i]]))
                else:
                    facts += [z3.substitute(inside, (i, z3.IntVal(k))) for k in range(self.size)]
        return [*facts, *slot_facts(size, not free_running(self.reading.cfg))] if self.size is None else facts

    def lower_lemma(self, lemma: Lemma) -> Any:
        """A lemma as a formula; a quantified one with the variable `instance` free."""
        return self.low.lower(self.terms[lemma.name])

    def _closed(self, lemma: Lemma) -> Any:
        body = self.lower_lemma(lemma)
        if not lemma.over:
            return body
        if self.size is not None:
            return z3.And(self._instances(lemma, body))
        return z3.ForAll([self.low.lower(INSTANCE)], z3.Implies(self._instance_range(lemma), body))

    def _instances(self, lemma: Lemma, body: Any) -> list[Any]:
        """The lemma for every head, height, or ring index from last_used_idx on, of a ring of known size."""
        assert self.size is not None
        if lemma.over == "indices":
            taken = self.low.lower(self.reading.places[self.reading.index["vq.last_used_idx"]].variable)
            turn = self.low.plain(self.low.lower(self.reading.turn))
            each = [(taken + k) % turn for k in range(self.size + 1)]
        else:
            each = [z3.IntVal(k) for k in range(self.size)]
        return [z3.substitute(body, (self.low.lower(INSTANCE), i)) for i in each]

    def _instance_range(self, lemma: Lemma) -> Any:
        i = self.low.lower(INSTANCE)
        return z3.And(0 <= i, i < self.low.lower(self.reading.turn if lemma.over == "indices" else SIZE))

    def _in_range(self, value: Any, bound: Num) -> list[Any]:
        return [0 <= value, value <= self.low.lower(bound)]

    def hypotheses(self, taken: Taken, path: Path) -> list[Any]:
        """What is known when a step takes a path, the lemmas aside."""
        return [*self.ranges, *self.of_path(taken, path)]

    def of_path(self, taken: Taken, path: Path) -> list[Any]:
        """The decisions of a path, and the ranges of its free choices."""
        return [*self.at_point(taken), *self.decided(path.decisions)]

    def at_point(self, taken: Taken) -> list[Any]:
        """The context stands at the step, and the free choices are in their ranges."""
        known: list[Any] = []
        if taken.counter is not None:
            known.append(self.low.lower(taken.counter) == taken.point)
        for choice, count in taken.choices:
            if choice.op == "var":
                known += [0 <= self.low.lower(choice), self.low.lower(choice) < self.low.lower(count)]
        return known

    def decided(self, decisions: Decisions) -> list[Any]:
        """The conditions as they were decided."""
        facts = ((self.low.lower(condition), value) for condition, value in decisions)
        return [fact if value else z3.Not(fact) for fact, value in facts]

    def pairs(self, path: Path) -> list[tuple[Any, Any]]:
        """The fields that a path changes: variable and new value."""
        return [
            (self.low.lower(self.reading.places[i].variable), self.low.lower(value))
            for i, value in path.updates.items()
            if not isinstance(self.reading.places[i].variable, Num) or self.reading.places[i].variable.op == "var"
        ]

    def after(self, lemma: Lemma, path: Path) -> Any:
        """A lemma after the path."""
        body = self.lower_lemma(lemma)
        changed = z3.substitute(body, *self.pairs(path))
        if lemma.over and self.size is not None:
            return z3.And([z3.substitute(i, *self.pairs(path)) for i in self._instances(lemma, body)])
        return z3.Implies(self._instance_range(lemma), changed) if lemma.over else changed

    def touches(self, lemma: Lemma, path: Path) -> tuple[Any, ...]:
        """The variables that a lemma mentions and a path changes, each with its new value."""
        mentioned = self._digests.mentions(self.terms[lemma.name])
        changed = ((self.reading.places[i].variable, value) for i, value in path.updates.items())
        return tuple(t for variable, value in changed if id(variable) in mentioned for t in (variable, value))

    def obligations(self, path: Path) -> list[Obligation]:
        """Everything to prove for one path."""
        if id(path) not in self._asked:
            self._asked[id(path)] = self._obligations(path)
        return self._asked[id(path)]

    def _obligations(self, path: Path) -> list[Obligation]:
        if path.outside:
            return [Obligation(INSIDE, lambda: z3.BoolVal(False), "outside", ())]
        out = []
        ranges: list[tuple[Num, Num]] = []
        new: list[Any] = []
        for i, value in path.updates.items():
            place = self.reading.places[i]
            if place.bound is not None and isinstance(value, Num):
                if value.low < 0 or place.bound.op != "const" or value.high > place.bound.high:
                    ranges.append((value, place.bound))
                    new += [value, place.bound]
            elif isinstance(value, Row) and place.variable.top is not None:  # type: ignore[union-attr]
                new.append(value)
                while value.op == "put":
                    value, _, stored = value.args
                    ranges.append((stored, terms.const(place.variable.top)))  # type: ignore[union-attr]
        if ranges:
            out.append(Obligation(RANGES, lambda: z3.And(self._all_in_range(ranges)), "ranges", tuple(new)))
        touched = tuple({id(i): i for i in path.touched if i.op != "slot"}.values())
        if touched:
            out.append(Obligation(INSIDE, lambda: z3.And([self._in_ring(i) for i in touched]), "inside", touched))
        for lemma in self.lemmas:
            touches = self.touches(lemma, path)
            if touches:
                made = partial(self.after, lemma, path)
                out.append(Obligation(lemma.name, made, "lemma " + lemma.over, (self.terms[lemma.name], *touches)))
        return out

    def _in_ring(self, index: Num) -> Any:
        return z3.And(0 <= self.low.lower(index), self.low.lower(index) < self.low.lower(SIZE))

    def _all_in_range(self, pairs: Sequence[tuple[Num, Num]]) -> list[Any]:
        return [fact for value, bound in pairs for fact in self._in_range(self.low.lower(value), bound)]

    def solver(self) -> z3.Solver:
        """A solver for one path."""
        solver = z3.Solver()
        solver.set("timeout", int(self.timeout * 1000))
        solver.set("ctrl_c", False)  # else z3 keeps a Ctrl-C to itself, and calls the question unknown
        if self.size is None:
            solver.set("auto_config", False)
            solver.set("mbqi", False)
        return solver

    def possible(self, taken: Taken) -> bool:
        """Is there a state inside the invariant in which the step is enabled?  Asked of a ring of known size."""
        for path in (p for p in taken.paths if not p.outside):
            self._inside.push()
            self._inside.add(*self.of_path(taken, path))
            answer = self._inside.check()
            self._inside.pop()
            if answer == z3.sat:
                return True
        return False

    @cached_property
    def _inside(self) -> z3.Solver:
        """A solver that has the invariant."""
        solver = self.solver()
        solver.add(*self.ranges, *self.before.values())
        return solver

    def rests(self) -> list[Any]:
        """What is true at a rest: no step of the system is enabled, the environment aside.

        A free choice is taken to be 0: a weaker claim than that no choice enables the step, so nothing is lost.
        """
        return [z3.Not(self.enabled(taken)) for taken in self.reading.actions if not taken.step.environment]

    def enabled(self, taken: Taken) -> Any:
        """The step can be taken, with 0 for each free choice."""
        zero = [(self.low.lower(c), z3.IntVal(0)) for c, _ in taken.choices if c.op == "var"]
        enabled = self.low.lower(taken.enabled)
        if taken.counter is not None:
            enabled = z3.And(self.low.lower(taken.counter) == taken.point, enabled)
        return z3.substitute(enabled, *zero)

    def follows(self, prop: Property, *, leave_out: str = "") -> str:
        """Does a property follow from the invariant, at every state or at every rest?  z3's word: `unsat` if so."""
        goal = z3.Not(self.low.lower(self.reading.fact(prop.holds)))
        rests = self.rests() if prop.when == "rest" else []
        answer = "unknown"
        for left_out in (self.ownership, set[str]()):
            solver = self.solver()
            known = (f for name, f in self.before.items() if name != leave_out and name not in left_out)
            solver.add(*self.ranges, *known, *rests, goal)
            answer = str(solver.check())
            if answer == "unsat":
                break
        return answer

    @cached_property
    def ownership(self) -> set[str]:
        """The lemmas that are about every buffer or every index: where something rests, whose a buffer is rarely
        matters."""
        return {lemma.name for lemma in self.lemmas if lemma.over not in ("", "slots")}
