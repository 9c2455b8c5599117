"""What the standard says of a split ring in memory: its rules one by one, the event word, chains."""

from __future__ import annotations

from vrx.spec import parts
from vrx.spec.layouts.split.contexts import SplitL
from vrx.spec.layouts.split.standard.chain import Chain, begin_chain, descriptor, next_place
from vrx.spec.layouts.split.standard.peers import Ring
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.property import Property, invariant
from vrx.spec.ring import idx_sub, slot
from vrx.spec.standard.rules import Forbidden, must
from vrx.spec.switches import DATA, EVENT_IDX, LIAR


@invariant(only=~EVENT_IDX, reads=parts.NAPI & parts.CPUS)
def event_index_only_if_negotiated(s: Ring) -> bool:
    """The driver writes used_event only with the event index (2.7.7.1-4 permits it only then)."""
    for cpu in s.cpus:
        if cpu.softirq.pc == SplitL.ENABLE_CB_EVENT:
            return False
    return True


@invariant(only=DATA & ~LIAR, reads=parts.NAPI & parts.MAIN)
def chains_follow_the_standard(s: SplitState) -> bool:
    """The buffer that the driver has offered last, unless the device has taken it, is a chain that the standard allows,
    and holds as much as the driver means it to."""
    if s.ring.avail_idx == s.dev.last_avail_idx:
        return True
    try:
        return walk(s, newest(s)).capacity == s.cfg.capacity
    except Forbidden:
        return False


def no_chain_breaks(clause: str) -> Property:
    """The buffer that the driver has offered last does not break this rule of a chain before any other."""

    def holds(s: SplitState) -> bool:
        if s.ring.avail_idx == s.dev.last_avail_idx:
            return True
        try:
            walk(s, newest(s))
        except Forbidden as breach:
            return breach.clause != clause
        return True

    holds.__doc__ = f"The buffer offered last does not break {clause} before any other rule of a chain."
    return Property(f"no_chain_breaks_{clause}", holds, "always")


def newest(s: SplitState) -> int:
    """The head that the driver has offered last: each is that once, when avail.idx moves over it."""
    head: int = s.ring.avail_ring[slot(s.cfg, idx_sub(s.cfg, s.ring.avail_idx, 1))]
    return head


def walk(s: SplitState, head: int) -> Chain:
    """The chain of descriptors in memory that begins at `head`.  Raises Forbidden where the standard has no such chain.

    A place in a table has the number of the table's head, whose address is one more, and its own.
    """
    c, ring = s.cfg, s.ring
    chain = begin_chain(c, head)
    table = 0
    for _ in range(c.size + 2):  # the one that names a table, and one too many
        if chain.ended:
            break
        at = next_place(c, chain)
        if chain.in_table:
            at = table * c.segments + at
            must(at >= 0 and at < c.cells, "P-2.7-1")
            descriptor(c, chain, ring.table_flags[at], ring.table_len[at], ring.table_next[at], 0)
        else:
            entries = 0
            if 0 < ring.desc_addr[at] and ring.desc_addr[at] <= c.size:
                table, entries = ring.desc_addr[at] - 1, ring.desc_len[at]
            descriptor(c, chain, ring.desc_flags[at], ring.desc_len[at], ring.desc_next[at], entries)
    return chain
