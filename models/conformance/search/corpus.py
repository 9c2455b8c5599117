"""Scenarios that once showed something are tried first: those of earlier runs, and those that come with vrx.

What a run finds is written as a program (`--save DIR`, or the cache) and tried again by the
next run of that target.  `regressions/` has, for each side, the shortest scenario of
every fault that was ever planted and found: short ways to what goes wrong in queues.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from vrx.models.conformance.deviation import Deviation
from vrx.models.conformance.entrances import OWN
from vrx.models.conformance.errors import BadScenario
from vrx.models.conformance.harness.runs import check
from vrx.models.conformance.protocol import About, Feature, Setup, SideName
from vrx.models.conformance.scenario import Operation, Scenario, as_program, from_json, from_text
from vrx.models.terminal.cache import cache_dir

REGRESSIONS: Final = Path(__file__).parent.parent / "regressions"
STEPS: Final = "steps"
"""The operation that lets a side take so many steps and no more."""
NEAR: Final = 3
"""So many steps more or less are tried as well."""
MOST: Final = 100
"""Programs that the cache keeps of one target."""


def folder_of(save: str | None) -> Path:
    """Where findings are kept: the folder that was asked for, or the cache; made if need be.  Raises OSError."""
    folder = Path(save) if save else cache_dir() / "conform"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def save(folder: Path, found: Deviation, scenario: Scenario, replay: str = OWN.replay) -> Path:
    """Write the program that shows a finding again; where it is.  replay: as in `Entrances`."""
    digest = hashlib.sha256(repr(found.cause).encode()).hexdigest()[:8]
    path = folder / f"{_stem(scenario.target)}-{found.clause}-{digest}.py"
    about = f"{found.clause} {found.level}: {found.summary}"
    path.write_text(as_program(scenario, about, replay), encoding="utf-8")
    return path


def _stem(target: str) -> str:
    return Path(target).name.partition(":")[0]


def of_earlier_runs(target: str, side: SideName, folder: Path) -> Iterator[Scenario]:
    """The scenarios of this target that are kept there, the latest first.  One that cannot be read, or run, is told."""
    files = [p for p in folder.glob(f"{_stem(target)}-*") if p.suffix in (".py", ".json")]
    for path in sorted(files, key=lambda p: p.stat().st_mtime, reverse=True)[:MOST]:
        try:
            scenario = from_text(path.read_text(encoding="utf-8"))
            check(scenario, side)
        except (BadScenario, OSError, UnicodeDecodeError) as error:
            print(f"{path} is left out: {error}", file=sys.stderr)
            continue
        if scenario.target == target:
            yield replace(scenario, origin="saved")


def takes(about: About, setup: Setup) -> bool:
    """Is this one of a target's configurations, but for the size of the ring?"""
    kinds = {(s.buffers, s.features - {Feature.RING_RESET}) for s in about.setups}
    return (setup.buffers, setup.features) in kinds


def of_this_project(target: str, about: About) -> Iterator[Scenario]:
    """The scenarios of `regressions/` for the side of a target, in its configurations, and what is near them."""
    for kept in read(REGRESSIONS / f"{about.side}.json"):
        if takes(about, kept.setup):
            yield from nearby(replace(kept, target=target, origin="saved"))


def nearby(scenario: Scenario) -> Iterator[Scenario]:
    """A scenario, and those that stop a side a few steps sooner or later: another implementation, or the same one after
    a change, comes to the same place in another number of steps."""
    yield scenario
    for at, operation in enumerate(scenario.operations):
        for steps in _around(operation):
            changed = (*scenario.operations[:at], steps, *scenario.operations[at + 1 :])
            yield replace(scenario, operations=changed)


def _around(operation: Operation) -> Iterator[Operation]:
    name, *numbers = operation
    if name == STEPS:
        yield from ((name, n) for n in range(max(1, numbers[0] - NEAR), numbers[0] + NEAR + 1) if n != numbers[0])


def read(path: Path) -> list[Scenario]:
    """The scenarios of a file of many; none if there is no such file.  Raises BadScenario."""
    if not path.exists():
        return []
    return [from_json(data) for data in json.loads(path.read_text(encoding="utf-8"))["scenarios"]]


def write(path: Path, found: list[tuple[str, Scenario]]) -> None:
    """A file of many scenarios, each with what it showed, one a line."""
    lines = (json.dumps({"about": about, **scenario.as_json()}) for about, scenario in found)
    path.parent.mkdir(exist_ok=True)
    path.write_text('{"scenarios": [\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")
