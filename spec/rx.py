"""The receive system: shared memory, lines, both sides, and who runs what.

This is the state that every step of `spec.linux` and `spec.qemu` works on, and
the one place that says which contexts exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol

from vrx.spec.config import Config
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
from vrx.spec.memory import Location, StoreBuffer, new_store_buffer
from vrx.spec.qemu.state import Identity, MainLoop, NetQueue, VirtQueue
from vrx.spec.steps import require
from vrx.spec.words import Array, Bits, Index, Of, Upto

FREE, OFFERED, HELD, USED, CHAINED = range(5)
"""Who has a buffer: the driver; the ring, on its way to the device; the device; the ring, on its way back.
CHAINED: a descriptor behind the head of a chain, whose head says who has it; or one that is on its way back to the
free list."""
TO_DRIVER, TO_DEVICE, GOES_ON, AHEAD, IN_HAND, MISCOUNTED = range(6)
"""Who was told a lie, and whether somebody goes on with a broken ring: places in `Ghost.lies`.  Beside a device that
lies there are also: whether the driver took an entry ahead of used.idx, whether it has a packet in hand that it has not
counted, and whether it ever counted one twice, or not at all, or one that never was."""
INTERRUPT, KICK, DECIDED = range(3)
"""What was decided for nothing, and whether the device has decided before: places in `Ghost.needless`."""
UNMOVED = -1
"""No new place: a buffer stays where it was when its owner changes."""

NEXT, WRITE, INDIRECT = 1, 2, 4
"""Descriptor flags.  Spec: VIRTIO 1.4, 2.7.5 (The Virtqueue Descriptor Table)."""
NO_INTERRUPT = 1
"""avail.flags.  Spec: VIRTIO 1.4, 2.7.6 (The Virtqueue Available Ring)."""
NO_NOTIFY = 1
"""used.flags.  Spec: VIRTIO 1.4, 2.7.8 (The Virtqueue Used Ring)."""


@dataclass(slots=True)
class Memory:
    """A split ring as both sides see it, and the buffers.

    A buffer is named after its head descriptor, its pieces (one for each descriptor) are numbered
    head * segments + n.  What was never written, or no longer counts, is 0.

    desc_addr: 1 + the piece, or 1 + the head that an indirect table belongs to; desc_len: of a table, its entries
    table_*: the indirect tables, one behind the other
    buf_header, buf_total: whose header it holds, and the length of the packet that the header tells
    buf_num: num_buffers
    buf_data, buf_from, buf_len: whose data it holds, from where in the packet, and how much
    """

    avail_flags: Annotated[int, Bits(1)] = 0
    avail_idx: Index = 0
    avail_ring: Annotated[Array[int], Of(Upto("top_offered"))] = field(default_factory=Array)
    used_event: Index = 0
    used_flags: Annotated[int, Bits(1)] = 0
    used_idx: Index = 0
    used_id: Annotated[Array[int], Of(Upto("top_used"))] = field(default_factory=Array)
    used_len: Annotated[Array[int], Of(Upto("len_top"))] = field(default_factory=Array)
    avail_event: Index = 0
    desc_addr: Annotated[Array[int], Of(Upto("cells"))] = field(default_factory=Array)
    desc_len: Annotated[Array[int], Of(Upto("len_top"))] = field(default_factory=Array)
    desc_flags: Annotated[Array[int], Of(Upto(7))] = field(default_factory=Array)
    desc_next: Annotated[Array[int], Of(Upto("top_offered"))] = field(default_factory=Array)
    table_addr: Annotated[Array[int], Of(Upto("cells"))] = field(default_factory=Array)
    table_len: Annotated[Array[int], Of(Upto("len_top"))] = field(default_factory=Array)
    table_flags: Annotated[Array[int], Of(Upto(7))] = field(default_factory=Array)
    table_next: Annotated[Array[int], Of(Upto("segments"))] = field(default_factory=Array)
    buf_header: Annotated[Array[int], Of(Upto(3))] = field(default_factory=Array)
    buf_total: Annotated[Array[int], Of(Upto("data_packet"))] = field(default_factory=Array)
    buf_num: Annotated[Array[int], Of(Upto("top_number"))] = field(default_factory=Array)
    buf_data: Annotated[Array[int], Of(Upto(3))] = field(default_factory=Array)
    buf_from: Annotated[Array[int], Of(Upto("data_packet"))] = field(default_factory=Array)
    buf_len: Annotated[Array[int], Of(Upto("data_packet"))] = field(default_factory=Array)


class loc:
    """The locations of a split ring.  Spec: VIRTIO 1.4, 2.7.5, 2.7.6, 2.7.8."""

    avail_flags = Location("avail.flags", ("avail_flags",), 1, "driver")
    avail_idx = Location("avail.idx", ("avail_idx",), 2, "driver")
    avail_ring = Location("avail.ring", ("avail_ring",), 3, "driver", array=True)
    used_event = Location("used_event", ("used_event",), 4, "driver")
    desc_addr = Location("desc.addr", ("desc_addr",), 5, "driver", array=True)
    desc_len = Location("desc.len", ("desc_len",), 6, "driver", array=True)
    desc_flags = Location("desc.flags", ("desc_flags",), 7, "driver", array=True)
    desc_next = Location("desc.next", ("desc_next",), 8, "driver", array=True)
    used_flags = Location("used.flags", ("used_flags",), 9, "device")
    used_idx = Location("used.idx", ("used_idx",), 10, "device")
    used_elem = Location("used.ring", ("used_id", "used_len"), 11, "device", array=True)
    avail_event = Location("avail_event", ("avail_event",), 12, "device")
    header = Location("buffer.header", ("buf_header", "buf_total"), 13, "device", array=True)
    data = Location("buffer.data", ("buf_data",), 14, "device", array=True)
    desc = Location("desc", ("desc_addr", "desc_len", "desc_flags", "desc_next"), 22, "driver", array=True)
    used_id = Location("used.ring.id", ("used_id",), 15, "device", array=True)
    used_len = Location("used.ring.len", ("used_len",), 0, "device", array=True)
    num_buffers = Location("buffer.num_buffers", ("buf_num",), 16, "device", array=True)
    piece = Location("buffer.data", ("buf_data", "buf_from", "buf_len"), 17, "device", array=True)
    table_addr = Location("table.addr", ("table_addr",), 18, "driver", array=True)
    table_len = Location("table.len", ("table_len",), 19, "driver", array=True)
    table_flags = Location("table.flags", ("table_flags",), 20, "driver", array=True)
    table_next = Location("table.next", ("table_next",), 21, "driver", array=True)
    table = Location("table", ("table_addr", "table_len", "table_flags", "table_next"), 23, "driver", array=True)


AT_ONCE = (loc.desc, loc.table)
"""Structures of more numbers than a store buffer keeps: only a driver that lies, which has none, writes them whole."""
LOCATIONS = tuple(x for x in vars(loc).values() if isinstance(x, Location) and x not in AT_ONCE)


def stored(cfg: Config) -> tuple[Location, ...]:
    """The locations that a system with this configuration stores to."""
    if cfg.data:
        absent = [loc.used_id, loc.data, *([] if cfg.mergeable else [loc.num_buffers])]
    else:
        absent = [x for x in LOCATIONS if x.name.startswith(("desc", "buffer"))] + [loc.used_elem]
    if not cfg.indirect:
        absent += [x for x in LOCATIONS if x.name.startswith("table")]
    if cfg.watch and not cfg.data:
        absent.remove(loc.data)
    return tuple(x for x in LOCATIONS if x not in absent)


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
        with the event index, the device has decided before
    lies: beside a side that lies, at TO_DRIVER and TO_DEVICE: the other side was told what cannot be, and can tell; at
        GOES_ON: it has used a ring that it declared broken; beside a device that lies, what the driver makes of entries
        and packets, at AHEAD, IN_HAND and MISCOUNTED
    """

    owner: Annotated[Array[int], Of(Upto("top_owner"))] = field(default_factory=Array)
    written: Annotated[Array[int], Of(Upto("len_top"))] = field(default_factory=Array)
    place: Annotated[Array[int], Of(Bits("idx_bits"))] = field(default_factory=Array)
    stack: Annotated[Array[int], Of(Upto("slots"))] = field(default_factory=Array)
    needless: Annotated[Array[bool], Of(bool)] = field(default_factory=Array)
    lies: Annotated[Array[bool], Of(bool)] = field(default_factory=Array)
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
    instead: the helpers of a variant (`spec.steps.helper`)
    """

    cfg: Config
    mem: Memory
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
    instead: Mapping[str, Callable[..., Any]] = field(default_factory=dict)


Actor = HardIrq | Softirq | MainLoop | StoreBuffer


def new_state(cfg: Config) -> State:
    """The state after the driver's probe: DRIVER_OK set, the ring empty, CPU 0 about to run virtnet_open()."""
    n = cfg.size

    def zeros(length: int = n) -> Array[int]:
        return Array([0] * length)

    heads = n if cfg.data else 0
    in_tables = cfg.cells if cfg.indirect else 0
    mem = Memory(
        avail_ring=zeros(),
        used_id=zeros(),
        used_len=zeros(heads),
        desc_addr=zeros(heads),
        desc_len=zeros(heads),
        desc_flags=zeros(heads),
        desc_next=zeros(heads),
        table_addr=zeros(in_tables),
        table_len=zeros(in_tables),
        table_flags=zeros(in_tables),
        table_next=zeros(in_tables),
        buf_header=zeros(cfg.cells),
        buf_total=zeros(cfg.cells),
        buf_num=zeros(cfg.cells),
        buf_data=zeros(cfg.cells or (n if cfg.packets else 0)),
        buf_from=zeros(cfg.cells),
        buf_len=zeros(cfg.cells),
    )
    guest_cpus = cfg.guest_cpus
    cpus = tuple(GuestCpu(HardIrq(f"cpu{i} irq", i), NetRx(f"cpu{i} napi", i)) for i in range(guest_cpus))
    opener = tuple(Opener("cpu0 open", 0) for _ in range(cfg.opens == "task"))
    if not cfg.driver_lies:
        (opener[0] if opener else cpus[0].softirq).pc = L.OPEN_FILL
    buffers: tuple[StoreBuffer, ...] = ()
    if cfg.memory == "tso":
        sides = ["driver"] * guest_cpus + ["device"]
        buffers = tuple(
            new_store_buffer(
                f"cpu{i} stores" if side == "driver" else "main loop stores", i, side, stored(cfg), cfg.buffer_depth
            )
            for i, side in enumerate(sides)
        )
    room = cfg.segments if cfg.data else 0
    main = MainLoop(
        "main loop",
        guest_cpus,
        elems=zeros(cfg.in_hand),
        sg_addr=zeros(room),
        sg_len=zeros(room),
        lens=zeros(cfg.in_hand if cfg.data else 0),
    )
    vq = Virtqueue(num_free=n, next=Array([*range(1, n), 0]), token=Array([False] * n))
    falling = list(reversed(range(n))) if cfg.positions else []
    lies = Array([False] * (6 if cfg.device_lies else 3 if cfg.liar else 0))
    ghost = Ghost(owner=zeros(), written=zeros(heads), place=Array(falling), stack=Array(falling), lies=lies)
    ghost.needless = Array([False] * 3 if cfg.decisions else [])
    busy = tuple(BusyPoller(f"cpu{i} busy poll", i) for i in _where(cfg.busy_poll))
    netpoll = tuple(NetPoller(f"cpu{i} netpoll", i) for i in _where(cfg.netpoll))
    deferral = Deferral() if cfg.gro_flush_timeout else None
    queues = (VirtQueue(), NetQueue(), main)
    return State(cfg, mem, Lines(), vq, Napi(), cpus, *queues, buffers, ghost, busy, netpoll, deferral, opener)


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
