"""Running a scenario: its operations one after the other, by whoever knows what they do to such a target."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from inspect import signature
from typing import Annotated, Any, Protocol, get_args, get_origin, get_type_hints

from vrx.models.conformance.errors import BadScenario
from vrx.models.conformance.harness.record import Record
from vrx.models.conformance.scenario import Operation
from vrx.spec.config.group import Within

Number = Annotated[int, Within(0, 0xFFFF)]
"""Of buffers, entries or steps; a place in a list or a page; which one; 0 for no and 1 for yes."""
Bytes = Annotated[int, Within(1, 1 << 17)]
"""The length of a segment of a buffer."""
Frame = Annotated[int, Within(0, 1 << 17)]
"""The length of a frame in bytes; what is no frame's is taken for the nearest that is."""
Filled = Annotated[int, Within(-1, 1 << 17)]
"""Bytes that are written into a buffer; -1: as many as it holds."""
Ahead = Annotated[int, Within(-0x8000, 0xFFFF)]
"""Entries of the ring, counted from where the other side is."""
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
        record.alive = lambda: progress(record.operations)
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


def check_operation(does: Does, operation: Operation) -> None:
    """Raises BadScenario for an operation that somebody wrote down and nobody can run."""
    wanted = _arguments(known_operation(does, operation))
    name, given = operation[0], operation[1:]
    if len(given) != len(wanted):
        takes = ", ".join(wanted) or "nothing"
        raise BadScenario(f"{name} has {len(given)} arguments and takes {len(wanted)}: {takes}")
    for value, (argument, (listed, limits)) in zip(given, wanted.items(), strict=True):
        if isinstance(value, list) != listed:
            raise BadScenario(f"{name}: {argument} is {value}: use {'a list of numbers' if listed else 'a number'}")
        for n in value if listed else [value]:
            if not limits.least <= n <= limits.most:
                raise BadScenario(f"{name}: {argument} is {n}: use {limits.least}..{limits.most}")


@cache
def _arguments(function: Callable[..., None]) -> Mapping[str, tuple[bool, Within]]:
    """What stands behind the name of an operation: is it a list, and what a number of it may be."""
    hints = get_type_hints(function, include_extras=True)
    found = {}
    for name in list(signature(function).parameters)[1:]:
        listed = get_origin(hints[name]) is list
        number = get_args(hints[name])[0] if listed else hints[name]
        found[name] = listed, number.__metadata__[0]
    return found
