"""What is said of a known deviation: who, which clause, why, seen in which versions, and the scenario that shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from vrx.models.conformance.deviation import Deviation
from vrx.models.conformance.protocol import Setup
from vrx.models.conformance.scenario import Operation, Scenario
from vrx.models.conformance.wire.layout import Layout

LINUX: Final = ("6.1.192 (Debian 6.1.192-2)",)
QEMU: Final = ("7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)",)
"""Versions that were looked at."""


@dataclass(frozen=True)
class Known:
    """id: for `--replay`; clause, summary: as the deviation has them; versions: where it was seen.

    avoid: (operation, argument, value) that leads to it; most drawn scenarios leave such operations out, since
        nothing is to be seen behind a deviation after which the target has given up
    only: the layout on which it is this one; elsewhere the same clause and summary are something else
    when: what leads to it (`ingredients`): in a scenario without that, the same clause and summary are something else
    """

    id: str
    targets: tuple[str, ...]
    clause: str
    summary: str
    reason: str
    versions: tuple[str, ...]
    setup: Setup
    operations: tuple[Operation, ...]
    hostile: bool = False
    avoid: tuple[tuple[str, int, int], ...] = ()
    only: Layout | None = None
    when: Callable[[Scenario, int], bool] = lambda scenario, at: True

    def scenario(self, target: str) -> Scenario:
        """What shows it."""
        return Scenario(target, self.setup, self.operations, self.hostile, "saved")

    def is_this(self, target: str, found: Deviation, scenario: Scenario) -> bool:
        here = target.partition("+")[0] in self.targets and self.only in (None, scenario.setup.layout)
        return here and found.cause == (self.clause, self.summary) and self.when(scenario, found.at)
