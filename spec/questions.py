"""The standard questions: what is asked of any system, where it has a meaning, in the order of a report.

Wake-ups and owners, who asks for quiet, what buffers hold, refill, what is left behind,
the standard's own sides, what must happen in the end, and what may not happen again and again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from vrx.spec.accounts import ACCOUNTS, POSTING, STOPPED, nothing_offered_is_passed_over
from vrx.spec.broken import LIES
from vrx.spec.giving_up import GIVING_UP
from vrx.spec.liveness import HOLDING, LIVENESS, READING, Liveness, no_packet_blocks_the_queue
from vrx.spec.properties import CONTENTS, NAPI, REFILL, SPINE, WAKING_LATE, descriptors_conserved, free_list_intact
from vrx.spec.property import Property
from vrx.spec.standard.properties import PEERS, WATCHED
from vrx.spec.suppression import ASKING, DECIDING, SINGLE
from vrx.spec.symmetry import free_numbers_stand_nowhere_else

Question = Property | Liveness
Q = TypeVar("Q", Property, Liveness)

STANDARD: tuple[Question, ...] = (
    *(*SPINE, *NAPI, *ASKING, *SINGLE, *CONTENTS, free_list_intact, *LIES),
    free_numbers_stand_nowhere_else,
    *(*REFILL, *ACCOUNTS, *POSTING, *STOPPED, *GIVING_UP, *PEERS, *WATCHED, *WAKING_LATE),
    *(*LIVENESS, *READING, *HOLDING, *DECIDING),
)
"""Every standard question."""

COUNTING = (descriptors_conserved, free_list_intact, nothing_offered_is_passed_over)
"""The questions that count buffers one by one."""
LARGEST_COUNTED = 8
"""The largest ring whose buffers are counted one by one: a walk along the free list has about as many paths as its size
squared, each longer than the one before."""


def meaningful(cfg: Any, questions: Iterable[Q]) -> list[Q]:
    """Those of some questions that have a meaning for systems with this configuration."""
    return [question for question in questions if not question.meaningless(cfg)]


def standard_for(cfg: Any) -> tuple[list[Question], list[tuple[Question, str]]]:
    """The standard questions that are asked of systems with this configuration, and why the others are not."""
    asked: list[Question] = []
    others: list[tuple[Question, str]] = []
    for question in (*STANDARD, *_of_the_layout(cfg)):
        reason = question.meaningless(cfg) or _not_standard(cfg, question)
        if reason:
            others.append((question, reason))
        else:
            asked.append(question)
    return asked, others


def _of_the_layout(cfg: Any) -> tuple[Question, ...]:
    """What is asked of rings of this layout only."""
    layout = getattr(cfg, "layout", None)
    return () if layout is None else tuple(layout.questions)


def broken_by_linux(cfg: Any) -> str:
    """What Linux's own code breaks in systems with this configuration, which variants inherit; empty for nothing."""
    elsewhere = getattr(cfg, "busy_poll", "no") == "other"
    threaded = elsewhere and cfg.irq == "other"
    deferred = getattr(cfg, "defer_hard_irqs", 0) > 0 and (elsewhere or cfg.irq == "any")
    if not threaded and not deferred:
        return ""
    return (
        "Linux's own code loses an interrupt in this configuration: virtqueue_napi_complete() disables callbacks late "
        "(docs/deviations.md); use one CPU, or leave busy_poll or defer_hard_irqs out, to see what a variant adds"
    )


def _not_standard(cfg: Any, question: Question) -> str:
    """Why a question that has a meaning is no standard one here; an empty string where it is."""
    if question == no_packet_blocks_the_queue and cfg.too_few(cfg.in_ring, cfg.max_packet):
        return (
            "QEMU's own code breaks it where packets come that fit no buffer (docs/trust.md): "
            "use max_packet=1, mergeable=True or larger buffers"
        )
    if question in COUNTING and cfg.size > LARGEST_COUNTED:
        return f"it counts buffers one by one, too many on a ring of {cfg.size}: use size={LARGEST_COUNTED} or less"
    return ""
