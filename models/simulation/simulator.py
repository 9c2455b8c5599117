"""The simulator: one run on integers, real index widths, ring sizes and packet lengths.

Every step is the step of the specification.  Invariants are asked after every
step, at-rest properties at every rest.  The same seed gives the same run, here and
in the walk by compiled steps (`models.simulation.native`), which draws as this one does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal, get_args

from vrx.models.simulation.draws import Draws
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

Kind = Literal["free", "size", "exhausted", "budget"]
"""Who makes a free choice: the random numbers; or, where it is given, the size of the next packet or the budget."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """An action as the scheduler knows it.

    outside: does it come from outside; weight: how often it is picked, relative to the others, 1..2**40
    looks, polls: is it a look for a packet, does it begin a poll; kinds: of its free choices
    step, point: what it is counted as; few: are all its choices tried before it counts as disabled?
    """

    outside: bool
    weight: int
    looks: bool
    polls: bool
    kinds: tuple[Kind, ...]
    step: str
    point: str
    few: bool = True


class Simulator:
    """A run through a system.

    weights: how often the scheduler picks an actor, or "environment", relative to the others, which have 1
    budget: of every poll, from 1; 0: a free choice, a poll may stop after any number of packets but none
    draws: the random numbers; taken: how many buffers the poll under way has looked for
    """

    engine = "python"
    """What takes the steps."""

    def __init__(
        self,
        system: System,
        properties: Sequence[Property],
        seed: int = 0,
        weights: Mapping[str, float] | None = None,
        schedule: Schedule = "random",
        budget: int = 0,
    ) -> None:
        if getattr(system.state(), "net", None) is None:
            raise BadConfiguration(f"{system.name} has no packets: only a system with QEMU's device is simulated")
        self.system, self.seed = system, seed
        self.program = InPlace(system)
        self.draws = Draws(seed)
        self.always = Monitor(self.program, [p for p in properties if p.when == "always"])
        self.at_rest = [p for p in properties if p.when == "rest"]
        self.schedule_as(schedule, weights, budget)
        self._marks: list[str] = []
        self.taken = 0
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
            if not 0 < weight <= MOST_WEIGHT:
                raise BadConfiguration(f"weight {weight} of {name!r}: use a number above 0, up to {MOST_WEIGHT:g}")
        described = [self._described(a) for a in self.program.actions]
        heaviest = max((weight for _, weight, _, _ in described), default=1.0)
        whole = [max(1, round(weight / heaviest * HEAVIEST)) for _, weight, _, _ in described]
        self.actions = [
            Scheduled(outside, weight, looks, polls, kinds(a), *self._named(a), few(a))
            for a, weight, (outside, _, looks, polls) in zip(self.program.actions, whole, described, strict=True)
        ]
        self.alike = len({action.weight for action in self.actions}) == 1

    def restart(self, seed: int) -> None:
        """From the initial state on again, with another seed."""
        self.seed, self.draws, self.taken = seed, Draws(seed), 0
        self.program.put(self.program.initial)
        self.always.again()

    def known_marks(self) -> Sequence[str] | None:
        """All marks that a step can pass; None where nobody has read the steps."""
        return None

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
        limit = limit or (self.enough(sizes) if sizes else self.enough([self.system.cfg.max_packet], count))
        try:
            self._go(run, sizes, limit, progress)
        except KeyboardInterrupt:
            run.interrupted = True
        run.ends(self.program.state)
        return run

    def _go(
        self, run: Run, sizes: Sequence[int] | None, limit: int, progress: Callable[[int, int], None] | None
    ) -> None:
        """Take the steps of a run."""
        run.violated = self.always.broken()
        while run.violated is None and run.steps < limit and self._advance(run, sizes):
            if progress and run.steps % 1000 == 0:
                progress(run.events[ARRIVAL], run.steps)

    def enough(self, sizes: Sequence[int], times: int = 1) -> int:
        """Steps after which a run with so many times these packets does not come to an end any more: several times
        what it takes."""
        cfg = self.system.cfg
        taken: int = sum(-(-(size + cfg.header_len) // (cfg.capacity if cfg.data else 1)) for size in sizes)
        steps: int = 1_000 * (len(sizes) * times + 10) + 200 * cfg.segments * (cfg.size + taken * times)
        return steps

    def _advance(self, run: Run, sizes: Sequence[int] | None) -> bool:
        """One more step; False where there is none, or a rest breaks a property."""
        arrived = run.events[ARRIVAL]
        self._next = sizes[arrived] if sizes and arrived < run.packets else None
        move = self._pick(run, arrived < run.packets)
        if move is None:
            run.stopped = run.violated is None
            run.finished = run.stopped and arrived == run.packets
            return False
        named = self.actions[move.action]
        run.saw(move, (named.step, named.point), self._marks, self.program.state)
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
            numbers = [n for n in numbers if not self.actions[n].outside]
        left = numbers[:]
        disabled: set[int] = set()
        while left:
            place = self._drawn(left) if len(left) > 1 else 0
            number, left[place] = left[place], left[-1]
            left.pop()
            scheduled = self.actions[number]
            for choice in self._choices(number) if scheduled.kinds else NONE:
                if scheduled.outside:
                    if not self.program.enabled(number, choice):
                        continue
                    if not self._others_enabled(numbers, disabled):
                        self._rest(run)
                        if run.violated:
                            return None
                if self.program.step(number, choice, self._marks):
                    self._counted(number)
                    return self.program.move(number, choice)
            if scheduled.few:
                disabled.add(number)
        for number in numbers:  # those with many choices were tried with one of them
            if not self.actions[number].outside and number not in disabled:
                for choice in self._choices(number, every=True):
                    if self.program.step(number, choice, self._marks):
                        self._counted(number)
                        return self.program.move(number, choice)
        self._rest(run)
        return None

    def _counted(self, number: int) -> None:
        """How many buffers the poll under way has looked for, after a step."""
        scheduled = self.actions[number]
        self.taken = 0 if scheduled.polls else self.taken + scheduled.looks

    def _rest(self, run: Run) -> None:
        run.rests += 1
        state: Any = self.program.state
        failed = next((p for p in self.at_rest if not p.holds(state)), None)
        run.violated = failed if failed and self.stands_still() else None

    def stands_still(self) -> bool:
        """Is no step of the system enabled, whatever its free choices are?  The scheduler may have fixed some."""
        return not any(
            self.program.enabled(n, choice)
            for n in self.program.candidates()
            if not self.actions[n].outside
            for choice in product(*(range(count) for _, count in self.program.actions[n].choices))
        )

    def _others_enabled(self, numbers: Sequence[int], disabled: set[int]) -> bool:
        """Could a step of the system itself be taken?"""
        return any(
            self.program.enabled(n, choice)
            for n in numbers
            if not self.actions[n].outside and n not in disabled
            for choice in self._choices(n, every=True)
        )

    def _drawn(self, numbers: Sequence[int]) -> int:
        """The place of the action that the scheduler would have first: heavier ones more often."""
        actions, below = self.actions, self.draws.below
        if self.schedule == "alone":
            inside = [k for k, n in enumerate(numbers) if not actions[n].outside]
            if inside:
                return inside[below(len(inside))]
        if self.alike:
            return below(len(numbers))
        weights = [actions[n].weight for n in numbers]
        mark = below(sum(weights))
        for k, weight in enumerate(weights):
            mark -= weight
            if mark < 0:
                return k
        raise AssertionError("a mark lies below the sum of the weights")

    def _choices(self, number: int, every: bool = False) -> Iterator[tuple[int, ...]]:
        """The free choices of an action, in the order in which they are tried.  every: all of them, none drawn"""
        choices = self.program.actions[number].choices
        options = [self._options(k, n, every) for k, (_, n) in zip(self.actions[number].kinds, choices, strict=True)]
        return product(*options)

    def _options(self, kind: Kind, count: int, every: bool) -> Sequence[int]:
        if kind == "size" and self._next is not None:
            return (self._next - 1,)
        if self.budget and kind == "exhausted":
            return (int(self.taken >= self.budget),)
        if self.budget and kind == "budget":
            return (min(self.budget, count) - 1,)
        if every or count == 1:
            return range(count)
        first = self.draws.below(count)
        return [(first + k) % count for k in range(count)] if count <= FEW else (first,)


def kinds(action: Action) -> tuple[Kind, ...]:
    """What the scheduler makes of each free choice of an action."""

    def kind(name: str) -> Kind:
        if name == "size" and action.step.name == ARRIVAL:
            return "size"
        return "exhausted" if name == "exhausted" else "budget" if name == "budget" else "free"

    return tuple(kind(name) for name, _ in action.choices)


def few(action: Action) -> bool:
    """Has each free choice of an action few values?"""
    return all(count <= FEW for _, count in action.choices)


NONE: tuple[tuple[int, ...]] = ((),)
"""The only choice of an action that has none."""
FEW = 4
"""A choice of no more values than this is tried with all of them before a step counts as disabled; of others one value
is drawn, and all are tried where nothing else can go on."""
MOST_WEIGHT = 1e100
HEAVIEST = 1 << 40
"""The weight of the heaviest actor, a whole number, so that a draw is the same wherever it is made; what is lighter
than the heaviest by more than this counts as this much lighter."""
