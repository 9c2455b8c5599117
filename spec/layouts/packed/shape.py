"""The shape of a packed ring: VIRTIO 1.4, 2.8 (Packed Virtqueues)."""

from __future__ import annotations

from typing import Any

from vrx.spec.layouts.packed import memory, properties, queues
from vrx.spec.layouts.packed.contexts import PackedHardIrq, PackedMainLoop, PackedSoftirq, of_main
from vrx.spec.layouts.packed.free_names import FREE_NAMES
from vrx.spec.layouts.packed.view import PackedView
from vrx.spec.layouts.packed.wrap_counters import pairs
from vrx.spec.layouts.shape import Shape


def _turn(cfg: Any) -> int:
    """An index counts both laps, that of wrap counter 1 and that of wrap counter 0, and has all values."""
    turn: int = 2 * cfg.size
    return turn


def _idx_bits(cfg: Any) -> int:
    """What holds every index."""
    return (_turn(cfg) - 1).bit_length() if isinstance(cfg.size, int) else 16


def _wrong(cfg: Any) -> str:
    if isinstance(cfg.size, int) and cfg.idx_bits != max(_idx_bits(cfg), 3):
        return (
            f"idx_bits={cfg.idx_bits}: an index of a packed ring counts modulo twice its size and has no other width; "
            "leave it out"
        )
    return ""


SHAPE = Shape(
    "packed",
    idx_bits=_idx_bits,
    wrong=_wrong,
    turn=_turn,
    ring=memory.new_ring,
    stored=memory.stored,
    vq=queues.new_vq,
    dev=queues.new_dev,
    view=PackedView,
    always_named=False,
    event_structure=True,
    counts_descriptors=True,
    believes_ids=True,
    flag_bits=memory.FLAG_BITS,
    hardirq=PackedHardIrq,
    softirq=PackedSoftirq,
    main=PackedMainLoop,
    of_main=of_main,
    free_names=FREE_NAMES,
    pairs=pairs,
    questions=properties.PACKED,
)
"""The shape of a packed ring."""
