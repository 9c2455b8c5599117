"""What every run of a scenario has, whatever the target is: its operations one after the other, and what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from vrx.models.conformance.deviation import Deviation, deviation
from vrx.models.conformance.errors import BadScenario
from vrx.models.conformance.scenario import Operation, Scenario


class Run:
    """One scenario on one target.  Its methods `do_NAME` are the operations that it knows.

    deviations: findings; operations: how many were begun; reached: what was seen of the target
    seen: what could be observed whenever it was at rest, if it is watched
    stopped: nobody knows any more what the target has, so nothing more is judged
    does: the operations by name
    """

    does: ClassVar[Mapping[str, Callable[..., None]]] = {}

    def __init_subclass__(cls) -> None:
        cls.does = {name.removeprefix("do_"): getattr(cls, name) for name in dir(cls) if name.startswith("do_")}

    def __init__(self, scenario: Scenario, judged: bool = True) -> None:
        self.scenario, self.setup, self.judged = scenario, scenario.setup, judged
        self.deviations: list[Deviation] = []
        self.operations = 0
        self.reached: set[str] = set()
        self.seen: list[tuple[int, ...]] = []
        self.watched = self.stopped = False

    def run(self, progress: Callable[[int], None] = lambda _: None) -> None:
        """Run all operations, then the closing.  Exceptions of the target (Crashed, Hung) pass through."""
        self.begin()
        for number, operation in enumerate(self.scenario.operations, 1):
            self.operations = number
            progress(number)
            self.step(operation)
            if self.stopped:
                return
        progress(len(self.scenario.operations) + 1)
        if self.judged:
            self.close()

    def begin(self) -> None:
        """Before the first operation."""

    def step(self, operation: Operation) -> None:
        """One operation.  Raises BadScenario for one that this side does not have."""
        known_operation(self.does, operation)(self, *operation[1:])

    def close(self) -> None:
        """Behind the last operation."""

    def deviate(self, clause: str, seen: str, *, expected: str = "", summary: str = "") -> None:
        self.deviations.append(deviation(clause, seen, expected=expected, summary=summary, at=self.operations))


def known_operation(does: Mapping[str, Callable[..., None]], operation: Operation) -> Callable[..., None]:
    """What runs an operation.  Raises BadScenario for one that there is not."""
    if operation[0] not in does:
        raise BadScenario(f"no operation is called {operation[0]!r} here: there are {', '.join(sorted(does))}")
    return does[operation[0]]
