"""Questions with loops over arrays, within one another, at random: compiled, they say what they say on integers."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.models.simulation.native.test_array_reading import Walk
from tests.readings import Integers, States
from vrx.models import invariant
from vrx.models.simulation.native.reading import ArrayReading
from vrx.models.simulation.native.walker import NativeSimulator
from vrx.models.simulation.simulator import Simulator
from vrx.models.systems.system import System, rx
from vrx.spec.property import Property
from vrx.spec.words import counts, each_once, every

SYSTEMS = {"plain": rx(size=4, max_packet=1), "data": rx(size=8, idx_bits=5, data=True, mergeable=True, max_packet=2)}
Said = Callable[[Any, Sequence[Any]], Any]
"""A part of a question: of the state, and of the elements of the loops around it."""


def number(rng: random.Random, depth: int) -> Said:
    """A number: an element, what stands behind one, a field, how many there are of another one."""
    kind = rng.randrange(7 if depth else 5)
    which, plus = rng.randrange(8), rng.randrange(3)

    def element(s: Any, loops: Sequence[Any]) -> Any:
        return loops[which % len(loops)] if loops else s.vq.free_head

    if kind < 2:
        return element
    if kind == 2:
        return lambda s, loops: s.vq.next[element(s, loops)]
    if kind == 3:
        return lambda s, loops: (s.vq.num_free, s.vq.free_head, s.vq.last_used_idx, s.cfg.size)[which % 4]
    if kind == 4:
        return lambda s, loops: element(s, loops) + plus
    inner, factor = number(rng, depth - 1), rng.choice((1, 1, 256))
    return lambda s, loops: counts(s.vq.next, inner(s, loops) * factor)[0]


def question(rng: random.Random, depth: int, loops: int = 0) -> Said:
    """A truth value, with up to `depth` loops within one another."""
    kind = rng.randrange(6) if depth else 0
    if kind == 0:
        a, b, how = number(rng, depth), number(rng, depth), rng.randrange(4)
        compared: list[Callable[[Any, Any], Any]] = [
            lambda x, y: x != y, lambda x, y: x < y, lambda x, y: x <= y + 1, lambda x, y: x == y,
        ]  # fmt: skip
        return lambda s, around: compared[how](a(s, around), b(s, around))
    if kind == 1:
        one, two, both = question(rng, depth - 1, loops), question(rng, depth, loops), rng.random() < 0.5
        return lambda s, around: one(s, around) & two(s, around) if both else one(s, around) | two(s, around)
    if kind == 2:  # a loop that is asked outside of the one in which its answer is used
        one, two, either = question(rng, depth - 1, loops), question(rng, depth - 1, loops + 1), rng.random() < 0.5

        def asked_before(s: Any, around: Sequence[Any]) -> Any:
            known = one(s, around)
            return every(
                s.vq.next,
                s.cfg.size,
                lambda i: known | two(s, (*around, i)) if either else known & two(s, (*around, i)),
            )

        return asked_before
    body, count, forks = question(rng, depth - 1, loops + 1), number(rng, 0), rng.random() < 0.3

    def holds(s: Any, around: Sequence[Any]) -> Callable[[Any], Any]:
        def one(i: Any) -> Any:
            if forks and i == s.vq.free_head:
                return True
            return body(s, (*around, i))

        return one

    if kind == 3:
        return lambda s, around: each_once(s.vq.next, s.vq.free_head, s.vq.num_free, holds(s, around))
    return lambda s, around: every(s.vq.next, count(s, around), holds(s, around))


def drawn(seed: int, many: int) -> list[Property]:
    """So many questions."""
    rng = random.Random(seed)

    def one(said: Said) -> Callable[[Any], Any]:
        return lambda s: said(s, ())

    return [Property(f"q{n}", one(question(rng, 3)), "always") for n in range(many)]


@pytest.mark.needs("compiler")
@pytest.mark.draws
@pytest.mark.parametrize("name", SYSTEMS)
def test_loops_within_loops_say_what_integers_say(name: str) -> None:
    system: System = SYSTEMS[name]
    rng = random.Random(7)
    props = drawn(11, 40)
    walk, reference = Walk(system, props), Integers(system.built(), props)
    states = States(reference.program, seed=2, walks=3, length=150)
    said = {True: 0, False: 0}
    for n in range(400):
        values = states.uniform(rng) if n % 8 == 0 else states.disturbed(rng, n % 5)
        reference.program.view.set(values)
        for prop, holds in zip(props, walk.holds(values), strict=True):
            try:
                expected = bool(prop.holds(reference.program.state))
            except IndexError:
                continue
            said[expected] += 1
            assert holds == expected, (prop.name, values)
    assert min(said.values()) > 1000, said


@invariant
def links_differ(s: Any) -> Any:
    """No two descriptors lead to the same one (false)."""
    links, n = s.vq.next, s.cfg.size
    return every(links, n, lambda i: every(links, n, lambda j: (i == j) | (links[i] != links[j])))


@pytest.mark.needs("compiler")
def test_a_run_finds_with_compiled_steps_what_it_finds_in_python() -> None:
    runs = [kind(SYSTEMS["plain"], (links_differ,)).run(200) for kind in (NativeSimulator, Simulator)]
    assert all(run.violated is links_differ for run in runs)
    assert list(runs[0].moves) == list(runs[1].moves)


def test_equal_loops_are_one_term() -> None:
    """However often a question asks the same, wherever it stands, and on whichever of its paths."""
    reading = ArrayReading(SYSTEMS["plain"], SYSTEMS["plain"].built())
    links, n = reading.state.vq.next, reading.state.cfg.size

    def pairs() -> Any:
        return every(links, n, lambda i: every(links, n, lambda j: (i == j) | (links[i] != links[j])))

    assert pairs() is pairs()
    around = every(links, n, lambda i: pairs() & (links[i] != i))
    assert around is every(links, n, lambda i: pairs() & (links[i] != i))
