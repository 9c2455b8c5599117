"""Are faults found?  They are planted in the targets that take them, one at a time, and searched for.

`vrx conform TARGET --sensitivity` prints planted against found; docs/sensitivity.md keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from models.conformance.deviation import Deviation
from models.conformance.errors import NoTarget
from models.conformance.grammar import GRAMMARS, random_operations
from models.conformance.known import recognise
from models.conformance.mutants import MUTANTS
from models.conformance.protocol import Setup
from models.conformance.scenario import Scenario
from models.conformance.search import Search
from models.conformance.supervisor import Worker

HEAD: Final = "| fault | kind | found as |\n|---|---|---|"
"""Of the table in docs/sensitivity.md."""
ROUNDS: Final = 4
"""So many random scenarios in each configuration are tried, every other one hostile."""
LENGTH: Final = 200
"""Operations of each."""
EXHIBITS: Final = {
    "spec-device": {
        "park-no-recheck": "",
        "park-recheck-sufficiency": "",
        "park-recheck-nonempty": "",
        "cached-used-event": "",
        "drop-without-unpop": "",
        "unpop-keeps-inuse": "",
        "used-index-before-entry": "",
        "event-test-equality": "",
        "park-no-barrier": "a barrier: one thread runs both sides in turn",
        "notify-no-barrier": "a barrier: one thread runs both sides in turn",
    },
    "spec-driver": {
        "complete-without-poll": "",
        "skip-event-when-triggered": "",
        "free-before-used": "",
        "kick-test-equality": "",
        "complete-no-barrier": "a barrier: one thread runs both sides in turn",
        "kick-no-barrier": "a barrier: one thread runs both sides in turn",
    },
}
"""The exhibits that are planted: why one cannot be seen, or an empty string."""


@dataclass(frozen=True)
class Planted:
    """One fault and what came of it.

    found: the first deviation that is not known of the target without the fault, and how many operations its
        shortest scenario has; unseen: why it cannot be seen, or an empty string
    """

    target: str
    name: str
    kind: str
    unseen: str
    found: Deviation | None
    length: int = 0

    @property
    def as_expected(self) -> bool:
        """Found where it can be, and not where it is said that it cannot be."""
        return (self.found is not None) == (not self.unseen)

    def line(self) -> str:
        """For the table in docs/."""
        if self.found is None:
            result = f"not seen: {self.unseen}" if self.unseen else "**not found**"
        else:
            result = f"{self.found.clause} ({self.found.level}), {self.length} operations"
        return f"| `{self.name}` | {self.kind} | {result} |"


def faults_of(target: str) -> list[tuple[str, str, str]]:
    """Name, kind, and why it cannot be seen, of each fault of a target.  Raises NoTarget for one that has none."""
    if target == "linux-vring":
        return [(m.name, m.kind, m.unseen) for m in MUTANTS]
    if target in EXHIBITS:
        return [(name, "museum", unseen) for name, unseen in EXHIBITS[target].items()]
    raise NoTarget(f"no faults are planted in {target}: --sensitivity goes with linux-vring, spec-device, spec-driver")


def plant(target: str, seed: int = 0, say: Callable[[Planted], None] = lambda _: None) -> list[Planted]:
    """Every fault of a target, one after the other."""
    out = []
    for name, kind, unseen in faults_of(target):
        found = look_for(f"{target}+{name}", seed)
        planted = Planted(target, name, kind, unseen, *found) if found else Planted(target, name, kind, unseen, None)
        say(planted)
        out.append(planted)
    return out


def look_for(target: str, seed: int) -> tuple[Deviation, int] | None:
    """The first deviation of a target that is not known, and the length of its shortest scenario."""
    with Worker(target, limit=2) as worker:
        _, setups, side = worker.about()[:3]
        search = Search(worker, enough=lambda d: recognise(target, d) is None)
        search.try_all(_random(target, side, setups, seed))
        return (search.first.deviation, len(search.first.scenario.operations)) if search.first else None


def _random(target: str, side: str, setups: Sequence[Setup], seed: int) -> Iterator[Scenario]:
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
