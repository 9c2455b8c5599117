"""A side that lies on a packed ring: what the other side notices, and what it cannot (`proofs.hostile` asks the same of
a split ring).

Of one side nothing is left in these systems (`spec.layouts.packed.lying`).  A device that lies may at any moment mark
any descriptor as used or available, in any lap, with any id and any length, and tell any number of buffers; a driver
that lies writes flags of any lap, any id, lists that go around the ring, descriptors without memory or without length,
tables without entries or with too many.  Both write event words of any flags and any position, and kick or interrupt.

QEMU 7.2 looks whether its ring is full before it knows how many descriptors the next list has, and does not ask
whether it has declared the ring broken when it looks whether there is anything; both are claimed as they are, and with
the mend.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from vrx.models.claims import Claim, Safety, Tier, claims_of, cover, fails, lasting
from vrx.models.systems.mended import asking, with_room
from vrx.models.systems.system import System
from vrx.proofs.hostile import (
    MARKS,
    counts_a_bad_id,
    frees_what_it_has,
    kicks_all_the_same,
    leaves_what_follows,
    refuses_once,
    says_and_goes_on,
    takes_back_what_is_done,
    waits_for_what_is_missing,
)
from vrx.proofs.museum.packed import packed
from vrx.proofs.museum.packed_credulous import (
    believing,
    counts_on,
    fills_a_broken_ring,
    goes_around,
    pops_a_full_ring,
    pops_all_the_same,
    publishes_all_the_same,
    reads_past_the_end,
    stands_at_the_last_piece,
    takes_a_full_ring_for_a_lie,
    takes_any,
    takes_any_descriptor,
    takes_any_id,
    takes_what_has_no_length,
    takes_what_the_header_says,
    uses_any_number_of_elements,
)
from vrx.proofs.museum.packed_data import big, mergeable, small
from vrx.proofs.running import main_for
from vrx.spec.broken import (
    LIES,
    a_lie_breaks_the_ring,
    breaks_only_for_a_lie,
    broken_for_ever,
    each_packet_is_counted_once,
    takes_only_what_is_published,
    takes_what_the_header_tells,
)
from vrx.spec.layouts.packed.properties import no_more_in_hand_than_the_ring
from vrx.spec.liveness import HOLDING, READING, no_packet_is_held_for_ever, no_packet_is_read_for_ever, no_spin
from vrx.spec.properties import Property, free_list_intact, inuse_exact, length_within_buffer, rest_is_idle
from vrx.spec.questions import meaningful

LEN, ID = "virtqueue_get_buf_ctx_packed__len", "virtqueue_get_buf_ctx_packed__id"
FROM_DEVICE = (free_list_intact, length_within_buffer, rest_is_idle)
FROM_DRIVER = (inuse_exact, length_within_buffer, rest_is_idle)
CRASH = "an assertion of the device fails"


def lying_device(**options: Any) -> System:
    """Linux beside a device that lies."""
    return packed(hostile="device", **options)


def lying_driver(**options: Any) -> System:
    """QEMU beside a driver that lies."""
    return packed(hostile="driver", **options)


INTERRUPTED: tuple[tuple[str, System, Tier], ...] = (
    ("interrupts-ring1", lying_device(), "quick"),
    ("interrupts-ring1-event", lying_device(event_idx=True), "full"),
    ("interrupts-ring1-data", lying_device(data=True), "full"),
    ("interrupts-ring2", lying_device(size=2), "full"),
    ("flags-ring2", lying_device(size=2, notify=False), "full"),
    ("flags-ring3", lying_device(size=3, notify=False), "full"),
    ("flags-ring2-all-in-memory", lying_device(size=2, notify=False, stale="memory"), "full"),
)
"""Linux beside a device that lies: a name, the system, the tier."""
READS: tuple[tuple[str, System, Tier], ...] = (
    ("small-ring1", small(size=1, hostile="device"), "quick"),
    ("mergeable-ring1", mergeable(size=1, max_packet=1, hostile="device"), "quick"),
    ("indirect-ring1", big(size=1, indirect=True, hostile="device"), "full"),
    ("small-ring2", small(hostile="device"), "full"),
    ("mergeable-ring2", mergeable(hostile="device"), "full"),
    ("list-ring2", big(hostile="device"), "full"),
    ("indirect-ring2", big(indirect=True, hostile="device"), "full"),
    ("small-ring3", small(size=3, hostile="device"), "full"),
    ("list-ring3", big(size=3, hostile="device"), "full"),
    ("mergeable-ring1-all-in-memory", mergeable(size=1, max_packet=1, hostile="device", stale="memory"), "full"),
)
"""Likewise with buffers of each kind."""
KICKED: tuple[tuple[str, System, Tier], ...] = (
    ("kicks-ring1", lying_driver(), "quick"),
    ("kicks-ring1-event", lying_driver(event_idx=True), "full"),
    ("any-caller-ring1", lying_driver(caller="any"), "full"),
    ("kicks-ring2", lying_driver(size=2, max_packet=3), "full"),
    ("kicks-ring2-event", lying_driver(size=2, event_idx=True, max_packet=3), "full"),
    ("kicks-ring3", lying_driver(size=3, max_packet=4), "full"),
    ("kicks-ring2-all-in-memory", lying_driver(size=2, max_packet=3, stale="memory"), "full"),
)
"""QEMU beside a driver that lies; packets that need more buffers than the ring has are counted past its end."""
SMALL = small(size=1, hostile="driver")
MERGING = mergeable(size=1, max_packet=1, hostile="driver")
MERGING2 = mergeable(hostile="driver", max_packet=2)
TABLES = big(size=1, indirect=True, hostile="driver")
FEW = mergeable(hostile="driver", max_elements=1)
WALKED: tuple[tuple[str, System, Tier], ...] = (
    ("lists-ring1", SMALL, "quick"),
    ("lists-ring1-kicks", lying_driver(data=True), "full"),
    ("merging-ring1", MERGING, "full"),
    ("tables-ring1", TABLES, "full"),
    ("lists-ring2", small(max_packet=1, hostile="driver"), "full"),
    ("lists-of-two-ring2", big(hostile="driver"), "full"),
    ("merging-ring2", MERGING2, "full"),
    ("merging-few-ring2", FEW, "full"),
    ("tables-ring2", big(indirect=True, hostile="driver"), "full"),
    ("lists-ring1-all-in-memory", small(size=1, hostile="driver", stale="memory"), "full"),
)
"""QEMU beside a driver that lies in what descriptors say, too: lists around the ring, readable behind writable,
tables."""


def held(kind: str, system: System, tier: Tier, asked: Iterable[Property]) -> list[Claim]:
    """The claims that the properties hold in a system, as far as they have a meaning there."""
    questions = [q for q in meaningful(system.cfg, asked) if q != rest_is_idle or system.cfg.notify]
    return [replace(c, name=f"liar-packed-{kind}-{c.asks.name}") for c in claims_of(system, *questions, tier=tier)]


def noticed(kind: str, system: System, tier: Tier) -> Claim:
    """The cover that a lie breaks the ring."""
    whose = "driver" if system.cfg.device_lies else "device"
    return cover(f"liar-packed-{kind}-is-noticed", system, f"{whose} breaks the ring", tier=tier)


def beside_devices() -> list[Claim]:
    """Linux: what holds, that its lies are noticed, and that it is done with each packet."""
    out: list[Claim] = []
    for kind, system, tier in (*INTERRUPTED, *READS):
        out += [*held(kind, system, tier, (*FROM_DEVICE, *LIES)), noticed(kind, system, tier)]
    for kind, system, tier in READS:
        if kind.endswith(("ring1", "small-ring2", "list-ring2")):
            out += lasting(system, *READING, tier="full")
            out += [cover(f"liar-packed-{kind}-{n}-is-noticed", system, text, tier=tier) for n, text in MARKS.items()]
        out.append(
            fails(
                f"liar-packed-{kind}-takes-back-early",
                system,
                takes_back_what_is_done,
                "the id of a buffer that is out, and that the device goes on using: no driver can tell",
            )
        )
    merging = READS[1][1]
    out.append(cover("liar-packed-mergeable-missing-is-noticed", merging, "a buffer of a packet is missing"))
    return [*out, *lasting(INTERRUPTED[0][1], no_spin("driver"), tier="full")]


def beside_drivers() -> list[Claim]:
    """QEMU: what holds, that its lies are noticed, and that it is done with each packet; and what it lacks."""
    out: list[Claim] = []
    for kind, system, tier in (*KICKED, *WALKED):
        looks = system.cfg.data and not system.cfg.mergeable
        crowded = system == MERGING2
        asked = [q for q in LIES if q != broken_for_ever or not looks]
        asked += [] if crowded else [no_more_in_hand_than_the_ring]
        out += [*held(kind, system, tier, (*FROM_DRIVER, *asked)), noticed(kind, system, tier)]
        if looks:
            out.append(
                fails(
                    f"liar-packed-{kind}-broken-device-looks",
                    system,
                    broken_for_ever,
                    "virtio_queue_packed_empty() does not ask whether the device is broken",
                    tier=tier,
                )
            )
            out += held(f"{kind}-mended", asking(system), tier, (broken_for_ever,))
    out.append(
        fails(
            "liar-packed-merging-ring2-crowded",
            MERGING2,
            no_more_in_hand_than_the_ring,
            "a list of the whole ring while something is in hand: QEMU looks for room before it knows the list",
        )
    )
    asked = [no_more_in_hand_than_the_ring, *FROM_DRIVER, *LIES]
    out += held("merging-ring2-mended", with_room(MERGING2), "full", asked)
    for system in (SMALL, MERGING):
        out += lasting(system, *HOLDING, tier="full")
    return [
        *out,
        *lasting(KICKED[0][1], no_spin("device"), tier="full"),
        cover("liar-packed-tables-crash", TABLES, CRASH, tier="full"),
        cover("liar-packed-merging-shortened-is-noticed", MERGING, "the queue is empty after a first element",
              tier="full"),
        cover("liar-packed-too-many-elements", FEW, "a packet takes too many elements", tier="full"),
        cover("liar-packed-no-in-buffers", SMALL, "an element has no in buffers", tier="full"),
    ]  # fmt: skip


def drivers_that_look_at_less() -> list[Claim]:
    """Linux with a look taken out."""
    out: list[Claim] = []
    for kind, system, tier in READS:
        if not kind.endswith(("ring1", "ring2")):
            continue
        of = f"liar-packed-{kind}-{length_within_buffer.name}"
        out.append(
            Safety(
                f"liar-packed-{kind}-range-unchecked",
                system.replace(LEN, reads_past_the_end),
                length_within_buffer,
                "refuted",
                tier=tier,
                variant_of=of,
                note="an id that no descriptor has, believed",
            )
        )
        out.append(
            Safety(
                f"liar-packed-{kind}-length-unchecked",
                believing(system),
                length_within_buffer,
                "refuted",
                tier="full",
                variant_of=of,
                note="a length believed",
            )
        )
        if kind.endswith("ring2"):
            out.append(
                Safety(
                    f"liar-packed-{kind}-id-unchecked",
                    system.replace(LEN, takes_any_descriptor),
                    free_list_intact,
                    "refuted",
                    tier="full",
                    variant_of=f"liar-packed-{kind}-{free_list_intact.name}",
                    note="the id of a buffer that is not out, or one that comes twice, believed",
                )
            )
    noisy, merging = INTERRUPTED[0][1], READS[1][1]
    out += [
        fails("liar-packed-driver-refuses-once", noisy.replace("refuse_id", refuses_once), a_lie_breaks_the_ring,
              "a bad id is skipped, and the next one is read", tier="quick"),
        fails("liar-packed-driver-forgives", noisy.replace(ID, takes_any_id), a_lie_breaks_the_ring,
              "a bad id is reported, and the ring is used on"),
        fails("liar-packed-driver-kicks-all-the-same", noisy.replace("virtqueue_notify", kicks_all_the_same),
              broken_for_ever, "a broken ring is kicked"),
        fails("liar-packed-driver-fills-all-the-same", noisy.replace("try_fill_recv", fills_a_broken_ring),
              broken_for_ever, "a broken ring is filled"),
        fails("liar-packed-takes-without-a-look",
              READS[0][1].replace("virtqueue_get_buf_ctx_packed__more_used", takes_any), takes_only_what_is_published,
              "a descriptor is taken that nobody has used", tier="quick"),
        fails("liar-packed-takes-what-the-header-says", merging.replace("another", takes_what_the_header_says),
              takes_only_what_is_published, "the same of the next buffer of a packet"),
        fails("liar-packed-frees-uncounted", merging.replace("missing", frees_what_it_has),
              each_packet_is_counted_once, "a drop without a count"),
        fails("liar-packed-counts-what-never-was", merging.replace("no_buf", counts_a_bad_id),
              each_packet_is_counted_once, "a count without a packet"),
        fails("liar-packed-leaves-what-follows", merging.replace("discard", leaves_what_follows),
              takes_what_the_header_tells, "a bad packet is given up with its first buffer alone"),
    ]  # fmt: skip
    waits = merging.replace("missing", waits_for_what_is_missing)
    (forever,) = lasting(waits, no_packet_is_read_for_ever, expected="refuted", tier="full")
    note = "a header with a number too large"
    return [*out, replace(forever, name="liar-packed-waits-for-what-is-missing", note=note)]


def devices_that_look_at_less() -> list[Claim]:
    """QEMU with a look taken out."""
    noisy, any_caller, two = KICKED[0][1], KICKED[2][1], small(max_packet=1, hostile="driver")
    stands = SMALL.replace("virtqueue_packed_pop__len", stands_at_the_last_piece)
    (forever,) = lasting(stands, no_packet_is_held_for_ever, expected="refuted", tier="full")
    return [
        fails("liar-packed-device-says-and-goes-on", noisy.replace("virtio_error", says_and_goes_on),
              a_lie_breaks_the_ring, "an error that breaks nothing"),
        fails("liar-packed-device-counts-on", noisy.replace("counts_too_many", counts_on), a_lie_breaks_the_ring,
              "more buffers than the ring has descriptors are counted"),
        fails("liar-packed-device-serves-no-full-ring", noisy.replace("counts_too_many", takes_a_full_ring_for_a_lie),
              breaks_only_for_a_lie, "a driver that fills its ring is refused", tier="quick"),
        fails("liar-packed-device-pops-a-full-ring",
              any_caller.replace("virtqueue_packed_pop__empty", pops_a_full_ring), a_lie_breaks_the_ring,
              "a descriptor that is in hand is popped once more"),
        fails("liar-packed-device-goes-around", two.replace("limit", goes_around), a_lie_breaks_the_ring,
              "a list of more descriptors than the ring has"),
        fails("liar-packed-device-maps-nothing", SMALL.replace("read_len", takes_what_has_no_length),
              a_lie_breaks_the_ring, "a descriptor of length 0 is taken"),
        fails("liar-packed-device-uses-any-number", FEW.replace("copied", uses_any_number_of_elements),
              length_within_buffer, "more elements than VIRTQUEUE_MAX_SIZE"),
        fails("liar-packed-device-pops-all-the-same", SMALL.replace("virtqueue_packed_pop__empty", pops_all_the_same),
              broken_for_ever, "a broken device pops"),
        fails("liar-packed-device-publishes-all-the-same",
              any_caller.replace("virtqueue_packed_flush__id", publishes_all_the_same), broken_for_ever,
              "a broken device publishes what it popped before"),
        replace(forever, name="liar-packed-stands-at-the-last-piece", note="a list of more pieces than a buffer"),
    ]  # fmt: skip


CLAIMS: list[Claim] = [
    *beside_devices(),
    *beside_drivers(),
    *drivers_that_look_at_less(),
    *devices_that_look_at_less(),
]

if __name__ == "__main__":
    main_for(CLAIMS)
