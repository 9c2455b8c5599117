"""Where a system begins, for every ring size.

On integers the initial state of a few sizes is evaluated (`system_proof.initial`).
Where a ring may have any size from 1 to 32768 that are not all, so what these sizes
have in common is said of every size, as terms, and z3 proves the lemmas of that: a
number is the same everywhere, or the ring size; an array falls to 0, rises from 1 to
its end, or is the same everywhere.  That this is what the initial state looks like is
read off the sizes, and compared with them; that it is so for the others rests on the
one function that builds it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import z3

from vrx.models.engines.induction.evaluate import named
from vrx.models.engines.induction.integer_reading import SIZE, Place, sized
from vrx.models.engines.induction.prover import INSTANCE, Prover
from vrx.models.symbolic.terms import Row

SOME_SIZES = (1, 2, 3, 4, 5, 7, 8, 12, 31, 64, 100, 257)
"""Sizes whose initial states are looked at, powers of two or not."""
Shape = Callable[[Any, Any], Any]
"""Element i of an array of n, or with i = 0 a number, on integers and on z3's alike."""
SHAPES: tuple[Shape, ...] = (
    lambda i, n: n,
    lambda i, n: n - 1 - i,
    lambda i, n: _chosen(i + 1 < n, i + 1, 0),
)
"""Beside the constants."""


def _chosen(condition: Any, yes: Any, no: Any) -> Any:
    return z3.If(condition, yes, no) if isinstance(condition, z3.BoolRef) else yes if condition else no


def outside(prover: Prover, sizes: Sequence[int] = SOME_SIZES) -> list[str]:
    """What keeps the initial states of all sizes from being inside the invariant: fields without a common form, and
    lemmas that are not proved of it; empty where nothing does."""
    states = [_state(prover, size) for size in sizes]
    facts: list[Any] = [*prover.ranges]
    for place in prover.reading.places:
        fits = [s for s in (*_constants(states[0][place.name]), *SHAPES) if _fits(s, place, states, sizes)]
        if not fits:
            return [f"{place.name} has no form that all sizes share"]
        facts += _said(prover, place, fits[0])
    return [lemma.name for lemma in prover.lemmas if not _holds(prover, facts, lemma)]


def _state(prover: Prover, size: int) -> dict[str, Any]:
    program = replace(prover.reading.system, cfg=sized(prover.reading.system.cfg, size)).built()
    return named(prover.reading, program, program.initial)


def _constants(value: Any) -> list[Shape]:
    number = value[0] if isinstance(value, tuple) else value
    return [lambda i, n: number]


def _fits(shape: Shape, place: Place, states: list[dict[str, Any]], sizes: Sequence[int]) -> bool:
    for state, size in zip(states, sizes, strict=True):
        value = state[place.name]
        if isinstance(place.variable, Row):
            if any(value[i] != shape(i, size) for i in range(size)):
                return False
        elif value != shape(0, size):
            return False
    return True


def _said(prover: Prover, place: Place, shape: Shape) -> list[Any]:
    """The field has this form."""
    held, size = prover.low.lower(place.variable), prover.low.lower(SIZE)
    if not isinstance(place.variable, Row):
        return [_is(held, shape(0, size))]
    i = z3.Int("i")
    inside = z3.And(0 <= i, i < size)
    return [z3.ForAll([i], z3.Implies(inside, _is(held[i], shape(i, size))), patterns=[held[i]])]


def _is(held: Any, value: Any) -> Any:
    if isinstance(held, z3.BoolRef):
        return held if value else z3.Not(held)
    return z3.And(held <= value, value <= held)


def _holds(prover: Prover, facts: list[Any], lemma: Any) -> bool:
    solver = prover.solver()
    body = prover.lower_lemma(lemma)
    if lemma.over:
        instance = prover.low.lower(INSTANCE)
        end = prover.low.lower(prover.reading.turn if lemma.over == "indices" else SIZE)
        body = z3.Implies(z3.And(0 <= instance, instance < end), body)
    solver.add(*facts, z3.Not(body))
    return bool(solver.check() == z3.unsat)
