"""The transition relation of a system, as terms: one guarded assignment per action.

A decision tree of `models.symbolic.reading` is folded into one guard and one new value
per changed field.  Nothing here knows a solver: `models.engines.z3.bitvectors` lowers the terms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

from vrx.models.symbolic import terms
from vrx.models.symbolic.reading import Reading, Traced
from vrx.models.symbolic.terms import Num, Truth
from vrx.models.symbolic.trees import Fork, Leaf, Tree, as_term, chosen, folded, leaves
from vrx.models.symbolic.walk import in_order, replaced
from vrx.spec.properties import Property

Term = Num | Truth


@dataclass(frozen=True)
class Rule:
    """One action as a guarded assignment.

    guard: when it is enabled, its program point included
    updates: field number -> new value, for the fields that it changes; means something only where guard holds
    fits: every new value lies in the range of its field; false is an error of the model, never a wrap
    choices: the variables of its free choices, each 0..high
    """

    number: int
    name: str
    environment: bool
    guard: Truth
    updates: dict[int, Term]
    fits: Truth
    choices: tuple[Num, ...]


class Relation:
    """Every action of a system as a rule, and its properties and rests as truth terms."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.fields = reading.fields
        self.variables = reading.variables
        self.rules = [self._rule(t) for t in reading.actions]

    def holds(self, prop: Property) -> Truth:
        """Where a property's function is true (asked of a rest or not: see `broken`)."""
        return as_term(self.reading.property_tree(prop))

    def broken(self, prop: Property) -> Truth:
        """Where a property is violated: for an at-rest property, only at rest."""
        wrong = terms.negate(self.holds(prop))
        return wrong if prop.when == "always" else terms.both(wrong, self.rest())

    def rest(self) -> Truth:
        """Where no step of the system is enabled, the environment aside."""
        return terms.negate(any_of([self.possible(r) for r in self.rules if not r.environment]))

    def possible(self, rule: Rule) -> Truth:
        """Where the rule is enabled for some value of its free choices."""
        asked = variables_of(rule.guard)
        guards = [rule.guard]
        for choice in rule.choices:
            if id(choice) in asked:
                guards = [put(g, choice, terms.const(v)) for g in guards for v in range(choice.high + 1)]
        return any_of(guards)

    def _rule(self, traced: Traced) -> Rule:
        action = traced.action
        guard = _guard(traced.tree)
        if action.point >= 0:
            counter = self.variables[self.reading.program.counters[action.actor]]
            guard = terms.both(terms.equal(terms.num(counter), terms.const(action.point)), guard)
        touched = sorted({i for leaf in leaves(traced.tree) for i in leaf.updates or ()})
        updates: dict[int, Term] = {}
        fits = terms.YES
        for i in touched:
            value = _update(traced.tree, i, self.variables[i])
            if value is None or value is self.variables[i]:
                continue
            updates[i] = value
            if isinstance(value, Num):
                top = terms.const(self.fields[i].top)
                fits = terms.both(fits, terms.negate(terms.less(value, terms.const(0))))
                fits = terms.both(fits, terms.negate(terms.less(top, value)))
        choices = tuple(c for c in traced.choices if c.op == "var")
        return Rule(traced.number, action.name, action.step.environment, guard, updates, fits, choices)


def any_of(facts: list[Truth]) -> Truth:
    """One of the facts holds."""
    return reduce(terms.either, facts, terms.NO)


def variables_of(term: Term) -> set[int]:
    """The ids of the variables in a term."""
    return {id(t) for t in in_order((term,)) if t.op == "var"}


def put(term: Truth, variable: Num, value: Num) -> Truth:
    """The term with a value in the place of a variable."""
    result: Truth = replaced(term, {id(variable): value})
    return result


def _guard(tree: Tree) -> Truth:
    """Where a step is enabled."""

    def leaf(node: Leaf) -> Truth:
        return terms.NO if node.updates is None else terms.YES

    return folded(tree, leaf, chosen)


def _update(tree: Tree, i: int, before: Term) -> Term | None:
    """The new value of field i, or None where the step is disabled and any value will do."""

    def leaf(node: Leaf) -> Term | None:
        return None if node.updates is None else node.updates.get(i, before)

    def fork(node: Fork, yes: Term | None, no: Term | None) -> Term | None:
        if yes is None or no is None:
            return no if yes is None else yes
        merged: Term = terms.choose(node.condition, yes, no)
        return merged

    return folded(tree, leaf, fork)
