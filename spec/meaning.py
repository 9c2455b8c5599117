"""Where a question has a meaning: the switches that a configuration must have, and the parts that a state must have.

A question says both: `only=DATA & ~GENERAL` (`spec.switches`), and `reads=parts.NET & parts.NUM_FREE`
(`spec.parts`).  Asked elsewhere it would be answered, and the answer would say nothing.
"""

from __future__ import annotations

from typing import Any

from vrx.spec import parts
from vrx.spec.config import Config
from vrx.spec.core import CoreConfig
from vrx.spec.litmus import LitmusConfig
from vrx.spec.parts import Parts
from vrx.spec.standard.config import PeerConfig, StandardConfig
from vrx.spec.switch import Where

RING = parts.RING & parts.CONTENTS & parts.LINES & parts.GHOST & parts.BUFFERS & parts.DEV & parts.VQ
LINUX = parts.NUM_FREE & parts.LAST_USED_IDX & parts.NAPI & parts.CPUS
QEMU = parts.INUSE & parts.LAST_AVAIL_IDX & parts.NET & parts.MAIN
ANY_DRIVER = parts.LAST_USED_IDX & parts.VQ_SEEN & parts.VQ_HAS
ANY_DEVICE = parts.LAST_AVAIL_IDX & parts.DEV_SEEN & parts.DEV_HAS


def parts_of(cfg: Any) -> Parts | None:
    """The parts of the state of a system with this configuration that questions name; None: anything may be there."""
    if isinstance(cfg, LitmusConfig):
        return parts.VARIABLES & parts.THREADS & parts.BUFFERS
    if isinstance(cfg, CoreConfig):
        return parts.RING & parts.DRIVER & parts.DEVICE & parts.BUFFERS
    if isinstance(cfg, StandardConfig):
        return parts.QUEUE & parts.PACKET & parts.DRIVER & parts.DEVICE & parts.BUFFERS
    if isinstance(cfg, PeerConfig):
        linux, qemu = cfg.peer in ("", "any-device"), cfg.peer in ("", "any-driver")
        sides = (LINUX if linux else ANY_DRIVER) & (QEMU if qemu else ANY_DEVICE)
        return RING & sides & (parts.WATCH if cfg.watched else parts.NOTHING)
    return RING & LINUX & QEMU if isinstance(cfg, Config) else None


def elsewhere(cfg: Any, reads: Parts) -> str:
    """The first place that a question reads and no state of this configuration has; an empty string where it has all.
    """
    there = parts_of(cfg)
    return "" if there is None else reads.lacking(there)


def meaningless(cfg: Any, only: Where, reads: Parts) -> str:
    """Why a question has no meaning for a configuration, in a sentence; an empty string where it has one."""
    if place := elsewhere(cfg, reads):
        return f"it reads s.{place}, which this system has not"
    if not isinstance(cfg, Config):
        return ""  # the switches are those of a receive system
    for lacking in only.lacking(cfg):
        return str(lacking.reason)
    return ""
