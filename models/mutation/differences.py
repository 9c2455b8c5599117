"""Where a fault makes any difference: one search of the original looks at many mutants.

In every state that it comes to, the search compares what a step does with what each mutant of
it would do.  Where no reachable state shows a difference, the mutant's system has the
states and the moves of the original, and no question about it has another answer: there the
mutant is not asked about.  Where some state does, it is.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

from vrx.models.claims import Claim, Outcome, Sentence, Statement
from vrx.models.deciding.many_claims import prove
from vrx.models.deciding.schedule import AT_LEAST
from vrx.models.engines.native.codegen import generate
from vrx.models.engines.native.explore import COMPLETE, MARKED, Native
from vrx.models.mutation.mutant_cache import Shelf, own_cache
from vrx.models.mutation.mutant_readings import Beside, beside, plain, prepare
from vrx.models.mutation.mutants import HERE, Mutant
from vrx.models.mutation.systems import belongs
from vrx.models.symbolic.reading import Reading, Traced
from vrx.models.symbolic.terms import NO, YES, Num, Truth, both, either, equal, negate
from vrx.models.symbolic.trees import Fork, Leaf, Tree, followed, marks_in
from vrx.models.systems.system import System
from vrx.spec.config import BadConfiguration
from vrx.spec.steps import ModelError

REACHED, DIFFERS = "reached", "differs"
AT_A_TIME = 150
"""Mutants that one search looks at."""
MOST = 4000
"""Ends of two trees that are compared; with more, a difference is taken for granted."""


NO_DIFFERENCE = Sentence("makes_no_difference", "The mutants make no difference in any reachable state.")


@dataclass(frozen=True)
class Glance:
    """What was seen of one mutant on one system.

    reached: a run of the original comes to the fault; differs: in some state the mutant would do something else, or
    nobody knows
    """

    reached: bool
    differs: bool


@dataclass(frozen=True)
class Seen(Outcome):
    """What one search saw of mutants, by name; `Glance` says what it is."""

    reached: frozenset[str] = frozenset()
    differs: frozenset[str] = frozenset()


def glances(
    mutants: Sequence[Mutant], systems: Sequence[System], jobs: int, seconds: float, shelf: Shelf, folder: str
) -> dict[str, dict[System, Glance]]:
    """Where each mutant makes a difference: mutant -> system -> what was seen.  Every system is read for that."""
    looked: dict[int, tuple[System, Sequence[Mutant]]] = {}
    claims: list[Claim] = []
    for system in systems:
        here = [m for m in mutants if belongs(m, system)]
        if here:
            prepare(system)
        for start in range(0, len(here), AT_A_TIME):
            some = here[start : start + AT_A_TIME]

            def decided(_: Claim, system: System = system, some: Sequence[Mutant] = some) -> Outcome:
                with own_cache(folder):
                    return seen(system, some, seconds, shelf)

            claims.append(Statement(f"{some[0].name}, {system.name}", None, NO_DIFFERENCE, "proved", decide=decided))
            looked[id(claims[-1])] = system, some
    found: dict[str, dict[System, Glance]] = {m.name: {} for m in mutants}
    for result in prove(claims, jobs=jobs):
        system, those = looked[id(result.claim)]
        one = result.outcome
        for m in those:
            reached = isinstance(one, Seen) and m.name in one.reached
            found[m.name][system] = Glance(reached, not isinstance(one, Seen) or m.name in one.differs)
    return found


def seen(system: System, mutants: Sequence[Mutant], seconds: float, shelf: Shelf) -> Seen:
    """Which of some mutants of a system make a difference in any reachable state.

    One that cannot be read makes one.  seconds: of the search
    """
    reading = copy.copy(plain(system))
    actions, differs, names = list(reading.actions), set[str](), list[str]()
    for mutant in mutants:
        try:
            other = beside(mutant, system)
        except (ModelError, BadConfiguration):
            differs.add(mutant.name)
            continue
        if other.may_read_dead_values():
            differs.add(mutant.name)
            continue
        for before, tree in compared(other, f"{len(names)} "):
            actions.append(replace(before, number=len(actions), tree=tree))
        names.append(mutant.name)
    found = Seen("proved", "native", differs=frozenset(differs))
    if len(actions) == len(reading.actions):
        return found
    reading.actions = actions
    said = _searched(reading, seconds, shelf)
    if said is None:
        return replace(found, verdict="undecided", differs=found.differs | set(names))
    reached = frozenset(name for n, name in enumerate(names) if f"{n} {REACHED}" in said)
    differs |= {name for n, name in enumerate(names) if f"{n} {DIFFERS}" in said}
    return replace(found, reached=reached, differs=frozenset(differs))


def _searched(reading: Reading, seconds: float, shelf: Shelf) -> set[str] | None:
    """The marks that a search passes; None where it did not see every state."""
    source = generate(reading)
    place = shelf.place(source.text, *source.marks)
    kept: Any = shelf.get(place)
    if isinstance(kept, list):
        return set(kept)
    options: Any = {"threads": 1, "limit": 0, "max_bytes": AT_LEAST, "stop": False, "hasty": True}
    with Native(reading, source, **options) as native:
        if native.run(ends=monotonic() + seconds) != COMPLETE:
            return None
        passed = [mark for i, mark in enumerate(source.marks) if native.sight(MARKED, i) is not None]
    shelf.put(place, passed)
    return set(passed)


def can_differ(other: Beside) -> bool:
    """Is there a way through a step of a mutant's on which it may end otherwise than the original's?"""
    return any(DIFFERS in marks_in(tree) for _, tree in compared(other))


def compared(other: Beside, prefix: str = "") -> Iterator[tuple[Traced, Tree]]:
    """The touched actions of an original, each with where its mutant comes to the fault and where it differs."""
    for before, after in zip(other.before, other.again, strict=True):
        tree = difference(before.tree, after.tree, other.variables, prefix + REACHED, prefix + DIFFERS)
        if tree is not None:
            yield before, tree


def difference(
    before: Tree, after: Tree, variables: Sequence[Num | Truth], reached: str, differs: str
) -> Tree | None:
    """A tree that does nothing, and passes a mark where a step comes to the fault, and one where two trees end
    otherwise.  None where it passes neither, whatever the state.

    A walk of its own: it goes down two trees at a time, each with the answers that the other has given.
    """
    ends = 0
    any_mark = False

    def walk(before: Tree, after: Tree, known: dict[int, bool]) -> Tree:
        nonlocal ends, any_mark
        after, before = (followed(tree, lambda c: known.get(id(c))) for tree in (after, before))
        fork = after if isinstance(after, Fork) else before
        if isinstance(fork, Fork):
            sides = []
            for answer in (True, False):
                knows = {**known, id(fork.condition): answer, id(negate(fork.condition)): not answer}
                sides.append(walk(before, after, knows))
            yes, no = sides
            return yes if yes is no else Fork(fork.condition, yes, no)
        assert isinstance(before, Leaf) and isinstance(after, Leaf)
        ends += 1
        if ends > MOST:
            raise _TooMany
        marks = (reached,) if after.updates is not None and HERE in after.marks else ()
        same = _same(before, after, variables)
        any_mark |= bool(marks) or same is not YES
        alike, otherwise = _leaf(marks), _leaf((*marks, differs))
        return alike if same is YES else otherwise if same is NO else Fork(same, alike, otherwise)

    made: dict[tuple[str, ...], Leaf] = {}

    def _leaf(marks: tuple[str, ...]) -> Leaf:
        return made.setdefault(marks, Leaf(None, marks))

    try:
        tree = walk(before, after, {})
    except _TooMany:
        return Leaf(None, (reached, differs))
    return tree if any_mark else None


class _TooMany(Exception):
    """Two trees have too many ends to compare them."""


def _same(before: Leaf, after: Leaf, variables: Sequence[Num | Truth]) -> Truth:
    """Whether two ends leave the same state."""
    if before.updates is None or after.updates is None:
        return YES if before.updates is after.updates else NO
    same = YES
    for i in before.updates.keys() | after.updates.keys():
        one, other = before.updates.get(i, variables[i]), after.updates.get(i, variables[i])
        same = both(same, _equal(one, other))
    return same


def _equal(one: Num | Truth, other: Num | Truth) -> Truth:
    if one is other:
        return YES
    if isinstance(one, Num) and isinstance(other, Num):
        return equal(one, other)
    assert isinstance(one, Truth) and isinstance(other, Truth)
    return either(both(one, other), both(negate(one), negate(other)))
