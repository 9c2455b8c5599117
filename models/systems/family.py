"""The family of a configuration: the same variant under other memory models, notifications, placements and sizes.

A variant that holds in the one configuration that its author thought of is false
comfort.  A family is every combination of SC and TSO, flags and event index, each
placement of the interrupt, both guests, rings of 1 and 2, with and without merging.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from vrx.models.systems.system import System
from vrx.spec.config import BadConfiguration, Config

GROWS = {"size": 20, "event_idx": 6, "memory": 8, "irq": 4, "mergeable": 1.5}
"""About how many times as many states there are, with a ring of 2, with the event index, and so on: for the order."""
CHOICES: dict[str, tuple[Any, ...]] = {
    "size": (1, 2),
    "event_idx": (False, True),
    "memory": ("sc", "tso"),
    "irq": ("same", "other", "any"),
    "guest": ("smp", "up"),
    "mergeable": (False, True),
}


@dataclass(frozen=True)
class Family:
    """The members, smallest first, and what is left out, each with the reason."""

    members: tuple[System, ...]
    left_out: tuple[str, ...]


def family(system: System, fixed: Collection[str] = ()) -> Family:
    """The system in every configuration of the family that it can have.

    fixed: names of options that stay as the system has them
    What the family does not vary (data, stops, the depth of store buffers, ...) stays as the system has it.
    Raises BadConfiguration for a system that is no receive system.
    """
    if type(system.cfg) is not Config:
        raise BadConfiguration(f"{system.name} has no family: only systems that rx() makes have one")
    found: dict[Config, System] = {system.cfg: system}
    left_out: dict[str, None] = {}
    for values in product(*CHOICES.values()):
        options = dict(zip(CHOICES, values, strict=True))
        if any(options[name] != getattr(system.cfg, name) for name in options if name in fixed):
            continue
        if options["memory"] == "sc" and options["guest"] == "up":
            continue  # the guest makes a difference to store buffers only
        try:
            cfg = replace(system.cfg, **options, **_fitting(system.cfg, options))
            if lacking := system.lacking(cfg):
                left_out[f"{_words(options)}: no step {lacking[0]} there"] = None
                continue
            member = system.under(cfg)
            member.state()  # fields of the variant's own may not fit
        except BadConfiguration as error:
            left_out[str(error)] = None
            continue
        found.setdefault(cfg, member)
    members = sorted(found.values(), key=lambda s: _weight(s.cfg))
    return Family(tuple(members), tuple(left_out))


def _fitting(cfg: Config, options: dict[str, Any]) -> dict[str, Any]:
    """What has to follow: packets that a ring with merging holds, indices that are wide enough, one buffer depth."""
    size = options["size"]
    most = size // cfg.each * cfg.buffer_holds - cfg.header_len
    fitting: dict[str, Any] = {"idx_bits": max(cfg.idx_bits, size.bit_length() + cfg.notify)}
    if options["mergeable"]:
        fitting["max_packet"] = max(1, min(max(cfg.max_packet, 2), most))
    return fitting


def _weight(cfg: Config) -> float:
    """For the order: about how large the system is."""
    return (
        (GROWS["size"] if cfg.size > 1 else 1)
        * (GROWS["event_idx"] if cfg.event_idx else 1)
        * (GROWS["memory"] if cfg.memory != "sc" else 1)
        * {"same": 1, "other": GROWS["irq"], "any": GROWS["irq"] * 10}[cfg.irq]
        * (GROWS["mergeable"] if cfg.mergeable else 1)
    )


def _words(options: dict[str, Any]) -> str:
    shown = ("mergeable", "event_idx")
    return ", ".join(f"{'with' if options[name] else 'without'} {name}" for name in shown)


def given(system: System, options: dict[str, Any]) -> System:
    """The system with other options of its configuration.  Raises BadConfiguration where it cannot have them."""
    if not options:
        return system
    if type(system.cfg) is not Config:
        raise BadConfiguration(f"{system.name} has other options than those of rx()")
    ring = str(system.cfg.layout)
    if options.get("ring", ring) != ring:
        raise BadConfiguration(f"{system.name} has steps of a {ring} ring: leave --ring out, or write it for another")
    said = {name: value for name, value in options.items() if name != "ring"}
    if "size" in said and system.cfg.idx_bits == replace(system.cfg, idx_bits=0).idx_bits:
        said = {"idx_bits": 0} | said  # as wide as the ring needs, as before
    return system.under(replace(system.cfg, **said))
