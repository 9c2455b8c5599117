"""Every step of Linux's and QEMU's split ring is a step of the standard: step by step, by Z3, with 16-bit indices.

The systems are watched (`spec.layouts.split.standard.watch`).  The lemmas say how the standard's queue
corresponds to the ring and to what both programs keep for themselves, and no more of the
programs than that needs.  That they hold at the start and that no step leaves them is a
proof that `follows_the_standard` always holds, at any index, on the ring sizes named.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from vrx.models.claims import Claim, Outcome, Safety, Tier, Verdict, claims_of, fails
from vrx.models.engines.z3.one_step_induction import stepwise
from vrx.models.systems.standard_systems import peers, watched
from vrx.models.systems.system import System
from vrx.proofs.museum.device import fills_after, publishes_first
from vrx.proofs.museum.driver import takes_unseen
from vrx.proofs.running import main_for
from vrx.proofs.variants import MORE_USED
from vrx.spec.config import Config
from vrx.spec.layouts.split.contexts import SplitL, SplitQ
from vrx.spec.layouts.split.memory import NO_NOTIFY, loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.lemmas import only_where, stated
from vrx.spec.linux.state import DriverPoint, L
from vrx.spec.memory import over, store
from vrx.spec.properties import Property
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.standard.properties import follows_the_standard
from vrx.spec.standard.virtqueue import DRIVER, TAKEN

# The entries of the ring from the oldest that the driver has not received: position k is last_used_idx + k.


def received(s: Any) -> int:
    """Where the positions begin."""
    index: int = s.vq.last_used_idx
    return index


def returned(s: Any) -> int:
    """How many entries are published as used and not received."""
    return idx_sub(s.cfg, s.ring.used_idx, received(s))


def written(s: Any) -> int:
    """How many are written as used: those that are published, and those that are about to be."""
    return idx_sub(s.cfg, idx_add(s.cfg, s.dev.used_idx, s.main.filled), received(s))


def offered(s: Any) -> int:
    """How many are published as available and not received back."""
    return idx_sub(s.cfg, s.ring.avail_idx, received(s))


def placed(s: Any) -> int:
    """How many are written as available: those that are published, and the one that is about to be."""
    return idx_add(s.cfg, offered(s), 1) if s.cpus[0].softirq.pc == SplitL.ADD_IDX else offered(s)


def used_at(s: Any, k: int) -> int:
    """The head in the used ring at position k."""
    head: int = s.ring.used_id[slot(s.cfg, idx_add(s.cfg, received(s), k))]
    return head


def avail_at(s: Any, k: int) -> int:
    """The head in the available ring at position k."""
    head: int = s.ring.avail_ring[slot(s.cfg, idx_add(s.cfg, received(s), k))]
    return head


flags_follow_the_feature = stated(
    "flags_follow_the_feature",
    lambda s: s.ring.avail_flags == 0 and s.ring.used_flags == 0,
    "With the event index no flag is set.",
)


def correspondence(cfg: Config) -> Iterator[Property]:
    """How the standard's queue corresponds to the ring."""
    yield follows_the_standard
    yield stated(
        "indices_agree",
        lambda s: (
            s.watch.queue.offers.idx == s.ring.avail_idx
            and s.watch.queue.offers.added == s.ring.avail_idx
            and s.watch.queue.taken == s.ring.avail_idx
            and s.watch.queue.returns.idx == s.ring.used_idx
            and s.watch.queue.returns.added == s.ring.used_idx
            and s.watch.queue.received == s.ring.used_idx
        ),
        "The standard's positions are the indices of the ring.",
    )
    yield stated(
        "indices_are_stored",
        lambda s: s.ring.avail_idx == s.vq.avail_idx_shadow and s.ring.used_idx == s.dev.used_idx,
        "What a side thinks that it has published it has.",
    )
    yield stated(
        "windows",
        lambda s: rising(returned(s), written(s), offered(s), placed(s), s.cfg.size),
        "What is published is written, what is used was offered, and never more than the ring holds.",
    )
    if cfg.event_idx:
        yield flags_follow_the_feature


