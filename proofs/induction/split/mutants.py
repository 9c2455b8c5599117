"""Systems that are wrong, or look wrong, and where the induction stops: the step and the lemma.

Each is a second look left out, a wrong test, an index off by one, or a
publication before the entry.  `barrier_rows` has the barriers, one at a time, and
`caller_mutants` the faults beside any caller.
"""

from __future__ import annotations

from functools import partial

from vrx.proofs.induction.mutant import Mutant, replaced
from vrx.proofs.induction.systems import unbounded
from vrx.proofs.museum import device, driver
from vrx.spec.layouts.driver import POLL_MB
from vrx.spec.layouts.split.contexts import SplitL, SplitMainLoop, SplitQ
from vrx.spec.layouts.split.device_used import SHOULD_NOTIFY_MB
from vrx.spec.layouts.split.driver import KICK_PREPARE_MB
from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L, Softirq
from vrx.spec.memory import load, mb, store
from vrx.spec.properties import (
    descriptors_conserved,
    inuse_exact,
    no_lost_interrupt,
    no_lost_kick,
    ring_not_broken,
    single_owner,
)
from vrx.spec.qemu.net_queue import done
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.ring import idx_add, idx_sub, slot, vring_need_event
from vrx.spec.rx import FREE, OFFERED, give


def arms_one_further(s: SplitState, me: Softirq) -> None:
    """used_event is one too large."""
    store(s, me, loc.used_event, idx_add(s.cfg, me.opaque, 1))
    me.goto(L.NAPI_COMPLETE_DONE)


def asks_one_further(s: SplitState, me: SplitMainLoop) -> None:
    """avail_event is one too large."""
    store(s, me, loc.avail_event, idx_add(s.cfg, me.between, 1))
    me.between = 0
    me.goto(SplitQ.RECHECK)


def crosses_off_by_one(s: SplitState, me: Softirq) -> None:
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


def interrupt_off_by_one(s: SplitState, me: MainLoop) -> None:
    """The test for an interrupt looks one entry too far ahead."""
    dev = s.dev
    mb(s, me, SHOULD_NOTIFY_MB)
    old, valid = dev.signalled_used, dev.signalled_used_valid
    dev.signalled_used, dev.signalled_used_valid = dev.used_idx, True
    event = idx_sub(s.cfg, load(s, me, loc.used_event), 1)
    me.owed = 0
    if not valid or vring_need_event(s.cfg, event, dev.used_idx, old):
        me.goto(Q.IRQ)
    else:
        done(s, me)


def interrupts_on_the_last(s: SplitState, me: MainLoop) -> None:
    """The test for an interrupt is whether used_event is the last entry: right where each entry is decided about."""
    dev = s.dev
    mb(s, me, SHOULD_NOTIFY_MB)
    valid = dev.signalled_used_valid
    dev.signalled_used, dev.signalled_used_valid = dev.used_idx, True
    me.owed = 0
    if not valid or load(s, me, loc.used_event) == idx_sub(s.cfg, dev.used_idx, 1):
        me.goto(Q.IRQ)
    else:
        done(s, me)


def publishes_unwritten(s: SplitState, me: Softirq) -> None:
    """avail.idx is written before the entry that it announces (in place of the entry)."""
    vq = s.vq
    vq.avail_idx_shadow = idx_add(s.cfg, vq.avail_idx_shadow, 1)
    store(s, me, loc.avail_idx, vq.avail_idx_shadow)
    vq.num_added = vq.num_added + 1
    me.goto(SplitL.ADD_IDX)


def writes_published(s: SplitState, me: Softirq) -> None:
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


def adds_untested(s: SplitState, me: Softirq) -> None:
    """A buffer is added whether or not a descriptor is free: harmless, all callers have looked at num_free."""
    me.goto(SplitL.ADD_RING)


TSO = unbounded(event_idx=True, memory="tso")
SC = unbounded(event_idx=True)
_LOOK = {"cpu0 napi: virtqueue_poll": ("armed_for_all",)}
BOTH = Mutant(
    "smp without virtqueue_poll__mb and the exchange",
    TSO.without(POLL_MB.name).without("napi_complete_done__lock"),
    _LOOK,
    no_lost_interrupt,
)
"""What masks the barrier of virtqueue_poll() on an SMP guest, gone as well."""


def _steps() -> list[Mutant]:
    kick, poll = "virtqueue_kick_prepare_split", "virtio_queue_split_poll"
    decide, unpop = "virtio_split_should_notify", "virtqueue_unpop"
    napi, main = "cpu0 napi: ", "main loop: "
    event, ask = "virtqueue_enable_cb_prepare_split__event", "virtio_queue_set_notification__store"
    more, fill = "virtqueue_get_buf_ctx_split__more_used", "virtqueue_split_fill"
    flush, ring, idx = "virtqueue_split_flush", "virtqueue_add_split__ring", "virtqueue_add_split__idx"
    prepare, add = "virtqueue_enable_cb_prepare", "try_fill_recv"
    r = partial(replaced, SC)
    return [
        r("no second look of the driver", "virtqueue_poll", driver.completes_without_looking,
          napi + "virtqueue_poll", "asleep", no_lost_interrupt),
        r("no second look of the device", poll, device.parks_without_looking, main + poll, "parked", no_lost_kick),
        Mutant("device looks whether the ring is empty", SC.replace(poll, device.asks_nonempty)),
        r("kick on the last only", kick, driver.kicks_on_last_only, napi + kick, "parked", no_lost_kick),
        r("kick on the first only", kick, driver.kicks_on_first_only, napi + kick, "parked", no_lost_kick),
        r("kick test off by one", kick, crosses_off_by_one, napi + kick, "parked", no_lost_kick),
        r("interrupt test off by one", decide, interrupt_off_by_one, main + decide, "asleep", no_lost_interrupt),
        Mutant("interrupt on the last only", SC.replace(decide, interrupts_on_the_last)),
        r("used_event off by one", event, arms_one_further, napi + event, "armed", no_lost_interrupt),
        r("avail_event off by one", ask, asks_one_further, main + ask, "looking", no_lost_kick),
        r("used.idx off by one", flush, device.flush_forgets_entries, main + flush, "order counters", ring_not_broken),
        Mutant("used.idx before the entry", SC.replace(fill, device.publishes_first).replace(flush, device.fills_after),
               {main + fill: ("counters", "in_used_ring"), main + flush: ("not_misused",)}, single_owner),
        Mutant("avail.idx before the entry", SC.replace(ring, publishes_unwritten).replace(idx, writes_published),
               {napi + ring: ("counters", "in_available_ring"), napi + idx: ("not_misused",)}, single_owner),
        r("taken without looking at used.idx", more, driver.takes_unseen, napi + more, "just_tested", single_owner),
        Mutant("added without a free descriptor", SC.replace(add, adds_untested)),
        r("dropped without unpop", unpop, device.forgets_unpop, main + unpop, "each_head", descriptors_conserved),
        r("unpop keeps inuse", unpop, device.unpop_keeps_inuse, main + unpop, "device_points", inuse_exact),
        r("event index kept when triggered", prepare, driver.keeps_event_when_triggered,
          napi + prepare, "armed", no_lost_interrupt),
        Mutant("the loser leaves no MISSED", SC.replace("napi_schedule_prep", driver.leaves_no_missed)),
    ]  # fmt: skip


def mutants() -> list[Mutant]:
    """The faults of virtio_net's device and of the driver."""
    return [BOTH, *_steps()]
