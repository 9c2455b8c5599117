"""What is left behind: a buffer that is never published, one that the device passes over, a packet kept for nothing.

None of them loses a wake-up, and the questions about wake-ups excuse them: a buffer
that was never published is not posted, and a packet that fits no buffer may wait.
Each question here fails in a variant that the wake-up questions let pass.
"""

from __future__ import annotations

from vrx.models.claims import Claim, Safety, claims_of, cover, tag
from vrx.models.systems.system import System, rx
from vrx.proofs.lost_wakeup import SYSTEMS
from vrx.proofs.running import main_for
from vrx.spec.accounts import (
    ACCOUNTS,
    everything_added_is_published,
    nothing_offered_is_passed_over,
    taken_is_accounted_for,
    waits_only_for_buffers,
    works_on_a_packet,
)
from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.returns import ring_filled
from vrx.spec.linux.state import L, Softirq
from vrx.spec.memory import over, store
from vrx.spec.properties import SPINE, Property
from vrx.spec.qemu.net_queue import park
from vrx.spec.qemu.returns import flushed, forget_element
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.ring import idx_add, idx_sub
from vrx.spec.rx import HELD, OFFERED, give

FITTING = rx(size=2, max_packet=1)
OVERSIZE = rx(size=2)
MERGING = rx(size=2, mergeable=True)


def publishes_one_behind(s: SplitState, me: Softirq) -> None:
    """avail.idx says one buffer less than there are: the last one added is never published."""
    vq = s.vq
    store(s, me, loc.avail_idx, vq.avail_idx_shadow)
    vq.avail_idx_shadow = idx_add(s.cfg, vq.avail_idx_shadow, 1)
    if s.cfg.notify:
        vq.num_added = vq.num_added + 1
    if vq.num_free > 0:
        me.goto(L.TRY_FILL_RECV)
    else:
        ring_filled(s, me)


def gives_back_without_rewinding(s: SplitState, me: MainLoop) -> None:
    """The buffer of a packet that does not fit counts as given back, and last_avail_idx stays behind it."""
    s.dev.inuse = s.dev.inuse - 1
    give(s, me.elems[0], HELD, OFFERED)
    forget_element(s, me)


def publishes_one_of_n(s: SplitState, me: MainLoop) -> None:
    """However many buffers were filled, used.idx moves by one."""
    s.dev.used_idx = idx_add(s.cfg, s.dev.used_idx, 1)
    store(s, me, loc.used_idx, s.dev.used_idx)
    s.dev.inuse = s.dev.inuse - me.held
    flushed(s, me)


def keeps_what_does_not_fit(s: SplitState, me: MainLoop) -> None:
    """A packet that fits no buffer waits, as if buffers were missing, where it should be dropped."""
    s.dev.last_avail_idx = idx_sub(s.cfg, s.dev.last_avail_idx, 1)
    s.dev.inuse = s.dev.inuse - 1
    give(s, me.elems[0], HELD, OFFERED)
    if s.cfg.data:
        s.ghost.written[me.elems[0]] = 0
        me.lens[0] = 0
    over(s, me, "elems", at=0)
    me.held = 0
    park(s, me)


def offers_an_empty_queue(s: SplitState, me: MainLoop) -> None:
    """A kick has the first packet of the queue offered, whether there is one or not."""
    me.size, me.mark = s.net.queued, s.net.queued_mark
    s.net.queued = s.net.queued_mark = 0
    me.goto(Q.CAN_RECEIVE)


ONE_BEHIND = FITTING.replace("virtqueue_add_split__idx", publishes_one_behind)
NOT_REWOUND = OVERSIZE.replace("virtqueue_unpop", gives_back_without_rewinding)
ONE_OF_N = MERGING.replace("virtqueue_split_flush", publishes_one_of_n)
KEEPS = OVERSIZE.replace("virtqueue_unpop", keeps_what_does_not_fit)


def can_fail(prop: Property, variant: System, note: str) -> Claim:
    """The claim that a question is not empty: it fails in a variant made for it."""
    return Safety(f"{prop.name}-can-fail", variant, prop, "refuted", note=note)


CLAIMS: list[Claim] = [
    *(claim for system in (*SYSTEMS, MERGING) for claim in claims_of(system, *ACCOUNTS)),
    *(cover(f"{name}-{tag(system)}", system, mark) for system, name, mark in (
        (OVERSIZE, "packet_is_dropped", "a packet is dropped"),
        (MERGING, "device_parks", "the device parks"),
    )),
    can_fail(everything_added_is_published, ONE_BEHIND,
             "a buffer that is never published is not posted, so nobody waits for it"),
    *(Safety(f"one-behind-passes-{p.name}", ONE_BEHIND, p, "proved", note="no wake-up is lost") for p in SPINE),
    can_fail(nothing_offered_is_passed_over, NOT_REWOUND,
             "a buffer that the device has passed is not posted any more, so nobody waits for it"),
    can_fail(taken_is_accounted_for, ONE_OF_N,
             "what was filled and not published is no used entry, so nobody waits for it"),
    can_fail(works_on_a_packet, OVERSIZE.replace("qemu_net_queue_flush", offers_an_empty_queue),
             "a packet that never came has no fate that anybody could miss"),
    can_fail(waits_only_for_buffers, KEEPS, "a packet that fits no buffer is excused wherever it waits"),
]  # fmt: skip

if __name__ == "__main__":
    main_for(CLAIMS)
