"""Is anybody notified who asked for quiet?  The side that asks, and the side that decides.

A notification for nothing loses no packet: it costs time, which is why every driver and
every device asks for quiet while it works.  Who asks is followed in every state.  Who
decides is followed at each decision, by what it could see (`decisions`), QEMU's first with
the event index excepted; and in runs without end, where it does not notify again and
again while the ring goes on saying the same.

With the event index there is no "off".  Linux moves used_event to 0, or leaves it behind;
the index comes round, and once in a turn it is passed (`quiet-is-broken-once-in-a-turn`).
QEMU leaves avail_event where it is.  So what is proved is that nobody is notified but
where the event is passed.
"""

from __future__ import annotations

from typing import Any

from vrx.models.claims import Claim, Tier, claims_of, covers, fails, lasting
from vrx.models.systems.standard_systems import peers, watched
from vrx.models.systems.system import System, rx
from vrx.proofs.liveness import FITTING
from vrx.proofs.running import main_for
from vrx.spec import parts
from vrx.spec.layouts.split.device_used import SHOULD_NOTIFY_MB, virtio_split_should_notify, virtqueue_split_flush
from vrx.spec.layouts.split.driver import virtqueue_kick_prepare_split
from vrx.spec.layouts.split.memory import NO_INTERRUPT, loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import GuestContext, L, Softirq
from vrx.spec.liveness import never_forever
from vrx.spec.memory import load, mb, over
from vrx.spec.properties import interrupts_suppressed_while_polling
from vrx.spec.qemu.net_queue import done
from vrx.spec.qemu.returns import notification_is_off
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.ring import vring_need_event
from vrx.spec.suppression import (
    ASKING,
    DECIDING,
    SINGLE,
    interrupts_only_as_asked,
    kicks_only_as_asked,
    kicks_suppressed_while_taking,
    no_interrupt_for_nothing,
    no_kick_for_nothing,
    used_event_away_while_polling,
    used_event_stands,
)

SMALL = {"idx_bits": 2, "max_packet": 1}
FLAGS = rx(**SMALL)
EVENT = rx(event_idx=True, **SMALL)
FOLLOWED = (
    rx(decisions=True, **SMALL),
    rx(decisions=True, size=2, mergeable=True),
    *(rx(decisions=True, irq=irq, memory=memory, **SMALL) for irq in ("other", "any") for memory in ("sc", "tso")),
    *(rx(decisions=True, event_idx=True, memory=memory, **SMALL) for memory in ("sc", "tso")),
    rx(decisions=True, stops=True, **SMALL),
    rx(decisions=True, caller="any", idx_bits=2),
    *(
        peers(peer=who, decisions=True, event_idx=event, idx_bits=2)
        for who in ("any-driver", "any-device")
        for event in (False, True)
    ),
)
"""Where each decision is followed; the first one in the quick tier."""
FOLLOWED_FLAGS, FOLLOWED_EVENT = FOLLOWED[0], rx(decisions=True, event_idx=True, **SMALL)
KICKED: tuple[tuple[str, System, Tier], ...] = (("", FOLLOWED_FLAGS, "quick"), ("-event", FOLLOWED_EVENT, "full"))
ANY_DRIVER = [peers(peer="any-driver", event_idx=event, idx_bits=2) for event in (False, True)]
ANY_DEVICE = [peers(peer="any-device", event_idx=event, idx_bits=2) for event in (False, True)]
SEARCHED = (
    *(rx(size=size, irq=irq) for size in (1, 2) for irq in ("same", "other")),
    *(*ANY_DRIVER, *ANY_DEVICE),
    *(watched(peers(event_idx=event, idx_bits=2)) for event in (False, True)),
)
"""Where the asking side is asked in the quick tier: these systems are searched there anyway."""
TSO_PEERS = tuple(
    peers(peer=who, memory="tso", idx_bits=2, event_idx=event)
    for who in ("any-driver", "any-device")
    for event in (False, True)
)
RINGS_OF_2 = (rx(size=2), rx(size=2, max_packet=1), rx(size=2, mergeable=True))


