"""What lemmas are written with: logic that works on integers and on terms, and the lemma itself.

On integers the words below are those of Python.  On terms they build one term
instead of forking the run.  A plain `if` is allowed too: it forks.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from vrx.models.symbolic import terms
from vrx.models.symbolic.terms import Num, Truth

Over = Literal["", "heads", "heights", "indices", "slots"]
"""What a lemma is said of: the state; every head; every height of the free list; every ring index in use; every slot of
the ring."""


@dataclass(frozen=True)
class Lemma:
    """A named predicate over states.  goal: it is there for its own sake, not only for others."""

    name: str
    holds: Callable[..., Any]
    over: Over = ""
    goal: bool = False

    @property
    def sentence(self) -> str:
        """What it says."""
        return " ".join((inspect.getdoc(self.holds) or "").split("\n\n")[0].split())

    @property
    def mirrors(self) -> str:
        """The line of C or the clause that it mirrors."""
        _, _, mirrored = (inspect.getdoc(self.holds) or "").partition("Mirrors: ")
        return " ".join(mirrored.split("\n\n")[0].split())


def lemma(over: Over = "", *, goal: bool = False) -> Callable[[Callable[..., Any]], Lemma]:
    """Decorator: a predicate over states as a lemma."""
    return lambda holds: Lemma(holds.__name__, holds, over, goal)


def every(*facts: Any) -> Any:
    """All of the facts hold."""
    if not any(isinstance(f, Truth) for f in facts):
        return all(facts)
    result = terms.YES
    for fact in facts:
        result = terms.both(result, terms.truth(fact))
    return result


def some(*facts: Any) -> Any:
    """One of the facts holds."""
    return no(every(*(no(f) for f in facts)))


def no(fact: Any) -> Any:
    """The fact does not hold."""
    return terms.negate(fact) if isinstance(fact, Truth) else not fact


def implies(condition: Any, *facts: Any) -> Any:
    """Where the condition holds, all of the facts do."""
    return some(no(condition), every(*facts))


def same(a: Any, b: Any) -> Any:
    """Two facts hold together or not at all."""
    if isinstance(a, Truth) or isinstance(b, Truth):
        return terms.truth(a) == terms.truth(b)
    return bool(a) == bool(b)


def at(context: Any, *points: Any) -> Any:
    """The context stands at one of the points."""
    return some(*(context.pc == p for p in points))


def as_number(fact: Any) -> Any:
    """1 where the fact holds, else 0."""
    return terms.choose(fact, terms.const(1), terms.const(0)) if isinstance(fact, Truth) else int(bool(fact))


def is_symbolic(x: Any) -> bool:
    """Is the number a term?"""
    return isinstance(x, Num)
