"""Bugs on a packed ring: faulty versions of both sides' steps, each with the system that shows it.

QEMU 7.2 itself has two of them: it lacks a barrier, and it forgets a part of what is flushed in parts.
"""

from __future__ import annotations

from typing import Any

from vrx.models.claims import Exhibit
from vrx.models.systems.mended import flushing_everything, mended
from vrx.models.systems.system import System, rx
from vrx.proofs.museum.torn_flags import used_in_two
from vrx.spec.layouts.packed.contexts import PackedL, PackedMainLoop
from vrx.spec.layouts.packed.device_used import moves_on
from vrx.spec.layouts.packed.driver import KICK_PREPARE_MB, take_off_free_list, virtqueue_add_packed__head_flags
from vrx.spec.layouts.packed.memory import DESC, DISABLE, USED, available_mark, loc
from vrx.spec.layouts.packed.notification import need_event
from vrx.spec.layouts.packed.properties import wrap_counters_coherent
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.linux.returns import added
from vrx.spec.linux.state import L, Softirq
from vrx.spec.memory import load, mb, store
from vrx.spec.properties import no_lost_interrupt, no_lost_kick, ring_not_broken, single_owner
from vrx.spec.qemu.state import MainLoop
from vrx.spec.ring import idx_add, slot
from vrx.spec.rx import FREE, OFFERED, give


def keeps_what_is_left(s: PackedState, me: PackedMainLoop) -> None:
    """The mend: what is filled and not flushed moves to the front, where the next flush begins."""
    count = me.rest if s.cfg.general else me.held
    moves_on(s, me)
    elems = s.dev.used_elems
    for k in range(len(elems)):
        if count + k < len(elems):
            elems[k] = elems[count + k]


def remembers_across_the_end(s: PackedState, me: MainLoop) -> None:
    """signalled_used stays valid around the end of the ring, so that a lap looks like nothing."""


def wraps_by_a_mask(s: PackedState, me: Softirq) -> None:
    """The next position is masked as if the ring size were a power of two."""
    begin = s.vq.next_avail_idx
    virtqueue_add_packed__head_flags(s, me)
    s.vq.next_avail_idx = (begin + 1) & (s.cfg.size - 1)


def kicks_by_the_first_lap(s: PackedState, me: Softirq) -> None:
    """avail_wrap_counter was never flipped: a list as long as the ring ends where it began (i < head, not i <= head).

    On a ring of 1 each buffer is as long as the ring.
    """
    vq = s.vq
    mb(s, me, KICK_PREPARE_MB)
    new = slot(s.cfg, vq.next_avail_idx)
    old = new - vq.num_added
    vq.num_added = 0
    off_wrap, flags = load(s, me, loc.device_event)
    wanted = need_event(s.cfg, off_wrap, new, new, old) if flags == DESC else flags != DISABLE
    if wanted:
        me.goto(L.NOTIFY)
    else:
        me.ret()


def names_the_slot(s: PackedState, me: Softirq) -> None:
    """The id of a buffer is the position that it is posted at."""
    here = slot(s.cfg, s.vq.next_avail_idx)
    store(s, me, loc.desc_id[here], here)
    me.goto(PackedL.ADD_HEAD_FLAGS)


def keeps_the_token_by_slot(s: PackedState, me: Softirq) -> None:
    """What is posted is known by its position, although a device that completes out of order has another there."""
    vq = s.vq
    here = vq.next_avail_idx
    head = slot(s.cfg, here)
    give(s, head, FREE, OFFERED, here)
    vq.next_avail_idx = idx_add(s.cfg, here, 1)
    take_off_free_list(s, vq.free_head)
    vq.token[head] = True
    store(s, me, loc.desc_flags[head], available_mark(s.cfg, here))
    vq.num_added = vq.num_added + 1
    added(s, me)


def packed(**options: Any) -> System:
    """A packed ring, as Linux 6.1 and QEMU 7.2 have it."""
    return rx(ring="packed", **options)


def exhibits() -> list[Exhibit]:
    """Bugs of both sides."""
    tso, event = packed(memory="tso"), packed(event_idx=True)
    three, any_caller = packed(size=3, max_packet=1), packed(size=2, caller="any")
    two = flushing_everything(any_caller)
    by_slot = {"virtqueue_add_packed__id": names_the_slot, "virtqueue_add_packed__head_flags": keeps_the_token_by_slot}
    return [
        Exhibit(
            "packed-notify-no-barrier",
            "QEMU 7.2, virtio_packed_should_notify()",
            tso,
            no_lost_interrupt,
            mended(tso),
            note="The used descriptor waits in the store buffer while the driver's event structure is read.",
        ),
        Exhibit(
            "packed-notify-no-barrier-event",
            "QEMU 7.2, virtio_packed_should_notify()",
            packed(event_idx=True, memory="tso"),
            no_lost_interrupt,
            mended(packed(event_idx=True, memory="tso")),
            note="The same where the driver names a position.",
        ),
        Exhibit(
            "packed-flush-in-parts",
            "QEMU 7.2, virtqueue_packed_flush()",
            any_caller,
            ring_not_broken,
            any_caller.replace("moves_on", keeps_what_is_left, called="what is left moves to the front"),
            tier="full",
            note="A flush begins with used_elems[0], also where that was flushed before: no caller of QEMU's flushes a "
            "part.",
        ),
        Exhibit(
            "signalled-used-modulo-n",
            "QEMU 750539c4c4f4",
            event.replace("end_of_ring", remembers_across_the_end),
            no_lost_interrupt,
            event,
            note="A whole lap between two decisions looks as if nothing had been used.",
        ),
        Exhibit(
            "torn-flags",
            "QEMU f463e761a41e",
            used_in_two(packed(), USED),
            single_owner,
            packed(),
            note="The byte of USED is written first: the driver has posted the descriptor anew when AVAIL is written.",
        ),
        Exhibit(
            "avail-wrap-off-by-one",
            "Linux 1acfe2c12258",
            event.replace("virtqueue_kick_prepare_packed", kicks_by_the_first_lap),
            no_lost_kick,
            event,
            note="The wrap counter of the kick test is not that of the flags: a buffer as long as the ring is missed.",
        ),
        Exhibit(
            "mask-on-odd-ring",
            "DPDK 92ed77dce6",
            three.replace("virtqueue_add_packed__head_flags", wraps_by_a_mask),
            wrap_counters_coherent,
            three,
            note="A packed ring may have any size: a mask leads to a wrong descriptor.",
        ),
        Exhibit(
            "refill-by-slot",
            "DPDK 2d91b28730",
            two.replace(by_slot),
            single_owner,
            two,
            tier="full",
            note="A device that completes out of order returns another buffer there, and one that is out is posted.",
        ),
    ]
