"""The receive system: shared memory, lines, both sides, and who runs what.

This is the state that every step of `spec.linux` and `spec.qemu` works on, and
the one place that says which contexts exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol

from vrx.spec import contents
from vrx.spec.config import Config
from vrx.spec.contents import Contents
from vrx.spec.contexts import with_ring
from vrx.spec.linux.state import (
    BusyPoller,
    Deferral,
    HardIrq,
    L,
    Napi,
    NetPoller,
    NetRx,
    Opener,
    Softirq,
    Virtqueue,
)
from vrx.spec.memory import Listener, StoreBuffer, new_buffers
from vrx.spec.qemu.state import Identity, MainLoop, NetQueue, VirtQueue
from vrx.spec.sizes import LAST_INDEX, LEN_TOP, SLOTS, TOP_OWNER, UNTOLD
from vrx.spec.steps import require
from vrx.spec.words import Array, Of, Upto

FREE, OFFERED, HELD, USED, CHAINED = range(5)
"""Who has a buffer: the driver; the ring, on its way to the device; the device; the ring, on its way back.
CHAINED: a descriptor behind the head of a chain, whose head says who has it; or one that is on its way back to the
free list."""
TO_DRIVER, TO_DEVICE, GOES_ON, AHEAD, IN_HAND, MISCOUNTED, PARTLY = range(7)
"""Who was told a lie, and whether somebody goes on with a broken ring: places in `Ghost.lies`.  Beside a device that
lies there are also: whether the driver took an entry ahead of used.idx, whether it has a packet in hand that it has not
counted, and whether it ever counted one twice, or not at all, or one that never was; where buffers merge, whether it
ever took another number of buffers for a packet than its header tells."""
INTERRUPT, KICK, DECIDED, DROP = range(4)
"""What was decided for nothing, and whether the device has decided before: places in `Ghost.needless`; the last one
where packets are told apart."""
UNMOVED = -1
"""No new place: a buffer stays where it was when its owner changes."""


@dataclass(slots=True)
class Lines:
    """The kick (an eventfd: coalesces) and the interrupt (MSI-X: an edge that stays pending)."""

    kick: bool = False
    irq: bool = False


@dataclass(slots=True)
class GuestCpu:
    """One CPU of the guest: its hard interrupt and its softirq."""

    hardirq: HardIrq
    softirq: Softirq


@dataclass(slots=True)
class Ghost:
    """What no step reads: only properties do.

    owner: who has each buffer
    misuse: a side took a buffer that was not its own, or gave one away twice
    written: how much the device has written into each buffer since it took it, header included
    watched: the watched packet has not come (0), is on its way (1), was delivered (2), was dropped and counted (3)
    wrong_fate: its second fate, or one before it came
    overtaken: it and another packet changed places
    torn: a delivered packet lacked its header or some of its data, or a used entry's length was wrong
    unnumbered: the driver met a first buffer without num_buffers
    overrun: a side went past the end of a buffer
    event_back: a write that enables callbacks named an entry that the driver had taken before
    place: with positions: a free buffer's height on the free list, any other's ring index (of one that the device
        holds: where it will be filled if nothing overtakes it)
    stack: with positions: the free list from its end, beside the linked list of the driver
    needless: with decisions, at INTERRUPT and at KICK: it was decided although the ring asked for none; at DECIDED:
        with the event index, the device has decided before; at DROP: the watched packet was dropped for nothing
    lies: beside a side that lies, at TO_DRIVER and TO_DEVICE: the other side was told what cannot be, and can tell; at
        GOES_ON: it has used a ring that it declared broken; beside a device that lies, what the driver makes of entries
        and packets, at AHEAD, IN_HAND, MISCOUNTED and PARTLY
    left: beside a device that lies, where buffers merge, one number: how many buffers of the packet in hand the driver
        has not taken, as its header tells
    """

    owner: Annotated[Array[int], Of(Upto(TOP_OWNER))] = field(default_factory=Array)
    written: Annotated[Array[int], Of(Upto(LEN_TOP))] = field(default_factory=Array)
    place: Annotated[Array[int], Of(Upto(LAST_INDEX))] = field(default_factory=Array)
    stack: Annotated[Array[int], Of(Upto(SLOTS))] = field(default_factory=Array)
    needless: Annotated[Array[bool], Of(bool)] = field(default_factory=Array)
    lies: Annotated[Array[bool], Of(bool)] = field(default_factory=Array)
    left: Annotated[Array[int], Of(Upto(UNTOLD))] = field(default_factory=Array)
    misuse: bool = False
    watched: Annotated[int, Upto(3)] = 0
    wrong_fate: bool = False
    overtaken: bool = False
    torn: bool = False
    unnumbered: bool = False
    overrun: bool = False
    event_back: bool = False


@dataclass(slots=True)
class State:
    """Everything: one closed receive system.

    opener, busy, netpoll: who is there beside the softirqs, if anybody is; deferral: None without a timer
    instead: the helpers of a variant (`spec.steps.Machine.helper`)
    """

    cfg: Config
    ring: Any
    contents: Contents
    lines: Lines
    vq: Virtqueue
    napi: Napi
    cpus: tuple[GuestCpu, ...]
    dev: VirtQueue
    net: NetQueue
    main: MainLoop
    buffers: tuple[StoreBuffer, ...]
    ghost: Ghost
    busy: tuple[BusyPoller, ...] = ()
    netpoll: tuple[NetPoller, ...] = ()
    deferral: Deferral | None = None
    opener: tuple[Opener, ...] = ()
    marks: list[str] | None = None
    accesses: int = 0
    listener: Listener | None = None
    instead: Mapping[str, Callable[..., Any]] = field(default_factory=dict)


Actor = HardIrq | Softirq | MainLoop | StoreBuffer


def new_state(cfg: Config) -> State:
    """The state after the driver's probe: DRIVER_OK set, the ring empty, CPU 0 about to run virtnet_open()."""
    n, layout = cfg.size, cfg.layout

    def zeros(length: int = n) -> Array[int]:
        return Array([0] * length)

    guest_cpus = cfg.guest_cpus
    hardirq, napi = layout.hardirq, with_ring(NetRx, layout.softirq)
    cpus = tuple(GuestCpu(hardirq(f"cpu{i} irq", i), napi(f"cpu{i} napi", i)) for i in range(guest_cpus))
    opens = with_ring(Opener, layout.softirq)
    opener = tuple(opens("cpu0 open", 0) for _ in range(cfg.opens == "task"))
    if not cfg.driver_lies:
        (opener[0] if opener else cpus[0].softirq).pc = L.OPEN_FILL
    owners = [*((f"cpu{i} stores", "driver") for i in range(guest_cpus)), ("main loop stores", "device")]
    buffers = new_buffers(cfg, owners, (*layout.stored(cfg), *contents.stored(cfg)))
    room = cfg.segments if cfg.data else 0
    main = with_ring(MainLoop, layout.main)(
        "main loop",
        guest_cpus,
        elems=zeros(cfg.in_hand),
        sg_addr=zeros(room),
        sg_len=zeros(room),
        lens=zeros(cfg.in_hand if cfg.data else 0),
        ndescs=zeros(cfg.in_hand if cfg.elements_differ else 0),
        **layout.of_main(cfg),
    )
    falling = list(reversed(range(n))) if cfg.positions else []
    lies = Array([False] * (7 if cfg.header_lies else 6 if cfg.device_lies else 3 if cfg.liar else 0))
    names = cfg.top_element + 1
    written = zeros(names if cfg.data else 0)
    ghost = Ghost(owner=zeros(names), written=written, place=Array(falling), stack=Array(falling), lies=lies)
    ghost.left = zeros(1 if cfg.header_lies else 0)
    ghost.needless = Array([False] * (4 if cfg.packets else 3) if cfg.decisions else [])
    polls, sends = with_ring(BusyPoller, layout.softirq), with_ring(NetPoller, layout.softirq)
    busy = tuple(polls(f"cpu{i} busy poll", i) for i in _where(cfg.busy_poll))
    netpoll = tuple(sends(f"cpu{i} netpoll", i) for i in _where(cfg.netpoll))
    deferral = Deferral() if cfg.gro_flush_timeout else None
    return State(
        cfg, layout.ring(cfg), contents.new_contents(cfg), Lines(), layout.vq(cfg), Napi(), cpus, layout.dev(cfg),
        NetQueue(), main, buffers, ghost, busy, netpoll, deferral, opener,
    )  # fmt: skip


