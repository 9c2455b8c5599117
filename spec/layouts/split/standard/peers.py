"""The standard's sides on a split ring: what each keeps of it for itself, and the state that their steps work on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vrx.spec.layouts.split.contexts import SplitMainLoop
from vrx.spec.layouts.split.memory import LOCATIONS, SplitRing
from vrx.spec.layouts.split.queues import SplitVirtQueue, SplitVirtqueue
from vrx.spec.layouts.split.standard.rules import RULES
from vrx.spec.standard.config import PeerConfig
from vrx.spec.standard.peers import PeerState, Side, Watch, new_peers
from vrx.spec.words import Index


@dataclass(slots=True)
class AnyDevice(Side):
    """The most general device.  last_avail_idx, used_idx: what it has taken and published, as QEMU calls them."""

    side: ClassVar[str] = "device"
    last_avail_idx: Index = 0
    used_idx: Index = 0
    broken = False


@dataclass(slots=True)
class AnyDriver(Side):
    """The most general driver.  last_used_idx, avail_idx_shadow: received and published, as Linux calls them."""

    side: ClassVar[str] = "driver"
    last_used_idx: Index = 0
    avail_idx_shadow: Index = 0
    broken = False


@dataclass(slots=True)
class SplitWatch(Watch):
    """What the standard makes of what it sees in a split ring."""

    rules: ClassVar[tuple[str, ...]] = RULES


class Ring(PeerState):
    """A closed system around a split ring."""

    __slots__ = ()
    ring: SplitRing
    vq: SplitVirtqueue | AnyDriver
    dev: SplitVirtQueue | AnyDevice
    main: SplitMainLoop | None


def new_ring(cfg: PeerConfig) -> PeerState:
    """DRIVER_OK set, the ring empty, all buffers with the driver."""
    return new_peers(cfg, AnyDriver, AnyDevice, SplitWatch, LOCATIONS)
