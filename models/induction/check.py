"""The whole induction of one system: initial states, steps, goals; and what to say when something fails."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path as File
from typing import Any

import z3

from models.induction.logic import Lemma
from models.induction.prover import Prover
from models.induction.reading import sized
from models.induction.results import StepResult
from models.induction.witness import broken_names
from models.system import System
from spec import rx
from spec.properties import Property

SIZES = tuple(1 << k for k in range(16))
"""Every size that a split ring can have."""


@dataclass
class Report:
    """The induction of one system.

    initial: sizes whose initial state is outside the invariant; goals: goals that do not follow
    never: steps that the invariant excludes: no state of it, on a ring of 2, enables them
    cached: how many steps were known from before
    """

    system: str
    steps: list[StepResult] = field(default_factory=list)
    initial: list[str] = field(default_factory=list)
    goals: list[str] = field(default_factory=list)
    never: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cached: int = 0

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
        if self.inductive:
            return f"{len(self.steps)} steps"
        words = [f"{step} does not preserve {', '.join(names)}" for step, names in self.stops().items()]
        words += [f"the initial state: {w}" for w in self.initial]
        words += [f"{g} does not follow from the invariant" for g in self.goals]
        return "; ".join(words)


def check(
    system: System,
    lemmas: Sequence[Lemma],
    goals: Sequence[Property],
    *,
    timeout: float = 20.0,
    sizes: Sequence[int] = SIZES,
    cache: bool = True,
    progress: Callable[[StepResult], None] | None = None,
) -> Report:
    """Run the induction: initial states of every size on integers, every step and every goal with z3."""
    began = time.process_time()
    report = Report(system.name)
    prover = Prover(system, lemmas, timeout=timeout)
    small = Prover(system, lemmas, timeout=timeout, size=2)
    store = _Cache(cache)
    key = _key(["initial", system.name, str(sizes), inspect.getsource(rx), prover.invariant_text])
    if store.get(key) is None:
        report.initial = initial(system, lemmas, sizes)
        if not report.initial:
            store.put(key, {"paths": 0, "queries": 0})
    for taken in prover.reading.actions:
        key = _key(prover.texts(taken))
        known = store.get(key)
        if known is not None and known["paths"]:
            result = StepResult(taken.name, known["paths"], known["queries"], 0.0)
            report.cached += 1
        else:
            result = prover.step(taken)
            if not small.possible(taken):
                report.never.append(taken.name)
            elif not result.failures:
                store.put(key, {"paths": result.paths, "queries": result.queries})
        report.steps.append(result)
        if progress:
            progress(result)
    report.goals = [f"{g.name} ({answer})" for g in goals if (answer := prover.follows(g)) != "unsat"]
    report.seconds = time.process_time() - began
    return report


def initial(system: System, lemmas: Sequence[Lemma], sizes: Sequence[int]) -> list[str]:
    """Lemmas that an initial state violates, for the given sizes; all there are, by default."""
    wrong = []
    for size in sizes:
        program = replace(system, cfg=sized(system.cfg, size)).built()
        names = broken_names(program, program.initial, lemmas)
        if names or program.view.out_of_range(program.initial):
            wrong.append(f"size {size}: {', '.join(sorted(names)) or 'a value is out of range'}")
    return wrong


class _Cache:
    """What was proved before, by content.  Nothing is kept that did not go through."""

    def __init__(self, use: bool) -> None:
        self._folder = _folder() if use else None

    def get(self, key: str) -> dict[str, int] | None:
        """What is known of a step, or None."""
        if self._folder is None:
            return None
        try:
            known = json.loads((self._folder / key).read_text())
        except (OSError, ValueError):
            return None
        return known if isinstance(known, dict) and {"paths", "queries"} <= set(known) else None

    def put(self, key: str, known: dict[str, int]) -> None:
        """Remember a step that went through."""
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part = self._folder / f"{key}.{os.getpid()}"
            part.write_text(json.dumps(known))
            part.replace(self._folder / key)
        except OSError:
            pass


def _folder() -> File:
    base = os.environ.get("XDG_CACHE_HOME") or str(File.home() / ".cache")
    return File(base) / "vrx" / "induction"


def _key(texts: Sequence[str]) -> str:
    """A step and everything it was proved from: the formulas themselves, z3's version, and how they are asked."""
    from models.induction import prover

    digest = hashlib.sha256()
    for text in (z3.get_version_string(), inspect.getsource(prover), *texts):
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()


def as_json(report: Report) -> dict[str, Any]:
    """A report as data."""
    return {
        "system": report.system,
        "inductive": report.inductive,
        "seconds": round(report.seconds, 3),
        "cached": report.cached,
        "initial": report.initial,
        "goals": report.goals,
        "never": report.never,
        "steps": [
            {k: v for k, v in asdict(replace(s, failures=[])).items() if k != "failures"}
            | {"failures": [[f.lemma, f.answer] for f in s.failures]}
            for s in report.steps
        ],
    }
