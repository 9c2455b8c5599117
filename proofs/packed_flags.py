"""Both flags of a packed descriptor in one access: what if they are two bytes, or one of them is read alone?

They sit in different bytes of their word.  Between two laps of a descriptor its next reader sees one change at a
time: the driver changes AVAIL of what was used, the device changes USED of what is available.  So beside an honest
other side one flag is enough, AVAIL for the device and USED for the driver, and a torn look does no harm; the other
flag alone is wrong at once.  A torn *store* does harm where the byte that changes comes first: then the descriptor is
the other side's, and the second byte is written over what that one has made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from vrx.models.claims import Claim, about, fails
from vrx.models.systems.mended import mended
from vrx.models.systems.system import System
from vrx.proofs.museum.packed import packed
from vrx.proofs.museum.torn_flags import offered_in_two, used_in_two
from vrx.proofs.packed import EVERY
from vrx.proofs.running import main_for
from vrx.spec.layouts.driver import POLL_MB
from vrx.spec.layouts.packed.contexts import PackedMainLoop
from vrx.spec.layouts.packed.device import (
    SET_NOTIFICATION_MB,
    virtio_queue_packed_empty,
    virtio_queue_packed_poll,
    virtqueue_packed_get_avail_bytes,
    virtqueue_packed_pop__empty,
)
from vrx.spec.layouts.packed.driver import virtqueue_poll
from vrx.spec.layouts.packed.driver_used import virtqueue_get_buf_ctx_packed__more_used, vring_interrupt
from vrx.spec.layouts.packed.memory import AVAIL, USED, available_mark, loc, used_mark
from vrx.spec.layouts.packed.properties import wrap_counters_coherent
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.memory import load, mb
from vrx.spec.properties import device_holds_nothing, single_owner
from vrx.spec.questions import meaningful
from vrx.spec.ring import slot
from vrx.spec.steps import require
from vrx.spec.words import Upto

Mark = Callable[[Any, int], int]


def by_one(flag: int, mark: Mark) -> Callable[[PackedState, Any, int], bool]:
    """A look at one of the flags alone."""

    def one_flag(s: PackedState, me: Any, index: int) -> bool:
        found: bool = load(s, me, loc.desc_flags[slot(s.cfg, index)]) & flag == mark(s.cfg, index) & flag
        return found

    return one_flag


def next_to_pop(s: PackedState, me: PackedMainLoop) -> int:
    """The descriptor that the device takes next."""
    return s.dev.last_avail_idx


LOOKS: dict[str, tuple[Callable[..., None], Callable[[PackedState, PackedMainLoop], int]]] = {
    "virtio_queue_packed_empty": (virtio_queue_packed_empty, next_to_pop),
    "virtqueue_packed_pop__empty": (virtqueue_packed_pop__empty, next_to_pop),
    "virtqueue_packed_get_avail_bytes": (virtqueue_packed_get_avail_bytes, lambda s, me: me.idx),
    "virtio_queue_packed_poll": (virtio_queue_packed_poll, lambda s, me: me.opaque),
}
"""The steps in which QEMU looks whether a descriptor is available, and at which."""


def torn(first: int) -> Mapping[str, Callable[..., Any]]:
    """QEMU's looks in two steps, one for each flag.  first: the flag that is read first"""

    def two_bytes(s: PackedState, me: Any, index: int) -> bool:
        both = (load(s, me, loc.desc_flags[slot(s.cfg, index)]) & (AVAIL + USED - first)) + me.half - 1
        me.half = 0
        found: bool = both == available_mark(s.cfg, index)
        return found

    def in_two(look: Callable[..., None], where: Callable[[Any, Any], int]) -> Callable[..., None]:
        second_look = look == virtio_queue_packed_poll

        def step(s: PackedState, me: Any) -> None:
            """The first byte; then the whole step with the second one."""
            if me.half == 0 and not s.dev.broken:
                if second_look:  # the barrier stands before both bytes
                    mb(s, me, SET_NOTIFICATION_MB)
                me.half = 1 + (load(s, me, loc.desc_flags[slot(s.cfg, where(s, me))]) & first)
            else:
                look(s, me)

        return step

    return {"is_desc_avail": two_bytes} | {name: in_two(look, where) for name, (look, where) in LOOKS.items()}


