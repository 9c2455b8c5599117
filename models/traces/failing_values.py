"""Which values make a property fail in a state: what it read there, on the one path that it took.

The property runs on terms whose values are known, so that every field that it
looks at stands in a condition that it asked or in what it returned.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vrx.models.symbolic import terms
from vrx.models.symbolic.terms import Num, Truth
from vrx.models.symbolic.walk import Evaluator, in_order
from vrx.models.systems.fields import Field, Values, View
from vrx.models.systems.system import System
from vrx.spec.steps import ModelError

Read = list[tuple[Field, int]]


def values_read(system: System, holds: Callable[[Any], Any], values: Values) -> Read:
    """The fields that a predicate reads in a state, with their values, in the order of the state.

    Empty where the predicate cannot be run on terms (it says nothing then that a reader could use).
    """
    state = system.state()
    view = View(state)
    named = {f.name: int(v) for f, v in zip(view.fields, values, strict=True)}
    view.set([
        terms.truth_variable(f.name) if f.kind is bool else terms.variable(f.name, f.top) for f in view.fields
    ])  # fmt: skip
    evaluator = Evaluator(named)
    asked: list[Num | Truth] = []

    def decide(condition: Truth) -> bool:
        asked.append(condition)
        return bool(evaluator.value(condition))

    terms.deciders.append(decide)
    try:
        asked.append(terms.truth(holds(state)))
    except (ModelError, IndexError):
        return []
    finally:
        terms.deciders.pop()
    names = {t.data for t in in_order(asked) if t.op == "var"}
    return [(f, named[f.name]) for f in view.fields if f.name in names]
