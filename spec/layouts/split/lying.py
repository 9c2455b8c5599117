"""Sides that lie: a device, or a driver, that at any moment writes anything where its side may write.

Nothing of QEMU, or nothing of Linux, is left beside one (`hostile`).  A place gets any
value that it has room for; of a number that no ring has (a head, an id, a link) there
is one, which stands for all of them.
"""

from __future__ import annotations

from typing import Any

from vrx.spec.layouts.lying import lies_interrupt, lies_kick, lies_num_buffers, lies_takes_kick
from vrx.spec.layouts.split.memory import INDIRECT, NEXT, WRITE, loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L, Softirq
from vrx.spec.memory import store
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.size import Size
from vrx.spec.sizes import CELLS, INDICES, NUMBERS, SIZE, SIZE_AND_ONE, USED_LENGTHS, WISHES
from vrx.spec.steps import Machine
from vrx.spec.switches import DATA, INDIRECT_DESC, MERGEABLE, NOTIFY
from vrx.spec.words import pick

WHOLE = 2
"""As long as a buffer."""
FIRST, ITSELF, NOWHERE = range(3)
SHAPES = (
    (True, WHOLE, WRITE, FIRST),
    (True, 1, WRITE, FIRST),
    (True, 0, WRITE, FIRST),
    (False, WHOLE, WRITE, FIRST),
    (True, 1, 0, FIRST),
    (True, 1, WRITE | NEXT, FIRST),
    (True, 1, WRITE | NEXT, ITSELF),
    (True, 1, WRITE | NEXT, NOWHERE),
    (True, 1, NEXT, ITSELF),
)
"""What a descriptor may be: has it memory, how long is it, its flags, and where it goes on."""
LAST = ITSELF
ENTRIES = ((WRITE, FIRST), (0, FIRST), (WRITE | NEXT, LAST), (NEXT, FIRST), (WRITE | NEXT, NOWHERE))
"""What an entry of a table may be, beside nothing at all: its flags, and where it goes on."""


def _tables_told(cfg: Any) -> int:
    """How many lengths of a table there are to choose from: up to one entry more than it has."""
    return int(cfg.segments) + 2


TABLES_TOLD = Size("tables_told", _tables_told)

lying_driver = Machine("a driver that lies")
lying_device = Machine("a device that lies")


@lying_driver.step(at=L.IDLE, environment=True, entry=SIZE, head=SIZE_AND_ONE)
def lies_avail_entry(s: SplitState, me: Softirq, entry: int, head: int) -> None:
    """Any available entry becomes any head, one that the ring does not have included.

    C: none: a driver that lies
    Spec: VIRTIO 1.4, 2.7.6 (The Virtqueue Available Ring)
    """
    store(s, me, loc.avail_ring[entry], head)


@lying_driver.step(at=L.IDLE, environment=True, index=INDICES)
def lies_avail_idx(s: SplitState, me: Softirq, index: int) -> None:
    """The available index becomes anything.

    C: none: a driver that lies
    Spec: VIRTIO 1.4, 2.7.6 (The Virtqueue Available Ring)
    """
    store(s, me, loc.avail_idx, index)


@lying_driver.step(at=L.IDLE, environment=True, only=NOTIFY, wish=WISHES)
def lies_wish_for_interrupts(s: SplitState, me: Softirq, wish: int) -> None:
    """The driver asks for interrupts, or for none, at any moment.

    C: none: a driver that lies
    Spec: VIRTIO 1.4, 2.7.7 (Used Buffer Notification Suppression)
    """
    store(s, me, loc.used_event if s.cfg.event_idx else loc.avail_flags, wish)


lying_driver.step(at=L.IDLE, environment=True, only=NOTIFY)(lies_kick)


@lying_driver.step(at=L.IDLE, environment=True, only=DATA & ~INDIRECT_DESC, entry=SIZE, shape=len(SHAPES))
def lies_descriptor(s: SplitState, me: Softirq, entry: int, shape: int) -> None:
    """Any descriptor becomes any of `SHAPES`, all at once: the device reads it so.

    C: none: a driver that lies
    Spec: VIRTIO 1.4, 2.7.5 (The Virtqueue Descriptor Table)
    """
    for number, (there, length, flags, link) in enumerate(SHAPES):
        if shape == number:
            following = (0, entry, s.cfg.size)[link]
            whole = s.cfg.capacity if length == WHOLE else length
            store(s, me, loc.desc[entry], (s.cfg.segments * entry + 1 if there else 0, whole, flags, following))
            return


@lying_driver.step(at=L.IDLE, environment=True, only=DATA & INDIRECT_DESC, entry=SIZE, there=2, length=TABLES_TOLD)
def lies_table(s: SplitState, me: Softirq, entry: int, there: int, length: int) -> None:
    """Any descriptor names its table, or none: one without entries, or with one too many.

    C: none: a driver that lies
    Spec: VIRTIO 1.4, 2.7.5.3 (Indirect Descriptors)
    """
    store(s, me, loc.desc[entry], (pick(there == 1, entry + 1, 0), length, INDIRECT, 0))


@lying_driver.step(at=L.IDLE, environment=True, only=DATA & INDIRECT_DESC, entry=CELLS, shape=len(ENTRIES))
def lies_table_entry(s: SplitState, me: Softirq, entry: int, shape: int) -> None:
    """Any entry of a table becomes any of `ENTRIES`.

    C: none: a driver that lies
    Spec: VIRTIO 1.4, 2.7.5.3 (Indirect Descriptors)
    """
    for number, (flags, link) in enumerate(ENTRIES):
        if shape == number:
            following = (0, s.cfg.last_segment, s.cfg.segments)[link]
            store(s, me, loc.table[entry], (entry + 1, 1, flags, following))
            return


@lying_device.step(at=Q.IDLE, environment=True, entry=SIZE, head=SIZE_AND_ONE, length=USED_LENGTHS)
def lies_used_entry(s: SplitState, me: MainLoop, entry: int, head: int, length: int) -> None:
    """Any used entry becomes anything.

    C: none: a device that lies
    Spec: VIRTIO 1.4, 2.7.8 (The Virtqueue Used Ring)
    """
    if s.cfg.data:
        store(s, me, loc.used_elem[entry], (head, length))
    else:
        store(s, me, loc.used_id[entry], head)


@lying_device.step(at=Q.IDLE, environment=True, index=INDICES)
def lies_used_idx(s: SplitState, me: MainLoop, index: int) -> None:
    """The used index becomes anything.

    C: none: a device that lies
    Spec: VIRTIO 1.4, 2.7.8 (The Virtqueue Used Ring)
    """
    store(s, me, loc.used_idx, index)


lying_device.step(at=Q.IDLE, environment=True, only=DATA & MERGEABLE, entry=SIZE, number=NUMBERS)(lies_num_buffers)


@lying_device.step(at=Q.IDLE, environment=True, only=NOTIFY, wish=WISHES)
def lies_wish_for_kicks(s: SplitState, me: MainLoop, wish: int) -> None:
    """The device asks for kicks, or for none, at any moment.

    C: none: a device that lies
    Spec: VIRTIO 1.4, 2.7.10 (Available Buffer Notification Suppression)
    """
    store(s, me, loc.avail_event if s.cfg.event_idx else loc.used_flags, wish)


lying_device.step(at=Q.IDLE, environment=True, only=NOTIFY)(lies_interrupt)
lying_device.step(at=Q.IDLE, environment=True, only=NOTIFY)(lies_takes_kick)
