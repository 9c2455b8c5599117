"""Device bugs: faulty versions of QEMU's steps, each with the system that shows it.

A faulty step is the whole step as the bug had it, or a change around the step of
`spec.qemu`.  Origins are commits of the project named first.
"""

from __future__ import annotations

from vrx.models.claims import Exhibit
from vrx.models.systems.system import rx
from vrx.spec.layouts.split.contexts import SplitQ
from vrx.spec.layouts.split.device import SET_NOTIFICATION_MB, vring_avail_idx
from vrx.spec.layouts.split.device_used import FLUSH_WMB, SHOULD_NOTIFY_MB
from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.liveness import no_spin
from vrx.spec.memory import indivisible, load, mb, store, wmb
from vrx.spec.properties import (
    descriptors_conserved,
    inuse_exact,
    no_lost_interrupt,
    no_lost_kick,
    single_owner,
)
from vrx.spec.qemu.net_queue import done
from vrx.spec.qemu.returns import forget_element, recheck_says
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.ring import idx_add, idx_sub, slot, vring_need_event
from vrx.spec.rx import HELD, OFFERED, USED, give


def parks_without_looking(s: SplitState, me: MainLoop) -> None:
    """Notifications are on; park without a second look."""
    mb(s, me, SET_NOTIFICATION_MB)
    recheck_says(s, me, False)


def asks_enough_now(s: SplitState, me: MainLoop) -> None:
    """The second look asks whether there are enough buffers now, not whether anything is new."""
    mb(s, me, SET_NOTIFICATION_MB)
    posted = idx_sub(s.cfg, vring_avail_idx(s, me), s.dev.last_avail_idx)
    recheck_says(s, me, posted * s.cfg.buffer_holds >= me.size + s.cfg.header_len)


def asks_nonempty(s: SplitState, me: MainLoop) -> None:
    """The second look asks whether the ring is not empty."""
    mb(s, me, SET_NOTIFICATION_MB)
    recheck_says(s, me, vring_avail_idx(s, me) != s.dev.last_avail_idx)


@indivisible
def enables_at_once(s: SplitState, me: MainLoop) -> None:
    """Read avail.idx and write avail_event in one indivisible step: two accesses, merged on purpose."""
    s.dev.notification = True
    index = vring_avail_idx(s, me)
    s.accesses = 0
    store(s, me, loc.avail_event, index)
    me.goto(SplitQ.RECHECK)


def forgets_unpop(s: SplitState, me: MainLoop) -> None:
    """The packet is dropped and the popped element forgotten."""
    forget_element(s, me)


def unpop_keeps_inuse(s: SplitState, me: MainLoop) -> None:
    """unpop rewinds the index, but inuse still counts the element."""
    s.dev.last_avail_idx = idx_sub(s.cfg, s.dev.last_avail_idx, 1)
    give(s, me.elems[0], HELD, OFFERED)
    forget_element(s, me)


def publishes_first(s: SplitState, me: MainLoop) -> None:
    """used.idx is written before the entry that it announces (in place of the fill)."""
    wmb(s, me, FLUSH_WMB)
    s.dev.used_idx = idx_add(s.cfg, s.dev.used_idx, 1)
    store(s, me, loc.used_idx, s.dev.used_idx)
    me.goto(Q.FLUSH)


def fills_after(s: SplitState, me: MainLoop) -> None:
    """The entry follows its publication (in place of the flush)."""
    head = me.elems[0]
    give(s, head, HELD, USED)
    place = slot(s.cfg, idx_sub(s.cfg, s.dev.used_idx, 1))
    if s.cfg.data:  # on real bytes, where it is planted in a target
        store(s, me, loc.used_elem[place], (head, me.lens[0]))
    else:
        store(s, me, loc.used_id[place], head)
    s.dev.inuse = s.dev.inuse - 1
    me.elems[0] = 0
    me.held = 0
    me.goto(Q.SHOULD_NOTIFY)


def notifies_from_cache(s: SplitState, me: MainLoop) -> None:
    """used_event is read again only when the index has passed the value read last.

    C: vhost_notify(), drivers/vhost/vhost.c, Linux commit 809ecb9bca6a
    """
    dev = s.dev
    mb(s, me, SHOULD_NOTIFY_MB)
    valid, old, new = dev.signalled_used_valid, dev.signalled_used, dev.used_idx
    dev.signalled_used_valid = True
    dev.signalled_used = new
    if not valid:
        me.goto(Q.IRQ)
    elif vring_need_event(s.cfg, dev.cached_used_event, idx_add(s.cfg, new, s.cfg.size), new):
        done(s, me)
    else:
        dev.cached_used_event = load(s, me, loc.used_event)
        if vring_need_event(s.cfg, dev.cached_used_event, new, old):
            me.goto(Q.IRQ)
        else:
            done(s, me)


