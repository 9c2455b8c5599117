"""Are Linux's buffers chains that the standard allows?  In the ring and in tables, and what breaks each rule.

The rules are `spec.layouts.split.standard.chain`, which `vrx conform` asks of real drivers too.
"""

from __future__ import annotations

from vrx.models.claims import Claim, Safety, claims_of
from vrx.models.conformance.wire.layout import WRITE
from vrx.proofs.museum.data import big, mergeable, small
from vrx.proofs.running import main_for
from vrx.spec.layouts.split.contexts import SplitL, SplitSoftirq
from vrx.spec.layouts.split.driver_descriptors import entry, in_table
from vrx.spec.layouts.split.memory import INDIRECT, NEXT, loc
from vrx.spec.layouts.split.standard.properties import chains_follow_the_standard, no_chain_breaks
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.memory import store
from vrx.spec.properties import ring_not_broken, used_entries_exact

IN_RING, IN_TABLE = big(), big(indirect=True)
FLAGS, LAST = "virtqueue_add_desc_split__flags", "virtqueue_add_split__last_store"


def goes_on(s: SplitState, me: SplitSoftirq) -> None:
    """The last descriptor of a chain keeps NEXT: the chain goes on in whatever comes behind it."""
    store(s, me, entry(s, me, loc.desc_flags, loc.table_flags), me.flags)
    me.flags = 0
    me.goto(SplitL.ADD_RING)


def table_goes_on(s: SplitState, me: SplitSoftirq) -> None:
    """The last descriptor of a table keeps NEXT: the chain goes on behind the table."""
    store(s, me, entry(s, me, loc.desc_flags, loc.table_flags), me.flags)
    me.flags = 0
    me.seg = s.cfg.segments
    me.goto(SplitL.ADD_FLAGS)


def tables_always(s: SplitState, me: SplitSoftirq) -> None:
    """Each buffer is said to lie in a table, which nobody negotiated."""
    store(s, me, loc.desc_flags[me.desc], INDIRECT)
    me.goto(SplitL.ADD_ADDR)


def table_in_table(s: SplitState, me: SplitSoftirq) -> None:
    """The descriptors of a table name tables."""
    store(s, me, entry(s, me, loc.desc_flags, loc.table_flags), INDIRECT)
    me.goto(SplitL.ADD_ADDR)


def table_and_next(s: SplitState, me: SplitSoftirq) -> None:
    """The descriptor that names a table is linked to another one."""
    store(s, me, entry(s, me, loc.desc_flags, loc.table_flags), NEXT | (WRITE if in_table(s, me) else INDIRECT))
    me.goto(SplitL.ADD_ADDR)


def last_is_readable(s: SplitState, me: SplitSoftirq) -> None:
    """The device may write the first piece of a buffer, and only read the last."""
    store(s, me, entry(s, me, loc.desc_flags, loc.table_flags), NEXT | (WRITE if me.seg == 0 else 0))
    me.goto(SplitL.ADD_ADDR)


def table_with_write(s: SplitState, me: SplitSoftirq) -> None:
    """WRITE on the descriptor that names a table: it means nothing."""
    store(s, me, entry(s, me, loc.desc_flags, loc.table_flags), WRITE | (NEXT if in_table(s, me) else INDIRECT))
    me.goto(SplitL.ADD_ADDR)


BREACHES = (
    ("chain-without-an-end", IN_RING.replace(LAST, goes_on), "2.7.5.3.1-3"),
    ("table-without-an-end", IN_TABLE.replace(LAST, table_goes_on), "P-2.7-1"),
    ("table-not-negotiated", IN_RING.replace(FLAGS, tables_always), "2.7.5.3.1-1"),
    ("table-in-a-table", IN_TABLE.replace(FLAGS, table_in_table), "2.7.5.3.1-2"),
    ("table-and-next", IN_TABLE.replace(FLAGS, table_and_next), "2.7.5.3.1-4"),
    ("writable-before-readable", IN_RING.replace(FLAGS, last_is_readable), "2.7.4.2-1"),
)
"""Drivers whose buffers break a rule: a name, the system, the rule that breaks first."""
WITH_WRITE = IN_TABLE.replace(FLAGS, table_with_write)

CLAIMS: list[Claim] = [
    *(claim for s in (small(), mergeable(), IN_RING, IN_TABLE) for claim in claims_of(s, chains_follow_the_standard)),
    *(
        Safety(
            f"breach-{name}",
            s,
            no_chain_breaks(clause),
            "refuted",
            tier="full",
            note=f"the rule that breaks first is {clause}",
        )
        for name, s, clause in BREACHES
    ),
    Safety(
        "chains_follow_the_standard-can-fail",
        IN_RING.replace(LAST, goes_on),
        chains_follow_the_standard,
        "refuted",
        note="a chain without an end",
    ),
    *(
        Safety(f"{p.name}-table-with-write", WITH_WRITE, p, "proved", tier="full", note="by 2.7.5.3.2-1")
        for p in (chains_follow_the_standard, used_entries_exact, ring_not_broken)
    ),
]

if __name__ == "__main__":
    main_for(CLAIMS)
