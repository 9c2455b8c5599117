"""A packet is dropped for want of room only where it does not fit, and never for want of a buffer.

Every question about packets excuses those that the device drops: a device that drops
what fits, or what it could wait for, loses them without anybody asking.
"""

from __future__ import annotations

import sys

from vrx.models.claims import Claim, claims_of, cover, tag
from vrx.models.system import System, rx
from vrx.spec.giving_up import GIVING_UP, gives_up_only_what_does_not_fit, pops_only_what_was_seen
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.memory import over
from vrx.spec.qemu.returns import copied, enough_buffers
from vrx.spec.qemu.state import MainLoop, Q

ONE_PIECE = rx(idx_bits=2)
THREE_PIECES = rx(
    idx_bits=2, notify=False, data=True, segments=3, indirect=True, hdr_room=2, buffer_len=4, max_packet=9
)
MERGING = rx(size=2, idx_bits=2, notify=False, data=True, mergeable=True, max_packet=3)


def merges_nothing(s: SplitState, me: MainLoop) -> None:
    """One buffer is full, and that buffers merge is forgotten: the packet counts as too large."""
    if me.rest == 0:
        copied(s, me)
    else:
        over(s, me, "rest")
        me.goto(Q.UNPOP)


def one_piece_is_all(system: System) -> System:
    """A device that looks at one piece of a buffer only."""

    def looks_at_one_piece(s: SplitState, me: MainLoop, n: int) -> None:
        """As the device's, but behind the first piece there is nothing."""
        me.in_num = me.seg + 1
        original(s, me, n)

    original = system.helpers["copy_piece"]
    return system.replace("copy_piece", looks_at_one_piece)


def never_empty(s: SplitState, me: MainLoop) -> None:
    """The queue never counts as empty: the packet goes on to be filled into nothing."""
    enough_buffers(s, me)


CLAIMS: list[Claim] = [
    *(claim for system in (ONE_PIECE, THREE_PIECES, MERGING)
      for claim in claims_of(system, *GIVING_UP)),
    *(cover(f"packet_is_given_up-{tag(system)}", system, "a packet is dropped")
      for system in (ONE_PIECE, THREE_PIECES)),
    Claim("gives_up-after-a-piece", one_piece_is_all(THREE_PIECES), gives_up_only_what_does_not_fit, "refuted",
          note="a packet that the rest of the buffer holds is dropped"),
    Claim("gives_up-where-buffers-merge", MERGING.replace("copied", merges_nothing), gives_up_only_what_does_not_fit,
          "refuted", note="a packet that two buffers hold is dropped"),
    Claim("never-empty-drops", ONE_PIECE.replace("virtio_queue_split_empty", never_empty), pops_only_what_was_seen,
          "refuted", note="a packet that comes before the driver has posted anything is dropped, and need not wait"),
]  # fmt: skip

if __name__ == "__main__":
    from vrx.models.cli import main_for

    sys.exit(main_for(CLAIMS))
