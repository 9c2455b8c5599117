"""Which of the systems that proofs/ searches are no longer the ones that were searched."""

from __future__ import annotations

import pytest

from vrx.proofs.command.searched import COMMAND, computed, moved, pinned, searched
from vrx.proofs.figures import SEARCHES

CHUNKS = 12
"""So many tests share the work, for as many processes."""
HELP = (
    f"Where that is meant: `{COMMAND}`, commit tests/digests.txt, and let the claims of what moved be decided again "
    "(`python -m vrx.proofs.command.results --pin CLAIM...`).  A system that nobody wanted to change has a fault."
)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_what_was_searched_is_what_is_here(chunk: int) -> None:
    names = [*searched()][chunk::CHUNKS]
    before = pinned()
    lines = moved({n: before[n] for n in names if n in before}, computed(names))
    assert not lines, "\n".join([*lines, HELP])


def test_the_file_lists_the_systems_that_are_searched() -> None:
    assert pinned().keys() == searched().keys(), HELP


def test_figures_were_measured_on_what_is_here() -> None:
    """What the table of figures says of a system was measured on the C that it has now."""
    of = pinned()
    other = [name for name, (_, _, measured) in SEARCHES.items() if measured != of[name][0]]
    mend = "measured on other C: `python -m vrx.proofs.command.results --pin`, for their claims"
    assert not other, "\n".join([*other, mend])


def test_what_moved_is_said_by_its_name() -> None:
    before = {"a": ("1", "2"), "b": ("1", "2"), "c": ("1", "2"), "d": ("1", "2")}
    now = {"a": ("1", "2"), "b": ("9", "9"), "c": ("1", "9"), "e": ("1", "2")}
    assert moved(before, now) == [
        "b: its steps are others",
        "c: what is asked of it is another",
        "d: is not searched any more",
        "e: is new",
    ]
