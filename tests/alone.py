"""One context that runs alone: what the steps of a function do when nobody runs in between.

A random run leads to a state with empty store buffers; from there a context takes
its steps, its stores drained where a step waits for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from vrx.models.simulation.draws import Draws
from vrx.models.simulation.simulator import Simulator
from vrx.models.simulation.statistics import Run
from vrx.models.simulation.undo_log import InPlace
from vrx.models.systems.system import rx
from vrx.spec.layouts.split.state import SplitState

REAL = {"data": True, "hdr_len": 12, "eth_len": 14, "idx_bits": 16}
SYSTEMS: dict[str, dict[str, Any]] = {
    "flags": {"size": 4, "idx_bits": 4},
    "event": {"size": 4, "idx_bits": 4, "event_idx": True},
    "event, tso, other cpu": {"size": 2, "event_idx": True, "memory": "tso", "irq": "other"},
    "any cpu": {"size": 2, "irq": "any"},
    "mergeable": {"size": 8, "idx_bits": 5, "event_idx": True, "mergeable": True, "max_packet": 4},
    "stops": {"size": 2, "stops": True, "memory": "tso"},
    "timer": {"size": 2, "gro_flush_timeout": True, "defer_hard_irqs": 2, "event_idx": True},
    "data": {"size": 2, "data": True, "event_idx": True},
    "data, tso": {"size": 4, "idx_bits": 4, "data": True, "memory": "tso"},
    "data, filter": {"size": 2, "data": True, "filter": True},
    "small, real": {"size": 16, **REAL, "buffer_len": 1530, "max_packet": 2000, "event_idx": True},
    "mergeable, units": {"size": 4, "idx_bits": 4, "data": True, "mergeable": True, "max_packet": 5},
    "mergeable, real": {"size": 32, **REAL, "mergeable": True, "buffer_len": 1536, "max_packet": 9000,
                        "event_idx": True, "memory": "tso"},
    "mergeable, few elements": {"size": 4, "idx_bits": 4, "data": True, "mergeable": True, "max_packet": 6,
                                "max_elements": 2},
    "big": {"size": 8, "idx_bits": 5, "data": True, "segments": 3, "max_packet": 8, "buffer_len": 3},
    "big, tso": {"size": 4, "idx_bits": 4, "data": True, "segments": 2, "max_packet": 4, "memory": "tso",
                 "event_idx": True},
    "big, indirect": {"size": 4, "idx_bits": 4, "data": True, "segments": 3, "max_packet": 8, "buffer_len": 3,
                      "indirect": True, "event_idx": True},
    "big, real": {"size": 4, **REAL, "segments": 19, "buffer_len": 4096, "hdr_room": 32, "max_packet": 65550,
                  "indirect": True, "event_idx": True},
}  # fmt: skip
KINDS = {
    "no data": ["flags", "event", "event, tso, other cpu", "any cpu", "mergeable", "stops", "timer"],
    "small": ["data", "data, tso", "data, filter", "small, real"],
    "mergeable": ["mergeable, units", "mergeable, real", "mergeable, few elements"],
    "chains": ["big", "big, tso"],
    "tables": ["big, indirect", "big, real"],
}
"""The systems by the kind of their buffers."""
OTHERS = {"vm_continue"}
"""Steps of a context that begin with somebody else's decision: no function that runs alone goes on with them."""
SIMULATORS: dict[str, Simulator] = {}


def simulator(name: str) -> Simulator:
    """A system, ready to walk at random."""
    if name not in SIMULATORS:
        SIMULATORS[name] = Simulator(rx(**SYSTEMS[name]), ())
    return SIMULATORS[name]


@dataclass
class Alone:
    """One context that runs alone from where the program is.

    budget: of a poll; seen: steps taken; marks: what was passed
    """

    program: InPlace
    actor: Any
    budget: int
    seen: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)

    def until(self, *points: Any) -> Any:
        """Step until the context stands at one of the points, one step at least, and drain its stores; where it is."""
        self.step()
        while self.actor.pc not in points:
            self.step()
        while self.drain():
            pass
        return self.actor.pc

    def step(self) -> None:
        """The step that is next, after as many of the own stores have drained as it waits for."""
        for number in list(self.program.candidates()):
            action = self.program.actions[number]
            mine = self.program.actors[action.actor] is self.actor and not action.step.environment
            if mine and action.step.name not in OTHERS:
                if self.take(number, tuple(self.choice(name, count) for name, count in action.choices)):
                    return
        raise AssertionError(f"{self.actor.name} cannot go on at {self.actor.pc!r} after {self.seen[-3:]}")

    def take(self, number: int, choice: tuple[int, ...]) -> bool:
        """Take an action, draining own stores until it is possible; False where it is not."""
        marks: list[str] = []
        while not self.program.step(number, choice, marks):
            if not self.drain():
                return False
        self.seen.append(self.program.actions[number].step.name)
        self.marks += marks
        return True

    def choice(self, name: str, count: int) -> int:
        """The budget ends the poll when it is used up, and not before; the filter refuses nothing."""
        if name == "exhausted":
            looked = [step for step in self.seen if step.startswith("virtqueue_get_buf_ctx_") and "more_used" in step]
            return int(len(looked) >= self.budget)
        return min(self.budget, count) - 1 if name == "budget" else 0

    def drain(self) -> bool:
        """The oldest store of the own CPU becomes visible; False where none waits."""
        for number in list(self.program.candidates()):
            action = self.program.actions[number]
            if action.step.name == "store_drains" and self.program.actors[action.actor].cpu == self.actor.cpu:
                return self.program.step(number, (), [])
        return False


def walk(sim: Simulator, seed: int, steps: int, wanted: Callable[[SplitState], bool]) -> bool:
    """Go to a reachable state after so many steps, or up to a thousand more, where no store waits and as wanted."""
    sim.draws = Draws(seed)
    sim.program.put(sim.program.initial)
    run = Run(sim.system, seed, 0)
    for n in range(steps + 1000):
        state = sim.program.state
        if n >= steps and all(b.count == 0 for b in state.buffers) and wanted(state):
            return True
        if sim._pick(run, True) is None:
            return False
    return False