def _where(place: str) -> tuple[int, ...]:
    """The CPU of a task, if there is one: "no", "same" (CPU 0) or "other" (CPU 1)."""
    return {"no": (), "same": (0,), "other": (1,)}[place]


def takes_interrupts(cfg: Config, cpu: int) -> bool:
    """Does the device's interrupt reach this CPU?"""
    return cfg.irq == "any" or cpu == (1 if cfg.irq == "other" else 0)


def takes_polls(cfg: Config, cpu: int) -> bool:
    """Does this CPU poll what is on its list?  A threaded NAPI (irq=other) has its thread on CPU 0."""
    return cfg.irq != "other" or cpu == 0


def receivers(s: Any) -> tuple[Softirq, ...]:
    """Every context that polls with a budget, which netpoll does not have: it receives, and owns the NAPI meanwhile."""
    return (*(cpu.softirq for cpu in s.cpus), *s.busy)


def pollers(s: Any) -> tuple[Softirq, ...]:
    """Every context that runs the driver's receive path."""
    return (*receivers(s), *s.opener, *s.netpoll)


def actors(s: State) -> list[Actor]:
    """Who takes steps: the contexts of the configured CPUs, the main loop, the store buffers."""
    out: list[Actor] = [s.main]
    for i, cpu in enumerate(s.cpus):
        if takes_interrupts(s.cfg, i) or s.cfg.gro_flush_timeout:
            out.append(cpu.hardirq)
        if takes_polls(s.cfg, i):
            out.append(cpu.softirq)
    return [*out, *s.opener, *s.busy, *s.netpoll, *s.buffers]


