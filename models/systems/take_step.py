"""Taking a step: the one place that calls the function of a step, whatever the state's numbers are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from vrx.models.systems.step_errors import told
from vrx.spec.memory import Listener
from vrx.spec.steps import Disabled, ModelError, Step

R = TypeVar("R")
RETURNS = "it returns something, which nobody reads: it changes the state, and require(...) says when it is enabled"


def take_step(
    state: Any,
    actor: Any,
    step: Step,
    choice: Sequence[Any],
    may_run: Callable[[Any, Any], None],
    then: Callable[[], R],
    marks: list[str] | None = None,
    point: int = -1,
    listener: Listener | None = None,
) -> R | None:
    """Take a step in a context, and say what `then` says of the state behind it; None where the step is not enabled.

    choice: a value for each of its free choices
    may_run: when a context gets its CPU, as a system has it
    marks: those that the step passes are added, of a step that is not enabled none
    point: where the context stands, from 0; -1 for where the state says
    listener: hears what the step does to memory

    A step that is not enabled may have changed the state before it came to that: who goes on with the state restores
    it.  What the step or `then` raise is told for people: OutsideArray for an index that an array does not have,
    ModelError for all else.
    """
    state.accesses = 0
    state.marks, state.listener = marks, listener
    before = len(marks) if marks else 0
    if point >= 0:
        actor.pc = point
    try:
        may_run(state, actor)
        if choice or step.choices:
            returned: Any = step.run(state, actor, **dict(zip(step.choices, choice, strict=True)))  # type: ignore[func-returns-value]
        else:
            returned = step.run(state, actor)  # type: ignore[func-returns-value]
        if returned is not None:
            raise ModelError(RETURNS)
        return then()
    except Disabled:
        if marks:
            del marks[before:]
        return None
    except (Exception, SystemExit) as error:
        raise told(error, step.name, actor.name, state) from error
