"""Variants that answer a question: what must fail, what must not, and how fine the steps must be.

The museum holds bugs; here are the claims around them.  A change that looks like
a bug and is none is a claim as well.
"""

from __future__ import annotations

from collections.abc import Callable

from vrx.models.claims import Claim, Figures, Lasting, Safety, Tier, Verdict, claims_of
from vrx.models.systems.system import System, rx
from vrx.proofs.museum.device import (
    TWO,
    asks_enough_now,
    enables_at_once,
    interrupts_on_first_only,
    interrupts_on_last_only,
)
from vrx.proofs.museum.driver import (
    HANDOVER,
    enables_outside_napi,
    kicks_on_first_only,
    kicks_on_last_only,
    takes_unseen,
)
from vrx.proofs.running import main_for
from vrx.spec.layouts.split.device import virtqueue_unpop
from vrx.spec.layouts.split.device_used import virtqueue_split_flush
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import GuestContext, L, Softirq
from vrx.spec.liveness import every_packet_ends
from vrx.spec.properties import (
    REFILL,
    Property,
    device_holds_nothing,
    in_order,
    interrupts_suppressed_while_polling,
    no_lost_interrupt,
    no_lost_kick,
    no_packet_vanishes,
    one_fate,
    rest_is_idle,
    ring_not_broken,
    strands_only_where_it_may,
    used_entries_exact,
)
from vrx.spec.qemu.net_queue import done, qemu_net_queue_send
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.steps import require

ONE_MORE = rx(size=2, mergeable=True, max_packet=1, event_idx=True)
"""A packet never needs more than one buffer beyond what the first look saw."""


def never_disables(s: SplitState, me: GuestContext) -> None:
    """virtqueue_disable_cb_split() does nothing."""
    me.ret()


def never_refills(s: SplitState, me: Softirq, budget: int) -> None:
    """The refill test of virtnet_receive() never says yes: the first filling is the last one."""
    me.received = False
    me.goto(L.POLL_DONE)


def publishes_in_twos(s: SplitState, me: MainLoop) -> None:
    """The device publishes nothing until it has filled two buffers."""
    if me.held < 2:
        done(s, me)
    else:
        virtqueue_split_flush(s, me)


def never_kicks(s: SplitState, me: Softirq) -> None:
    """The kick waits for something that never comes."""
    require(False)


def sends_past_the_queue(s: SplitState, me: MainLoop, size: int, watch: int) -> None:
    """A packet that arrives while another waits in the queue is offered before it."""
    waiting, s.net.queued, s.net.receive_disabled = s.net.queued, 0, False
    qemu_net_queue_send(s, me, size, watch)
    s.net.queued = waiting


def drops_and_keeps(s: SplitState, me: MainLoop) -> None:
    """A packet that does not fit is dropped and counted, and stays in the queue all the same."""
    s.net.queued, s.net.queued_mark = me.size, me.mark
    virtqueue_unpop(s, me)


def parks_nothing(s: SplitState, me: MainLoop) -> None:
    """Where the device should park, the packet is forgotten without being counted."""
    me.opaque = 0
    done(s, me)


def leaves_no_header(s: SplitState, me: MainLoop) -> None:
    """The header is counted, and not written."""
    me.lens[0] = s.cfg.hdr_len
    s.ghost.written[me.elems[0]] = s.cfg.hdr_len
    me.goto(Q.IOV_FROM_BUF)


def must_fail(prop: Property, system: System, tier: Tier = "quick") -> Claim:
    """The claim that a property is not empty: it fails in a variant made for it."""
    about = "-watched" if system.cfg.watch else ""
    note = "a property that cannot fail says nothing"
    return Safety(f"{prop.name}-can-fail{about}", system, prop, "refuted", tier=tier, note=note)


MORE_USED = "virtqueue_get_buf_ctx_split__more_used"


def variant(
    name: str,
    system: System,
    step: str,
    run: Callable[..., None],
    prop: Property,
    steps: int | None,
    note: str,
    tier: Tier = "quick",
) -> Claim:
    """A claim about a system with one step exchanged.  steps: None where the property holds all the same."""
    changed = system.replace(step, run)
    expected: Verdict = "proved" if steps is None else "refuted"
    return Safety(name, changed, prop, expected, figures=Figures(steps=steps), tier=tier, note=note)


