"""Linux's virtqueue, as the driver."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vrx.models.conformance.known.known import LINUX, Known
from vrx.models.conformance.protocol import setup

LINUX_KNOWN: Final[Sequence[Known]] = (
    Known(
        "linux-kick-without-room",
        ("linux-vring",),
        "2.7.10.1-7",
        "with EVENT_IDX it does not kick when avail_event was not passed: when a buffer is refused for want of room",
        "virtqueue_add_split() notifies when there is no room for a buffer with a readable part, whatever the device "
        "asked for: the C says for historical reasons",
        LINUX,
        setup(1, event_idx=True),
        (("event", 5), ("post", 0, [64], []), ("post", 0, [], [12])),
    ),
    Known(
        "linux-kick-without-room-flag",
        ("linux-vring",),
        "2.7.10.1-3",
        "without EVENT_IDX it does not kick while used.flags is 1: when a buffer is refused for want of room",
        "the same: virtqueue_add_split() notifies when there is no room, and does not look at the flag",
        LINUX,
        setup(1),
        (("quiet", 1), ("post", 0, [64], []), ("post", 0, [], [12])),
    ),
)
