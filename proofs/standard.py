"""Linux with any device, any driver with QEMU, any with any: what the standard allows, and who stays within it.

*Any* is the most general device or driver that VIRTIO 1.4 allows (`spec.standard`): what
holds beside it holds beside every conforming one, vhost, Firecracker or a driver that
nobody has written yet.  *Watched* systems are followed by the rules of the standard at
every step: that nothing is ever broken says that QEMU's and Linux's split rings refine it.
"""

from __future__ import annotations

from typing import Any

from vrx.models.claims import Claim, Safety, Tier, claims_of, cover, tag
from vrx.models.systems.standard_systems import peers, watched
from vrx.models.systems.system import System
from vrx.proofs.museum.device import interrupts_on_last_only
from vrx.proofs.museum.driver import completes_without_looking
from vrx.proofs.museum.peer import BELIEVER, CALLBACK, callback_driver, uses_in_order
from vrx.proofs.running import main_for
from vrx.proofs.variants import never_kicks
from vrx.spec.accounts import (
    everything_added_is_published,
    nothing_offered_is_passed_over,
    taken_is_accounted_for,
    waits_only_for_buffers,
    works_on_a_packet,
)
from vrx.spec.layouts.split.contexts import SplitL
from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.standard.any_device import PUBLISH_WMB
from vrx.spec.layouts.split.standard.peers import AnyDevice, AnyDriver, Ring
from vrx.spec.layouts.split.standard.properties import event_index_only_if_negotiated
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.returns import callbacks_enabled
from vrx.spec.linux.state import Softirq
from vrx.spec.memory import store, wmb
from vrx.spec.properties import (
    Property,
    event_index_monotone,
    interrupts_suppressed_while_polling,
    inuse_exact,
    no_lost_interrupt,
    no_lost_kick,
    ring_not_broken,
    single_owner,
)
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.rx import FREE, HELD, OFFERED, USED, give
from vrx.spec.standard.properties import (
    buffers_conserved,
    device_not_left_asleep,
    driver_not_left_asleep,
    follows_the_standard,
    keeps,
    owes_nothing_at_rest,
    programs_idle_at_rest,
    watch_agrees,
)
from vrx.spec.steps import require

LINUX = (
    no_lost_interrupt,
    single_owner,
    ring_not_broken,
    event_index_monotone,
    interrupts_suppressed_while_polling,
    everything_added_is_published,
    nothing_offered_is_passed_over,
    buffers_conserved,
    device_not_left_asleep,
    programs_idle_at_rest,
)
"""What holds of Linux beside any device, and of that device."""
QEMU = (
    no_lost_kick,
    single_owner,
    ring_not_broken,
    inuse_exact,
    taken_is_accounted_for,
    waits_only_for_buffers,
    works_on_a_packet,
    buffers_conserved,
    driver_not_left_asleep,
    programs_idle_at_rest,
)
"""What holds of QEMU beside any driver, and of that driver."""
ANY = (driver_not_left_asleep, device_not_left_asleep, single_owner, buffers_conserved)
PROPERTIES = {"any-device": LINUX, "any-driver": QEMU, "any": ANY}
FOLLOWS = (follows_the_standard, watch_agrees, owes_nothing_at_rest)
SMALL = {"idx_bits": 2}


def both(**options: Any) -> list[System]:
    """Without and with the event index."""
    return [peers(event_idx=event, **options) for event in (False, True)]


def takes_back(s: Ring, me: AnyDriver, back: int) -> None:
    """The driver moves avail.idx over an entry, or back over one that was not returned."""
    if back == 0:
        require(me.placed != me.avail_idx_shadow)
        me.avail_idx_shadow = idx_add(s.cfg, me.avail_idx_shadow, 1)
    else:
        require(me.avail_idx_shadow != me.last_used_idx)
        me.avail_idx_shadow = idx_sub(s.cfg, me.avail_idx_shadow, 1)
    store(s, me, loc.avail_idx, me.avail_idx_shadow)