def may_run(s: State, me: Actor) -> None:
    """When a context gets its CPU; a stopped machine runs no guest.

    An interrupt holds off what is below it: the softirq, and a task below that.  A task that has bottom halves off
    holds off the softirq.  Who sends through netpoll has interrupts off, wherever it was called from.
    """
    if isinstance(me, Softirq) and not isinstance(me, NetPoller):
        require(s.cpus[me.cpu].hardirq.pc == L.IDLE)
    if isinstance(me, (HardIrq, Softirq)) and not isinstance(me, NetPoller):
        for sender in s.netpoll:
            require(sender.cpu != me.cpu or sender.pc == L.IDLE)
    if isinstance(me, (BusyPoller, Opener)):
        require(s.cpus[me.cpu].softirq.pc == L.IDLE)
    elif isinstance(me, NetRx):
        for task in s.busy:
            if task.cpu == me.cpu:
                require(task.pc == L.IDLE or (s.cfg.irq != "other" and bottom_halves_on(task)))
        for one in s.opener:
            if one.cpu == me.cpu:
                require(one.pc < L.NAPI_SCHEDULE_PREP or one.pc > L.DISABLE_CB)
    if s.cfg.stops and isinstance(me, (HardIrq, Softirq)):
        require(s.net.running)


def bottom_halves_on(task: BusyPoller) -> bool:
    """May softirqs run on the CPU of a busy poller?  Not while it polls; between two polls and before the last."""
    return task.pc == L.BUSY_POLLED or task.pc == L.BUSY_STOP


class HasGhost(Protocol):
    """A state in which the ghost says who has each buffer."""

    @property
    def cfg(self) -> Config:
        """The configuration."""

    @property
    def ghost(self) -> Ghost:
        """What only properties read."""


def give(s: HasGhost, head: int, before: int, after: int, place: int = UNMOVED) -> None:
    """Record in the ghost that buffer `head` goes from one owner to the next; a wrong owner is misuse.

    place: its height on the free list if `after` is FREE, else its ring index; UNMOVED where that stays.
    """
    if s.cfg.driver_lies:
        return  # nobody can say whose a buffer is
    if s.ghost.owner[head] != before:
        s.ghost.misuse = True
    s.ghost.owner[head] = after
    if s.cfg.positions and place != UNMOVED:
        if before == FREE:
            s.ghost.stack[s.ghost.place[head]] = 0  # above the top of the stack: dead
        s.ghost.place[head] = place
        if after == FREE:
            s.ghost.stack[place] = head


def lied(s: HasGhost, to: int, lie: bool) -> None:
    """Record in the ghost that a side is told what cannot be, if it is.  to: TO_DRIVER or TO_DEVICE."""
    if s.cfg.liar:
        s.ghost.lies[to] |= lie


def goes_on(s: HasGhost, broken: bool) -> None:
    """Record in the ghost that a side uses the ring.  broken: whether it has declared it broken."""
    if s.cfg.liar:
        s.ghost.lies[GOES_ON] |= broken


def fate(s: State, mark: Identity, kind: int) -> None:
    """Record in the ghost what became of a packet: kind 1 delivered, 2 dropped and counted."""
    if not s.cfg.packets:
        return
    ghost = s.ghost
    if mark == 2:
        if ghost.watched != 1:
            ghost.wrong_fate = True
        ghost.watched = kind + 1
    elif kind == 1:  # another one: after it, but delivered before it has its fate; before it, but delivered after it
        if mark == 3 and ghost.watched < 2:
            ghost.overtaken = True
        if mark == 1 and ghost.watched == 2:
            ghost.overtaken = True
