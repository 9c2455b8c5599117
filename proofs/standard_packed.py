"""The standard's sides on a packed ring: Linux with any device, any driver with QEMU, any with any.

The questions are those of a split ring (`proofs.standard`), and so is the queue that all of them refine.
What a packed ring adds is a structure of two words that says what a side wants to hear: whoever reads it in two loads
may see what it never said.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vrx.models.claims import Claim, Safety, claims_of, cover, fails, tag
from vrx.models.systems.mended import mended
from vrx.models.systems.standard_systems import peers, watched
from vrx.models.systems.system import System
from vrx.proofs.running import main_for
from vrx.proofs.standard import COVERS, FOLLOWS, PROPERTIES
from vrx.proofs.variants import never_kicks
from vrx.spec.layouts.packed.memory import AVAIL, DESC, USED, available_mark, loc, used_mark
from vrx.spec.layouts.packed.standard import any_device as dev
from vrx.spec.layouts.packed.standard import any_driver as drv
from vrx.spec.layouts.packed.standard import any_side
from vrx.spec.layouts.packed.standard.peers import AnyDevice, AnyDriver, Ring
from vrx.spec.memory import Location, load, mb, rmb, store
from vrx.spec.properties import Property, no_lost_interrupt, no_lost_kick
from vrx.spec.questions import meaningful
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.rx import FREE, HELD, OFFERED, give
from vrx.spec.rx import USED as RETURNED
from vrx.spec.sizes import LAST_INDEX
from vrx.spec.standard.properties import (
    buffers_conserved,
    device_not_left_asleep,
    driver_not_left_asleep,
    keeps,
    owes_nothing_at_rest,
    programs_idle_at_rest,
    watch_agrees,
)
from vrx.spec.standard.virtqueue import Way, decide
from vrx.spec.steps import require
from vrx.spec.words import Upto

DRIVER_EVENT = Location("driver", ("driver_off_wrap", "driver_flags"), 0, "driver")
"""The driver's whole structure, as one load of 4 bytes finds it."""


def ring(who: str = "", size: int = 1, event: bool = False, **options: Any) -> System:
    """A packed ring with the sides that `who` says.  Packets of one buffer on a ring of 2 and more."""
    more: dict[str, Any] = {} if size == 1 else {"max_packet": 1}
    return peers(ring="packed", peer=who, size=size, event_idx=event, **more, **options)


def behind_a_barrier(system: System) -> System:
    """QEMU with the barrier that it lacks, where stores wait."""
    return mended(system) if system.cfg.peer in ("", "any-driver") and str(system.cfg.memory) == "tso" else system


def in_one_load(s: Ring, me: AnyDevice | AnyDriver, half: any_side.Half, index: int, structure: Any) -> None:
    """A publisher that reads the other side's whole structure at once."""
    require(me.tells.told != index)
    mb(s, me, half.decide)
    event, flags = load(s, me, structure)
    decide(s.cfg, Way(idx=index, quiet=flags, event=event), me.tells)


def device_decides_at_once(s: Ring, me: AnyDevice) -> None:
    """The device reads the driver's whole structure in one load."""
    in_one_load(s, me, dev.DEVICE, me.used_idx, DRIVER_EVENT)


def driver_decides_at_once(s: Ring, me: AnyDriver) -> None:
    """The driver reads the device's whole structure in one load."""
    in_one_load(s, me, drv.DRIVER, me.next_avail_idx, loc.device_event)


def at_once(system: System) -> System:
    """Both sides of the standard with one load."""
    both: dict[str, Callable[..., Any]] = {
        "device_decides": device_decides_at_once,
        "driver_decides": driver_decides_at_once,
    }
    here = {step.name for step in system.steps}
    return system.replace({n: run for n, run in both.items() if n in here}, called="the structure in one load")


def position_first(s: Ring, me: AnyDevice) -> None:
    """The device reads the position first, and the flags behind."""
    require(me.tells.told != me.used_idx and not me.heard)
    mb(s, me, dev.DECIDE_MB)
    me.position = load(s, me, loc.driver_off_wrap)  # type: ignore[attr-defined]
    me.heard = True


