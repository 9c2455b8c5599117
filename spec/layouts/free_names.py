"""What a free buffer is called: with `symmetry` whatever makes situations alike (docs/symmetry.md).

A descriptor's number is a name, and until the buffer is offered nobody but the driver's
free list knows it.  So the list may be put into another order behind any step: that
exchanges names of free buffers among each other, and what can happen then is the same
but for names.  A layout says once, in a `FreeNames`, behind which steps and into which order.

This stands around steps and is none: no step asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from vrx.spec.steps import ModelError
from vrx.spec.words import Array, pick


@dataclass(frozen=True, eq=False)
class FreeNames:
    """How the free buffers of a layout get their names.

    behind: the steps by which a buffer becomes free, by name; a variant that frees one in another step has it named
        when the next one comes back, and more states until then
    give: puts the driver's free list into the order in which names are to be handed out, given a state; it writes the
        list and nothing else
    """

    behind: tuple[str, ...]
    give: Callable[[Any], None]

    def __post_init__(self) -> None:
        """Raises ModelError for what cannot be one."""
        if not isinstance(self.behind, tuple) or not self.behind or not all(isinstance(n, str) for n in self.behind):
            raise ModelError(f"free names behind={self.behind!r}: give the names of steps, a tuple of one at least")
        if not callable(self.give):
            raise ModelError(f"free names give={self.give!r}: give a function of the state")

    def around(self, run: Callable[..., None]) -> Callable[..., None]:
        """The function of a step, behind which free buffers get their names."""

        @wraps(run)
        def step(s: Any, me: Any, **choices: int) -> None:
            run(s, me, **choices)
            self.give(s)

        return step


def from_slot(links: Array[int], first: int, count: int, start: int) -> int:
    """Put a linked list into the order start, start + 1, ... around the ring; returns what it begins with then.

    links: behind each element the next one, written in place, 0 behind the last one; first: what the list begins with;
    count: how many it has, 0..length of `links`; start: 0..length of `links` - 1, on the list or not
    A list that has not `count` different elements stays as it is: another order of it would not be a renaming.
    """
    size = len(links)
    there = _members(links, first, count)
    once = sum((pick(there[n], 1, 0) for n in range(size)), 0) == count
    begins = first
    for n in reversed(range(size)):
        begins = pick(once & (start == n), _next(there, n, start, first), begins)
    follows = [_next(there, (n + 1) % size, start, 0) for n in range(size)]
    for n in range(size):
        links[n] = pick(once & there[n], pick(start == (n + 1) % size, 0, follows[n]), links[n])
    return begins


def _members(links: Array[int], first: int, count: int) -> list[Any]:
    """Of each number, whether it is on a list."""
    there: list[Any] = [False] * len(links)
    here = first
    for k in range(len(links)):
        for n in range(len(links)):
            there[n] = there[n] | ((k < count) & (here == n))
        here = links[here]
    return there


def _next(there: list[Any], n: int, start: int, none: int) -> int:
    """The first number from n on, around the ring and not past the one before `start`, that is on the list."""
    size, found = len(there), none
    for step in reversed(range(size)):
        m = (n + step) % size
        found = pick(there[m], m, found)
        if step:
            found = pick(start == m, none, found)
    return found
