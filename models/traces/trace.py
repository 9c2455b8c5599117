"""Traces: a run of a system, step by step, believed only after a replay on integers.

Whatever engine found the run, a `Trace` comes into being by taking the moves
one by one with the steps themselves.  Where the engine says what the states
are, every field is compared.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from vrx.models.claims import Question, Reached
from vrx.models.systems.fields import Values
from vrx.models.systems.system import Move, Program, System
from vrx.spec import memory
from vrx.spec.layouts.layout import Layout
from vrx.spec.liveness import Liveness
from vrx.spec.memory import Cell, Memory


class Mismatch(Exception):
    """A run is not one of the system: the text says at which step, and how it differs."""


@dataclass(frozen=True)
class Access:
    """An access of a step to shared memory.  kind: "load" or "store"."""

    kind: str
    place: str
    value: Any


@dataclass(frozen=True)
class Step:
    """One step of a trace: the move, the state after it, what it did to memory, the marks that it passed.

    accesses: one at most, but for a variant that merges two on purpose
    """

    move: Move
    after: Values
    accesses: tuple[Access, ...]
    marks: tuple[str, ...]


@dataclass(frozen=True)
class Trace:
    """A run from the initial state.

    subject: the claim or the bug that it belongs to
    asks: the question that it refutes, or whose mark it reaches; None: its last step is a fault
    loop: for a run without end, the number of the state that the last step leads back to
    """

    subject: str
    system: System
    asks: Question | None
    program: Program = field(repr=False, compare=False)
    steps: tuple[Step, ...]
    loop: int | None = None

    @property
    def moves(self) -> list[Move]:
        return [s.move for s in self.steps]

    @property
    def states(self) -> list[Values]:
        """The initial state and the state after each step."""
        return [self.program.initial, *(s.after for s in self.steps)]

    @property
    def verdict(self) -> str:
        """The first word of a report: a cover is reached, a property is refuted."""
        return "REACHED" if isinstance(self.asks, Reached) else "REFUTED"

    @property
    def title(self) -> str:
        """What is reached or refuted."""
        if self.asks is None:
            return ""
        return self.asks.mark if isinstance(self.asks, Reached) else self.asks.name

    @property
    def sentence(self) -> str:
        """What the question says that is refuted; empty where a mark is reached."""
        return "" if self.asks is None or isinstance(self.asks, Reached) else self.asks.sentence

    @property
    def of_rests(self) -> bool:
        """Is the last state a rest, which refutes the question?"""
        if isinstance(self.asks, Liveness):
            return self.loop is None
        return self.loop is None and not isinstance(self.asks, Reached | None) and self.asks.when == "rest"

    def holds(self, state: Any) -> bool:
        """What the last state of a refutation without a loop breaks."""
        if isinstance(self.asks, Liveness):
            return self.asks.stuck is None or not self.asks.stuck(state)
        return isinstance(self.asks, Reached | None) or self.asks.holds(state)


def replay(
    subject: str,
    system: System,
    asks: Question,
    moves: Iterable[Move],
    claimed: Sequence[Values] | None = None,
    loop: int | None = None,
) -> Trace:
    """Take the moves on integers.  claimed: the states that an engine says, the initial one first.

    Raises Mismatch where a move is not possible, a state differs, or the end does not show what it should.
    """
    program = system.built()
    steps: list[Step] = []
    here = program.initial
    _compare(program, here, claimed, 0)
    for n, move in enumerate(moves, 1):
        step = take(program, here, move)
        if step is None:
            raise Mismatch(f"step {n} is not possible: {where(program, here, move)}")
        here = program.checked(step.after, move)
        _compare(program, here, claimed, n)
        steps.append(step)
    if claimed is not None and len(claimed) != len(steps) + 1:
        raise Mismatch(f"there are {len(steps)} steps and {len(claimed)} states, not one more state than steps")
    trace = Trace(subject, system, asks, program, tuple(steps), loop)
    _check_end(trace)
    return trace


def way_to_fault(subject: str, system: System, moves: Iterable[Move]) -> Trace:
    """The run whose last step leaves the range of a field, taken on integers: its last state is none of the system."""
    program = system.built()
    steps: list[Step] = []
    here = program.initial
    for n, move in enumerate(moves, 1):
        step = take(program, here, move)
        if step is None:
            raise Mismatch(f"step {n} is not possible: {where(program, here, move)}")
        here = step.after
        steps.append(step)
    return Trace(subject, system, None, program, tuple(steps))


def take(program: Program, here: Values, move: Move) -> Step | None:
    """One step on integers, with a listener at the memory; None where it is not possible."""
    heard: list[Access] = []
    marks: list[str] = []

    def listen(kind: str, cell: Cell, value: Any) -> None:
        at = f"[{int(cell.at)}]" if cell.loc.array else ""
        heard.append(Access(kind, cell.loc.name + at, _plain(value)))

    memory.listeners.append(listen)
    try:
        after = program.take(here, move, marks)
    finally:
        memory.listeners.pop()
    if after is None:
        return None
    return Step(move, tuple(int(v) for v in after), tuple(heard), tuple(marks))


def where(program: Program, here: Values, move: Move) -> str:
    """The move by name, and where its context stands."""
    action = program.actions[move.action]
    program.view.set(here)
    actor = program.actors[action.actor]
    stands = ""
    if action.point >= 0:
        points = type(actor.idle())
        stands = f" at {points(int(actor.pc)).name}"
    return f"{action.name} cannot be taken with {action.actor_name}{stands}"


def at_rest(program: Program, values: Values) -> bool:
    """Is no step of the system enabled, the environment aside?"""
    moves = (move for move, _ in program.successors(values))
    return all(program.actions[move.action].step.environment for move in moves)


def _plain(value: Any) -> Any:
    return tuple(int(v) for v in value) if isinstance(value, tuple) else int(value)


def _compare(program: Program, here: Values, claimed: Sequence[Values] | None, n: int) -> None:
    if claimed is None or n >= len(claimed):
        return
    if len(claimed[n]) != len(here):
        raise Mismatch(f"the state after step {n} has {len(claimed[n])} fields, not {len(here)}")
    for f, mine, theirs in zip(program.view.fields, here, claimed[n], strict=True):
        if mine != theirs:
            raise Mismatch(f"step {n} differs: {f.name} is {f.show(int(mine))} on integers, {int(theirs)} in the trace")


def _check_end(trace: Trace) -> None:
    program, last = trace.program, trace.states[-1]
    if trace.loop is not None:
        if trace.states[trace.loop] != last:
            raise Mismatch(f"the last step does not lead back to state {trace.loop}")
        return
    if isinstance(trace.asks, Reached):
        if not trace.steps or trace.title not in trace.steps[-1].marks:
            raise Mismatch(f"the last step does not pass the mark {trace.title!r}")
        return
    if trace.of_rests and not at_rest(program, last):
        raise Mismatch("the last state is not at rest")
    program.view.set(last)
    if trace.holds(program.state):
        raise Mismatch(f"{trace.title} holds in the last state")


def config_as_json(cfg: Any) -> dict[str, Any]:
    """A configuration as JSON has it: sets as sorted lists, tuples as lists."""

    def plain(value: Any) -> Any:
        if isinstance(value, (set, frozenset)):
            return sorted(value)
        if isinstance(value, (tuple, list)):
            return [plain(v) for v in value]
        return value.name if isinstance(value, (Layout, Memory)) else value

    return {f.name: plain(getattr(cfg, f.name)) for f in dataclasses.fields(cfg)}
