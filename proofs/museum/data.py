"""Bugs about what buffers hold: num_buffers, used entries, chains, lengths.

Device and driver, each a step as the bug had it or a change around the step of
`spec`.  The systems are those of `proofs.data`: no notifications, each side looks
when it likes.
"""

from __future__ import annotations

from collections.abc import Callable

from vrx.models.claims import Exhibit
from vrx.models.systems.system import System, rx
from vrx.spec.layouts.split.contexts import SplitL, SplitMainLoop, SplitSoftirq
from vrx.spec.layouts.split.device import virtqueue_split_pop__desc
from vrx.spec.layouts.split.device_used import FLUSH_WMB, virtqueue_split_fill
from vrx.spec.layouts.split.driver import virtqueue_add_split__ring
from vrx.spec.layouts.split.driver_used import detached, put_back
from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.returns import ring_filled
from vrx.spec.linux.state import L, Softirq
from vrx.spec.linux.virtio_net import read_num_buffers
from vrx.spec.memory import dead, load, store, wmb
from vrx.spec.properties import (
    Property,
    descriptors_conserved,
    length_within_buffer,
    num_buffers_before_publication,
    single_owner,
    used_entries_exact,
)
from vrx.spec.qemu.net_queue import done
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.qemu.virtio_net import copy_piece, receive_header, write_num_buffers
from vrx.spec.ring import idx_add, slot
from vrx.spec.rx import CHAINED, FREE, HELD, USED, give
from vrx.spec.words import clear

NUM_BUFFERS = "virtio_net_receive_rcu__num_buffers"
FILL, FLUSH = "virtqueue_split_fill", "virtqueue_split_flush"
"""Steps that are exchanged elsewhere too."""


def small(**options: object) -> System:
    """One descriptor a buffer; a packet of 2 does not fit."""
    return rx(data=True, notify=False, **{"size": 2, "idx_bits": 2, **options})


def mergeable(**options: object) -> System:
    """One descriptor a buffer, packets over two of them, the second half filled or filled."""
    return small(mergeable=True, **{"max_packet": 3, **options})


def big(**options: object) -> System:
    """Two descriptors a buffer, header and data; in the ring, or in a table."""
    return small(segments=2, **options)


FOUR = big(size=4, idx_bits=3)
"""Chains of two on a ring of four."""


def numbers_in_the_end(s: SplitState, me: MainLoop) -> None:
    """num_buffers is written when the packet has been published, or when its buffers have been filled."""
    if me.filled == 0 and me.held != 0:
        me.goto(Q.FILL)
    elif me.held == 0:
        store(s, me, loc.num_buffers[me.mhdr - 1], me.rest)
        me.mhdr = 0
        me.rest = 0
        done(s, me)
    else:
        write_num_buffers(s, me)
        me.goto(Q.FLUSH)


def flushes_then_numbers(s: SplitState, me: MainLoop) -> None:
    """The used index moves on, then num_buffers is written."""
    wmb(s, me, FLUSH_WMB)
    s.dev.used_idx = idx_add(s.cfg, s.dev.used_idx, me.held)
    store(s, me, loc.used_idx, s.dev.used_idx)
    s.dev.inuse = s.dev.inuse - me.held
    me.rest = me.held
    clear(me.elems)
    clear(me.lens)
    me.held = 0
    me.filled = 0
    me.goto(Q.NUM_BUFFERS)


def fills_then_numbers(s: SplitState, me: MainLoop) -> None:
    """The elements are unmapped and their used entries written, then num_buffers goes into the first."""
    last = me.filled + 1 == me.held
    virtqueue_split_fill(s, me)
    if last:
        me.goto(Q.NUM_BUFFERS)


def fills_one(s: SplitState, me: MainLoop) -> None:
    """One used element, at the used index as it is."""
    head = me.elems[me.filled]
    give(s, head, HELD, USED)
    store(s, me, loc.used_elem[slot(s.cfg, s.dev.used_idx)], (head, me.lens[me.filled]))
    me.goto(Q.FLUSH)


