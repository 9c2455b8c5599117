"""Terms that say something of a whole array, for engines that keep a loop as a loop.

`counted` is a number of elements; `for_all` a body that holds of each number below
a bound; `up_to` of how many numbers it holds from 0 on without a gap; `walked` a list
along an array, on which each element comes once.  A body is a term with a variable of
its own, which stands for the number or the element.  Loops within one another have
different variables, by their height: a loop with none within has height 0.
"""

from __future__ import annotations

from typing import Any, Final

from vrx.models.symbolic.terms import Num, Row, Truth, num, variable
from vrx.models.symbolic.walk import in_order

BOUND: Final = "bound "
"""How the name of a variable begins that stands for an element in a loop: its height and the array follow."""
LOOPS: Final = ("every", "leading", "once")
"""The terms about all elements of an array, whose body is no argument."""
PROBE: Final = 1 << 20
"""Heights from here on are those of loops whose bodies are not known yet."""

_KNOWN: Final[dict[tuple[Any, ...], Num | Truth]] = {}
"""Terms by what they are made of, which stays alive with them: equal ones are one object."""


def bound_variable(array: str, height: int, top: int) -> Num:
    """The variable of a loop over an array, with values 0..top."""
    return variable(f"{BOUND}{height} {array}", top)


def of_loop(bound: Num) -> tuple[int, str]:
    """The height and the array of a loop, of its variable."""
    height, _, array = str(bound.data)[len(BOUND) :].partition(" ")
    return int(height), array


def innermost_free(body: Truth) -> int:
    """The first height that no loop in the body has."""
    free, done, roots = 0, set[int](), [body]
    while roots:
        for term in in_order([roots.pop()], done):
            done.add(id(term))
            if term.op in LOOPS:
                bound, within = term.data
                free = max(free, of_loop(bound)[0] + 1)
                roots.append(within)
    return free


def counted(row: Row, value: Num | Truth, length: int) -> Num:
    """How many of the `length` elements of a row are the value."""
    key = ("count", id(row), id(value))
    if key not in _KNOWN:
        _KNOWN[key] = Num("count", (row, value), length, 0, length)
    return _known_number(key)


def for_all(count: Num, bound: Num, body: Truth) -> Truth:
    """The body holds of each number below `count`.  bound: the variable that stands for the number in it."""
    return _fact("every", (count,), bound, body)


def up_to(bound: Num, body: Truth, length: int) -> Num:
    """Of how many numbers, from 0 on without a gap, the body holds; at most `length`.  bound: as for `for_all`."""
    key = ("leading", id(bound), id(body), length)
    if key not in _KNOWN:
        _KNOWN[key] = Num("leading", (), (bound, body), 0, length)
    return _known_number(key)


def walked(row: Row, first: Num, count: Num, bound: Num, body: Truth) -> Truth:
    """`count` elements along a row, from `first` on, are each there once, and the body holds of each of them.

    bound: the variable that stands for the element in the body
    """
    return _fact("once", (row, first, count), bound, body)


def _fact(op: str, args: tuple[Any, ...], bound: Num, body: Truth) -> Truth:
    key = (op, *map(id, args), id(bound), id(body))
    if key not in _KNOWN:
        _KNOWN[key] = Truth(op, args, (bound, body))
    known = _KNOWN[key]
    assert isinstance(known, Truth)
    return known


def _known_number(key: tuple[Any, ...]) -> Num:
    return num(_KNOWN[key])
