"""The barrier table again, for every ring size: each cell of docs/barriers.md as a change of a system of the proof.

Where the table says *needed* the induction stops, at the step and the lemma that
stand here; where it says *masked* the induction goes through without the barrier.
One barrier is needed for what the proof does not claim, that the ring says what the
driver asks for (`interrupts_suppressed_while_polling`, and with the event index
`used_event_away_while_polling`): there it goes through as well.
"""

from __future__ import annotations

from collections.abc import Mapping

from vrx.proofs.barrier_table import Row
from vrx.proofs.barriers import rows
from vrx.proofs.induction.mutant import Mutant
from vrx.proofs.induction.systems import GOALS, short, unbounded
from vrx.spec.layouts.driver import POLL_MB
from vrx.spec.layouts.split.device import SET_NOTIFICATION_MB
from vrx.spec.layouts.split.device_used import SHOULD_NOTIFY_MB
from vrx.spec.layouts.split.driver import KICK_PREPARE_MB

STOPS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    KICK_PREPARE_MB.name: {"cpu0 napi: virtqueue_kick_prepare_split": ("unkicked",)},
    SET_NOTIFICATION_MB.name: {"main loop: virtio_queue_split_poll": ("parked",)},
    SHOULD_NOTIFY_MB.name: {"main loop: virtio_split_should_notify": ("asleep", "device_buffer", "published")},
    POLL_MB.name: {"cpu0 napi: virtqueue_poll": ("armed_for_all",)},
    "wake_up_process__lock": {"cpu1 irq: napi_schedule": ("other_buffer",)},
}
"""Barrier -> where the induction stops without it, in the cells where it is needed."""


def cell(row: Row) -> Mutant:
    """A cell of the table, for any ring size."""
    cfg = row.system.cfg
    system = unbounded(event_idx=cfg.event_idx, memory=cfg.memory, guest=cfg.guest, irq=cfg.irq)
    name = f"without {row.barrier} {short(system)}"
    if row.fails in GOALS:
        return Mutant(name, system.without(row.barrier), STOPS[row.barrier], row.fails)
    note = f"masked: {row.mask}" if row.fails is None else f"needed for {row.fails.name} only"
    return Mutant(name, system.without(row.barrier), note=note)


def cells() -> list[Mutant]:
    """Every cell of the table."""
    return [cell(row) for row in rows()]
