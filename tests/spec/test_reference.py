"""The sequential references compute what the steps compute when nobody runs in between.

A random run leads to a state with empty store buffers.  There one context runs
alone to the end of a function, its stores drained; the reference of that function
runs on a copy.  Every field must be equal but the ghost, and what was passed
(the marks) must be the same.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from tests.alone import KINDS, SYSTEMS, Alone, simulator, walk
from vrx.models.simulation.undo_log import InPlace
from vrx.models.systems.fields import Values
from vrx.models.systems.system import rx
from vrx.spec.layouts.split.contexts import SplitQ
from vrx.spec.layouts.split.memory import INDIRECT
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L
from vrx.spec.qemu.state import Q
from vrx.spec.reference import linux_napi, linux_virtio_net, linux_virtio_ring, qemu_virtio, qemu_virtio_net
from vrx.spec.steps import ModelError


@dataclass(frozen=True)
class Compared:
    """A function of the C.

    who: whose steps they are; ready: is the state one in which the function may begin; enter: goes to its entry
    steps: runs them and says what the function returns; reference: the same by the reference
    partial: the function ends inside another one, whose local variables are not compared
    where: the configurations that have it
    """

    name: str
    who: Callable[[SplitState], Any]
    ready: Callable[[SplitState], bool]
    steps: Callable[[Alone], Any]
    reference: Callable[[SplitState, Alone], Any]
    enter: Callable[[SplitState, random.Random], None] = lambda s, rng: None
    partial: bool = False
    where: Callable[[Any], bool] = lambda cfg: True


def softirq(s: SplitState) -> Any:
    return s.cpus[0].softirq


def hardirq(s: SplitState) -> Any:
    return s.cpus[-1].hardirq


def main(s: SplitState) -> Any:
    return s.main


def guest_idle(s: SplitState) -> bool:
    return softirq(s).pc == L.IDLE and s.cpus[0].hardirq.pc == L.IDLE and s.net.running


def main_idle(s: SplitState) -> bool:
    return s.main.pc == Q.IDLE and s.net.running


def at(point: L) -> Callable[[SplitState, random.Random], None]:
    """The softirq, idle before, is at this point."""

    def enter(s: SplitState, rng: random.Random) -> None:
        softirq(s).pc = point

    return enter


def worked(point: L) -> Callable[[SplitState, random.Random], None]:
    """The softirq, idle before, is at this point; with a timer it may have taken a buffer, and the count run."""

    def enter(s: SplitState, rng: random.Random) -> None:
        at(point)(s, rng)
        if s.deferral:
            softirq(s).received = rng.random() < 0.5
            s.deferral.count = rng.randint(0, s.cfg.defer_hard_irqs)

    return enter


def packet_at(point: Q, held: int = 0) -> Callable[[SplitState, random.Random], None]:
    """The main loop, idle before, is at this point with a packet in hand, and perhaps a buffer that is all of it."""

    def enter(s: SplitState, rng: random.Random) -> None:
        me = s.main
        me.pc = point
        me.size = rng.randint(1, s.cfg.max_packet)
        me.mark = 1 if s.cfg.packets else 0
        me.rest = 0 if held or point == Q.CAN_RECEIVE else me.size  # set once there is enough for it
        me.held = s.dev.inuse = held
        if held:
            me.elems[0] = rng.randrange(s.cfg.size)

    return enter


def interrupted(s: SplitState) -> bool:
    return bool(s.lines.irq and hardirq(s).pc == L.IDLE and s.net.running)


def scheduled(s: SplitState) -> bool:
    return s.napi.poll_list == 1 and guest_idle(s)


def kicked(s: SplitState) -> bool:
    return s.lines.kick and s.main.pc == Q.IDLE


def opens(s: SplitState) -> bool:
    return bool(softirq(s).pc == L.OPEN_FILL)


def can_send(s: SplitState) -> bool:
    return s.main.pc == Q.IDLE and s.net.queued == 0


def popped(run: Alone) -> bool:
    """Does a pop give an element that stays with the device?"""
    before = run.program.state.dev.inuse
    run.until(Q.POP_EMPTY, Q.RECEIVE_HEADER, Q.IOV_FROM_BUF, Q.NUM_BUFFERS, Q.FILL, Q.UNPOP, Q.IDLE)
    return bool(run.program.state.dev.inuse > before)


def pops(s: SplitState, run: Alone) -> bool:
    """The pop, and the exit of its caller that lies in the same step: the element has no piece to write."""
    elem = qemu_virtio.virtqueue_split_pop(s)
    if elem is None:
        return False
    if s.cfg.data and not elem.sg:
        gives_up(s, 1)
        return False
    return True


def gives_up(s: SplitState, elements: int) -> None:
    """virtio_net_receive_rcu() breaks the ring, and what it has in hand is detached."""
    qemu_virtio.virtio_error(s)
    for _ in range(elements):
        qemu_virtio.virtqueue_detach_element(s, qemu_virtio.Element(0))


def taken(run: Alone) -> int | None:
    """The head that virtqueue_get_buf_ctx() returns: the one whose token goes."""
    before = list(run.program.state.vq.token)
    run.until(L.MORE_USED, L.REFILL_TEST, L.RECEIVE_NUM, L.RECEIVE_HEADER, L.RECEIVE_DATA)
    gone = [n for n, (old, new) in enumerate(zip(before, run.program.state.vq.token, strict=True)) if old and not new]
    return gone[0] if gone else None


def stands(who: Callable[[SplitState], Any], *points: Any) -> Callable[[SplitState], bool]:
    """The context has come to one of the points by itself, and nothing holds it up."""

    def ready(s: SplitState) -> bool:
        held_up = who is softirq and (s.cpus[0].hardirq.pc != L.IDLE or not s.net.running)
        return who(s).pc in points and not held_up

    return ready


def element(s: SplitState) -> qemu_virtio.Element:
    """The last element that the device has popped."""
    me = s.main
    pieces = [(me.sg_addr[n], me.sg_len[n]) for n in range(me.in_num)]
    return qemu_virtio.Element(me.elems[me.held - 1], pieces)


def untouched(s: SplitState) -> bool:
    """iov_from_buf() begins: nothing of the packet is in the last element yet."""
    me = s.main
    return me.pc == Q.IOV_FROM_BUF and me.lens[me.held - 1] == skipped(s)


def skipped(s: SplitState) -> int:
    """What is in front of the packet's data in the last element: its header, in the first one."""
    return s.cfg.hdr_len if s.main.held == 1 else 0


