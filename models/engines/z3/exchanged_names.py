"""Does a step, or a question, treat numbers of buffers as names, whatever the state?  Z3 says so, or where not.

Two states are *alike but for names* where one has two numbers exchanged in every place that
somebody reads (`spec.layouts.free_names.Place`), in what has an element for each buffer, on the free list and in
the stores that wait.  What nobody reads may be anything in either.  A step keeps to names where from any two such
states it can be taken alike, passes the same marks, and leads to two such states.  The states are all that the
ranges of the fields allow and in which some properties hold, which somebody else has to show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import z3

from vrx.models.engines.z3.bitvectors import BitVectors, width
from vrx.models.engines.z3.one_step_induction import ranges
from vrx.models.symbolic import terms
from vrx.models.symbolic.reading import Reading, Traced
from vrx.models.symbolic.relation import Relation, Rule, any_of, variables_of
from vrx.models.symbolic.terms import Num, Truth
from vrx.models.symbolic.trees import Fork, Leaf, Tree, as_term, chosen, folded, marks_in
from vrx.models.symbolic.walk import Term
from vrx.models.systems.fields import View
from vrx.models.systems.system import Action, System, step_of
from vrx.spec.layouts.free_names import FreeNames
from vrx.spec.linux.state import GuestContext
from vrx.spec.memory import Location
from vrx.spec.properties import Property
from vrx.spec.symmetry import waits

ENOUGH = 40_000_000
"""What Z3 may spend on one step and two buffers, in its own units, so that every machine says the same."""
SHOWN = 6
"""Fields of a state that are told, at most."""


@dataclass(frozen=True)
class Difference:
    """Two numbers of buffers that are not shown to be names for a step, or for a question.

    where: a state in which they are told apart, in words; empty where Z3 came to no end
    """

    a: int
    b: int
    who: str
    where: str


class _WithoutReordering(Reading):
    """The steps without the reordering that is laid behind them, in the very configuration that is asked about."""

    def _trace(self, number: int, action: Action) -> Traced:
        if action.step.name in self.system.cfg.layout.free_names.behind and isinstance(action.context, GuestContext):
            laid: Any = action.step.run
            action = replace(action, step=replace(action.step, run=laid.__wrapped__))
        return super()._trace(number, action)


class Exchange:
    """Pairs of states of a system with `symmetry` that are alike but for two names.

    steps: the names of the steps that can be asked about; where: properties of the states
    """

    def __init__(self, system: System, steps: Iterable[str], where: Sequence[Property]) -> None:
        self.reading = _WithoutReordering(system, frozenset(steps))
        self.relation = Relation(self.reading)
        self._low = BitVectors()
        state = system.state()
        variables = self.relation.variables
        View(state).set(variables)
        self._number = {id(v): i for i, v in enumerate(variables) if v.op == "var"}
        self._named = _Named(system, state)
        self._other: dict[int, Term] = {}
        for i in sorted(self._number[id(v)] for v in self._named.carrying() if id(v) in self._number):
            form = self.reading.fields[i]
            name = f"{form.name}~"
            self._other[i] = terms.truth_variable(name) if form.kind is bool else terms.variable(name, form.top)
        low = self._low
        self._renamed = [(low.term(variables[i]), low.term(other)) for i, other in self._other.items()]
        here = [*ranges(self.relation, low), *(low.truth(self.relation.holds(one)) for one in where)]
        self._where = [*here, *map(self._there, here)]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Exchanges of neighbours make every other one."""
        yield from pairwise(range(self.reading.system.cfg.size))

    def steps(self) -> Iterator[Difference]:
        """For each step that can be asked about the first difference, if there is one."""
        for traced, rule in zip(self.reading.actions, self.relation.rules, strict=True):
            for a, b in self:
                if found := self._asked(a, b, step_of(traced.action), self._kept(a, b, traced, rule), traced.tree):
                    yield found
                    break

    def question(
        self, name: str, truths: Sequence[Callable[[Any], bool]], numbers: Sequence[Callable[[Any], int]] = ()
    ) -> Difference | None:
        """The first difference in what functions of a state answer, if there is one.  Raises ModelError."""
        trees = [self.reading.property_tree(Property(name, one, "always")) for one in truths]
        answers: list[tuple[Term, Tree]] = [(as_term(tree), tree) for tree in trees]
        for tree in map(self.reading.value_tree, numbers):
            answers.append((folded(tree, _number, lambda f, yes, no: terms.choose(f.condition, yes, no)), tree))
        for value, tree in answers:
            same = self._same(self._low.term(value))
            if found := next((d for a, b in self if (d := self._asked(a, b, name, same, tree))), None):
                return found
        return None

    def _asked(self, a: int, b: int, who: str, kept: z3.BoolRef, tree: Tree) -> Difference | None:
        solver = z3.SolverFor("QF_BV")
        solver.set("rlimit", ENOUGH)
        solver.add(*self._where, self._low.truth(self._alike(a, b)), z3.Not(kept))
        answer = solver.check()
        if answer == z3.unsat:
            return None
        return Difference(a, b, who, self._told(solver.model(), tree) if answer == z3.sat else "")

    def _kept(self, a: int, b: int, traced: Traced, rule: Rule) -> z3.BoolRef:
        """From two states that are alike a step is taken alike, and leads to two that are."""
        low = self._low
        within = [z3.ULE(low.number(c), z3.BitVecVal(c.high, width(0, c.high))) for c in rule.choices]
        taken, fits = low.truth(rule.guard), low.truth(rule.fits)
        alike = [self._same(taken)]
        after: list[tuple[z3.ExprRef, z3.ExprRef]] = []
        for i, value in rule.updates.items():
            variable = self.relation.variables[i]
            if variable.op != "var":
                continue
            new = self._as_field(value, i)
            after.append((low.term(variable), new))
            if i in self._other:
                after.append((low.term(self._other[i]), self._there(new)))
            else:
                alike.append(z3.Implies(z3.And(taken, fits), self._same(new)))
        alike.append(z3.Implies(taken, self._same(fits)))
        passed = [low.truth(_passes(traced.tree, mark)) for mark in sorted(marks_in(traced.tree))]
        alike += [z3.Implies(taken, self._same(one)) for one in passed]
        then = z3.substitute(low.truth(self._alike(a, b)), *after) if after else z3.BoolVal(True)
        alike.append(z3.Implies(z3.And(taken, fits), then))
        return z3.Implies(z3.And(*within), z3.And(*alike))

    def _alike(self, a: int, b: int) -> Truth:
        return self._named.alike(a, b, lambda v: self._other.get(self._number.get(id(v), -1), v))

    def _same(self, formula: z3.ExprRef) -> z3.BoolRef:
        """It is the same in both states."""
        result: z3.BoolRef = formula == self._there(formula)
        return result

    def _there(self, formula: Any) -> Any:
        """A formula about one state, said of the other."""
        return z3.substitute(formula, *self._renamed)

    def _as_field(self, value: Term, i: int) -> z3.ExprRef:
        if isinstance(value, Truth):
            return self._low.truth(value)
        self._low.number(value)
        return self._low.fitted(value, width(0, self.reading.fields[i].top))

    def _told(self, model: z3.ModelRef, tree: Tree) -> str:
        """A state, by what is asked from where the two go different ways on, and before that."""
        here, there = ([*self._way(model, tree, form)] for form in (lambda f: f, self._there))
        apart = next((n for n, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), 0)
        asked = [*here[apart:], *there[apart:], *reversed(here[:apart])]
        numbers = dict.fromkeys(self._number.get(v, -1) for one, _ in asked for v in sorted(variables_of(one)))
        shown = [i for i in numbers if i >= 0][:SHOWN]
        known = [(self.reading.fields[i], self.relation.variables[i]) for i in shown]
        return ", ".join(f"{form.name}={form.show(self._low.value(v, model))}" for form, v in known)

    def _way(self, model: z3.ModelRef, tree: Tree, form: Callable[[Any], Any]) -> Iterator[tuple[Truth, bool]]:
        """What one of the two states is asked, and its answers."""
        while isinstance(tree, Fork):
            yes = z3.is_true(model.eval(form(self._low.truth(tree.condition)), True))
            yield tree.condition, yes
            tree = tree.yes if yes else tree.no


