"""Lowering terms to z3: bit-vectors that are never too narrow.

A term has a known range, so it gets the narrowest width that holds the range:
unsigned where it is never negative, two's complement where it may be.  Sums,
differences and multiples are computed modulo the width of the *result*, which
holds the exact integer, so nothing wraps that the specification does not wrap.
Comparisons happen in a width that holds both sides.

`Lowering` is what the engines ask for; mathematical integers can be a second
one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import z3

from vrx.models.symbolic import terms
from vrx.models.symbolic.relation import Relation
from vrx.models.symbolic.terms import Num, Truth
from vrx.models.symbolic.walk import Term, in_order
from vrx.models.systems.fields import Field
from vrx.spec.properties import Property
from vrx.spec.steps import ModelError


class Lowering(Protocol):
    """From terms to formulas of one solver theory."""

    def number(self, term: Num) -> Any:
        """An integer term as a formula."""

    def truth(self, term: Truth) -> z3.BoolRef:
        """A truth term as a formula."""

    def value(self, term: Term, model: z3.ModelRef) -> int:
        """What a term is worth in a solver's model."""

    def again(self, term: Term, suffix: str) -> z3.ExprRef:
        """Another variable like that of a variable term, its name lengthened by the suffix."""


def width(low: int, high: int) -> int:
    """The bits that hold low..high: unsigned unless low is negative.  At least 1, z3's narrowest."""
    if low >= 0:
        return max(1, high.bit_length())
    return max(high.bit_length(), (-low - 1).bit_length()) + 1


class BitVectors:
    """Terms as bit-vectors and truth values of z3.  Keep one for a whole system: it remembers what it lowered."""

    def __init__(self) -> None:
        self._known: dict[int, Any] = {}

    def number(self, term: Num) -> z3.BitVecRef:
        """An integer term: `width(low, high)` bits, unsigned unless the range goes below zero."""
        self._lower((term,))
        result: z3.BitVecRef = self._known[id(term)]
        return result

    def truth(self, term: Truth) -> z3.BoolRef:
        """A truth term."""
        self._lower((term,))
        result: z3.BoolRef = self._known[id(term)]
        return result

    def term(self, term: Term) -> z3.ExprRef:
        """A term of either kind."""
        return self.truth(term) if isinstance(term, Truth) else self.number(term)

    def value(self, term: Term, model: z3.ModelRef) -> int:
        """What a term is worth in a model, as an integer; True is 1."""
        return self.read(model.eval(self.term(term), True), isinstance(term, Num) and term.low < 0)

    def read(self, value: Any, signed: bool = False) -> int:
        """A constant of z3 as an integer."""
        if not isinstance(value, z3.BitVecRef):
            return int(z3.is_true(value))
        plain: int = value.as_long()  # type: ignore[attr-defined]
        return plain - (1 << value.size()) if signed and plain >> value.size() - 1 else plain

    def constant(self, value: int, like: Term) -> z3.ExprRef:
        """A value in the form of the variable of a term."""
        if isinstance(like, Truth):
            return z3.BoolVal(bool(value))
        if not like.low <= value <= like.high:
            raise ModelError(f"{value} is outside {like.low}..{like.high}")
        return z3.BitVecVal(value, width(like.low, like.high))

    def again(self, term: Term, suffix: str) -> z3.ExprRef:
        """Another variable like that of a variable term, its name lengthened by the suffix."""
        if isinstance(term, Truth):
            return z3.Bool(term.data + suffix)
        return z3.BitVec(term.data + suffix, width(term.low, term.high))

    def fitted(self, term: Num, bits: int) -> z3.BitVecRef:
        """A lowered number in so many bits: extended by its sign if it has one, or its low bits."""
        lowered: z3.BitVecRef = self._known[id(term)]
        missing = bits - lowered.size()
        if missing < 0:
            return z3.Extract(bits - 1, 0, lowered)
        if missing == 0:
            return lowered
        return z3.SignExt(missing, lowered) if term.low < 0 else z3.ZeroExt(missing, lowered)

    def _lower(self, roots: Iterable[Term]) -> None:
        for term in in_order(roots, self._known):
            self._known[id(term)] = self._fact(term) if isinstance(term, Truth) else self._num(term)

    def _num(self, term: Num) -> z3.BitVecRef:
        bits = width(term.low, term.high)
        if term.low == term.high:
            return z3.BitVecVal(term.low, bits)
        if term.op == "var":
            return z3.BitVec(term.data, bits)
        if term.op == "ite":
            condition, yes, no = term.args
            return z3.If(self._known[id(condition)], self.fitted(yes, bits), self.fitted(no, bits))
        # Each of these is a polynomial or bitwise, so the low bits of the result depend on
        # the low bits of the arguments only: cutting or extending them to `bits` is exact.
        first = self.fitted(term.args[0], bits)
        if term.op == "wrap":
            return first
        if term.op == "scale":
            return first * z3.BitVecVal(term.data, bits)
        second = self.fitted(term.args[1], bits)
        match term.op:
            case "add":
                return first + second
            case "sub":
                return first - second
            case "band":
                return first & second
            case "bor":
                return first | second
        raise ModelError(f"a term of the kind {term.op!r} has no bit-vector form")

    def _fact(self, term: Truth) -> z3.BoolRef:
        match term.op:
            case "const":
                return z3.BoolVal(term.data)
            case "var":
                return z3.Bool(term.data)
            case "not":
                return z3.Not(self._known[id(term.args[0])])
            case "and":
                return z3.And(self._known[id(term.args[0])], self._known[id(term.args[1])])
            case "or":
                return z3.Or(self._known[id(term.args[0])], self._known[id(term.args[1])])
        a, b = term.args
        low = min(a.low, b.low)
        bits = width(low, max(a.high, b.high))
        left, right = self.fitted(a, bits), self.fitted(b, bits)
        if term.op == "eq":
            return left == right
        if term.op == "lt":
            return left < right if low < 0 else z3.ULT(left, right)
        raise ModelError(f"a truth term of the kind {term.op!r} has no bit-vector form")