def flags_behind(s: Ring, me: AnyDevice) -> None:
    """The flags, and a decision by the position that was read before."""
    require(me.heard)
    rmb(s, me, dev.POSITION_RMB)
    me.heard = False
    way = Way(idx=me.used_idx, quiet=load(s, me, loc.driver_flags), event=me.position)  # type: ignore[attr-defined]
    me.position = 0  # type: ignore[attr-defined]
    decide(s.cfg, way, me.tells)


def takes_back(s: Ring, me: AnyDriver, ahead: int) -> None:
    """The driver marks a descriptor as available, or what it has made available as if nothing had been."""
    if ahead == 0:
        drv.driver_publishes(s, me, 0)
        return
    require(me.next_avail_idx != me.last_used_idx)
    here = idx_sub(s.cfg, me.next_avail_idx, 1)
    store(s, me, loc.desc_flags[slot(s.cfg, here)], used_mark(s.cfg, idx_add(s.cfg, here, s.cfg.size)))


def offers_any(s: Ring, me: AnyDriver, head: int) -> None:
    """The driver offers a buffer, whether it has it or not, where there is room."""
    require(idx_sub(s.cfg, me.placed, me.last_used_idx) < s.cfg.size)
    give(s, head, FREE, OFFERED, me.placed)
    me.has[head] = False
    store(s, me, loc.desc_id[slot(s.cfg, me.placed)], head)
    me.placed = idx_add(s.cfg, me.placed, 1)


def offers_over_the_end(s: Ring, me: AnyDriver, head: int) -> None:
    """The driver offers a buffer again as soon as it has offered it."""
    require(idx_sub(s.cfg, me.placed, me.last_used_idx) <= s.cfg.size)
    give(s, head, FREE, OFFERED, me.placed)
    store(s, me, loc.desc_id[slot(s.cfg, me.placed)], head)
    me.placed = idx_add(s.cfg, me.placed, 1)


def uses_any(s: Ring, me: AnyDevice, head: int) -> None:
    """The device returns a buffer, whether it has it or not, as many as it has taken."""
    require(me.placed != me.last_avail_idx)
    give(s, head, HELD, RETURNED, me.placed)
    me.has[head] = False
    store(s, me, loc.desc_id[slot(s.cfg, me.placed)], head)
    me.placed = idx_add(s.cfg, me.placed, 1)


def uses_before_it_looks(s: Ring, me: AnyDevice, head: int) -> None:
    """The device writes a used descriptor into a slot that it has not looked at."""
    require(me.placed == me.last_avail_idx)
    store(s, me, loc.desc_flags[slot(s.cfg, me.placed)], used_mark(s.cfg, me.placed))
    me.placed = idx_add(s.cfg, me.placed, 1)


def marks_for_ever(s: Ring, me: AnyDriver, ahead: int) -> None:
    """The driver marks descriptors with the wrap counter of the first lap, whatever the lap is."""
    require(ahead == 0 and me.placed != me.next_avail_idx)
    store(s, me, loc.desc_flags[slot(s.cfg, me.next_avail_idx)], AVAIL)
    me.next_avail_idx = idx_add(s.cfg, me.next_avail_idx, 1)


def marks_used_for_ever(s: Ring, me: AnyDevice, ahead: int) -> None:
    """The device marks descriptors with the wrap counter of the first lap, whatever the lap is."""
    require(ahead == 0 and me.placed != me.used_idx)
    store(s, me, loc.desc_flags[slot(s.cfg, me.used_idx)], AVAIL | USED)
    me.used_idx = idx_add(s.cfg, me.used_idx, 1)


def writes_again(s: Ring, me: AnyDevice, ahead: int) -> None:
    """The device marks a descriptor as used, or what it has used as available again."""
    if ahead == 0:
        dev.device_publishes(s, me, 0)
        return
    require(me.used_idx != s.vq.last_used_idx)
    here = idx_sub(s.cfg, me.used_idx, 1)
    store(s, me, loc.desc_flags[slot(s.cfg, here)], available_mark(s.cfg, here))


