"""The simulator: one run on integers, real index widths, ring sizes and packet lengths.

Every step is the step of the specification.  Invariants are asked after every
step, at-rest properties at every rest.  The same seed gives the same run.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, Literal, get_args

from vrx.models.simulation.monitor import Monitor
from vrx.models.simulation.statistics import ARRIVAL, DRAIN, Run, passed
from vrx.models.simulation.undo_log import InPlace
from vrx.models.systems.system import Action, Move, System
from vrx.spec.config import BadConfiguration
from vrx.spec.linux.state import L, Softirq
from vrx.spec.memory import StoreBuffer
from vrx.spec.properties import Property

ENVIRONMENT = "environment"
"""The scheduler's name for what comes from outside."""
Schedule = Literal["random", "burst", "alone"]
"""Who goes on, where several could: anyone; packets and the device first; everyone before the next packet comes."""


class Simulator:
    """A run through a system.

    weights: how often the scheduler picks an actor, or "environment", relative to the others, which have 1
    budget: of every poll, from 1; 0: a free choice, a poll may stop after any number of packets but none
    """

    def __init__(
        self,
        system: System,
        properties: Sequence[Property],
        seed: int = 0,
        weights: Mapping[str, float] | None = None,
        schedule: Schedule = "random",
        budget: int = 0,
    ) -> None:
        self.system, self.seed = system, seed
        self.program = InPlace(system)
        self.random = random.Random(seed)
        self.always = Monitor(self.program, [p for p in properties if p.when == "always"])
        self.at_rest = [p for p in properties if p.when == "rest"]
        self.schedule_as(schedule, weights, budget)
        self._marks: list[str] = []
        self._taken = 0
        self._next: int | None = None

    def schedule_as(self, schedule: Schedule, weights: Mapping[str, float] | None = None, budget: int = 0) -> None:
        """From now on, who goes on where several could; what `run` does next begins where the last run ended."""
        if schedule not in get_args(Schedule):
            raise BadConfiguration(f"schedule={schedule}: use one of {', '.join(get_args(Schedule))}")
        if budget < 0:
            raise BadConfiguration(f"budget={budget}: use a number from 1 on, or 0 for any")
        self.schedule, self.budget, self.weights = schedule, budget, dict(weights or {})
        names = [*dict.fromkeys(a.actor_name for a in self.program.actions), ENVIRONMENT]
        for name, weight in self.weights.items():
            if name not in names:
                raise BadConfiguration(f"no actor is called {name!r}: use one of {', '.join(names)}")
            if not 0 < weight < float("inf"):
                raise BadConfiguration(f"weight {weight} of {name!r}: use a number above 0")
        self._actions = [self._described(a) for a in self.program.actions]
        self._names = [self._named(a) for a in self.program.actions]
        self._alike = len({weight for _, weight, _, _ in self._actions}) == 1

    def run(
        self,
        packets: int | Sequence[int],
        limit: int = 0,
        progress: Callable[[int, int], None] | None = None,
        occupancy: bool = False,
    ) -> Run:
        """Let packets arrive, then go on until everything rests.

        packets: how many of random sizes, or the sizes one after the other, from 1 to max_packet
        limit: of steps, 0 for what `enough` says; occupancy: note it for a plot
        """
        sizes = None if isinstance(packets, int) else list(packets)
        count = packets if isinstance(packets, int) else len(packets)
        for size in sizes or ():
            if not 1 <= size <= self.system.cfg.max_packet:
                raise BadConfiguration(f"a packet of {size}: use 1..{self.system.cfg.max_packet} (max_packet)")
        run = Run(self.system, self.seed, count, occupancy)
        run.begins(self.program.state)
        run.violated = self.always.broken()
        limit = limit or self.enough(sizes or [self.system.cfg.max_packet] * count)
        try:
            while run.violated is None and run.steps < limit and self._advance(run, sizes):
                if progress and run.steps % 1000 == 0:
                    progress(run.events[ARRIVAL], run.steps)
        except KeyboardInterrupt:
            run.interrupted = True
        run.ends(self.program.state)
        return run

    def enough(self, sizes: Sequence[int]) -> int:
        """Steps after which a run with these packets does not come to an end any more: several times what it takes."""
        cfg = self.system.cfg
        taken: int = sum(-(-(size + cfg.header_len) // (cfg.capacity if cfg.data else 1)) for size in sizes)
        steps: int = 1_000 * (len(sizes) + 10) + 200 * cfg.segments * (cfg.size + taken)
        return steps

    def _advance(self, run: Run, sizes: Sequence[int] | None) -> bool:
        """One more step; False where there is none, or a rest breaks a property."""
        arrived = run.events[ARRIVAL]
        self._next = None
        if arrived < run.packets:
            self._next = sizes[arrived] if sizes else self.random.randrange(self.system.cfg.max_packet) + 1
        move = self._pick(run, self._next is not None)
        if move is None:
            run.stopped = run.violated is None
            run.finished = run.stopped and arrived == run.packets
            return False
        run.saw(move, self._names[move.action], self._marks, self.program.state)
        run.violated = self.always.broken()
        return True

    def _described(self, action: Action) -> tuple[bool, float, bool, bool]:
        """Of an action: does it come from outside; its weight; is it a look for a packet; does it begin a poll?"""
        outside = action.step.environment
        weight = self.weights.get(ENVIRONMENT if outside else action.actor_name, 1.0)
        if self.schedule == "burst" and action.context.side == "device":
            weight *= 1e6
        driver = isinstance(self.program.actors[action.actor], Softirq)
        return outside, weight, driver and action.point == L.MORE_USED, driver and action.point == L.VIRTNET_POLL

    def _named(self, action: Action) -> tuple[str, str]:
        """The step, and its program point, which says what it is in any layout; of a store that drains, that it is."""
        if isinstance(self.program.actors[action.actor], StoreBuffer):
            return action.step.name, DRAIN
        return action.step.name, next((passed(p) for p in action.step.at if int(p) == action.point), "")

    def _pick(self, run: Run, arriving: bool) -> Move | None:
        """Take an enabled move that the scheduler chooses; None where there is none, or a rest breaks a property.

        Whether the state is a rest is asked when the scheduler chooses something from outside, or finds nothing.
        """
        numbers = self.program.candidates()
        if not arriving:
            numbers = [n for n in numbers if not self._actions[n][0]]
        left = numbers[:]
        disabled: set[int] = set()
        while left:
            number = left.pop(self._drawn(left) if len(left) > 1 else 0)
            outside, _, looks, polls = self._actions[number]
            action = self.program.actions[number]
            for choice in self._choices(action) if action.choices else NONE:
                if outside:
                    if not self.program.enabled(number, choice):
                        continue
                    if not self._others_enabled(numbers, disabled):
                        self._rest(run)
                        if run.violated:
                            return None
                if self.program.step(number, choice, self._marks):
                    self._taken = 0 if polls else self._taken + looks
                    return self.program.move(number, choice)
            disabled.add(number)
        self._rest(run)
        return None

    def _rest(self, run: Run) -> None:
        run.rests += 1
        state: Any = self.program.state
        run.violated = next((p for p in self.at_rest if not p.holds(state)), None)

    def _others_enabled(self, numbers: Sequence[int], disabled: set[int]) -> bool:
        """Could a step of the system itself be taken?"""
        return any(
            self.program.enabled(n, choice)
            for n in numbers
            if not self._actions[n][0] and n not in disabled
            for choice in self._choices(self.program.actions[n])
        )

    def _drawn(self, numbers: Sequence[int]) -> int:
        """The place of the action that the scheduler would have first: heavier ones more often."""
        actions = self._actions
        if self.schedule == "alone":
            inside = [k for k, n in enumerate(numbers) if not actions[n][0]]
            if inside:
                return inside[int(self.random.random() * len(inside))]
        if self._alike:
            return int(self.random.random() * len(numbers))
        weights = [actions[n][1] for n in numbers]
        mark = self.random.random() * sum(weights)
        for k, weight in enumerate(weights):
            mark -= weight
            if mark < 0:
                return k
        return len(numbers) - 1

    def _choices(self, action: Action) -> Iterator[tuple[int, ...]]:
        """The free choices of an action, in the order in which they are tried."""
        return product(*(self._options(action.step.name, name, count) for name, count in action.choices))

    def _options(self, step: str, name: str, count: int) -> Sequence[int]:
        if step == ARRIVAL and name == "size" and self._next is not None:
            return (self._next - 1,)
        if self.budget and name == "exhausted":
            return (int(self._taken >= self.budget),)
        if self.budget and name == "budget":
            return (min(self.budget, count) - 1,)
        if count > FEW:
            return (self.random.randrange(count),)
        return self.random.sample(range(count), count)


NONE: tuple[tuple[int, ...]] = ((),)
"""The only choice of an action that has none."""
FEW = 4
"""A choice of no more values than this is tried with all of them before a step counts as disabled."""
