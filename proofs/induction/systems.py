"""The systems of the proof, for every ring size, and what it takes to be reached in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.claims import Tier
from models.system import System, rx
from spec.properties import Property, no_lost_interrupt, no_lost_kick, rest_is_idle, ring_not_broken, single_owner

GOALS: tuple[Property, ...] = (no_lost_interrupt, no_lost_kick, single_owner)
"""The headline claims."""
ALSO: tuple[Property, ...] = (rest_is_idle, ring_not_broken)
"""What comes for nothing."""
SYMBOLIC = (
    "any power-of-two ring size from 1 to 32768, indices of 16 bits, any number of packets, any budget; "
    "fixed: the largest packet in buffers (1 where buffers do not merge, else as named), completion in order, "
    "the depth of the store buffers"
)
UNREACHABLE = {
    "vring_set_avail_event": "QEMU pops only after it has turned notification off",
    "virtqueue_get_buf_ctx_split__event": "a poll turns callbacks off before it takes a buffer",
    "virtqueue_get_buf_ctx_split__event_mb": "a poll turns callbacks off before it takes a buffer",
}
"""Steps that the invariant excludes, and why."""
UNREACHABLE_MERGING = {
    "virtio_queue_split_empty": "where buffers merge, virtio_net_has_buffers() counts at once",
    "virtqueue_unpop": "the device counts before it pops, so it never has to give a buffer back",
}
"""The same, only where buffers merge."""


@dataclass(frozen=True)
class AnySize(System):
    """A receive system whose ring size is a variable; where a number is needed, that of the configuration serves."""

    @property
    def name(self) -> str:
        """What reports call it."""
        described: str = self.cfg.describe()
        described = described.replace(f"size={self.cfg.size}", "any size")
        return described + "".join(f" with {c}" for c in self.changed)


def unbounded(**options: Any) -> AnySize:
    """A receive system for the proof: 16-bit indices, ghost positions."""
    plain = rx(positions=True, idx_bits=16, **options)
    return AnySize(plain.cfg, plain.machines, plain.new_state, plain.actors, plain.may_run, plain.barriers)


def short(system: System) -> str:
    """A short name: `event-tso2-smp-same`."""
    cfg = system.cfg
    memory = f"tso{cfg.buffer_depth}" if cfg.memory == "tso" else "sc"
    words = ["event" if cfg.event_idx else "flags", memory, cfg.guest, cfg.irq]
    return "-".join([*words, f"merge{cfg.max_packet}"] if cfg.mergeable else words)


def systems() -> list[tuple[Tier, AnySize]]:
    """Event index on and off; SC, and TSO with buffers of 2, 3 and 4; guest smp and up; the interrupt on the polling
    CPU and on another."""
    out: list[tuple[Tier, AnySize]] = []
    for event_idx in (True, False):
        for memory, depth in (("sc", 2), ("tso", 2), ("tso", 3), ("tso", 4)):
            for guest, irq in (("smp", "same"), ("up", "same"), ("smp", "other")):
                quick = event_idx and (memory, depth, guest) == ("tso", 2, "up")  # nothing masks a barrier there
                system = unbounded(event_idx=event_idx, memory=memory, buffer_depth=depth, guest=guest, irq=irq)
                out.append(("quick" if quick else "full", system))
    for event_idx in (True, False):
        for memory, guest, irq in (("sc", "smp", "same"), ("tso", "smp", "same"), ("tso", "up", "same"),
                                   ("tso", "smp", "other")):  # fmt: skip
            out.append(("full", merging(2, event_idx=event_idx, memory=memory, guest=guest, irq=irq)))
        out.append(("full", merging(4, event_idx=event_idx)))
    return out


def merging(largest: int, **options: Any) -> AnySize:
    """A system with mergeable buffers, whose packets take up to so many."""
    return unbounded(mergeable=True, max_packet=largest, size=largest, **options)
