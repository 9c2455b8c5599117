"""What the C's functions on a packed ring work on: the shared structures, and each side's private ones.

Fields have the names of the C.  An index is a slot, 0..num-1, and its wrap counter stands beside it;
where the C packs both into 16 bits, as in `off_wrap` and Linux's `last_used_idx`, bit 15 is the wrap counter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

VRING_DESC_F_NEXT: Final = 1
VRING_DESC_F_WRITE: Final = 2
VRING_DESC_F_INDIRECT: Final = 4
VRING_PACKED_DESC_F_AVAIL: Final = 1 << 7
VRING_PACKED_DESC_F_USED: Final = 1 << 15
"""Flags of a descriptor.  C: include/uapi/linux/virtio_ring.h, Linux 6.1."""
VRING_PACKED_EVENT_FLAG_ENABLE: Final = 0
VRING_PACKED_EVENT_FLAG_DISABLE: Final = 1
VRING_PACKED_EVENT_FLAG_DESC: Final = 2
"""Flags of an event suppression structure.  C: include/uapi/linux/virtio_ring.h, Linux 6.1."""
VRING_PACKED_EVENT_F_WRAP_CTR: Final = 15
"""The bit of the wrap counter beside an index."""
DESC_BYTES: Final = 16
"""sizeof(struct vring_packed_desc)."""


def u16(value: int) -> int:
    """What 16 bits keep of a value."""
    return value & 0xFFFF


def vring_need_event(event_idx: int, new_idx: int, old: int) -> bool:
    """Is event_idx among old..new_idx - 1?  All three are 16 bits.

    C: vring_need_event(), include/uapi/linux/virtio_ring.h, Linux 6.1
    """
    return u16(new_idx - event_idx - 1) < u16(new_idx - old)


class Desc(NamedTuple):
    """struct vring_packed_desc, in the ring or in an indirect table: address, bytes, buffer ID, flags."""

    addr: int = 0
    len: int = 0
    id: int = 0
    flags: int = 0


@dataclass
class DescEvent:
    """struct vring_packed_desc_event."""

    off_wrap: int = 0
    flags: int = 0


@dataclass
class Vring:
    """The memory that both sides share.  tables: indirect tables by their address; num: descriptors of the ring."""

    num: int
    desc: list[Desc]
    driver: DescEvent = field(default_factory=DescEvent)
    device: DescEvent = field(default_factory=DescEvent)
    tables: dict[int, list[Desc]] = field(default_factory=dict)


def new_vring(num: int) -> Vring:
    """A ring of zeros."""
    return Vring(num, [Desc()] * num)


@dataclass
class DescState:
    """struct vring_desc_state_packed: of a buffer ID that is out.

    data: the caller's token, None where the ID is free; indir_desc: address of its table, 0 for none;
    num: descriptors of the ring that it takes; last: the last of its entries on the free list
    """

    data: object = None
    indir_desc: int = 0
    num: int = 0
    last: int = 0


@dataclass
class Vq:
    """struct vring_virtqueue with its packed part: what Linux's driver keeps.

    indirect, event: what was negotiated; kicks: how often the device was notified
    next: desc_extra[].next, the list of free IDs; free_head is its first
    """

    vring: Vring
    indirect: bool = False
    event: bool = False
    broken: bool = False
    num_free: int = 0
    num_added: int = 0
    free_head: int = 0
    last_used_idx: int = 1 << VRING_PACKED_EVENT_F_WRAP_CTR
    event_triggered: bool = False
    avail_wrap_counter: int = 1
    avail_used_flags: int = VRING_PACKED_DESC_F_AVAIL
    next_avail_idx: int = 0
    event_flags_shadow: int = VRING_PACKED_EVENT_FLAG_ENABLE
    desc_state: list[DescState] = field(default_factory=list)
    next: list[int] = field(default_factory=list)
    kicks: int = 0


def new_vq(vring: Vring, *, indirect: bool = False, event: bool = False) -> Vq:
    """C: vring_create_virtqueue_packed(), vring_alloc_desc_extra(), drivers/virtio/virtio_ring.c, Linux 6.1."""
    num = vring.num
    return Vq(
        vring, indirect, event, num_free=num,
        desc_state=[DescState() for _ in range(num)], next=[*range(1, num), 0],
    )  # fmt: skip


@dataclass
class UsedElem:
    """An entry of VirtQueue.used_elems: what a flush will write.  ndescs: descriptors of the ring that it took."""

    index: int = 0
    len: int = 0
    ndescs: int = 0


@dataclass
class Elem:
    """VirtQueueElement.  index: the buffer ID; out, in_: address and length of what is read and of what is written."""

    index: int
    ndescs: int
    out: list[tuple[int, int]] = field(default_factory=list)
    in_: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class VirtQueue:
    """struct VirtQueue, and of VirtIODevice what its functions ask: what QEMU's device keeps.

    event: EVENT_IDX was negotiated; broken: virtio_error() was called; inuse: descriptors of the ring that are
    popped and not flushed; interrupts: how often the driver was notified
    most_sg: VIRTQUEUE_MAX_SIZE, entries that an element may have; most_in: those of them that the device may write
    """

    vring: Vring
    event: bool = False
    broken: bool = False
    last_avail_idx: int = 0
    last_avail_wrap_counter: int = 1
    shadow_avail_idx: int = 0
    shadow_avail_wrap_counter: int = 1
    used_idx: int = 0
    used_wrap_counter: int = 1
    signalled_used: int = 0
    signalled_used_valid: bool = False
    notification: bool = True
    inuse: int = 0
    used_elems: list[UsedElem] = field(default_factory=list)
    interrupts: int = 0
    most_sg: int = 1024
    most_in: int = 1024


def new_virtqueue(vring: Vring, *, event: bool = False) -> VirtQueue:
    """C: virtio_add_queue(), virtio_reset(), hw/virtio/virtio.c, QEMU 7.2."""
    return VirtQueue(vring, event, used_elems=[UsedElem() for _ in range(vring.num)])