def flushes_one(s: SplitState, me: MainLoop) -> None:
    """The used index moves on by one; the packet's next buffer follows, at last num_buffers."""
    s.dev.used_idx = idx_add(s.cfg, s.dev.used_idx, 1)
    store(s, me, loc.used_idx, s.dev.used_idx)
    s.dev.inuse = s.dev.inuse - 1
    me.filled = me.filled + 1
    me.goto(Q.NUM_BUFFERS if me.filled == me.held else Q.FILL)


def numbers_after_one_by_one(s: SplitState, me: MainLoop) -> None:
    """num_buffers is known when all buffers have been published."""
    if me.filled == 0:
        me.goto(Q.FILL)
    else:
        store(s, me, loc.num_buffers[me.mhdr - 1], me.held)
        me.mhdr = 0
        me.held = 0
        me.filled = 0
        clear(me.elems)
        clear(me.lens)
        done(s, me)


def pops_and_keeps_last(s: SplitState, me: SplitMainLoop) -> None:
    """The number of the last descriptor is kept, for the used entry."""
    last = me.desc
    virtqueue_split_pop__desc(s, me)
    if me.held != 0:
        me.desc = last


def uses_last_id(s: SplitState, me: SplitMainLoop) -> None:
    """The used entry names the last descriptor of the chain."""
    give(s, me.elems[0], HELD, USED)
    store(s, me, loc.used_elem[slot(s.cfg, s.dev.used_idx)], (me.desc, me.lens[0]))
    me.desc = 0
    me.filled = 1
    me.goto(Q.FLUSH)


def uses_last_length(s: SplitState, me: MainLoop) -> None:
    """The used entry has the length of the chain's last piece."""
    me.lens[0] = me.lens[0] - s.cfg.hdr_len
    virtqueue_split_fill(s, me)


def counts_header_twice(s: SplitState, me: MainLoop) -> None:
    """The header is in the length of the packet already, and is added again."""
    receive_header(s, me)
    me.lens[0] = me.lens[0] + s.cfg.hdr_len


def copies_all(s: SplitState, me: MainLoop) -> None:
    """The whole packet is copied, whatever the length of the buffer."""
    copy_piece(s, me, me.rest)


def frees_head_only(s: SplitState, me: Softirq) -> None:
    """Only the head of a chain goes back on the free list."""
    vq = s.vq
    head = me.head
    load(s, me, loc.desc_flags[head])
    dead(s, loc.desc[head])
    give(s, head, CHAINED, FREE)
    vq.num_free = vq.num_free + 1
    vq.next[head] = vq.free_head
    vq.free_head = head
    detached(s, me)


def counts_chains(s: SplitState, me: SplitSoftirq) -> None:
    """There is room while any descriptor is free."""
    if s.vq.broken or s.vq.num_free == 0:
        ring_filled(s, me)
    else:
        me.desc = s.vq.free_head
        me.goto(SplitL.ADD_FLAGS)


def takes_one_of_each(s: SplitState, me: SplitSoftirq) -> None:
    """A chain is counted as one."""
    free = s.vq.num_free
    virtqueue_add_split__ring(s, me)
    s.vq.num_free = free - 1


def believes_length(s: SplitState, me: SplitSoftirq) -> None:
    """The used length is taken for true."""
    if put_back(s, me):
        detached(s, me, believed=True)


def believes_first_length(s: SplitState, me: Softirq) -> None:
    """The used length of the packet's first buffer is taken for true."""
    read_num_buffers(s, me)
    me.goto(L.RECEIVE_HEADER)


def lies_about_length(s: SplitState, me: MainLoop, length: int) -> None:
    """A hostile device: the used entry has any length up to twice the buffer's."""
    me.lens[me.filled] = length
    virtqueue_split_fill(s, me)


def hostile(system: System) -> System:
    """The system with a device that writes what it likes into used.len."""
    return system.replace(FILL, lies_about_length, "any used.len", length=system.cfg.len_top + 1)


