"""What newer code does: each difference in Linux 6.12 and QEMU 10.0 that matters, as a variant of the steps here.

Those who write patches work on newer code than Debian 12's.  A variant exchanges the steps of a function for what its
newer text does; it is asked every standard question on the smallest systems where the difference shows.  Of which
functions the text differs, and which differences do not matter, is in `proofs.versions_texts` and docs/versions.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from vrx.models.claims import Claim, Exhibit, Safety, Tier, claims_of, cover, lasting
from vrx.models.systems.system import System, rx
from vrx.proofs.busy_poll import DEFER, SMALL, TASK, THREAD_AND_TASK, TIMER
from vrx.proofs.museum.data import big, mergeable
from vrx.proofs.museum.device import asks_enough_now
from vrx.proofs.running import main_for
from vrx.spec.broken import LIES
from vrx.spec.layouts.split.contexts import SplitQ
from vrx.spec.layouts.split.device import NUM_HEADS_RMB, vring_avail_idx
from vrx.spec.layouts.split.device_descriptors import NEXT_DESC_WMB
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.napi import put_on_poll_list, whole_budget_used
from vrx.spec.linux.state import GuestContext, L, NetRx, Softirq
from vrx.spec.liveness import LIVENESS
from vrx.spec.memory import rmb
from vrx.spec.properties import (
    CONTENTS,
    NAPI,
    REFILL,
    SPINE,
    Property,
    interrupts_suppressed_while_polling,
    length_within_buffer,
    no_lost_interrupt,
    no_lost_kick,
)
from vrx.spec.qemu.returns import count_fails, judge_buffers
from vrx.spec.qemu.state import MainLoop
from vrx.spec.questions import meaningful, standard_for
from vrx.spec.ring import idx_sub
from vrx.spec.rx import TO_DEVICE, State, lied
from vrx.spec.sizes import GUEST_CPUS
from vrx.spec.steps import mark, require
from vrx.spec.words import Upto

LINUX, QEMU = "Linux 6.12", "QEMU 10.0"
EVERYWHERE = (*SPINE, *NAPI, *CONTENTS, *REFILL, *LIES)
LOOKS_AGAIN = "net_rx_action() looks again and finds a NAPI"
OFF, STARTS, POLLED, EMPTY, LOOKS = range(5)
"""Where net_rx_action() stands outside a poll: not running; about to take the list; a poll has returned; there was
nothing on the list; about to look once more."""


def virtnet_poll(s: State, me: Softirq) -> None:
    """A poll begins: it receives, and leaves callbacks as whoever took the NAPI has left them.

    C: virtnet_poll(), drivers/net/virtio_net.c, Linux 6.12
    """
    me.goto(L.MORE_USED)


def receive_big(s: State, me: Softirq) -> bool:
    """Does the device say that it wrote more than all pages hold?  The padding behind the header counts as room.

    C: receive_big(), drivers/net/virtio_net.c, Linux 6.12
    """
    return me.length > s.cfg.capacity - s.cfg.hdr_len + s.cfg.page_offset


def net_rx_action(s: State, me: NetRx, punt: int) -> None:
    """Poll what is on the list of this CPU, until there is nothing and a look behind that finds nothing either.

    While it runs nobody else raises the softirq.  Six small steps between which an interrupt may come: say that it
    runs, take the list, (the poll,) say that it runs no more, look again.  punt: 1: time or budget is used up; then
    interrupts are off while it looks.

    C: net_rx_action(), net/core/dev.c, Linux 6.12
    """
    softnet: Any = s.napi
    cpu = me.cpu
    require((punt == 0) | (softnet.stage[cpu] == POLLED))
    if softnet.stage[cpu] == OFF:
        require(softnet.raised[cpu])
        softnet.raised[cpu] = False
        _start(softnet, cpu)
    elif softnet.stage[cpu] == STARTS:
        if s.napi.poll_list == cpu + 1:
            s.napi.poll_list = 0
            softnet.stage[cpu] = POLLED
            me.goto(L.VIRTNET_POLL)
        else:
            softnet.stage[cpu] = EMPTY
    elif softnet.stage[cpu] == LOOKS:
        if s.napi.poll_list == cpu + 1:
            mark(s, LOOKS_AGAIN)
            _start(softnet, cpu)
        else:
            softnet.stage[cpu] = OFF
    elif punt == 1:
        if s.napi.poll_list == cpu + 1:
            softnet.raised[cpu] = True
        else:
            softnet.in_net_rx_action[cpu] = False
        softnet.stage[cpu] = OFF
    else:
        softnet.in_net_rx_action[cpu] = False
        softnet.stage[cpu] = LOOKS


def _start(softnet: Any, cpu: int) -> None:
    softnet.in_net_rx_action[cpu] = True
    softnet.stage[cpu] = STARTS


def ____napi_schedule(s: State, me: GuestContext) -> None:
    """Put the NAPI on the list of this CPU, and raise the softirq unless net_rx_action() runs here.

    C: ____napi_schedule(), net/core/dev.c, Linux 6.12
    """
    softnet: Any = s.napi
    put_on_poll_list(s, me)
    if not softnet.in_net_rx_action[me.cpu]:
        softnet.raised[me.cpu] = True


def net_rx_action__repoll(s: State, me: Softirq) -> None:
    """The NAPI has used its budget and is polled again: the softirq is raised, and still counts as running.

    C: napi_poll(), net_rx_action(), net/core/dev.c, Linux 6.12
    """
    softnet: Any = s.napi
    whole_budget_used(s, me)
    softnet.raised[me.cpu] = True
    softnet.stage[me.cpu] = OFF


def looks_no_more(s: State, me: NetRx, punt: int) -> None:
    """net_rx_action() without its look behind in_net_rx_action = false."""
    softnet: Any = s.napi
    net_rx_action(s, me, punt)
    if softnet.stage[me.cpu] == LOOKS:
        softnet.stage[me.cpu] = OFF


def looks_too_early(s: State, me: NetRx, punt: int) -> None:
    """net_rx_action() with its look before in_net_rx_action = false: what the barrier() between them keeps apart."""
    softnet: Any = s.napi
    cpu = me.cpu
    if softnet.stage[cpu] == LOOKS:
        require(punt == 0)
        softnet.in_net_rx_action[cpu] = False
        softnet.stage[cpu] = OFF
    elif softnet.stage[cpu] == EMPTY or (softnet.stage[cpu] == POLLED and punt == 0):
        if s.napi.poll_list == cpu + 1:
            _start(softnet, cpu)
        else:
            softnet.stage[cpu] = LOOKS
    else:
        net_rx_action(s, me, punt)


def virtqueue_num_heads(s: SplitState, me: MainLoop) -> None:
    """Are there buffers that were not counted yet?  avail.idx is read only when the shadow says that there are none.

    C: virtqueue_split_get_avail_bytes(), virtqueue_num_heads(), hw/virtio/virtio.c, QEMU 10.0
    """
    seen = s.dev.shadow_avail_idx
    if seen == me.idx:
        seen = vring_avail_idx(s, me)
    heads = idx_sub(s.cfg, seen, me.idx)
    lied(s, TO_DEVICE, heads > s.cfg.size)
    if heads > s.cfg.size:
        count_fails(s, me)
    elif heads == 0:
        judge_buffers(s, me)
    else:
        rmb(s, me, NUM_HEADS_RMB)
        me.goto(SplitQ.GET_HEAD)


def polls(system: System) -> System:
    """With virtnet_poll() of Linux 6.12."""
    return system.replace("virtnet_poll", virtnet_poll, f"virtnet_poll of {LINUX}")


def takes_big(system: System) -> System:
    """With receive_big() of Linux 6.12."""
    return system.replace("too_long", receive_big, f"receive_big of {LINUX}")


def raises_once(
    system: System, run: Callable[..., None] = net_rx_action, called: str = f"net_rx_action of {LINUX}"
) -> System:
    """With net_rx_action() and ____napi_schedule() of Linux 6.12.  run: another net_rx_action()."""
    for name, kind in (("raised", bool), ("in_net_rx_action", bool), ("stage", Upto(LOOKS))):
        system = system.declare(f"napi.{name}", kind, length=GUEST_CPUS)
    helpers = {"put_on_poll_list": ____napi_schedule, "whole_budget_used": net_rx_action__repoll}
    system = system.replace(helpers, called=f"____napi_schedule of {LINUX}")
    return system.replace("net_rx_action", run, called, punt=2)


def counts(system: System) -> System:
    """With virtqueue_num_heads() of QEMU 10.0."""
    return system.replace("virtqueue_num_heads", virtqueue_num_heads, f"virtqueue_num_heads of {QEMU}")


def reads_next(system: System) -> System:
    """With virtqueue_split_read_next_desc() of QEMU 10.0."""
    return system.without(NEXT_DESC_WMB.name)


def both(system: System) -> System:
    """Everything that can be told apart on a ring without descriptors, of both versions."""
    return counts(raises_once(polls(system)))


@dataclass(frozen=True)
class Version:
    """A difference that matters: the variant, and the systems that are asked about it.

    functions: of the C; made: the system with the newer text; broken: the question that is refuted where `fails`
    says so; fails, holds: systems with the older text, the smallest first; without: the mend or the order left out,
    which must fail: its claim's name goes on so, the system, the question
    """

    name: str
    source: str
    functions: tuple[str, ...]
    made: Callable[[System], System]
    holds: tuple[System, ...]
    fails: tuple[System, ...] = ()
    broken: Property | None = None
    without: tuple[tuple[str, System, Property], ...] = ()
    tier: Tier = "full"
    note: str = ""

    def claims(self) -> list[Claim]:
        """Every standard question of the first system, what is asked of every system of the others, what must fail."""
        found, smallest = [], self.holds[0]
        for system in (*self.holds, *self.fails):
            standard = standard_for(system.cfg)[0] if system == smallest else meaningful(system.cfg, EVERYWHERE)
            held = [q for q in standard if isinstance(q, Property) and (system not in self.fails or q != self.broken)]
            found += claims_of(self.made(system), *held, tier="full")
        if smallest.cfg.notify and not smallest.cfg.liar:
            found += lasting(self.made(smallest), *LIVENESS, tier="full")
        named = [replace(c, name=f"{self.name}-{c.name}") for c in found]
        for system in self.fails[1:]:
            (claim,) = claims_of(self.made(system), *([self.broken] if self.broken else []), tier="full")
            named.append(replace(claim, name=f"{self.name}-{claim.name}", expected="refuted", note=self.note))
        for name, system, asked in self.without:
            title = f"{self.name}-{name}"
            named.append(Safety(title, system, asked, "refuted", tier="full", variant_of=named[0].name, note=self.note))
        return named

    def exhibit(self) -> Exhibit | None:
        """The bug that the newer text has, beside the older text that has not; None where it has none."""
        if self.broken is None:
            return None
        first = self.fails[0]
        return Exhibit(self.name, self.source, self.made(first), self.broken, first, tier=self.tier, note=self.note)


MERGING = rx(mergeable=True, **SMALL)
MERGING_TWO = rx(size=2, mergeable=True)
PAGES = big(size=1, indirect=True, hostile="device", hdr_room=2, buffer_len=3)
CHAINS, TABLES = big(max_packet=1), big(size=1, indirect=True)
SNAPSHOT = rx(size=2, mergeable=True, max_packet=2, event_idx=True)
HANDED_OVER = rx(irq="any", **SMALL)
LIAR = rx(hostile="driver", mergeable=True, **SMALL)

VERSIONS: tuple[Version, ...] = (
    Version(
        "linux-6-12-virtnet_poll", LINUX, ("virtnet_poll",), polls,
        holds=(rx(**SMALL), rx(event_idx=True, **SMALL), rx(opens="task", **SMALL)),
        fails=(TASK, TIMER, DEFER), broken=interrupts_suppressed_while_polling, tier="quick",
        note="A task or a timer takes SCHED with callbacks on, and every packet interrupts while they poll.",
    ),
    Version(
        "linux-6-12-receive_big", LINUX, ("receive_big",), takes_big,
        holds=(big(size=1, indirect=True, hostile="device"),),
        fails=(PAGES,), broken=length_within_buffer, tier="quick",
        note="A device that lies names a length up to the padding longer than the pages: a page is read that is none.",
    ),
    Version(
        "linux-6-12-net_rx_action", LINUX, ("net_rx_action", "____napi_schedule"), raises_once,
        holds=(rx(**SMALL), rx(event_idx=True, **SMALL), rx(memory="tso", **SMALL), HANDED_OVER),
        without=(
            ("without-its-look", raises_once(rx(**SMALL), looks_no_more, "looks_no_more"), no_lost_interrupt),
            ("without-its-barrier", raises_once(rx(**SMALL), looks_too_early, "looks_too_early"), no_lost_interrupt),
        ),
        note="Who schedules the NAPI while net_rx_action() runs raises no softirq, and nobody polls.",
    ),
    Version(
        "qemu-10-0-virtqueue_num_heads", QEMU, ("virtqueue_num_heads",), counts,
        holds=(MERGING, rx(event_idx=True, mergeable=True, **SMALL), rx(memory="tso", mergeable=True, **SMALL),
               MERGING_TWO, rx(caller="any", idx_bits=2), mergeable(), LIAR),
        without=(
            ("without-the-snapshot", counts(SNAPSHOT).replace("virtio_queue_split_poll", asks_enough_now),
             no_lost_kick),
        ),
        note="The second look counts what there is now, instead of asking what is new since the snapshot.",
    ),
    Version(
        "qemu-10-0-virtqueue_split_read_next_desc", QEMU, ("virtqueue_split_read_next_desc",), reads_next,
        holds=(CHAINS, TABLES),
        note="The barrier was the compiler's: `next` is in a copy that nobody else writes.",
    ),
    Version(
        "linux-6-12-and-qemu-10-0", f"{LINUX}, {QEMU}",
        ("virtnet_poll", "net_rx_action", "____napi_schedule", "virtqueue_num_heads"), both,
        holds=(MERGING, rx(event_idx=True, mergeable=True, **SMALL)),
        note="All that differs, together.",
    ),
)  # fmt: skip
"""Each difference that matters, and at the end both versions beside each other."""


def exhibits() -> list[Exhibit]:
    """The bugs that the newer texts have, for `vrx bugs`."""
    return [exhibit for version in VERSIONS if (exhibit := version.exhibit()) is not None]


CLAIMS: list[Claim] = [
    *(claim for version in VERSIONS for claim in version.claims()),
    cover("linux-6-12-net_rx_action-looks-again", raises_once(rx(**SMALL)), LOOKS_AGAIN, tier="full"),
    Safety(
        "linux-6-12-thread-and-task-lose-an-interrupt",
        polls(THREAD_AND_TASK),
        no_lost_interrupt,
        "refuted",
        tier="full",
        note="virtqueue_napi_complete() disables callbacks as late as in 6.1",
    ),
]

if __name__ == "__main__":
    main_for(CLAIMS)
