"""What is negotiated between a device and a driver, as far as the standard's rules depend on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from vrx.spec.config import Config
from vrx.spec.config.group import Within


@dataclass(frozen=True)
class StandardConfig(Config):
    """A virtqueue of the standard.  Of `spec.config.Config` matter size, idx_bits, event_idx, mergeable and memory.

    in_order     VIRTIO_F_IN_ORDER negotiated: buffers come back in the order in which they were offered
    lengths      capacities of buffers and used lengths are part of the state
    len_bits     width of a capacity and of a length; VIRTIO has 32
    header       the smallest buffer, in the unit of lengths: 12 bytes, 20 with VIRTIO_NET_F_HASH_REPORT
    whole        the smallest buffer that holds every packet where buffers do not merge, in the unit of lengths
    frame        MTU negotiated: header and longest frame, in the unit of lengths; 0: no limit
    event_structure   who listens says so by flags that may refer to an event: a packed ring
    """

    in_order: bool = False
    lengths: bool = False
    len_bits: Annotated[int, Within(1, 32)] = 2
    header: int = 1
    whole: int = 1
    frame: int = 0
    event_structure: bool = False

    def wrong(self) -> Iterator[str]:
        yield from super().wrong()
        if self.symmetry:
            yield "symmetry: the standard's queue has no free list with numbers; use rx(symmetry=True)"
        if not 0 <= self.header < 1 << self.len_bits:
            yield f"header={self.header}: use 0..{(1 << self.len_bits) - 1}"
        if self.frame and not self.lengths:
            yield "frame: a limit of what is not counted; use lengths=True with it"

    @property
    def kinds(self) -> int:
        """How many kinds of packet there are: frames, and with MTU negotiated those to be segmented."""
        return 2 if self.frame > 0 else 1

    @property
    def top_quiet(self) -> int:
        """The largest value of who wants to hear what: 0 or 1, and 2 where the flags may refer to an event."""
        return 2 if self.event_structure else 1

    @property
    def sizes(self) -> int:
        """How many capacities and lengths there are."""
        return 1 << self.len_bits if self.lengths else 1

    def describe(self) -> str:
        """The configuration in a few words."""
        words = [f"size={self.size}", "event_idx" if self.event_idx else "flags"]
        words += [f"idx_bits={self.idx_bits}"] if self.idx_bits != 3 else []
        words += [name for name in ("in_order", "mergeable", "lengths") if getattr(self, name)]
        words += [f"frame={self.frame}"] if self.frame else []
        return f"standard({', '.join(words)})"


@dataclass(frozen=True)
class PeerConfig(Config):
    """A ring in memory with the standard's device or driver (or both) on it.

    peer         which side is the standard's: "any-device" with Linux's driver, "any-driver" with QEMU's device, or
                 "any" for both
    watched      the standard looks on: what both sides do to the ring is followed by its rules
    looks_again  the standard's sides look once more after they have asked for a notification, before they sleep:
                 the standard recommends it and demands it nowhere
    in_order     VIRTIO_F_IN_ORDER negotiated, which neither Linux 6.1 nor QEMU 7.2 knows
    """

    peer: Literal["", "any-device", "any-driver", "any"] = ""
    watched: bool = False
    looks_again: bool = True
    in_order: bool = False

    def wrong(self) -> Iterator[str]:
        yield from super().wrong()
        if self.packets or self.positions:
            yield "watch, data and positions are not modelled with the standard's sides"
        if self.symmetry:
            yield "symmetry: the standard's sides keep numbers of buffers; use rx(symmetry=True)"
        if self.busy_polls or self.netpolls or self.gro_flush_timeout or self.opens != "softirq":
            yield "busy_poll, netpoll, gro_flush_timeout and opens are not modelled with the standard's sides"
        if self.delayed and self.peer not in ("", "any-device"):
            yield f"enable_cb=delayed with peer={self.peer}: nothing of Linux is left; use peer=any-device"
        if self.liar:
            yield f"hostile={self.hostile}: the standard's sides do not lie; use rx(hostile=...)"
        if self.in_order and (self.peer != "any" or self.watched):
            yield "in_order: negotiated between the standard's sides only, and nobody looks on; use peer=any"
        if self.stops and self.peer != "any-driver":
            yield "stops: the standard's device does not stop; use peer=any-driver"

    @property
    def event_structure(self) -> bool:
        """Flags and event are one structure: on a packed ring."""
        return self.layout.event_structure

    @property
    def top_quiet(self) -> int:
        """The largest value of who wants to hear what: 0 or 1, and 2 where the flags may refer to an event."""
        return 2 if self.event_structure else 1

    @property
    def ways_to_ask(self) -> int:
        """Of the flags of an event suppression structure: they refer to an event only with the event index."""
        return 3 if self.event_idx else 2

    @property
    def lengths(self) -> bool:
        """Lengths are not part of the state."""
        return False

    @property
    def len_bits(self) -> int:
        """Width of a length: there are none."""
        return 1

    def describe(self) -> str:
        """The configuration in a few words."""
        who = {"": "Linux and QEMU", "any-device": "Linux and any device", "any-driver": "any driver and QEMU"}
        ring = [] if self.layout == Config.layout else [self.layout.name]
        words = [who.get(self.peer, "any driver and any device"), *ring, *self.words()]
        words += [word for word in ("watched",) if self.watched]
        words += [word for word in ("in_order",) if self.in_order]
        words += [] if self.looks_again else ["sides do not look again"]
        return f"standard({', '.join(words)})" + self.left_out()


Negotiated = StandardConfig | PeerConfig
"""What the rules of a virtqueue depend on."""
