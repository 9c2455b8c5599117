"""The configuration of a receive system: constants that steps may ask for."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal


class BadConfiguration(ValueError):
    """An option or a combination of options that no system can have; the text says what to use."""


@dataclass(frozen=True)
class Config:
    """What is negotiated, how large things are, and what the machine underneath is like.

    size           queue size, a power of two, 1..32768 (VIRTIO 1.4, 2.7)
    idx_bits       width of the free-running ring indices, 2..16; VIRTIO has 16
    event_idx      VIRTIO_F_EVENT_IDX negotiated
    memory         "sc" sequential consistency, "tso" a store buffer per CPU
    buffer_depth   entries of each store buffer under TSO, 1..8
    guest          "smp": atomic instructions of the guest drain its store buffer; "up": they do not
    irq            "same": one CPU takes the interrupt and polls; "other": CPU 1 takes the interrupt,
                   CPU 0 polls (threaded NAPI); "any": either CPU, and the one that schedules polls
    caller         "virtio_net": QEMU's virtio_net_receive() uses the queue; "any": the most general caller of QEMU's
                   virtqueue functions does, which completes in any order
    mergeable      VIRTIO_NET_F_MRG_RXBUF: a packet may take several buffers
    max_packet     largest packet, in buffers; 2 without mergeable is a packet that does not fit
    watch          a packet's identity is part of the state: before, after, or the one that is watched
    data           so are descriptors, headers and lengths, with every access to them
    positions      ghost: where each buffer is, and the free list as a stack, for the proofs without bounds
    stops          the environment may stop and continue the virtual machine
    arrivals       the environment may offer packets
    without        names of barriers that are taken out
    """

    size: int = 1
    idx_bits: int = 3
    event_idx: bool = False
    memory: Literal["sc", "tso"] = "sc"
    buffer_depth: int = 2
    guest: Literal["smp", "up"] = "smp"
    irq: Literal["same", "other", "any"] = "same"
    caller: Literal["virtio_net", "any"] = "virtio_net"
    mergeable: bool = False
    max_packet: int = 2
    watch: bool = False
    data: bool = False
    positions: bool = False
    stops: bool = False
    arrivals: bool = True
    without: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for name, allowed in _WORDS.items():
            value = getattr(self, name)
            if value not in allowed:
                raise BadConfiguration(f"{name}={value!r}: use one of {', '.join(allowed)}")
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if isinstance(value, int) and not low <= value <= high:
                raise BadConfiguration(f"{name}={value}: use {low}..{high}")
        if isinstance(self.size, int):
            if self.size & (self.size - 1):
                raise BadConfiguration(
                    f"size={self.size}: the size of a split ring is a power of two "
                    f"(VIRTIO 1.4, 2.7); use {1 << self.size.bit_length() - 1} or {1 << self.size.bit_length()}"
                )
            need = min(self.size.bit_length() + 1, 16)
            if self.idx_bits < need:
                raise BadConfiguration(
                    f"idx_bits={self.idx_bits} is too narrow for a ring of {self.size}: "
                    f"use {need} or more, or indices that differ would look equal"
                )
            if self.mergeable and self.max_packet > self.size:
                raise BadConfiguration(
                    f"max_packet={self.max_packet}: a ring of {self.size} never holds such a packet; "
                    f"use 1..{self.size}"
                )
        if self.mergeable and self.packets:
            raise BadConfiguration("mergeable with watch or data: not modelled yet; use one of them")
        if self.general and (self.mergeable or self.packets or self.stops):
            raise BadConfiguration("caller=any with mergeable, watch, data or stops: they belong to caller=virtio_net")
        if self.guest == "up" and self.irq != "same":
            raise BadConfiguration(
                f"guest=up with irq={self.irq}: a uniprocessor guest has one CPU; use irq=same"
            )

    @property
    def packets(self) -> bool:
        """Are packet identities part of the state?"""
        return self.watch or self.data

    @property
    def slots(self) -> int:
        """The largest descriptor number, size - 1."""
        return self.size - 1

    @property
    def value_bits(self) -> int:
        """Bits of the widest number that waits in a store buffer."""
        return max(self.idx_bits, self.size.bit_length() if isinstance(self.size, int) else 16, 3)

    @property
    def in_hand(self) -> int:
        """How many buffers the device can hold at once."""
        if self.general:
            return self.size
        return self.max_packet if self.mergeable else 1

    @property
    def general(self) -> bool:
        """Is the device's side the most general caller of QEMU's virtqueue functions?"""
        return self.caller == "any"

    @property
    def most(self) -> int:
        """How many buffers may be asked for at once: by a packet, or by a general caller."""
        return self.size if self.general else self.max_packet

    @property
    def owing(self) -> int:
        """The largest value of `MainLoop.owed`, which only a general caller has."""
        return int(self.general)

    def describe(self) -> str:
        """The configuration in a few words, as reports name a system."""
        words = ["split", f"size={self.size}"]
        words.append("event_idx" if self.event_idx else "flags")
        words.append(self.memory)
        words.append(self.guest)
        words.append(f"irq={self.irq}")
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in _SHOWN and value != field.default:
                words.append(field.name if value is True else f"{field.name}={value}")
        if not self.arrivals:
            words.append("no arrivals")
        return "rx(" + ", ".join(words) + ")" + "".join(f" without {b}" for b in sorted(self.without))


_SHOWN = ("idx_bits", "buffer_depth", "caller", "mergeable", "watch", "data", "stops", "max_packet")
_WORDS: dict[str, tuple[str, ...]] = {
    "memory": ("sc", "tso"),
    "guest": ("smp", "up"),
    "irq": ("same", "other", "any"),
    "caller": ("virtio_net", "any"),
}
_RANGES = {
    "size": (1, 32768),
    "idx_bits": (2, 16),
    "buffer_depth": (1, 8),
    "max_packet": (1, 32768),
}