MERGING = rx(size=2, mergeable=True)
TWOS = MERGING.replace("virtqueue_split_flush", publishes_in_twos)
SUFFICIENCY = TWO.replace("virtio_queue_split_poll", asks_enough_now)

CLAIMS: list[Claim] = [
    Safety(
        "park-recheck-sufficiency-needs-two-more",
        SUFFICIENCY,
        no_lost_kick,
        "refuted",
        figures=Figures(steps=70),
        tier="full",
        note="the packet needs two buffers more than the first look saw",
    ),
    variant(
        "park-recheck-sufficiency-needs-one-more",
        ONE_MORE,
        "virtio_queue_split_poll",
        asks_enough_now,
        no_lost_kick,
        None,
        "one more is enough: any new buffer makes the second look succeed",
        tier="full",
    ),
    Safety(
        "granularity-hides-park-recheck-sufficiency",
        SUFFICIENCY.replace("virtio_queue_set_notification__load", enables_at_once),
        no_lost_kick,
        "proved",
        tier="full",
        note="with index read and event write in one step the bug is invisible: granularity matters",
    ),
    variant(
        "interrupt-if-event-is-the-first",
        rx(event_idx=True),
        "virtio_split_should_notify",
        interrupts_on_first_only,
        no_lost_interrupt,
        None,
        "a correct program: a sleeping driver's event is always the next entry",
        tier="full",
    ),
    variant(
        "interrupt-if-event-is-the-last",
        TWO,
        "virtio_split_should_notify",
        interrupts_on_last_only,
        no_lost_interrupt,
        42,
        "several entries at once: equality is not crossing",
        tier="full",
    ),
    variant(
        "interrupt-if-event-is-the-last-one-by-one",
        rx(event_idx=True),
        "virtio_split_should_notify",
        interrupts_on_last_only,
        no_lost_interrupt,
        None,
        "a device that publishes one entry at a time may compare with it",
        tier="full",
    ),
    variant(
        "kick-if-event-is-the-first",
        rx(size=2, event_idx=True, max_packet=1),
        "virtqueue_kick_prepare_split",
        kicks_on_first_only,
        no_lost_kick,
        44,
        "several buffers at once: equality is not crossing",
        tier="full",
    ),
    variant(
        "kick-if-event-is-the-last",
        rx(size=2, event_idx=True, max_packet=1),
        "virtqueue_kick_prepare_split",
        kicks_on_last_only,
        no_lost_kick,
        30,
        "several buffers at once: equality is not crossing",
        tier="full",
    ),
    variant(
        "suppression-needs-disable_cb",
        rx(),
        "virtqueue_disable_cb_split",
        never_disables,
        interrupts_suppressed_while_polling,
        14,
        "a driver that never asks for quiet is interrupted while it polls",
    ),
    Safety(
        "enable-cb-outside-napi-loses-the-interrupt",
        enables_outside_napi(HANDOVER),
        no_lost_interrupt,
        "refuted",
        figures=Figures(steps=107),
        tier="full",
        note="the older used_event is not only unseemly: an interrupt is lost",
    ),
    must_fail(rest_is_idle, rx().replace("virtqueue_notify", never_kicks)),
    must_fail(ring_not_broken, rx(size=2).replace(MORE_USED, takes_unseen)),
    must_fail(strands_only_where_it_may, rx().replace("virtnet_receive__refill", never_refills)),
    must_fail(device_holds_nothing, TWOS),
    *claims_of(MERGING, *REFILL),
    Lasting("device-that-publishes-in-twos", TWOS, every_packet_ends, "refuted",
            note="the packet has left the device, and nobody has it"),
    must_fail(used_entries_exact, rx(data=True).replace("receive_header", leaves_no_header)),
    must_fail(one_fate, rx(size=2, positions=True).replace(MORE_USED, takes_unseen), "full"),
    must_fail(in_order, rx(size=2, positions=True, irq="other").replace(MORE_USED, takes_unseen), "full"),
    must_fail(one_fate, rx(watch=True).replace("virtqueue_unpop", drops_and_keeps)),
    must_fail(in_order, rx(watch=True).replace("qemu_net_queue_send", sends_past_the_queue)),
    must_fail(no_packet_vanishes, rx(watch=True).replace("virtio_queue_split_poll", parks_nothing)),
    *claims_of(ONE_MORE, no_lost_interrupt, no_lost_kick, tier="full"),
]

if __name__ == "__main__":
    main_for(CLAIMS)
