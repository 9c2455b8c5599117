"""Driver bugs: faulty versions of Linux's steps, each with the system that shows it."""

from __future__ import annotations

from vrx.models.claims import Exhibit
from vrx.models.systems.system import System, rx
from vrx.spec.layouts.driver import POLL_MB
from vrx.spec.layouts.split.contexts import SplitL
from vrx.spec.layouts.split.driver import KICK_PREPARE_MB
from vrx.spec.layouts.split.driver_used import unread
from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.napi import put_on_poll_list
from vrx.spec.linux.state import GuestContext, HardIrq, L, Softirq
from vrx.spec.memory import load, locked, mb, store
from vrx.spec.properties import (
    event_index_monotone,
    interrupts_suppressed_while_polling,
    no_lost_interrupt,
    no_lost_kick,
    single_owner,
)
from vrx.spec.ring import idx_sub


def completes_without_looking(s: SplitState, me: Softirq) -> None:
    """SCHED is given up and that is that."""
    me.opaque = 0
    me.goto(L.IDLE)


def takes_unseen(s: SplitState, me: Softirq, exhausted: int) -> None:
    """Whenever a buffer is out, the next used entry is taken without looking at the used index."""
    if exhausted == 1 or s.vq.num_free == s.cfg.size:
        me.goto(L.REFILL_TEST)
    else:
        me.goto(SplitL.USED_ID)


def leaves_no_missed(s: SplitState, me: GuestContext) -> None:
    """The loser of SCHED leaves no MISSED."""
    locked(s, me, "napi_schedule_prep__lock")
    if s.napi.sched:
        me.ret()
    else:
        s.napi.sched = True
        me.call(L.DISABLE_CB, then=L.NAPI_SCHEDULE)


def polls_to_complete(s: SplitState, me: Softirq) -> None:
    """The poll is done: give SCHED up first, enable callbacks after."""
    if me.exhausted:
        me.exhausted = False
        s.napi.poll_list = me.cpu + 1
        me.goto(L.IDLE)
    else:
        me.goto(L.NAPI_COMPLETE_DONE)


def receives_with_callbacks_on(s: SplitState, me: Softirq) -> None:
    """A poll begins to receive and disables no callbacks."""
    me.goto(L.MORE_USED)


def gives_up_then_enables(s: SplitState, me: Softirq) -> None:
    """SCHED is given up; callbacks are enabled outside its protection."""
    locked(s, me, "napi_complete_done__lock")
    if s.napi.missed:
        s.napi.missed = False
        put_on_poll_list(s, me)
        me.goto(L.IDLE)
    else:
        s.napi.sched = False
        me.goto(L.ENABLE_CB_PREPARE)


def enables_then_looks(s: SplitState, me: Softirq) -> None:
    """Write used_event, then look."""
    if me.opaque != s.vq.last_used_idx:
        s.ghost.event_back = True
    store(s, me, loc.used_event, unread(s, me.opaque))
    me.goto(L.VIRTQUEUE_POLL)


def keeps_event_when_triggered(s: SplitState, me: Softirq) -> None:
    """event_triggered is not cleared, and the event index is not written back while it is set."""
    s.vq.no_interrupt = False
    me.opaque = s.vq.last_used_idx
    me.goto(L.NAPI_COMPLETE_DONE if s.vq.event_triggered else SplitL.ENABLE_CB_EVENT)


def kicks_on_last_only(s: SplitState, me: Softirq) -> None:
    """The event test is equality with the last buffer added, not crossing."""
    _kicks_if_event_is(s, me, idx_sub(s.cfg, s.vq.avail_idx_shadow, 1))


def kicks_on_first_only(s: SplitState, me: Softirq) -> None:
    """The event test is equality with the first buffer added, not crossing."""
    _kicks_if_event_is(s, me, idx_sub(s.cfg, s.vq.avail_idx_shadow, s.vq.num_added))


