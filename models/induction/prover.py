"""Induction with z3: every step, from every state inside the invariant, leads to a state inside it.

One query per path of a step and lemma: all lemmas before the step, the
decisions of the path, and the lemma false after it.  `unsat` means that it is
preserved.  Lemmas that say nothing about what the path changes are not asked.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import z3

from models import terms
from models.induction.integers import TOP, Integers, slot_facts, wrapped
from models.induction.logic import Lemma
from models.induction.reading import SIZE, IntegerReading, Path, Taken
from models.induction.results import Failure, StepResult
from models.system import System
from models.terms import Num, Row
from spec.properties import Property

INSTANCE = terms.variable("instance", TOP - 1)
"""What a quantified lemma is said of."""
RANGES = "ranges"
INSIDE = "inside"
"""Names of the two obligations that are not lemmas: values stay in range; ring indices are inside the ring."""


@dataclass
class Obligation:
    """A formula to prove for one path.  name: the lemma that it is, or `ranges`, or `inside`."""

    name: str
    formula: Any


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
        self._bodies: dict[str, Any] = {}
        self._asked: dict[int, list[Obligation]] = {}
        self.before = {lemma.name: self._closed(lemma) for lemma in self.lemmas}

    @cached_property
    def ranges(self) -> list[Any]:
        """Every number is in its range: of its field, of the elements of its array, and the ring size."""
        size = self.low.lower(SIZE)
        facts: list[Any] = [1 <= size, size <= SIZE.high] if self.size is None else [size == self.size]
        for place in self.reading.places:
            if place.bound is not None and place.bound.high > 0:
                facts += self._in_range(self.low.lower(place.variable), place.bound)
            elif isinstance(place.variable, Row) and place.variable.top is not None:
                i, row = z3.Int("i"), self.low.lower(place.variable)
                inside = z3.And(0 <= row[i], row[i] <= place.variable.top)
                if self.size is None:
                    facts.append(z3.ForAll([i], inside, patterns=[row[i]]))
                else:
                    facts += [z3.substitute(inside, (i, z3.IntVal(k))) for k in range(self.size)]
        return [*facts, *slot_facts(size)] if self.size is None else facts

    def lower_lemma(self, lemma: Lemma) -> Any:
        """A lemma as a formula; a quantified one with the variable `instance` free."""
        if lemma.name not in self._bodies:
            arguments = (INSTANCE,) if lemma.over else ()
            self._bodies[lemma.name] = self.low.lower(self.reading.fact(lemma.holds, *arguments))
        return self._bodies[lemma.name]

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
            each = [wrapped(taken + k, 0, TOP + k, TOP) for k in range(self.size + 1)]
        else:
            each = [z3.IntVal(k) for k in range(self.size)]
        return [z3.substitute(body, (self.low.lower(INSTANCE), i)) for i in each]

    def _instance_range(self, lemma: Lemma) -> Any:
        i = self.low.lower(INSTANCE)
        return z3.And(0 <= i, i < (TOP if lemma.over == "indices" else self.low.lower(SIZE)))

    def _in_range(self, value: Any, bound: Num) -> list[Any]:
        return [0 <= value, value <= self.low.lower(bound)]

    def hypotheses(self, taken: Taken, path: Path) -> list[Any]:
        """What is known when a step takes a path, the lemmas aside."""
        known = list(self.ranges)
        if taken.counter is not None:
            known.append(self.low.lower(taken.counter) == taken.point)
        for choice, count in taken.choices:
            if choice.op == "var":
                known += [0 <= self.low.lower(choice), self.low.lower(choice) < self.low.lower(count)]
        for condition, value in path.decisions:
            fact = self.low.lower(condition)
            known.append(fact if value else z3.Not(fact))
        return known

    def pairs(self, path: Path) -> list[tuple[Any, Any]]:
        """The fields that a path changes: variable and new value."""
        return [
            (self.low.lower(self.reading.places[i].variable), self.low.lower(value))
            for i, value in path.updates.items()
            if not isinstance(self.reading.places[i].variable, Num) or self.reading.places[i].variable.op == "var"
        ]

    def after(self, lemma: Lemma, path: Path) -> Any | None:
        """A lemma after the path, or None where nothing that it mentions has changed."""
        body = self.lower_lemma(lemma)
        changed = z3.substitute(body, *self.pairs(path)) if path.updates else body
        if changed.eq(body):
            return None
        if lemma.over and self.size is not None:
            return z3.And([z3.substitute(i, *self.pairs(path)) for i in self._instances(lemma, body)])
        return z3.Implies(self._instance_range(lemma), changed) if lemma.over else changed

    def obligations(self, path: Path) -> list[Obligation]:
        """Everything to prove for one path."""
        if id(path) not in self._asked:
            self._asked[id(path)] = self._obligations(path)
        return self._asked[id(path)]

    def _obligations(self, path: Path) -> list[Obligation]:
        if path.outside:
            return [Obligation(INSIDE, z3.BoolVal(False))]
        out = []
        ranges: list[Any] = []
        for i, value in path.updates.items():
            place = self.reading.places[i]
            if place.bound is not None and isinstance(value, Num):
                if value.low < 0 or place.bound.op != "const" or value.high > place.bound.high:
                    ranges += self._in_range(self.low.lower(value), place.bound)
            elif isinstance(value, Row) and place.variable.top is not None:  # type: ignore[union-attr]
                ranges += self._stored(value)
        if ranges:
            out.append(Obligation(RANGES, z3.And(ranges)))
        inside = [
            z3.And(0 <= self.low.lower(i), self.low.lower(i) < self.low.lower(SIZE))
            for i in {id(i): i for i in path.touched if i.op != "slot"}.values()
        ]
        if inside:
            out.append(Obligation(INSIDE, z3.And(inside)))
        for lemma in self.lemmas:
            formula = self.after(lemma, path)
            if formula is not None:
                out.append(Obligation(lemma.name, formula))
        return out

    def _stored(self, row: Row) -> list[Any]:
        facts = []
        while row.op == "put":
            facts += [0 <= self.low.lower(row.args[2]), self.low.lower(row.args[2]) <= row.top]
            row = row.args[0]
        return facts

    def solver(self) -> z3.Solver:
        """A solver for one path."""
        solver = z3.Solver()
        solver.set("timeout", int(self.timeout * 1000))
        if self.size is None:
            solver.set("auto_config", False)
            solver.set("mbqi", False)
        return solver

    def step(self, taken: Taken, *, leave_out: str = "") -> StepResult:
        """Check one step: all paths, all lemmas.  leave_out: a lemma not to use and not to prove."""
        began = time.process_time()
        result = StepResult(taken.name)
        for path in taken.paths:
            base = self.solver()
            base.add(*self.hypotheses(taken, path))
            base.add(*(f for name, f in self.before.items() if name != leave_out))
            if base.check() == z3.unsat:
                continue
            result.paths += 1
            for obligation in self.obligations(path):
                if obligation.name == leave_out:
                    continue
                result.queries += 1
                base.push()
                base.add(z3.Not(obligation.formula))
                answer = base.check()
                if answer != z3.unsat:
                    result.failures.append(Failure(taken.name, obligation.name, str(answer), path))
                base.pop()
        result.seconds = time.process_time() - began
        return result

    def possible(self, taken: Taken) -> bool:
        """Is there a state inside the invariant in which the step is enabled?  Asked of a ring of known size."""
        for path in (p for p in taken.paths if not p.outside):
            solver = self.solver()
            solver.add(*self.hypotheses(taken, path), *self.before.values())
            if solver.check() == z3.sat:
                return True
        return False

    @cached_property
    def invariant_text(self) -> str:
        """What every step is proved from, as text."""
        return "\n".join(f.sexpr() for f in (*self.ranges, *self.before.values()))

    def texts(self, taken: Taken) -> list[str]:
        """Everything that a step is proved from, as text: the same text means the same question."""
        out = [self.invariant_text]
        for path in taken.paths:
            out += [f.sexpr() for f in self.hypotheses(taken, path)[len(self.ranges) :]]
            out += [o.name + " " + o.formula.sexpr() for o in self.obligations(path)]
        return out

    def rests(self) -> list[Any]:
        """What is true at a rest: no step of the system is enabled, the environment aside.

        A free choice is taken to be 0: a weaker claim than that no choice enables the step, so nothing is lost.
        """
        facts = []
        for taken in self.reading.actions:
            if taken.step.environment:
                continue
            zero = [(self.low.lower(c), z3.IntVal(0)) for c, _ in taken.choices if c.op == "var"]
            for path in taken.paths:
                parts = [z3.BoolVal(True)]
                if taken.counter is not None:
                    parts.append(self.low.lower(taken.counter) == taken.point)
                for condition, value in path.decisions:
                    fact = self.low.lower(condition)
                    parts.append(fact if value else z3.Not(fact))
                facts.append(z3.Not(z3.substitute(z3.And(parts), *zero)))
        return facts

    def follows(self, prop: Property, *, leave_out: str = "") -> str:
        """Does a property follow from the invariant, at every state or at every rest?  z3's word: `unsat` if so."""
        solver = self.solver()
        solver.add(*self.ranges, *(f for name, f in self.before.items() if name != leave_out))
        if prop.when == "rest":
            solver.add(*self.rests())
        solver.add(z3.Not(self.low.lower(self.reading.fact(prop.holds))))
        return str(solver.check())

    def run(self, *, leave_out: str = "") -> list[StepResult]:
        """Check every step."""
        return [self.step(t, leave_out=leave_out) for t in self.reading.actions]
