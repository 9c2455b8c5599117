"""Every step of Linux's and QEMU's ring is a step of the standard, split or packed: step by step, by Z3, at any index.

There is one queue, which both layouts refine.  The systems are watched (`spec.standard.looking_on`): the map from
memory to the queue is the layout's (`watch.py` of its folder).  The lemmas ask the ring's view, and of each layout a
few words (`proofs.refines`).  They say how the standard's queue corresponds to what both programs keep for
themselves, and no more of the programs than that needs.  That they hold at the start and that no step leaves them
is a proof that `follows_the_standard` always holds, on the ring sizes named: with indices of 16 bits
on a split ring, with all that there are on a packed one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from vrx.models.claims import Claim, Outcome, Safety, Tier, Verdict, claims_of, fails
from vrx.models.engines.z3.one_step_induction import stepwise
from vrx.models.systems.standard_systems import peers, watched
from vrx.models.systems.system import System
from vrx.proofs.museum.device import fills_after, publishes_first
from vrx.proofs.museum.driver import takes_unseen
from vrx.proofs.refines import Words, packed, split, stands
from vrx.proofs.refines.split import flags_follow_the_feature
from vrx.proofs.running import main_for
from vrx.proofs.variants import MORE_USED
from vrx.spec.config import Config
from vrx.spec.layouts.packed.contexts import PackedL
from vrx.spec.layouts.packed.driver import take_off_free_list
from vrx.spec.layouts.packed.layout import PACKED
from vrx.spec.layouts.packed.memory import AVAIL
from vrx.spec.layouts.packed.memory import loc as loc_packed
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.layouts.shape import Shape
from vrx.spec.layouts.split.contexts import SplitQ
from vrx.spec.layouts.split.layout import SPLIT
from vrx.spec.layouts.split.memory import NO_NOTIFY, loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.layouts.view import view
from vrx.spec.lemmas import only_where, stated
from vrx.spec.linux.returns import added, receive_over
from vrx.spec.linux.state import L, Softirq
from vrx.spec.memory import over, store
from vrx.spec.properties import Property
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.rx import FREE, OFFERED, give
from vrx.spec.standard.properties import follows_the_standard
from vrx.spec.standard.virtqueue import DRIVER, TAKEN

# The entries of the ring from the oldest that the driver has not received: position k is its index + k.


def received(s: Any) -> int:
    """Where the positions begin."""
    return view(s).received


def at(s: Any, k: int) -> int:
    """The index of position k."""
    return idx_add(s.cfg, received(s), k)


def returned(s: Any) -> int:
    """How many entries are published as used and not received."""
    return idx_sub(s.cfg, view(s).used, received(s))


def offered(s: Any) -> int:
    """How many are published as available and not received back."""
    return idx_sub(s.cfg, view(s).added, received(s))


def correspondence() -> Iterator[Property]:
    """How the standard's queue corresponds to what both sides count."""
    yield follows_the_standard
    yield stated(
        "indices_agree",
        lambda s: (
            s.watch.queue.offers.idx == view(s).added
            and s.watch.queue.offers.added == view(s).added
            and s.watch.queue.taken == view(s).added
            and s.watch.queue.returns.idx == view(s).used
            and s.watch.queue.returns.added == view(s).used
            and s.watch.queue.received == view(s).used
        ),
        "The standard's positions are those that both sides count.",
    )


