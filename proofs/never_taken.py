"""Branches of steps that no search takes, with the reason.

A branch is a function, the condition that it asks as it is written there, and the answer
(`proofs.branches`).  One that is taken after all is an error, like one that is never taken and not listed.
"""

from __future__ import annotations

from vrx.models.deciding.branches import NeverTaken
from vrx.proofs.unreachable import CALLBACKS_OFF

COUNTS, POPS = "virtqueue_packed_get_avail_bytes__len", "virtqueue_packed_pop__len"

BRANCHES: tuple[NeverTaken, ...] = (
    NeverTaken(
        "kept_by_another",
        "any(sender.npsvc for sender in s.netpoll)",
        True,
        "netpoll polls on the CPU that owns the NAPI, with a budget of 0, and no other poll completes meanwhile: a "
        "claim of its own (`proofs.busy_poll`)",
    ),
    NeverTaken(
        "split.virtqueue_enable_cb_prepare",
        "s.vq.no_interrupt",
        False,
        "virtnet_poll() has disabled callbacks before it",
    ),
    NeverTaken(
        "split.virtqueue_enable_cb_prepare", "write_flags", False, "virtnet_poll() has disabled callbacks before it"
    ),
    NeverTaken(
        "split.try_fill_recv",
        "full(s)",
        True,
        "it is called where descriptors are free: all of them at open, more than half by virtnet_receive()",
    ),
    NeverTaken("receive_buf__data", "packet == 0", True, "no published buffer is empty: the ghost `torn` asks"),
    NeverTaken(
        "receive_buf__piece",
        "me.length > 0",
        False,
        "asked only where the length goes past the piece: else it is 0 behind it, whatever it was",
    ),
    NeverTaken(
        "receive_buf__piece",
        "me.seg < s.cfg.last_segment",
        False,
        "a length that goes past the last piece was refused before (`too_long`)",
    ),
    NeverTaken(
        "qemu_net_queue_send",
        "s.net.receive_disabled",
        True,
        "a device that is not to be disturbed has a packet queued, and a sender whose packet is queued stops",
    ),
    NeverTaken(
        "packed.callbacks_on",
        "s.vq.event_flags_shadow == DISABLE",
        False,
        "virtnet_poll() has disabled callbacks before it",
    ),
    NeverTaken("packed.entry_done", "vq.event_flags_shadow == DESC", True, CALLBACKS_OFF),
    NeverTaken(
        "packed.try_fill_recv",
        "full(s)",
        True,
        "it is called where descriptors are free: all of them at open, more than half by virtnet_receive()",
    ),
    NeverTaken(
        "packed.virtqueue_packed_pop__empty",
        "s.dev.inuse >= s.cfg.size",
        True,
        "the driver would have to offer more than the ring holds, and none lies beside a packed ring yet",
    ),
    *(
        NeverTaken(
            f"packed.{function}", asks, True, "only a driver that lies has the device break its ring: none does yet"
        )
        for function, asks in (
            ("virtio_queue_packed_poll", "s.dev.broken"),
            ("virtqueue_packed_fill", "disabled_meanwhile(s)"),
            ("virtqueue_packed_flush__id", "disabled_meanwhile(s)"),
        )
    ),
    *(
        NeverTaken(f"packed.{function}", asks, answer, "only a driver that lies describes a buffer so: none does yet")
        for function, asks, answer in (
            ("enter_table", "addr == 0", True),
            ("enter_table", "length == 0", True),
            ("enter_table", "length > s.cfg.segments", True),
            (COUNTS, "flags & WRITE != 0", False),
            (COUNTS, "me.walked > limit(s, me)", True),
            (COUNTS, "me.walked >= s.cfg.size", True),
            (POPS, "addr == 0", True),
            (POPS, "length == 0", True),
            (POPS, "flags & WRITE != 0", False),
            (POPS, "me.in_num != 0", True),
            (POPS, "me.in_num != 0", False),
            (POPS, "me.in_num == s.cfg.segments", True),
            (POPS, "me.walked > limit(s, me)", True),
        )
    ),
    *(
        NeverTaken(f"packed.{function}", asks, False, "where there are tables, Linux puts each list into one")
        for function, asks in (
            ("count_buffer", "names_table(s, True, flags)"),
            (COUNTS, "in_walked_table(s, me)"),
            ("elem_ndescs", "in_walked_table(s, me)"),
            ("limit", "in_walked_table(s, me)"),
            ("next_descriptor", "in_walked_table(s, me)"),
            ("virtqueue_add_packed__flags", "in_table(s, me)"),
        )
    ),
)
"""What none of the searches of `proofs.branches` takes."""
