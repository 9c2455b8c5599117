"""Many runs with different seeds, several at a time: what they have in common is what they have not seen.

Each run has its own schedule, weights and budget, drawn from its seed, unless these are given: one schedule
for all would leave the same things out a thousand times.  The run that is shown is that of the
lowest seed that breaks a property, whichever ends first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from vrx.models.simulation.draws import Draws
from vrx.models.simulation.processes import in_turn
from vrx.models.simulation.simulator import ENVIRONMENT, Schedule, Simulator
from vrx.models.simulation.statistics import ARRIVAL, TAKEN, Run
from vrx.models.systems.system import System

SCHEDULES: tuple[Schedule, ...] = get_args(Schedule)
BUDGETS = (0, 1, 8, 64)
STEEPEST = 4
"""An actor's weight in a run of a swarm: from 2**-4 to 2**4."""


@dataclass(frozen=True)
class Settings:
    """How a run is scheduled; what is None is drawn from its seed."""

    schedule: Schedule | None = None
    weights: Mapping[str, float] | None = None
    budget: int | None = None


@dataclass(frozen=True)
class Summary:
    """What one run saw."""

    seed: int
    steps: int
    rests: int
    events: Counter[str]
    violated: bool
    finished: bool


@dataclass
class Swarm:
    """What many runs saw.

    runs: that ended; wanted: that were asked for; unfinished: of them, those that came to no end
    steps, rests, packets: of all of them together; events: how often each step was taken and each [mark] passed
    never: the steps that no run took; unpassed: the marks that no run passed, None where not all are known
    violated: the first run that breaks a property, by its seed
    """

    system: System
    seed: int
    wanted: int
    runs: int = 0
    unfinished: int = 0
    steps: int = 0
    rests: int = 0
    packets: int = 0
    interrupted: bool = False
    events: Counter[str] = field(default_factory=Counter)
    never: list[str] = field(default_factory=list)
    unpassed: list[str] | None = None
    violated: Run | None = None

    def add(self, one: Summary) -> None:
        """Another run has ended."""
        self.runs += 1
        self.steps += one.steps
        self.rests += one.rests
        self.events.update(one.events)
        self.unfinished += not one.finished and not one.violated

    def as_json(self) -> dict[str, Any]:
        """`vrx simulate --runs N --json`, described in docs/formats.md."""
        return {
            "version": 1,
            "system": self.system.name,
            "seed": self.seed,
            "wanted": self.wanted,
            "runs": self.runs,
            "unfinished": self.unfinished,
            "packets": self.packets,
            "steps": self.steps,
            "rests": self.rests,
            "violated": self.violated.violated.name if self.violated and self.violated.violated else None,
            "violated_seed": self.violated.seed if self.violated else None,
            "never_taken": self.never,
            "never_passed": self.unpassed,
            "events": dict(sorted(self.events.items())),
        }

    def text(self) -> str:
        """The runs as a user reads them."""
        steps = {name for name, n in self.events.items() if n and name and "." not in name and name[0] != "["}
        passed = sum(1 for name, n in self.events.items() if n and name.startswith("[") and name != TAKEN)
        lines = [
            f"{self.system.name}   seeds {self.seed} to {self.seed + self.wanted - 1}",
            "",
            f"{self.runs:10,}  runs",
            f"{self.packets:10,}  packets accepted",
            f"{self.steps:10,}  steps",
            f"{self.rests:10,}  rests",
            f"{len(steps):10,}  different steps taken" + (f"; never: {', '.join(self.never)}" if self.never else ""),
            f"{passed:10,}  different marks passed"
            + (f"; never: {', '.join(self.unpassed)}" if self.unpassed else "; which there are is not known"
               if self.unpassed is None else ""),
            "",
        ]  # fmt: skip
        if self.violated and self.violated.violated:
            broken = self.violated.violated
            lines.append(
                f"REFUTED  {broken.name} after step {self.violated.steps:,} of the run with seed {self.violated.seed}: "
                f"{broken.sentence}"
            )
        elif self.runs == self.wanted and not self.unfinished:
            lines.append("every invariant held after every step, every property at rest at every rest, of every run")
        else:
            lines.append("no property failed")
        if self.unfinished:
            lines.append(f"not finished: {self.unfinished:,} runs reached their limit of steps")
        if self.interrupted:
            lines.append(f"interrupted: {self.wanted - self.runs:,} runs are left out")
        return "\n".join(lines)


def settle(simulator: Simulator, seed: int, given: Settings) -> None:
    """Begin again, with a seed and with what is drawn from it."""
    draws = Draws(seed ^ 0x5EED)
    actors = [*dict.fromkeys(a.actor_name for a in simulator.program.actions), ENVIRONMENT]
    schedule = SCHEDULES[draws.below(len(SCHEDULES))]
    budget = BUDGETS[draws.below(len(BUDGETS))]
    weights = {actor: 2.0 ** (draws.below(2 * STEEPEST + 1) - STEEPEST) for actor in actors}
    simulator.restart(seed)
    simulator.schedule_as(
        schedule if given.schedule is None else given.schedule,
        weights if given.weights is None else given.weights,
        budget if given.budget is None else given.budget,
    )


def swarm(
    simulator: Simulator,
    seed: int,
    runs: int,
    packets: int | Sequence[int],
    given: Settings = Settings(),
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Swarm:
    """Run with `runs` seeds from `seed` on, `jobs` at a time, until one of them breaks a property."""
    found = Swarm(simulator.system, seed, runs)

    def once(number: int) -> Summary:
        settle(simulator, number, given)
        run = simulator.run(packets)
        if run.interrupted:
            raise KeyboardInterrupt
        return Summary(number, run.steps, run.rests, run.events, run.violated is not None, run.finished)

    broken = -1
    try:
        for one in in_turn(once, range(seed, seed + runs), min(jobs, runs)):
            found.add(one)
            if progress:
                progress(found.runs, found.steps)
            if one.violated:
                broken = one.seed
                break
        if broken >= 0:
            settle(simulator, broken, given)
            found.violated = simulator.run(packets)
    except KeyboardInterrupt:
        found.interrupted = True
    steps_there = dict.fromkeys(action.step for action in simulator.actions)
    found.never = [name for name in steps_there if not found.events[name]]
    marks = simulator.known_marks()
    found.unpassed = None if marks is None else [mark for mark in marks if not found.events[f"[{mark}]"]]
    found.packets = found.events[ARRIVAL]
    return found

