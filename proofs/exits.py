"""Every exit of virtio_net_receive_rcu(): `inuse` is exact behind each, and each is reached.

Some exits need a driver that does what VIRTIO forbids.  Such a driver is a step
exchanged: it offers elements that the device may not write to, pieces without
length, or shortens a descriptor while the device counts.
"""

from __future__ import annotations

from vrx.models.claims import Claim, Safety, Tier, cover
from vrx.models.systems.system import System, rx
from vrx.proofs.museum.data import hostile, mergeable, small
from vrx.proofs.running import main_for
from vrx.spec.layouts.split.contexts import SplitL, SplitSoftirq
from vrx.spec.layouts.split.driver_descriptors import virtqueue_add_desc_split__flags, virtqueue_add_desc_split__len
from vrx.spec.layouts.split.memory import NEXT, loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L, Softirq
from vrx.spec.memory import store
from vrx.spec.properties import inuse_exact
from vrx.spec.qemu.net_queue import done
from vrx.spec.qemu.state import MainLoop
from vrx.spec.qemu.virtio_net import copy_piece
from vrx.spec.rx import fate
from vrx.spec.words import clear


def offers_no_in_buffer(s: SplitState, me: SplitSoftirq, odd: int) -> None:
    """The driver may forget WRITE: the element has nothing that the device may write to."""
    if odd == 1:
        store(s, me, loc.desc_flags[me.desc], NEXT)
        me.goto(SplitL.ADD_ADDR)
    else:
        virtqueue_add_desc_split__flags(s, me)


def offers_nothing(s: SplitState, me: SplitSoftirq, odd: int) -> None:
    """The driver may offer a piece of length 0."""
    if odd == 1:
        store(s, me, loc.desc_len[me.desc], 0)
        me.goto(SplitL.ADD_NEXT)
    else:
        virtqueue_add_desc_split__len(s, me)


def shortens(s: SplitState, me: Softirq, which: int) -> None:
    """Between two polls the driver may shorten a descriptor that is offered, so that only a header fits."""
    if which == 0:
        me.goto(L.MORE_USED)
    else:
        store(s, me, loc.desc_len[which - 1], 1)


def keeps_inuse(s: SplitState, me: MainLoop) -> None:
    """A packet too large for its buffers: the element is forgotten, and inuse still counts it."""
    if me.rest > me.sg_len[0] - s.cfg.hdr_len:
        fate(s, me.mark, 2)
        me.rest = 0
        me.held = 0
        me.in_num = 0
        for array in (me.elems, me.lens, me.sg_addr, me.sg_len):
            clear(array)
        done(s, me)
    else:
        copy_piece(s, me, me.rest)


NO_IN = small().replace("virtqueue_add_desc_split__flags", offers_no_in_buffer, "elements without in buffers", odd=2)
NO_LENGTH = small().replace("virtqueue_add_desc_split__len", offers_nothing, "pieces without length", odd=2)
FEW = mergeable(max_elements=2).replace("net_rx_action__any_time", shortens, "descriptors shortened", which=3)
FILTER = small(filter=True)
STOPS = small(stops=True)
MERGING = mergeable(size=1, max_packet=1, hostile="device")
NOTIFIED = rx(data=True, stops=True)
"""A machine that stops, with kicks and interrupts as well."""

EXITS: tuple[tuple[str, System, str], ...] = (
    ("not-ready", STOPS, "not ready"),
    ("no-buffers", small(), "the device parks"),
    ("filtered", FILTER, "a packet is filtered out"),
    ("nothing-popped-first", NO_LENGTH, "virtqueue_pop returns nothing"),
    ("nothing-popped-later", FEW, "the queue is empty after a first element"),
    ("too-many-elements", FEW, "a packet takes too many elements"),
    ("no-in-buffers", NO_IN, "an element has no in buffers"),
    ("does-not-fit", small(), "a packet is dropped"),
)
"""The exits but the last, which is success: a name, a system that has it, and its mark."""
ERRORS: tuple[tuple[str, System, str, Tier], ...] = (
    ("short-packet", hostile(small()), "short packet", "quick"),
    ("length-error-small", hostile(small()), "the driver counts a length error", "quick"),
    ("length-error-mergeable", hostile(mergeable()), "the driver counts a length error", "full"),
    ("buffer-missing", hostile(mergeable()), "a buffer of a packet is missing", "full"),
    ("drop-mergeable", hostile(mergeable()), "the driver counts a drop", "full"),
    ("length-error-merging", MERGING, "the driver counts a length error", "quick"),
    ("drop-merging", MERGING, "the driver counts a drop", "quick"),
)
"""The driver's own error paths, beside a device that lies about lengths; MERGING: about everything, on a ring of 1,
where `proofs.hostile` asks for the missing buffer."""


def exit_claims(name: str, system: System, mark: str, tier: Tier = "quick") -> list[Claim]:
    """The exit is reached, and inuse is exact in every reachable state of a system that has it."""
    return [
        Safety(f"exit-{name}", system, inuse_exact, "proved", tier=tier),
        cover(f"exit-{name}-is-reached", system, mark, tier=tier),
    ]


CLAIMS: list[Claim] = [
    *(claim for way_out in EXITS for claim in exit_claims(*way_out)),
    *exit_claims("not-ready-notified", NOTIFIED, "not ready", "full"),
    *(cover(f"{name}-is-reached", system, mark, tier=tier) for name, system, mark, tier in ERRORS),
    Safety(
        "exit-forgets-inuse",
        small().replace("iov_from_buf__piece", keeps_inuse),
        inuse_exact,
        "refuted",
        note="an exit that forgets to detach what it popped",
    ),
]

if __name__ == "__main__":
    main_for(CLAIMS)