def linux_and_qemu(cfg: Config, words: Words) -> Iterator[Property]:
    """The lemmas about Linux's driver with QEMU's device, as far as each says something of such a system.

    words: of the ring that it has
    """

    def written(s: Any) -> int:
        return idx_sub(s.cfg, words.written(s), received(s))

    def taken_off(s: Any) -> Any:
        return stands(s.cpus[0].softirq.pc, words.TAKEN_OFF)

    def placed(s: Any) -> int:
        """How many are written as available: those that are published, and the one that is about to be."""
        return idx_add(s.cfg, offered(s), 1) if taken_off(s) else offered(s)

    def head(s: Any, k: int) -> int:
        return words.used_at(s, at(s, k)) if k < written(s) else words.avail_at(s, at(s, k))

    def filling(pc: Any) -> Any:
        return stands(pc, (L.TRY_FILL_RECV, *words.ADDING, L.KICK_PREPARE))

    def entry_point(pc: Any) -> Any:
        return stands(pc, (*words.TAKING, *words.WITHIN)) | filling(pc)

    yield from correspondence()
    yield from words.shown(cfg)
    yield stated(
        "windows",
        lambda s: rising(returned(s), written(s), offered(s), placed(s), s.cfg.size),
        "What is published is written, what is used was offered, and never more than the ring holds.",
    )

    def of_position(k: int) -> Iterator[Property]:
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
        yield from of_position(k)
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
        if cfg.size > 2:
            yield stated("free_list", lambda s: view(s).free_list_intact(), "So it has as far as it goes.")
        yield stated(
            "element_in_hand",
            lambda s: only_where(
                s.main.filled == 0 and in_hand(s) > 0,
                lambda: s.main.elems[0] == words.avail_at(s, view(s).used),
            ),
            "What the device has in hand is what was offered next.",
        )
    yield stated(
        "popped",
        lambda s: idx_sub(s.cfg, view(s).popped, view(s).used) == in_hand(s),
        "What was popped and is not flushed is in hand.",
    )
    yield stated(
        "popped_was_offered",
        lambda s: returned(s) + in_hand(s) <= offered(s),
        "The device has popped no more than was offered.",
    )
    yield stated("inuse", lambda s: s.dev.inuse == s.main.held, "inuse is what is in hand.")
    yield stated(
        "returns_to_calls",
        lambda s: not entry_point(s.cpus[0].softirq.ret0) and not entry_point(s.cpus[0].softirq.ret1),
        "No function returns into the middle of another's work on the ring.",
    )
    yield stated(
        "num_added",
        lambda s: (
            idx_add(s.cfg, s.vq.num_added, 1 if taken_off(s) else 0) <= s.cfg.size - s.vq.num_free
            if filling(s.cpus[0].softirq.pc)
            else s.vq.num_added == 0
        ),
        "num_added counts the buffers of this filling, and nothing is received meanwhile.",
    )
    yield stated(
        "in_hand",
        lambda s: _in_hand(s, words.FLUSHING),
        "Where the main loop stands says how much is in hand and how much is filled.",
    )
    yield stated(
        "sees_before_it_pops",
        lambda s: only_where(stands(s.main.pc, words.POPPING), lambda: words.sees(s) != view(s).popped),
        "The device pops only what it has seen.",
    )
    yield stated(
        "sees_before_it_takes",
        lambda s: only_where(stands(s.cpus[0].softirq.pc, words.TAKING), lambda: view(s).used != received(s)),
        "The driver takes only what it has seen.",
    )
    yield stated(
        "adds_only_free",
        lambda s: only_where(stands(s.cpus[0].softirq.pc, words.FREE), lambda: s.vq.num_free > 0),
        "The driver offers only what is free.",
    )


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


def in_hand(s: Any) -> int:
    """How many buffers the device has popped and not flushed."""
    held: int = s.main.held
    return held + 1 if view(s).popping(s.main) else held


def _in_hand(s: Any, flushing: tuple[Any, ...]) -> bool:
    """Packets of one buffer: nothing in hand but between pop and flush."""
    pc = s.main.pc
    if pc == Q.FILL:
        return bool(s.main.held == 1 and s.main.filled == 0)
    if pc == Q.UNPOP:
        return bool(s.main.held == 1 and s.main.filled == 0)
    if stands(pc, (Q.FLUSH, *flushing)):
        return bool(s.main.held == 1 and s.main.filled == 1)
    return bool(s.main.held == 0 and s.main.filled == 0)