def copies(s: SplitState, run: Alone) -> int:
    """The copy, and the exit of its caller that lies in the same step: the packet takes too many elements."""
    me = s.main
    copied = qemu_virtio_net.iov_from_buf(s, element(s), skipped(s), me.size - me.rest, me.rest, me.mark)
    if s.cfg.mergeable and copied < me.rest and me.held >= s.cfg.max_elements:
        gives_up(s, me.held)
    return copied


def copied(run: Alone) -> int:
    """How much of the packet the element has taken."""
    s = run.program.state
    head = s.main.elems[s.main.held - 1]
    before = s.ghost.written[head]
    run.until(Q.POP_EMPTY, Q.NUM_BUFFERS, Q.FILL, Q.UNPOP, Q.IDLE)
    return int(s.ghost.written[head] - before)


def begins_to_receive(s: SplitState) -> bool:
    """receive_buf() has found that the length is not too small, and nothing of the packet is read."""
    me = softirq(s)
    first = L.RECEIVE_NUM if s.cfg.mergeable else L.RECEIVE_HEADER
    return me.pc == first and s.cpus[0].hardirq.pc == L.IDLE and s.net.running


def bad_packet(s: SplitState, rng: random.Random) -> None:
    """receive_mergeable() throws away what is left of a packet."""
    softirq(s).pc = L.DISCARD
    softirq(s).num_buf = rng.randint(1, s.cfg.size)


def counting(s: SplitState, rng: random.Random) -> None:
    """virtqueue_get_avail_bytes() begins."""
    packet_at(Q.NUM_HEADS)(s, rng)
    s.main.idx = s.dev.last_avail_idx


def enabling(s: SplitState, rng: random.Random) -> None:
    """virtio_queue_enable_notification_and_check() begins, with a snapshot that may be old."""
    packet_at(Q.ENABLE_LOAD)(s, rng)
    s.main.opaque = rng.choice((s.dev.shadow_avail_idx, s.dev.last_avail_idx))


