"""What runs a scenario, by the side that its target is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vrx.models.conformance.errors import BadScenario
from vrx.models.conformance.harness import device_operations, driver_operations, pair_operations
from vrx.models.conformance.harness.check_run import check_run, is_check
from vrx.models.conformance.harness.run import Does, Run, check_operation
from vrx.models.conformance.protocol import SideName
from vrx.models.conformance.scenario import Scenario

DOES: Final[Mapping[str, Does]] = {
    "device": device_operations.DOES,
    "driver": driver_operations.DOES,
    "pair": pair_operations.DOES,
}
"""The operations of each side."""


def run_of(side: SideName, target: Any, scenario: Scenario, judged: bool = True, watched: bool = False) -> Run:
    """The run of a scenario on a target of this side."""
    if is_check(scenario):
        return check_run(target, scenario)
    if side == "device":
        return device_operations.device_run(target, scenario, judged, watched)
    if side == "driver":
        return driver_operations.driver_run(target, scenario, judged, watched)
    return pair_operations.pair_run(target, scenario, judged, watched)


def check(scenario: Scenario, side: SideName) -> None:
    """Can a target of this side be asked for all of it?  Raises BadScenario.

    What is drawn, toured or solved for is made of what can be run; a file may have anything.
    """
    for number, operation in enumerate(() if is_check(scenario) else scenario.operations, 1):
        try:
            check_operation(DOES[side], operation)
        except BadScenario as error:
            raise BadScenario(f"operation {number}: {error}") from None
