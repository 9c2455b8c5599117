"""Lowering terms to the mathematical integers of z3: explicit wraps, uninterpreted slots, arrays.

`wrapped(x)` becomes one or two comparisons where the known range allows it.
`slot(i)` is an uninterpreted function of which two things are said: it lies
below the ring size, and indices that are less than a ring apart have different
slots.  That is a theorem about `i & (N - 1)` for powers of two, proved in
bit-vectors, by a claim about the event test.

Where an index counts modulo a multiple of the ring size (`around`) slots are said
exactly: an index of the second lap is one ring size above its slot.  Going around is a
comparison, too; of a number more than one turn away nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import z3

from vrx.models.symbolic.terms import Num, Row, Truth
from vrx.models.symbolic.walk import in_order
from vrx.spec.steps import ModelError

TOP = 1 << 16
SIZE_NAME = "N"
"""What the variable of the ring size is called."""
SLOT = z3.Function("slot", z3.IntSort(), z3.IntSort())
BEYOND = z3.Function("beyond", z3.IntSort(), z3.IntSort())
"""A number that is more than one turn away, modulo the turn: nobody needs to know."""
Value = Num | Truth | Row


class Integers:
    """Terms as integers, truth values and arrays of z3.  Remembers what it lowered.

    size: a ring size, to give slots their meaning; None: any size, and slots are uninterpreted
    """

    def __init__(self, size: int | None = None) -> None:
        self.size = size
        self._known: dict[int, Any] = {}
        self._kept: list[Any] = []

    def lower(self, term: Value) -> Any:
        """A term of any kind."""
        roots: Iterable[Any] = (term,)
        for t in in_order(roots, self._known):
            self._known[id(t)] = self._one(t)
            self._kept.append(t)
        return self._known[id(term)]

    def _one(self, term: Any) -> Any:
        args = [self._known[id(a)] for a in term.args]
        match term:
            case Row():
                if term.op == "var":
                    element = z3.BoolSort() if term.top is None else z3.IntSort()
                    return z3.Array(term.data, z3.IntSort(), element)
                if term.op == "zeros":
                    return z3.K(z3.IntSort(), z3.BoolVal(False) if term.top is None else z3.IntVal(0))
                return z3.Store(*args)
            case Truth():
                return self._fact(term, args)
        return self._number(term, args)

    def _number(self, term: Num, args: list[Any]) -> Any:
        match term.op:
            case "const":
                return z3.IntVal(term.data)
            case "var":
                return z3.Int(term.data)
            case "add":
                return args[0] + args[1]
            case "sub":
                return args[0] - args[1]
            case "scale":
                return args[0] * term.data
            case "ite":
                return z3.If(args[0], args[1], args[2])
            case "at":
                return z3.Select(args[0], args[1])
            case "slot":
                return SLOT(args[0]) if self.size is None else args[0] % self.size
            case "around":
                return rounded(args[0], args[1]) if self.size is None else args[0] % self.plain(args[1])
            case "wrap":
                return wrapped(args[0], term.args[0].low, term.args[0].high, 1 << term.data)
        raise ModelError(f"a term of the kind {term.op!r} has no form in integers")

    def plain(self, n: Any) -> Any:
        """A lowered modulus on a ring of known size, as a number."""
        assert self.size is not None
        return z3.simplify(z3.substitute(n, (z3.Int(SIZE_NAME), z3.IntVal(self.size))))

    def _fact(self, term: Truth, args: list[Any]) -> Any:
        match term.op:
            case "const":
                return z3.BoolVal(term.data)
            case "var":
                return z3.Bool(term.data)
            case "not":
                return z3.Not(args[0])
            case "and":
                return z3.And(args[0], args[1])
            case "or":
                return z3.Or(args[0], args[1])
            case "eq":
                return args[0] == args[1]
            case "lt":
                return args[0] < args[1]
            case "at":
                return z3.Select(args[0], args[1])
        raise ModelError(f"a truth term of the kind {term.op!r} has no form in integers")


def wrapped(x: Any, low: int, high: int, modulus: int) -> Any:
    """x modulo a power of two, for x in low..high: comparisons where it is off by one round at most."""
    if low < -modulus or high >= 2 * modulus:
        return x % modulus
    if high >= modulus:
        x = z3.If(x >= modulus, x - modulus, x)
    # `x` is written twice, so the second test stands outside the first.
    return z3.If(x < 0, x + modulus, x) if low < 0 else x


def rounded(x: Any, n: Any) -> Any:
    """x modulo n, for x from -n to 2n - 1; unknown for others."""
    above = z3.If(x < n, x, z3.If(x < n + n, x - n, BEYOND(x)))
    return z3.If(x < 0, z3.If(x + n >= 0, x + n, BEYOND(x)), above)


def slot_facts(size: Any, laps: bool = False) -> list[Any]:
    """What is known of slots: below the size; different for different indices less than a ring apart.

    laps: an index counts two laps of the ring: then a slot is known
    """
    i, j = z3.Ints("i j")
    if laps:
        known = z3.Implies(z3.And(0 <= i, i < size + size), SLOT(i) == z3.If(i < size, i, i - size))
        return [z3.ForAll([i], z3.And(0 <= SLOT(i), SLOT(i) < size, known), patterns=[SLOT(i)])]
    in_range = z3.And(0 <= i, i < TOP, 0 <= j, j < TOP)
    ahead = wrapped(i - j, 1 - TOP, TOP - 1, TOP)
    behind = wrapped(j - i, 1 - TOP, TOP - 1, TOP)
    near = z3.And(i != j, z3.Or(ahead < size, behind < size))
    return [
        z3.ForAll([i], z3.And(0 <= SLOT(i), SLOT(i) < size), patterns=[SLOT(i)]),
        z3.ForAll(
            [i, j],
            z3.Implies(z3.And(in_range, near), SLOT(i) != SLOT(j)),
            patterns=[z3.MultiPattern(SLOT(i), SLOT(j))],
        ),
    ]