def linux_and_qemu(cfg: Config) -> Iterator[Property]:
    """The lemmas about Linux's driver with QEMU's device, as far as each says something of such a system."""
    yield from correspondence(cfg)

    def head(s: Any, k: int) -> int:
        return used_at(s, k) if k < written(s) else avail_at(s, k)

    def at(k: int) -> Iterator[Property]:
        yield stated(
            f"owner_at_{k}",
            lambda s: only_where(k < placed(s), lambda: _owned(s, head(s, k), returned(s) <= k and k < offered(s))),
            "A buffer whose entry is published as available and not as used is the device's, every other the driver's.",
        )
        yield stated(
            f"token_at_{k}",
            lambda s: only_where(k < placed(s), lambda: bool(s.vq.token[head(s, k)])),
            "The driver has marked every buffer that is on its way.",
        )
        for other in range(k):
            yield stated(
                f"heads_differ_at_{other}_{k}",
                lambda s, other=other: only_where(k < placed(s), lambda: head(s, k) != head(s, other)),  # type: ignore[misc]
                "No buffer is on its way twice.",
            )

    for k in range(cfg.size):
        yield from at(k)
    for i in range(cfg.size):
        yield stated(
            f"free_{i}",
            lambda s, i=i: bool(s.vq.token[i]) or s.watch.queue.owner[i] == DRIVER,  # type: ignore[misc]
            "A free buffer is the driver's.",
        )
    yield stated("free_count", lambda s: _free(s) == s.vq.num_free, "num_free of them are free.")
    yield stated(
        "free_sum",
        lambda s: idx_add(s.cfg, placed(s), s.vq.num_free) == s.cfg.size,
        "A buffer is on its way or free.",
    )
    yield stated(
        "free_head",
        lambda s: s.vq.num_free == 0 or not s.vq.token[s.vq.free_head],
        "The free list has a free head.",
    )
    if cfg.size > 1:  # of a single buffer nothing comes after the head, and any two heads are the same
        yield stated(
            "free_next",
            lambda s: only_where(
                s.vq.num_free > 1,
                lambda: not s.vq.token[s.vq.next[s.vq.free_head]] and s.vq.next[s.vq.free_head] != s.vq.free_head,
            ),
            "So it has after the head is taken off.",
        )
        yield stated(
            "element_in_hand",
            lambda s: only_where(
                s.main.filled == 0 and in_hand(s) > 0,
                lambda: s.main.elems[0] == s.ring.avail_ring[slot(s.cfg, s.dev.used_idx)],
            ),
            "What the device has in hand is what was offered next.",
        )
    yield stated(
        "popped",
        lambda s: idx_sub(s.cfg, s.dev.last_avail_idx, s.dev.used_idx) == in_hand(s),
        "What was popped and is not flushed is in hand.",
    )
    yield stated(
        "seen",
        lambda s: (
            rising(unpopped(s, s.dev.shadow_avail_idx), unpopped(s, s.ring.avail_idx))
            and idx_sub(s.cfg, s.dev.last_avail_idx, received(s)) <= offered(s)
        ),
        "The device has seen no more than there is, and popped no more than it has seen.",
    )
    yield stated("inuse", lambda s: s.dev.inuse == s.main.held, "inuse is what is in hand.")
    yield stated(
        "returns_to_calls",
        lambda s: not _entry_point(s.cpus[0].softirq.ret0) and not _entry_point(s.cpus[0].softirq.ret1),
        "No function returns into the middle of another's work on the ring.",
    )
    yield stated(
        "num_added",
        lambda s: (
            idx_add(s.cfg, s.vq.num_added, 1 if s.cpus[0].softirq.pc == SplitL.ADD_IDX else 0)
            <= s.cfg.size - s.vq.num_free
            if _filling(s.cpus[0].softirq.pc)
            else s.vq.num_added == 0
        ),
        "num_added counts the buffers of this filling, and nothing is received meanwhile.",
    )
    yield stated("in_hand", _in_hand, "Where the main loop stands says how much is in hand and how much is filled.")
    yield stated(
        "sees_before_it_pops",
        lambda s: s.main.pc != SplitQ.POP_HEAD or s.dev.shadow_avail_idx != s.dev.last_avail_idx,
        "The device pops only what it has seen.",
    )
    yield stated(
        "sees_before_it_takes",
        lambda s: s.cpus[0].softirq.pc != SplitL.USED_ID or s.ring.used_idx != received(s),
        "The driver takes only what it has seen.",
    )
    yield stated(
        "adds_only_free",
        lambda s: s.cpus[0].softirq.pc != SplitL.ADD_RING or s.vq.num_free > 0,
        "The driver offers only what is free.",
    )


def unpopped(s: Any, index: int) -> int:
    """How far an index is ahead of what the device has popped."""
    return idx_sub(s.cfg, index, s.dev.last_avail_idx)


def rising(*numbers: int) -> bool:
    """Each is at most the next."""
    for low, high in pairwise(numbers):
        if low > high:
            return False
    return True


