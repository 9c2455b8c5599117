"""A packed ring in the words of the refinement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vrx.spec.config import Config
from vrx.spec.layouts.packed.contexts import PackedL, PackedQ
from vrx.spec.layouts.packed.memory import DESC, available_mark, used_mark
from vrx.spec.lemmas import only_where, stated
from vrx.spec.properties import Property
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.words import pick

if TYPE_CHECKING:  # questions are looked through for what they reach, and a class of Python's keeps a cache
    from collections.abc import Iterator

ADDING = (PackedL.ADD_ID, PackedL.ADD_HEAD_FLAGS)
FREE = ADDING
TAKEN_OFF: tuple[PackedL, ...] = ()
TAKING = (PackedL.USED_ID,)
WITHIN = (PackedL.GET_BUF_OFF_WRAP, PackedL.GET_BUF_OFF_WRAP_MB)
POPPING = (PackedQ.POP_FLAGS, PackedQ.POP_ID)
FLUSHING = (PackedQ.FLUSH_ID, PackedQ.FLUSH_FLAGS)


def written(s: Any) -> int:
    """What is flushed; a fill writes nothing."""
    index: int = s.dev.used_idx
    return index


def sees(s: Any) -> int:
    """QEMU looks into memory each time."""
    index: int = s.vq.next_avail_idx
    return index


def used_at(s: Any, index: int) -> int:
    """The id of a descriptor."""
    head: int = s.ring.desc_id[slot(s.cfg, index)]
    return head


avail_at = used_at
"""The id of the same descriptor."""


def shown(cfg: Config) -> Iterator[Property]:
    """The flags of each descriptor, one lap long from the driver's next one on, and what is between two stores."""
    for k in range(cfg.size):
        yield stated(
            f"flags_at_{k}",
            lambda s, k=k: s.ring.desc_flags[slot(s.cfg, _index(s, k))] == _mark(s, k),  # type: ignore[misc]
            "A descriptor says that it is used, available, or used in the lap before, as both sides count.",
        )
    if cfg.in_hand > 1:
        yield stated("first_element", lambda s: s.main.element == 0, "A packet of one buffer has a first element only.")
    if cfg.size > 1:
        yield stated(
            "id_before_flags",
            lambda s: only_where(
                s.cpus[0].softirq.pc == PackedL.ADD_HEAD_FLAGS,
                lambda: s.ring.desc_id[slot(s.cfg, s.vq.next_avail_idx)] == s.vq.free_head,
            ),
            "Before a descriptor is made available it has the id that comes next.",
        )
        yield stated(
            "element_filled",
            lambda s: only_where(s.main.filled == 1, lambda: s.dev.used_elems[0] == used_at(s, s.dev.used_idx)),
            "What is filled is what was offered next.",
        )
    if not cfg.event_idx:
        yield stated(
            "no_position_counts",
            lambda s: s.ring.driver_flags != DESC and s.ring.device_flags != DESC and s.vq.event_flags_shadow != DESC,
            "Without the event index no flags refer to a position.",
        )


def _index(s: Any, k: int) -> int:
    return idx_add(s.cfg, s.vq.last_used_idx, k)


def _mark(s: Any, k: int) -> Any:
    """The flags of the k-th descriptor from the driver's next one on."""
    c, begins, here = s.cfg, s.vq.last_used_idx, _index(s, k)
    used, offered = idx_sub(c, s.dev.used_idx, begins), idx_sub(c, s.vq.next_avail_idx, begins)
    before = used_mark(c, idx_add(c, here, c.size))
    return pick(used > k, used_mark(c, here), pick(offered > k, available_mark(c, here), before))
