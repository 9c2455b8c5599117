"""The barrier tables: a cell for each barrier and lock of a layout in each kind of system, and what a cell says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vrx.models.claims import Outcome
from vrx.models.deciding.digest import steps_digest
from vrx.models.engines.native.explore import write
from vrx.models.systems.locks import LOCKS
from vrx.proofs.barrier_table import Table, masks_of, sections
from vrx.proofs.barriers import TABLES
from vrx.proofs.kinds import KINDS
from vrx.proofs.packed_barriers import TABLE as PACKED
from vrx.spec.properties import no_lost_kick


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.layout)
def test_every_barrier_and_lock_of_a_layout_has_a_cell_in_each_kind_of_system(table: Table) -> None:
    rows = table.rows()
    names = {b.name for b in (*table.system().barriers, *table.absent)} | set(LOCKS)
    assert {row.barrier for row in rows} == names
    assert len(rows) == len(names) * len(KINDS) * 2
    claims = [claim for row in rows for claim in row.claims()]
    assert len({c.name for c in claims}) == len(claims)
    needed = {(r.barrier, r.system.cfg.memory, r.system.cfg.guest, r.system.cfg.irq, r.system.cfg.event_idx)
              for r in rows if r.fails}  # fmt: skip
    assert needed == set(table.needed)  # no key of the table is of a barrier or a kind that there is not


def test_the_row_of_a_barrier_that_the_code_lacks_is_the_code_as_it_is() -> None:
    (lacking,) = PACKED.absent
    rows = [row for row in PACKED.rows() if row.barrier == lacking.name]
    assert rows and all(not row.variant.changed and not row.variant.cfg.without for row in rows)
    assert all(row.fails for row in rows if row.system.cfg.memory == "tso")


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.layout)
def test_a_cell_says_that_nothing_is_there_where_the_c_is_the_same(table: Table) -> None:
    """And that a barrier is masked where it is not; both of a claim that holds."""
    results = {c.name: c.judge(Outcome("proved" if c.expected == "proved" else "refuted", "-", steps=1))
               for c in table.claims()}  # fmt: skip
    row = next(r for r in table.rows() if not r.fails)
    same = steps_digest(write(row.whole, ())[1])
    first = f"| `{row.barrier}` | "
    for digest, word in ((same, "nothing there"), ("another", "masked")):
        for claim in row.claims():
            there = results[claim.name]
            results[claim.name] = replace(there, outcome=replace(there.outcome, digest=digest))
        lines = list(sections(table, results, masks_of(TABLES)))
        assert next(line for line in lines if line.startswith(first)).startswith(first + word)
    assert any("**needed**" in line and no_lost_kick.name in line for line in lines)