def torn_by_the_driver(first: int) -> Mapping[str, Callable[..., Any]]:
    """Linux's looks in two steps, one for each flag.  first: the flag that is read first"""

    def two_bytes(s: PackedState, me: Any, index: int) -> bool:
        both = (load(s, me, loc.desc_flags[slot(s.cfg, index)]) & (AVAIL + USED - first)) + me.half - 1
        me.half = 0
        found: bool = both == used_mark(s.cfg, index)
        return found

    def first_byte(s: PackedState, me: Any, index: int) -> None:
        me.half = 1 + (load(s, me, loc.desc_flags[slot(s.cfg, index)]) & first)

    def interrupt(s: PackedState, me: Any) -> None:
        """The first byte; then the whole step with the second one."""
        if me.half == 0:
            first_byte(s, me, s.vq.last_used_idx)
        else:
            vring_interrupt(s, me)

    def get_buf(s: PackedState, me: Any, exhausted: int) -> None:
        """The first byte, unless the budget is used up; then the whole step with the second one."""
        if me.half == 0 and exhausted == 0 and not s.vq.broken:
            first_byte(s, me, s.vq.last_used_idx)
        else:
            require((me.half == 0) | (exhausted == 0))  # the choice was made before the first byte
            virtqueue_get_buf_ctx_packed__more_used(s, me, exhausted)

    def last_look(s: PackedState, me: Any) -> None:
        """The barrier stands before both bytes."""
        if me.half == 0 and not s.vq.broken:
            mb(s, me, POLL_MB)
            first_byte(s, me, me.opaque)
        else:
            virtqueue_poll(s, me)

    return {
        "is_used_desc": two_bytes,
        "vring_interrupt": interrupt,
        "virtqueue_get_buf_ctx_packed__more_used": get_buf,
        "virtqueue_poll": last_look,
    }


AVAILABLE, IS_USED = "is_desc_avail", "is_used_desc"
SYSTEMS = {
    "ring1": packed(),
    "ring1-tso": packed(memory="tso"),
    "ring1-other": packed(irq="other"),
    "ring2-merging": packed(size=2, mergeable=True),
}


HANDOVER = packed(irq="any")
"""Two CPUs, each of which looks beside the other: there a descriptor may change more than once between two bytes."""
STORED = {"ring1": packed(), "ring2-merging": packed(size=2, mergeable=True)}
"""Systems whose flags are stored as two bytes, under SC."""


def variants(system: System) -> Iterator[tuple[str, System]]:
    """What does no harm, by name."""
    yield "device-by-avail", system.replace(AVAILABLE, by_one(AVAIL, available_mark), called="AVAIL alone")
    yield "driver-by-used", system.replace(IS_USED, by_one(USED, used_mark), called="USED alone")
    for first, name in ((AVAIL, "avail"), (USED, "used")):
        yield f"torn-{name}-first", system.declare("main.half", Upto(3)).replace(torn(first), called=f"{name} first")
        halves = system.declare("softirq.half", Upto(3)).declare("hardirq.half", Upto(3))
        yield f"driver-torn-{name}-first", halves.replace(torn_by_the_driver(first), called=f"{name} first, the driver")


CLAIMS: list[Claim] = [
    *(
        about(f"{q.name}-packed-{name}-{where}", variant, q, "proved", tier="full")
        for where, system in SYSTEMS.items()
        for name, variant in variants(mended(system))
        for q in meaningful(system.cfg, EVERY)
    ),
    *(
        about(f"{q.name}-packed-{name}-ring1-any", variant, q, "proved", tier="full")
        for name, variant in variants(mended(HANDOVER))
        if name.startswith("driver-torn")
        for q in meaningful(HANDOVER.cfg, EVERY)
    ),
    *(
        about(f"{q.name}-packed-{name}-{where}", variant, q, "proved", tier="full")
        for where, system in STORED.items()
        for name, variant in (
            ("device-stores-avail-first", used_in_two(system, AVAIL)),
            ("driver-stores-used-first", offered_in_two(system, USED)),
        )
        for q in meaningful(system.cfg, EVERY)
        if q != wrap_counters_coherent or name.startswith("device")
    ),
    fails("packed-driver-stores-used-first", offered_in_two(packed(), USED), wrap_counters_coherent, "between its two "
          "bytes memory does not show yet what the driver counts; nobody looks at it so"),
    fails("packed-driver-stores-avail-first", offered_in_two(packed(), AVAIL), device_holds_nothing, "the device has "
          "used it, and the second byte takes that back", tier="quick"),
    fails("packed-device-by-used", packed().replace(AVAILABLE, by_one(USED, available_mark), called="USED alone"),
          single_owner, "USED was that of this lap before anything was added", tier="quick"),
    fails("packed-driver-by-avail", packed().replace(IS_USED, by_one(AVAIL, used_mark), called="AVAIL alone"),
          single_owner, "AVAIL is that of this lap before anything was used", tier="quick"),
]

if __name__ == "__main__":
    main_for(CLAIMS)
