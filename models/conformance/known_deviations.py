"""Deviations that are known: who, which clause, why, seen in which versions, and the scenario that shows each.

A known one is reported as known; one whose scenario no longer shows it is
reported as gone.  docs/deviations.md says what each means.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from vrx.models.conformance.deviation import Deviation
from vrx.models.conformance.ingredients import frame_larger_than_a_list
from vrx.models.conformance.protocol import Setup, setup
from vrx.models.conformance.scenario import Operation, Scenario
from vrx.models.conformance.wire.layout import Layout


@dataclass(frozen=True)
class Known:
    """id: for `--replay`; clause, summary: as the deviation has them; versions: where it was seen.

    avoid: (operation, argument, value) that leads to it; most drawn scenarios leave such operations out, since
        nothing is to be seen behind a deviation after which the target has given up
    only: the layout on which it is this one; elsewhere the same clause and summary are something else
    when: what leads to it (`ingredients`): in a scenario without that, the same clause and summary are something else
    """

    id: str
    targets: tuple[str, ...]
    clause: str
    summary: str
    reason: str
    versions: tuple[str, ...]
    setup: Setup
    operations: tuple[Operation, ...]
    hostile: bool = False
    avoid: tuple[tuple[str, int, int], ...] = ()
    only: Layout | None = None
    when: Callable[[Scenario, int], bool] = lambda scenario, at: True

    def scenario(self, target: str) -> Scenario:
        """What shows it."""
        return Scenario(target, self.setup, self.operations, self.hostile, "saved")

    def is_this(self, target: str, found: Deviation, scenario: Scenario) -> bool:
        here = target.partition("+")[0] in self.targets and self.only in (None, scenario.setup.layout)
        return here and found.cause == (self.clause, self.summary) and self.when(scenario, found.at)


LINUX: Final = ("6.1.192 (Debian 6.1.192-2)",)

QEMU: Final = ("7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)",)

KNOWN: Final[Sequence[Known]] = (
    Known(
        "linux-kick-without-room",
        ("linux-vring",),
        "2.7.10.1-7",
        "with EVENT_IDX it does not kick when avail_event was not passed: when a buffer is refused for want of room",
        "virtqueue_add_split() notifies when there is no room for a buffer with a readable part, whatever the device "
        "asked for: the C says for historical reasons",
        LINUX,
        setup(1, event_idx=True),
        (("event", 5), ("post", 0, [64], []), ("post", 0, [], [12])),
    ),
    Known(
        "linux-kick-without-room-flag",
        ("linux-vring",),
        "2.7.10.1-3",
        "without EVENT_IDX it does not kick while used.flags is 1: when a buffer is refused for want of room",
        "the same: virtqueue_add_split() notifies when there is no room, and does not look at the flag",
        LINUX,
        setup(1),
        (("quiet", 1), ("post", 0, [64], []), ("post", 0, [], [12])),
    ),
    Known(
        "qemu-num-buffers",
        ("qemu", "qemu-pci", "spec-device"),
        "5.1.9.4.1-1",
        "without MRG_RXBUF num_buffers is 1",
        "receive_header() writes the ten bytes of the old header where buffers do not merge: num_buffers keeps what "
        "was in the buffer before",
        QEMU,
        setup(2),
        (("refill", 1), ("inject", 60), ("settle",)),
    ),
    Known(
        "qemu-chain-then-table",
        ("qemu", "qemu-pci", "spec-device"),
        "2.7.5.3.2-2",
        "it handles a chain that ends in one indirect descriptor",
        "virtqueue_split_pop() looks for an indirect table only in the first descriptor of a chain",
        QEMU,
        setup(4, indirect=True),
        (("post", 0, 2, [12, 1514], 0), ("publish", 0), ("notify",), ("inject", 60), ("settle",)),
        avoid=(("post", 2, 2),),
    ),
    Known(
        "qemu-first-interrupt",
        ("qemu", "qemu-pci", "spec-device"),
        "2.7.7.2-6",
        "with EVENT_IDX it does not notify when used_event was not passed",
        "virtio_split_should_notify() interrupts whenever it does not know what it last announced: at first, and after "
        "its indices have gone half their way round",
        QEMU,
        setup(2, event_idx=True),
        (("event", -2), ("refill", 1), ("inject", 60), ("settle",)),
    ),
    Known(
        "linux-qemu-num-buffers",
        ("linux-qemu",),
        "5.1.9.4.1-1",
        "without MRG_RXBUF num_buffers is 1",
        "as qemu-num-buffers; virtio_net does not look at num_buffers where buffers do not merge",
        QEMU,
        setup(4),
        (("post", 1, 0, 0), ("kick",), ("inject", 60), ("settle",)),
    ),
    Known(
        "qemu-header-length",
        ("qemu", "qemu-pci", "spec-device"),
        "2.7.8.2-2",
        "bytes of the header that len counts are not written",
        "len counts the twelve bytes of the header, and without mergeable buffers ten are written (see "
        "qemu-num-buffers)",
        QEMU,
        setup(2),
        (("refill", 1), ("inject", 60), ("settle",)),
    ),
    Known(
        "qemu-interrupt-status",
        ("qemu",),
        "4.2.2.1-2",
        "MMIO: a bit of InterruptStatus whose event did not happen is 0",
        "virtio_notify_config() sets the bit for used buffers, too, when the configuration changes",
        QEMU,
        setup(1),
        (("check:interrupt-status",),),
    ),
    Known(
        "qemu-queue-ready",
        ("qemu",),
        "4.2.2.1-4",
        "MMIO: it does not touch a queue whose QueueReady is 0",
        "virtio_mmio_write() only remembers a 0 in QueueReady: the queue stays in use until the device is reset",
        QEMU,
        setup(1),
        (("check:queue-ready",),),
    ),
    Known(
        "qemu-queue-reset",
        ("qemu",),
        "4.2.2.1-7",
        "MMIO, RING_RESET: a write of 1 to QueueReset resets the queue",
        "virtio-mmio has no QueueReset register: the write is ignored (virtio-pci has it)",
        QEMU,
        setup(1),
        (("check:queue-reset",),),
    ),
    Known(
        "qemu-ring-reset-offered",
        ("qemu",),
        "2.2.2-4",
        "it offers no feature that it could not provide",
        "RING_RESET is offered by default on every transport, virtio-mmio included (see qemu-queue-reset)",
        QEMU,
        setup(1),
        (("check:queue-reset",),),
    ),
    Known(
        "qemu-control-before-driver-ok",
        ("qemu", "qemu-pci"),
        "2.1.2-1",
        "before DRIVER_OK it takes buffers of the control queue, and notifies",
        "virtio_net_handle_ctrl() does not look at the status; the receive and transmit queues do",
        QEMU,
        setup(1),
        (("check:before-driver-ok",),),
    ),
    Known(
        "qemu-prerequisites",
        ("qemu",),
        "2.2.2-1",
        "it offers no feature without the feature that this one needs",
        "each feature is a property of its own: with ctrl_vq=off, those that need the control queue are still "
        "offered",
        QEMU,
        setup(1),
        (("check:features",),),
    ),
    Known(
        "qemu-needs-reset-lost",
        ("qemu", "qemu-pci"),
        "2.1.2-2",
        "an error while the machine goes on: the status does not say that a reset is needed",
        "virtio_set_status() lets the device run, which sets NEEDS_RESET, and then stores the status of before: the "
        "device has given the queue up, and nobody can see it",
        QEMU,
        setup(1),
        (("check:needs-reset-on-continue",),),
    ),
    Known(
        "qemu-extra-without-control",
        ("qemu",),
        "5.1.4.1-14",
        "it does not offer CTRL_RX_EXTRA without CTRL_VQ",
        "as qemu-prerequisites: each feature is a property of its own",
        QEMU,
        setup(1),
        (("check:extra-without-control",),),
    ),
    Known(
        "qemu-mtu-range",
        ("qemu",),
        "5.1.4.1-2",
        "with MTU mtu is 68 to 65535",
        "host_mtu= is announced as it is given, down to 1",
        QEMU,
        setup(1),
        (("check:mtu-range",),),
    ),
    Known(
        "qemu-mtu",
        ("qemu",),
        "5.1.4.1-5",
        "with MTU it passes no frame larger than the MTU and the Ethernet header, GSO aside",
        "virtio_net_receive_rcu() does not look at the MTU that was negotiated (host_mtu=)",
        QEMU,
        setup(1),
        (("check:mtu",),),
    ),
    Known(
        "qemu-short-buffer",
        ("qemu",),
        "crash",
        "a receive buffer shorter than the header ends it",
        "receive_header() and the copy behind it trust the first buffer to hold the header: iov_from_buf_full() and "
        "iov_copy() assert that their offset lies inside",
        QEMU,
        setup(1),
        (("check:short-buffer",),),
    ),
    Known(
        "qemu-short-buffer-lie",
        ("qemu", "qemu-pci"),
        "crash",
        "ended with SIGABRT: ../../util/iov.c:39: iov_from_buf_full: Assertion `offset == 0' failed.",
        "as qemu-short-buffer, found by a driver that lies",
        QEMU,
        setup(4),
        (("lie", 14, 5), ("kick",), ("inject", 60), ("settle",)),
        hostile=True,
        avoid=(("lie", 1, 14),),
    ),
    Known(
        "qemu-short-buffer-lie-mergeable",
        ("qemu", "qemu-pci"),
        "crash",
        "ended with SIGABRT: ../../util/iov.c:269: iov_copy: Assertion `offset == 0' failed.",
        "the same where buffers merge: the place of num_buffers lies behind the first buffer",
        QEMU,
        setup(4, mergeable=True),
        (("lie", 14, 4), ("refill", 1), ("kick",), ("inject", 60), ("settle",)),
        hostile=True,
        avoid=(("lie", 1, 14),),
    ),
    Known(
        "qemu-empty-frame",
        ("qemu",),
        "no_lost_kick",
        "after an empty frame nothing is received any more",
        "virtio_net_receive_rcu() returns the size of the frame, and 0 means that there was no room: the frame is kept "
        "and offered again for ever",
        QEMU,
        setup(1),
        (("check:empty-frame",),),
    ),
    Known(
        "qemu-packed-write-flag",
        ("qemu", "qemu-pci"),
        "P-2.8.3-1",
        "a used descriptor says that nothing was written",
        "virtqueue_packed_fill_desc() sets AVAIL and USED in a used descriptor and never WRITE, whatever len says",
        QEMU,
        setup(2, packed=True),
        (("refill", 1), ("inject", 60), ("settle",)),
        only="packed",
    ),
    Known(
        "qemu-packed-empty-table",
        ("qemu", "qemu-pci"),
        "crash",
        "ended with SIGABRT: ../../softmmu/physmem.c:3332: address_space_cache_init: Assertion `len > 0' failed.",
        "virtqueue_packed_pop() and virtqueue_packed_get_avail_bytes() refuse a table of odd length and not one of "
        "none, which the functions of the split ring do",
        QEMU,
        setup(2, packed=True, indirect=True),
        (("lie", 7, 5), ("kick",), ("inject", 60), ("settle",)),
        hostile=True,
        avoid=(("lie", 1, 7),),
        only="packed",
    ),
    Known(
        "qemu-packed-unpop",
        ("qemu", "qemu-pci"),
        "used_entries_exact",
        "a packet is not what came from the network",
        "virtqueue_unpop() goes back one slot, however many the element has: after a packet that does not fit a list "
        "the next one is written to what is left of the list",
        QEMU,
        setup(3, packed=True),
        (("post", 0, 0, [64, 1462], 0), ("publish", 0), ("notify",), ("inject", 2048), ("settle",), ("inject", 60),
         ("settle",)),
        only="packed",
        when=frame_larger_than_a_list,
    ),
    Known(
        "qemu-packed-unpop-slot",
        ("qemu", "qemu-pci"),
        "2.8.15-4",
        "packed: it does not change a descriptor after it has changed USED",
        "the same as qemu-packed-unpop, seen later: a used descriptor is written where no buffer begins",
        QEMU,
        setup(16, packed=True),
        (("post", 0, 0, [64], 0), ("post", 0, 0, [64], 0), ("publish", 0), ("inject", 4085), ("inject", 0), ("settle",),
         ("inject", 0)),
        only="packed",
        when=frame_larger_than_a_list,
    ),
    Known(
        "qemu-packed-unpop-stalls",
        ("qemu", "qemu-pci"),
        "no_lost_kick",
        "a packet that the posted buffers can hold is delivered",
        "the same as qemu-packed-unpop, seen later: where the device looks is no slot at which a buffer begins",
        QEMU,
        setup(5, packed=True),
        (("post", 0, 0, [12], 0), ("inject", 4096), ("inject", 0)),
        only="packed",
        when=frame_larger_than_a_list,
    ),
    Known(
        "qemu-packed-unpop-order",
        ("qemu", "qemu-pci"),
        "in_order",
        "a packet comes before an earlier one, or in its place",
        "the same as qemu-packed-unpop, seen later: where the device looks is no slot at which a buffer begins",
        QEMU,
        setup(16, packed=True, event_idx=True),
        (("post", 0, 0, [12], 0), ("inject", 1524), ("inject", 0), ("inject", 0), ("inject", 0)),
        only="packed",
        when=frame_larger_than_a_list,
    ),
    Known(
        "qemu-packed-unpop-twice",
        ("qemu", "qemu-pci"),
        "used_entries_exact",
        "a packet that was not sent, or twice",
        "the same as qemu-packed-unpop, seen later: where the device looks is no slot at which a buffer begins",
        QEMU,
        setup(2, packed=True, indirect=True, event_idx=True),
        (("post", 0, 0, [12, 64], 1), ("publish", 0), ("inject", 100), ("stop",), ("inject", 0)),
        only="packed",
        when=frame_larger_than_a_list,
    ),
    Known(
        "linux-qemu-packed-write-flag",
        ("linux-qemu",),
        "P-2.8.3-1",
        "a used descriptor says that nothing was written",
        "as qemu-packed-write-flag; virtqueue_get_buf_ctx_packed() does not look at the flag",
        QEMU,
        setup(3, packed=True),
        (("post", 1, 0, 0), ("inject", 0)),
        only="packed",
    ),
    Known(
        "linux-qemu-packed-unpop",
        ("linux-qemu",),
        "used_entries_exact",
        "what a side hands on is what the ring says",
        "as qemu-packed-unpop: after a packet that does not fit Linux's list of descriptors (big pages without tables) "
        "QEMU writes the next ones into parts of it",
        QEMU,
        setup(3, packed=True),
        (("post", 1, 1, 0), ("inject", 4096), ("inject", 0)),
        only="packed",
        when=frame_larger_than_a_list,
    ),
)


def known_of(target: str) -> list[Known]:
    """What is known of a target, whatever fault is planted in it."""
    return [k for k in KNOWN if target.partition("+")[0] in k.targets]


def avoided(target: str) -> frozenset[tuple[str, int, int]]:
    """What most drawn scenarios of a target leave out."""
    return frozenset(a for k in known_of(target) for a in k.avoid)


def recognise(target: str, found: Deviation, scenario: Scenario) -> Known | None:
    """The entry about a finding of this scenario."""
    return next((k for k in KNOWN if k.is_this(target, found, scenario)), None)


def told_apart(found: Deviation, scenario: Scenario) -> tuple[str, str, str]:
    """Equal for findings that are shown once: the cause, and which entry it is, empty for what nobody has listed.

    So a known one hides nothing that only reads alike.
    """
    known = recognise(scenario.target, found, scenario)
    return (*found.cause, known.id if known else "")
