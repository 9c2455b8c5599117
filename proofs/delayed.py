"""A driver that asks for interrupts with delay: virtqueue_enable_cb_delayed(), of both layouts.

With the event index it asks to hear only when three quarters of what is out are used, and looks once more.  virtio_net
calls it for transmit queues alone.  Here a NAPI does that completes first and asks then: so the look must find what
came before the wish, and no locked instruction comes between the wish and the look, as it does in
virtqueue_napi_complete(): the barrier is needed on every guest.

QEMU 7.2 hides a wrong wish on a packed ring: it interrupts whenever a flush comes to the end of the ring.  So what is
wrong with a wish is shown beside any device that VIRTIO allows.

Completing first has a price: an interrupt that comes while the driver asks withdraws the wish, and the driver writes
it all the same.  On a split ring its copy of the flags then says another thing than memory does.
"""

from __future__ import annotations

from typing import Any

from vrx.models.claims import Claim, Safety, Tier, about, claims_of, cover, lasting
from vrx.models.systems.mended import mended
from vrx.models.systems.standard_systems import peers
from vrx.models.systems.system import System, rx
from vrx.proofs.running import main_for
from vrx.spec.layouts.driver import DELAYED_MB, looked_again
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.linux.state import Softirq
from vrx.spec.liveness import LIVENESS
from vrx.spec.memory import Barrier
from vrx.spec.properties import NAPI, REFILL, SPINE, WAKING_LATE, interrupts_suppressed_while_polling, no_lost_interrupt
from vrx.spec.properties import no_late_interrupt_lost as no_late
from vrx.spec.questions import meaningful
from vrx.spec.ring import idx_add, slot, three_quarters
from vrx.spec.words import pick


def delayed(ring: str = "packed", **options: Any) -> System:
    """A system whose driver asks with delay."""
    return rx(ring=ring, enable_cb="delayed", **{"max_packet": 1, **options})


def under_tso(ring: str = "packed", **options: Any) -> System:
    """The same under TSO; on a packed ring with the barrier that QEMU lacks."""
    system = delayed(ring, memory="tso", **options)
    return mended(system) if ring == "packed" else system


def beside_any_device(**options: Any) -> System:
    """The driver beside a device that does whatever VIRTIO allows."""
    """The driver beside a device that does whatever VIRTIO allows."""
    usual: dict[str, Any] = {"ring": "packed", "peer": "any-device", "event_idx": True, "enable_cb": "delayed"}
    return peers(**{**usual, "max_packet": 1, **options})


def asks_for_the_last(s: PackedState) -> int:
    """All that is out, instead of three quarters: the descriptor behind the last one, which nobody will use."""
    return idx_add(s.cfg, s.vq.last_used_idx, s.cfg.size - s.vq.num_free)


def forgets_the_wrap(s: PackedState) -> int:
    """The position goes around the end of the ring, and its wrap counter does not change."""
    last = s.vq.last_used_idx
    bufs = three_quarters(s.cfg.size - s.vq.num_free, s.cfg.size)
    position: int = slot(s.cfg, last + bufs) + pick(last >= s.cfg.size, s.cfg.size, 0)
    return position


def looks_no_more(s: Any, me: Softirq) -> None:
    """Nothing is looked for once the wish stands."""
    looked_again(s, me, False)


SYSTEMS: tuple[tuple[Tier, System], ...] = (
    ("quick", delayed()),
    ("quick", delayed(event_idx=True)),
    ("full", delayed(size=2)),
    ("full", delayed(size=2, mergeable=True, max_packet=2)),
    ("full", delayed(size=3)),
    ("full", delayed(size=2, event_idx=True)),
    ("full", under_tso()),
    ("full", under_tso(guest="up")),
    ("full", under_tso(event_idx=True)),
    ("full", delayed("split", idx_bits=2)),
    ("full", delayed("split", event_idx=True, idx_bits=2)),
    ("full", delayed("split", size=2)),
)
"""Systems in which all holds that is asked of others; on a split ring by flags all but one question."""
ASKED = (*SPINE, *NAPI, *REFILL, *WAKING_LATE)
NEEDED = "no locked instruction stands between the wish and the look: the guest may have several CPUs or one"


def held(system: System, tier: Tier) -> list[Claim]:
    """What holds in one of them."""
    asked = [p for p in meaningful(system.cfg, ASKED) if p not in _not_held(system)]
    return claims_of(system, *asked, tier=tier)


def _not_held(system: System) -> tuple[Any, ...]:
    by_flags = str(system.cfg.layout) == "split" and not system.cfg.event_idx
    return (interrupts_suppressed_while_polling,) if by_flags else ()


def faulty(name: str, system: System, question: Any, note: str, tier: Tier = "quick") -> Claim:
    """A driver that does it wrong."""
    return Safety(f"delayed-{name}", system, question, "refuted", tier=tier, note=note)


def without(barrier: Barrier, system: System) -> System:
    """The system without a barrier."""
    return system.without(barrier.name)


CLAIMS: list[Claim] = [
    *(claim for tier, system in SYSTEMS for claim in held(system, tier)),
    *lasting(delayed(), *meaningful(delayed().cfg, LIVENESS), tier="full"),
    about("interrupts_suppressed_while_polling-delayed-split", delayed("split", size=2),
          interrupts_suppressed_while_polling, "refuted"),
    *held(beside_any_device(), "full"),
    faulty("asks-for-the-last", beside_any_device().replace("asked_for", asks_for_the_last), no_lost_interrupt,
           "a position that nobody comes to while the driver sleeps"),
    faulty("forgets-the-wrap", beside_any_device(size=2).replace("asked_for", forgets_the_wrap), no_late,
           "a position of the lap before", "full"),
    about("delayed-hidden-by-qemu", delayed(event_idx=True).replace("asked_for", asks_for_the_last), no_lost_interrupt,
          "proved", note="QEMU interrupts whenever a flush comes to the end of the ring, whatever was asked for"),
    faulty("looks-no-more", delayed().replace("virtqueue_enable_cb_delayed_packed", looks_no_more), no_lost_interrupt,
           "what came before the wish"),
    faulty("split-looks-no-more", delayed("split", size=2).replace("virtqueue_enable_cb_delayed_split", looks_no_more),
           no_late, "what came before the wish", "full"),
    *(
        faulty(f"no-barrier-{guest}-{kind}", without(DELAYED_MB, under_tso(guest=guest, event_idx=kind == "event")),
               no_lost_interrupt, NEEDED, "full")
        for guest in ("smp", "up") for kind in ("flags", "event")
    ),
    faulty("no-barrier-split", without(DELAYED_MB, under_tso("split", idx_bits=2)), no_lost_interrupt, NEEDED, "full"),
    cover("delayed-look-finds-work", delayed(), "virtqueue_poll finds work"),
    cover("delayed-look-finds-work-split", delayed("split", size=2), "virtqueue_poll finds work", tier="full"),
]  # fmt: skip

if __name__ == "__main__":
    main_for(CLAIMS)
