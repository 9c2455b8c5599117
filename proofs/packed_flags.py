"""Both flags of a packed descriptor in one load: what if they are read as two bytes, or one of them alone?

They sit in different bytes of their word.  Between two laps of a descriptor its next reader sees one change at a
time: the driver changes AVAIL of what was used, the device changes USED of what is available.  So beside an honest
other side one flag is enough, AVAIL for the device and USED for the driver, and a torn look does no harm; the other
flag alone is wrong at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from vrx.models.claims import Claim, about, fails
from vrx.models.systems.system import System
from vrx.proofs.museum.packed import mended, packed
from vrx.proofs.packed import EVERY
from vrx.proofs.running import main_for
from vrx.spec.layouts.packed.contexts import PackedMainLoop
from vrx.spec.layouts.packed.device import (
    SET_NOTIFICATION_MB,
    virtio_queue_packed_empty,
    virtio_queue_packed_poll,
    virtqueue_packed_get_avail_bytes,
    virtqueue_packed_pop__empty,
)
from vrx.spec.layouts.packed.memory import AVAIL, USED, available_mark, loc, used_mark
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.memory import load, mb
from vrx.spec.properties import single_owner
from vrx.spec.questions import meaningful
from vrx.spec.ring import slot
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


AVAILABLE, IS_USED = "is_desc_avail", "is_used_desc"
SYSTEMS = {"ring1": packed(), "ring1-tso": packed(memory="tso"), "ring2-merging": packed(size=2, mergeable=True)}


def variants(system: System) -> Iterator[tuple[str, System]]:
    """What does no harm, by name."""
    yield "device-by-avail", system.replace(AVAILABLE, by_one(AVAIL, available_mark), called="AVAIL alone")
    yield "driver-by-used", system.replace(IS_USED, by_one(USED, used_mark), called="USED alone")
    for first, name in ((AVAIL, "avail"), (USED, "used")):
        yield f"torn-{name}-first", system.declare("main.half", Upto(3)).replace(torn(first), called=f"{name} first")


CLAIMS: list[Claim] = [
    *(
        about(f"{q.name}-packed-{name}-{where}", variant, q, "proved", tier="full")
        for where, system in SYSTEMS.items()
        for name, variant in variants(mended(system))
        for q in meaningful(system.cfg, EVERY)
    ),
    fails("packed-device-by-used", packed().replace(AVAILABLE, by_one(USED, available_mark), called="USED alone"),
          single_owner, "USED was that of this lap before anything was added", tier="quick"),
    fails("packed-driver-by-avail", packed().replace(IS_USED, by_one(AVAIL, used_mark), called="AVAIL alone"),
          single_owner, "AVAIL is that of this lap before anything was used", tier="quick"),
]

if __name__ == "__main__":
    main_for(CLAIMS)