def wide(**options: Any) -> System:
    """A watched system with indices of 16 bits, and packets that fit."""
    return watched(peers(idx_bits=16, max_packet=1, **options))


WORDS: Final[Mapping[Shape, Words]] = {SPLIT.shape: split, PACKED.shape: packed}
"""Whoever lets another layout refine the standard's queue adds its words here."""


def lemmas(system: System) -> list[Property]:
    """Those about a system with Linux's driver and QEMU's device."""
    return [*linux_and_qemu(system.cfg, WORDS[system.cfg.layout])]


def step_by_step(
    name: str, system: System, expected: Verdict = "inductive", tier: Tier = "quick", note: str = ""
) -> Claim:
    """A claim that Z3 decides, one action after the other.  Of a variant, which is refuted, those that it exchanges."""
    exchanged = [s.name for s in system.steps if s.stands_for is not None] if expected == "refuted" else []

    def decide(claim: Safety) -> Outcome:
        return stepwise(system, lemmas(system), exchanged)

    return Safety(name, system, follows_the_standard, expected, decide=decide, tier=tier, note=note)


def quiets_by_the_flag(s: SplitState, me: MainLoop) -> None:
    """The device asks by its flag for no kicks, although the event index was negotiated."""
    store(s, me, loc.used_flags, NO_NOTIFY)
    over(s, me, "between")
    me.goto(SplitQ.RECHECK)


def forgets_the_lap(s: PackedState, me: Softirq) -> None:
    """The driver marks descriptors with the wrap counter of the first lap for ever."""
    vq = s.vq
    head, here = vq.free_head, vq.next_avail_idx
    give(s, head, FREE, OFFERED, here)
    vq.next_avail_idx = idx_add(s.cfg, here, 1)
    take_off_free_list(s, head)
    vq.token[head] = True
    store(s, me, loc_packed.desc_flags[slot(s.cfg, here)], AVAIL)
    vq.num_added = vq.num_added + 1
    added(s, me)


def takes_without_looking(s: PackedState, me: Softirq, exhausted: int) -> None:
    """The driver takes the next descriptor, whatever its flags say."""
    if exhausted == 1:
        receive_over(s, me)
    else:
        me.goto(PackedL.USED_ID)


def ringed(**options: Any) -> System:
    """A watched system with a packed ring, and packets that fit."""
    return watched(peers(ring="packed", max_packet=1, **options))


SMALL = watched(peers(idx_bits=2, max_packet=1))
EVENT = peers(idx_bits=2, max_packet=1, event_idx=True)
TWO = watched(peers(size=2, max_packet=1))
PACKED_RINGS = [ringed(size=size, event_idx=event) for size in (1, 2) for event in (False, True)]
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
    step_by_step("refines-packed-ring1-flags", ringed()),
    *(
        step_by_step(f"refines-packed-ring{size}-{'event' if event else 'flags'}", ringed(size=size, event_idx=event),
                     tier="full")
        for size in (1, 2, 3)
        for event in (False, True)
        if (size, event) != (1, False)
    ),
    step_by_step(
        "refines-packed-not-forgetting-the-lap",
        ringed().replace("virtqueue_add_packed__head_flags", forgets_the_lap),
        "refuted",
        tier="full",
        note="in the second lap an offer is no step of the standard, nor anything that it does not see",
    ),
    step_by_step(
        "refines-packed-not-taking-unseen",
        ringed().replace("virtqueue_get_buf_ctx_packed__more_used", takes_without_looking),
        "refuted",
        tier="full",
        note="the driver frees what is not used: its next offer is no step of the standard",
    ),
    *claims_of(SMALL, *lemmas(SMALL)),
    *claims_of(watched(EVENT), *lemmas(watched(EVENT))),
    *claims_of(TWO, *lemmas(TWO), tier="full"),
    *(c for s in PACKED_RINGS for c in claims_of(s, *lemmas(s), tier="full")),
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
