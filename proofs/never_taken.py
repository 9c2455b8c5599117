"""Branches of steps that no search takes, with the reason.

A branch is a function, the condition that it asks as it is written there, and the answer
(`proofs.branches`).  One that is taken after all is an error, like one that is never taken and not listed.
"""

from __future__ import annotations

from vrx.models.deciding.branches import NeverTaken
from vrx.proofs.unreachable import CALLBACKS_OFF

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
        "packed.virtqueue_add_packed__flags",
        "in_table(s, me)",
        False,
        "where there are tables, Linux puts each list into one",
    ),
)
"""What none of the searches of `proofs.branches` takes."""
