"""Sides that lie on a packed ring: a device, or a driver, that at any moment writes anything where its side may write.

Nothing of QEMU, or nothing of Linux, is left beside one (`hostile`).  Whose a descriptor is both sides may write:
flags of this lap, of the other one, or of neither.  Of a number that no ring has (an id, the flags of an event
suppression structure) there is one, which stands for all of them.

A descriptor is written at once, as one of a few shapes.  The other side reads it word by word, and one that lies may
write it anew in between: so each mixture of the shapes is seen, and a value needs to stand in one of them only.
"""

from __future__ import annotations

from typing import Any

from vrx.spec.layouts.lying import lies_interrupt, lies_kick, lies_num_buffers, lies_takes_kick
from vrx.spec.layouts.packed.memory import AVAIL, BOTH, DISABLE, INDIRECT, NEXT, RESERVED, USED, WRITE, loc
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.linux.state import L, Softirq
from vrx.spec.memory import all_dead, store
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.size import Size
from vrx.spec.sizes import CELLS, INDICES, NUMBERS, SIZE, SIZE_AND_ONE
from vrx.spec.steps import Machine
from vrx.spec.switches import DATA, INDIRECT_DESC, MERGEABLE, NOTIFY
from vrx.spec.words import around, pick

MARKS = BOTH + 1
"""AVAIL and USED: available in one lap or the other, used in one or the other."""
LAPS = (AVAIL, USED, BOTH)
"""Of a descriptor with contents: available in one lap or the other, or in neither."""
WHOLE, TABLE, TOO_MANY = range(2, 5)
"""Lengths, beside 0 and 1: as long as a buffer; as many entries as a table has; one more."""
OWN, OUTSIDE = range(2)
"""Ids: the number of the descriptor itself; one that the ring does not have."""
SHAPES = (
    (WRITE, True, WHOLE, OWN),
    (WRITE | NEXT, True, 1, OUTSIDE),
    (0, False, 0, OWN),
    (NEXT, True, 1, OUTSIDE),
)
"""What a descriptor may be: its flags, has it memory, how long is it, and its id."""
WITH_TABLES = (
    (INDIRECT, True, TABLE, OWN),
    (INDIRECT | NEXT, True, TOO_MANY, OUTSIDE),
    (WRITE | NEXT, False, 0, OWN),
    (WRITE, True, 1, OWN),
)
"""Likewise where there are tables."""
ENTRIES = ((WRITE | NEXT | INDIRECT, True, 1), (0, False, 0))
"""What an entry of a table may be: its flags (NEXT and INDIRECT say nothing there), has it memory, how long is it."""


def _shapes(cfg: Any) -> int:
    """How many shapes of a descriptor there are to choose from."""
    return len(shapes(cfg))


def shapes(cfg: Any) -> tuple[tuple[int, bool, int, int], ...]:
    """What a descriptor may be in a configuration."""
    return WITH_TABLES if cfg.indirect else SHAPES


def _answers(cfg: Any) -> int:
    """How many used descriptors there are to choose from: each id, and each length up to twice what a buffer holds."""
    return int(max(cfg.size + 1, cfg.len_top + 1))


def _asked(cfg: Any) -> int:
    """Of the flags with which a driver that lies asks for interrupts: positions count with the event index only."""
    return RESERVED + 1 if cfg.event_idx else DISABLE + 1


def _positions(cfg: Any) -> int:
    """Of the positions of which it wants to hear; without the event index nobody reads one here."""
    return int(cfg.indices) if cfg.event_idx else 1


SHAPES_TOLD = Size("shapes_told", _shapes)
ANSWERS = Size("answers", _answers)
ASKED = Size("asked", _asked)
POSITIONS_TOLD = Size("positions_told", _positions)


def forget(s: PackedState) -> None:
    """What the descriptors said before is gone: who lies can write each of them anew before it is read, so nothing is
    lost by it, and there are fewer states.  With `stale` they keep it, and every verdict is the same."""
    all_dead(s, loc.desc_id, loc.desc_flags, loc.desc_addr, loc.desc_len)
    all_dead(s, loc.table_addr, loc.table_len, loc.table_flags)


def forget_contents(s: PackedState) -> None:
    """Likewise what the device has written into buffers: a driver that lies reads none."""
    all_dead(s, loc.header, loc.num_buffers, loc.piece)


lying_driver = Machine("a driver that lies")
lying_device = Machine("a device that lies")


@lying_driver.step(at=L.IDLE, environment=True, only=~DATA, entry=SIZE, mark=MARKS)
def lies_avail_flags(s: PackedState, me: Softirq, entry: int, mark: int) -> None:
    """The flags of any descriptor become those of any lap, whosever it is.

    C: none: a driver that lies
    Spec: VIRTIO 1.4, 2.8.1 (Driver and Device Ring Wrap Counters)
    """
    forget(s)
    store(s, me, loc.desc_flags[entry], mark)


@lying_driver.step(at=L.IDLE, environment=True, only=~DATA, entry=SIZE, number=SIZE_AND_ONE)
def lies_avail_id(s: PackedState, me: Softirq, entry: int, number: int) -> None:
    """Any descriptor gets any id, one that the ring does not have included.

    C: none: a driver that lies
    Spec: VIRTIO 1.4, 2.8.13 (The Virtqueue Descriptor Format)
    """
    forget(s)
    store(s, me, loc.desc_id[entry], number)


