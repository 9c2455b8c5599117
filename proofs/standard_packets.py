"""Are the packets that QEMU publishes what a receive queue allows?  Each kind of buffer, and what breaks each rule.

The rules are those of `spec.standard.receive`, which `vrx conform` asks of real devices too.
"""

from __future__ import annotations

from vrx.models.claims import Claim, Safety, claims_of
from vrx.proofs.museum.data import (
    FILL,
    FLUSH,
    NUM_BUFFERS,
    big,
    fills_one,
    flushes_one,
    mergeable,
    numbers_after_one_by_one,
    small,
)
from vrx.proofs.running import main_for
from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.standard.packets import no_packet_breaks, packets_follow_the_standard
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.memory import store
from vrx.spec.qemu.net_queue import done
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.ring import idx_add, slot
from vrx.spec.rx import HELD, USED, give
from vrx.spec.words import clear

KINDS = (small(), mergeable(), big(), big(indirect=True))
TSO = tuple(kind(memory="tso") for kind in (small, mergeable, big))


def fills(s: SplitState, me: MainLoop, length: int) -> None:
    """virtqueue_split_fill() with a length of one's own."""
    head = me.elems[me.filled]
    give(s, head, HELD, USED)
    store(s, me, loc.used_elem[slot(s.cfg, idx_add(s.cfg, s.dev.used_idx, me.filled))], (head, length))
    me.filled = me.filled + 1
    if me.filled == me.held:
        me.goto(Q.FLUSH)


def fills_first_in_part(s: SplitState, me: MainLoop) -> None:
    """The first of several buffers is said to hold less than it could."""
    several = me.held > 1 and me.filled == 0
    fills(s, me, me.lens[me.filled] - 1 if several else me.lens[me.filled])


def says_more_than_fits(s: SplitState, me: MainLoop) -> None:
    """A buffer is said to hold more than it can."""
    fills(s, me, s.cfg.capacity + 1)


def says_nothing_is_in_it(s: SplitState, me: MainLoop) -> None:
    """A buffer is said to hold nothing, not even a header."""
    fills(s, me, 0)


def flushes_one_then_the_next(s: SplitState, me: MainLoop) -> None:
    """The used index moves on by one, num_buffers written long since; then the packet's next buffer follows."""
    s.dev.used_idx = idx_add(s.cfg, s.dev.used_idx, 1)
    store(s, me, loc.used_idx, s.dev.used_idx)
    s.dev.inuse = s.dev.inuse - 1
    me.filled = me.filled + 1
    if me.filled < me.held:
        me.goto(Q.FILL)
        return
    clear(me.elems)
    clear(me.lens)
    me.held = 0
    me.filled = 0
    done(s, me)


BREACHES = (
    ("num-buffers-unwritten", small(), "5.1.9.4.1-1"),
    ("num-buffers-unwritten-in-chains", big(), "5.1.9.4.1-1"),
    ("buffer-not-full", mergeable().replace(FILL, fills_first_in_part), "5.1.9.4.1-3"),
    (
        "packet-in-parts",
        mergeable()
        .replace(NUM_BUFFERS, numbers_after_one_by_one)
        .replace(FILL, fills_one)
        .replace(FLUSH, flushes_one),
        "5.1.9.4.1-2",
    ),
    (
        "packet-in-parts-numbered",
        mergeable().replace(FILL, fills_one).replace(FLUSH, flushes_one_then_the_next),
        "5.1.9.4.1-4",
    ),
    ("longer-than-the-buffer", mergeable().replace(FILL, says_more_than_fits), "P-2.7.8-2"),
    ("without-a-header", mergeable().replace(FILL, says_nothing_is_in_it), "P-5.1.9-1"),
)
"""A name, the system, the rule that breaks first.  The first two are QEMU as it is (docs/trust.md)."""

CLAIMS: list[Claim] = [
    *(claim for s in KINDS for claim in claims_of(s, packets_follow_the_standard)),
    *(claim for s in TSO for claim in claims_of(s, packets_follow_the_standard, tier="full")),
    Safety(
        "packets_follow_the_standard-can-fail",
        mergeable().replace(FILL, fills_first_in_part),
        packets_follow_the_standard,
        "refuted",
        note="a buffer that is not the packet's last is not full",
    ),
    *(
        Safety(
            f"{'deviation' if 'unwritten' in name else 'breach'}-{name}",
            s,
            no_packet_breaks(clause),
            "refuted",
            tier="quick" if "unwritten" in name else "full",
            note=f"the rule that breaks first is {clause}",
        )
        for name, s, clause in BREACHES
    ),
]

if __name__ == "__main__":
    main_for(CLAIMS)
