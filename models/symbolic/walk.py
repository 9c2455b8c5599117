"""Walking terms: arguments before the terms that use them, terms in the place of variables, plain evaluation.

The evaluator is the middle reading: integers in, integer out, no solver.  Where
z3 and a step disagree, it says whether the trace of the step or its lowering
to z3 is at fault.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any

from vrx.models.symbolic import terms
from vrx.models.symbolic.terms import Num, Truth
from vrx.models.symbolic.trees import Leaf, Tree, followed
from vrx.spec.steps import ModelError

Term = Num | Truth


def in_order(roots: Iterable[Term], done: Container[int] = ()) -> Iterator[Term]:
    """Every term below the roots once, arguments first; terms whose `id` is in `done` are left out.

    Iterative, because terms nest deeper than Python's stack; `done` is asked when a term comes up, so that the
    caller may fill it while walking.
    """
    seen: set[int] = set()
    for root in roots:
        stack: list[tuple[Term, bool]] = [(root, False)]
        while stack:
            term, expanded = stack.pop()
            if expanded:
                yield term
                continue
            if id(term) in seen or id(term) in done:
                continue
            seen.add(id(term))
            stack.append((term, True))
            stack.extend((a, False) for a in term.args if id(a) not in seen)


def replaced(term: Any, new: Mapping[int, Any]) -> Any:
    """The term with others in the place of variables, all at once."""
    done: dict[int, Any] = dict(new)
    for t in in_order((term,), new):
        form: Any = t
        if id(form) not in done:
            args = [done[id(a)] for a in form.args]
            same = all(a is b for a, b in zip(args, form.args, strict=True))
            done[id(form)] = form if same else _made(form, args)
    return done[id(term)]


def _made(term: Any, args: list[Any]) -> Any:
    """The same operation on other arguments."""
    match term.op:
        case "add":
            return terms.add(*args)
        case "sub":
            return terms.sub(*args)
        case "scale":
            return terms.scale(args[0], term.data)
        case "wrap":
            return args[0].wrapped(term.data)
        case "slot" | "around":
            return args[0].modulo(args[1])
        case "eq":
            return terms.equal(*args)
        case "lt":
            return terms.less(*args)
        case "not":
            return terms.negate(*args)
        case "and":
            return terms.both(*args)
        case "or":
            return terms.either(*args)
        case "ite":
            return terms.choose(*args)
        case "band" | "bor":
            return terms.bitwise(term.op, *args)
        case "at":
            return args[0].at(args[1])
        case "put":
            return args[0].put(args[1], args[2])
    raise ModelError(f"a term of the kind {term.op!r} is not expected here")


_PLAIN: dict[str, Callable[..., int]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "ite": lambda c, a, b: a if c else b,
    "band": lambda a, b: a & b,
    "bor": lambda a, b: a | b,
    "eq": lambda a, b: a == b,
    "lt": lambda a, b: a < b,
    "not": lambda a: not a,
    "and": lambda a, b: a and b,
}


class Evaluator:
    """The values of terms under one assignment of the variables, by name."""

    def __init__(self, variables: Mapping[str, int]) -> None:
        self._variables = variables
        self._known: dict[int, int] = {}

    def value(self, term: Term) -> int:
        """What a term is worth; True and False count as numbers."""
        for t in in_order((term,), self._known):
            self._known[id(t)] = self._one(t)
        return self._known[id(term)]

    def _one(self, term: Term) -> int:
        if term.op == "const":
            return int(term.data)
        if term.op == "var":
            return int(self._variables[term.data])
        args = [self._known[id(a)] for a in term.args]
        if term.op == "wrap":
            return args[0] % (1 << int(term.data))
        if term.op == "scale":
            return args[0] * int(term.data)
        return int(_PLAIN[term.op](*args))

    def leaf(self, tree: Tree) -> Leaf:
        """The end of a decision tree that the assignment leads to."""
        end = followed(tree, lambda condition: bool(self.value(condition)))
        assert isinstance(end, Leaf)
        return end
