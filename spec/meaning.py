"""Where a question has a meaning: the switches that a configuration must have, and the parts that a state must have.

A question says both in two short texts, in the way of `Step.only`: `only="data !general"`
are switches of the configuration, `reads="net vq.num_free"` parts of the state; `|` stands between alternatives.
Asked elsewhere it would be answered, and the answer would say nothing.
"""

from __future__ import annotations

from typing import Any

from vrx.spec.config import Config
from vrx.spec.core import CoreConfig
from vrx.spec.litmus import LitmusConfig
from vrx.spec.standard.config import PeerConfig, StandardConfig
from vrx.spec.steps import switched

REASONS = {
    "notify": "each side may look at any time (notify=False): nobody waits for a kick or an interrupt, and nothing "
    "ever comes to rest",
    "events": "the ring has no place for an event index: use layout=SPLIT",
    "event_idx": "the driver asks for quiet by a flag, not by a position: use event_idx=True",
    "data": "descriptors, contents and lengths are not part of the state: use data=True",
    "mergeable": "buffers do not merge, and QEMU writes no num_buffers: use mergeable=True",
    "mergeable|device_lies": "no packet goes on in another buffer, and no device lies: use mergeable=True, or "
    "hostile=device",
    "packets": "no packet can be told from another: use watch=True, or data=True",
    "packets|positions": "no packet and no buffer can be told from another: use watch=True, data=True, or "
    "positions=True",
    "decisions": "what a side saw when it decided to notify is not part of the state: use decisions=True",
    "fits": "a packet may be too large for what the driver posts, and is dropped then: use max_packet=1, "
    "mergeable=True or larger buffers",
    "!filter": "the device's receive filter may refuse any packet: use filter=False",
    "!stops": "a machine that is stopped loses what comes meanwhile: use stops=False",
    "stops": "nobody stops the machine: use stops=True",
    "!general": "the most general caller (caller=any) has no packets, and puts off as long as it likes what it owes",
    "!liar": "a side that lies (hostile=device, hostile=driver) breaks it, and the other side cannot help that",
    "!device_lies": "a device that lies (hostile=device) stands in the place of QEMU",
    "!driver_lies": "a driver that lies (hostile=driver) stands in the place of Linux",
    "device_lies": "no device lies here: use hostile=device",
    "liar": "neither side lies: use hostile=device, or hostile=driver",
}
"""A word of `only` -> why a question has no meaning where it does not hold."""

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


def meaningless(cfg: Any, only: str, reads: str) -> str:
    """Why a question has no meaning for a configuration, in a sentence; an empty string where it has one."""
    there = parts(cfg)
    if there is not None:
        for word in reads.split():
            alternatives = word.split("|")
            if there.isdisjoint(alternatives):
                return f"it reads s.{alternatives[0]}, which this system has not"
    for word in only.split():
        if not any(_holds(cfg, name) for name in word.split("|")):
            return REASONS.get(word) or f"it is a question for systems with {word.replace('!', 'no ')} only"
    return ""


def _holds(cfg: Any, switch: str) -> bool:
    name, wanted = switch.removeprefix("!"), not switch.startswith("!")
    return switched(cfg, name, wanted) == wanted