def overwrites_unseen(s: Ring, me: AnyDriver, head: int) -> None:
    """The driver offers a buffer of its own, or writes any id over the next used descriptor without a look."""
    if me.has[head]:
        drv.driver_offers(s, me, head)
        return
    require(s.dev.used_idx != me.last_used_idx and me.placed == idx_add(s.cfg, me.last_used_idx, s.cfg.size))
    store(s, me, loc.desc_id[slot(s.cfg, me.placed)], head)


def asks_at_a_position(s: Ring, me: AnyDevice, wish: int) -> None:
    """The device refers to a position although the event index was not negotiated."""
    store(s, me, loc.device_flags, DESC)


def keeps_what_it_uses(s: Ring, me: AnyDevice, head: int) -> None:
    """The device returns a buffer and thinks that it still has it."""
    require(me.has[head] and me.placed == me.used_idx and me.placed != me.last_avail_idx)
    give(s, head, HELD, RETURNED, me.placed)
    store(s, me, loc.desc_id[slot(s.cfg, me.placed)], head)
    me.placed = idx_add(s.cfg, me.placed, 1)


def never_pays(s: Ring, me: AnyDevice) -> None:
    """The device forgets that it owes an interrupt."""
    require(me.tells.owed)
    me.tells.owed = False


def takes_ahead(s: Ring, me: AnyDevice) -> None:
    """The device takes a descriptor for available as soon as its id is written."""
    require(s.vq.next_avail_idx == me.seen and me.seen != s.vq.placed)  # type: ignore[union-attr]
    load(s, me, loc.desc_flags[slot(s.cfg, me.seen)])
    me.seen = idx_add(s.cfg, me.seen, 1)


ANYBODY, TWO, EVENTS = ring("any"), ring("any", size=2), ring("any", event=True)
BREACHES: tuple[tuple[str, System, str], ...] = (
    ("takes-back", ANYBODY.replace("driver_publishes", takes_back, ahead=2), "2.8.16-2"),
    ("offers-what-it-has-not", TWO.replace("driver_offers", offers_any), "3.3.1-1"),
    ("offers-over-the-end", TWO.replace("driver_offers", offers_over_the_end), "2.8.16-2"),
    ("returns-what-it-has-not", TWO.replace("device_uses", uses_any), "P-2.7.8-1"),
    ("uses-before-it-looks", ANYBODY.replace("device_uses", uses_before_it_looks), "2.8.15-3"),
    ("device-takes-back", ANYBODY.replace("device_publishes", writes_again, ahead=2), "2.8.15-4"),
    ("overwrites-unseen", TWO.replace("driver_offers", overwrites_unseen), "2.8.16-1"),
    ("driver-marks-for-ever", ANYBODY.replace("driver_publishes", marks_for_ever), "P-2.8.1-4"),
    ("device-marks-for-ever", ANYBODY.replace("device_publishes", marks_used_for_ever), "P-2.8.1-5"),
    ("device-asks-at-a-position", ANYBODY.replace("device_asks", asks_at_a_position), "P-2.8.10-1"),
)
"""Programs that break a rule: a name, the system, the rule that breaks first."""
QUICK = [ring("any-driver")]
LARGER = [
    *(ring(who, event=True) for who in PROPERTIES),
    *(ring(who) for who in ("any-device", "any")),
    *(ring(who, size=2) for who in PROPERTIES),
    *(ring(who, memory="tso") for who in PROPERTIES),
    ring("any-device", memory="tso", guest="up"),
    ring("any-driver", event=True, memory="tso"),
    ring("any-driver", size=3),
]
WATCHED = [ring(who) for who in ("", *PROPERTIES)]
WATCHED_LARGER = [
    *(ring(who, event=True) for who in ("", "any-device", "any-driver")),
    *(ring(who, size=2) for who in ("", "any-device", "any-driver")),
    ring(memory="tso"),
    ring(size=3),
    ring(size=2, event=True),
    at_once(EVENTS),
]
IN_TWO = "flags and position are read in two loads: what was read together never stood there together"
LINUX_TSO, QEMU_TSO = ring("any-device", memory="tso"), ring("any-driver", memory="tso")
POSITION_FIRST = (
    ring("any-device", event=True)
    .declare("dev.position", Upto(LAST_INDEX))
    .replace("device_decides", position_first)
    .replace("device_decides_by_position", flags_behind)
)
BARRIERS = (
    ("device-needs-a-barrier-no-clause-demands", LINUX_TSO, "any_device_decides__mb", no_lost_interrupt),
    ("device-needs-a-barrier-before-its-second-look", LINUX_TSO, "any_device_looks_again__mb", device_not_left_asleep),
    ("driver-needs-the-barrier-of-2.8.21.3.1", mended(QEMU_TSO), "any_driver_decides__mb", no_lost_kick),
    ("driver-needs-the-barrier-of-2.8.22", mended(QEMU_TSO), "any_driver_looks_again__mb", driver_not_left_asleep),
)
"""A name, the system, what it does without, what is lost."""
UNWATCHED_FAULTS = (
    ("musts-alone-lose-an-interrupt", ring("any", looks_again=False), driver_not_left_asleep,
     "every MUST is kept, and a wake-up is lost: the second look is a line of the printed example (2.8.22)"),
    ("musts-alone-lose-a-kick", ring("any", looks_again=False), device_not_left_asleep,
     "the same on the other way, where the standard has not even an example"),
    ("qemu-needs-a-barrier", QEMU_TSO, driver_not_left_asleep,
     "QEMU 7.2 has none in virtio_packed_should_notify(); beside any driver, too"),
    ("buffers-conserved-can-fail", ring("any").replace("device_uses", keeps_what_it_uses), buffers_conserved,
     "a property that cannot fail says nothing"),
    ("programs-idle-at-rest-can-fail", ring("any-device").replace("virtqueue_notify", never_kicks),
     programs_idle_at_rest, "a property that cannot fail says nothing"),
)
WATCHED_FAULTS = (
    ("watch-agrees-can-fail", ANYBODY.replace("device_looks", takes_ahead), watch_agrees,
     "a property that cannot fail says nothing"),
    ("owes-nothing-at-rest-can-fail", ANYBODY.replace("device_interrupts", never_pays), owes_nothing_at_rest,
     "the device forgets what it owes"),
    ("structure-in-two-loads", EVENTS, owes_nothing_at_rest, IN_TWO),
    ("qemu-reads-the-structure-in-two-loads", ring("any-driver", size=2, event=True), owes_nothing_at_rest, IN_TWO),
)


