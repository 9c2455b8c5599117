"""The core of the receive path: two sides that publish an index, suppress notifications, and look once more.

Nothing but the protocol of VIRTIO 1.4, 2.7.7 and 2.7.10 with event indices both
ways: the driver offers buffers and takes used ones, the device takes offered
ones and uses them.  No ring entries, no NAPI.  It is what engines are measured
on (`tests/benchmarks/spin_ratio.py` has its twin in Promela), and small enough
to be read in one sitting.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, auto
from typing import ClassVar

from vrx.spec.config import Config
from vrx.spec.contexts import Context
from vrx.spec.memory import Barrier, Listener, Location, StoreBuffer, line, load, mb, new_buffers, store
from vrx.spec.ring import idx_add, idx_sub, vring_need_event
from vrx.spec.steps import Machine, require
from vrx.spec.words import Index


@dataclass(frozen=True)
class CoreConfig(Config):
    """The size of the ring, the width of the indices, the memory model; the rest of a configuration does not matter."""

    def describe(self) -> str:
        return f"core(size={self.size}, idx_bits={self.idx_bits}, {self.memory})"


class P(IntEnum):
    """Program points, the same for both sides."""

    IDLE = 0
    LOOK = auto()
    TAKE = auto()
    ADD = auto()
    PUBLISH = auto()
    CHECK_MB = auto()
    CHECK = auto()
    NOTIFY = auto()
    ENABLE = auto()
    ENABLE_MB = auto()
    RECHECK = auto()
    DISABLE = auto()


@dataclass(slots=True)
class Party(Context):
    """One side.  taken: what it took of the other's; added: what it has ready; told: when it last checked."""

    points = (P,)
    pc: P = P.IDLE
    taken: Index = 0
    added: Index = 0
    told: Index = 0


@dataclass(slots=True)
class Driver(Party):
    """Offers buffers, takes used ones."""

    side: ClassVar[str] = "driver"


@dataclass(slots=True)
class Device(Party):
    """Takes offered buffers, uses them."""

    side: ClassVar[str] = "device"


@dataclass(slots=True)
class CoreRing:
    """What both sides see of the ring."""

    avail_idx: Index = 0
    used_idx: Index = 0
    used_event: Index = 0
    avail_event: Index = 0


@dataclass(slots=True)
class Core:
    """The closed system."""

    cfg: CoreConfig
    ring: CoreRing
    driver: Driver
    device: Device
    buffers: tuple[StoreBuffer, ...]
    kick: bool = False
    irq: bool = False
    marks: list[str] | None = None
    accesses: int = 0
    listener: Listener | None = None


avail_idx = Location("avail.idx", ("avail_idx",), 1, "driver")
used_event = Location("used_event", ("used_event",), 2, "driver")
used_idx = Location("used.idx", ("used_idx",), 1, "device")
avail_event = Location("avail_event", ("avail_event",), 2, "device")
LOCATIONS = (avail_idx, used_event, used_idx, avail_event)
CHECK_BARRIER = Barrier("check__mb", "mb", "virtqueue_kick_prepare_split(), virtio_split_should_notify()")
ENABLE_BARRIER = Barrier("enable__mb", "mb", "virtqueue_poll(), virtio_queue_split_set_notification()")
BARRIERS = (CHECK_BARRIER, ENABLE_BARRIER)


def new_state(cfg: CoreConfig) -> Core:
    """Nothing offered; the driver about to add buffers, the device idle."""
    buffers = new_buffers(cfg, ((f"{side} stores", side) for side in ("driver", "device")), LOCATIONS)
    return Core(cfg, CoreRing(), Driver("driver", 0, P.ADD), Device("device", 1), buffers)


def actors(s: Core) -> list[Context | StoreBuffer]:
    """Both sides, and their store buffers."""
    return [s.driver, s.device, *s.buffers]


def may_run(s: Core, me: Context) -> None:
    """Always."""


core = Machine("core")


@core.step(at=P.IDLE)
def woken(s: Core, me: Party) -> None:
    """The notification arrives."""
    if isinstance(me, Driver):
        require(s.irq)
        s.irq = False
    else:
        require(s.kick)
        s.kick = False
    me.goto(P.LOOK)


