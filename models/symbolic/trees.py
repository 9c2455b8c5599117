"""Decision trees: what remains of a run that forks, and the ways to walk over one.

A function that asks about a symbolic state is run once per path; its tree has a
condition at each fork, and at each leaf what came of it.  A tree may have 4096
paths, and equal parts of it may be one object, so every walk here is a loop, and
comes to each part once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from vrx.models.symbolic import refusals, terms
from vrx.models.symbolic.terms import Num, Truth
from vrx.spec.steps import ModelError

PATH_LIMIT = 4096
R = TypeVar("R")


class TooManyPaths(ModelError):
    """A function decides so often that its tree would be too large."""


@dataclass(frozen=True)
class Leaf:
    """The end of a path: field number -> new value for the fields that change; None where the step is disabled."""

    updates: dict[int, Num | Truth] | None
    marks: tuple[str, ...] = ()
    result: Truth | None = None


@dataclass(frozen=True)
class Fork:
    """A decision: the condition, and what follows where it holds and where it does not."""

    condition: Truth
    yes: Tree
    no: Tree


Tree = Leaf | Fork
Path = tuple[tuple[Truth, bool], ...]
"""The decisions on the way to a leaf: conditions, and whether they hold."""


def every_path(run: Callable[[], Leaf]) -> Tree:
    """The decision tree of a function: run again and again, each time with other answers to what it asks.

    Raises TooManyPaths, and what the function raises.
    """
    answers: list[tuple[Truth, bool]] = []
    yes: list[Tree] = []  # what follows a yes, for each decision that is now answered with no
    for _ in range(PATH_LIMIT):
        taken, tree = _one_path(run, answers)
        while taken and not taken[-1][1]:
            tree = Fork(taken.pop()[0], yes.pop(), tree)
        if not taken:
            return tree
        yes.append(tree)
        answers = [*taken[:-1], (taken[-1][0], False)]
    raise TooManyPaths(f"more than {PATH_LIMIT} paths: split it, or choose values with pick(condition, a, b)")


def _one_path(run: Callable[[], Leaf], answers: list[tuple[Truth, bool]]) -> tuple[list[tuple[Truth, bool]], Tree]:
    """The decisions of a run that begins with these answers and says yes from there on, and its end."""
    taken: list[tuple[Truth, bool]] = []
    known: dict[int, bool] = {}  # by identity: equal terms are one

    def decide(condition: Truth) -> bool:
        if (value := known.get(id(condition))) is not None:
            return value
        value = answers[len(taken)][1] if len(taken) < len(answers) else True
        taken.append((condition, value))
        known[id(condition)] = value
        known[id(terms.negate(condition))] = not value
        return value

    around, before = refusals.asking[0], [*refusals.refused]
    terms.deciders.append(decide)
    terms.asked[0], refusals.asking[0] = 0, True
    refusals.refused.clear()
    try:
        end = run()
        if refusals.refused:
            raise refusals.refused[0]  # whoever ran has caught it, and gone on
        return taken, end
    finally:
        terms.deciders.pop()
        refusals.asking[0], refusals.refused[:] = around, before


def paths(tree: Tree) -> Iterator[tuple[Path, Leaf]]:
    """Every path through a tree: its decisions and its end."""
    stack: list[tuple[Path, Tree]] = [((), tree)]
    while stack:
        path, node = stack.pop()
        if isinstance(node, Leaf):
            yield path, node
        else:
            stack.append(((*path, (node.condition, False)), node.no))
            stack.append(((*path, (node.condition, True)), node.yes))


def nodes(tree: Tree) -> Iterator[Tree]:
    """The forks and leaves of a tree, each object once, a fork before what follows it."""
    seen: set[int] = set()
    stack = [tree]
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            if isinstance(node, Fork):
                stack += [node.no, node.yes]


def leaves(tree: Tree) -> Iterator[Leaf]:
    """The ends of a tree, each object once."""
    return (node for node in nodes(tree) if isinstance(node, Leaf))


def marks_in(tree: Tree) -> set[str]:
    """The marks that some path passes."""
    return {mark for leaf in leaves(tree) for mark in leaf.marks}


def folded(tree: Tree, leaf: Callable[[Leaf], R], fork: Callable[[Fork, R, R], R]) -> R:
    """What a tree comes to: a leaf by one function, a fork by another from what its two sides come to."""
    return each_folded(tree, leaf, fork)[id(tree)]


def each_folded(tree: Tree, leaf: Callable[[Leaf], R], fork: Callable[[Fork, R, R], R]) -> dict[int, R]:
    """What each part of a tree comes to, by the part's identity."""
    done: dict[int, R] = {}
    stack: list[tuple[Tree, bool]] = [(tree, False)]
    while stack:
        node, ready = stack.pop()
        if id(node) in done:
            continue
        if isinstance(node, Leaf):
            done[id(node)] = leaf(node)
        elif ready:
            done[id(node)] = fork(node, done[id(node.yes)], done[id(node.no)])
        else:
            stack += [(node, True), (node.no, False), (node.yes, False)]
    return done


def mapped(tree: Tree, leaf: Callable[[Leaf], Leaf]) -> Tree:
    """The tree with other ends."""

    def end(node: Leaf) -> Tree:
        return leaf(node)

    return folded(tree, end, lambda node, yes, no: Fork(node.condition, yes, no))


def as_term(tree: Tree) -> Truth:
    """A tree whose leaves are truth values, as one term.  Raises ModelError for that of a step."""

    def result(leaf: Leaf) -> Truth:
        if leaf.result is None:
            raise ModelError("a step's tree is read as a property")
        return leaf.result

    return folded(tree, result, chosen)


def chosen(fork: Fork, yes: Truth, no: Truth) -> Truth:
    """The two sides of a fork as one term."""
    either: Truth = terms.choose(fork.condition, yes, no)
    return either


def followed(tree: Tree, answer: Callable[[Truth], bool | None]) -> Tree:
    """Where answers lead: to a leaf, or to the first fork whose condition has none."""
    while isinstance(tree, Fork) and (holds := answer(tree.condition)) is not None:
        tree = tree.yes if holds else tree.no
    return tree
