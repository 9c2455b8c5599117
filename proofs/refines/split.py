"""A split ring in the words of the refinement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vrx.spec.config import Config
from vrx.spec.layouts.split.contexts import SplitL, SplitQ
from vrx.spec.lemmas import stated
from vrx.spec.properties import Property
from vrx.spec.ring import idx_add, idx_sub, slot

if TYPE_CHECKING:  # questions are looked through for what they reach, and a class of Python's keeps a cache
    from collections.abc import Iterator

ADDING = (SplitL.ADD_RING, SplitL.ADD_IDX)
FREE = (SplitL.ADD_RING,)
TAKEN_OFF = (SplitL.ADD_IDX,)
TAKING = (SplitL.USED_ID,)
WITHIN = (SplitL.GET_BUF_EVENT, SplitL.GET_BUF_EVENT_MB)
POPPING = (SplitQ.POP_HEAD,)
FLUSHING: tuple[SplitQ, ...] = ()


def written(s: Any) -> int:
    """A fill writes its entry."""
    return idx_add(s.cfg, s.dev.used_idx, s.main.filled)


def sees(s: Any) -> int:
    """shadow_avail_idx of QEMU."""
    index: int = s.dev.shadow_avail_idx
    return index


def used_at(s: Any, index: int) -> int:
    """The used ring."""
    head: int = s.ring.used_id[slot(s.cfg, index)]
    return head


def avail_at(s: Any, index: int) -> int:
    """The available ring."""
    head: int = s.ring.avail_ring[slot(s.cfg, index)]
    return head


flags_follow_the_feature = stated(
    "flags_follow_the_feature",
    lambda s: s.ring.avail_flags == 0 and s.ring.used_flags == 0,
    "With the event index no flag is set.",
)


def shown(cfg: Config) -> Iterator[Property]:
    """The two indices, and QEMU's copy of one of them."""
    yield stated(
        "indices_are_stored",
        lambda s: s.ring.avail_idx == s.vq.avail_idx_shadow and s.ring.used_idx == s.dev.used_idx,
        "What a side thinks that it has published it has.",
    )
    yield stated(
        "seen",
        lambda s: (
            idx_sub(s.cfg, s.dev.shadow_avail_idx, s.dev.last_avail_idx)
            <= idx_sub(s.cfg, s.ring.avail_idx, s.dev.last_avail_idx)
        ),
        "The device has seen no more than there is.",
    )
    if cfg.event_idx:
        yield flags_follow_the_feature
