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
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from models.fields import Values
from models.inplace import InPlace
from models.observed import Run
from models.simulator import Simulator
from models.system import rx
from spec.linux.state import L
from spec.qemu.state import Q
from spec.reference import linux_napi, linux_virtio_net, linux_virtio_ring, qemu_virtio, qemu_virtio_net
from spec.rx import INDIRECT, State
from spec.steps import ModelError

REAL = {"data": True, "hdr_len": 12, "eth_len": 14, "idx_bits": 16}
SYSTEMS: dict[str, dict[str, Any]] = {
    "flags": {"size": 4, "idx_bits": 4},
    "event": {"size": 4, "idx_bits": 4, "event_idx": True},
    "event, tso, other cpu": {"size": 2, "event_idx": True, "memory": "tso", "irq": "other"},
    "any cpu": {"size": 2, "irq": "any"},
    "mergeable": {"size": 8, "idx_bits": 5, "event_idx": True, "mergeable": True, "max_packet": 4},
    "stops": {"size": 2, "stops": True, "memory": "tso"},
    "data": {"size": 2, "data": True, "event_idx": True},
    "data, tso": {"size": 4, "idx_bits": 4, "data": True, "memory": "tso"},
    "data, filter": {"size": 2, "data": True, "filter": True},
    "small, real": {"size": 16, **REAL, "buffer_len": 1530, "max_packet": 2000, "event_idx": True},
    "mergeable, units": {"size": 4, "idx_bits": 4, "data": True, "mergeable": True, "max_packet": 5},
    "mergeable, real": {"size": 32, **REAL, "mergeable": True, "buffer_len": 1536, "max_packet": 9000,
                        "event_idx": True, "memory": "tso"},
    "mergeable, few elements": {"size": 4, "idx_bits": 4, "data": True, "mergeable": True, "max_packet": 6,
                                "max_elements": 2},
    "big": {"size": 8, "idx_bits": 5, "data": True, "segments": 3, "max_packet": 8, "buffer_len": 3},
    "big, indirect": {"size": 4, "idx_bits": 4, "data": True, "segments": 3, "max_packet": 8, "buffer_len": 3,
                      "indirect": True, "event_idx": True},
    "big, real": {"size": 4, **REAL, "segments": 19, "buffer_len": 4096, "hdr_room": 32, "max_packet": 65550,
                  "indirect": True, "event_idx": True},
}  # fmt: skip
SIMULATORS: dict[str, Simulator] = {}


def simulator(name: str) -> Simulator:
    """A system, ready to walk at random."""
    if name not in SIMULATORS:
        SIMULATORS[name] = Simulator(rx(**SYSTEMS[name]), ())
    return SIMULATORS[name]


@dataclass
class Alone:
    """One context that runs alone from where the program is.

    budget: of a poll; seen: steps taken; marks: what was passed
    """

    program: InPlace
    actor: Any
    budget: int
    seen: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)

    def until(self, *points: Any) -> Any:
        """Step until the context stands at one of the points, one step at least, and drain its stores; where it is."""
        self.step()
        while self.actor.pc not in points:
            self.step()
        while self.drain():
            pass
        return self.actor.pc

    def step(self) -> None:
        """The step that is next, after as many of the own stores have drained as it waits for."""
        for number in list(self.program.candidates()):
            action = self.program.actions[number]
            if self.program.actors[action.actor] is self.actor and not action.step.environment:
                if self.take(number, tuple(self.choice(name, count) for name, count in action.choices)):
                    return
        raise AssertionError(f"{self.actor.name} cannot go on at {self.actor.pc!r} after {self.seen[-3:]}")

    def take(self, number: int, choice: tuple[int, ...]) -> bool:
        """Take an action, draining own stores until it is possible; False where it is not."""
        marks: list[str] = []
        while not self.program.step(number, choice, marks):
            if not self.drain():
                return False
        self.seen.append(self.program.actions[number].step.name)
        self.marks += marks
        return True

    def choice(self, name: str, count: int) -> int:
        """The budget ends the poll when it is used up, and not before; the filter refuses nothing."""
        if name == "exhausted":
            return int(self.seen.count("virtqueue_get_buf_ctx_split__more_used") >= self.budget)
        return min(self.budget, count) - 1 if name == "budget" else 0

    def drain(self) -> bool:
        """The oldest store of the own CPU becomes visible; False where none waits."""
        for number in list(self.program.candidates()):
            action = self.program.actions[number]
            if action.step.name == "store_drains" and self.program.actors[action.actor].cpu == self.actor.cpu:
                return self.program.step(number, (), [])
        return False


def walk(sim: Simulator, seed: int, steps: int, wanted: Callable[[State], bool]) -> bool:
    """Go to a reachable state after so many steps, or up to a thousand more, where no store waits and as wanted."""
    sim.random = random.Random(seed)
    sim.program.put(sim.program.initial)
    run = Run(sim.system, seed, 0)
    for n in range(steps + 1000):
        state = sim.program.state
        if n >= steps and all(b.count == 0 for b in state.buffers) and wanted(state):
            return True
        if sim._pick(run, True) is None:
            return False
    return False


