"""Faulty callers, faulty device functions under any caller, and faulty drivers beside one: where the proof stops.

What virtio_net's habits excuse (one entry flushed per decision, no index shown
half a ring later) no longer excuses anything here.
"""

from __future__ import annotations

from collections.abc import Callable

from vrx.proofs.caller import completes_the_first, notifies_nobody
from vrx.proofs.induction.mutant import Mutant, replaced
from vrx.proofs.induction.split import mutants
from vrx.proofs.induction.split.barrier_rows import STOPS
from vrx.proofs.induction.systems import general, merging
from vrx.proofs.museum import device, driver
from vrx.spec.layouts.driver import POLL_MB
from vrx.spec.layouts.split.contexts import SplitQ
from vrx.spec.layouts.split.device import SET_NOTIFICATION_MB
from vrx.spec.layouts.split.device_used import FLUSH_WMB, SHOULD_NOTIFY_MB, virtqueue_split_flush
from vrx.spec.layouts.split.driver import KICK_PREPARE_MB
from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.memory import store, wmb
from vrx.spec.properties import Property, no_lost_interrupt, no_lost_kick, ring_not_broken, single_owner
from vrx.spec.qemu.returns import flush_count, flushed
from vrx.spec.qemu.state import MainLoop
from vrx.spec.ring import idx_add

SC = general(event_idx=True)
MERGE = merging(event_idx=True)
UP = general(event_idx=True, memory="tso", guest="up")


def flushes_one_further(s: SplitState, me: MainLoop) -> None:
    """used.idx is moved one further than what is flushed: past an entry that is not written."""
    dev = s.dev
    wmb(s, me, FLUSH_WMB)
    count = flush_count(s, me)
    dev.used_idx = idx_add(s.cfg, dev.used_idx, count + 1)
    store(s, me, loc.used_idx, dev.used_idx)
    dev.inuse = dev.inuse - count
    flushed(s, me)


def trusts_signalled_used(s: SplitState, me: MainLoop) -> None:
    """virtqueue_split_flush() without the cast: signalled_used stays valid however far back it is."""
    valid = s.dev.signalled_used_valid
    virtqueue_split_flush(s, me)
    s.dev.signalled_used_valid = valid


def pops_unseen(s: SplitState, me: MainLoop) -> None:
    """The next entry is popped without looking at avail.idx."""
    me.goto(SplitQ.POP_HEAD)


NAPI, MAIN = "cpu0 napi: ", "main loop: "


def _barriers() -> list[Mutant]:
    needed = {KICK_PREPARE_MB: no_lost_kick, SET_NOTIFICATION_MB: no_lost_kick, SHOULD_NOTIFY_MB: no_lost_interrupt,
              POLL_MB: no_lost_interrupt}  # fmt: skip
    return [Mutant(f"any up without {b.name}", UP.without(b.name), STOPS[b.name], p) for b, p in needed.items()]


def _one(name: str, step: str, run: Callable[..., None], where: str, lemmas: str, found: Property) -> Mutant:
    return replaced(SC, f"any {name}", step, run, where + step, lemmas, found)


def _steps() -> list[Mutant]:
    kick, poll = "virtqueue_kick_prepare_split", "virtio_queue_split_poll"
    decide, flush = "virtio_split_should_notify", "virtqueue_split_flush"
    event, ask = "virtqueue_enable_cb_prepare_split__event", "virtio_queue_set_notification__store"
    more, empty = "virtqueue_get_buf_ctx_split__more_used", "virtqueue_split_pop__empty"
    ring, idx = "virtqueue_add_split__ring", "virtqueue_add_split__idx"
    last = mutants.interrupts_on_the_last
    lost_irq, lost_kick, owner = no_lost_interrupt, no_lost_kick, single_owner
    looks_once = driver.completes_without_looking
    return [
        _one("no second look of the driver", "virtqueue_poll", looks_once, NAPI, "asleep", lost_irq),
        _one("no second look of the device", poll, device.parks_without_looking, MAIN, "parked", lost_kick),
        Mutant("any device looks whether the ring is empty", SC.replace(poll, device.asks_nonempty)),
        _one("kick on the last only", kick, driver.kicks_on_last_only, NAPI, "parked", lost_kick),
        _one("kick on the first only", kick, driver.kicks_on_first_only, NAPI, "parked", lost_kick),
        _one("kick test off by one", kick, mutants.crosses_off_by_one, NAPI, "parked", lost_kick),
        _one("interrupt test off by one", decide, mutants.interrupt_off_by_one, MAIN, "asleep", lost_irq),
        _one("interrupt on the last only", decide, last, MAIN, "asleep", lost_irq),
        _one("used_event off by one", event, mutants.arms_one_further, NAPI, "armed", lost_irq),
        _one("avail_event off by one", ask, mutants.asks_one_further, MAIN, "looking", lost_kick),
        _one("used.idx past the entry", flush, flushes_one_further, MAIN, "counters order", ring_not_broken),
        Mutant("any avail.idx before the entry",
               SC.replace(ring, mutants.publishes_unwritten).replace(idx, mutants.writes_published),
               {NAPI + ring: ("counters", "in_available_ring"), NAPI + idx: ("not_misused",)}, owner),
        _one("taken without looking at used.idx", more, driver.takes_unseen, NAPI, "just_tested", owner),
        _one("popped without looking at avail.idx", empty, pops_unseen, MAIN, "just_tested", owner),
        _one("completes what it does not hold", "caller_fills", completes_the_first, MAIN, "in_callers_hand", owner),
        _one("notifies nobody", "caller_notifies", notifies_nobody, MAIN, "asleep published", lost_irq),
        _one("trusts signalled_used", flush, trusts_signalled_used, MAIN, "published", lost_irq),
        Mutant("merge interrupt on the last only", MERGE.replace(decide, last), {MAIN + decide: ("asleep",)}, lost_irq),
    ]  # fmt: skip


def caller_mutants() -> list[Mutant]:
    """All of them, barriers first."""
    return [*_barriers(), *_steps()]
