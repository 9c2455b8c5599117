"""What a target is: a device under test, or a driver under test.

A target runs in a process of its own and shares memory with the harness, which
plays the other side.  It is told what its surroundings do (a kick, an interrupt,
a frame from the network) and asked what it made of it: memory is looked at, and
notifications are counted.  `settle()` returns when the target will do nothing
more by itself: a missing notification is judged only after it.

A target need not be fast to be right, and must not be clever: it reports what
happened, never what it should have been.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from vrx.models.conformance.errors import Missing
from vrx.models.conformance.memory import Memory, Segment
from vrx.models.conformance.wire.header import HASH_HEADER_BYTES, HEADER_BYTES
from vrx.models.conformance.wire.layout import Layout, QueueAddresses
from vrx.models.conformance.wire.protocol import Terms


class Feature(IntEnum):
    """Feature bits by their number.  VIRTIO 1.4: 5.1.3 (Feature bits), 6 (Reserved Feature Bits)."""

    NET_CSUM = 0
    NET_GUEST_CSUM = 1
    NET_MTU = 3
    NET_MAC = 5
    NET_GUEST_TSO4 = 7
    NET_GUEST_TSO6 = 8
    NET_GUEST_ECN = 9
    NET_GUEST_UFO = 10
    NET_MRG_RXBUF = 15
    NET_STATUS = 16
    NET_CTRL_VQ = 17
    NET_CTRL_RX = 18
    NET_CTRL_VLAN = 19
    NET_CTRL_RX_EXTRA = 20
    NET_MQ = 22
    RING_INDIRECT_DESC = 28
    RING_EVENT_IDX = 29
    VERSION_1 = 32
    ACCESS_PLATFORM = 33
    RING_PACKED = 34
    IN_ORDER = 35
    ORDER_PLATFORM = 36
    NOTIFICATION_DATA = 38
    RING_RESET = 40
    NET_HASH_REPORT = 57


Buffers = Literal["small", "big", "mergeable"]


@dataclass(frozen=True)
class Setup:
    """One configuration: how large the queue is, what is negotiated, what buffers the driver posts.

    size: entries of the queue; 1..32768, a power of two for the split layout
    features: what both sides negotiate, VERSION_1 always among it
    buffers: "small": one buffer holds a packet of up to 1514 bytes; "big": one buffer holds one of 64 KiB;
        "mergeable": a packet takes as many as it needs (goes with NET_MRG_RXBUF, and only with it)
    """

    size: int = 256
    features: frozenset[Feature] = frozenset({Feature.VERSION_1})
    buffers: Buffers = "small"

    def __post_init__(self) -> None:
        if (self.buffers == "mergeable") != self.has(Feature.NET_MRG_RXBUF):
            raise ValueError(f"{self.buffers} buffers: mergeable ones go with NET_MRG_RXBUF, and only with it")
        if not 1 <= self.size <= 32768 or (self.layout == "split" and self.size & (self.size - 1)):
            raise ValueError(f"a {self.layout} queue cannot have {self.size} entries")

    def has(self, feature: Feature) -> bool:
        """Is the feature negotiated?"""
        return feature in self.features

    @property
    def layout(self) -> Layout:
        return "packed" if self.has(Feature.RING_PACKED) else "split"

    @property
    def event_idx(self) -> bool:
        return self.has(Feature.RING_EVENT_IDX)

    @property
    def indirect(self) -> bool:
        return self.has(Feature.RING_INDIRECT_DESC)

    @property
    def terms(self) -> Terms:
        """What of it shows on the wire."""
        return Terms(self.event_idx, self.indirect)

    @property
    def mergeable(self) -> bool:
        return self.buffers == "mergeable"

    @property
    def header_bytes(self) -> int:
        """Length of struct virtio_net_hdr in bytes."""
        return HASH_HEADER_BYTES if self.has(Feature.NET_HASH_REPORT) else HEADER_BYTES

    @property
    def name(self) -> str:
        """For people and reports, e.g. `split 256 mergeable RING_EVENT_IDX`."""
        quiet = {Feature.VERSION_1, Feature.RING_PACKED, Feature.NET_MRG_RXBUF}
        names = [f.name for f in sorted(self.features - quiet)]
        return " ".join([self.layout, str(self.size), self.buffers, *names])


def setup(
    size: int = 256,
    *features: Feature,
    packed: bool = False,
    event_idx: bool = False,
    indirect: bool = False,
    mergeable: bool = False,
    big: bool = False,
) -> Setup:
    """A configuration in words: `setup(16, event_idx=True)`."""
    chosen = {Feature.VERSION_1, *features}
    chosen |= {
        feature
        for feature, wanted in (
            (Feature.RING_PACKED, packed),
            (Feature.RING_EVENT_IDX, event_idx),
            (Feature.RING_INDIRECT_DESC, indirect),
            (Feature.NET_MRG_RXBUF, mergeable),
        )
        if wanted
    }
    return Setup(size, frozenset(chosen), "mergeable" if mergeable else "big" if big else "small")


SideName = Literal["device", "driver", "pair"]
"""What a target is; a pair is both."""

__all__ = [
    "About", "Crashed", "DeviceUnderTest", "DriverUnderTest", "Fault", "Feature", "Hung", "Missing",
    "PairUnderTest", "Plan", "QueueDriver", "Segment", "Setup", "SideName", "Taken", "Target", "Unsupported", "setup",
]  # fmt: skip


class Unsupported(Exception):
    """The target cannot do what it is asked (an optional operation, a configuration).  Never a deviation."""


class Crashed(Exception):
    """The implementation behind the target ended: a result, with the scenario that did it.  The text says how."""


class Hung(Exception):
    """The implementation behind the target does not come to rest within its limit: a result, too."""


class Target(Protocol):
    """What both kinds of target have.

    memory: what both sides map.  Valid from the moment the target is made until `close`.
    can: optional operations that it offers: "stop" (stop and go_on), "reset_queue", "begin" (`begin(index)`: a fresh
        queue as if so many buffers had gone through it); of a QueueDriver also "prepare" (prepare and poll), "delayed"
        (enable_delayed); of a device also "steps": `steps(n)` lets it do a part of what it has to do.
        What it cannot take: "shape": `shape(lengths)` says which buffer it takes instead of one with segments of
        these lengths; of a QueueDriver "writable": it takes only what the device writes
    lies: where it has such an attribute, the kinds of lies (the first argument of `lie`) that it can be told
    refuses: where it has such an attribute, why it cannot be told another kind: one line for each
    """

    memory: Memory
    can: frozenset[str]

    def version(self) -> str:
        """Name and version of the implementation, e.g. `QEMU 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)`."""

    def setups(self) -> Sequence[Setup]:
        """The configurations that it can be tested in, the cheapest first.  Sizes are examples of what it takes."""

    def settle(self) -> None:
        """Return when the target will do nothing more by itself.

        Raises Crashed if the implementation ended, Hung if it does not come to rest.
        """

    def broken(self) -> bool:
        """Has it given the queue or the device up (DEVICE_NEEDS_RESET, a ring marked broken)?"""

    def reset(self) -> None:
        """Device reset: back to before `start`, whatever is in flight.  `start` may follow."""

    def reset_queue(self) -> None:
        """Reset the receive queue alone and set it up empty at the same place (RING_RESET), if "reset_queue" in can."""

    def stop(self) -> None:
        """Stop the machine that the target runs in until `go_on`: it does not receive or notify, if "stop" in can."""

    def go_on(self) -> None:
        """Let a stopped machine go on."""

    def close(self) -> None:
        """End everything that the target has started, and leave nothing on disk.  May be called twice."""


@runtime_checkable
class DeviceUnderTest(Target, Protocol):
    """A device: the harness is its driver, chooses where the ring lies, posts buffers, and sends it frames."""

    def start(self, setup: Setup, queue: QueueAddresses) -> None:
        """Reset, negotiate setup.features, set up the receive queue at `queue`, set DRIVER_OK.

        The ring is zeroed by the caller before.  No kick is implied: a device that
        looks at the ring at DRIVER_OK is as good as one that waits for the first kick.
        Raises Unsupported for a configuration that it does not take.
        """

    def kick(self) -> None:
        """The driver's notification for the receive queue.  Need not wait for what the device makes of it."""

    def inject(self, frame: bytes) -> None:
        """A frame of 1..65535 bytes arrives from the network.

        Frames stay in order.  Never blocks: whether the device queues or drops is its own affair.
        """

    def interrupts(self) -> int:
        """How many interrupts for the receive queue came since the last call.

        Several in a row may be counted as one (a level that was already up); none is never counted as one.
        """