@dataclass(frozen=True)
class Compared:
    """A function of the C.

    who: whose steps they are; ready: is the state one in which the function may begin; enter: goes to its entry
    steps: runs them and says what the function returns; reference: the same by the reference
    partial: the function ends inside another one, whose local variables are not compared
    """

    name: str
    who: Callable[[State], Any]
    ready: Callable[[State], bool]
    steps: Callable[[Alone], Any]
    reference: Callable[[State, Alone], Any]
    enter: Callable[[State, random.Random], None] = lambda s, rng: None
    partial: bool = False


def softirq(s: State) -> Any:
    return s.cpus[0].softirq


def hardirq(s: State) -> Any:
    return s.cpus[-1].hardirq


def main(s: State) -> Any:
    return s.main


def guest_idle(s: State) -> bool:
    return softirq(s).pc == L.IDLE and s.cpus[0].hardirq.pc == L.IDLE and s.net.running


def main_idle(s: State) -> bool:
    return s.main.pc == Q.IDLE and s.net.running


def at(point: L) -> Callable[[State, random.Random], None]:
    """The softirq, idle before, is at this point."""

    def enter(s: State, rng: random.Random) -> None:
        softirq(s).pc = point

    return enter


def packet_at(point: Q, held: int = 0) -> Callable[[State, random.Random], None]:
    """The main loop, idle before, is at this point with a packet in hand, and perhaps a buffer that is all of it."""

    def enter(s: State, rng: random.Random) -> None:
        me = s.main
        me.pc = point
        me.size = rng.randint(1, s.cfg.max_packet)
        me.mark = 1 if s.cfg.packets else 0
        me.rest = 0 if held else me.size
        me.held = s.dev.inuse = held
        if held:
            me.elems[0] = rng.randrange(s.cfg.size)

    return enter


def interrupted(s: State) -> bool:
    return bool(s.lines.irq and hardirq(s).pc == L.IDLE and s.net.running)


def scheduled(s: State) -> bool:
    return s.napi.poll_list == 1 and guest_idle(s)


def kicked(s: State) -> bool:
    return s.lines.kick and s.main.pc == Q.IDLE


def opens(s: State) -> bool:
    return bool(softirq(s).pc == L.OPEN_FILL)


def can_send(s: State) -> bool:
    return s.main.pc == Q.IDLE and s.net.queued == 0


def popped(run: Alone) -> bool:
    """Does a pop give an element?  inuse says so."""
    before = run.program.state.dev.inuse
    run.until(Q.POP_EMPTY, Q.RECEIVE_HEADER, Q.IOV_FROM_BUF, Q.NUM_BUFFERS, Q.FILL, Q.UNPOP, Q.IDLE)
    return bool(run.program.state.dev.inuse > before)


def taken(run: Alone) -> int | None:
    """The head that virtqueue_get_buf_ctx() returns: the one whose token goes."""
    before = list(run.program.state.vq.token)
    run.until(L.MORE_USED, L.REFILL_TEST, L.RECEIVE_NUM, L.RECEIVE_HEADER, L.RECEIVE_DATA)
    gone = [n for n, (old, new) in enumerate(zip(before, run.program.state.vq.token, strict=True)) if old and not new]
    return gone[0] if gone else None


def opaque(run: Alone) -> int:
    run.until(L.NAPI_COMPLETE_DONE)
    return int(softirq(run.program.state).opaque)


def sends(run: Alone) -> None:
    """A packet arrives, and the device does with it what it can."""
    (number,) = (n for n in run.program.candidates() if run.program.actions[n].step.name == "qemu_net_queue_send")
    assert run.take(number, (run.budget - 1, 0))
    if run.actor.pc != Q.IDLE:
        run.until(Q.IDLE)


