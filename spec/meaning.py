"""Where a question has a meaning: the switches that a configuration must have, and the parts that a state must have.

A question says both: `only=DATA & ~GENERAL` (`spec.switches`), and `reads="net vq.num_free"`, where `|` stands between
parts of which one is enough.  Asked elsewhere it would be answered, and the answer would say nothing.
"""

from __future__ import annotations

from typing import Any

from vrx.spec.config import Config
from vrx.spec.core import CoreConfig
from vrx.spec.litmus import LitmusConfig
from vrx.spec.standard.config import PeerConfig, StandardConfig
from vrx.spec.switch import Where

RING = "ring contents ring.avail_idx lines ghost buffers dev vq"
LINUX = "vq.num_free vq.last_used_idx napi cpus"
QEMU = "dev.inuse dev.last_avail_idx net main"


def parts(cfg: Any) -> frozenset[str] | None:
    """The parts of the state of a system with this configuration that questions name; None: anything may be there."""
    if isinstance(cfg, LitmusConfig):
        return frozenset(("variables", "threads", "buffers"))
    if isinstance(cfg, CoreConfig):
        return frozenset(["ring", "ring.avail_idx", "driver", "device", "buffers"])
    if isinstance(cfg, StandardConfig):
        return frozenset(["queue", "packet", "driver", "device", "buffers"])
    if isinstance(cfg, PeerConfig):
        linux, qemu = cfg.peer in ("", "any-device"), cfg.peer in ("", "any-driver")
        words = [RING, LINUX if linux else "vq.last_used_idx vq.seen vq.has"]
        words += [QEMU if qemu else "dev.last_avail_idx dev.seen dev.has", "watch" if cfg.watched else ""]
        return frozenset(" ".join(words).split())
    return frozenset(f"{RING} {LINUX} {QEMU}".split()) if isinstance(cfg, Config) else None


def meaningless(cfg: Any, only: Where, reads: str) -> str:
    """Why a question has no meaning for a configuration, in a sentence; an empty string where it has one."""
    there = parts(cfg)
    if there is not None:
        for word in reads.split():
            alternatives = word.split("|")
            if there.isdisjoint(alternatives):
                return f"it reads s.{alternatives[0]}, which this system has not"
    if not isinstance(cfg, Config):
        return ""  # the switches are those of a receive system
    for lacking in only.lacking(cfg):
        return str(lacking.reason)
    return ""
