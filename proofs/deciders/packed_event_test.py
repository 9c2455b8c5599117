"""The event test of a packed ring, for every ring size up to 32768 and all positions.

The standard has no formula: an event fires when the descriptor at its position is made available or used while the
wrap counter is the one that it names (VIRTIO 1.4, 2.8.10).  `need_event` of the specification, which is what both C
files compute, is traced on terms and proved equal to these words, whatever number of descriptors up to a whole lap
was written since the last look.  Beside it stand three wrong forms, each refuted with the smallest witness, which is
tried on integers before it is believed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import z3

from vrx.models.engines.induction.integers import Integers
from vrx.models.engines.z3.all_values import Answer, as_term
from vrx.models.symbolic import terms
from vrx.models.symbolic.terms import Truth
from vrx.spec.layouts.packed.notification import need_event
from vrx.spec.words import pick

MOST = 32768
"""The largest ring."""


@dataclass(frozen=True)
class AnyRing:
    """What the test asks of a configuration, with a size that may be a term."""

    size: Any


EventTest = Callable[[AnyRing, Any, Any, Any], Any]
"""A form: the ring, the event, the ring index behind the last descriptor written, how many were written."""


def is_passed(c: AnyRing, event: Any, index: Any, count: Any) -> Any:
    """The words: the event is one of the ring indices index - count, ..., index - 1 of both laps."""
    ahead = event - index + count
    ahead = pick(ahead < 0, ahead + 2 * c.size, pick(ahead < 2 * c.size, ahead, ahead - 2 * c.size))
    return ahead < count


def as_in_the_c(c: AnyRing, event: Any, index: Any, count: Any) -> Any:
    """`need_event`, called as both sides call it."""
    new = position(c, index)
    return need_event(c, event, new, index, new - count)  # type: ignore[arg-type]


def last_only(c: AnyRing, event: Any, index: Any, count: Any) -> Any:
    """Wrong: equality with the descriptor written last, so that a batch steps over the event."""
    last = pick(index < 1, index + 2 * c.size, index) - 1
    return (event == last) & (count != 0)


def raw_previous(c: AnyRing, event: Any, index: Any, count: Any) -> Any:
    """Wrong: the way began at a plain position, also where that was in the lap before."""
    new = position(c, index)
    return need_event(c, event, new, index, _began(c, new, count))  # type: ignore[arg-type]


def modulo_size(c: AnyRing, event: Any, index: Any, count: Any) -> Any:
    """Wrong: positions are compared modulo the ring size, and no wrap counter is."""
    new = position(c, index)
    behind = new - position(c, event) - 1
    way = new - _began(c, new, count)
    return pick(behind < 0, behind + c.size, behind) < pick(way < 0, way + c.size, way)


def _began(c: AnyRing, new: Any, count: Any) -> Any:
    """The position, 0..size-1, where the way began."""
    return pick(new < count, new - count + c.size, new - count)


def position(c: AnyRing, index: Any) -> Any:
    """The position of a ring index."""
    return pick(index < c.size, index, index - c.size)


WRONG: tuple[EventTest, ...] = (last_only, raw_previous, modulo_size)
SIZE, COUNT = (terms.variable(name, MOST) for name in ("N", "count"))
INDEX, EVENT = (terms.variable(name, 2 * MOST - 1) for name in ("index", "event"))


def decide(form: EventTest) -> Answer:
    """Is a form of the test equal to the words, for every ring, event, index and count up to a whole lap?"""
    ring = AnyRing(SIZE)
    allowed: Truth = (SIZE > 0) & (INDEX < 2 * SIZE) & (EVENT < 2 * SIZE) & (COUNT <= SIZE)
    said = as_term(lambda: is_passed(ring, EVENT, INDEX, COUNT))
    formed = as_term(lambda: form(ring, EVENT, INDEX, COUNT))
    low = Integers()
    differs = low.lower(terms.both(allowed, terms.truth(said != formed)))
    variables = (SIZE, COUNT, INDEX, EVENT)
    numbers = {str(v.data): low.lower(v) for v in variables}
    within = [z3.And(numbers[str(v.data)] >= 0, numbers[str(v.data)] <= v.high) for v in variables]
    try:
        witness = least(z3.And(differs, *within), numbers)
    except LookupError:
        return Answer("undecided", {})
    if witness is not None:
        values = AnyRing(witness["N"]), witness["event"], witness["index"], witness["count"]
        if bool(form(*values)) == bool(is_passed(*values)):
            raise AssertionError(f"{form.__name__}: the witness {witness} is none on integers")
    return Answer.of(witness)


def least(formula: z3.BoolRef, variables: dict[str, Any]) -> dict[str, int] | None:
    """Integers that make the formula true, the first one as small as it can be, then the next; None: it never is.

    Raises LookupError where the solver does not know.
    """
    solver = z3.Optimize()
    solver.add(formula)
    for variable in variables.values():
        solver.minimize(variable)
    found = solver.check()
    if found == z3.unsat:
        return None
    if found != z3.sat:
        raise LookupError(solver.reason_unknown())
    model = solver.model()
    return {name: int(str(model.eval(variable, True))) for name, variable in variables.items()}


ANSWERS: dict[str, Callable[[], Answer]] = {
    f"packed_need_event-{form.__name__}": partial(decide, form) for form in (as_in_the_c, *WRONG)
}
"""The claims by name, and what decides them."""
EXPECTED = {f"packed_need_event-{form.__name__}": "refuted" for form in WRONG}
"""What is not proved."""
