"""What became of the mutants that were drawn."""

from __future__ import annotations

from vrx.models.mutation.table import Died, Table

KILLED = Table(
    sample=300,
    seed=1,
    digest="",
    minutes=0,
    died={
        "copied:5 always me.rest == 0": Died("killed", ("used_entries_exact",)),
    },
)
