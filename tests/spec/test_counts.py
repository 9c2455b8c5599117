"""What is said of a whole array says the same of integers and of terms, and a count has one path."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from vrx.models.symbolic import terms
from vrx.models.symbolic.trees import Leaf, every_path, leaves
from vrx.models.symbolic.walk import Evaluator
from vrx.spec.words import Array, counts, each_once, every

LENGTH = 4


def exactly(array: Any, count: Any) -> Any:
    """As many are 1 as a number says."""
    return counts(array, 1)[0] == count


def below(array: Any, count: Any) -> Any:
    """The first few are no 3."""
    return every(array, count, lambda n: array[n] != 3)


def walked(array: Any, count: Any) -> Any:
    """From element 1 on, each once, and none is 2."""
    return each_once(array, 1, count, lambda link: link != 2)


@pytest.mark.parametrize("said", [exactly, below, walked])
def test_of_integers_and_of_terms(said: Callable[[Any, Any], Any]) -> None:
    names = [f"a{i}" for i in range(LENGTH)]
    elements: list[Any] = [terms.variable(name, LENGTH - 1) for name in names]
    array = Array(elements)
    tree = every_path(lambda: Leaf({}, (), terms.truth(said(array, terms.variable("n", LENGTH)))))
    rng = random.Random(3)
    answers = set()
    for _ in range(300):
        values, n = [rng.randrange(LENGTH) for _ in names], rng.randrange(LENGTH + 1)
        at = Evaluator({**dict(zip(names, values, strict=True)), "n": n})
        leaf = at.leaf(tree)
        assert leaf.result is not None
        answers.add(bool(said(Array(values), n)))
        assert bool(at.value(leaf.result)) == bool(said(Array(values), n)), (values, n)
    assert answers == {False, True}


def test_a_count_does_not_fork() -> None:
    elements: list[Any] = [terms.variable(f"a{i}", 4) for i in range(64)]
    array = Array(elements)
    tree = every_path(lambda: Leaf({}, (), terms.truth(sum(counts(array, 0, 2, 3)) == 5)))
    assert len(list(leaves(tree))) == 1


def test_a_walk_of_integers_ends_where_it_meets_itself() -> None:
    ring = Array([1, 2, 0, 3])
    assert each_once(ring, 0, 3, lambda _: True) and not each_once(ring, 0, 4, lambda _: True)
    assert not each_once(ring, 0, 3, lambda link: link != 2)
    assert each_once(Array([]), 0, 0, lambda _: False) and every(Array([]), 0, lambda _: False)
