"""What a scenario must have for a known deviation to be the cause of what it shows.

Findings of different causes may read alike: a packet that does not come says nothing of why.  Where a summary names no
cause, a known deviation says what leads to it, and what a scenario without that shows is new.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from vrx.models.conformance.harness.device_watch import WHOLE
from vrx.models.conformance.harness.frames import LARGEST, SMALLEST
from vrx.models.conformance.harness.pair_operations import SHAPES
from vrx.models.conformance.scenario import Operation, Scenario
from vrx.models.conformance.wire.header import HEADER_BYTES
from vrx.models.conformance.wire.protocol import DIRECT

TABLES: Final = 4
"""Ways to describe a buffer, of which one uses no table."""


def frame_larger_than_a_list(scenario: Scenario, at: int) -> bool:
    """A frame arrives that is larger than a list of several descriptors in the ring, where buffers do not merge.

    at: operations up to this one, counted from 1; 0: all of them
    """
    if scenario.setup.mergeable:
        return False
    operations = scenario.operations[: at or None]
    largest = max((_frame(o) for o in operations if o[0] == "inject"), default=0)
    need = largest + scenario.setup.header_bytes
    return largest > 0 and any(capacity < need for capacity in _lists(scenario, operations))


def _frame(operation: Operation) -> int:
    length: int = operation[1]
    return max(SMALLEST, min(length, LARGEST))


def _lists(scenario: Scenario, operations: tuple[Operation, ...]) -> Iterator[int]:
    """How many bytes each list of several descriptors holds, as the harness of the target's side posts it."""
    for operation in operations:
        if operation[0] == "post":
            lengths = _of_pair(scenario, operation[2]) if len(operation) == 4 else _of_device(scenario, *operation[2:])
            if len(lengths) > 1 and scenario.setup.size > 1:
                yield sum(lengths)


def _of_pair(scenario: Scenario, shape: int) -> list[int]:
    """Linux makes a table of several where it may."""
    return [] if scenario.setup.indirect else SHAPES[shape % len(SHAPES)]


def _of_device(scenario: Scenario, how: int, writable: Any, short: int) -> list[int]:
    if scenario.setup.indirect and how % TABLES != DIRECT:
        return []
    whole = WHOLE[scenario.setup.buffers] + scenario.setup.header_bytes - HEADER_BYTES
    lengths = list(writable) or [whole]
    return lengths if short or sum(lengths) >= whole else [*lengths, whole - sum(lengths)]
