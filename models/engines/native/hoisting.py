"""What every way through a decision tree computes: it is computed once, before the ways part.

A step that decides late computes the same fields at each of its ends.  Nothing
is computed that some way does not need, except where a way ends the step
disabled; there the ways do not part.
"""

from __future__ import annotations

from vrx.models.engines.native.expressions import Term
from vrx.models.symbolic.trees import Fork, Leaf, Tree, each_folded

Terms = dict[int, Term]
"""Terms by identity, arguments first."""


class Needs:
    """The terms that every enabled end of a tree needs.  Ask for a tree and its parts while they live."""

    def __init__(self, tree: Tree) -> None:
        self._of: dict[int, Terms | None] = each_folded(tree, _of_leaf, _of_fork)  # None: no end is enabled

    def shared(self, fork: Fork) -> Terms:
        """What both sides of a fork need, where both have enabled ends."""
        yes, no = self._of[id(fork.yes)], self._of[id(fork.no)]
        return _in_both(yes, no)


def _of_leaf(leaf: Leaf) -> Terms | None:
    return None if leaf.updates is None else _closure(list(leaf.updates.values()))


def _of_fork(fork: Fork, yes: Terms | None, no: Terms | None) -> Terms | None:
    always = _in_both(yes, no) if yes is not None and no is not None else no if yes is None else yes
    return None if always is None else {**_closure([fork.condition]), **always}


def _in_both(yes: Terms | None, no: Terms | None) -> Terms:
    return {} if yes is None or no is None else {i: term for i, term in yes.items() if i in no}


def _closure(terms: list[Term]) -> Terms:
    """The terms and their arguments, the arguments first."""
    found: Terms = {}
    stack: list[tuple[Term, bool]] = [(term, False) for term in reversed(terms)]
    while stack:
        term, ready = stack.pop()
        if ready:
            found[id(term)] = term
        elif id(term) not in found:
            stack.append((term, True))
            stack += [(arg, False) for arg in reversed(term.args)]
    return found
