"""The order of a free list: from a slot on, around the ring, on any list; what is no list stays as it is."""

from __future__ import annotations

from itertools import chain, pairwise, permutations

import pytest

from vrx.models.symbolic import terms
from vrx.models.symbolic.walk import Evaluator
from vrx.models.systems.system import rx
from vrx.spec.layouts.free_names import FreeNames, from_slot, members
from vrx.spec.layouts.split.free_names import FREE_NAMES
from vrx.spec.layouts.split.shape import SHAPE
from vrx.spec.steps import ModelError
from vrx.spec.words import Array


def linked(size: int, names: tuple[int, ...]) -> Array[int]:
    links = Array([0] * size)
    for here, behind in pairwise(names):
        links[here] = behind
    return links


def listed(links: Array[int], first: int, count: int) -> list[int]:
    found = []
    for _ in range(count):
        found.append(first)
        first = links[first]
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_a_list_begins_at_the_slot_and_goes_around(size: int) -> None:
    for names in chain.from_iterable(permutations(range(size), n) for n in range(size + 1)):
        for start in range(size):
            links = linked(size, names)
            first = from_slot(links, names[0] if names else 0, len(names), start)
            around = [(start + n) % size for n in range(size)]
            assert listed(links, first, len(names)) == [n for n in around if n in names]
            assert all(links[n] == 0 for n in range(size) if n not in names)


@pytest.mark.parametrize(("links", "first", "count"), [([0, 0, 0], 0, 2), ([1, 0, 0], 1, 3), ([1, 1, 0], 0, 3)])
def test_what_is_no_list_stays(links: list[int], first: int, count: int) -> None:
    """Another order of it would heal what a faulty driver has done to it."""
    held = Array(links)
    assert [from_slot(held, first, count, start) for start in range(3)] == [first] * 3
    assert list(held) == links


def test_an_order_of_terms_is_that_of_integers_and_forks_nothing() -> None:
    size = 3
    of = {name: terms.variable(name, size) for name in ("first", "count", "start", "l0", "l1", "l2")}
    of |= {name: terms.variable(name, size - 1) for name in ("first", "start", "l0", "l1", "l2")}
    links: Array[int] = Array([of["l0"], of["l1"], of["l2"]])  # type: ignore[list-item]
    begins = from_slot(links, of["first"], of["count"], of["start"])  # type: ignore[arg-type]
    for names in chain.from_iterable(permutations(range(size), n) for n in range(size + 1)):
        for start in range(size):
            plain = linked(size, names)
            at = {"first": names[0] if names else 0, "count": len(names), "start": start}
            at |= {f"l{n}": plain[n] for n in range(size)}
            first = from_slot(plain, at["first"], at["count"], start)
            read = Evaluator(at)
            assert read.value(terms.num(begins)) == first
            assert [read.value(terms.num(link)) for link in links] == list(plain)


def test_who_is_on_a_list() -> None:
    assert members(Array([2, 0, 1]), 0, 2) == [True, False, True]


def test_what_cannot_say_how_buffers_are_named_is_refused() -> None:
    start, places, numbered = FREE_NAMES.start, FREE_NAMES.places, FREE_NAMES.numbered
    with pytest.raises(ModelError, match=r"behind=.*at least"):
        FreeNames((), start, places, numbered)
    with pytest.raises(ModelError, match="start=0: give a function"):
        FreeNames(("step",), 0, places, numbered)  # type: ignore[arg-type]


def test_names_are_exchanged_everywhere_and_back() -> None:
    program = rx(size=2).built()
    names = SHAPE.free_names
    assert names is not None
    values = program.initial
    for _ in range(40):
        program.view.set(values)
        names.exchange(program.state, 0, 1)
        once = program.view.get()
        names.exchange(program.state, 0, 1)
        assert program.view.get() == values != once
        values = next(after for _, after in program.successors(values))
        values = tuple(int(v) for v in values)