def believing(system: System) -> System:
    """The system with a driver that does not compare used.len with its buffer."""
    if system.cfg.mergeable:
        system = system.replace("receive_mergeable__num_buffers", believes_first_length)
    return system.replace("detach_buf_split", believes_length)


def _bug(
    name: str, origin: str, fixed: System, broken: Property, note: str, **exchanged: Callable[..., None]
) -> Exhibit:
    """The exhibit of a system with steps exchanged for faulty ones."""
    faulty = fixed
    for step, run in exchanged.items():
        faulty = faulty.replace(step, run)
    return Exhibit(name, origin, faulty, broken, fixed, note=note)


def exhibits() -> list[Exhibit]:
    """The bugs about data, device first."""
    return [
        _bug(
            "num-buffers-after-publication",
            "the order that VIRTIO 1.4, 2.7.8.2 forbids",
            mergeable(),
            num_buffers_before_publication,
            "The driver takes the first buffer before it says how many follow.",
            virtio_net_receive_rcu__num_buffers=numbers_in_the_end,
            virtqueue_split_flush=flushes_then_numbers,
        ),
        _bug(
            "num-buffers-after-unmap",
            "QEMU bedd7e93d019 (CVE-2021-3748)",
            mergeable(),
            single_owner,
            "The device writes into a buffer that it has unmapped.",
            virtio_net_receive_rcu__num_buffers=numbers_in_the_end,
            virtqueue_split_fill=fills_then_numbers,
        ),
        _bug(
            "merged-published-one-by-one",
            "kvmtool 3fea89a92451",
            mergeable(),
            num_buffers_before_publication,
            "Each buffer of a packet gets a used index update of its own while num_buffers is still counted.",
            virtio_net_receive_rcu__num_buffers=numbers_after_one_by_one,
            virtqueue_split_fill=fills_one,
            virtqueue_split_flush=flushes_one,
        ),
        _bug(
            "used-id-of-last-descriptor",
            "DPDK f46f655143",
            big(),
            used_entries_exact,
            "The used entry names a descriptor that is no head.",
            virtqueue_split_pop__desc=pops_and_keeps_last,
            virtqueue_split_fill=uses_last_id,
        ),
        _bug(
            "used-len-of-last-descriptor",
            "DPDK f46f655143",
            big(),
            used_entries_exact,
            "The used entry has the length of the last descriptor, not of the chain.",
            virtqueue_split_fill=uses_last_length,
        ),
        _bug(
            "header-counted-twice",
            "off-by-a-header class",
            small(),
            used_entries_exact,
            "The used length is longer than what was written.",
            receive_header=counts_header_twice,
        ),
        _bug(
            "filled-past-its-end",
            "the length of the buffer not looked at",
            small(),
            length_within_buffer,
            "A packet that does not fit is written over what lies behind the buffer.",
            iov_from_buf__piece=copies_all,
        ),
        _bug(
            "free-list-head-only",
            "QEMU shadow virtqueue 81abfa5724c9",
            FOUR,
            descriptors_conserved,
            "The rest of each chain is never free again.",
            detach_buf_split=frees_head_only,
        ),
        _bug(
            "chains-counted-as-descriptors",
            "QEMU shadow virtqueue 5d410557dec4",
            FOUR,
            single_owner,
            "A chain is written over descriptors that are in use.",
            try_fill_recv=counts_chains,
            virtqueue_add_split__ring=takes_one_of_each,
        ),
        *(_unchecked(kind, system) for kind, system in KINDS.items()),
    ]


KINDS = {"small": small(), "mergeable": mergeable(), "big": big()}


def _unchecked(kind: str, system: System) -> Exhibit:
    """used.len believed, for one kind of buffer."""
    checked: Property = length_within_buffer
    return Exhibit(
        f"used-len-unchecked-{kind}",
        "Linux ad993a95c508 (later too loose: CVE-2025-40292)",
        believing(hostile(system)),
        checked,
        hostile(system),
        note="The driver reads past the end of the buffer.",
    )
