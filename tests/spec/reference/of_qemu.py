"""The device's functions: the situations in which each begins, and what it returns."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.alone import Alone
from tests.spec.reference.compared import Compared, ends, main, main_idle, stands
from vrx.spec.layouts.split.contexts import SplitQ
from vrx.spec.layouts.split.reference import DEVICE, qemu_virtio
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.qemu.state import Q
from vrx.spec.reference import qemu_virtio_net
from vrx.spec.reference.rings import Element


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


def kicked(s: SplitState) -> bool:
    return s.lines.kick and s.main.pc == Q.IDLE


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
        qemu_virtio.virtqueue_detach_element(s, Element(0))


def element(s: SplitState) -> Element:
    """The last element that the device has popped."""
    me = s.main
    pieces = [(me.sg_addr[n], me.sg_len[n]) for n in range(me.in_num)]
    return Element(me.elems[me.held - 1], pieces)


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


def counting(s: SplitState, rng: random.Random) -> None:
    """virtqueue_get_avail_bytes() begins."""
    packet_at(Q.NUM_HEADS)(s, rng)
    s.main.idx = s.dev.last_avail_idx


def enabling(s: SplitState, rng: random.Random) -> None:
    """virtio_queue_enable_notification_and_check() begins, with a snapshot that may be old."""
    packet_at(Q.ENABLE_LOAD)(s, rng)
    s.main.opaque = rng.choice((s.dev.shadow_avail_idx, s.dev.last_avail_idx))


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
    qemu_virtio_net.qemu_net_queue_send(s, DEVICE, run.budget, identity)


def deliver(s: SplitState, run: Alone) -> None:
    """The packet in hand is an argument here, and no local variable of anybody."""
    size, packet = s.main.size, s.main.mark
    s.main.size = s.main.mark = s.main.rest = 0
    qemu_virtio_net.qemu_net_queue_deliver(s, DEVICE, size, packet)


BEGINS = (Q.DISABLE_LOAD, Q.RECEIVE_FILTER, Q.POP_EMPTY)
"""Where virtio_net_has_buffers() goes on where there is enough."""
COMPARED = [
    Compared("virtio_net_has_buffers", main, main_idle,
             lambda run: run.until(Q.POP_EMPTY, Q.RECEIVE_FILTER, Q.IDLE) != Q.IDLE,
             lambda s, run: qemu_virtio_net.virtio_net_has_buffers(s, DEVICE, s.main.size + s.cfg.header_len),
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
                 s, Element(s.main.elems[s.main.filled]), s.main.lens[s.main.filled] if s.cfg.data else 0,
                 s.main.filled), partial=True),
    Compared("virtqueue_unpop", main, main_idle, ends(Q.IDLE),
             lambda s, run: qemu_virtio.virtqueue_unpop(s, Element(s.main.elems[0])),
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
    Compared("qemu_net_queue_send", main, can_send, sends, send, packets=True),
    Compared("qemu_net_queue_deliver", main, lambda s: can_send(s) and not s.net.receive_disabled, ends(Q.IDLE),
             deliver, packet_at(Q.CAN_RECEIVE)),
    Compared("virtio_net_handle_rx", main, kicked, ends(Q.IDLE),
             lambda s, run: qemu_virtio_net.virtio_net_handle_rx(s, DEVICE)),
    Compared("vm_stop", main, main_idle, decided("vm_stop"), lambda s, run: qemu_virtio_net.vm_stop(s, DEVICE),
             where=lambda cfg: bool(cfg.stops)),
    Compared("vm_continue", main, stopped, decided("vm_continue"),
             lambda s, run: qemu_virtio_net.vm_continue(s, DEVICE),
             where=lambda cfg: bool(cfg.stops)),
]  # fmt: skip
