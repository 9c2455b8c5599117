"""How a run ends: why its last state, or its loop, breaks the question, in the question's own words or by default.

The default is what the question reads there: it runs on terms whose values are known, so that every field that it looks
at, on the one path that it takes, stands in a condition that it asked or in what it returned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from vrx.models.claims import Question, Reached
from vrx.models.symbolic import terms
from vrx.models.symbolic.terms import Num, Truth
from vrx.models.symbolic.walk import Evaluator, in_order
from vrx.models.systems.fields import Field, Values, View
from vrx.models.systems.system import Program
from vrx.models.traces.events import End
from vrx.spec.liveness import Liveness
from vrx.spec.properties import Property

Asked = Callable[[Any], Any]


def end(program: Program, asks: Question, states: Sequence[Values], loop: int | None) -> End:
    """The end of a run that refutes a question or reaches its mark.  states: the initial one, and one for each step."""
    if isinstance(asks, Reached):
        return End("reached")
    last = states[-1]
    speaks_of = asks.holds if isinstance(asks, Property) else asks.stuck if loop is None else asks.lasts
    read = values_read(program, speaks_of, last) if speaks_of is not None else ()
    if loop is not None:
        still = [all(state[i] == last[i] for state in states[loop:]) for i in range(len(last))]
        read = tuple((f, v) for f, v in read if still[program.view.index[f.name]])
    said = _own_words(asks, program, last)
    rests = isinstance(asks, Liveness) or asks.when == "rest"
    return End("loop" if loop is not None else "rest" if rests else "here", said, read)


def _own_words(asks: Property | Liveness, program: Program, values: Values) -> str:
    """What the question says of a state that breaks it; that it cannot where it fails."""
    if asks.explain is None:
        return ""
    program.view.set(values)
    try:
        return str(asks.explain(program.state))
    except Exception as error:  # whatever a function of the user's raises: the run is shown all the same
        return f"(the explanation of {asks.name} fails: {type(error).__name__}: {' '.join(str(error).split())})"


def values_read(program: Program, asked: Asked, values: Values) -> tuple[tuple[Field, int], ...]:
    """The fields that a function of the state reads, with their values, in the order of the state.

    Empty where the function cannot be run on terms (it says nothing then that a reader could use).
    """
    view = View(program.system.state())
    named = {f.name: int(v) for f, v in zip(view.fields, values, strict=True)}
    view.set([
        terms.truth_variable(f.name) if f.kind is bool else terms.variable(f.name, f.top) for f in view.fields
    ])  # fmt: skip
    evaluator = Evaluator(named)
    conditions: list[Num | Truth] = []

    def decide(condition: Truth) -> bool:
        conditions.append(condition)
        return bool(evaluator.value(condition))

    terms.deciders.append(decide)
    try:
        conditions.append(terms.truth(asked(view.state)))
    except Exception:  # a question of the user's that was asked on integers only
        return ()
    finally:
        terms.deciders.pop()
    names = {t.data for t in in_order(conditions) if t.op == "var"}
    return tuple((f, named[f.name]) for f in view.fields if f.name in names)
