"""A device that lies: what Linux's driver notices, and what it cannot.

Nothing of QEMU is left in these systems.  At any moment the device may write any
entry of the used ring (an id that no descriptor has, the id of a free one, the same
id twice, any length), the used index, and what buffers begin with; the driver may
look at any time.  Ids and lengths are checked when they are read: a bad id breaks
the ring, for ever.  An id of a buffer that is out, but that the device has not
finished with, passes: no driver can tell.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

from vrx.models.claims import Claim, Tier, claims_of, cover
from vrx.models.system import System
from vrx.proofs.museum.data import believing, big, mergeable, small
from vrx.spec.linux.chains import virtqueue_get_buf_ctx_split__len
from vrx.spec.linux.flow import no_buf
from vrx.spec.linux.state import Softirq
from vrx.spec.memory import load, store
from vrx.spec.properties import free_list_intact, invariant, length_within_buffer
from vrx.spec.qemu.state import MainLoop
from vrx.spec.ring import slot
from vrx.spec.rx import State, loc

LEN, WRITES, MOVES = "virtqueue_get_buf_ctx_split__len", "virtio_net_handle_rx__any_time", "qemu_net_queue_send"


def writes_anything(s: State, me: MainLoop, at: int, head: int, length: int) -> None:
    """Any used entry becomes anything.  at: the entry."""
    store(s, me, loc.used_elem[at], (head, length))


def writes_anything_too(s: State, me: MainLoop, at: int, head: int, length: int, number: int) -> None:
    """Any used entry becomes anything, or any buffer tells any number of buffers (number: 1 more; 0: none does)."""
    if number == 0:
        store(s, me, loc.used_elem[at], (head, length))
    else:
        store(s, me, loc.num_buffers[at], number - 1)


def moves_used_idx(s: State, me: MainLoop, index: int) -> None:
    """The used index becomes anything."""
    store(s, me, loc.used_idx, index)


def lying(system: System) -> System:
    """The system with a device that writes what it likes where a device may write."""
    cfg = system.cfg
    anything = {"at": cfg.size, "head": cfg.top_used + 1, "length": cfg.len_top + 1}
    if cfg.mergeable:
        anything["number"] = cfg.in_hand + 2
    writes: Callable[..., None] = writes_anything_too if cfg.mergeable else writes_anything
    changed = system.replace(WRITES, writes, "a device that lies", **anything)
    return changed.replace(MOVES, moves_used_idx, "at any time", index=1 << cfg.idx_bits)


def reads_past_the_end(s: State, me: Softirq) -> None:
    """No look at the range: desc_state[] is read behind its end."""
    if me.head >= s.cfg.size:
        me.length = load(s, me, loc.used_len[slot(s.cfg, s.vq.last_used_idx)])
        s.ghost.overrun = True
        no_buf(s, me)
    else:
        virtqueue_get_buf_ctx_split__len(s, me)


def takes_any_descriptor(s: State, me: Softirq) -> None:
    """No look whether the descriptor is a head in use."""
    if me.head < s.cfg.size:
        s.vq.token[me.head] = True
    virtqueue_get_buf_ctx_split__len(s, me)


@invariant(reads="ghost")
def takes_back_what_is_done(s: State) -> bool:
    """The driver takes back no buffer that the device still uses.

    What `single_owner` says of two honest sides; beside a device that lies no driver can keep it.
    """
    return not s.ghost.misuse


RING1 = {
    "small": lying(small(size=1, hostile=True)),
    "mergeable": lying(mergeable(size=1, max_packet=1, hostile=True)),
    "indirect": lying(big(size=1, indirect=True, hostile=True)),
}
RING2 = {
    "small": lying(small(hostile=True)),
    "mergeable": lying(mergeable(hostile=True)),
    "chain": lying(big(hostile=True)),
}
"""The same with two descriptors; a chain takes both.  Mergeable: 85 million states."""
MARKS = {"out-of-range": "a used id is out of range", "no-head": "a used id is no head"}
"""What breaks the ring.  An id that comes twice is no head the second time: the first time gave its buffer back."""


def claims_beside_a_liar(kind: str, system: System, tier: Tier) -> list[Claim]:
    """What holds whatever the device writes, that its lies are noticed, and a driver that looks at less."""
    held = [
        replace(claim, name=f"liar-{kind}-{claim.property.name}")
        for claim in claims_of(system, free_list_intact, length_within_buffer, tier=tier)
    ]
    range_, length = (f"liar-{kind}-{name}-unchecked" for name in ("range", "length"))
    return [
        *held,
        *(cover(f"liar-{kind}-{name}-is-noticed", system, text, tier=tier) for name, text in MARKS.items()),
        Claim(range_, system.replace(LEN, reads_past_the_end), length_within_buffer, "refuted", tier=tier,
              variant_of=held[1].name, note="an id that no descriptor has, believed"),
        Claim(length, believing(system), length_within_buffer, "refuted", tier=tier,
              variant_of=held[1].name, note="a length believed"),
        Claim(f"liar-{kind}-takes-back-early", system, takes_back_what_is_done, "refuted", tier=tier,
              note="the id of a buffer that is out, and that the device goes on using: no driver can tell"),
    ]  # fmt: skip


def trusting(kind: str, system: System, tier: Tier) -> Claim:
    """A driver that takes back what it has not given away.  On a ring of 1 it would count two free descriptors."""
    return Claim(
        f"liar-{kind}-head-unchecked",
        system.replace(LEN, takes_any_descriptor),
        free_list_intact,
        "refuted",
        tier=tier,
        variant_of=f"liar-{kind}-ring1-{free_list_intact.name}",
        note="the id of a free descriptor, or one that comes twice, believed",
    )


CLAIMS: list[Claim] = [
    *claims_beside_a_liar("small-ring1", RING1["small"], "quick"),
    *claims_beside_a_liar("mergeable-ring1", RING1["mergeable"], "full"),
    *claims_beside_a_liar("indirect-ring1", RING1["indirect"], "full"),
    *(claim for kind, system in RING2.items() for claim in claims_beside_a_liar(f"{kind}-ring2", system, "full")),
    trusting("small", RING2["small"], "quick"),
    trusting("mergeable", RING2["mergeable"], "full"),
    trusting("indirect", lying(big(indirect=True, hostile=True)), "full"),
]

if __name__ == "__main__":
    from vrx.models.cli import main_for

    sys.exit(main_for(CLAIMS))