def interrupts_always(s: SplitState, me: MainLoop) -> None:
    """The device interrupts whatever the ring says."""
    mb(s, me, SHOULD_NOTIFY_MB)
    me.goto(Q.IRQ)


def kicks_always(s: SplitState, me: Softirq) -> None:
    """The driver kicks whatever the ring says."""
    s.vq.num_added = 0
    me.goto(L.NOTIFY)


def believes_nothing(s: SplitState, me: MainLoop) -> None:
    """The device never trusts its record of what it signalled last."""
    virtqueue_split_flush(s, me)
    s.dev.signalled_used_valid = False


def remembers_its_first_interrupt(s: SplitState, me: MainLoop) -> None:
    """The device does not move its record of what it signalled last."""
    mb(s, me, SHOULD_NOTIFY_MB)
    if s.cfg.event_idx:
        wanted = vring_need_event(s.cfg, load(s, me, loc.used_event), s.dev.used_idx, s.dev.signalled_used)
    else:
        wanted = load(s, me, loc.avail_flags) != NO_INTERRUPT
    if wanted:
        me.goto(Q.IRQ)
    else:
        done(s, me)


def interrupts_once_for_nothing(s: SplitState, me: MainLoop) -> None:
    """The device interrupts for its first packet, whatever the ring says."""
    first = s.dev.used_idx == 1 and not s.dev.signalled_used_valid
    virtio_split_should_notify(s, me)
    s.dev.signalled_used_valid = True
    if first:
        me.goto(Q.IRQ)


def interrupts_at_the_wrap(s: SplitState, me: MainLoop) -> None:
    """The device interrupts where its index comes to 0, whatever the ring says."""
    virtio_split_should_notify(s, me)
    if s.dev.used_idx == 0:
        me.goto(Q.IRQ)


def kicks_at_the_wrap(s: SplitState, me: Softirq) -> None:
    """The driver kicks where its index comes to 0, whatever the ring says."""
    if s.vq.avail_idx_shadow == 0:
        kicks_always(s, me)
    else:
        virtqueue_kick_prepare_split(s, me)


def writes_no_flag(s: SplitState, me: MainLoop) -> None:
    """The device counts its kicks as off, and tells nobody."""
    over(s, me, "between")
    notification_is_off(s, me)


def moves_no_event(s: SplitState, me: GuestContext) -> None:
    """The driver counts its callbacks as off, and leaves used_event where it is."""
    s.vq.no_interrupt = True
    me.ret()


@never_forever(same=used_event_stands, again=lambda s: s.main.pc == Q.IRQ, reads=parts.MAIN & parts.NAPI)
def never_interrupted_while_off(s: SplitState) -> bool:
    """A driver whose callbacks stay off is not interrupted again and again, whatever the index passes."""
    return s.vq.no_interrupt


def meant(system: System, *questions: Any) -> list[Any]:
    """Those of the questions that have a meaning for a system."""
    return [q for q in questions if not q.meaningless(system.cfg)]


