"""Running a scenario: its operations one after the other, by whoever knows what they do to such a target."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from vrx.models.conformance.errors import BadScenario
from vrx.models.conformance.harness.record import Record
from vrx.models.conformance.scenario import Operation

Does = Mapping[str, Callable[..., None]]
"""What runs an operation, by its name: called with the operator, and with what stands behind the name."""


class Operator(Protocol):
    """Does to a target what a scenario says."""

    @property
    def record(self) -> Record: ...

    def begin(self) -> None:
        """Before the first operation."""

    def step(self, operation: Operation) -> None:
        """One operation, and what is to be seen of it.  Raises BadScenario for one that there is not."""

    def close(self) -> None:
        """Behind the last operation, where what is seen is judged."""


class Run:
    """One scenario on one target.  record: what has come of it so far."""

    def __init__(self, operator: Operator) -> None:
        self.operator, self.record = operator, operator.record

    def run(self, progress: Callable[[int], None] = lambda _: None) -> None:
        """Run all operations, then the closing.  Exceptions of the target (Crashed, Hung) pass through."""
        record, operator = self.record, self.operator
        operations = record.scenario.operations
        operator.begin()
        for number, operation in enumerate(operations, 1):
            record.operations = number
            progress(number)
            operator.step(operation)
            if record.stopped:
                return
        progress(len(operations) + 1)
        if record.judged:
            operator.close()


def operations_of(operator: type[Any]) -> Does:
    """The methods `do_NAME` of a class, by NAME."""
    return {name.removeprefix("do_"): getattr(operator, name) for name in dir(operator) if name.startswith("do_")}


def known_operation(does: Does, operation: Operation) -> Callable[..., None]:
    """What runs an operation.  Raises BadScenario for one that there is not."""
    if operation[0] not in does:
        raise BadScenario(f"no operation is called {operation[0]!r} here: there are {', '.join(sorted(does))}")
    return does[operation[0]]
