"""Systems that are wrong, or look wrong, and where the induction stops: the step and the lemma.

Each is a barrier removed, a second look left out, a wrong test, an index off by
one, or a publication before the entry.  Where the table of barriers says
*masked*, the induction goes through without the barrier.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from models.system import System, rx
from proofs.museum import device, driver
from spec.linux.state import L, Softirq
from spec.linux.virtio_ring import ADD_WMB, GET_BUF_MB, GET_BUF_RMB, KICK_PREPARE_MB, POLL_MB
from spec.memory import load, mb, store
from spec.qemu.state import MainLoop, Q
from spec.qemu.virtio import FLUSH_WMB, SET_NOTIFICATION_MB, SHOULD_NOTIFY_MB
from spec.ring import idx_add, idx_sub, slot, vring_need_event
from spec.rx import FREE, OFFERED, State, give, loc


@dataclass(frozen=True)
class Mutant:
    """A changed system.

    steps: where the induction stops, by name of the step and lemmas; empty: it goes through
    real: what a search of small rings says: a "bug", or only a "hole" in the invariant
    """

    name: str
    system: System
    steps: tuple[tuple[str, tuple[str, ...]], ...] = ()
    real: Literal["bug", "hole", ""] = ""


def arms_one_further(s: State, me: Softirq) -> None:
    """used_event is one too large."""
    store(s, me, loc.used_event, idx_add(s.cfg, me.opaque, 1))
    me.goto(L.NAPI_COMPLETE_DONE)


def asks_one_further(s: State, me: MainLoop) -> None:
    """avail_event is one too large."""
    store(s, me, loc.avail_event, idx_add(s.cfg, me.between, 1))
    me.between = 0
    me.goto(Q.RECHECK)


def crosses_off_by_one(s: State, me: Softirq) -> None:
    """The test for a kick leaves out the - 1: the event must lie one further back."""
    vq = s.vq
    mb(s, me, KICK_PREPARE_MB)
    new = vq.avail_idx_shadow
    old = idx_sub(s.cfg, new, vq.num_added)
    vq.num_added = 0
    if idx_sub(s.cfg, new, load(s, me, loc.avail_event)) < idx_sub(s.cfg, new, old):
        me.goto(L.NOTIFY)
    else:
        me.ret()


def interrupt_off_by_one(s: State, me: MainLoop) -> None:
    """The test for an interrupt looks one entry too far ahead."""
    dev = s.dev
    mb(s, me, SHOULD_NOTIFY_MB)
    old, valid = dev.signalled_used, dev.signalled_used_valid
    dev.signalled_used, dev.signalled_used_valid = dev.used_idx, True
    event = idx_sub(s.cfg, load(s, me, loc.used_event), 1)
    wanted = not valid or vring_need_event(s.cfg, event, dev.used_idx, old)
    if wanted:
        me.goto(Q.IRQ)
    else:
        me.size = 0
        me.goto(Q.IDLE)


def publishes_unwritten(s: State, me: Softirq) -> None:
    """avail.idx is written before the entry that it announces (in place of the entry)."""
    vq = s.vq
    vq.avail_idx_shadow = idx_add(s.cfg, vq.avail_idx_shadow, 1)
    store(s, me, loc.avail_idx, vq.avail_idx_shadow)
    vq.num_added = vq.num_added + 1
    me.goto(L.ADD_IDX)


def writes_published(s: State, me: Softirq) -> None:
    """The entry follows its publication (in place of the index)."""
    vq = s.vq
    head = vq.free_head
    place = idx_sub(s.cfg, vq.avail_idx_shadow, 1)
    give(s, head, FREE, OFFERED, place)
    vq.num_free = vq.num_free - 1
    vq.free_head = vq.next[head] if vq.num_free > 0 else 0
    vq.next[head] = 0
    vq.token[head] = True
    store(s, me, loc.avail_ring[slot(s.cfg, place)], head)
    me.goto(L.TRY_FILL_RECV if vq.num_free > 0 else L.KICK_PREPARE)


def adds_untested(s: State, me: Softirq) -> None:
    """A buffer is added whether or not a descriptor is free."""
    me.goto(L.ADD_RING)


def _system(**options: object) -> System:
    return rx(event_idx=True, positions=True, idx_bits=16, **options)


TSO = _system(memory="tso")
UP = _system(memory="tso", guest="up")
SC = _system()
OTHER = _system(memory="tso", irq="other")
EARLY = SC.replace("virtqueue_split_fill", device.publishes_first).replace("virtqueue_split_flush", device.fills_after)
DRIVER_EARLY = SC.replace("virtqueue_add_split__ring", publishes_unwritten).replace(
    "virtqueue_add_split__idx", writes_published
)


def candidates() -> list[tuple[str, System]]:
    """The changed systems, without what is expected of them."""
    locks = ("napi_schedule_prep__lock", "napi_complete_done__lock", "napi_enable__lock")
    masked = (POLL_MB.name, GET_BUF_MB.name, GET_BUF_RMB.name, ADD_WMB.name, FLUSH_WMB.name, *locks)
    needed = (KICK_PREPARE_MB.name, SET_NOTIFICATION_MB.name, SHOULD_NOTIFY_MB.name)
    return [
        *((f"smp without {b}", TSO.without(b)) for b in (*needed, *masked)),
        ("smp without virtqueue_poll__mb and the exchange", TSO.without(POLL_MB.name).without(locks[1])),
        *((f"up without {b}", UP.without(b)) for b in (*needed, POLL_MB.name)),
        ("irq=other without wake_up_process__lock", OTHER.without("wake_up_process__lock")),
        ("irq=other without virtqueue_poll__mb", OTHER.without(POLL_MB.name)),
        ("no second look of the driver", SC.replace("virtqueue_poll", driver.completes_without_looking)),
        ("no second look of the device", SC.replace("virtio_queue_split_poll", device.parks_without_looking)),
        ("device looks whether the ring is empty", SC.replace("virtio_queue_split_poll", device.asks_nonempty)),
        ("kick on the last only", SC.replace("virtqueue_kick_prepare_split", driver.kicks_on_last_only)),
        ("kick on the first only", SC.replace("virtqueue_kick_prepare_split", driver.kicks_on_first_only)),
        ("kick test off by one", SC.replace("virtqueue_kick_prepare_split", crosses_off_by_one)),
        ("interrupt test off by one", SC.replace("virtio_split_should_notify", interrupt_off_by_one)),
        ("interrupt on the last only", SC.replace("virtio_split_should_notify", device.interrupts_on_last_only)),
        ("used_event off by one", SC.replace("virtqueue_enable_cb_prepare_split__event", arms_one_further)),
        ("avail_event off by one", SC.replace("virtio_queue_set_notification__store", asks_one_further)),
        ("used.idx off by one", SC.replace("virtqueue_split_flush", device.flush_forgets_entries)),
        ("used.idx before the entry", EARLY),
        ("avail.idx before the entry", DRIVER_EARLY),
        ("taken without looking at used.idx",
         SC.replace("virtqueue_get_buf_ctx_split__more_used", driver.takes_unseen)),
        ("added without a free descriptor", SC.replace("try_fill_recv", adds_untested)),
        ("dropped without unpop", SC.replace("virtqueue_unpop", device.forgets_unpop)),
        ("unpop keeps inuse", SC.replace("virtqueue_unpop", device.unpop_keeps_inuse)),
        ("event index kept when triggered",
         SC.replace("virtqueue_enable_cb_prepare", driver.keeps_event_when_triggered)),
        ("the loser leaves no MISSED", SC.replace("napi_schedule_prep", driver.leaves_no_missed)),
    ]  # fmt: skip
