"""The queue of the standard by itself: its rules leave room, and what they forbid does not happen.

No ring, no memory, no program: any device and any driver, whose steps are the rules.
Each property has a variant in which one rule is not kept.
"""

from __future__ import annotations

from vrx.models.claims import Claim, Safety, claims_of, cover, tag
from vrx.models.systems.standard_systems import standard
from vrx.models.systems.system import System
from vrx.proofs.running import main_for
from vrx.spec.properties import Property
from vrx.spec.questions import meaningful
from vrx.spec.ring import idx_sub
from vrx.spec.standard import virtqueue as vq
from vrx.spec.standard.abstract import (
    ABSTRACT,
    Abstract,
    Device,
    Driver,
    comes_back_in_order,
    frames_fit,
    lengths_fit,
    owners_and_indices_agree,
    whole_packets_only,
)
from vrx.spec.standard.receive import begin
from vrx.spec.steps import require

SMALL = standard(idx_bits=2)
FLAGS, IN_ORDER = standard(size=2), standard(size=2, in_order=True)
MERGING = standard(size=2, mergeable=True)
LENGTHS = standard(idx_bits=2, lengths=True)
FRAMES = standard(idx_bits=2, lengths=True, frame=2)
EVENTS = standard(size=1, idx_bits=3, event_idx=True)
LARGE = (standard(size=2, event_idx=True), standard(size=2, mergeable=True, lengths=True))


def offers_again(s: Abstract, me: Driver, head: int, capacity: int) -> None:
    """The driver offers a buffer that it has offered already (against 3.3.1-1)."""
    require(s.queue.owner[head] == vq.OFFERED)
    s.queue.owner[head] = vq.DRIVER
    vq.offer(s, head, capacity)


def offers_or_offers_again(s: Abstract, me: Driver, head: int, capacity: int) -> None:
    """The driver offers a buffer, whether it is offered already or not (against 3.3.1-1)."""
    if s.queue.owner[head] == vq.OFFERED:
        offers_again(s, me, head, capacity)
    else:
        vq.offer(s, head, capacity)


def delivers_anything(s: Abstract, me: Device, count: int) -> None:
    """The device publishes what it likes (against 5.1.9.4.1-4)."""
    require(idx_sub(s.cfg, s.queue.returns.idx, me.interrupts.told) + count + 1 < 1 << s.cfg.idx_bits)
    vq.hand_back(s, count + 1)


def says_more_than_fits(s: Abstract, me: Device, head: int, length: int) -> None:
    """The device reports any length (against P-2.7.8-2)."""
    require(s.packet.left > 0)
    s.packet.left = s.packet.left - 1
    if s.packet.left == 0:
        s.packet.of = 0
    vq.use(s, head, 0)
    s.queue.length[head] = length


def returns_the_other_first(s: Abstract, me: Device, head: int, length: int) -> None:
    """The device returns what was offered second first (against 6.2-5)."""
    require(s.packet.left == 1 and s.queue.owner[head] == vq.TAKEN and s.queue.place[head] != s.queue.returns.added)
    s.packet.left = 0
    s.packet.of = 0
    s.queue.place[head] = s.queue.returns.added
    vq.use(s, head, length)


def begins_frames(s: Abstract, me: Device, num_buffers: int, kind: int) -> None:
    """The device begins packets that need no segmentation, and no others."""
    require(kind == 0)
    begin(s, num_buffers + 1)


def _asked(system: System) -> list[Property]:
    """What is claimed of it: each where it has a meaning."""
    return meaningful(system.cfg, ABSTRACT)


CLAIMS: list[Claim] = [
    *(c for s in (SMALL, FLAGS, IN_ORDER, MERGING, LENGTHS, EVENTS) for c in claims_of(s, *_asked(s))),
    *(c for s in LARGE for c in claims_of(s, *_asked(s), tier="full")),
    *(
        cover(f"{mark.replace(' ', '_')}-{tag(s)}", s, mark)
        for s, marks in (
            (FLAGS, ("a batch is offered", "a batch is returned", "a kick is owed", "no kick is owed")),
            (FLAGS, ("an interrupt is owed", "no interrupt is owed", "against 2.7.10.1-3", "against 2.7.7.2-2")),
            (EVENTS, ("a kick is owed", "no kick is owed", "an interrupt is owed", "no interrupt is owed")),
            (EVENTS, ("against 2.7.10.1-7", "against 2.7.7.2-6")),
            (MERGING, ("a packet of several buffers",)),
        )
        for mark in marks
    ),
    Safety(
        "owners_and_indices_agree-can-fail",
        SMALL.replace("offers", offers_or_offers_again),
        owners_and_indices_agree,
        "refuted",
        note="a buffer offered twice",
    ),
    Safety(
        "whole_packets_only-can-fail",
        MERGING.replace("delivers", delivers_anything),
        whole_packets_only,
        "refuted",
        note="half a packet becomes visible",
    ),
    Safety(
        "lengths_fit-can-fail",
        LENGTHS.replace("fills", says_more_than_fits),
        lengths_fit,
        "refuted",
        note="a length that lies",
    ),
    Safety(
        "comes_back_in_order-can-fail",
        IN_ORDER.replace("fills", returns_the_other_first),
        comes_back_in_order,
        "refuted",
        note="the second comes back first",
    ),
    Safety("frames_fit-frames-only", FRAMES.replace("begins", begins_frames), frames_fit, "proved"),
    Safety("frames_fit-can-fail", FRAMES, frames_fit, "refuted", note="a packet to be segmented is longer (5.1.4.1-5)"),
]

if __name__ == "__main__":
    main_for(CLAIMS)
