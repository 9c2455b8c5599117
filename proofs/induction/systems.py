"""The systems of the proof, for every ring size, and what it takes to be reached in them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any

from vrx.models.claims import Tier
from vrx.models.engines.induction.integer_reading import free_running
from vrx.models.systems.mended import flushing_everything, mended
from vrx.models.systems.system import RINGS, System, rx
from vrx.proofs.induction.layouts import PROOFS
from vrx.proofs.unreachable import UNREACHABLE
from vrx.spec.config import BadConfiguration, Config
from vrx.spec.layouts.packed.contexts import PackedQ
from vrx.spec.layouts.packed.shape import SHAPE as PACKED
from vrx.spec.properties import Property, no_lost_interrupt, no_lost_kick, rest_is_idle, ring_not_broken, single_owner

GOALS: tuple[Property, ...] = (no_lost_interrupt, no_lost_kick, single_owner)
"""The headline claims."""
ALSO: tuple[Property, ...] = (rest_is_idle, ring_not_broken)
"""What comes for nothing."""
_SPLIT = "any power-of-two ring size from 1 to 32768, indices of 16 bits"
_PACKED = "any ring size from 1 to 32768, powers of two or not"
_FLUSHED = {_SPLIT: "flushed in any portions", _PACKED: "flushed in one go"}


def symbolic(cfg: Config) -> str:
    """What is symbolic in the proof about a ring, and what is fixed."""
    sizes = _PACKED if cfg.layout is PACKED else _SPLIT
    return (
        f"{sizes}, any number of packets, any budget; where buffers merge, packets of any number of buffers that the "
        f"ring holds; with any caller, any number in hand, completed in any order, {_FLUSHED[sizes]}; fixed: the depth "
        "of the store buffers"
    )


@dataclass(frozen=True)
class AnySize(System):
    """A receive system whose ring size is a variable; where a number is needed, that of the configuration serves."""

    @property
    def name(self) -> str:
        """What reports call it."""
        described: str = self.cfg.describe()
        described = described.replace(f"size={self.cfg.size}", "any size")
        if self.cfg.mergeable:
            described = described.replace("max_packet=1", "packets of any size")
        return described + "".join(f" with {c}" for c in self.changed)


def unbounded(**options: Any) -> AnySize:
    """A receive system for the proof: indices of 16 bits where they run freely, ghost positions.

    A packed ring has the barrier that QEMU 7.2 lacks; and any caller flushes all that it has filled, as each of QEMU's
    does: what virtqueue_packed_flush() makes of a part is a bug (`proofs.museum.packed`).
    """
    system = rx(**options)
    if system.cfg.layout is PACKED:
        system = mended(system)
        if system.cfg.general:
            system = flushing_everything(system)
    return any_size(system)


def any_size(system: System) -> AnySize:
    """A system of `rx()`, or a variant of one, for every ring size; `BadConfiguration` for what the proof has not."""
    cfg, plain = system.cfg, Config()
    for name in ("watch", "data", "filter", "hostile", "notify", "stale", "stops", "arrivals"):
        if getattr(cfg, name) != getattr(plain, name):
            raise BadConfiguration(
                f"{name}={getattr(cfg, name)}: the proof for every ring size does not cover it; leave it out, "
                "or search a small ring (vrx prove)"
            )
    if cfg.layout not in PROOFS:
        raise BadConfiguration(
            f"layout={cfg.layout}: the proof for every ring size has no lemmas about its memory; "
            "search a small ring (vrx prove)"
        )
    if cfg.irq == "any":
        raise BadConfiguration("irq=any: the proof for every ring size has one CPU that polls; use irq=same or other")
    packet = 1 if cfg.mergeable else cfg.max_packet
    parts = {f.name: getattr(system, f.name) for f in fields(System) if f.init}
    bits = 16 if free_running(cfg) else 0
    return AnySize(**{**parts, "cfg": replace(cfg, positions=True, idx_bits=bits, max_packet=packet)})


def short(system: System) -> str:
    """A short name: `event-tso2-smp-same`."""
    cfg = system.cfg
    memory = f"tso{cfg.buffer_depth}" if cfg.memory == "tso" else "sc"
    words = ["event" if cfg.event_idx else "flags", memory, cfg.guest, cfg.irq]
    ring = [str(cfg.layout)] * (cfg.layout is not Config().layout)  # a split ring has the names that it always had
    return "-".join(words + ["merge"] * cfg.mergeable + ["any"] * cfg.general + ring)


MEMORIES = (("sc", 2), ("tso", 2), ("tso", 3), ("tso", 4))
"""Memory model, and how many stores wait in a buffer."""
GUESTS = (("smp", "same"), ("up", "same"), ("smp", "other"))
"""Guest, and the CPU that takes the interrupt."""


def systems() -> list[tuple[Tier, AnySize]]:
    """A split and a packed ring; event index on and off; SC, and TSO with buffers of 2, 3 and 4; guest smp and up; the
    interrupt on the polling CPU and on another; virtio_net without and with mergeable buffers, and any caller.

    Neighbours differ in what they ask: where two are proved at the same time, neither can use the other's answers.
    """
    out: list[tuple[Tier, AnySize]] = []
    for ring, (memory, depth), (guest, irq) in product(RINGS, MEMORIES, GUESTS):
        for build, event_idx in product((unbounded, merging, general), (True, False)):
            system = build(ring=ring, event_idx=event_idx, memory=memory, buffer_depth=depth, guest=guest, irq=irq)
            quick = short(system) == "event-tso2-up-same"  # nothing masks a barrier there
            out.append(("quick" if quick else "full", system))
    return out


_SEEN = (
    "event-sc-smp-other event-sc-smp-same event-sc-up-same "
    "event-tso2-smp-other event-tso2-smp-same event-tso2-up-same "
    "event-tso3-up-same flags-sc-smp-other flags-sc-smp-same "
    "flags-sc-up-same flags-tso2-smp-other flags-tso2-smp-same "
    "flags-tso2-up-same flags-tso3-up-same "
    "event-sc-smp-other-merge event-sc-smp-same-merge event-sc-up-same-merge "
    "event-tso2-smp-other-merge event-tso2-smp-same-merge event-tso2-up-same-merge "
    "flags-sc-smp-other-merge flags-sc-smp-same-merge flags-sc-up-same-merge "
    "flags-tso2-smp-other-merge flags-tso2-smp-same-merge flags-tso2-up-same-merge "
    "event-sc-smp-other-any event-sc-smp-same-any event-sc-up-same-any "
    "event-tso2-smp-other-any event-tso2-smp-same-any event-tso2-up-same-any flags-sc-smp-other-any "
    "flags-sc-smp-same-any flags-sc-up-same-any flags-tso2-smp-other-any flags-tso2-smp-same-any "
    "flags-tso2-up-same-any "
)
SEEN = frozenset(f"{name}-packed" for name in _SEEN.split())
"""Packed rings whose induction and ranks were seen to go through; `--ring packed` asks all."""


def claimed() -> list[tuple[Tier, AnySize]]:
    """The systems that are claimed: of packed rings those whose induction was seen to go through."""
    return [(tier, s) for tier, s in systems() if s.cfg.layout is not PACKED or short(s) in SEEN]


DEEPEST_TWICE = 2
"""How many stores wait in the buffers of the systems that are claimed in bit-vectors as well, at most."""


def twice() -> list[AnySize]:
    """The systems of the second opinion in the full tier: split rings so far.

    `python -m vrx.proofs.induction --bits --full` asks all.
    """
    return [s for _, s in systems() if s.cfg.buffer_depth <= DEEPEST_TWICE and s.cfg.layout is not PACKED]


def merging(**options: Any) -> AnySize:
    """A system with mergeable buffers, whose packets take any number of buffers that the ring holds."""
    return unbounded(mergeable=True, max_packet=1, **options)


def general(**options: Any) -> AnySize:
    """A system in which any caller uses QEMU's virtqueue functions."""
    return unbounded(caller="any", **options)


def unreachable(system: System) -> dict[str, str]:
    """Steps that no state of the invariant enables, and why; the list of the searches (`proofs.unreachable`), and
    points from which a step is never taken that is taken from others."""
    never = {u.step: u.reason for u in UNREACHABLE if u.when(system.cfg)}
    if not (system.cfg.mergeable or system.cfg.general):
        never |= NEVER_FROM
    return never


NEVER_FROM = {
    f"virtqueue_packed_flush__id at {int(PackedQ.FLUSH_ID)}": "where buffers do not merge a flush has one element"
}
"""Step and point, where virtio_net has one buffer a packet -> why."""
