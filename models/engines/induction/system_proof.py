"""The whole induction of one system: initial states, steps, goals; and what to say when something fails."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache as cached
from typing import Any

from vrx.models.engines.induction.beginning import SOME_SIZES, outside
from vrx.models.engines.induction.enabled_steps import LENGTH, enabled
from vrx.models.engines.induction.integer_reading import Taken, free_running, sized
from vrx.models.engines.induction.logic import Lemma
from vrx.models.engines.induction.proof_cache import Known
from vrx.models.engines.induction.prover import Prover
from vrx.models.engines.induction.step_proof import SMALL, Induction
from vrx.models.engines.induction.step_result import StepResult
from vrx.models.engines.induction.term_digest import combined
from vrx.models.engines.induction.witness import broken_names
from vrx.models.systems.system import System
from vrx.spec import rx
from vrx.spec.properties import Property

SIZES = tuple(1 << k for k in range(16))
"""Every size that a ring can have whose size is a power of two."""


@dataclass(frozen=True)
class NotFollowing:
    """A goal that does not follow from the invariant.  answer: the solver's"""

    name: str
    answer: str

    def __str__(self) -> str:
        return f"{self.name} ({self.answer})"


@dataclass
class Report:
    """The induction of one system.

    initial: sizes whose initial state is outside the invariant; goals: those that do not follow
    never: steps that the invariant excludes: no state of it, on a ring of 2, enables them
    cores: for each step and lemma, the lemmas that prove it
    seconds: of processor time
    """

    system: str
    steps: list[StepResult] = field(default_factory=list)
    initial: list[str] = field(default_factory=list)
    goals: list[NotFollowing] = field(default_factory=list)
    never: list[Taken] = field(default_factory=list)
    seconds: float = 0.0
    cores: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    @property
    def queries(self) -> int:
        """How many questions were asked."""
        return sum(s.queries for s in self.steps)

    @property
    def known(self) -> int:
        """How many of them were answered before, here or for another system."""
        return sum(s.known for s in self.steps)

    @property
    def failures(self) -> list[tuple[str, str, str]]:
        """Step, lemma, and the solver's answer, for all that is not preserved."""
        return [(f.step, f.lemma, f.answer) for s in self.steps for f in s.failures]

    @property
    def inductive(self) -> bool:
        """The initial states are inside, every step stays inside, and the goals follow."""
        return not self.failures and not self.initial and not self.goals

    def stops(self) -> dict[str, tuple[str, ...]]:
        """Where the induction stops: step -> lemmas."""
        found: dict[str, set[str]] = {}
        for step, lemma, _ in self.failures:
            found.setdefault(step, set()).add(lemma)
        return {step: tuple(sorted(names)) for step, names in found.items()}

    def sentence(self) -> str:
        """The report in a line."""
        return "; ".join(self.reasons()) or f"{len(self.steps)} steps"

    def reasons(self) -> list[str]:
        """Why it is not inductive, a sentence each."""
        words = [f"{step} does not preserve {', '.join(names)}" for step, names in self.stops().items()]
        words += [f"the initial state: {w}" for w in self.initial]
        return words + [f"{g} does not follow from the invariant" for g in self.goals]


def check(
    system: System,
    lemmas: Sequence[Lemma],
    goals: Sequence[Property],
    *,
    timeout: float = 20.0,
    sizes: Sequence[int] = (),
    cache: bool = True,
    progress: Callable[[StepResult], None] | None = None,
) -> Report:
    """Run the induction: initial states of every size, every step and every goal with z3.

    sizes: whose initial states are evaluated on integers; by default all that a ring with free-running indices can
    have, and of others, which may have any size, some, before z3 is asked of all
    """
    began = time.process_time()
    every_size = free_running(system.cfg)
    sizes = sizes or (SIZES if every_size else SOME_SIZES)
    report = Report(system.name)
    prover = Prover(system, lemmas, timeout=timeout)
    small = cached(lambda: Prover(system, lemmas, timeout=timeout, size=SMALL))
    length = LENGTH if every_size else 5 * LENGTH  # with any caller a batch of two comes late
    walked = cached(lambda: enabled(system, lemmas, SMALL, length))
    known = Known(cache)
    induction = Induction(prover, known)
    # Neither a barrier taken out nor another step changes where a system begins.
    begins = (repr(replace(system.cfg, without=frozenset())), inspect.getsource(rx), *map(_begins(system), (1, 2)))
    key = combined(sizes, *begins, *induction.invariant)
    if not known.proved("initial", key):
        report.initial = initial(system, lemmas, sizes)
        if not every_size:
            report.initial += [f"any size: {wrong}" for wrong in outside(prover)]
        if not report.initial:
            known.put("initial", key)
    report.steps = induction.run(progress)
    report.cores = induction.cores
    report.never = [t for t in prover.reading.actions if not induction.possible(walked, small, t)]
    report.goals = [NotFollowing(g.name, answer) for g in goals if (answer := induction.follows(g)) != "unsat"]
    report.seconds = time.process_time() - began
    return report


def _begins(system: System) -> Callable[[int], str]:
    """The initial state of a ring of some size, as text."""

    def at(size: int) -> str:
        program = replace(system, cfg=sized(system.cfg, size)).built()
        return repr([(f.name, v) for f, v in zip(program.view.fields, program.initial, strict=True)])

    return at


def initial(system: System, lemmas: Sequence[Lemma], sizes: Sequence[int]) -> list[str]:
    """Lemmas that an initial state violates, for the given sizes; all there are, by default."""
    wrong = []
    for size in sizes:
        program = replace(system, cfg=sized(system.cfg, size)).built()
        names = broken_names(program, program.initial, lemmas)
        if names or program.view.out_of_range(program.initial):
            wrong.append(f"size {size}: {', '.join(sorted(names)) or 'a value is out of range'}")
    return wrong


def as_json(report: Report) -> dict[str, Any]:
    """A report as data."""
    return {
        "system": report.system,
        "inductive": report.inductive,
        "seconds": round(report.seconds, 3),
        "known": report.known,
        "initial": report.initial,
        "goals": [str(g) for g in report.goals],
        "never": [t.name for t in report.never],
        "steps": [
            {k: v for k, v in asdict(replace(s, failures=[])).items() if k != "failures"}
            | {"failures": [[f.lemma, f.answer] for f in s.failures]}
            for s in report.steps
        ],
    }
