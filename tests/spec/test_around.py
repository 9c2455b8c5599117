"""Numbers that go around a turn that is no power of two: every reading says the same as Python."""

from __future__ import annotations

from typing import Any

import pytest
import z3

from vrx.models.engines.z3.bitvectors import BitVectors
from vrx.models.symbolic import terms
from vrx.models.symbolic.walk import Evaluator, in_order
from vrx.spec.words import around


@pytest.mark.parametrize("turn", [1, 2, 3, 4, 6, 7])
def test_a_term_goes_around_as_an_integer_does(turn: int) -> None:
    a, b = terms.variable("a", 6), terms.variable("b", 6)
    lowered = BitVectors()
    for term in (around(a, turn), around(a + b, turn), around(a - b - 1, turn)):  # type: ignore[arg-type]
        assert isinstance(term, terms.Num) and term.low >= 0 and term.high < turn
    for x in range(7):
        for y in range(7):
            known = Evaluator({"a": x, "b": y})
            given = (z3.BitVecVal(x, 3), z3.BitVecVal(y, 3))
            for value, sum_or_difference in ((x + y, a + b), (x - y - 1, a - b - 1)):
                gone: Any = around(sum_or_difference, turn)  # type: ignore[arg-type]
                assert known.value(gone) == value % turn
                formula = lowered.number(gone)
                put = z3.substitute(formula, (z3.BitVec("a", 3), given[0]), (z3.BitVec("b", 3), given[1]))
                assert z3.simplify(put).as_long() == value % turn


def test_a_number_goes_around_as_often_as_it_likes() -> None:
    """A few terms, whatever its range: with one for each time the reading would never have ended."""
    wide = terms.variable("wide", (1 << 32) - 1)
    for turn in (3, 5, 12, 1000, 65537):
        gone: Any = around(wide - 7, turn)  # type: ignore[arg-type]
        assert (gone.low, gone.high) == (0, turn - 1)
        assert sum(1 for _ in in_order((gone,))) < 200
        for x in (0, 1, 6, 7, 8, turn, turn + 6, turn + 7, 5 * turn + 6, 65535, 12345678, (1 << 32) - 1):
            assert Evaluator({"wide": x}).value(gone) == (x - 7) % turn, (x, turn)
