"""The table of what kills what: kept as a module, shown in docs/mutants.md, and read by the coverage tables.

`vrx mutants --sample 300 --seed 1 --pin` decides and writes it.  The table has a digest of
all that it was made of, so that a test tells when it is of another tree.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vrx.models.deciding.digest import SHORT, steps_digest
from vrx.models.engines.native.codegen import generate
from vrx.models.mutation.mutant_readings import digest_of, plain
from vrx.models.mutation.mutants import Mutant, function_of
from vrx.models.mutation.systems import SYSTEMS
from vrx.spec.questions import standard_for


@dataclass(frozen=True)
class Died:
    """What became of a mutant.

    fate: killed, equal, survived, undecided; by: what killed it; rule: the rule of VIRTIO that it broke, where that was
    said; note: of a survivor, `reached` where no run shows a difference, `unreached` where none comes to the fault;
    vacuous: what killed it, killed it because what it asks about does not occur any more
    """

    fate: str
    by: tuple[str, ...] = ()
    rule: str = ""
    note: str = ""
    vacuous: bool = False

    @property
    def killers(self) -> tuple[str, ...]:
        """What killed it, as people read it."""
        return killers_of(self.by, self.vacuous)


def killers_of(by: Sequence[str], vacuous: bool) -> tuple[str, ...]:
    """What kills a mutant, as people read it: a question that is answered for want of anything to ask about says so."""
    return tuple(f"{name} (vacuous)" for name in by) if vacuous else tuple(by)


@dataclass(frozen=True)
class Table:
    """What became of the mutants that were drawn.  digest: of the tree that they were drawn from; minutes: it took"""

    sample: int
    seed: int
    digest: str
    minutes: int
    died: Mapping[str, Died]


def digest(mutants: Sequence[Mutant]) -> str:
    """The digest of what a table is made of: the mutants, the systems, the questions."""
    found = hashlib.sha256()
    for mutant in mutants:
        found.update(f"{mutant.name}\0{mutant.after}\0".encode())
    for system in SYSTEMS:
        found.update(steps_digest(generate(plain(system))).encode())
        for question in standard_for(plain(system).system.cfg)[0]:
            found.update(digest_of(system, question).encode())
    return found.hexdigest()[:SHORT]


def as_module(table: Table) -> str:
    """The module that keeps a table."""
    lines = [
        '"""What became of the mutants drawn by `vrx mutants --sample ... --pin`; docs/mutants.md shows it."""',
        "",
        "from __future__ import annotations",
        "",
        "from vrx.models.mutation.table import Died, Table",
        "",
        "KILLED = Table(",
        f"    sample={table.sample},",
        f"    seed={table.seed},",
        f'    digest="{table.digest}",',
        f"    minutes={table.minutes},",
        "    died={",
    ]
    for name, died in table.died.items():
        given = [f'"{died.fate}"', _tuple(died.by), f'"{died.rule}"', f'"{died.note}"']
        while len(given) > 1 and given[-1] in ('""', "()"):
            given.pop()
        if died.vacuous:
            given.append("vacuous=True")
        lines.append(f"        {_quoted(name)}: Died({', '.join(given)}),")
    return "\n".join([*lines, "    },", ")", ""])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _tuple(names: Sequence[str]) -> str:
    return f"({', '.join(map(_quoted, names))}{',' if len(names) == 1 else ''})"


def killers(table: Table, functions: Sequence[str]) -> Counter[str]:
    """What goes red when one of some steps or helpers is mutated: question -> how many mutants it killed."""
    found: Counter[str] = Counter()
    for name, died in table.died.items():
        if function_of(name) in functions:
            found.update(died.killers)
    return found


def drawn(table: Table, functions: Sequence[str]) -> int:
    """How many mutants of some functions are in a table."""
    return sum(function_of(name) in functions for name in table.died)


def dead_by_rule(table: Table) -> Counter[str]:
    """Rule of VIRTIO -> how many mutants broke it."""
    return Counter(died.rule for died in table.died.values() if died.rule)