class Taken(NamedTuple):
    """What a driver got back: the token that the buffer was posted with, and the length that it was told."""

    token: int
    length: int


@runtime_checkable
class DriverUnderTest(Target, Protocol):
    """A driver: the harness is its device, takes posted buffers, fills them, and interrupts.

    A whole driver posts and takes by itself, from `start` on and at each interrupt.
    One that is only the queue's half of a driver is a `QueueDriver`.
    """

    def start(self, setup: Setup) -> QueueAddresses:
        """Reset, negotiate, make a fresh receive queue; where it lies.  Raises Unsupported."""

    def interrupt(self) -> None:
        """The device's notification.  Need not wait for what the driver makes of it."""

    def kicks(self) -> int:
        """How many kicks of the receive queue came since the last call; several may be counted as one."""

    def delivered(self) -> Sequence[bytes] | None:
        """The frames handed to the layer above since the last call; None if the target cannot say."""


@runtime_checkable
class QueueDriver(DriverUnderTest, Protocol):
    """The queue's half of a driver: the harness calls what a network driver would call."""

    def post(self, segments: Sequence[Segment], token: int) -> bool:
        """Make a buffer available: 1..size segments, readable ones first.

        False if there is no room, or the queue is broken.
        """

    def kick(self) -> None:
        """Notify the device of what was posted, if it wants to know."""

    def take(self) -> Taken | None:
        """The next used buffer; None if there is none that the driver sees."""

    def disable(self) -> None:
        """Ask for no more interrupts."""

    def enable(self) -> bool:
        """Ask for interrupts again.  False if used buffers are waiting already: nothing will be signalled for them."""

    def prepare(self) -> int:
        """The first half of `enable`: ask for interrupts again; a number that `poll` takes.  If "prepare" in can."""

    def poll(self, mark: int) -> bool:
        """The second half: was a buffer used since `prepare` gave `mark`?  True: nothing will be signalled for it."""

    def enable_delayed(self) -> bool:
        """Ask for an interrupt when a good part of what is outstanding is used.

        False if that much is used already.  If "delayed" in can.
        """

    def called_back(self) -> int:
        """How often the driver's callback ran since the last call."""

    def detach(self) -> int | None:
        """After a reset: the token of a buffer that never came back; None if there is none left."""


