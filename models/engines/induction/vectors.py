"""Lowering terms to bit-vectors of z3: the second reading of a step, with slots computed.

Numbers are as in `models.engines.z3.bitvectors`: never too narrow.  A ring array is an array of
z3 with indices of 17 bits, so that an index that is off by a ring or below zero
is not taken for another one.  `slot(i)` is `i & (N - 1)`, with N any power of
two: the axiom of the integer reading is not used.

Where an index counts two laps of the ring N is any size, and `slot(i)` and going around
are what they are: a comparison and a subtraction.  Of a number more than one turn away
nothing is said, as in the integers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import z3

from vrx.models.engines.induction.integer_reading import SIZE
from vrx.models.engines.z3.bitvectors import BitVectors, width
from vrx.models.symbolic.terms import Num, Row, Truth
from vrx.models.symbolic.walk import in_order
from vrx.spec.steps import ModelError

INDEX_BITS = 17
LOW, HIGH = -(1 << INDEX_BITS - 1), (1 << INDEX_BITS - 1) - 1


class Vectors(BitVectors):
    """Terms of the integer reading, arrays and slots included, as bit-vectors.

    laps: an index counts two laps of the ring, which may have any size; else the size is a power of two
    """

    def __init__(self, laps: bool = False) -> None:
        super().__init__()
        self.laps = laps

    def ring_size(self) -> z3.BoolRef:
        """What is known of the ring size."""
        return self.any_size() if self.laps else self.power_of_two()

    def any_size(self) -> z3.BoolRef:
        """It is from 1 to 32768."""
        size = self.number(SIZE)
        low, high = (z3.BitVecVal(n, size.size()) for n in (SIZE.low, SIZE.high))
        return z3.And(z3.ULE(low, size), z3.ULE(size, high))

    def power_of_two(self) -> z3.BoolRef:
        """It is a power of two."""
        size = self.number(SIZE)
        zero, one = z3.BitVecVal(0, size.size()), z3.BitVecVal(1, size.size())
        return z3.And(z3.Not(size == zero), (size & (size - one)) == zero)

    def at_most(self, term: Num, top: int) -> z3.BoolRef | None:
        """A number that is not negative does not exceed a constant; None where its bits hold no larger one."""
        lowered = self.number(term)
        if top >= (1 << lowered.size()) - 1:
            return None
        return z3.ULE(lowered, z3.BitVecVal(top, lowered.size()))

    def row(self, term: Row) -> Any:
        """An array term."""
        self._lower((term,))
        return self._known[id(term)]

    def _lower(self, roots: Iterable[Any]) -> None:
        for term in in_order(roots, self._known):
            form: Any = term
            if isinstance(form, Row):
                self._known[id(form)] = self._row(form)
            else:
                self._known[id(term)] = self._fact(term) if isinstance(term, Truth) else self._num(term)

    def _row(self, row: Row) -> Any:
        bits = 1 if row.top is None else width(0, row.top)
        if row.op == "var":
            return z3.Array(row.data, z3.BitVecSort(INDEX_BITS), z3.BitVecSort(bits))
        if row.op == "zeros":
            return z3.K(z3.BitVecSort(INDEX_BITS), z3.BitVecVal(0, bits))
        before, index, value = row.args
        if isinstance(value, Truth):
            stored: Any = z3.If(self._known[id(value)], z3.BitVecVal(1, 1), z3.BitVecVal(0, 1))
        else:  # that the value is in its range, and loses no bits here, is asked for itself
            stored = self.fitted(value, bits)
        return z3.Store(self._known[id(before)], self._index(index), stored)

    def _index(self, index: Num) -> z3.BitVecRef:
        if not (LOW <= index.low and index.high <= HIGH):
            raise ModelError(f"an array index in {index.low}..{index.high} has no bit-vector form")
        return self.fitted(index, INDEX_BITS)

    def _element(self, term: Num | Truth) -> Any:
        row, index = term.args
        return z3.Select(self._known[id(row)], self._index(index))

    def _num(self, term: Num) -> z3.BitVecRef:
        if term.low != term.high and term.op == "at":
            element: z3.BitVecRef = self._element(term)
            return element
        if term.low != term.high and (term.op == "around" or (term.op == "slot" and self.laps)):
            return self._rounded(term)
        if term.low != term.high and term.op == "slot":
            index, size = term.args
            bits = width(size.low, size.high)
            mask = self.fitted(size, bits) - z3.BitVecVal(1, bits)
            return z3.Extract(width(term.low, term.high) - 1, 0, self.fitted(index, bits) & mask)
        return super()._num(term)

    def _rounded(self, term: Num) -> z3.BitVecRef:
        """A number modulo another one, where it is at most one turn away."""
        number, turn = term.args
        bits = width(min(number.low, -1), max(number.high, 2 * turn.high))  # signed, with room for two turns
        x, n = self.fitted(number, bits), self.fitted(turn, bits)
        beyond = z3.Function(f"beyond {bits}", z3.BitVecSort(bits), z3.BitVecSort(bits))(x)
        around = z3.If(x < n, x, z3.If(x < n + n, x - n, beyond))
        if number.low < 0:
            zero = z3.BitVecVal(0, bits)
            around = z3.If(x < zero, z3.If(x + n >= zero, x + n, beyond), around)
        return z3.Extract(width(term.low, term.high) - 1, 0, around)

    def _fact(self, term: Truth) -> z3.BoolRef:
        if term.op == "at":
            set_bit: z3.BoolRef = self._element(term) == z3.BitVecVal(1, 1)
            return set_bit
        return super()._fact(term)
