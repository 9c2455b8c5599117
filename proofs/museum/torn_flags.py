"""The two flags of a packed descriptor in two accesses: each of them in its own byte of the word.

A byte is stored by itself: the other one stays as it is in memory.  That needs a step that reads the word and writes it
at once, which is no access of a machine: it says how a word is made of bytes, and is asked about under SC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vrx.models.systems.system import System
from vrx.spec.layouts.packed.contexts import PackedMainLoop, PackedQ
from vrx.spec.layouts.packed.device_used import moves_on, used_at
from vrx.spec.layouts.packed.driver import take_off_free_list
from vrx.spec.layouts.packed.memory import AVAIL, USED, available_mark, loc, used_mark
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.linux.returns import added
from vrx.spec.linux.state import Softirq
from vrx.spec.memory import indivisible, load, store
from vrx.spec.qemu.returns import flush_count
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.rx import FREE, OFFERED, give
from vrx.spec.words import Upto, pick

NAMES = {AVAIL: "AVAIL", USED: "USED"}
"""The flags, by what they say."""


def stores_byte(s: PackedState, me: Any, here: int, mark: int, flag: int) -> None:
    """Write one of the two bytes of a descriptor's flags.  here: a ring index; mark: both flags; flag: the one"""
    cell = loc.desc_flags[slot(s.cfg, here)]
    beside = load(s, me, cell) & (AVAIL + USED - flag)
    s.accesses = 0
    store(s, me, cell, beside + (mark & flag))


def torn_use(first: int) -> Mapping[str, Callable[..., Any]]:
    """QEMU's used descriptor, its flags in two stores.  first: the flag that is written first"""

    @indivisible
    def flags_in_two_stores(s: PackedState, me: PackedMainLoop) -> None:
        """Mark it as used, a byte at a time; behind the first element used_idx moves past all of them."""
        here = used_at(s, me)
        if me.half == 0:  # type: ignore[attr-defined]
            stores_byte(s, me, here, used_mark(s.cfg, here), first)
            me.half = 1  # type: ignore[attr-defined]
            return
        stores_byte(s, me, here, used_mark(s.cfg, here), AVAIL + USED - first)
        me.half = 0  # type: ignore[attr-defined]
        if me.element == 0:
            moves_on(s, me)
        else:
            me.element = pick(me.element + 1 < flush_count(s, me), me.element + 1, 0)
            me.goto(PackedQ.FLUSH_ID)

    return {"virtqueue_packed_flush__flags": flags_in_two_stores}


def torn_offer(first: int) -> Mapping[str, Callable[..., Any]]:
    """Linux's available descriptor, its flags in two stores.  first: the flag that is written first"""

    @indivisible
    def head_flags_in_two_stores(s: PackedState, me: Softirq) -> None:
        """Take the id off the free list, and make the descriptor available, a byte at a time."""
        vq = s.vq
        if me.half == 0:  # type: ignore[attr-defined]
            head, here = vq.free_head, vq.next_avail_idx
            give(s, head, FREE, OFFERED, here)
            vq.next_avail_idx = idx_add(s.cfg, here, 1)
            take_off_free_list(s, head)
            vq.token[head] = True
            stores_byte(s, me, here, available_mark(s.cfg, here), first)
            me.half = 1  # type: ignore[attr-defined]
            return
        here = idx_sub(s.cfg, vq.next_avail_idx, 1)
        stores_byte(s, me, here, available_mark(s.cfg, here), AVAIL + USED - first)
        me.half = 0  # type: ignore[attr-defined]
        if s.cfg.notify:
            vq.num_added = vq.num_added + 1
        added(s, me)

    return {"virtqueue_add_packed__head_flags": head_flags_in_two_stores}


def used_in_two(system: System, first: int) -> System:
    """The system whose device writes one flag of a used descriptor after the other."""
    return system.declare("main.half", Upto(1)).replace(torn_use(first), called=f"stores {NAMES[first]} first")


def offered_in_two(system: System, first: int) -> System:
    """The system whose driver writes one flag of an available descriptor after the other."""
    return system.declare("softirq.half", Upto(1)).replace(torn_offer(first), called=f"stores {NAMES[first]} first")
