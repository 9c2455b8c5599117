"""Questions without quantifiers: a lemma about all heads, heights or indices, said of those that a question mentions.

Such a lemma says something of an element of an array, `owner[h]`, or of the slot
of an index, `slot(i)`.  Where a question mentions an element of the same array,
at head `x`, it gets the lemma for `x`; where it mentions a slot, for that index.
What a lemma says may mention further elements: then once more.  A question that is
answered with fewer instances than there are is answered with all: more facts
prove no less.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from vrx.models.engines.induction.integer_reading import SIZE, Decisions, Path, Taken
from vrx.models.engines.induction.logic import Lemma
from vrx.models.engines.induction.prover import INSIDE, INSTANCE, RANGES, Prover
from vrx.models.symbolic import terms
from vrx.models.symbolic.terms import Num, Row, Truth
from vrx.models.symbolic.walk import in_order, replaced
from vrx.spec.properties import Property

SLOT = "slot"
"""In the place of an array: the slot of an index."""


class Instances:
    """The lemmas of a prover as terms, instance by instance, and what is to be proved, as terms."""

    def __init__(self, prover: Prover) -> None:
        self.prover = prover
        self._lemmas = {lemma.name: lemma for lemma in prover.lemmas}
        self._said: dict[tuple[str, int], Truth] = {}
        self._elements: dict[int, list[tuple[str, Num]]] = {}
        self._triggers = {
            lemma.name: {array for array, index in self.elements(prover.terms[lemma.name]) if index is INSTANCE}
            for lemma in prover.lemmas
            if lemma.over
        }

    def known(self, facts: Sequence[Truth], goal: Truth, names: Sequence[str], rounds: int) -> list[Truth]:
        """The facts, and what the lemmas of these names say of the elements that are mentioned, so many times over."""
        known = [*facts, *(self.prover.terms[n] for n in names if not self._lemmas[n].over)]
        asked = [self._lemmas[n] for n in names if self._lemmas[n].over]
        new, seen = [*known, goal], set[tuple[str, int]]()
        for _ in range(rounds):
            mentioned = [pair for term in new for pair in self.elements(term)]
            new = []
            for lemma in asked:
                for array, index in mentioned:
                    if array in self._triggers[lemma.name] and (lemma.name, id(index)) not in seen:
                        seen.add((lemma.name, id(index)))
                        new.append(self.said(lemma, index))
            known += new
        return known

    def said(self, lemma: Lemma, index: Num) -> Truth:
        """What a lemma says of one head, height or index, if it is one."""
        key = (lemma.name, id(index))
        if key not in self._said:
            top = self.prover.reading.turn if lemma.over == "indices" else SIZE
            outside = terms.either(terms.less(index, terms.const(0)), terms.negate(terms.less(index, top)))
            self._said[key] = terms.either(outside, self.prover.reading.fact(lemma.holds, index))
        return self._said[key]

    def elements(self, term: Truth) -> list[tuple[str, Num]]:
        """The elements of arrays that a term mentions: which array, and which index; and whose slots."""
        if id(term) not in self._elements:
            self._elements[id(term)] = list(_elements(term))
        return self._elements[id(term)]

    def given(self, taken: Taken, decisions: Decisions) -> list[Truth]:
        """Some decisions of a path, where its context stands, and the ranges of its free choices."""
        ranges = [terms.less(choice, count) for choice, count in taken.choices if choice.op == "var"]
        return ranges + _decided(taken, decisions)

    def goal(self, path: Path, name: str) -> Truth:
        """What is to be proved of a path, by the name of the obligation."""
        if path.outside:
            return terms.NO
        if name == RANGES:
            return _all(self._ranges(path))
        if name == INSIDE:
            return _all(_within(i, SIZE, strictly=True) for i in path.touched if i.op != "slot")
        lemma = self._lemmas[name]
        before = self.said(lemma, INSTANCE) if lemma.over else self.prover.terms[name]
        variables = ((self.prover.reading.places[i].variable, value) for i, value in path.updates.items())
        new: Truth = replaced(before, {id(v): value for v, value in variables if v.op == "var"})
        return new

    def _ranges(self, path: Path) -> Iterator[Truth]:
        for i, value in path.updates.items():
            bound = self.prover.reading.places[i].bound
            if bound is not None and isinstance(value, Num):
                yield _within(value, bound)
            while isinstance(value, Row) and value.op == "put":
                before, _, stored = value.args
                if value.top is not None:
                    yield _within(stored, terms.const(value.top))
                value = before

    def at_rest(self, prop: Property) -> tuple[list[Truth], Truth]:
        """What is true where a property is asked, and the property.  At a rest no step is enabled with choices of 0."""
        facts = []
        for taken in self.prover.reading.actions:
            if prop.when == "rest" and not taken.step.environment:
                zero = {id(c): terms.const(0) for c, _ in taken.choices if c.op == "var"}
                enabled = _all([*_decided(taken, ()), taken.enabled])
                facts.append(terms.negate(replaced(enabled, zero)))
        return facts, self.prover.reading.fact(prop.holds)


def _decided(taken: Taken, decisions: Decisions) -> list[Truth]:
    at_point = [] if taken.counter is None else [terms.truth(taken.counter == taken.point)]
    return at_point + [condition if value else terms.negate(condition) for condition, value in decisions]


def _all(facts: Any) -> Truth:
    result = terms.YES
    for fact in facts:
        result = terms.both(result, fact)
    return result


def _within(value: Num, bound: Num, strictly: bool = False) -> Truth:
    """0 <= value <= bound, or < bound."""
    below = terms.less(value, bound) if strictly else terms.negate(terms.less(bound, value))
    return terms.both(terms.negate(terms.less(value, terms.const(0))), below)


def _elements(term: Truth) -> Iterator[tuple[str, Num]]:
    for t in in_order((term,)):
        form: Any = t
        if form.op == "slot":
            yield SLOT, form.args[0]
        elif form.op in ("at", "put"):
            row, index = form.args[0], form.args[1]
            while row.op == "put":
                row = row.args[0]
            if row.op == "var":
                yield row.data, index