def offers_any(s: Ring, me: AnyDriver, head: int) -> None:
    """The driver offers a buffer, whether it has it or not."""
    require(idx_sub(s.cfg, me.placed, me.last_used_idx) < s.cfg.size + 1)
    give(s, head, FREE, OFFERED, me.placed)
    me.has[head] = False
    store(s, me, loc.avail_ring[slot(s.cfg, me.placed)], head)
    me.placed = idx_add(s.cfg, me.placed, 1)


def uses_any(s: Ring, me: AnyDevice, head: int) -> None:
    """The device returns a buffer, whether it has it or not."""
    give(s, head, HELD, USED, me.placed)
    me.has[head] = False
    store(s, me, loc.used_id[slot(s.cfg, me.placed)], head)
    me.placed = idx_add(s.cfg, me.placed, 1)


def keeps_what_it_uses(s: Ring, me: AnyDevice, head: int) -> None:
    """The device returns a buffer and thinks that it still has it."""
    require(me.has[head] and me.placed == me.used_idx)
    give(s, head, HELD, USED, me.placed)
    store(s, me, loc.used_id[slot(s.cfg, me.placed)], head)
    me.placed = idx_add(s.cfg, me.placed, 1)


def publishes_unwritten(s: Ring, me: AnyDevice, more: int) -> None:
    """The device moves used.idx before it has written the entry."""
    require(more == 0 and me.placed == me.used_idx and me.last_avail_idx != me.used_idx)
    wmb(s, me, PUBLISH_WMB)
    me.used_idx = idx_add(s.cfg, me.used_idx, 1)
    store(s, me, loc.used_idx, me.used_idx)


def device_uses_the_flag(s: Ring, me: AnyDevice, wish: int) -> None:
    """The device asks for quiet by the flag although the event index was negotiated."""
    store(s, me, loc.used_flags, wish & 1)


def driver_uses_the_flag(s: Ring, me: AnyDriver, wish: int) -> None:
    """The driver asks for quiet by the flag although the event index was negotiated."""
    store(s, me, loc.avail_flags, wish & 1)


def takes_ahead(s: Ring, me: AnyDevice) -> None:
    """The device reads an entry that avail.idx does not announce yet."""
    require(s.vq.avail_idx_shadow == me.last_avail_idx and me.last_avail_idx != s.vq.placed)  # type: ignore[union-attr]
    me.seen = idx_add(s.cfg, me.last_avail_idx, 1)


def prepares_by_the_flag(s: SplitState, me: Softirq) -> None:
    """Callbacks count as on again; where the flag says so already, nothing is written."""
    s.vq.event_triggered = False
    write_flags = s.vq.no_interrupt
    s.vq.no_interrupt = False
    me.opaque = s.vq.last_used_idx
    if write_flags:
        me.goto(SplitL.ENABLE_CB_FLAGS)
    else:
        callbacks_enabled(s, me)


def enables_by_the_flag(s: SplitState, me: Softirq) -> None:
    """Clear the flag, and write no event index."""
    store(s, me, loc.avail_flags, 0)
    callbacks_enabled(s, me)


MENDED = {
    "virtqueue_enable_cb_prepare": prepares_by_the_flag,
    "virtqueue_enable_cb_prepare_split__flags": enables_by_the_flag,
}
"""Linux as 2.7.7.1-4 wants it."""


def refuted(name: str, system: System, prop: Property, note: str, tier: Tier = "quick") -> Claim:
    """A claim that must fail."""
    return Safety(name, system, prop, "refuted", tier=tier, note=note)


