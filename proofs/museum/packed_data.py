"""Bugs about what buffers hold on a packed ring: lists, their order, their lengths.

QEMU 7.2 itself has one of them: virtqueue_unpop() goes back one descriptor, however many the element has.  Most systems
have no notifications, as those of `proofs.museum.data`: each side looks when it likes.
"""

from __future__ import annotations

from typing import Any

from vrx.models.claims import Exhibit
from vrx.models.systems.system import System, rx
from vrx.proofs.museum.packed import kicks_by_the_first_lap
from vrx.spec.layouts.packed.contexts import PackedL, PackedMainLoop, PackedQ
from vrx.spec.layouts.packed.device_used import (
    first_written,
    moves_on,
    used_at,
    virtqueue_packed_flush__flags,
)
from vrx.spec.layouts.packed.memory import NEXT, WRITE, available_mark, loc, used_mark
from vrx.spec.layouts.packed.properties import packed_slots_contiguous, wrap_counters_coherent
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.linux.state import Softirq
from vrx.spec.memory import store
from vrx.spec.properties import (
    Property,
    descriptors_conserved,
    no_lost_kick,
    num_buffers_before_publication,
    single_owner,
    used_entries_exact,
)
from vrx.spec.qemu.returns import forget_element, ndescs
from vrx.spec.qemu.state import MainLoop
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.rx import FREE, HELD, OFFERED, USED, give
from vrx.spec.words import pick


def small(**options: Any) -> System:
    """One descriptor a buffer; a packet of 2 does not fit."""
    return rx(ring="packed", data=True, **{"notify": False, "size": 2, **options})


def mergeable(**options: Any) -> System:
    """One descriptor a buffer, packets over two of them, the second half filled or filled."""
    return small(mergeable=True, **{"max_packet": 3, **options})


def big(**options: Any) -> System:
    """Lists of two descriptors, header and data, in which every packet fits; or the same in tables."""
    return small(**{"segments": 2, "max_packet": 1, **options})


def merging(**options: Any) -> System:
    """Lists of two descriptors, packets over two of them.  Linux posts no such buffers; VIRTIO allows them."""
    return mergeable(**{"size": 4, "segments": 2, **options})


TOO_LARGE = big(buffer_len=3, max_packet=3, stale="memory")
"""Lists of two as long as the ring, and packets that do not fit; what the C leaves in the ring stays there."""
OVER = mergeable(size=3)
"""Packets of two buffers on a ring of three: they come to lie over the end."""
LONG = small(size=1, buffer_len=3, stale="memory")
"""Buffers that no packet of one unit fills."""
ODD = big(size=3)
"""Lists of two on a ring of three."""


def unpops_all(s: PackedState, me: MainLoop) -> None:
    """The mend: back by as many descriptors as the element has."""
    s.dev.last_avail_idx = idx_sub(s.cfg, s.dev.last_avail_idx, ndescs(s, me, 0))
    s.dev.inuse = s.dev.inuse - ndescs(s, me, 0)
    give(s, me.elems[0], HELD, OFFERED)
    forget_element(s, me)


def unpopping_all(system: System) -> System:
    """The system in which virtqueue_unpop() goes back by the whole element."""
    return system.replace("virtqueue_unpop", unpops_all, called="unpop of all descriptors")


def over_the_end(s: PackedState, me: MainLoop) -> Any:
    """Do the descriptors of the packet lie over the end of the ring?"""
    return slot(s.cfg, s.dev.used_idx) + me.held > s.cfg.size


def first_one_first(s: PackedState, me: PackedMainLoop) -> Any:
    """Over the end of the ring a flush begins with the first element."""
    return pick(over_the_end(s, me), 0, first_written(s, me))


def then_the_others(s: PackedState, me: PackedMainLoop) -> None:
    """Over the end of the ring the others are marked behind it."""
    if not over_the_end(s, me):
        virtqueue_packed_flush__flags(s, me)
        return
    here = used_at(s, me)
    store(s, me, loc.desc_flags[slot(s.cfg, here)], used_mark(s.cfg, here))
    if me.element + 1 < me.held:
        me.walk.offset = me.walk.offset + pick(me.element == 0, 0, s.dev.used_ndescs[me.element])
        me.element = me.element + 1
        me.goto(PackedQ.FLUSH_ID)
    else:
        me.walk.offset = me.held
        moves_on(s, me)


def flags_before_the_length(s: PackedState, me: PackedMainLoop) -> None:
    """The descriptor is marked as used, then its length is written."""
    if me.pc == PackedQ.FLUSH_LEN:
        here = used_at(s, me)
        store(s, me, loc.desc_flags[slot(s.cfg, here)], used_mark(s.cfg, here))
        me.goto(PackedQ.FLUSH_FLAGS)


