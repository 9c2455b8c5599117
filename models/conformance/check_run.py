"""Runs the checks that a target brings along: clauses that no scenario of a queue touches.

A check is an operation of a scenario of its own, `check:NAME`; what it yields is
what deviates.  So it is reported, replayed and listed as known like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from models.conformance.deviation import Deviation
from models.conformance.errors import BadScenario
from models.conformance.protocol import Setup
from models.conformance.scenario import Scenario

PREFIX = "check:"
Checks = Mapping[str, Callable[[Any], Iterable[Deviation]]]


def scenario_of(target: str, setup: Setup, name: str) -> Scenario:
    """The scenario that runs the check called `name`."""
    return Scenario(target, setup, ((PREFIX + name,),), origin="check")


def is_check(scenario: Scenario) -> bool:
    """Does it run checks?"""
    return any(operation[0].startswith(PREFIX) for operation in scenario.operations)


class CheckRun:
    """One such scenario on one target.  `deviations` and `operations` are the result."""

    def __init__(self, target: Any, scenario: Scenario) -> None:
        self.target, self.scenario = target, scenario
        self.deviations: list[Deviation] = []
        self.operations = 0
        self.reached: set[str] = set()
        self.seen: list[tuple[int, ...]] = []
        self.watched = False

    def run(self, progress: Callable[[int], None] = lambda _: None) -> None:
        """Run the checks.  Exceptions of the target (Crashed, Hung) pass through."""
        checks: Checks = getattr(self.target, "checks", {})
        for number, operation in enumerate(self.scenario.operations, 1):
            self.operations = number
            progress(number)
            name = operation[0].removeprefix(PREFIX)
            if name not in checks:
                raise BadScenario(f"{self.scenario.target} has no check {name!r}: {', '.join(checks) or 'it has none'}")
            self.deviations += [replace(d, at=number) for d in checks[name](self.target)]
