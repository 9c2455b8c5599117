"""Are faults found?  They are planted in the targets that take them, one at a time, and searched for.

`vrx conform TARGET --sensitivity` prints planted against found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from vrx.models.conformance.entrances import OWN, Entrances
from vrx.models.conformance.errors import NoTarget
from vrx.models.conformance.grammar import GRAMMARS, random_operations
from vrx.models.conformance.known_deviations import recognise
from vrx.models.conformance.protocol import Fault, Setup, SideName
from vrx.models.conformance.scenario import Scenario
from vrx.models.conformance.search.corpus import of_this_project
from vrx.models.conformance.search.search import Finding, Search
from vrx.models.conformance.search.situations import scenarios
from vrx.models.conformance.search.tour_runs import guides
from vrx.models.conformance.targets.plans import PLANS
from vrx.models.conformance.worker.supervisor import Worker

HEAD: Final = "| fault | kind | found as |\n|---|---|---|"
"""Of the table in docs/sensitivity.md."""
ROUNDS: Final = 4
"""So many random scenarios in each configuration are tried, every other one hostile."""
LENGTH: Final = 200
"""Operations of each."""


@dataclass(frozen=True)
class Planted:
    """One fault and what came of it.

    found: the first deviation that is not known of the target without the fault, with its shortest scenario
    unseen: why it cannot be seen, or an empty string
    """

    target: str
    name: str
    kind: str
    unseen: str
    found: Finding | None

    @property
    def as_expected(self) -> bool:
        """Found where it can be, and not where it is said that it cannot be."""
        return (self.found is not None) == (not self.unseen)

    def line(self) -> str:
        """For the table in docs/."""
        if self.found is None:
            result = f"not seen: {self.unseen}" if self.unseen else "**not found**"
        else:
            d = self.found.deviation
            result = f"{d.clause} ({d.level}), {len(self.found.scenario.operations)} operations"
        return f"| `{self.name}` | {self.kind} | {result} |"


def faults_of(target: str) -> Sequence[Fault]:
    """The faults that are planted in a target.  Raises NoTarget for one that has none."""
    found = next((plan.faults for plan in PLANS if plan.name == target), ())
    if not found:
        able = ", ".join(sorted(plan.name for plan in PLANS if plan.faults))
        raise NoTarget(f"no faults are planted in {target}: --sensitivity goes with {able}")
    return found


def plant(
    target: str, seed: int = 0, say: Callable[[Planted], None] = lambda _: None, entrances: Entrances = OWN
) -> list[Planted]:
    """Every fault of a target, one after the other."""
    out = []
    for fault in faults_of(target):
        found = look_for(f"{target}+{fault.name}", seed, entrances)
        planted = Planted(target, fault.name, fault.kind, fault.unseen, found)
        say(planted)
        out.append(planted)
    return out


def look_for(target: str, seed: int, entrances: Entrances = OWN) -> Finding | None:
    """The first deviation of a target that is not known: in tours, in situations, near what is kept, then at random."""
    with Worker(target, limit=2, entrances=entrances) as worker:
        about = worker.about()
        search = Search(worker, enough=lambda f: not recognise(target, f.deviation, f.scenario))
        for _, tours in guides(about):
            search.try_all(replace(t.scenario, target=target) for t in tours.tours)
        search.try_all(scenarios(target, about))
        search.try_all(of_this_project(target, about))
        search.try_all(_random(target, about.side, about.setups, seed))
        return search.first


def _random(target: str, side: SideName, setups: Sequence[Setup], seed: int) -> Iterator[Scenario]:
    r = Random(seed)
    for round_ in range(ROUNDS):
        hostile = bool(round_ % 2)
        for setup in setups:
            operations = random_operations(GRAMMARS[side, hostile], r, LENGTH)
            yield Scenario(target, setup, operations, hostile, "soak")


def summary(planted: Sequence[Planted]) -> str:
    """One line: how many were planted, found, rightly unseen, and wrongly unseen."""
    found = sum(p.found is not None for p in planted)
    unseen = sum(p.found is None and bool(p.unseen) for p in planted)
    wrong = [p.name for p in planted if not p.as_expected]
    tail = f"; not as expected: {', '.join(wrong)}" if wrong else ""
    return f"{len(planted)} planted, {found} found, {unseen} not to be seen{tail}"
