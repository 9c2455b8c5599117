"""Smaller decision trees: forks whose two sides hardly differ become one side with conditional values.

A step that asks five independent questions has 32 ends, and as many copies of
what comes after.  In C a conditional value is cheaper than all these copies,
and takes a fraction of the time to compile.  What remains of equal copies is one
object: a step that can fail in ten places fails in one.
"""

from __future__ import annotations

from collections.abc import Sequence

from vrx.models.symbolic import terms
from vrx.models.symbolic.terms import Num, Truth
from vrx.models.symbolic.trees import Fork, Leaf, Tree, folded

MOST_DIFFERENCES = 6
"""How many fields of a successor may become conditional in one merge."""


def merged(tree: Tree, variables: Sequence[Num | Truth], most: int = MOST_DIFFERENCES) -> Tree:
    """The same tree with fewer ends, equal parts the same object.

    variables: the term of each field; most: how many fields may differ
    """
    alike: dict[tuple[object, ...], Tree] = {}

    def fork(node: Fork, yes: Tree, no: Tree) -> Tree:
        return _shared(_joined(node.condition, yes, no, variables, most) or Fork(node.condition, yes, no), alike)

    return folded(tree, lambda leaf: _shared(leaf, alike), fork)


def _shared(tree: Tree, alike: dict[tuple[object, ...], Tree]) -> Tree:
    """The tree, in which parts that were met before are the same objects."""

    def fork(node: Fork, yes: Tree, no: Tree) -> Tree:
        if yes is no:
            return yes
        return alike.setdefault((id(node.condition), id(yes), id(no)), Fork(node.condition, yes, no))

    return folded(tree, lambda leaf: alike.setdefault(_leaf_key(leaf), leaf), fork)


def _leaf_key(leaf: Leaf) -> tuple[object, ...]:
    if leaf.updates is None:
        return (None, leaf.marks)
    return (leaf.marks, *((i, id(term)) for i, term in sorted(leaf.updates.items())))


def _joined(condition: Truth, yes: Tree, no: Tree, variables: Sequence[Num | Truth], most: int) -> Tree | None:
    """Both sides as one, where they ask as many questions and end almost alike.

    Questions that differ become one that depends on the condition: with store buffers, a load that finds its value
    in the buffer or in memory is followed by the same questions about that value.  It goes down two trees at a time,
    no deeper than both agree, and gives up at the first part that differs: no walk over one tree does that.
    """
    if yes is no:
        return yes
    if isinstance(yes, Leaf) and isinstance(no, Leaf):
        return _joined_leaves(condition, yes, no, variables, most)
    if isinstance(yes, Fork) and isinstance(no, Fork):
        first = _joined(condition, yes.yes, no.yes, variables, most)
        second = _joined(condition, yes.no, no.no, variables, most) if first else None
        asked = yes.condition if yes.condition is no.condition else terms.choose(condition, yes.condition, no.condition)
        return Fork(asked, first, second) if first and second else None
    return None


def _joined_leaves(condition: Truth, yes: Leaf, no: Leaf, variables: Sequence[Num | Truth], most: int) -> Leaf | None:
    if yes.marks != no.marks:
        return None
    if yes.updates is None or no.updates is None:
        return yes if yes.updates is no.updates else None
    updates: dict[int, Num | Truth] = {}
    different = 0
    for i in sorted(yes.updates.keys() | no.updates.keys()):
        a, b = yes.updates.get(i, variables[i]), no.updates.get(i, variables[i])
        if a is not b:
            different += 1
            a = terms.choose(condition, a, b)
        if a is not variables[i]:
            updates[i] = a
    return Leaf(updates, yes.marks) if different <= most else None