def _owned(s: Any, head: int, by_device: bool) -> bool:
    return bool(s.watch.queue.owner[head] == (TAKEN if by_device else DRIVER))


def _free(s: Any) -> int:
    free = 0
    for i in range(s.cfg.size):
        if not s.vq.token[i]:
            free = free + 1
    return free


def _entry_point(pc: DriverPoint) -> bool:
    return pc == SplitL.USED_ID or pc == SplitL.GET_BUF_EVENT or pc == SplitL.GET_BUF_EVENT_MB or _filling(pc)


def _filling(pc: DriverPoint) -> bool:
    return pc == L.TRY_FILL_RECV or pc == SplitL.ADD_RING or pc == SplitL.ADD_IDX or pc == L.KICK_PREPARE


def in_hand(s: Any) -> int:
    """How many buffers the device has popped and not flushed."""
    held: int = s.main.held
    return held + 1 if _popping(s) else held


def _popping(s: Any) -> bool:
    return bool(s.main.pc == SplitQ.POP_EVENT or s.main.pc == SplitQ.POP_DESC)


def _in_hand(s: Any) -> bool:
    """Packets of one buffer: nothing in hand but between pop and flush."""
    pc = s.main.pc
    if pc == Q.FILL:
        return bool(s.main.held == 1 and s.main.filled == 0)
    if pc == Q.UNPOP:
        return bool(s.main.held == 1 and s.main.filled == 0)
    if pc == Q.FLUSH:
        return bool(s.main.held == 1 and s.main.filled == 1)
    return bool(s.main.held == 0 and s.main.filled == 0)


def wide(**options: Any) -> System:
    """A watched system with indices of 16 bits, and packets that fit."""
    return watched(peers(idx_bits=16, max_packet=1, **options))


def step_by_step(
    name: str, system: System, expected: Verdict = "inductive", tier: Tier = "quick", note: str = ""
) -> Claim:
    """A claim that Z3 decides, one action after the other.  Of a variant, which is refuted, those that it exchanges."""
    exchanged = [s.name for s in system.steps if s.stands_for is not None] if expected == "refuted" else []

    def decide(claim: Safety) -> Outcome:
        return stepwise(system, list(linux_and_qemu(system.cfg)), exchanged)

    return Safety(name, system, follows_the_standard, expected, decide=decide, tier=tier, note=note)


def quiets_by_the_flag(s: SplitState, me: MainLoop) -> None:
    """The device asks by its flag for no kicks, although the event index was negotiated."""
    store(s, me, loc.used_flags, NO_NOTIFY)
    over(s, me, "between")
    me.goto(SplitQ.RECHECK)


SMALL = watched(peers(idx_bits=2, max_packet=1))
EVENT = peers(idx_bits=2, max_packet=1, event_idx=True)
TWO = watched(peers(size=2, max_packet=1))
EARLY = peers(idx_bits=16, max_packet=1).replace("virtqueue_split_fill", publishes_first)

CLAIMS: list[Claim] = [
    step_by_step("refines-ring1-flags", wide()),
    step_by_step("refines-ring1-event", wide(event_idx=True), tier="full"),
    step_by_step("refines-ring2-flags", wide(size=2), tier="full"),
    step_by_step("refines-ring2-event", wide(size=2, event_idx=True), tier="full"),
    step_by_step(
        "refines-not-publishing-first",
        watched(EARLY.replace("virtqueue_split_flush", fills_after)),
        "refuted",
        note="used.idx before the entry: the device's fill is no step of the standard",
    ),
    step_by_step(
        "refines-not-taking-unseen",
        watched(peers(idx_bits=16, max_packet=1).replace(MORE_USED, takes_unseen)),
        "refuted",
        note="the driver frees what is not used: its next offer is no step of the standard",
    ),
    *claims_of(SMALL, *linux_and_qemu(SMALL.cfg)),
    *claims_of(watched(EVENT), *linux_and_qemu(EVENT.cfg)),
    *claims_of(TWO, *linux_and_qemu(TWO.cfg), tier="full"),
    fails(
        "flags_follow_the_feature-can-fail",
        watched(EVENT.replace("virtio_queue_set_notification__store", quiets_by_the_flag)),
        flags_follow_the_feature,
        "a device that asks by the flag for no kicks, against 2.7.10.2-3",
        tier="quick",
    ),
]
"""The lemmas are claimed of the reachable states of small systems as well: they are not empty."""

if __name__ == "__main__":
    main_for(CLAIMS)