@core.step(at=P.LOOK)
def look(s: Core, me: Party) -> None:
    """Is there something to take?"""
    there = load(s, me, used_idx if isinstance(me, Driver) else avail_idx)
    me.goto(P.TAKE if there != me.taken else P.ENABLE)


@core.step(at=P.TAKE, batch=2)
def take(s: Core, me: Party, batch: int) -> None:
    """Take one, and go on with another or with giving back."""
    me.taken = idx_add(s.cfg, me.taken, 1)
    me.goto(P.LOOK if batch == 0 else P.ADD)


@core.step(at=P.ADD)
def add(s: Core, me: Party) -> None:
    """Make one ready: a buffer while any is free, a used entry while any is in hand."""
    if isinstance(me, Driver):
        room = idx_sub(s.cfg, me.added, me.taken) < s.cfg.size
    else:
        room = me.added != me.taken
    if room:
        me.added = idx_add(s.cfg, me.added, 1)
        me.goto(P.PUBLISH)
    else:
        me.goto(P.CHECK_MB)


@core.step(at=P.PUBLISH, batch=2)
def publish(s: Core, me: Party, batch: int) -> None:
    """Let the other side see it, and go on with another or with the check."""
    store(s, me, avail_idx if isinstance(me, Driver) else used_idx, me.added)
    me.goto(P.ADD if batch == 0 else P.CHECK_MB)


@core.step(at=P.CHECK_MB)
def check__mb(s: Core, me: Party) -> None:
    """Publish before looking at the event index."""
    mb(s, me, CHECK_BARRIER)
    me.goto(P.CHECK)


@core.step(at=P.CHECK)
def check(s: Core, me: Party) -> None:
    """Does the other side want to hear of it?"""
    event = load(s, me, avail_event if isinstance(me, Driver) else used_event)
    wanted = vring_need_event(s.cfg, event, me.added, me.told)
    me.told = me.added
    me.goto(P.NOTIFY if wanted else P.LOOK)


@core.step(at=P.NOTIFY)
def notify(s: Core, me: Party) -> None:
    """Tell it."""
    line(s, me)
    if isinstance(me, Driver):
        s.kick = True
    else:
        s.irq = True
    me.goto(P.LOOK)


@core.step(at=P.ENABLE)
def enable(s: Core, me: Party) -> None:
    """Ask to be told of the next one."""
    store(s, me, used_event if isinstance(me, Driver) else avail_event, me.taken)
    me.goto(P.ENABLE_MB)


@core.step(at=P.ENABLE_MB)
def enable__mb(s: Core, me: Party) -> None:
    """Ask before looking once more."""
    mb(s, me, ENABLE_BARRIER)
    me.goto(P.RECHECK)


@core.step(at=P.RECHECK)
def recheck(s: Core, me: Party) -> None:
    """Look once more: sleep only if there is still nothing."""
    there = load(s, me, used_idx if isinstance(me, Driver) else avail_idx)
    me.goto(P.DISABLE if there != me.taken else P.IDLE)


@core.step(at=P.DISABLE)
def disable(s: Core, me: Party) -> None:
    """Ask not to be told: the event index goes where the other side has already been."""
    store(s, me, used_event if isinstance(me, Driver) else avail_event, idx_sub(s.cfg, me.taken, 1))
    me.goto(P.LOOK)


def no_lost_wakeup(s: Core) -> bool:
    """At rest each side has taken everything that the other one has published."""
    return s.driver.taken == s.ring.used_idx and s.device.taken == s.ring.avail_idx


def windows(s: Core) -> bool:
    """What is taken was published, what is published was added, and never more than the ring holds."""
    c = s.cfg
    base = s.driver.taken
    used, using = idx_sub(c, s.ring.used_idx, base), idx_sub(c, s.device.added, base)
    held, offered, all_of_it = (idx_sub(c, i, base) for i in (s.device.taken, s.ring.avail_idx, s.driver.added))
    return used <= using and using <= held and held <= offered and offered <= all_of_it and all_of_it <= c.size