def length_behind_the_flags(s: PackedState, me: PackedMainLoop) -> None:
    """The length follows, and used_idx moves on."""
    store(s, me, loc.desc_len[slot(s.cfg, used_at(s, me))], s.dev.used_lens[me.element])
    moves_on(s, me)


def counts_one_a_list(s: PackedState, me: MainLoop) -> int:
    """An element takes one descriptor of the ring, whatever it has."""
    return 1


def one_behind_the_other(s: PackedState, me: PackedMainLoop) -> int:
    """Element i goes to used_idx + i, however many descriptors those before it have."""
    return idx_add(s.cfg, s.dev.used_idx, me.element)


def head_first(s: PackedState, me: Softirq) -> None:
    """The first descriptor of a list is made available before the others are written."""
    flags = available_mark(s.cfg, s.vq.next_avail_idx) + WRITE + NEXT
    store(s, me, loc.desc_flags[slot(s.cfg, s.vq.next_avail_idx)], flags)
    me.seg = 1
    me.goto(PackedL.ADD_FLAGS)


def frees_one_id(s: PackedState, me: Softirq) -> None:
    """Only the first id of a list goes back on the free list."""
    vq = s.vq
    give(s, me.head, USED, FREE, vq.num_free)
    vq.token[me.head] = False
    vq.next[me.head] = vq.free_head
    vq.free_head = me.head
    vq.num_free = vq.num_free + 1


def masks(s: PackedState, me: Softirq) -> int:
    """The place of a list's next descriptor is masked as if the ring size were a power of two."""
    return (s.vq.next_avail_idx + me.seg) & (s.cfg.size - 1)


def exhibits() -> list[Exhibit]:
    """Bugs of both sides, device first."""
    kick = big(event_idx=True, notify=True)
    return [
        _bug(
            "packed-unpop-one-descriptor",
            "QEMU 7.2, virtqueue_unpop()",
            unpopping_all(TOO_LARGE),
            used_entries_exact,
            "A packet that does not fit is dropped, and the next one is written to what is left of the list.",
            TOO_LARGE,
        ),
        _bug(
            "packed-head-not-last",
            "DPDK af4d7ad5d9",
            OVER,
            num_buffers_before_publication,
            "A packet over the end of the ring: the driver takes its first buffer before the second one is used.",
            OVER.replace({"first_written": first_one_first, "virtqueue_packed_flush__flags": then_the_others}),
        ),
        _bug(
            "packed-length-behind-flags",
            "kvm-host (sysprog21), pull request 50",
            LONG,
            used_entries_exact,
            "The driver reads the length that it wrote itself.",
            LONG.replace(
                {
                    "virtqueue_packed_flush__len": flags_before_the_length,
                    "virtqueue_packed_flush__flags": length_behind_the_flags,
                }
            ),
        ),
        _bug(
            "packed-list-counted-as-one",
            "the class of QEMU 2d9a31b3c273",
            ODD,
            packed_slots_contiguous,
            "used_idx moves by one where a list has two descriptors: the driver never comes to what is used next.",
            ODD.replace("elem_ndescs", counts_one_a_list),
        ),
        _bug(
            "packed-flush-offset",
            "QEMU 2d9a31b3c273",
            merging(),
            packed_slots_contiguous,
            "A packet of two lists: the second one is marked as used in the middle of the first.",
            merging().replace("used_at", one_behind_the_other),
        ),
        _bug(
            "packed-list-head-first",
            "the order that VIRTIO 1.4, 2.8.17 forbids",
            ODD,
            single_owner,
            "The device walks over descriptors that are not written yet.",
            ODD.replace("begin_add", head_first),
        ),
        _bug(
            "packed-frees-one-id",
            "QEMU shadow virtqueue 81abfa5724c9, on a packed ring",
            big(size=4),
            descriptors_conserved,
            "The other ids of each list are never free again.",
            big(size=4).replace("detach_buf_packed", frees_one_id),
        ),
        _bug(
            "mask-on-odd-ring-list",
            "DPDK 92ed77dce6",
            ODD,
            wrap_counters_coherent,
            "The later descriptors of a list are not those behind the first.",
            ODD.replace("written_at", masks),
        ),
        _bug(
            "avail-wrap-off-by-one-list",
            "Linux 1acfe2c12258",
            kick,
            no_lost_kick,
            "A list as long as the ring ends where it began: the wrap counter of the kick test is not flipped.",
            kick.replace("virtqueue_kick_prepare_packed", kicks_by_the_first_lap),
        ),
    ]


def _bug(name: str, origin: str, fixed: System, broken: Property, note: str, faulty: System) -> Exhibit:
    """The exhibit of a system that is faulty, and of one that is not."""
    return Exhibit(name, origin, faulty, broken, fixed, note=note)
