"""The packed ring: every safety property of rings of 1 to 3, what fails without a barrier or by a fault, and liveness.

QEMU 7.2 lacks a barrier in virtio_packed_should_notify(), and loses an interrupt under TSO (`proofs.museum.packed`).
All else is asked of the code with that barrier.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vrx.models.claims import Claim, Sentence, Statement, Tier, about, cover, fails, lasting, tag
from vrx.models.systems.mended import flushing_everything, mended
from vrx.models.systems.system import System
from vrx.proofs.deciders.event_test import deciding
from vrx.proofs.deciders.packed_event_test import ANSWERS, EXPECTED
from vrx.proofs.kinds import DISTINCT
from vrx.proofs.lost_wakeup import COVERS
from vrx.proofs.museum.packed import keeps_what_is_left, packed, remembers_across_the_end
from vrx.proofs.running import main_for
from vrx.proofs.variants import drops_and_keeps, never_kicks, never_refills, sends_past_the_queue
from vrx.spec.accounts import ACCOUNTS, POSTING
from vrx.spec.giving_up import gives_up_only_what_does_not_fit, pops_only_what_was_seen
from vrx.spec.layouts.driver import POLL_MB
from vrx.spec.layouts.packed.device import SET_NOTIFICATION_MB
from vrx.spec.layouts.packed.driver import (
    KICK_PREPARE_MB,
    virtqueue_add_packed__head_flags,
    virtqueue_enable_cb_prepare,
)
from vrx.spec.layouts.packed.properties import PACKED, packed_slots_contiguous, wrap_counters_coherent
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.linux.state import Softirq
from vrx.spec.liveness import LIVENESS
from vrx.spec.properties import (
    NAPI,
    REFILL,
    SPINE,
    Property,
    event_index_monotone,
    free_list_intact,
    in_order,
    no_lost_interrupt,
    no_lost_kick,
    no_packet_vanishes,
    one_fate,
    rest_is_idle,
    strands_only_where_it_may,
)
from vrx.spec.questions import meaningful
from vrx.spec.ring import idx_add
from vrx.spec.suppression import ASKING, interrupts_only_as_asked, no_interrupt_for_nothing, no_kick_for_nothing
from vrx.spec.words import pick

EVERY: tuple[Property, ...] = (
    *(*SPINE, *NAPI, *ASKING, free_list_intact, *REFILL, *ACCOUNTS, *POSTING),
    *(gives_up_only_what_does_not_fit, pops_only_what_was_seen, in_order, one_fate, *PACKED),
)
"""Every safety property of a ring whose descriptors say no more than whose they are."""
FATE = (in_order, one_fate, no_packet_vanishes)
ENDS = (("smp", "same"), ("smp", "other"), ("up", "same"))


def name_of(prop: str, system: System) -> str:
    """What a claim about a mended system is called."""
    return f"{prop}-{tag(system)}"


def holding(system: System, tier: Tier, questions: tuple[Property, ...] = EVERY) -> Iterator[Claim]:
    """The claims that all questions with a meaning hold of a system with the barrier."""
    yield from (
        about(name_of(q.name, system), mended(system), q, "proved", tier=tier)
        for q in meaningful(system.cfg, questions)
    )


def ring(size: int, event: bool, memory: str, guest: str, irq: str, **options: Any) -> System:
    """One of the systems, with the place of each buffer as a ghost."""
    return packed(size=size, event_idx=event, memory=memory, guest=guest, irq=irq, positions=True, **options)


RING1 = [ring(1, event, *kind) for event in (False, True) for kind in DISTINCT]
RING2 = [
    *(ring(2, False, "sc", "smp", irq) for irq in ("same", "other")),
    *(ring(2, False, "tso", guest, irq) for guest, irq in ENDS),
    ring(2, True, "sc", "smp", "same", max_packet=1),
]
RING3 = [ring(3, False, "sc", "smp", "same", max_packet=1)]
"""No power of two."""
MERGING = [
    packed(size=2, mergeable=True), packed(size=2, mergeable=True, memory="tso"),
    packed(size=3, mergeable=True, max_packet=3),
]  # fmt: skip
"""Batches: several used descriptors, the first one written last, over the end of the ring and as long as it."""
OTHERS = [
    packed(irq="any"), packed(event_idx=True, max_packet=1, irq="any"), packed(stops=True),
    packed(busy_poll="same"), packed(netpoll="same"), packed(caller="any"), packed(caller="any", memory="tso"),
]  # fmt: skip
WATCHED = [packed(watch=True), packed(watch=True, event_idx=True, max_packet=1)]
AS_IT_IS = packed()
"""QEMU 7.2 without the barrier, where no store waits."""
DEEP = [packed(memory="tso", guest="up", buffer_depth=3)]
ANY_CALLER = flushing_everything(packed(size=2, caller="any"))
MENDED_FLUSH = packed(size=2, caller="any").replace("moves_on", keeps_what_is_left, called="what is left moves on")


def asks_behind(s: PackedState, me: Softirq) -> None:
    """The position that is named is that of a descriptor taken before."""
    virtqueue_enable_cb_prepare(s, me)
    me.opaque = idx_add(s.cfg, s.vq.last_used_idx, 2 * s.cfg.size - 1)


def uses_with_a_gap(s: PackedState, me: Any) -> int:
    """The second used descriptor of a packet leaves one out."""
    return idx_add(s.cfg, s.dev.used_idx, pick(me.element > 0, me.element + 1, 0))


def flips_too_early(s: PackedState, me: Softirq) -> None:
    """The driver marks a descriptor with the wrap counter of the next lap."""
    here = s.vq.next_avail_idx
    s.vq.next_avail_idx = idx_add(s.cfg, here, s.cfg.size)
    virtqueue_add_packed__head_flags(s, me)
    s.vq.next_avail_idx = idx_add(s.cfg, here, 1)


FULL_BARRIERS = (
    (KICK_PREPARE_MB.name, no_lost_kick, "smp"),
    (SET_NOTIFICATION_MB.name, no_lost_kick, "smp"),
    (POLL_MB.name, no_lost_interrupt, "up"),
)
"""Each is needed: what is lost without it, and on which guest."""
MERGING3 = MERGING[2]
EVENT_WORDS = Sentence(
    "the_packed_event_test",
    "The event test of a packed ring is what the standard says in words, for every ring size up to 32,768.",
)

CLAIMS: list[Claim] = [
    *(about(f"{q.name}-{tag(AS_IT_IS)}-as-it-is", AS_IT_IS, q, "proved")
      for q in meaningful(AS_IT_IS.cfg, (*SPINE, *PACKED))),
    *(c for s in RING1 for c in holding(s, "full" if s.cfg.event_idx and s.cfg.irq == "other" else "quick")),
    *(c for s in (*RING2, *RING3, *MERGING, *OTHERS, *DEEP) for c in holding(s, "full")),
    *(c for s in WATCHED for c in holding(s, "full", FATE)),
    *(about(f"{q.name}-any-caller-flushes-in-one-go", mended(ANY_CALLER), q, "proved", tier="full")
      for q in meaningful(ANY_CALLER.cfg, EVERY)),
    *(about(f"{q.name}-any-caller-what-is-left-moves-on", mended(MENDED_FLUSH), q, "proved", tier="full")
      for q in meaningful(MENDED_FLUSH.cfg, EVERY)),
    *(
        fails(
            f"packed-without-{barrier}-{'event' if event else 'flags'}",
            mended(packed(event_idx=event, memory="tso", guest=guest)).without(barrier),
            prop,
            "a store waits in the store buffer while the other side's word is read",
        )
        for barrier, prop, guest in FULL_BARRIERS
        for event in (False, True)
    ),
    fails("packed-signal-across-the-end", packed(event_idx=True).replace("end_of_ring", remembers_across_the_end),
          no_lost_interrupt, "a whole lap between two decisions looks as if nothing had been used"),
    fails("packed-asks-behind", packed(event_idx=True).replace("virtqueue_enable_cb_prepare", asks_behind),
          event_index_monotone, "the position named has been passed", tier="quick"),
    fails("packed-uses-with-a-gap", MERGING3.replace("used_at", uses_with_a_gap), packed_slots_contiguous,
          "the driver never comes to what lies behind the gap", tier="quick"),
    fails("packed-flips-too-early", packed().replace("virtqueue_add_packed__head_flags", flips_too_early),
          wrap_counters_coherent, "the flags are not of the lap that both sides count", tier="quick"),
    # What stands above the ring is the same code on both layouts: here its properties can fail, too.
    fails("packed-never-kicks", packed().replace("virtqueue_notify", never_kicks), rest_is_idle,
          "the kick waits for something that never comes", tier="full"),
    fails("packed-never-refills", packed().replace("virtnet_receive__refill", never_refills),
          strands_only_where_it_may, "the first filling is the last one", tier="full"),
    fails("packed-sends-past-the-queue", packed(watch=True).replace("qemu_net_queue_send", sends_past_the_queue),
          in_order, "a packet is offered before the one that waits", tier="full"),
    fails("packed-drops-and-keeps", packed(watch=True).replace("virtqueue_unpop", drops_and_keeps), one_fate,
          "a packet that was dropped and counted stays in the queue", tier="full"),
    # The price of a signalled_used that ends with the ring: an interrupt that nobody asked for, once a lap.
    fails("packed-needless-interrupt-a-lap", mended(packed(event_idx=True, max_packet=1)), interrupts_only_as_asked,
          "signalled_used counts no longer around the end of the ring, and QEMU notifies where it does not count"),
    fails("packed-needless-interrupt", mended(packed(event_idx=True, max_packet=1, decisions=True)),
          no_interrupt_for_nothing, "the same, of one decision"),
    about(name_of(no_kick_for_nothing.name, packed(event_idx=True, max_packet=1, decisions=True)),
          mended(packed(event_idx=True, max_packet=1, decisions=True)), no_kick_for_nothing, "proved", tier="full"),
    *(lasting(mended(packed(max_packet=1)), *LIVENESS)),
    *(c for options in ({"memory": "tso", "guest": "up"}, {"event_idx": True}, {"event_idx": True, "memory": "tso"})
      for c in lasting(mended(packed(max_packet=1, **options)), *LIVENESS, tier="full")),
    *(cover(f"packed-{name}", mended(packed()), mark) for name, mark in COVERS.items()),
    *(cover(f"packed-{side}-index-wraps", mended(packed()), f"{side} index wraps") for side in ("driver", "device")),
    *(
        Statement(name, None, EVENT_WORDS, "refuted" if name in EXPECTED else "proved", decide=deciding(answer),
                  layout="packed")
        for name, answer in ANSWERS.items()
    ),
]

if __name__ == "__main__":
    main_for(CLAIMS)
