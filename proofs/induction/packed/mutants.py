"""Systems on a packed ring that are wrong, or look wrong, and where the induction stops: the step and the lemma.

First the full barriers, one at a time: QEMU 7.2 itself is the first of them.  Then
second looks left out, wrong tests, positions and laps off by one, flags before the id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product

from vrx.models.systems.system import rx
from vrx.proofs.induction.mutant import Mutant, replaced
from vrx.proofs.induction.systems import GUESTS, any_size, general, short, unbounded
from vrx.proofs.museum import packed
from vrx.proofs.museum.device import forgets_unpop, unpop_keeps_inuse
from vrx.proofs.museum.driver import completes_without_looking, leaves_no_missed
from vrx.spec.layouts.driver import POLL_MB
from vrx.spec.layouts.packed.contexts import PackedL, PackedQ
from vrx.spec.layouts.packed.device import SET_NOTIFICATION_MB
from vrx.spec.layouts.packed.driver import KICK_PREPARE_MB
from vrx.spec.layouts.packed.memory import DESC, DISABLE, available_mark, loc
from vrx.spec.layouts.packed.notification import need_event
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.linux.state import L, Softirq
from vrx.spec.memory import load, mb, store
from vrx.spec.properties import (
    Property,
    descriptors_conserved,
    inuse_exact,
    no_lost_interrupt,
    no_lost_kick,
    single_owner,
)
from vrx.spec.qemu.returns import recheck_says
from vrx.spec.qemu.state import MainLoop
from vrx.spec.ring import idx_add, slot

NAPI, MAIN = "cpu0 napi: ", "main loop: "
KICK, LOOK = "virtqueue_kick_prepare_packed", "virtio_queue_packed_poll"
WAKE_UP = "wake_up_process__lock"
STOPS: Mapping[str, tuple[Mapping[str, tuple[str, ...]], Property]] = {
    KICK_PREPARE_MB.name: ({NAPI + KICK: ("unkicked",)}, no_lost_kick),
    SET_NOTIFICATION_MB.name: ({MAIN + LOOK: ("parked",)}, no_lost_kick),
    POLL_MB.name: ({NAPI + "virtqueue_poll": ("armed_for_all",)}, no_lost_interrupt),
    WAKE_UP: ({"cpu1 irq: napi_schedule": ("other_buffer",)}, no_lost_interrupt),
}
"""Barrier -> where the induction stops without it, and what is lost, where nothing masks it."""
DECIDES = {MAIN + "virtio_packed_should_notify": ("device_buffer", "published")}
"""Where it stops for QEMU 7.2 as it is."""


def barriers() -> list[Mutant]:
    """QEMU 7.2 without the mend, on every guest; each full barrier out where nothing masks it, one by any caller."""
    out = []
    for event_idx, (guest, irq) in product((True, False), GUESTS):
        system = any_size(rx(ring="packed", event_idx=event_idx, memory="tso", guest=guest, irq=irq))
        out.append(Mutant(f"QEMU 7.2 {short(system)}", system, DECIDES, no_lost_interrupt))
    for event_idx, (name, (stops, found)) in product((True, False), STOPS.items()):
        where = {"irq": "other"} if name == WAKE_UP else {"guest": "up"}
        system = unbounded(ring="packed", event_idx=event_idx, memory="tso", **where)
        out.append(Mutant(f"without {name} {short(system)}", system.without(name), stops, found))
    caller = general(ring="packed", event_idx=False, memory="tso", irq="other")
    out.append(Mutant(f"without {WAKE_UP} {short(caller)}", caller.without(WAKE_UP), *STOPS[WAKE_UP]))
    return out


def parks_without_looking(s: PackedState, me: MainLoop) -> None:
    """Notifications are on; park without a second look."""
    mb(s, me, SET_NOTIFICATION_MB)
    recheck_says(s, me, False)


def arms_one_further(s: PackedState, me: Softirq) -> None:
    """The driver names the position behind the next one."""
    store(s, me, loc.driver_off_wrap, idx_add(s.cfg, me.opaque, 1))
    me.goto(PackedL.ENABLE_CB_FLAGS)


def asks_one_further(s: PackedState, me: MainLoop) -> None:
    """The device names the position behind the one at which it will look."""
    s.dev.notification = True
    store(s, me, loc.device_off_wrap, idx_add(s.cfg, s.dev.shadow_avail_idx, 1))
    me.goto(PackedQ.ENABLE_FLAGS)


def kicks_on_the_last(s: PackedState, me: Softirq) -> None:
    """The event test is equality with the last descriptor added, not crossing."""
    vq = s.vq
    mb(s, me, KICK_PREPARE_MB)
    vq.num_added = 0
    off_wrap, flags = load(s, me, loc.device_event)
    last = idx_add(s.cfg, off_wrap, 1) == vq.next_avail_idx
    if last if flags == DESC else flags != DISABLE:
        me.goto(L.NOTIFY)
    else:
        me.ret()


def kick_off_by_one(s: PackedState, me: Softirq) -> None:
    """The position must lie one further back than it does."""
    vq = s.vq
    mb(s, me, KICK_PREPARE_MB)
    new = slot(s.cfg, vq.next_avail_idx)
    old = new - vq.num_added
    vq.num_added = 0
    off_wrap, flags = load(s, me, loc.device_event)
    if flags == DESC:
        wanted = need_event(s.cfg, idx_add(s.cfg, off_wrap, 1), new, vq.next_avail_idx, old)
    else:
        wanted = flags != DISABLE
    if wanted:
        me.goto(L.NOTIFY)
    else:
        me.ret()


def offers_before_the_id(s: PackedState, me: Softirq) -> None:
    """The flags make the descriptor available before it has its id (in place of the id)."""
    here = s.vq.next_avail_idx
    store(s, me, loc.desc_flags[slot(s.cfg, here)], available_mark(s.cfg, here))
    me.goto(PackedL.ADD_HEAD_FLAGS)


def takes_unseen(s: PackedState, me: Softirq, exhausted: int) -> None:
    """Whenever a buffer is out, the next descriptor is taken without looking at its flags."""
    if exhausted == 1 or s.vq.num_free == s.cfg.size:
        me.goto(L.REFILL_TEST)
    else:
        me.goto(PackedL.USED_ID)


def pops_unseen(s: PackedState, me: MainLoop) -> None:
    """The next descriptor is popped without looking at its flags."""
    me.goto(PackedQ.POP_FLAGS)


SC = unbounded(ring="packed", event_idx=True)
ANY = general(ring="packed", event_idx=True)


def _one(name: str, step: str, run: Callable[..., None], where: str, lemmas: str, found: Property) -> Mutant:
    return replaced(SC, f"packed {name}", step, run, where + step, lemmas, found)


def steps() -> list[Mutant]:
    """The faults of virtio_net's device and of the driver."""
    event, ask = "virtqueue_enable_cb_prepare_packed__off_wrap", "virtio_queue_packed_set_notification"
    more, empty = "virtqueue_get_buf_ctx_packed__more_used", "virtqueue_packed_pop__empty"
    add, unpop, flush = "virtqueue_add_packed__id", "virtqueue_unpop", "virtqueue_packed_flush__flags"
    lap = {MAIN + flush: ("published",)}
    forgets = packed.remembers_across_the_end
    return [
        _one("no second look of the driver", "virtqueue_poll", completes_without_looking, NAPI, "asleep",
             no_lost_interrupt),
        _one("no second look of the device", LOOK, parks_without_looking, MAIN, "parked", no_lost_kick),
        _one("kick by the first lap", KICK, packed.kicks_by_the_first_lap, NAPI, "parked", no_lost_kick),
        _one("kick on the last only", KICK, kicks_on_the_last, NAPI, "parked", no_lost_kick),
        _one("kick test off by one", KICK, kick_off_by_one, NAPI, "parked", no_lost_kick),
        _one("position of the driver off by one", event, arms_one_further, NAPI, "armed", no_lost_interrupt),
        _one("position of the device off by one", ask, asks_one_further, MAIN, "looking", no_lost_kick),
        Mutant("packed signalled_used across the end", SC.replace("end_of_ring", forgets), lap, no_lost_interrupt),
        Mutant("packed any signalled_used across the end", ANY.replace("end_of_ring", forgets), lap, no_lost_interrupt),
        _one("available before the id", add, offers_before_the_id, NAPI, "each_descriptor", single_owner),
        _one("taken without looking at the flags", more, takes_unseen, NAPI, "just_tested", single_owner),
        replaced(ANY, "packed any popped without looking at the flags", empty, pops_unseen, MAIN + empty, "just_tested",
                 single_owner),
        _one("dropped without unpop", unpop, forgets_unpop, MAIN, "each_head", descriptors_conserved),
        _one("unpop keeps inuse", unpop, unpop_keeps_inuse, MAIN, "device_points", inuse_exact),
        Mutant("packed the loser leaves no MISSED", SC.replace("napi_schedule_prep", leaves_no_missed)),
    ]  # fmt: skip


def mutants() -> list[Mutant]:
    """All of them, barriers first."""
    return [*barriers(), *steps()]