@lying_driver.step(at=L.IDLE, environment=True, only=NOTIFY, flags=ASKED, position=POSITIONS_TOLD)
def lies_wish_for_interrupts(s: PackedState, me: Softirq, flags: int, position: int) -> None:
    """The driver asks for interrupts, for none, or from any position on, at any moment, or says nothing that is any of
    these.

    C: none: a driver that lies
    Spec: VIRTIO 1.4, 2.8.14 (Event Suppression Structure Format)
    """
    if s.cfg.event_idx:
        store(s, me, loc.driver_event, (position, flags))
    else:
        store(s, me, loc.driver_flags, flags)


lying_driver.step(at=L.IDLE, environment=True, only=NOTIFY)(lies_kick)


@lying_driver.step(at=L.IDLE, environment=True, only=DATA, entry=SIZE, lap=len(LAPS), shape=SHAPES_TOLD)
def lies_descriptor(s: PackedState, me: Softirq, entry: int, lap: int, shape: int) -> None:
    """Any descriptor becomes any of `SHAPES`, or of `WITH_TABLES`, in any lap.

    C: none: a driver that lies
    Spec: VIRTIO 1.4, 2.8.13 (The Virtqueue Descriptor Format)
    """
    forget(s)
    forget_contents(s)
    lengths = {WHOLE: s.cfg.capacity, TABLE: s.cfg.segments, TOO_MANY: s.cfg.segments + 1}
    for number, (flags, there, length, name) in enumerate(shapes(s.cfg)):
        if shape == number:
            place = entry + 1 if s.cfg.indirect else s.cfg.segments * entry + 1
            mark = pick(lap == 0, LAPS[0], pick(lap == 1, LAPS[1], LAPS[2]))
            words = (place if there else 0, lengths.get(length, length), mark + flags)
            store(s, me, loc.desc[entry], (*words, s.cfg.size if name == OUTSIDE else entry))
            return


@lying_driver.step(at=L.IDLE, environment=True, only=DATA & INDIRECT_DESC, entry=CELLS, shape=len(ENTRIES))
def lies_table_entry(s: PackedState, me: Softirq, entry: int, shape: int) -> None:
    """Any entry of a table becomes any of `ENTRIES`.

    C: none: a driver that lies
    Spec: VIRTIO 1.4, 2.8.7 (Indirect Flag: Scatter-Gather Support)
    """
    forget(s)
    forget_contents(s)
    for number, (flags, there, length) in enumerate(ENTRIES):
        if shape == number:
            store(s, me, loc.table[entry], (entry + 1 if there else 0, length, flags))
            return


@lying_device.step(at=Q.IDLE, environment=True, entry=SIZE, mark=MARKS)
def lies_used_flags(s: PackedState, me: MainLoop, entry: int, mark: int) -> None:
    """The flags of any descriptor become those of any lap, whosever it is; the driver reads no others.

    C: none: a device that lies
    Spec: VIRTIO 1.4, 2.8.1 (Driver and Device Ring Wrap Counters)
    """
    forget(s)
    store(s, me, loc.desc_flags[entry], mark)


@lying_device.step(at=Q.IDLE, environment=True, only=~DATA, entry=SIZE, number=SIZE_AND_ONE)
def lies_used_id(s: PackedState, me: MainLoop, entry: int, number: int) -> None:
    """Any descriptor gets any id, one that the ring does not have included.

    C: none: a device that lies
    Spec: VIRTIO 1.4, 2.8.13 (The Virtqueue Descriptor Format)
    """
    forget(s)
    store(s, me, loc.desc_id[entry], number)


@lying_device.step(at=Q.IDLE, environment=True, only=DATA, entry=SIZE, answer=ANSWERS)
def lies_used_descriptor(s: PackedState, me: MainLoop, entry: int, answer: int) -> None:
    """Any descriptor gets any id and any length, as the driver reads one after the other.

    C: none: a device that lies
    Spec: VIRTIO 1.4, 2.8.13 (The Virtqueue Descriptor Format)
    """
    forget(s)
    length = pick(answer < s.cfg.len_top, answer, s.cfg.len_top)
    store(s, me, loc.used[entry], (around(answer, s.cfg.size + 1), length))


lying_device.step(at=Q.IDLE, environment=True, only=DATA & MERGEABLE, entry=SIZE, number=NUMBERS)(lies_num_buffers)


@lying_device.step(at=Q.IDLE, environment=True, only=NOTIFY, flags=RESERVED + 1, position=INDICES)
def lies_wish_for_kicks(s: PackedState, me: MainLoop, flags: int, position: int) -> None:
    """The device asks for kicks, for none, or from any position on, at any moment, negotiated or not, or says nothing
    that is any of these.

    C: none: a device that lies
    Spec: VIRTIO 1.4, 2.8.14 (Event Suppression Structure Format)
    """
    store(s, me, loc.device_event, (position, flags))


lying_device.step(at=Q.IDLE, environment=True, only=NOTIFY)(lies_interrupt)
lying_device.step(at=Q.IDLE, environment=True, only=NOTIFY)(lies_takes_kick)