def opaque(run: Alone) -> int:
    run.until(L.NAPI_COMPLETE_DONE)
    return int(softirq(run.program.state).opaque)


def sends(run: Alone) -> None:
    """A packet arrives, and the device does with it what it can."""
    (number,) = (n for n in run.program.candidates() if run.program.actions[n].step.name == "qemu_net_queue_send")
    assert run.take(number, (run.budget - 1, 0))
    if run.actor.pc != Q.IDLE:
        run.until(Q.IDLE)


def decided(name: str) -> Callable[[Alone], None]:
    """Somebody else decides that this step is taken, and the main loop goes on until it is idle."""

    def run_to_the_end(run: Alone) -> None:
        (number,) = (n for n in run.program.candidates() if run.program.actions[n].step.name == name)
        assert run.take(number, ())
        if run.actor.pc != Q.IDLE:
            run.until(Q.IDLE)

    return run_to_the_end


def stopped(s: SplitState) -> bool:
    return s.main.pc == Q.IDLE and not s.net.running


def send(s: SplitState, run: Alone) -> None:
    identity = (1 if s.ghost.watched == 0 else 3) if s.cfg.packets else 0
    qemu_virtio_net.qemu_net_queue_send(s, run.budget, identity)


def deliver(s: SplitState, run: Alone) -> None:
    """The packet in hand is an argument here, and no local variable of anybody."""
    size, packet = s.main.size, s.main.mark
    s.main.size = s.main.mark = s.main.rest = 0
    qemu_virtio_net.qemu_net_queue_deliver(s, size, packet)


def completes(reference: Callable[..., Any]) -> Callable[[SplitState, Alone], Any]:
    """What a poll has taken is an argument here, and no local variable of anybody."""

    def complete(s: SplitState, run: Alone) -> Any:
        work, softirq(s).received = softirq(s).received, False
        return reference(s, 0, work)

    return complete


def ends(*points: Any) -> Callable[[Alone], None]:
    """The function returns nothing."""

    def run_to_the_end(run: Alone) -> None:
        run.until(*points)

    return run_to_the_end


def nothing(returned: Any) -> None:
    """What the reference returns is not part of the state."""


def head_of(buf: tuple[int, int] | None) -> int | None:
    return buf[0] if buf else None