CAN_FAIL = "a property that cannot fail says nothing"
CALLBACK_TSO = callback_driver(peers(size=2, event_idx=True, memory="tso", max_packet=1))
MERGING = peers(event_idx=True, size=2, max_packet=2, mergeable=True)
ANYBODY = peers(peer="any", **SMALL)
WITHIN = watched(peers(**SMALL).replace(MENDED, called="used_event only with the feature"))
EVENTFUL = peers(peer="any", event_idx=True, **SMALL)
LINUX_TSO = peers(peer="any-device", memory="tso", **SMALL)
QEMU_TSO = peers(peer="any-driver", memory="tso", **SMALL)
ANY_TSO = peers(peer="any", memory="tso", **SMALL)
RINGS_OF_2 = peers(peer="any", size=2)
BREACHES: tuple[tuple[str, System, str, Tier], ...] = (
    ("takes-back", ANYBODY.replace("driver_publishes", takes_back, back=2), "2.7.6.1-1", "quick"),
    ("offers-what-it-has-not", ANYBODY.replace("driver_offers", offers_any), "3.3.1-1", "quick"),
    ("returns-what-it-has-not", ANYBODY.replace("device_uses", uses_any), "P-2.7.8-1", "full"),
    ("publishes-before-the-entry", RINGS_OF_2.replace("device_publishes", publishes_unwritten), "P-2.7.8-1", "quick"),
    ("device-quiet-by-the-flag", EVENTFUL.replace("device_asks", device_uses_the_flag), "2.7.10.2-3", "quick"),
    ("driver-quiet-by-the-flag", EVENTFUL.replace("driver_asks", driver_uses_the_flag), "2.7.7.1-3", "quick"),
)
"""Programs that break a rule: a name, the system, the rule that breaks first, the tier."""

LARGER = (
    LINUX_TSO,
    ANY_TSO,
    peers(peer="any-device", memory="tso", guest="up", **SMALL),
    peers(peer="any-device", memory="tso", event_idx=True, **SMALL),
    peers(peer="any-driver", memory="tso", event_idx=True, **SMALL),
    *(peers(peer=who, size=2, max_packet=1) for who in PROPERTIES),
)
LARGER_WATCHED = (
    *(peers(peer=who, memory="tso", **SMALL) for who in ("", "any-device", "any-driver")),
    peers(event_idx=True, memory="tso", **SMALL),
    *(peers(peer=who, size=2, max_packet=1) for who in ("", "any-device", "any-driver")),
)
"""What takes tens of millions of states at most."""

COVERS = {
    "any-device": ("the device owes no interrupt", "the device's second look finds work", "the device is kicked awake"),
    "any-driver": ("the driver owes no kick", "the driver's second look finds work", "the driver is interrupted awake"),
}

