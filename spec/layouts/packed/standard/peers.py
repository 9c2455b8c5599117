"""The standard's sides on a packed ring: what each keeps of it for itself, and the state that their steps work on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, ClassVar

from vrx.spec.layouts.packed.contexts import PackedMainLoop
from vrx.spec.layouts.packed.memory import PackedRing, stored
from vrx.spec.layouts.packed.queues import PackedVirtQueue, PackedVirtqueue
from vrx.spec.layouts.packed.standard.rules import RULES
from vrx.spec.standard.config import PeerConfig
from vrx.spec.standard.peers import PeerState, Side, Watch, new_peers
from vrx.spec.words import Array, Index, Of


@dataclass(slots=True)
class PackedSide(Side):
    """One side of a packed ring.

    first_lap: of each slot, whether the flags that this side wrote there last are of the lap with wrap counter 1
    heard: the other side's flags said that its position counts, and that is not read yet
    named: the position that it will wait for is named, and its flags do not refer to it yet
    """

    first_lap: Annotated[Array[bool], Of(bool)] = field(default_factory=Array)
    heard: bool = False
    named: bool = False


@dataclass(slots=True)
class AnyDevice(PackedSide):
    """The most general device.  last_avail_idx: what it has taken, as QEMU calls it; used_idx: up to where it has
    marked descriptors as used without a gap."""

    side: ClassVar[str] = "device"
    last_avail_idx: Index = 0
    used_idx: Index = 0
    broken = False


@dataclass(slots=True)
class AnyDriver(PackedSide):
    """The most general driver.  last_used_idx: what it has received, as Linux calls it; next_avail_idx: up to where it
    has marked descriptors as available without a gap."""

    side: ClassVar[str] = "driver"
    last_used_idx: Index = 0
    next_avail_idx: Index = 0
    broken = False


@dataclass(slots=True)
class PackedWatch(Watch):
    """What the standard makes of what it sees in a packed ring."""

    rules: ClassVar[tuple[str, ...]] = RULES


class Ring(PeerState):
    """A closed system around a packed ring."""

    __slots__ = ()
    ring: PackedRing
    vq: PackedVirtqueue | AnyDriver
    dev: PackedVirtQueue | AnyDevice
    main: PackedMainLoop | None


def new_ring(cfg: PeerConfig) -> PeerState:
    """DRIVER_OK set, the ring empty, all buffers with the driver."""

    def side(kind: Any) -> Any:
        return partial(kind, first_lap=Array([False] * cfg.size))

    return new_peers(cfg, side(AnyDriver), side(AnyDevice), PackedWatch, stored(cfg))