def interrupts_on_last_only(s: SplitState, me: MainLoop) -> None:
    """The event test is equality with the last entry written, not crossing."""
    mb(s, me, SHOULD_NOTIFY_MB)
    if load(s, me, loc.used_event) == idx_sub(s.cfg, s.dev.used_idx, 1):
        me.goto(Q.IRQ)
    else:
        done(s, me)


def interrupts_on_first_only(s: SplitState, me: MainLoop) -> None:
    """The event test is equality with the index before this publication, not crossing."""
    mb(s, me, SHOULD_NOTIFY_MB)
    old = s.dev.signalled_used
    s.dev.signalled_used = s.dev.used_idx
    if load(s, me, loc.used_event) == old:
        me.goto(Q.IRQ)
    else:
        done(s, me)


def flush_forgets_entries(s: SplitState, me: MainLoop) -> None:
    """used.idx is moved one further than what was filled."""
    wmb(s, me, FLUSH_WMB)
    s.dev.used_idx = idx_add(s.cfg, s.dev.used_idx, 2)
    store(s, me, loc.used_idx, s.dev.used_idx)
    s.dev.inuse = s.dev.inuse - 1
    me.elems[0] = 0
    me.held = 0
    me.filled = 0
    me.goto(Q.SHOULD_NOTIFY)


TWO = rx(size=2, mergeable=True, max_packet=2, event_idx=True)
"""A packet may need both buffers of a ring of two."""
SLOW = rx(size=2, mergeable=True, max_packet=2)
"""The same without the event index."""
TSO = rx(memory="tso", event_idx=True)


def exhibits() -> list[Exhibit]:
    """The device's bugs, in the order of the list of bugs."""
    return [
        Exhibit(
            "park-no-recheck",
            "QEMU 06b12970174",
            rx().replace("virtio_queue_split_poll", parks_without_looking),
            no_lost_kick,
            rx(),
            note="Buffers added between the first look and the enabling bring no kick.",
        ),
        Exhibit(
            "park-recheck-sufficiency",
            "QEMU f937309fbdbb",
            TWO.replace("virtio_queue_split_poll", asks_enough_now),
            no_lost_kick,
            TWO,
            tier="full",
            note="avail_event was set from an index read earlier, so it can lie in the past and nothing crosses it.",
        ),
        Exhibit(
            "park-recheck-nonempty",
            "Linux vhost d3bb267bbdcb, fixed by 09861858a683",
            SLOW.replace("virtio_queue_split_poll", asks_nonempty),
            no_spin("device"),
            SLOW,
            note="With too few buffers for the packet the device looks again for ever.",
        ),
        Exhibit(
            "park-no-barrier",
            "QEMU 92045d80badc",
            TSO.without(SET_NOTIFICATION_MB.name),
            no_lost_kick,
            TSO,
            note="The enabling store waits in the store buffer while avail.idx is read.",
        ),
        Exhibit(
            "notify-no-barrier",
            "QEMU a281ebc11a69; DPDK 159793ac86; Snabb c33cdd870",
            TSO.without(SHOULD_NOTIFY_MB.name),
            no_lost_interrupt,
            TSO,
            note="used.idx waits in the store buffer while used_event is read.",
        ),
        Exhibit(
            "cached-used-event",
            "Linux vhost 809ecb9bca6a, reverted by 8d65843c4426",
            rx(event_idx=True, idx_bits=4).replace("virtio_split_should_notify", notifies_from_cache),
            no_lost_interrupt,
            rx(event_idx=True, idx_bits=4),
            tier="full",
            note="A driver that moves used_event elsewhere to disable callbacks is not signalled again.",
        ),
        Exhibit(
            "drop-without-unpop",
            "QEMU 0cf33fb6b49a",
            rx().replace("virtqueue_unpop", forgets_unpop),
            descriptors_conserved,
            rx(),
            note="A packet that does not fit is dropped, and its element is forgotten.",
        ),
        Exhibit(
            "unpop-keeps-inuse",
            "QEMU 58a83c61496e",
            rx(size=2).replace("virtqueue_unpop", unpop_keeps_inuse),
            inuse_exact,
            rx(size=2),
            note="After as many drops as the ring holds the device believes that all are out.",
        ),
        Exhibit(
            "used-index-before-entry",
            "the order that VIRTIO 1.4, 2.7.8.2 forbids",
            rx().replace("virtqueue_split_fill", publishes_first).replace("virtqueue_split_flush", fills_after),
            single_owner,
            rx(),
            note="The driver takes a buffer that the device still holds.",
        ),
        Exhibit(
            "event-test-equality",
            "off-by-one class, e.g. rust-vmm vm-virtio PR 26 (review)",
            TWO.replace("virtio_split_should_notify", interrupts_on_last_only),
            no_lost_interrupt,
            TWO,
            note="Where the event lies before the last of several entries, nothing is signalled.",
        ),
    ]