net, ring = linux_virtio_net, linux_virtio_ring
BEGINS = (Q.DISABLE_LOAD, Q.RECEIVE_FILTER, Q.POP_EMPTY)
"""Where virtio_net_has_buffers() goes on where there is enough."""
COMPARED = [
    Compared("virtqueue_add_split", softirq, guest_idle,
             lambda run: run.until(L.TRY_FILL_RECV, L.KICK_PREPARE) and "virtqueue_add_split__idx" in run.seen,
             lambda s, run: ring.virtqueue_add_split(s), at(L.TRY_FILL_RECV), partial=True),
    Compared("virtqueue_notify", softirq, guest_idle, ends(L.IDLE), lambda s, run: ring.virtqueue_notify(s),
             at(L.NOTIFY)),
    Compared("virtqueue_poll", softirq, stands(softirq, L.VIRTQUEUE_POLL),
             lambda run: run.until(L.NAPI_SCHEDULE_PREP, L.IDLE) != L.IDLE,
             lambda s, run: ring.virtqueue_poll(s, softirq(s).opaque), partial=True),
    Compared("napi_schedule_prep", softirq, guest_idle, lambda run: run.until(L.DISABLE_CB, L.IDLE) == L.DISABLE_CB,
             lambda s, run: linux_napi.napi_schedule_prep(s), at(L.NAPI_SCHEDULE_PREP)),
    Compared("napi_schedule", softirq, guest_idle, ends(L.IDLE), lambda s, run: linux_napi.napi_schedule(s, 0),
             at(L.NAPI_SCHEDULE)),
    Compared("napi_complete_done", softirq, guest_idle,
             lambda run: run.until(L.VIRTQUEUE_POLL, L.DISABLE_CB) == L.VIRTQUEUE_POLL,
             completes(linux_napi.napi_complete_done), worked(L.NAPI_COMPLETE_DONE)),
    Compared("receive_buf", softirq, begins_to_receive, ends(L.MORE_USED),
             lambda s, run: net.receive_buf(s, softirq(s).head, softirq(s).length, []), partial=True,
             where=lambda cfg: bool(cfg.data)),
    Compared("receive_mergeable", softirq, begins_to_receive, ends(L.MORE_USED),
             lambda s, run: net.receive_mergeable(s, softirq(s).head, softirq(s).length, []), partial=True,
             where=lambda cfg: cfg.data and cfg.mergeable),
    Compared("discard", softirq, guest_idle, ends(L.MORE_USED),
             lambda s, run: net.discard(s, softirq(s).num_buf + 1), bad_packet, partial=True,
             where=lambda cfg: cfg.data and cfg.mergeable),
    Compared("virtqueue_get_buf_ctx_split", softirq, guest_idle, taken,
             lambda s, run: head_of(ring.virtqueue_get_buf_ctx_split(s)), at(L.MORE_USED), partial=True),
    Compared("virtqueue_disable_cb_split", softirq, guest_idle, ends(L.IDLE),
             lambda s, run: ring.virtqueue_disable_cb_split(s), at(L.DISABLE_CB)),
    Compared("virtqueue_enable_cb_prepare_split", softirq, guest_idle, opaque,
             lambda s, run: ring.virtqueue_enable_cb_prepare_split(s), at(L.ENABLE_CB_PREPARE), partial=True),
    Compared("virtqueue_kick_prepare_split", softirq, guest_idle, lambda run: run.until(L.NOTIFY, L.IDLE) == L.NOTIFY,
             lambda s, run: ring.virtqueue_kick_prepare_split(s), at(L.KICK_PREPARE), partial=True),
    Compared("virtqueue_napi_complete", softirq, guest_idle, ends(L.IDLE),
             completes(linux_napi.virtqueue_napi_complete), worked(L.ENABLE_CB_PREPARE)),
    Compared("virtqueue_napi_schedule", softirq, guest_idle, ends(L.IDLE),
             lambda s, run: linux_napi.virtqueue_napi_schedule(s, 0), at(L.NAPI_SCHEDULE_PREP)),
    Compared("vring_interrupt", hardirq, interrupted, ends(L.IDLE),
             lambda s, run: net.vring_interrupt(s, len(s.cpus) - 1)),
    Compared("virtnet_open", softirq, opens, ends(L.IDLE), lambda s, run: net.virtnet_open(s, 0)),
    Compared("try_fill_recv", softirq, guest_idle, ends(L.IDLE), lambda s, run: net.try_fill_recv(s),
             at(L.TRY_FILL_RECV)),
    Compared("virtnet_receive", softirq, guest_idle, ends(L.POLL_DONE),
             lambda s, run: nothing(net.virtnet_receive(s, run.budget, [])), at(L.MORE_USED), partial=True),
    Compared("net_rx_action", softirq, scheduled, ends(L.IDLE),
             lambda s, run: nothing(net.net_rx_action(s, 0, run.budget))),
    Compared("virtio_net_has_buffers", main, main_idle,
             lambda run: run.until(Q.POP_EMPTY, Q.RECEIVE_FILTER, Q.IDLE) != Q.IDLE,
             lambda s, run: qemu_virtio_net.virtio_net_has_buffers(s, s.main.size + s.cfg.header_len),
             packet_at(Q.CAN_RECEIVE), partial=True),
    Compared("virtqueue_split_pop", main, main_idle, popped,
             pops, packet_at(Q.POP_EMPTY), partial=True),
    Compared("virtio_queue_split_empty", main, main_idle, lambda run: run.until(Q.NUM_HEADS, *BEGINS) == Q.NUM_HEADS,
             lambda s, run: qemu_virtio.virtio_queue_split_empty(s), packet_at(Q.EMPTY), partial=True,
             where=lambda cfg: not cfg.mergeable),  # where the caller goes on either way: virtio_net_has_buffers
    Compared("virtqueue_get_avail_bytes", main, main_idle, lambda run: run.until(Q.ENABLE_LOAD, *BEGINS) in BEGINS,
             lambda s, run: qemu_virtio.virtqueue_get_avail_bytes(s, s.main.size + s.cfg.header_len), counting,
             partial=True),
    Compared("virtio_queue_enable_notification_and_check", main, main_idle,
             lambda run: run.until(Q.EMPTY, Q.NUM_HEADS, Q.IDLE) != Q.IDLE,
             lambda s, run: qemu_virtio.virtio_queue_enable_notification_and_check(s, s.main.opaque), enabling,
             partial=True),
    Compared("receive_header", main, stands(main, Q.RECEIVE_HEADER), ends(Q.IOV_FROM_BUF),
             lambda s, run: qemu_virtio_net.receive_header(s, element(s), s.main.size, s.main.mark), partial=True,
             where=lambda cfg: bool(cfg.data)),
    Compared("iov_from_buf", main, untouched, copied, copies, partial=True, where=lambda cfg: bool(cfg.data)),
    Compared("virtqueue_fill", main, stands(main, Q.FILL), ends(Q.FILL, Q.FLUSH),
             lambda s, run: qemu_virtio.virtqueue_fill(
                 s, qemu_virtio.Element(s.main.elems[s.main.filled]), s.main.lens[s.main.filled] if s.cfg.data else 0,
                 s.main.filled), partial=True),
    Compared("virtqueue_unpop", main, main_idle, ends(Q.IDLE),
             lambda s, run: qemu_virtio.virtqueue_unpop(s, qemu_virtio.Element(s.main.elems[0])),
             packet_at(Q.UNPOP, 1), partial=True),
    Compared("virtqueue_flush", main, main_idle, ends(Q.SHOULD_NOTIFY),
             lambda s, run: qemu_virtio.virtqueue_flush(s, 1), packet_at(Q.FLUSH, 1), partial=True),
    Compared("virtio_split_should_notify", main, main_idle, lambda run: run.until(Q.IRQ, Q.IDLE) == Q.IRQ,
             lambda s, run: qemu_virtio.virtio_split_should_notify(s), packet_at(Q.SHOULD_NOTIFY, 1), partial=True),
    Compared("virtio_notify", main, main_idle, ends(Q.IDLE),
             lambda s, run: qemu_virtio.virtio_notify(s), packet_at(Q.SHOULD_NOTIFY), partial=True),
    Compared("virtio_queue_set_notification, on", main, main_idle, ends(SplitQ.RECHECK),
             lambda s, run: qemu_virtio.virtio_queue_set_notification(s, True), packet_at(Q.ENABLE_LOAD), partial=True),
    Compared("virtio_queue_set_notification, off", main, main_idle, ends(Q.POP_EMPTY, Q.RECEIVE_FILTER),
             lambda s, run: qemu_virtio.virtio_queue_set_notification(s, False), packet_at(Q.DISABLE_LOAD),
             partial=True),
    Compared("qemu_net_queue_send", main, can_send, sends, send),
    Compared("qemu_net_queue_deliver", main, lambda s: can_send(s) and not s.net.receive_disabled, ends(Q.IDLE),
             deliver, packet_at(Q.CAN_RECEIVE)),
    Compared("virtio_net_handle_rx", main, kicked, ends(Q.IDLE),
             lambda s, run: qemu_virtio_net.virtio_net_handle_rx(s)),
    Compared("vm_stop", main, main_idle, decided("vm_stop"), lambda s, run: qemu_virtio_net.vm_stop(s),
             where=lambda cfg: bool(cfg.stops)),
    Compared("vm_continue", main, stopped, decided("vm_continue"), lambda s, run: qemu_virtio_net.vm_continue(s),
             where=lambda cfg: bool(cfg.stops)),
]  # fmt: skip
INSIDE = {
    "virtio_error": "virtqueue_split_pop",
    "vring_avail_idx": "virtio_queue_split_empty",
    "virtqueue_get_head": "virtqueue_get_avail_bytes",
    "virtqueue_detach_element": "virtqueue_unpop",
    "virtio_net_receive_rcu": "qemu_net_queue_deliver",
    "detach_buf_split": "virtqueue_get_buf_ctx_split",
    "virtnet_poll": "net_rx_action",
    "qemu_flush_queued_packets": "virtio_net_handle_rx",
}
"""Functions that begin or end within a step: the function that calls them is compared."""
DRAWN = {
    "iov_from_buf": [("mergeable, few elements", 0, 83, 0)],  # its caller gives up in the step in which it ends
}
"""Situations that random draws have found worth keeping: system, seed, length, damage."""
TRIED: Counter[tuple[str, str]] = Counter()


