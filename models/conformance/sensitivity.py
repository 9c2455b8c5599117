"""Are faults found?  They are planted in the targets that take them, one at a time, and searched for.

`vrx conform TARGET --sensitivity` prints planted against found.  `python -m
models.conformance.sensitivity` does so for every target that takes faults, writes
docs/sensitivity.md, and keeps what showed them in `regressions/`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

from vrx.models.conformance.errors import NoTarget
from vrx.models.conformance.grammar import GRAMMARS, random_operations
from vrx.models.conformance.known import recognise
from vrx.models.conformance.mutants import MUTANTS
from vrx.models.conformance.protocol import Setup
from vrx.models.conformance.saved import REGRESSIONS, write
from vrx.models.conformance.scenario import Scenario
from vrx.models.conformance.search import Finding, Search
from vrx.models.conformance.situations import scenarios
from vrx.models.conformance.supervisor import Worker
from vrx.models.conformance.toured import guide

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
        "used-id-of-last-descriptor": "",
        "used-len-of-last-descriptor": "",
        "header-counted-twice": "",
        "filled-past-its-end": "",
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
        "free-list-head-only": "",
        "chains-counted-as-descriptors": "",
        "kick-test-equality": "",
        "complete-no-barrier": "a barrier: one thread runs both sides in turn",
        "kick-no-barrier": "a barrier: one thread runs both sides in turn",
    },
}
"""The exhibits that are planted: why one cannot be seen, or an empty string."""


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
        planted = Planted(target, name, kind, unseen, look_for(f"{target}+{name}", seed))
        say(planted)
        out.append(planted)
    return out


def look_for(target: str, seed: int) -> Finding | None:
    """The first deviation of a target that is not known: in tours, in situations, then at random."""
    with Worker(target, limit=2) as worker:
        about = worker.about()
        search = Search(worker, enough=lambda d: recognise(target, d) is None)
        search.try_all(replace(t.scenario, target=target) for t in guide(about.model).tours)
        search.try_all(scenarios(target, about))
        search.try_all(_random(target, about.side, about.setups, seed))
        return search.first


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


PAGE: Final = """# Planted faults: which are found?

Generated by `python -m vrx.models.conformance.sensitivity`; do not edit.

`vrx conform TARGET --sensitivity` plants faults one by one in a copy of the target (built in the cache) and looks for
each on tours, in situations that z3 solves for, and with four rounds of random scenarios in every configuration. A
fault counts as found when something shows that the target does not show without it; the number is the length of the
shortest scenario (0: what ends every scenario shows it). Those scenarios are kept in
`models/conformance/regressions/`, and every run tries them first.

What driving one thread from outside cannot see is said so in the list of faults; if such a fault were found, the run
would say that the list is wrong. A fault of the event index is planted only where that is negotiated, one of merging
only where buffers merge. Exhibits of the museum that the targets do not take: those about a whole driver (its poll,
its refill, lengths that it believes), those about a peer, and the three that move num_buffers, whose faulty steps also
leave the interrupt out and would be found by that.
"""


def main(folder: str = "docs") -> int:
    """Plant everything; write the page and the regressions.  1 if a fault was not as expected."""
    text = PAGE
    shown: dict[str, list[tuple[str, Scenario]]] = {"driver": [], "device": []}
    every: list[Planted] = []
    for target, side in (("linux-vring", "driver"), ("spec-driver", "driver"), ("spec-device", "device")):
        with Worker(target) as worker:
            version = worker.about().version
        planted = plant(target, say=lambda p: print(p.line(), flush=True))
        every += planted
        table = "\n".join(p.line() for p in planted)
        text += f"\n## {target}: {version}\n\n{summary(planted)}.\n\n{HEAD}\n{table}\n"
        for p in planted:
            if p.found:
                d, scenario = p.found.deviation, p.found.scenario
                shown[side].append((f"{target}+{p.name}: {d.clause}", replace(scenario, target=target, origin="saved")))
    Path(folder, "sensitivity.md").write_text(text, encoding="utf-8")
    for side, scenarios_ in shown.items():
        write(REGRESSIONS / f"{side}.json", scenarios_)
    return int(not all(p.as_expected for p in every))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
