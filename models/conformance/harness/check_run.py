"""Runs the checks that a target brings along: clauses that no scenario of a queue touches.

A check is an operation of a scenario of its own, `check:NAME`; what it yields is
what deviates.  So it is reported, replayed and listed as known like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from vrx.models.conformance.deviation import Deviation
from vrx.models.conformance.errors import BadScenario
from vrx.models.conformance.harness.record import Record
from vrx.models.conformance.harness.run import Run
from vrx.models.conformance.protocol import Setup
from vrx.models.conformance.scenario import Operation, Scenario

PREFIX = "check:"
Checks = Mapping[str, Callable[[Any], Iterable[Deviation]]]


def scenario_of(target: str, setup: Setup, name: str) -> Scenario:
    """The scenario that runs the check called `name`."""
    return Scenario(target, setup, ((PREFIX + name,),), origin="check")


def is_check(scenario: Scenario) -> bool:
    """Does it run checks?  Its first operation says so: checks and other operations do not mix."""
    return bool(scenario.operations) and scenario.operations[0][0].startswith(PREFIX)


class CheckOperations:
    """An `Operator` whose operations are the checks of its target."""

    def __init__(self, target: Any, record: Record) -> None:
        self.target, self.record = target, record

    def begin(self) -> None:
        """A check starts its target as it needs it."""

    def step(self, operation: Operation) -> None:
        """Run a check."""
        checks: Checks = getattr(self.target, "checks", {})
        name = operation[0].removeprefix(PREFIX)
        if name not in checks:
            there = ", ".join(checks) or "it has none"
            raise BadScenario(f"{self.record.scenario.target} has no check {name!r}: {there}")
        self.record.deviations += [replace(d, at=self.record.operations) for d in checks[name](self.target)]

    def close(self) -> None:
        """Each check closes what it opens."""


def check_run(target: Any, scenario: Scenario) -> Run:
    """The run of such a scenario on a target."""
    return Run(CheckOperations(target, Record(scenario)))