@pytest.mark.draws
@pytest.mark.parametrize(
    ("compared", "kind"),
    [
        (compared, kind)
        for compared in COMPARED
        for kind, names in KINDS.items()
        if any(compared.where(rx(**SYSTEMS[name]).cfg) for name in names)
    ],
    ids=lambda x: x if isinstance(x, str) else x.name,
)
def test_the_steps_alone_do_what_the_reference_does(compared: Compared, kind: str) -> None:
    """Of every function, for every kind of buffer, in random situations."""
    names = [name for name in KINDS[kind] if compared.where(rx(**SYSTEMS[name]).cfg)]

    @settings(max_examples=20, deadline=None, phases=(Phase.explicit, Phase.generate))  # a seed cannot be shrunk
    @given(st.sampled_from(names), st.integers(0, 1 << 30), st.integers(0, 600), st.sampled_from((0, 0, 1, 3)))
    def in_a_random_situation(name: str, seed: int, length: int, damage: int) -> None:
        compare(compared, kind, name, seed, length, damage)

    test = in_a_random_situation
    for drawn in DRAWN.get(compared.name, ()):
        test = example(*drawn)(test) if drawn[0] in names else test
    test()
    assert TRIED[compared.name, kind] >= 3, "too few situations had its entry"


def compare(compared: Compared, kind: str, name: str, seed: int, length: int, damage: int) -> None:
    """Go to a situation and run both."""
    sim = simulator(name)
    if not walk(sim, seed, 0 if compared.ready is opens else length, compared.ready):
        return
    program = sim.program
    rng = random.Random(seed)
    compared.enter(program.state, rng)
    entry = damaged(program, damage, rng)
    program.put(entry)
    most = program.system.cfg.max_packet if compared.reference is send else 6
    run = Alone(program, compared.who(program.state), rng.randint(1, most))
    try:
        returned = compared.steps(run)
    except (IndexError, ModelError):
        assert damage  # a state that nobody can reach, in which a step reaches outside an array
        return
    TRIED[compared.name, kind] += 1
    after = program.view.get()
    program.put(entry)
    marks: list[str] = []
    program.state.marks = marks
    assert compared.reference(program.state, run) == returned
    differing = {
        f.name: (f.show(int(a)), f.show(int(b)))
        for f, a, b in zip(program.view.fields, after, program.view.get(), strict=True)
        if a != b and not ignored(f.name, compared)
    }
    assert differing == {}, f"{compared.name} in {name} after {run.seen}: steps, reference"
    if not compared.partial:
        assert Counter(run.marks) == Counter(marks)


