"""Deviations that are known: who, which clause, why, seen in which versions, and the scenario that shows each.

A known one is reported as known; one whose scenario no longer shows it is
reported as gone.  docs/deviations.md says what each means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from models.conformance.deviation import Deviation
from models.conformance.protocol import Setup, setup
from models.conformance.scenario import Operation, Scenario


@dataclass(frozen=True)
class Known:
    """id: for `--replay`; about: the clause; summary: as the deviation has it; versions: where it was seen."""

    id: str
    targets: tuple[str, ...]
    clause: str
    summary: str
    reason: str
    versions: tuple[str, ...]
    setup: Setup
    operations: tuple[Operation, ...]
    hostile: bool = False

    def scenario(self, target: str) -> Scenario:
        """What shows it."""
        return Scenario(target, self.setup, self.operations, self.hostile, "saved")

    def is_this(self, target: str, found: Deviation) -> bool:
        return target in self.targets and found.cause == (self.clause, self.summary)


LINUX: Final = ("6.1.192 (Debian 6.1.192-2)",)

KNOWN: Final[Sequence[Known]] = (
    Known(
        "linux-kick-without-room",
        ("linux-vring",),
        "2.7.10.1-7",
        "with EVENT_IDX it does not kick when avail_event was not passed",
        "virtqueue_add_split() notifies when there is no room for a buffer with a readable part, whatever the device "
        "asked for: the C says for historical reasons",
        LINUX,
        setup(1, event_idx=True),
        (("event", 5), ("post", 0, [64], []), ("post", 0, [], [12])),
    ),
)


def known_of(target: str) -> list[Known]:
    """What is known of a target."""
    return [k for k in KNOWN if target in k.targets]


def recognise(target: str, found: Deviation) -> Known | None:
    """The entry about a finding."""
    return next((k for k in KNOWN if k.is_this(target, found)), None)