class PairUnderTest(Protocol):
    """A driver's queue and a device in one memory: the harness hands kicks and interrupts from one to the other.

    can: optional operations, as of a `Target`
    """

    memory: Memory
    can: frozenset[str]

    @property
    def driver(self) -> QueueDriver: ...

    @property
    def device(self) -> DeviceUnderTest: ...

    def version(self) -> str:
        """Of both."""

    def setups(self) -> Sequence[Setup]:
        """What both take."""

    def start(self, setup: Setup) -> QueueAddresses:
        """A fresh queue of the driver, and the device fresh on it; where it lies."""

    def close(self) -> None:
        """End both."""


@dataclass(frozen=True)
class Fault:
    """A fault that can be planted in a target: `vrx conform TARGET+NAME`.

    kind: what is changed; unseen: why driving it cannot show the fault, or an empty string
    """

    name: str
    kind: str
    unseen: str = ""


@dataclass(frozen=True)
class Plan:
    """How a target is made: what `vrx conform NAME` needs to know before it runs.

    make: `package.module:Class`, called without arguments in the worker, or with `options` as keywords
    side: what the target is; a pair is both sides, with only the network and the line between them left to the harness
    packages: Debian packages that it needs, for the line that is printed when one is missing
    model: whose control graph tours follow it along, as it is modelled in `spec/`: "qemu" or "linux"
    faults: what can be planted in it, and `--sensitivity` plants one after the other
    exhibits: these faults are exhibits: the class is made with `fault=` the exhibit, not with its name
    """

    name: str
    make: str
    side: SideName
    about: str
    packages: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = field(default=())
    model: str = ""
    faults: tuple[Fault, ...] = ()
    exhibits: bool = False


class About(NamedTuple):
    """What a target says of itself.  checks: names of those that it brings along; can, model: as above."""

    version: str
    setups: tuple[Setup, ...]
    side: SideName
    checks: tuple[str, ...]
    can: frozenset[str]
    model: str
