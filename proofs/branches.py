"""Is every branch of the steps taken by some search?  Those that none takes are listed, with the reason.

`COVERING` are systems of other files of proofs/ whose searches are complete: claims
hold there.  Each is searched once more, with its branches as marks (`models.deciding.branches`);
it takes the same steps, and visits the same states.  What branches there are, the
steps of all systems of proofs/ say, and of those that its variants change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

from vrx.models.claims import Claim, Outcome, Sentence, Statement
from vrx.models.deciding.branches import Branch, Taken, Unsearched, asked, complaints, taken
from vrx.models.engines.native.build import NoCompiler
from vrx.models.systems.mended import mended
from vrx.models.systems.system import System, rx
from vrx.proofs import all_claims, busy_poll, caller, data, exits, hostile, packed, packed_data, packed_hostile
from vrx.proofs.museum.data import big, mergeable, small
from vrx.proofs.museum.data import hostile as lengths_lie
from vrx.proofs.museum.packed import packed as packed_ring
from vrx.proofs.museum.packed_data import ODD, TOO_LARGE
from vrx.proofs.museum.packed_data import small as small_packed
from vrx.proofs.museum.peer import CALLBACK
from vrx.proofs.never_taken import BRANCHES
from vrx.proofs.running import main_for
from vrx.spec.config import Config

COVERING: tuple[System, ...] = (
    rx(),
    rx(size=2),
    rx(idx_bits=2, watch=True, event_idx=True),
    rx(idx_bits=2, watch=True, memory="tso", guest="up"),
    small(),
    mergeable(),
    big(),
    big(indirect=True),
    data.PAGES,
    exits.NO_IN,
    exits.NO_LENGTH,
    exits.FEW,
    exits.FILTER,
    exits.NOTIFIED,
    lengths_lie(mergeable()),
    caller.ONE,
    caller.TWO,
    caller.EVENT,
    CALLBACK,
    busy_poll.TIMER,
    busy_poll.DEFER_TWICE,
    busy_poll.TASK_DEFERRED,
    busy_poll.CONSOLE,
    busy_poll.TWO_CPUS_CONSOLE,
    *(system for _, system, _ in (*hostile.DRIVERS, *hostile.DEVICES)),
    *hostile.RING1.values(),
    hostile.RING2["chain"],
    *(mended(system) for system in (packed.RING1[0], packed.RING2[2], packed.RING2[-1], packed.MERGING[0])),
    packed_ring(size=2, caller="any"),
    *(packed_data.notified(), packed_data.notified(segments=2, indirect=True, event_idx=True, max_packet=1)),
    *(packed_data.QUICK[0], small_packed(size=3), TOO_LARGE, ODD, packed_data.PAGES),
    *(packed_data.tables(), packed_data.FEW, packed_data.MERGING),
    *(system for _, system, _ in (*packed_hostile.INTERRUPTED, *packed_hostile.KICKED) if system.cfg.size == 1),
    *(system for kind, system, _ in packed_hostile.READS if kind.endswith(("ring1", "mergeable-ring2", "list-ring2"))),
    *(system for kind, system, _ in packed_hostile.WALKED if not kind.endswith("memory")),
)
"""Small systems which together take every branch that any takes."""
BELOW = ("buffer_depth", "without")
"""Options that no step of a side asks for, and that change no range of what it loads."""


def found() -> list[Taken]:
    """What the searches of `COVERING` take.  Raises Unsearched, and NoCompiler where there is none."""
    return [taken(system) for system in COVERING]


def everything() -> Iterator[Branch]:
    """The branches of the code as it is, in all systems of proofs/: of variants the one that they change.

    Systems that differ in barriers or in the depth of store buffers have the same branches.  Under another memory
    model they have not: what is loaded from a store buffer has the range of all that waits there.
    """
    systems: dict[object, System] = {}
    for claim in all_claims():
        system = claim.system
        if system is None or claim.decide is not None or not isinstance(system.cfg, Config):
            continue
        said = (getattr(system.cfg, option.name) for option in fields(system.cfg) if option.name not in BELOW)
        systems.setdefault((system.machines, *said), system)
    for system in systems.values():
        yield from asked(replace(system, steps=(), instead=(), declared=(), changed=()))


def every_branch(_: Statement) -> Outcome:
    """The outcome of asking for all of them."""
    try:
        wrong = complaints(everything(), found(), BRANCHES)
    except NoCompiler as missing:
        return Outcome("undecided", "native", reason="nothing was searched", why="no_compiler", mend=str(missing))
    except Unsearched as short:
        return Outcome("undecided", "native", reason=str(short), why="memory")
    return Outcome("refuted" if wrong else "proved", "native", reason="; ".join(wrong))


TAKEN = Sentence(
    "every_branch_is_taken",
    "Each branch of a step of Linux and of QEMU is taken in some complete search, or listed with the reason.",
)
CLAIMS: list[Claim] = [Statement("every_branch_is_taken", None, TAKEN, "proved", tier="full", decide=every_branch)]

if __name__ == "__main__":
    main_for(CLAIMS)
