"""What can be observed of a virtqueue, and what is said of it: the words between a harness and the judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vrx.spec.standard.clauses import CLAUSES
from vrx.spec.standard.header import Header

Side = Literal["device", "driver"]


@dataclass(frozen=True, slots=True)
class DriverOk:
    """The driver set DRIVER_OK, or cleared SUSPEND.

    used_flags: what it left in used.flags; where: the addresses of its parts: descriptors, what the driver
        writes, what the device writes
    """

    used_flags: int = 0
    where: tuple[int, int, int] = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Suspended:
    """The device reports SUSPEND."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Device or queue reset, complete."""


@dataclass(frozen=True, slots=True)
class Available:
    """The driver placed a buffer.

    head: its descriptor, or its ID; capacity: bytes that the device may write, 0..2**32-1; span: slots of a packed
    ring that it takes
    """

    head: int
    capacity: int = 0
    span: int = 1


@dataclass(frozen=True, slots=True)
class AvailablePublished:
    """The driver moved its index by `count`, modulo 2**16; on a packed ring it made `count` buffers available."""

    count: int = 1


@dataclass(frozen=True, slots=True)
class Used:
    """The device placed a used entry.  header: of the packet that begins in it, None where none begins."""

    head: int
    length: int = 0
    header: Header | None = None


@dataclass(frozen=True, slots=True)
class UsedPublished:
    """The device moved its index by `count`, modulo 2**16; on a packed ring it made `count` buffers used."""

    count: int = 1


@dataclass(frozen=True, slots=True)
class AskInterrupts:
    """The driver wrote avail.flags or used_event: both as they stand now.

    On a packed ring the flags of its event suppression structure, and its position: the slot, and the size more with
    wrap counter 0.
    """

    flags: int = 0
    event: int = 0


@dataclass(frozen=True, slots=True)
class AskKicks:
    """The device wrote used.flags or avail_event: both as they stand now; on a packed ring as `AskInterrupts`."""

    flags: int = 0
    event: int = 0


@dataclass(frozen=True, slots=True)
class Kicked:
    """The driver notified the device.  data: with NOTIFICATION_DATA the 16 bits of next_off and next_wrap."""

    data: int | None = None


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The device notified the driver of used buffers."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The side has had all the time it could want; None: both."""

    side: Side | None = None


Event = (
    DriverOk | Suspended | Reset | Available | AvailablePublished | Used | UsedPublished | AskInterrupts | AskKicks
    | Kicked | Interrupted | Settled
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """A rule that an event broke, or, from `outstanding`, one that is owed.

    clause: its number; side: who broke it; level: MUST, MUST NOT, SHOULD, SHOULD NOT, or RULE for one without a
    key word; text: the rule
    """

    clause: str
    side: str
    level: str
    text: str

    @property
    def deviation(self) -> bool:
        """Is it more than advice that was not followed?"""
        return not self.level.startswith("SHOULD")

    def __str__(self) -> str:
        return f"{self.clause} ({self.side} {self.level}): {self.text}"


def verdict(clause: str) -> Verdict:
    """A clause as a verdict."""
    rule = CLAUSES[clause]
    return Verdict(clause, rule.who, rule.level, rule.text)
