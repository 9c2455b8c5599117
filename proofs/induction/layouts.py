"""The layouts of the proof: what each brings to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vrx.models.engines.induction.logic import Lemma
from vrx.models.engines.induction.ranking import Ranking
from vrx.proofs.induction import control, notification, ownership, ranks
from vrx.proofs.induction.packed import memory as packed_memory
from vrx.proofs.induction.packed import points as packed_points
from vrx.proofs.induction.split import memory, points
from vrx.spec.layouts.packed.shape import SHAPE as PACKED
from vrx.spec.layouts.shape import Shape
from vrx.spec.layouts.split.shape import SHAPE as SPLIT


@dataclass(frozen=True)
class Proof:
    """The proof about one layout.  lemmas: in their order, for all configurations; rankings: what ends"""

    lemmas: tuple[Lemma, ...]
    rankings: tuple[Ranking, ...]


PROOFS: Final[Mapping[Shape, Proof]] = {
    SPLIT: Proof(
        lemmas=(
            *(points.driver_points, points.device_points),
            *(control.machine_runs, control.one_packet, control.scheduled_once, control.suppressed, control.snapshot),
            *(control.order, control.counters, control.just_tested, control.counting, control.unkicked),
            *(notification.published, memory.armed, notification.armed_for_all, notification.asleep),
            *(memory.looking, notification.parked),
            # With sequential consistency these say that memory shows what was written.
            *(memory.driver_buffer, memory.device_buffer, notification.other_buffer),
            *(ownership.not_misused, ownership.each_head, ownership.on_free_list, ownership.head_of_list),
            *(ownership.in_available_ring, ownership.in_used_ring),
            *(ownership.in_hand, ownership.each_in_hand, ownership.in_callers_hand, memory.entry_in_hand),
        ),
        rankings=ranks.RANKINGS,
    ),
    PACKED: Proof(
        lemmas=(
            *(packed_points.driver_points, packed_points.device_points),
            *(control.machine_runs, control.one_packet, control.scheduled_once, control.suppressed, control.snapshot),
            *(control.order, control.counters, control.just_tested, control.counting, control.unkicked),
            *(notification.published, packed_memory.armed, notification.armed_for_all, notification.asleep),
            *(packed_memory.looking, notification.parked),
            *(packed_memory.driver_buffer, packed_memory.device_buffer, notification.other_buffer),
            *(packed_memory.each_descriptor, packed_memory.id_before_flags, packed_memory.batch),
            *(packed_memory.filled_element, packed_memory.each_filled_element),
            *(ownership.not_misused, ownership.each_head, ownership.on_free_list, ownership.head_of_list),
            *(ownership.in_available_ring, ownership.in_used_ring),
            *(ownership.in_hand, ownership.each_in_hand, ownership.in_callers_hand, packed_memory.entry_in_hand),
        ),
        rankings=ranks.RANKINGS,
    ),
}
"""Whoever writes the proof about another layout adds it here."""


def proof_of(cfg: Any) -> Proof:
    """The proof about the layout of a configuration."""
    return PROOFS[cfg.layout]
