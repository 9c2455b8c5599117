"""Decision trees: all paths of a function, and the walks over them, however deep and however shared."""

from __future__ import annotations

import sys

import pytest

from vrx.models.symbolic import terms, trees
from vrx.models.symbolic.terms import Num
from vrx.models.symbolic.trees import (
    Fork,
    Leaf,
    TooManyPaths,
    Tree,
    as_term,
    every_path,
    folded,
    followed,
    leaves,
    mapped,
    marks_in,
    nodes,
    paths,
)
from vrx.models.symbolic.walk import Evaluator

DEEP = sys.getrecursionlimit() * 2
X, Y = terms.variable("x", 7), terms.variable("y", 7)


def number() -> Leaf:
    """Which of the numbers 0..2, or another, x is; whether it is y."""
    for n in range(3):
        if X == n:
            return Leaf({0: terms.const(n)}, (f"is {n}",), terms.truth(Y == n))
    return Leaf(None, (), terms.NO)


def chain(length: int) -> Tree:
    """A tree that is one fork below the other."""
    long = terms.variable("long", length)
    tree: Tree = Leaf(None, ("end",), terms.NO)
    for n in range(length):
        tree = Fork(terms.truth(long == n), Leaf({0: terms.const(n)}, (), terms.YES), tree)
    return tree


def test_each_path_is_run_once_with_its_decisions() -> None:
    found = [([holds for _, holds in path], leaf.marks) for path, leaf in paths(every_path(number))]
    assert found == [
        ([True], ("is 0",)),
        ([False, True], ("is 1",)),
        ([False, False, True], ("is 2",)),
        ([False, False, False], ()),
    ]


def test_where_answers_lead_is_what_the_function_says() -> None:
    tree = every_path(number)
    for x in range(8):
        leaf = followed(tree, lambda condition, x=x: bool(Evaluator({"x": x, "y": 0}).value(condition)))  # type: ignore[misc]
        assert isinstance(leaf, Leaf)
        assert leaf.marks == ((f"is {x}",) if x < 3 else ())
    assert followed(tree, lambda condition: None) is tree


def test_a_tree_of_truths_is_one_term() -> None:
    term = as_term(every_path(number))
    for x in range(8):
        for y in range(8):
            assert Evaluator({"x": x, "y": y}).value(term) == (x < 3 and x == y)


def test_walks_go_deeper_than_the_stack() -> None:
    tree = chain(DEEP)
    assert folded(tree, lambda leaf: 1, lambda fork, yes, no: yes + no) == DEEP + 1
    assert marks_in(tree) == {"end"}
    assert marks_in(mapped(tree, lambda leaf: Leaf(leaf.updates, ("other",)))) == {"other"}
    assert as_term(tree) is not terms.NO


def test_equal_parts_that_are_one_object_are_met_once() -> None:
    """A tree of 2**200 paths."""
    tree: Tree = Leaf({}, ("here",))
    for n in range(200):
        bit: Num = terms.variable(f"bit {n}", 1)
        tree = Fork(terms.truth(bit == 1), tree, tree)
    assert len(list(nodes(tree))) == 201
    assert [leaf.marks for leaf in leaves(tree)] == [("here",)]
    assert folded(tree, lambda leaf: 1, lambda fork, yes, no: yes + no) == 2**200


def test_too_many_paths_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "PATH_LIMIT", 64)
    bits = [terms.variable(f"bit {n}", 1) for n in range(7)]

    def run() -> Leaf:
        return Leaf({n: terms.const(1) for n, bit in enumerate(bits) if bit == 1})

    with pytest.raises(TooManyPaths, match="more than 64 paths"):
        every_path(run)
    assert not terms.deciders
    del bits[-1]
    assert len(list(leaves(every_path(run)))) == 64
