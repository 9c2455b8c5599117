"""The shape of a split ring: VIRTIO 1.4, 2.7 (Split Virtqueues)."""

from __future__ import annotations

from typing import Any

from vrx.spec.layouts.shape import Shape
from vrx.spec.layouts.split import memory, queues
from vrx.spec.layouts.split.contexts import SplitHardIrq, SplitMainLoop, SplitSoftirq
from vrx.spec.layouts.split.free_names import FREE_NAMES
from vrx.spec.layouts.split.view import SplitView


def _idx_bits(cfg: Any) -> int:
    """Stale event indices must not look fresh; where there are none, telling 0 from a whole ring is enough."""
    return min(cfg.size.bit_length() + cfg.notify, 16) if isinstance(cfg.size, int) else 16


def _wrong(cfg: Any) -> str:
    if not isinstance(cfg.size, int):
        return ""
    if cfg.size & (cfg.size - 1):
        return (
            f"size={cfg.size}: the size of a split ring is a power of two "
            f"(VIRTIO 1.4, 2.7); use {1 << cfg.size.bit_length() - 1} or {1 << cfg.size.bit_length()}"
        )
    if cfg.idx_bits < _idx_bits(cfg):
        return (
            f"idx_bits={cfg.idx_bits} is too narrow for a ring of {cfg.size}: "
            f"use {_idx_bits(cfg)} or more, or indices that differ would look equal"
        )
    return ""


def _turn(cfg: Any) -> int:
    """An index runs freely, and wraps where its word does."""
    turn: int = 1 << cfg.idx_bits
    return turn


SHAPE = Shape(
    "split",
    idx_bits=_idx_bits,
    wrong=_wrong,
    turn=_turn,
    ring=memory.new_ring,
    stored=memory.stored,
    vq=queues.new_vq,
    dev=queues.new_dev,
    view=SplitView,
    indices=(
        *("ring.avail_idx", "ring.used_idx", "ring.used_event", "ring.avail_event"),
        *("vq.avail_idx_shadow", "vq.last_used_idx"),
        *("dev.shadow_avail_idx", "dev.last_avail_idx", "dev.used_idx", "dev.signalled_used"),
    ),
    free_names=FREE_NAMES,
    hardirq=SplitHardIrq,
    softirq=SplitSoftirq,
    main=SplitMainLoop,
)
"""The shape of every ring, unless another layout is said."""