def asked(system: System) -> list[Property]:
    """What is asked of its sides, where it has a meaning."""
    return meaningful(system.cfg, PROPERTIES[system.cfg.peer])


CLAIMS: list[Claim] = [
    *(c for s in QUICK for c in claims_of(s, *asked(s))),
    *(c for s in LARGER for c in claims_of(behind_a_barrier(s), *asked(s), tier="full")),
    *(c for s in (*WATCHED, *WATCHED_LARGER) for c in claims_of(watched(behind_a_barrier(s)), *FOLLOWS, tier="full")),
    *(
        cover(f"{mark.replace(' ', '_').replace(chr(39), '')}-{tag(s)}", s, mark, tier="full")
        for who, marks in COVERS.items()
        for s in (ring(who), ring(who, event=True))
        for mark in marks
    ),
    *(
        cover(f"{mark.replace(' ', '_')}-{tag(TWO)}", TWO, mark, tier="full")
        for mark in ("a batch is used", "a batch is offered")
    ),
    *(
        fails(f"packed-breach-{name}", watched(system), keeps(clause), f"the first rule to break is {clause}")
        for name, system, clause in BREACHES
    ),
    *(fails(f"packed-{name}", system.without(barrier), prop, "a store waits while the other side's word is read")
      for name, system, barrier, prop in BARRIERS),
    *(fails(f"packed-{name}", system, prop, note) for name, system, prop, note in UNWATCHED_FAULTS),
    *(fails(f"packed-{name}", watched(system), prop, note) for name, system, prop, note in WATCHED_FAULTS),
    *(
        Safety(f"{p.name}-packed-position-first", POSITION_FIRST, p, "proved", tier="full",
               note="a device that reads the position before the flags loses no wake-up either")
        for p in PROPERTIES["any-device"]
    ),
]

if __name__ == "__main__":
    main_for(CLAIMS)
