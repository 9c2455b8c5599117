"""What a free buffer is called: with `symmetry` whatever makes situations alike (docs/symmetry.md).

A descriptor's number is a name, and until its buffer is offered nobody but the driver's free
list knows it.  So the list may be put into another order behind any step: that exchanges names of
free buffers among each other, and what can happen then is the same but for names.  A layout says
once, in a `FreeNames`, behind which steps and into which order, and where names stand.

This stands around steps and is none: no step asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import wraps
from typing import Any, NamedTuple

from vrx.spec.steps import ModelError
from vrx.spec.words import Array, pick


class Place(NamedTuple):
    """A place where the number of a buffer stands that is not free, or that is read although it is.

    owner, field: the part of the state and its attribute; at: the element, None for no array
    read: somebody reads it before it is written again
    of_memory: what stands there is the number of the memory that a buffer was, which may be free again
    comes: it is the first of the free list, which the driver is about to take: that it stays the first is checked;
        None where it never is
    """

    owner: Any
    field: str
    at: int | None
    read: Any
    of_memory: bool = False
    comes: Any = None

    @property
    def number(self) -> Any:
        """What stands there."""
        held = getattr(self.owner, self.field)
        return held if self.at is None else held[self.at]

    @number.setter
    def number(self, value: int) -> None:
        if self.at is None:
            setattr(self.owner, self.field, value)
        else:
            getattr(self.owner, self.field)[self.at] = value


@dataclass(frozen=True, eq=False)
class FreeNames:
    """How the free buffers of a layout get their names.  The free list is `vq.next` from `vq.free_head` on.

    behind: the steps by which a buffer becomes free, by name; a variant that frees one in another step has it named
        when the next one comes back, and more states until then
    start: which number is handed out first if it is free, given a state; then the next ones around the ring
    places: where numbers stand outside of the free list, under SC, given a state
    numbered: the arrays that have an element for each buffer, given a state
    holds, offers, adds, gets: the points of the driver where it has a number in hand that it took back; where the first
        of the free list is next; where it has not counted one as added; where it reads the number of a used buffer next
    takes, pops, flushes: the points of the device where it reads that of an offered one next; where it has read one
        that is no element yet; where it publishes what it has filled
    of_offered, of_used: the arrays of the ring that these are read from
    also: what else is so in each state of this layout when a number is read next
    """

    behind: tuple[str, ...]
    start: Callable[[Any], int]
    places: Callable[[Any], Iterable[Place]]
    numbered: Callable[[Any], Iterable[Array[Any]]]
    holds: tuple[IntEnum, ...] = ()
    offers: tuple[IntEnum, ...] = ()
    adds: tuple[IntEnum, ...] = ()
    gets: tuple[IntEnum, ...] = ()
    takes: tuple[IntEnum, ...] = ()
    pops: tuple[IntEnum, ...] = ()
    flushes: tuple[IntEnum, ...] = ()
    of_offered: str = ""
    of_used: str = ""
    also: Callable[[Any], Any] = lambda s: True

    def __post_init__(self) -> None:
        """Raises ModelError for what cannot be one."""
        if not isinstance(self.behind, tuple) or not self.behind or not all(isinstance(n, str) for n in self.behind):
            raise ModelError(f"free names: behind={self.behind!r}: give a tuple of names of steps, one at least")
        for name in ("start", "places", "numbered"):
            if not callable(getattr(self, name)):
                raise ModelError(f"free names: {name}={getattr(self, name)!r}: give a function of the state")

    @staticmethod
    def contexts(s: Any) -> Iterable[Any]:
        """Those of the driver that take numbers."""
        return (*(cpu.softirq for cpu in s.cpus), *s.opener, *s.busy, *s.netpoll)

    @staticmethod
    def is_at(one: Any, points: tuple[IntEnum, ...]) -> Any:
        """A context stands at one of the points."""
        found: Any = False
        for point in points:
            found = found | (one.pc == point)
        return found

    def around(self, run: Callable[..., None]) -> Callable[..., None]:
        """The function of a step, behind which free buffers get their names."""

        @wraps(run)
        def step(s: Any, me: Any, **choices: int) -> None:
            run(s, me, **choices)
            self.give(s)

        return step

    def give(self, s: Any) -> None:
        """Put the free list into the order in which names are to be handed out."""
        vq = s.vq
        vq.free_head = from_slot(vq.next, vq.free_head, vq.num_free, self.start(s))

    def exchange(self, s: Any, a: int, b: int) -> None:
        """Exchange two names everywhere, on a state of integers.  Those that nobody reads become zero."""
        other = {a: b, b: a}
        for place in list(self.places(s)):
            place.number = other.get(place.number, place.number) if place.read else 0
        for array in self.numbered(s):
            array[a], array[b] = array[b], array[a]
        vq = s.vq
        free, here = [], vq.free_head
        for _ in range(vq.num_free):
            free.append(other.get(here, here))
            here = vq.next[here]
        for n, name in enumerate(free):
            vq.next[name] = free[n + 1] if n + 1 < len(free) else 0
        for name in {*range(len(vq.next))} - {*free}:
            vq.next[name] = 0
        vq.free_head = free[0] if free else 0


def from_slot(links: Array[int], first: int, count: int, start: int) -> int:
    """Put a linked list into the order start, start + 1, ... around the ring; returns what it begins with then.

    links: behind each element the next one, written in place, 0 behind the last one; first: what the list begins with;
    count: how many it has, 0..length of `links`; start: 0..length of `links` - 1, on the list or not
    A list that has not `count` different elements stays as it is: another order of it would not be a renaming.
    """
    size = len(links)
    there = members(links, first, count)
    once = sum((pick(there[n], 1, 0) for n in range(size)), 0) == count
    begins = first
    for n in reversed(range(size)):
        begins = pick(once & (start == n), _next(there, n, start, first), begins)
    follows = [_next(there, (n + 1) % size, start, 0) for n in range(size)]
    for n in range(size):
        links[n] = pick(once & there[n], pick(start == (n + 1) % size, 0, follows[n]), links[n])
    return begins


def members(links: Array[int], first: int, count: int) -> list[Any]:
    """Of each number, whether it is on a linked list.  As for `from_slot`."""
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