DAMAGED = ("ring.desc_", "ring.table_", "ring.used_len", "contents.num", "vq.token", "vq.broken", "dev.broken")


def damaged(program: InPlace, changes: int, rng: random.Random) -> Values:
    """The state with some fields changed that the other side, or a broken ring, would have written: error exits."""
    values = list(program.view.get())
    fields = [i for i, f in enumerate(program.view.fields) if f.name.startswith(DAMAGED)]
    for i in rng.sample(fields, min(changes, len(fields))):
        name, top = program.view.fields[i].name, program.view.fields[i].top
        plain = "flags" in name and not program.system.cfg.indirect  # INDIRECT is not known there
        values[i] = rng.randint(0, INDIRECT - 1 if plain else top)
    return tuple(values)


def ignored(name: str, compared: Compared) -> bool:
    """The ghost; where the context stands; of a part of a function its local variables, and a packet queued later."""
    mine = "main." if compared.who is main else "cpus"
    if name.startswith("ghost.") or (name.startswith(mine) and name.endswith((".pc", ".ret0", ".ret1"))):
        return True
    return compared.partial and name.startswith(("main.", "net.") if compared.who is main else "cpus0.softirq.")


def test_every_function_of_the_references_is_compared() -> None:
    modules = (linux_napi, linux_virtio_net, linux_virtio_ring, qemu_virtio, qemu_virtio_net)
    functions = {
        name
        for module in modules
        for name, f in vars(module).items()
        if callable(f) and getattr(f, "__module__", "") == module.__name__ and name[0] != "_" and name[0].islower()
    }
    compared = {c.name.partition(",")[0] for c in COMPARED}
    assert compared <= functions and {*INSIDE.values()} <= compared
    assert functions - compared == {*INSIDE}