CLAIMS: list[Claim] = [
    *(c for who, props in PROPERTIES.items() for s in both(peer=who, **SMALL) for c in claims_of(s, *props)),
    *(c for who in ("", *PROPERTIES) for s in both(peer=who, **SMALL) for c in claims_of(watched(s), *FOLLOWS)),
    *(
        cover(f"{mark.replace(' ', '_').replace(chr(39), '')}-{tag(s)}", s, mark)
        for who, marks in COVERS.items()
        for s in both(peer=who, **SMALL)
        for mark in marks
    ),
    *(
        cover(f"{mark.replace(' ', '_')}-{tag(RINGS_OF_2)}", RINGS_OF_2, mark, tier="full")
        for mark in ("a batch is used", "a batch is offered")
    ),
    *claims_of(QEMU_TSO, *QEMU),
    *(c for s in LARGER for c in claims_of(s, *PROPERTIES[s.cfg.peer], tier="full")),
    *(c for s in LARGER_WATCHED for c in claims_of(watched(s), *FOLLOWS, tier="full")),
    *(
        refuted(f"breach-{name}", watched(system), keeps(clause), f"the first rule to break is {clause}", tier)
        for name, system, clause, tier in BREACHES
    ),
    refuted(
        "musts-alone-lose-an-interrupt",
        peers(peer="any", looks_again=False, **SMALL),
        driver_not_left_asleep,
        "every MUST is kept, and a wake-up is lost: the second look is a note of the standard (2.7.14), no rule",
    ),
    refuted(
        "musts-alone-lose-a-kick",
        peers(peer="any", looks_again=False, **SMALL),
        device_not_left_asleep,
        "the same on the other way, where the standard has not even a note",
    ),
    refuted(
        "device-needs-a-barrier-no-clause-demands",
        LINUX_TSO.without("any_device_decides__mb"),
        no_lost_interrupt,
        "between used.idx and the look at avail.flags no clause demands one; the driver's twin is 2.7.13.4.1",
        "full",
    ),
    refuted(
        "device-needs-a-barrier-before-its-second-look",
        LINUX_TSO.without("any_device_looks_again__mb"),
        device_not_left_asleep,
        "no clause demands it",
        "full",
    ),
    refuted(
        "driver-needs-the-barrier-of-2.7.13.4.1",
        QEMU_TSO.without("any_driver_decides__mb"),
        no_lost_kick,
        "clause 2.7.13.4.1-1",
        "full",
    ),
    refuted(
        "driver-needs-the-barrier-of-2.7.14",
        QEMU_TSO.without("any_driver_looks_again__mb"),
        driver_not_left_asleep,
        "the note of 2.7.14",
        "full",
    ),
    refuted(
        "deviation-used-event-without-the-feature",
        watched(peers(**SMALL)),
        event_index_only_if_negotiated,
        "2.7.7.1-4: virtqueue_enable_cb_prepare_split() writes used_event whatever was negotiated; harmless",
    ),
    *(
        Safety(f"{p.name}-used-event-only-with-the-feature", WITHIN, p, "proved", note="Linux as 2.7.7.1-4 wants it")
        for p in (event_index_only_if_negotiated, follows_the_standard, no_lost_interrupt)
    ),
    refuted(
        "owes_nothing_at_rest-can-fail",
        watched(MERGING.replace("virtio_split_should_notify", interrupts_on_last_only)),
        owes_nothing_at_rest,
        "clause 2.7.7.2-5: a batch passes the event and nobody is told",
        tier="full",
    ),
    refuted("watch_agrees-can-fail", watched(ANYBODY.replace("device_looks", takes_ahead)), watch_agrees, CAN_FAIL),
    refuted(
        "buffers_conserved-can-fail", ANYBODY.replace("device_uses", keeps_what_it_uses), buffers_conserved, CAN_FAIL
    ),
    refuted(
        "programs_idle_at_rest-can-fail",
        peers(peer="any-device", **SMALL).replace("virtqueue_notify", never_kicks),
        programs_idle_at_rest,
        CAN_FAIL,
    ),
    *(Safety(f"{p.name}-callbacks-only", CALLBACK, p, "proved") for p in (no_lost_interrupt, single_owner)),
    Safety("no_lost_interrupt-callbacks-only-tso", CALLBACK_TSO, no_lost_interrupt, "proved", tier="full"),
    refuted(
        "callbacks-only-need-the-barrier-of-get_buf",
        CALLBACK_TSO.without("virtqueue_get_buf_ctx_split__mb"),
        no_lost_interrupt,
        "virtio_store_mb() in virtqueue_get_buf_ctx_split(), which virtio_net never runs",
        "full",
    ),
    Safety(
        "believing-in-order-is-right-in-order",
        BELIEVER.replace("device_uses", uses_in_order),
        single_owner,
        "proved",
        tier="full",
        note="the driver that believes in order, beside a device that returns in order",
    ),
    refuted(
        "linux-must-look-again-beside-any-device",
        peers(peer="any-device", **SMALL).replace("virtqueue_poll", completes_without_looking),
        no_lost_interrupt,
        "what is true beside QEMU is true beside any device",
        "full",
    ),
]

if __name__ == "__main__":
    main_for(CLAIMS)
