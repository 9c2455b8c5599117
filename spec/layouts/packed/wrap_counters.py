"""What Linux and QEMU call the lap of an index: the words of a trace beside the index modulo twice the ring size.

In the first lap a wrap counter is 1.  Linux 6.1 keeps that of last_used_idx in its bit 15, as memory has it beside a
position.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vrx.spec.layouts.pairs import Pair

BIT = ("wrap counter 1 in bit 15", "wrap counter 0 in bit 15")
BESIDE = {
    "vq.next_avail_idx": (
        "avail_wrap_counter 1, avail_used_flags AVAIL",
        "avail_wrap_counter 0, avail_used_flags USED",
    ),
    "vq.last_used_idx": BIT,
    "dev.shadow_avail_idx": ("shadow_avail_wrap_counter 1", "shadow_avail_wrap_counter 0"),
    "dev.last_avail_idx": ("last_avail_wrap_counter 1", "last_avail_wrap_counter 0"),
    "dev.used_idx": ("used_wrap_counter 1", "used_wrap_counter 0"),
    "ring.driver_off_wrap": BIT,
    "ring.device_off_wrap": BIT,
    "main.idx": ("wrap_counter 1", "wrap_counter 0"),
    "main.opaque": ("shadow_avail_wrap_counter 1", "shadow_avail_wrap_counter 0"),
    "opaque": BIT,
}
"""By the path of a field; of whoever polls by its name, for there are several."""


def pairs(cfg: Any) -> Mapping[str, Pair]:
    """The indices of the state that the C has as two, as `Shape.pairs` wants them."""
    return {path: Pair(cfg.size, laps) for path, laps in BESIDE.items()}
