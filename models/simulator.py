"""The simulator: one random run on integers, real index widths, and what a user would look at.

Every step is the step of the specification.  Invariants are asked after every
step, at-rest properties at every rest.  The same seed gives the same run.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from models.fields import Values
from models.system import Move, System
from spec.config import BadConfiguration
from spec.properties import Property

ENVIRONMENT = "environment"
"""The scheduler's name for what comes from outside."""
ARRIVAL = "qemu_net_queue_send"

COUNTED: dict[str, str] = {
    "packets accepted": ARRIVAL,
    "packets published by the device": "virtqueue_split_flush",
    "buffers taken by the driver": "virtqueue_get_buf_ctx_split__id",
    "dropped, does not fit": "[a packet is dropped]",
    "dropped, nothing to pop": "[virtqueue_pop returns nothing]",
    "dropped, machine stopped": "[not ready]",
    "parked": "[the device parks]",
    "woken from parking": "[a parked device is woken]",
    "device rechecks that found work": "[the device's recheck finds work]",
    "kicks sent": "virtqueue_notify",
    "kicks suppressed": "[no kick wanted]",
    "interrupts sent": "virtio_irq",
    "interrupts suppressed": "[no interrupt wanted]",
    "polls": "virtnet_poll",
    "polls that used the whole budget": "[budget exhausted]",
    "driver rechecks that found work": "[virtqueue_poll finds work]",
    "MISSED set": "[MISSED is set]",
    "refills": "[refill]",
    "stores drained": "store_drains",
}
"""What is reported: a name, and the step or the [mark] that is counted for it."""


@dataclass
class Run:
    """What a simulation saw.

    rests: how often everything stood still; waiting: packets in front of the device at the end
    violated: the property that failed, after the last step; finished: all packets arrived and everything rests
    moves: every move, for a trace
    """

    system: System
    seed: int
    packets: int
    steps: int = 0
    rests: int = 0
    events: Counter[str] = field(default_factory=Counter)
    waiting: int = 0
    violated: Property | None = None
    finished: bool = False
    moves: list[Move] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """What a user looks at, by name."""
        return {name: self.events[event] for name, event in COUNTED.items()}

    def as_json(self) -> dict[str, Any]:
        """`vrx simulate --json`, described in docs/formats.md."""
        return {
            "version": 1,
            "system": self.system.name,
            "seed": self.seed,
            "packets": self.packets,
            "steps": self.steps,
            "rests": self.rests,
            "waiting": self.waiting,
            "finished": self.finished,
            "violated": self.violated.name if self.violated else None,
            "counts": self.counts(),
            "events": dict(sorted(self.events.items())),
        }

    def text(self) -> str:
        """The run as a user reads it."""
        counts = self.counts()
        lines = [f"{self.system.name}   seed {self.seed}   {self.steps:,} steps, {self.rests:,} rests", ""]
        lines += [f"{n:10,}  {name}" for name, n in counts.items() if n or name in ALWAYS_SHOWN]
        lines += [f"{self.waiting:10,}  packets waiting at the end", ""]
        if self.violated:
            lines.append(f"REFUTED  {self.violated.name} after step {self.steps:,}: {self.violated.sentence}")
        elif self.finished:
            lines.append("every invariant held after every step, every property at rest at every rest")
        else:
            lines.append("not finished: the limit of steps was reached, or nothing more could arrive")
        return "\n".join(lines)


ALWAYS_SHOWN = ("packets accepted", "packets published by the device", "buffers taken by the driver", "parked")


class Simulator:
    """A random walk through a system.

    weights: how often the scheduler picks an actor, or "environment", relative to the others, which have 1
    """

    def __init__(
        self,
        system: System,
        properties: Sequence[Property],
        seed: int = 0,
        weights: Mapping[str, float] | None = None,
    ) -> None:
        self.system, self.seed = system, seed
        self.program = system.built()
        self.random = random.Random(seed)
        self.always = [p for p in properties if p.when == "always"]
        self.at_rest = [p for p in properties if p.when == "rest"]
        self.weights = dict(weights or {})
        names = [*dict.fromkeys(a.actor_name for a in self.program.actions), ENVIRONMENT]
        for name, weight in self.weights.items():
            if name not in names:
                raise BadConfiguration(f"no actor is called {name!r}: use one of {', '.join(names)}")
            if not 0 < weight < float("inf"):
                raise BadConfiguration(f"weight {weight} of {name!r}: use a number above 0")

    def run(self, packets: int, limit: int = 0, progress: Callable[[int, int], None] | None = None) -> Run:
        """Let so many packets arrive, then go on until everything rests.  limit: of steps, 0 for 1,000 a packet."""
        run = Run(self.system, self.seed, packets)
        values = self.program.initial
        run.violated = self._failed(values, self.always)
        limit = limit or 1_000 * (packets + 10)
        while run.violated is None and run.steps < limit:
            arriving = run.events[ARRIVAL] < packets
            marks: list[str] = []
            move, after, resting = self._pick(values, arriving, marks)
            if resting:
                run.rests += 1
                run.violated = self._failed(values, self.at_rest)
            if move is None or run.violated:
                run.finished = not arriving and run.violated is None
                break
            values = self.program.checked(after)
            run.moves.append(move)
            run.steps += 1
            run.events[self.program.actions[move.action].step.name] += 1
            run.events.update(f"[{name}]" for name in marks)
            run.violated = self._failed(values, self.always)
            if progress and run.steps % 1000 == 0:
                progress(run.events[ARRIVAL], run.steps)
        self.program.view.set(values)
        run.waiting = 1 if self.program.state.net.queued else 0
        return run

    def _pick(self, values: Values, arriving: bool, marks: list[str]) -> tuple[Move | None, Values, bool]:
        """A random enabled move, where it leads, and whether the state before it was a rest."""
        actions = self.program.actions
        self.program.view.set(values)
        numbers = list(self.program.candidates())
        inside = [n for n in numbers if not actions[n].step.environment]
        outside = [n for n in numbers if actions[n].step.environment] if arriving else []
        disabled: set[int] = set()
        for n in self._order(inside + outside):
            marks.clear()
            move, after = self._try(values, n, marks)
            if move is None:
                disabled.add(n)
                continue
            resting = n in outside and all(m in disabled or self._try(values, m)[0] is None for m in inside)
            return move, after, resting
        return None, values, True

    def _order(self, numbers: list[int]) -> list[int]:
        """The actions in the order in which the scheduler would have them: heavier ones sooner."""

        def key(n: int) -> float:
            action = self.program.actions[n]
            weight = self.weights.get(ENVIRONMENT if action.step.environment else action.actor_name, 1.0)
            return -self.random.expovariate(1.0) / weight

        return [n for _, n in sorted(((key(n), n) for n in numbers), reverse=True)]

    def _try(self, values: Values, number: int, marks: list[str] | None = None) -> tuple[Move | None, Values]:
        """The action with a random choice, or else with the first one that is possible."""
        counts = [count for _, count in self.program.actions[number].choices]
        chosen = tuple(self.random.randrange(count) for count in counts)
        for choice in (chosen, *product(*map(range, counts))) if counts else ((),):
            move = Move(number, tuple(choice))
            after = self.program.take(values, move, marks)
            if after is not None:
                return move, after
        return None, values

    def _failed(self, values: Values, properties: Sequence[Property]) -> Property | None:
        self.program.view.set(values)
        state = self.program.state
        return next((p for p in properties if not p.holds(state)), None)
