"""A ring with the standard's device or driver on it, or both: who is there, and what each keeps for itself.

Linux's and QEMU's steps run here unchanged.  They find what they keep under the names
that they know (`vq`, `dev`), and so do the standard's sides.  What the sides keep of a
ring of one layout beside this, and how the standard looks on at it, the layout says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, auto
from typing import Annotated, Any, ClassVar

from vrx.spec import contents
from vrx.spec.contents import Contents
from vrx.spec.contexts import Context, with_ring
from vrx.spec.linux.state import HardIrq, L, Napi, NetRx, Softirq, Virtqueue
from vrx.spec.memory import Listener, Location, StoreBuffer, line, new_buffers
from vrx.spec.qemu.state import MainLoop, NetQueue, VirtQueue
from vrx.spec.rx import Ghost, GuestCpu, Lines
from vrx.spec.sizes import SLOTS
from vrx.spec.standard.config import PeerConfig
from vrx.spec.standard.virtqueue import LIVE, Queue, Teller, new_queue
from vrx.spec.steps import require
from vrx.spec.words import Array, Index, Of, Upto


class P(IntEnum):
    """Where a side of the standard stands: at work, about to look once more, or waiting for a notification."""

    AWAKE = 0
    ARMED = auto()
    ASLEEP = auto()


EVERYWHERE = (P.AWAKE, P.ARMED, P.ASLEEP)


@dataclass(slots=True)
class Side(Context):
    """One side of the standard.

    seen: the other side's index as it was last read; at: up to where the other side's entries were taken
    placed: up to where own entries are written; idx: up to where they are published
    tells: whether a notification is owed; has: the buffers that are this side's
    order: with IN_ORDER, of each slot the buffer that was offered there, while it is not returned
    finished, filled: with IN_ORDER, the buffers that the device is done with, and the slots of those that it has found
    """

    points = (P,)
    pc: P = P.AWAKE
    seen: Index = 0
    placed: Index = 0
    tells: Teller = field(default_factory=Teller)
    has: Annotated[Array[bool], Of(bool)] = field(default_factory=Array)
    order: Annotated[Array[int], Of(Upto(SLOTS))] = field(default_factory=Array)
    finished: Annotated[Array[bool], Of(bool)] = field(default_factory=Array)
    filled: Annotated[Array[bool], Of(bool)] = field(default_factory=Array)


def pays(s: PeerState, me: Side) -> None:
    """A notification is owed, and is sent now."""
    require(me.tells.owed)
    line(s, me)
    me.tells.owed = False


def notifies_for_nothing(s: PeerState, me: Side, pending: bool) -> None:
    """None is owed, and none is pending, and one is sent."""
    require(not pending and not me.tells.owed)
    line(s, me)


@dataclass(slots=True)
class Watch:
    """What the standard makes of what it sees in the ring.

    queue: the virtqueue as the changes of the ring have made it
    kicks, interrupts: a driver and a device that owe as little as they can
    broken: 1 + the place in `rules` of the first rule that was broken; 0: none
    rules: those that a change of a ring of this layout can break
    """

    rules: ClassVar[tuple[str, ...]] = ()
    queue: Queue
    kicks: Teller = field(default_factory=Teller)
    interrupts: Teller = field(default_factory=Teller)
    broken: Annotated[int, Upto(31)] = 0


@dataclass(slots=True)
class PeerState:
    """A closed system around a ring.  What the configuration has no use for is None."""

    cfg: PeerConfig
    ring: Any
    contents: Contents
    lines: Lines
    vq: Any
    napi: Napi | None
    cpus: tuple[GuestCpu, ...]
    dev: Any
    net: NetQueue | None
    main: Any
    watch: Watch | None
    buffers: tuple[StoreBuffer, ...]
    ghost: Ghost
    opener = busy = netpoll = ()
    deferral = None
    marks: list[str] | None = None
    accesses: int = 0
    listener: Listener | None = None
    instead: Mapping[str, Callable[..., Any]] = field(default_factory=dict)


def new_peers(
    cfg: PeerConfig,
    driver: Callable[..., Side],
    device: Callable[..., Side],
    watch: Callable[[Queue], Watch],
    stored: tuple[Location, ...],
) -> PeerState:
    """DRIVER_OK set, the ring empty, all buffers with the driver.

    driver, device: the layout's own classes for a side of the standard; watch: likewise, for what looks on
    stored: the locations of the ring that a side may store to
    """
    n = cfg.size
    linux = cfg.peer in ("", "any-device")
    qemu = cfg.peer in ("", "any-driver")
    cpus: tuple[GuestCpu, ...] = ()
    if linux:
        guest_cpus = 1 if cfg.irq == "same" else 2
        hardirq, napi = cfg.layout.hardirq, with_ring(NetRx, cfg.layout.softirq)
        cpus = tuple(GuestCpu(hardirq(f"cpu{i} irq", i), napi(f"cpu{i} napi", i)) for i in range(guest_cpus))
        cpus[0].softirq.pc = L.OPEN_FILL
    guests = max(1, len(cpus))
    owners = [*((f"cpu{i} stores", "driver") for i in range(guests)), ("device stores", "device")]
    buffers = new_buffers(cfg, owners, (*stored, *contents.LOCATIONS))
    vq: Virtqueue | Side = cfg.layout.vq(cfg) if linux else driver("driver", 0, has=Array([True] * n))
    dev: VirtQueue | Side = cfg.layout.dev(cfg) if qemu else device("device", guests, has=Array([False] * n))
    if cfg.in_order:
        vq.order, dev.order = Array([0] * n), Array([0] * n)  # type: ignore[union-attr]
        dev.finished, dev.filled = Array([False] * n), Array([False] * n)  # type: ignore[union-attr]
    return PeerState(
        cfg,
        cfg.layout.ring(cfg),
        Contents(),
        Lines(),
        vq,
        Napi() if linux else None,
        cpus,
        dev,
        NetQueue() if qemu else None,
        with_ring(MainLoop, cfg.layout.main)("main loop", guests, elems=Array([0] * cfg.in_hand)) if qemu else None,
        watch(new_queue(cfg, LIVE)) if cfg.watched else None,
        buffers,
        Ghost(owner=Array([0] * n), needless=Array([False] * 3 if cfg.decisions else [])),
    )


Actor = HardIrq | Softirq | MainLoop | Side | StoreBuffer


def peer_actors(s: PeerState) -> list[Actor]:
    """Who takes steps."""
    out: list[Actor] = [side for side in (s.dev, s.vq) if isinstance(side, Side)]
    if s.main:
        out.append(s.main)
    for cpu in s.cpus:
        if s.cfg.irq != "other" or cpu.softirq.cpu == 1:
            out.append(cpu.hardirq)
        if s.cfg.irq != "other" or cpu.softirq.cpu == 0:
            out.append(cpu.softirq)
    return [*out, *s.buffers]


def peer_may_run(s: PeerState, me: Actor) -> None:
    """When a context gets its CPU: as in `spec.rx.may_run`."""
    if isinstance(me, Softirq):
        require(s.cpus[me.cpu].hardirq.pc == L.IDLE)
    if s.cfg.stops and s.net and isinstance(me, Side) and me.side == "driver":
        require(s.net.running)
