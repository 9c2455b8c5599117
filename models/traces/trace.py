"""Replaying: a run of a system is believed only after its moves were taken on integers, one by one, and is then told.

Whatever engine found the run, a `Trace` comes into being by taking the moves with
the steps themselves, while a listener hears what they do to memory.  Where the
engine says what the states are, every field is compared.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from vrx.models.claims import Question, Reached
from vrx.models.systems.fields import Values, parts
from vrx.models.systems.system import Action, Move, Program, System
from vrx.models.traces import ending
from vrx.models.traces.events import Change, End, Event, Function, Loop, Step, Trace, Who
from vrx.models.traces.hearing import Hearing, Stores, drained, stores_of
from vrx.models.traces.legend import legend, pairs
from vrx.spec.layouts.shape import Shape
from vrx.spec.liveness import Liveness
from vrx.spec.memory import Memory, StoreBuffer
from vrx.spec.memory import model as memory_model


class Mismatch(Exception):
    """A run is not one of the system: the text says at which step, and how it differs."""


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
    run = Replay(system)
    run.compare(claimed)
    for move in moves:
        run.take(move)
        run.compare(claimed)
    if claimed is not None and len(claimed) != len(run.states):
        raise Mismatch(
            f"there are {len(run.states) - 1} steps and {len(claimed)} states, not one more state than steps"
        )
    return run.told(subject, asks, loop)


def way_to_fault(subject: str, system: System, moves: Iterable[Move]) -> Trace:
    """The run whose last step leaves the range of a field, taken on integers: its last state is none of the system."""
    run = Replay(system)
    for move in moves:
        run.take(move, checked=False)
    said = "; ".join(run.program.view.out_of_range(run.here))
    return run.trace(subject, "FAULT", "", "", None, End("fault", said))


class Replay:
    """A run, taken on integers move by move.  program: of the system; states: where it came through."""

    def __init__(self, system: System) -> None:
        self.program = system.built()
        self.states = [self.program.initial]
        self._steps: list[Step] = []
        self._stores = Stores(self.program)
        state = self.program.state
        named = ((path, part) for path, part in parts(state) if isinstance(getattr(part, "name", None), str))
        self._who = {
            id(part): Who(part.name, path, part.side, int(part.cpu), isinstance(part, StoreBuffer))
            for path, part in named
        }
        self._orders = memory_model(system.cfg).orders
        self._functions: dict[int, Function] = {}

    @property
    def here(self) -> Values:
        """The state that the run has come to."""
        return self.states[-1]

    def take(self, move: Move, checked: bool = True) -> Step:
        """The next step.  checked: its state must be one of the system.  Raises Mismatch where it is not possible."""
        program, before, number = self.program, self.here, len(self.states)
        action = program.actions[move.action]
        actor = program.actors[action.actor]
        program.view.set(before)
        waiting = stores_of(actor) if isinstance(actor, StoreBuffer) else []
        marks: list[str] = []
        heard = Hearing(self._orders)
        after = program.take(before, move, marks, heard)
        if after is None:
            raise Mismatch(f"step {number} is not possible: {where(program, before, move)}")
        values = tuple(int(v) for v in after)
        program.view.set(values)
        drain = drained(actor, waiting, stores_of(actor)) if isinstance(actor, StoreBuffer) else []
        if checked:
            program.checked(values, move)
        changes = tuple(
            Change(f, int(old), new)
            for f, old, new in zip(program.view.fields, before, values, strict=True)
            if old != new
        )
        step = Step(
            number,
            self._who[id(actor)],
            self._function(move.action, action),
            actor.point(action.point).name if action.point >= 0 else "",
            tuple((name, value) for (name, _), value in zip(action.choices, move.choice, strict=True)),
            self._stores.step(number, actor, [*drain, *heard.accesses], changes),
            tuple(heard.barriers),
            changes,
            tuple(marks),
            move,
            values,
        )
        self._steps.append(step)
        self.states.append(values)
        return step

    def _function(self, number: int, action: Action) -> Function:
        if number not in self._functions:
            step, first = action.step, action.step.origin
            exchanged = step.stands_for is not None
            c, clause = (step.labelled(label) or first.labelled(label) for label in ("C", "Spec"))
            self._functions[number] = Function(
                *(step.name, step.sentence, c, clause, first.sentence if exchanged else ""),
                exchanged=exchanged,
                environment=step.environment,
            )
        return self._functions[number]

    def compare(self, claimed: Sequence[Values] | None) -> None:
        """Compare the state with that which an engine says.  Raises Mismatch."""
        n, here = len(self.states) - 1, self.here
        if claimed is None or n >= len(claimed):
            return
        if len(claimed[n]) != len(here):
            raise Mismatch(f"the state after step {n} has {len(claimed[n])} fields, not {len(here)}")
        for f, mine, theirs in zip(self.program.view.fields, here, claimed[n], strict=True):
            if mine != theirs:
                said = f"{f.name} is {f.show(int(mine))} on integers, {int(theirs)} in the trace"
                raise Mismatch(f"step {n} differs: {said}")

    def told(self, subject: str, asks: Question, loop: int | None = None) -> Trace:
        """The run as it stands, which refutes a question or reaches its mark.  Raises Mismatch where it does not."""
        self._check_end(asks, loop)
        end = ending.end(self.program, asks, self.states, loop)
        if isinstance(asks, Reached):
            return self.trace(subject, "REACHED", asks.mark, "", loop, end)
        return self.trace(subject, "REFUTED", asks.name, asks.sentence, loop, end)

    def _check_end(self, asks: Question, loop: int | None) -> None:
        program, last = self.program, self.here
        if loop is not None:
            if not 0 <= loop < len(self._steps) or self.states[loop] != last:
                raise Mismatch(f"the last step does not lead back to state {loop}")
            return
        if isinstance(asks, Reached):
            if not self._steps or asks.mark not in self._steps[-1].marks:
                raise Mismatch(f"the last step does not pass the mark {asks.mark!r}")
            return
        if (isinstance(asks, Liveness) or asks.when == "rest") and not at_rest(program, last):
            raise Mismatch("the last state is not at rest")
        program.view.set(last)
        if isinstance(asks, Liveness):
            holds = asks.stuck is None or not asks.stuck(program.state)
        else:
            holds = asks.holds(program.state)
        if holds:
            raise Mismatch(f"{asks.name} holds in the last state")

    def trace(
        self,
        subject: str,
        verdict: Literal["REFUTED", "REACHED", "FAULT"],
        title: str,
        sentence: str,
        loop: int | None,
        end: End,
    ) -> Trace:
        """The run as it stands, whatever it shows."""
        program, system = self.program, self.program.system
        events: list[Event] = list(self._stores.seen(self._steps))
        if loop is not None:
            events.insert(loop, Loop(loop))
        return Trace(
            *(subject, verdict, title, sentence, system.name, config_as_json(system.cfg), system.changed),
            fields=tuple(program.view.fields),
            contexts=tuple(self._who.values()),
            words=legend(program.state),
            pairs=pairs(program.state),
            initial=program.initial,
            events=(*events, end),
        )


def where(program: Program, here: Values, move: Move) -> str:
    """The move by name, and where its context stands."""
    action = program.actions[move.action]
    program.view.set(here)
    actor = program.actors[action.actor]
    stands = ""
    if action.point >= 0:
        stands = f" at {actor.point(int(actor.pc)).name}"
    return f"{action.name} cannot be taken with {action.actor_name}{stands}"


def at_rest(program: Program, values: Values) -> bool:
    """Is no step of the system enabled, the environment aside?"""
    moves = (move for move, _ in program.successors(values))
    return all(program.actions[move.action].step.environment for move in moves)


def config_as_json(cfg: Any) -> dict[str, Any]:
    """A configuration as JSON has it: sets as sorted lists, tuples as lists."""

    def plain(value: Any) -> Any:
        if isinstance(value, (set, frozenset)):
            return sorted(value)
        if isinstance(value, (tuple, list)):
            return [plain(v) for v in value]
        return value.name if isinstance(value, (Shape, Memory)) else value

    return {f.name: plain(getattr(cfg, f.name)) for f in dataclasses.fields(cfg)}
