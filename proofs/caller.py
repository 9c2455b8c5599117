"""The same ring under any caller of QEMU's virtqueue functions: out of order, several buffers in hand, late notifies.

virtio_net is one caller.  Here the device's side is `spec.qemu.caller`: it pops when
it likes, completes what it likes, and flushes as many as it likes.  That the
driver is never left asleep, nor the caller, must not hang on virtio_net's habits.
"""

from __future__ import annotations

from vrx.models.claims import Claim, Safety, claims_of, cover, tag
from vrx.models.systems.system import System, rx
from vrx.proofs.museum.device import parks_without_looking
from vrx.proofs.running import main_for
from vrx.spec.accounts import ACCOUNTS
from vrx.spec.layouts.split.device import virtqueue_split_pop__empty
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.properties import SPINE, in_order, no_lost_interrupt, no_lost_kick, one_fate, single_owner
from vrx.spec.qemu.net_queue import park
from vrx.spec.qemu.returns import kept
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.questions import meaningful
from vrx.spec.steps import require

ONE = rx(caller="any")
TWO = rx(caller="any", size=2, positions=True)
QUICK = (ONE,)
FULL = (
    rx(caller="any", irq="other"),
    rx(caller="any", memory="tso", guest="up"),
    rx(caller="any", memory="tso"),
    rx(caller="any", memory="tso", irq="other"),
    *(rx(caller="any", event_idx=True, idx_bits=2, memory=m, guest=g) for m, g in (("sc", "smp"), ("tso", "smp"),
                                                                                  ("tso", "up"))),
    rx(caller="any", event_idx=True),
)  # fmt: skip
RINGS_OF_2 = (TWO, rx(caller="any", size=2, memory="tso", guest="up", positions=True))
EVENT = rx(caller="any", event_idx=True, idx_bits=2)
EVENT_TSO = rx(caller="any", event_idx=True, size=2, memory="tso")
TOO_LARGE = {"ring 2, event index, SC": "330,000,000 states at depth 166"}
"""What was tried and did not end; the proof for every size (`proofs.induction`) covers it."""

COVERS = (
    (TWO, "completes_out_of_order", "completes out of order"),
    (TWO, "holds_several", "inuse is more than one"),
    (TWO, "flushes_a_part", "a part is flushed"),
    (ONE, "waits", "the device parks"),
    (ONE, "is_woken", "a parked device is woken"),
    (ONE, "pops_while_it_waits", "pops while it waits"),
)


def notifies_nobody(s: SplitState, me: MainLoop) -> None:
    """The caller never calls virtio_notify()."""
    require(me.owed == 1)
    me.owed = 0


def completes_the_first(s: SplitState, me: MainLoop, elem: int) -> None:
    """Buffer 0 is completed, whatever is in hand."""
    require(me.filled < me.held)
    me.elems[kept(s, me.filled)] = 0
    me.goto(Q.FILL)


def sleeps_when_empty(s: SplitState, me: MainLoop) -> None:
    """Nothing to pop while kicks are on: wait for one at once."""
    virtqueue_split_pop__empty(s, me)
    if me.pc == Q.IDLE and s.dev.notification:
        me.size = 1
        park(s, me)


def sleeper(system: System) -> System:
    """A caller that leaves kicks on, pops until there is nothing, and waits for a kick."""
    return system.replace("virtqueue_split_pop__empty", sleeps_when_empty)


ASKED = (*SPINE, *meaningful(ONE.cfg, ACCOUNTS))

CLAIMS: list[Claim] = [
    *(claim for system in QUICK for claim in claims_of(system, *ASKED)),
    *(claim for system in FULL for claim in claims_of(system, *ASKED, tier="full")),
    *(claim for system in RINGS_OF_2 for claim in claims_of(system, *ASKED, in_order, one_fate, tier="full")),
    *(cover(f"caller_{name}-{tag(system)}", system, mark, tier="full" if system is TWO else "quick")
      for system, name, mark in COVERS),
    Safety("caller-that-notifies-nobody", ONE.replace("caller_notifies", notifies_nobody), no_lost_interrupt,
          "refuted", tier="full", note="what was flushed is never told"),
    Safety("caller-that-does-not-look-again", ONE.replace("virtio_queue_split_poll", parks_without_looking),
          no_lost_kick, "refuted", note="a buffer came between the count and the request for kicks"),
    Safety("caller-that-completes-another", TWO.replace("caller_fills", completes_the_first), single_owner,
          "refuted", tier="full", note="a used entry for a buffer that is not in hand"),
    Safety("caller-that-sleeps-when-empty-sc", sleeper(EVENT), no_lost_kick, "proved", tier="full",
          note="each pop has written avail_event, so the next buffer kicks"),
    Safety("caller-that-sleeps-when-empty-tso", sleeper(EVENT_TSO), no_lost_kick, "refuted", tier="full",
          note="virtqueue_pop() has no barrier between writing avail_event and the next read of avail.idx: a caller "
               "that leaves kicks on must drain its store buffer before it sleeps"),
]  # fmt: skip

if __name__ == "__main__":
    main_for(CLAIMS)
