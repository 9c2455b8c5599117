"""A packet is dropped only where it does not fit, is refused, or the machine stands still; never for want of a buffer.

Every question about packets excuses those that are dropped: a device that drops
what fits, or what it could wait for, loses them without anybody asking, and so does a
driver that throws away what was used rightly.
"""

from __future__ import annotations

from vrx.models.claims import Claim, Safety, claims_of, cover, tag
from vrx.models.systems.system import System, rx
from vrx.proofs.museum.data import small
from vrx.proofs.running import main_for
from vrx.spec.giving_up import (
    GIVING_UP,
    drops_nothing_without_a_reason,
    drops_only_with_a_reason,
    gives_up_only_what_does_not_fit,
    pops_only_what_was_seen,
)
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.returns import LENGTH_ERROR, discard
from vrx.spec.linux.state import Softirq
from vrx.spec.memory import over
from vrx.spec.qemu.net_queue import done
from vrx.spec.qemu.returns import copied, enough_buffers
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.questions import meaningful
from vrx.spec.rx import fate
from vrx.spec.steps import mark, require

ONE_PIECE = rx(idx_bits=2)
THREE_PIECES = rx(
    idx_bits=2, notify=False, data=True, segments=3, indirect=True, hdr_room=2, buffer_len=4, max_packet=9
)
MERGING = rx(size=2, idx_bits=2, notify=False, data=True, mergeable=True, max_packet=3)
WATCHED = rx(idx_bits=2, watch=True, max_packet=1)
"""Packets that fit, told apart."""
JUDGED = {
    "large": rx(idx_bits=2, watch=True, decisions=True),
    "stops": rx(idx_bits=2, watch=True, max_packet=1, stops=True, decisions=True),
    "filter": small(filter=True, decisions=True),
}
"""Where a packet may be dropped, each drop is judged: one may be too large, the machine stop, the filter refuse."""
JUDGED_ELSEWHERE = (
    rx(size=2, watch=True, max_packet=1, stops=True, decisions=True),
    rx(idx_bits=2, watch=True, memory="tso", decisions=True),
    rx(idx_bits=2, watch=True, max_packet=1, stops=True, decisions=True, memory="tso"),
    rx(size=2, data=True, segments=2, indirect=True, notify=False, filter=True, decisions=True),
)
WATCHED_ELSEWHERE = (
    rx(idx_bits=2, watch=True, max_packet=1, event_idx=True),
    rx(idx_bits=2, watch=True, max_packet=1, memory="tso"),
)


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


def throws_away_what_follows(s: SplitState, me: Softirq, believed: bool = False) -> None:
    """Every further buffer of a packet counts as too long, however long it is."""
    mark(s, LENGTH_ERROR)
    discard(s, me)


def never_ready(s: SplitState, me: MainLoop) -> None:
    """The device counts as not ready, although the machine runs: what comes is lost, counted."""
    fate(s, me.mark, 2)
    done(s, me)


def wants_nothing(s: SplitState, me: MainLoop, refused: int) -> None:
    """The filter refuses whatever it is told."""
    over(s, me, "rest")
    fate(s, me.mark, 2)
    done(s, me)


def resumes_and_purges(s: SplitState, me: MainLoop) -> None:
    """The machine goes on, and what came meanwhile is thrown away, counted."""
    require(not s.net.running)
    if s.net.queued != 0:
        fate(s, s.net.queued_mark, 2)
    s.net.queued = s.net.queued_mark = 0
    s.net.running = s.lines.kick = True
    s.net.receive_disabled = False
    me.goto(Q.IDLE)


CLAIMS: list[Claim] = [
    *(claim for system in (ONE_PIECE, THREE_PIECES, MERGING, WATCHED)
      for claim in claims_of(system, *meaningful(system.cfg, GIVING_UP))),
    *(claim for system in WATCHED_ELSEWHERE
      for claim in claims_of(system, *meaningful(system.cfg, GIVING_UP), tier="full")),
    *(claim for system in JUDGED.values() for claim in claims_of(system, drops_only_with_a_reason)),
    *(claim for system in JUDGED_ELSEWHERE for claim in claims_of(system, drops_only_with_a_reason, tier="full")),
    *(cover(f"packet_is_given_up-{tag(system)}", system, "a packet is dropped")
      for system in (ONE_PIECE, THREE_PIECES)),
    Safety("gives_up-after-a-piece", one_piece_is_all(THREE_PIECES), gives_up_only_what_does_not_fit, "refuted",
          tier="full", note="a packet that the rest of the buffer holds is dropped"),
    Safety("gives_up-where-buffers-merge", MERGING.replace("copied", merges_nothing), gives_up_only_what_does_not_fit,
          "refuted", note="a packet that two buffers hold is dropped"),
    Safety("never-empty-drops", ONE_PIECE.replace("virtio_queue_split_empty", never_empty), pops_only_what_was_seen,
          "refuted", note="a packet that comes before the driver has posted anything is dropped, and need not wait"),
    Safety("driver-drops-what-is-right", MERGING.replace("gathered", throws_away_what_follows),
          drops_nothing_without_a_reason, "refuted", tier="full", note="every drop is counted, and none has a reason"),
    Safety("device-drops-before-it-looks", WATCHED.replace("virtio_net_can_receive", never_ready),
          drops_nothing_without_a_reason, "refuted", note="it has taken no buffer by then, so no other question asks"),
    *(Safety(f"device-drops-before-it-looks-{why}", system.replace("virtio_net_can_receive", never_ready),
             drops_only_with_a_reason, "refuted", note="some drop has a reason here, and this one has none")
      for why, system in JUDGED.items()),
    Safety("filter-wants-nothing", JUDGED["filter"].replace("receive_filter", wants_nothing), drops_only_with_a_reason,
          "refuted", note="it drops what it was not told to refuse"),
    Safety("resume-drops-what-came-meanwhile", JUDGED["stops"].replace("vm_continue", resumes_and_purges),
          drops_only_with_a_reason, "refuted", note="the machine runs again, and the packet could be delivered"),
]  # fmt: skip

if __name__ == "__main__":
    main_for(CLAIMS)
