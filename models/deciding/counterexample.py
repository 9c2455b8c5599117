"""The shortest run that refutes a question, or any of several."""

from __future__ import annotations

from collections.abc import Sequence

from vrx.models.claims import Question, Reached
from vrx.models.deciding.checking import questions_of
from vrx.models.deciding.engine import first_violation, lasso_for, search_for
from vrx.models.deciding.refusals import undecidable
from vrx.models.deciding.user_file import Subject
from vrx.models.systems.step_errors import OutOfRange
from vrx.models.terminal.output import Progress
from vrx.models.traces.events import Trace
from vrx.models.traces.trace import replay
from vrx.spec.liveness import Liveness
from vrx.spec.properties import Property


class NoRun(Exception):
    """What is to be shown does not exist: everything that was asked holds.  The text is one line."""


def shortest(subject: Subject, question: Question | None, questions: Sequence[Question] = ()) -> Trace:
    """The shortest run that refutes a question; without one, the shortest that refutes any safety question, else one
    that refutes a question about runs without end.

    Raises NoRun where there is none.
    """
    system = subject.system
    progress = Progress(1, "search")

    def watch(states: int, depth: int) -> None:
        progress.searching(system.name, states, depth)

    asked = [question] if question is not None else questions_of(subject, questions)[0]
    safety = [q for q in asked if isinstance(q, Property)]
    try:
        if isinstance(question, Reached) or len(safety) == 1:
            one = question if isinstance(question, Reached) else safety[0]
            found = search_for(system, one, watch)
            if found is not None:
                return replay(subject.name, system, one, found.path)
        elif safety and (first := first_violation(system, safety, watch)) is not None:
            return replay(subject.name, system, first[0], first[1].path)
        for endless in (q for q in asked if isinstance(q, Liveness)):
            lasso = lasso_for(system, endless, watch)
            if lasso is not None:
                loop = len(lasso.prefix) if lasso.loop else None
                return replay(subject.name, system, endless, [*lasso.prefix, *lasso.loop], loop=loop)
    except OutOfRange as error:
        error.of = subject.name, system
        raise
    finally:
        progress.clear()
    if why := next(filter(None, (undecidable(system, q) for q in asked)), ""):
        raise NoRun(f"{subject.name}: {why}")
    what = question.name if question is not None else "every question that was asked"
    raise NoRun(f"{subject.name}: {what} is not refuted, so there is no run to show; `vrx check` says whether it holds")
