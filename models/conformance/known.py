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
    """id: for `--replay`; clause, summary: as the deviation has them; versions: where it was seen.

    avoid: (operation, argument, value) that leads to it; most drawn scenarios leave such operations out, since
        nothing is to be seen behind a deviation after which the target has given up
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

    def scenario(self, target: str) -> Scenario:
        """What shows it."""
        return Scenario(target, self.setup, self.operations, self.hostile, "saved")

    def is_this(self, target: str, found: Deviation) -> bool:
        return target in self.targets and found.cause == (self.clause, self.summary)


LINUX: Final = ("6.1.192 (Debian 6.1.192-2)",)

QEMU: Final = ("7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)",)

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
    Known(
        "qemu-num-buffers",
        ("qemu",),
        "5.1.9.4.1-1",
        "without MRG_RXBUF num_buffers is 1",
        "receive_header() writes the ten bytes of the old header where buffers do not merge: num_buffers keeps what "
        "was in the buffer before",
        QEMU,
        setup(2),
        (("refill", 1), ("inject", 60), ("settle",)),
    ),
    Known(
        "qemu-chain-then-table",
        ("qemu",),
        "2.7.5.3.2-2",
        "it handles a chain that ends in one indirect descriptor",
        "virtqueue_split_pop() looks for an indirect table only in the first descriptor of a chain",
        QEMU,
        setup(4, indirect=True),
        (("post", 0, 2, [12, 1514], 0), ("publish", 0), ("notify",), ("inject", 60), ("settle",)),
        avoid=(("post", 2, 2),),
    ),
    Known(
        "qemu-first-interrupt",
        ("qemu", "spec-device"),
        "2.7.7.2-6",
        "with EVENT_IDX it does not notify when used_event was not passed",
        "virtio_split_should_notify() interrupts whenever it does not know what it last announced: at first, and after "
        "its indices have gone half their way round",
        QEMU,
        setup(2, event_idx=True),
        (("event", -2), ("refill", 1), ("inject", 60), ("settle",)),
    ),
)


def known_of(target: str) -> list[Known]:
    """What is known of a target."""
    return [k for k in KNOWN if target in k.targets]


def avoided(target: str) -> frozenset[tuple[str, int, int]]:
    """What most drawn scenarios of a target leave out."""
    return frozenset(a for k in known_of(target) for a in k.avoid)


def recognise(target: str, found: Deviation) -> Known | None:
    """The entry about a finding."""
    return next((k for k in KNOWN if k.is_this(target, found)), None)