CLAIMS: list[Claim] = [
    *(c for s in SEARCHED for c in claims_of(s, *meant(s, interrupts_suppressed_while_polling, *ASKING))),
    *(c for s in FITTING if s.cfg.event_idx for c in claims_of(s, *meant(s, *ASKING), tier="full")),
    *(c for s in (*TSO_PEERS, RINGS_OF_2[-1]) for c in claims_of(s, *meant(s, *ASKING), tier="full")),
    *(c for s in FITTING for c in lasting(s, *DECIDING, tier="full" if s.cfg.event_idx else "quick")),
    *(c for s in (rx(), rx(stops=True, max_packet=1)) for c in lasting(s, *DECIDING)),
    *(c for s in RINGS_OF_2 for c in lasting(s, *DECIDING, tier="full")),
    *(c for s in (*ANY_DRIVER, *ANY_DEVICE) for c in lasting(s, *meant(s, *DECIDING), tier="full")),
    *(c for s in TSO_PEERS if not s.cfg.event_idx for c in lasting(s, *meant(s, *DECIDING), tier="full")),
    *(c for s in FOLLOWED for c in claims_of(s, *meant(s, *SINGLE), tier="quick" if s is FOLLOWED[0] else "full")),
    *lasting(FLAGS, never_interrupted_while_off),
    fails(
        "quiet-is-broken-once-in-a-turn",
        EVENT,
        never_interrupted_while_off,
        "with the event index off is a position, and used.idx passes it",
    ),
    *covers(rx(), "no interrupt wanted", "no kick wanted", tier="quick"),
    *covers(FOLLOWED_FLAGS, "no interrupt wanted", "no kick wanted", tier="quick"),
    *covers(FOLLOWED_EVENT, "no interrupt wanted", "no kick wanted"),
    *covers(EVENT, "no interrupt wanted", "no kick wanted", "disable_cb writes nothing"),
    fails(
        "device-that-always-interrupts",
        FLAGS.replace("virtio_split_should_notify", interrupts_always),
        interrupts_only_as_asked,
        "a driver that polls without end is interrupted for each packet",
        tier="quick",
    ),
    fails(
        "device-that-always-interrupts-event",
        EVENT.replace("virtio_split_should_notify", interrupts_always),
        interrupts_only_as_asked,
        "the same with the event index",
    ),
    fails(
        "device-that-believes-nothing",
        EVENT.replace("virtqueue_split_flush", believes_nothing),
        interrupts_only_as_asked,
        "signalled_used_valid is there to be believed: cleared at each flush, every packet interrupts",
    ),
    fails(
        "device-that-remembers-its-first-interrupt",
        EVENT.replace("virtio_split_should_notify", remembers_its_first_interrupt),
        interrupts_only_as_asked,
        "what was signalled long ago makes too much of the ring new",
    ),
    fails(
        "driver-that-always-kicks",
        FLAGS.replace("virtqueue_kick_prepare_split", kicks_always),
        kicks_only_as_asked,
        "a device that works without end is kicked for each refill",
        tier="quick",
    ),
    fails(
        "driver-that-always-kicks-event",
        EVENT.replace("virtqueue_kick_prepare_split", kicks_always),
        kicks_only_as_asked,
        "the same with the event index",
    ),
    fails(
        "device-that-interrupts-once-for-nothing",
        FOLLOWED_FLAGS.replace("virtio_split_should_notify", interrupts_once_for_nothing),
        no_interrupt_for_nothing,
        "one interrupt in the life of the device, which nothing about runs without end sees",
        tier="quick",
    ),
    fails(
        "device-that-interrupts-at-the-wrap",
        FOLLOWED_EVENT.replace("virtio_split_should_notify", interrupts_at_the_wrap),
        no_interrupt_for_nothing,
        "used_event is elsewhere",
    ),
    fails(
        "device-that-believes-nothing-is-seen-at-once",
        FOLLOWED_EVENT.replace("virtqueue_split_flush", believes_nothing),
        no_interrupt_for_nothing,
        "only the first decision is free",
    ),
    *(
        fails(
            f"driver-that-kicks-at-the-wrap{name}",
            system.replace("virtqueue_kick_prepare_split", kicks_at_the_wrap),
            no_kick_for_nothing,
            "the device has asked for none",
            tier=tier,
        )
        for name, system, tier in KICKED
    ),
    fails(
        "device-that-writes-no-flag",
        FLAGS.replace("virtio_queue_set_notification_off__store", writes_no_flag),
        kicks_suppressed_while_taking,
        "NO_NOTIFY stands in no ring",
        tier="quick",
    ),
    fails(
        "driver-that-moves-no-event",
        EVENT.replace("virtqueue_disable_cb_split", moves_no_event),
        used_event_away_while_polling,
        "the next packet interrupts the poll that found one",
        tier="quick",
    ),
]

if __name__ == "__main__":
    main_for(CLAIMS)
