"""A layout of one slot: a cell with a state word that both sides poll, and a word of each side for its wishes.

It is no layout of VIRTIO.  It shows what `docs/architecture.md` says of adding one: nothing of it stands outside
of this folder, and a system takes it as `rx(layout=ONE_SLOT)`.
"""

from __future__ import annotations

from typing import Any

from tests.one_slot import device, driver
from tests.one_slot.memory import OneSlot, stored
from tests.one_slot.state import OneMainLoop, OneSoftirq, OneVirtQueue, OneVirtqueue
from tests.one_slot.view import OneSlotView
from vrx.spec.layouts.layout import Layout
from vrx.spec.layouts.shape import Shape


def _wrong(cfg: Any) -> str:
    if cfg.size != 1:
        return f"size={cfg.size}: this ring has one slot; use 1"
    for name in ("event_idx", "data", "positions"):
        if getattr(cfg, name):
            return f"{name}: not written for this ring; use {name}=False"
    return ""


SHAPE = Shape(
    "one slot",
    idx_bits=lambda cfg: 2,
    wrong=_wrong,
    turn=lambda cfg: 3,
    ring=lambda cfg: OneSlot(),
    stored=stored,
    vq=lambda cfg: OneVirtqueue(),
    dev=lambda cfg: OneVirtQueue(),
    view=OneSlotView,
    events=False,
    indices=("vq.added", "vq.last_used_idx", "dev.shadow_avail_idx", "dev.last_avail_idx", "dev.used_idx"),
    softirq=OneSoftirq,
    main=OneMainLoop,
)
ONE_SLOT = Layout(
    SHAPE,
    driver=(driver.one_ring,),
    device=(device.one_virtio,),
    barriers=lambda cfg: (*device.BARRIERS, *driver.BARRIERS),
)