def _number(leaf: Leaf) -> Term:
    return (leaf.updates or {})[0]


def _passes(tree: Tree, mark: str) -> Truth:
    def leaf(node: Leaf) -> Truth:
        return terms.YES if mark in node.marks else terms.NO

    return folded(tree, leaf, chosen)


class _Named:
    """Where names stand in a state of terms."""

    def __init__(self, system: System, state: Any) -> None:
        self._state, self._size = state, system.cfg.size
        names: FreeNames = system.cfg.layout.free_names
        self._places = list(names.places(state))
        self._numbered = [list(array) for array in names.numbered(state)]

    def carrying(self) -> Iterator[Term]:
        """What may differ in two states that are alike but for names."""
        for place in self._places:
            held = getattr(place.owner, place.field)
            yield from [held] if place.at is None else held
        for array in self._numbered:
            yield from array
        yield self._state.vq.free_head
        yield from self._state.vq.next
        for buffer in self._state.buffers:
            for part in buffer.parts:
                yield from part

    def alike(self, a: int, b: int, other: Callable[[Any], Any]) -> Truth:
        """Two states are alike but for the names a and b.  other: what stands in the second one, given the first's."""

        def exchanged(value: Any) -> Num:
            one = terms.num(value)
            swapped: Num = terms.choose(terms.equal(one, terms.const(a)), terms.const(b), terms.choose(
                terms.equal(one, terms.const(b)), terms.const(a), one))  # fmt: skip
            return swapped

        facts: list[Truth] = []

        def where(read: Any, fact: Any) -> None:
            facts.append(terms.either(terms.negate(terms.truth(read)), terms.truth(fact)))

        for place in self._places:
            held = getattr(place.owner, place.field)
            if place.at is None:
                where(place.read, terms.num(other(held)) == exchanged(held))
                continue
            for n, value in enumerate(held):
                here = terms.truth(place.read) & terms.equal(terms.num(place.at), terms.const(n))
                if place.owner is self._state.ring:
                    here = terms.both(here, terms.negate(terms.truth(waits(self._state, place.field, n))))
                where(here, terms.num(other(value)) == exchanged(value))
        for array in self._numbered:
            moved = [*array]
            moved[a], moved[b] = moved[b], moved[a]
            facts += [_equal(other(old), new) for old, new in zip(array, moved, strict=True)]
        facts += self._lists(other, exchanged)
        facts += self._stores(other, exchanged)
        return _all(facts)

    def _lists(self, other: Callable[[Any], Any], exchanged: Callable[[Any], Num]) -> Iterator[Truth]:
        vq = self._state.vq
        links, renamed = list(vq.next), [other(v) for v in vq.next]
        here, there = terms.num(vq.free_head), terms.num(other(vq.free_head))
        for k in range(self._size):
            beyond = terms.negate(terms.truth(terms.num(vq.num_free) > k))
            yield terms.either(beyond, terms.equal(there, exchanged(here)))
            here, there = _element(links, here), _element(renamed, there)

    def _stores(self, other: Callable[[Any], Any], exchanged: Callable[[Any], Num]) -> Iterator[Truth]:
        """What waits to be stored where names stand is a name."""
        for buffer in self._state.buffers:
            for p, part in enumerate(buffer.parts):
                of_names = [loc.code for loc in buffer.locations if p in self._names_in(loc)]
                for n, value in enumerate(part):
                    name = any_of([terms.truth(terms.num(buffer.where[n]) == code) for code in of_names])
                    name = terms.both(name, terms.truth(terms.num(buffer.count) > n))
                    yield _equal(other(value), terms.choose(name, exchanged(value), terms.num(value)))

    def _names_in(self, loc: Location) -> list[int]:
        """Which of the numbers of a location are names."""
        of_ring = {place.field for place in self._places if place.owner is self._state.ring}
        return [p for p, name in enumerate(loc.fields) if loc.part == "ring" and name in of_ring]


def _equal(one: Any, other: Any) -> Truth:
    if isinstance(one, Truth | bool):
        return terms.truth(terms.truth(one) == terms.truth(other))
    return terms.equal(terms.num(one), terms.num(other))


def _element(items: Sequence[Any], at: Num) -> Num:
    """items[at], the last one where there is no such item."""
    found = terms.num(items[-1])
    for n in reversed(range(len(items) - 1)):
        found = terms.choose(terms.equal(at, terms.const(n)), terms.num(items[n]), found)
    return found


def _all(facts: Iterable[Truth]) -> Truth:
    result = terms.YES
    for fact in facts:
        result = terms.both(result, fact)
    return result