def _kicks_if_event_is(s: SplitState, me: Softirq, index: int) -> None:
    mb(s, me, KICK_PREPARE_MB)
    s.vq.num_added = 0
    if load(s, me, loc.avail_event) == index:
        me.goto(L.NOTIFY)
    else:
        me.ret()


def any_hint(s: SplitState, me: GuestContext, triggered: int) -> None:
    """virtqueue_disable_cb_split with the hint event_triggered replaced by a free choice."""
    if not s.vq.no_interrupt:
        s.vq.no_interrupt = True
        if triggered == 0:
            store(s, me, loc.used_event, 0)
    me.ret()


def notes_nothing(s: SplitState, me: HardIrq) -> None:
    """The hint is not kept: whoever reads it chooses."""
    me.goto(L.SKB_RECV_DONE)


def enables_outside_napi(system: System) -> System:
    """The order of virtqueue_napi_complete before Linux cbdadbbf0c79."""
    return (
        system.replace("virtnet_poll__done", polls_to_complete, "enable_cb after napi_complete_done")
        .replace("napi_complete_done", gives_up_then_enables)
        .replace("virtqueue_enable_cb_prepare_split__event", enables_then_looks)
    )


HANDOVER = rx(event_idx=True, irq="any", idx_bits=2, max_packet=1)
"""Two CPUs hand the NAPI over; index and packets as small as can be, so that the search ends."""
BUSY = rx(busy_poll="same", idx_bits=2, max_packet=1)
UP = rx(memory="tso", event_idx=True, guest="up")


def exhibits() -> list[Exhibit]:
    """The driver's bugs."""
    return [
        Exhibit(
            "complete-without-poll",
            "virtqueue_poll removed from virtqueue_napi_complete()",
            rx().replace("virtqueue_poll", completes_without_looking),
            no_lost_interrupt,
            rx(),
            note="What was used before callbacks were on again brings no interrupt.",
        ),
        Exhibit(
            "complete-no-barrier",
            "the driver's half of QEMU a281ebc11a69, on a uniprocessor guest",
            UP.without(POLL_MB.name),
            no_lost_interrupt,
            UP,
            note="used_event waits in the store buffer while used.idx is read.",
        ),
        Exhibit(
            "kick-no-barrier",
            "the driver's half of QEMU 92045d80badc",
            rx(memory="tso", event_idx=True).without(KICK_PREPARE_MB.name),
            no_lost_kick,
            rx(memory="tso", event_idx=True),
            note="avail.idx waits in the store buffer while avail_event is read.",
        ),
        Exhibit(
            "enable-cb-outside-napi",
            "Linux cbdadbbf0c79",
            enables_outside_napi(HANDOVER),
            event_index_monotone,
            HANDOVER,
            tier="full",
            note="A poll on another CPU advances in between, and the first CPU writes an older used_event.",
        ),
        Exhibit(
            "skip-event-when-triggered",
            "Linux 6c0b057cec5e, second version of the patch",
            rx(event_idx=True).replace("virtqueue_enable_cb_prepare", keeps_event_when_triggered),
            no_lost_interrupt,
            rx(event_idx=True),
            note="The event index is never armed again.",
        ),
        Exhibit(
            "free-before-used",
            "the reuse that single_owner forbids",
            rx().replace("virtqueue_get_buf_ctx_split__more_used", takes_unseen),
            single_owner,
            rx(),
            note="A descriptor is back on the free list before its used entry was seen.",
        ),
        Exhibit(
            "busy-poll-callbacks-on",
            "Linux 1eb8fc67ca41",
            BUSY.replace("virtnet_poll", receives_with_callbacks_on),
            interrupts_suppressed_while_polling,
            BUSY,
            note="A task that polls took SCHED without disabling callbacks, and every packet interrupts.",
        ),
        Exhibit(
            "kick-test-equality",
            "off-by-one class",
            rx(size=2, event_idx=True).replace("virtqueue_kick_prepare_split", kicks_on_last_only),
            no_lost_kick,
            rx(size=2, event_idx=True),
            tier="full",
            note="Where the event lies before the last of several buffers, nothing is kicked.",
        ),
    ]
