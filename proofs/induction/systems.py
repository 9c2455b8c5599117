"""The systems of the proof, for every ring size, and what it takes to be reached in them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any

from vrx.models.claims import Tier
from vrx.models.engines.induction.integer_reading import free_running
from vrx.models.systems.system import System, rx
from vrx.proofs.induction.layouts import PROOFS
from vrx.proofs.museum.packed import flushing_everything, mended
from vrx.proofs.unreachable import UNREACHABLE
from vrx.spec.config import BadConfiguration, Config
from vrx.spec.properties import Property, no_lost_interrupt, no_lost_kick, rest_is_idle, ring_not_broken, single_owner

GOALS: tuple[Property, ...] = (no_lost_interrupt, no_lost_kick, single_owner)
"""The headline claims."""
ALSO: tuple[Property, ...] = (rest_is_idle, ring_not_broken)
"""What comes for nothing."""
SYMBOLIC = (
    "any power-of-two ring size from 1 to 32768, indices of 16 bits, any number of packets, any budget; "
    "where buffers merge, packets of any number of buffers that the ring holds; with any caller, any number in hand, "
    "completed in any order, flushed in any portions; fixed: the depth of the store buffers"
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
    """A receive system for the proof: 16-bit indices, ghost positions."""
    return any_size(rx(**options))


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
    ring = [str(cfg.layout)] * (cfg.layout is not Config().layout)
    return "-".join(words + ["merge"] * cfg.mergeable + ["any"] * cfg.general + ring)


MEMORIES = (("sc", 2), ("tso", 2), ("tso", 3), ("tso", 4))
"""Memory model, and how many stores wait in a buffer."""
GUESTS = (("smp", "same"), ("up", "same"), ("smp", "other"))
"""Guest, and the CPU that takes the interrupt."""


def systems() -> list[tuple[Tier, AnySize]]:
    """Event index on and off; SC, and TSO with buffers of 2, 3 and 4; guest smp and up; the interrupt on the polling
    CPU and on another; virtio_net without and with mergeable buffers, and any caller.

    Neighbours differ in what they ask: where two are proved at the same time, neither can use the other's answers.
    """
    out: list[tuple[Tier, AnySize]] = []
    for (memory, depth), (guest, irq) in product(MEMORIES, GUESTS):
        for build, event_idx in product((unbounded, merging, general), (True, False)):
            system = build(event_idx=event_idx, memory=memory, buffer_depth=depth, guest=guest, irq=irq)
            quick = short(system) == "event-tso2-up-same"  # nothing masks a barrier there
            out.append(("quick" if quick else "full", system))
    return out


DEEPEST_TWICE = 2
"""How many stores wait in the buffers of the systems that are claimed in bit-vectors as well, at most."""


def twice() -> list[AnySize]:
    """The systems of the second opinion in the full tier; `python -m vrx.proofs.induction --bits --full` asks all."""
    return [system for _, system in systems() if system.cfg.buffer_depth <= DEEPEST_TWICE]


def merging(**options: Any) -> AnySize:
    """A system with mergeable buffers, whose packets take any number of buffers that the ring holds."""
    return unbounded(mergeable=True, max_packet=1, **options)


def general(**options: Any) -> AnySize:
    """A system in which any caller uses QEMU's virtqueue functions."""
    return unbounded(caller="any", **options)


def packed(**options: Any) -> AnySize:
    """A packed ring, with the barrier that QEMU 7.2 lacks; any caller flushes all that it has filled."""
    system = mended(rx(ring="packed", **options))
    return any_size(flushing_everything(system) if system.cfg.general else system)


def unreachable(system: System) -> dict[str, str]:
    """Steps that no state of the invariant enables, and why; the list of the searches (`proofs.unreachable`)."""
    return {u.step: u.reason for u in UNREACHABLE if u.when(system.cfg)}