def send(s: State, run: Alone) -> None:
    identity = (1 if s.ghost.watched == 0 else 3) if s.cfg.packets else 0
    qemu_virtio_net.qemu_net_queue_send(s, run.budget, identity)


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
COMPARED = [
    Compared("virtqueue_add_split", softirq, guest_idle,
             lambda run: run.until(L.TRY_FILL_RECV, L.KICK_PREPARE) and "virtqueue_add_split__idx" in run.seen,
             lambda s, run: ring.virtqueue_add_split(s), at(L.TRY_FILL_RECV), partial=True),
    Compared("virtqueue_get_buf_ctx_split", softirq, guest_idle, taken,
             lambda s, run: head_of(ring.virtqueue_get_buf_ctx_split(s)), at(L.MORE_USED), partial=True),
    Compared("virtqueue_disable_cb_split", softirq, guest_idle, ends(L.IDLE),
             lambda s, run: ring.virtqueue_disable_cb_split(s), at(L.DISABLE_CB)),
    Compared("virtqueue_enable_cb_prepare_split", softirq, guest_idle, opaque,
             lambda s, run: ring.virtqueue_enable_cb_prepare_split(s), at(L.ENABLE_CB_PREPARE), partial=True),
    Compared("virtqueue_kick_prepare_split", softirq, guest_idle, lambda run: run.until(L.NOTIFY, L.IDLE) == L.NOTIFY,
             lambda s, run: ring.virtqueue_kick_prepare_split(s), at(L.KICK_PREPARE), partial=True),
    Compared("virtqueue_napi_complete", softirq, guest_idle, ends(L.IDLE),
             lambda s, run: linux_napi.virtqueue_napi_complete(s, 0), at(L.ENABLE_CB_PREPARE)),
    Compared("virtqueue_napi_schedule", softirq, guest_idle, ends(L.IDLE),
             lambda s, run: linux_napi.virtqueue_napi_schedule(s, 0), at(L.NAPI_SCHEDULE_PREP)),
    Compared("vring_interrupt", hardirq, interrupted, ends(L.IDLE),
             lambda s, run: net.vring_interrupt(s, len(s.cpus) - 1)),
    Compared("virtnet_open", softirq, opens, ends(L.IDLE), lambda s, run: net.virtnet_open(s, 0)),
    Compared("try_fill_recv", softirq, guest_idle, ends(L.IDLE), lambda s, run: net.try_fill_recv(s),
             at(L.TRY_FILL_RECV)),
    Compared("virtnet_receive", softirq, guest_idle, ends(L.POLL_DONE),
             lambda s, run: nothing(net.virtnet_receive(s, run.budget, [])), at(L.MORE_USED), partial=True),
    Compared("virtnet_poll", softirq, scheduled, ends(L.IDLE),
             lambda s, run: nothing(net.net_rx_action(s, 0, run.budget))),
    Compared("virtio_net_has_buffers", main, main_idle,
             lambda run: run.until(Q.POP_EMPTY, Q.RECEIVE_FILTER, Q.IDLE) != Q.IDLE,
             lambda s, run: qemu_virtio_net.virtio_net_has_buffers(s, s.main.size + s.cfg.header_len),
             packet_at(Q.CAN_RECEIVE), partial=True),
    Compared("virtqueue_split_pop", main, main_idle, popped,
             lambda s, run: qemu_virtio.virtqueue_split_pop(s) is not None, packet_at(Q.POP_EMPTY), partial=True),
    Compared("virtqueue_unpop", main, main_idle, ends(Q.IDLE),
             lambda s, run: qemu_virtio.virtqueue_unpop(s, qemu_virtio.Element(s.main.elems[0])),
             packet_at(Q.UNPOP, 1), partial=True),
    Compared("virtqueue_flush", main, main_idle, ends(Q.SHOULD_NOTIFY),
             lambda s, run: qemu_virtio.virtqueue_flush(s, 1), packet_at(Q.FLUSH, 1), partial=True),
    Compared("virtio_notify", main, main_idle, ends(Q.IDLE),
             lambda s, run: qemu_virtio.virtio_notify(s), packet_at(Q.SHOULD_NOTIFY), partial=True),
    Compared("virtio_queue_set_notification, on", main, main_idle, ends(Q.RECHECK),
             lambda s, run: qemu_virtio.virtio_queue_set_notification(s, True), packet_at(Q.ENABLE_LOAD), partial=True),
    Compared("virtio_queue_set_notification, off", main, main_idle, ends(Q.POP_EMPTY, Q.RECEIVE_FILTER),
             lambda s, run: qemu_virtio.virtio_queue_set_notification(s, False), packet_at(Q.DISABLE_LOAD),
             partial=True),
    Compared("virtio_net_receive_rcu", main, can_send, sends, send),
    Compared("virtio_net_handle_rx", main, kicked, ends(Q.IDLE),
             lambda s, run: qemu_virtio_net.virtio_net_handle_rx(s)),
]  # fmt: skip
TRIED: Counter[str] = Counter()


@pytest.mark.parametrize("compared", COMPARED, ids=lambda c: c.name)
@settings(max_examples=60, deadline=None, phases=(Phase.generate,))  # a seed cannot be shrunk
@given(st.sampled_from(list(SYSTEMS)), st.integers(0, 1 << 30), st.integers(0, 600), st.sampled_from((0, 0, 1, 3)))
def test_the_steps_alone_do_what_the_reference_does(
    compared: Compared, name: str, seed: int, length: int, damage: int
) -> None:
    sim = simulator(name)
    if not walk(sim, seed, 0 if compared.ready is opens else length, compared.ready):
        return
    TRIED[compared.name] += 1
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


DAMAGED = ("mem.desc_", "mem.table_", "mem.used_len", "mem.buf_num", "vq.token", "vq.broken", "dev.broken")


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


def test_every_function_was_compared() -> None:
    missing = [c.name for c in COMPARED if TRIED[c.name] < 5]
    assert not TRIED or missing == [], f"too few states had their entry: {missing}"