class Encoded:
    """The transition relation of a system as one formula between two frames.

    act: the number of the action; picks: its free choices, shared by name and range
    now, then: the fields of both frames, constants (0-bit fields) left out; places: their field numbers
    after: the fields after the action, where it is enabled; enabled: it is, and its choices are in their ranges
    spills: an enabled action gives a field a value out of its range
    step: the action is enabled, nothing spills, and `then` is what it makes of `now`
    """

    def __init__(self, relation: Relation) -> None:
        self.relation = relation
        self.lowering = low = BitVectors()
        self.places = [i for i, v in enumerate(relation.variables) if v.op == "var"]
        self._terms = [relation.variables[i] for i in self.places]
        self.fields: list[Field] = [relation.fields[i] for i in self.places]
        self.now = [low.term(t) for t in self._terms]
        self.then = [low.again(t, "'") for t in self._terms]
        self._number = terms.variable("action", max(1, len(relation.rules) - 1))
        self.act = low.number(self._number)
        self.choices = {id(c): c for r in relation.rules for c in r.choices}
        self.picks = [low.number(c) for c in self.choices.values()]
        self.after: list[z3.ExprRef] = list(self.now)
        self.enabled, self.spills = self._actions()
        changes = [t == a for t, a in zip(self.then, self.after, strict=True)]
        self.step = z3.And([self.enabled, z3.Not(self.spills), *changes])

    def is_action(self, number: int) -> z3.BoolRef:
        """The action of the frame is this one."""
        return self.act == z3.BitVecVal(number, self.act.size())

    def broken(self, prop: Property) -> z3.BoolRef:
        """Where a property is violated; for an at-rest property, at rest."""
        return self.lowering.truth(self.relation.broken(prop))

    def at(self, values: Iterable[int]) -> z3.BoolRef:
        """The frame `now` has these values, all fields given."""
        given = tuple(values)
        known = zip(self.now, self.places, self._terms, strict=True)
        return z3.And([v == self.lowering.constant(given[i], t) for v, i, t in known])

    def frame(self, k: int) -> list[z3.ExprRef]:
        """Fresh variables for everything of frame k: the fields, the action, the choices."""
        low, suffix = self.lowering, f"@{k}"
        return [
            *(low.again(t, suffix) for t in self._terms),
            low.again(self._number, suffix),
            *(low.again(c, suffix) for c in self.choices.values()),
        ]

    def moved(self, formula: z3.BoolRef, here: list[z3.ExprRef], after: list[z3.ExprRef]) -> z3.BoolRef:
        """A formula about now, act, picks and then, said of two frames instead: one call for all of it."""
        pairs = [*zip([*self.now, self.act, *self.picks], here, strict=True), *zip(self.then, after, strict=False)]
        result: z3.BoolRef = z3.substitute(formula, *pairs)
        return result

    def _actions(self) -> tuple[z3.BoolRef, z3.BoolRef]:
        """Fill `after`; what `enabled` and `spills` are."""
        low = self.lowering
        rules = self.relation.rules
        column = {place: i for i, place in enumerate(self.places)}
        enabled: list[z3.BoolRef] = [z3.ULE(self.act, z3.BitVecVal(len(rules) - 1, self.act.size()))]
        spills: list[z3.BoolRef] = []
        for rule in rules:
            chosen = self.is_action(rule.number)
            # A pick has more bit patterns than the choice has values.
            within = [z3.ULE(low.number(c), z3.BitVecVal(c.high, width(0, c.high))) for c in rule.choices]
            enabled.append(z3.Implies(chosen, z3.And([low.truth(rule.guard), *within])))
            if rule.fits is not terms.YES:
                spills.append(z3.And(chosen, low.truth(rule.guard), *within, z3.Not(low.truth(rule.fits))))
            for place, value in rule.updates.items():
                if place in column:
                    i = column[place]
                    self.after[i] = z3.If(chosen, self._as_field(value, place), self.after[i])
        return z3.And(enabled), z3.Or(spills)

    def _as_field(self, value: Term, i: int) -> z3.ExprRef:
        """A new value in the bits of its field; `fits` says that it loses nothing."""
        if isinstance(value, Truth):
            return self.lowering.truth(value)
        self.lowering.number(value)
        return self.lowering.fitted(value, width(0, self.relation.fields[i].top))
