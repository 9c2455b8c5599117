"""Numbers of the specification: what width they have, and where they wrap.

A field of the state says its range in its type (`Annotated[int, Bits(16)]`).
To the type checker and to the simulator it is an `int`; an engine reads the
range.  Arithmetic means Python integers.  Nothing wraps unless `wrap` (or an
index function of `spec.ring`) is written.

An engine may run a step on numbers of its own.  They behave like integers under
`+ - == < & |`.  Truth values made of them are joined by `&` and `|`, choose
between numbers in `pick`, and fork the run where Python asks which they are:
`if`, `and`, `or`, `not`.  What Python's syntax cannot ask of them is in the
protocols `Number` and `Condition`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol, TypeVar, cast, runtime_checkable

from vrx.spec.size import Size
from vrx.spec.sizes import LAST_INDEX, SIZE, SLOTS, refused
from vrx.spec.steps import ModelError


@dataclass(frozen=True)
class Bits:
    """An unsigned number of `n` bits: a number, or one that the configuration says (`spec.sizes`)."""

    n: int | Size

    def __post_init__(self) -> None:
        if wrong := refused("Bits({})", self.n):
            raise ModelError(wrong)


@dataclass(frozen=True)
class Upto:
    """A number from 0 to `n` inclusive: a number, or one that the configuration says (`spec.sizes`)."""

    n: int | Size

    def __post_init__(self) -> None:
        if wrong := refused("Upto({})", self.n):
            raise ModelError(wrong)


@dataclass(frozen=True)
class Behind:
    """Where a field stands that a class adds to those of the class that it extends: behind the field of this name, in
    the order of the C; without it, behind all of them.  `Annotated[int, Upto(7), Behind("length")]`"""

    field: str


U16 = Annotated[int, Bits(16)]
Index = Annotated[int, Upto(LAST_INDEX)]
"""A ring index, which counts modulo the turn of its layout: 2**16 on a split ring of VIRTIO, 2**3 or 2**4 where all
states are searched."""
Count = Annotated[int, Upto(SIZE)]
"""How many of something that a ring has `size` of."""
Head = Annotated[int, Upto(SLOTS)]
"""A descriptor number, 0..size-1."""


@runtime_checkable
class Number(Protocol):
    """What a number that is not an `int` must offer beside the operators."""

    def wrapped(self, bits: int) -> Any:
        """This number modulo 2**bits."""

    def modulo(self, n: Any) -> Any:
        """This number modulo n, which may be a number of the same kind."""

    def select(self, items: Sequence[Any]) -> Any:
        """items[self]."""

    def update(self, items: Sequence[Any], value: Any) -> list[Any]:
        """A copy of items with items[self] = value."""


@runtime_checkable
class Condition(Protocol):
    """What a truth value that is not a `bool` must offer beside `&` and `|`."""

    def picked(self, yes: Any, no: Any) -> Any:
        """yes where it holds, else no."""


class Keeps:
    """An array whose engine keeps a loop over it as a loop.  (No protocol: integers are asked whether they are one.)"""

    def count(self, value: Any) -> Any:
        """How many elements are the value."""
        raise NotImplementedError

    def every(self, count: Any, holds: Callable[[Any], Any]) -> Any:
        """Whether it holds of each number below `count`."""
        raise NotImplementedError

    def leading(self, holds: Callable[[Any], Any]) -> Any:
        """Up to which number it holds of each one from 0 on."""
        raise NotImplementedError

    def each_once(self, first: Any, count: Any, holds: Callable[[Any], Any]) -> Any:
        """Whether each of `count` elements, from the first on along the array, is there once, and it holds of it."""
        raise NotImplementedError


def wrap(x: int, bits: int) -> int:
    """x modulo 2**bits.  x: any integer; bits: 1..64; result: 0..2**bits-1."""
    if isinstance(x, int):
        return x & ((1 << bits) - 1)
    return cast(int, cast(Number, x).wrapped(bits))


def around(x: int, n: int) -> int:
    """x modulo n, whether or not n is a power of two.  x: any integer; n: from 1 on; result: 0..n-1."""
    if isinstance(x, int) and isinstance(n, int):
        return x % n
    return cast(int, cast(Number, x).modulo(n))


def u16(x: int) -> int:
    """x modulo 2**16, the (u16) cast of C."""
    return wrap(x, 16)


def pick(condition: Any, yes: Any, no: Any) -> Any:
    """One of two numbers: a conditional value, where an `if` would make two runs of one.  Both are computed."""
    if isinstance(condition, int):
        return yes if condition else no
    return cast(Condition, condition).picked(yes, no)


T = TypeVar("T", int, bool)


class Array(list[T]):
    """A fixed-length array of numbers or truth values, read and written by an index.

    The index is an `int` within the length (anything else raises IndexError: a
    negative index is an error here, not the other end) or an engine's number.
    """

    __slots__ = ()

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, int):
            if not 0 <= i < len(self):
                raise IndexError(f"array index {i} is outside 0..{len(self) - 1}")
            return super().__getitem__(i)
        if isinstance(i, slice):
            return super().__getitem__(i)
        return i.select(self)

    def __setitem__(self, i: Any, value: Any) -> None:
        if isinstance(i, int):
            if not 0 <= i < len(self):
                raise IndexError(f"array index {i} is outside 0..{len(self) - 1}")
            super().__setitem__(i, value)
        elif isinstance(i, slice):
            super().__setitem__(i, value)
        else:
            super().__setitem__(slice(None), i.update(self, value))


def clear(array: Array[Any]) -> None:
    """Every element of a dead array becomes zero, so that equal situations are equal states."""
    if isinstance(array, list):
        for i, x in enumerate(array):
            if not isinstance(x, int) or x != 0:
                array[i] = 0
    else:
        array.clear()


def counts(array: Array[Any], *values: int) -> list[int]:
    """How many elements are each of the values.  For properties: a step does not loop over the ring.

    A sum of choices, so that no run forks: elements of three kinds would have 3**length paths.
    """
    if isinstance(array, Keeps) or isinstance(next(iter(array), 0), int):
        return [array.count(v) for v in values]
    found = [0] * len(values)
    for x in array:
        for k, v in enumerate(values):
            found[k] = found[k] + pick(x == v, 1, 0)
    return found


def every(array: Array[Any], count: int, holds: Callable[[Any], Any]) -> Any:
    """Does it hold of each number below `count`?  For properties: a step does not loop over the ring.

    array: what the numbers are places of; count: 0..length of the array, an engine's number too
    """
    if isinstance(array, Keeps):
        return array.every(count, holds)
    for n in range(len(array)):
        if not n < count:
            break
        if not holds(n):
            return False
    return True


def leading(array: Array[Any], holds: Callable[[Any], Any]) -> Any:
    """Of how many numbers, from 0 on without a gap, does it hold?  For properties: a step does not loop over the ring.

    A sum of choices, so that no run forks.  array: what the numbers are places of; result: 0..its length
    """
    if isinstance(array, Keeps):
        return array.leading(holds)
    found: Any = 0
    so_far: Any = True
    for n in range(len(array)):
        so_far = so_far & holds(n)
        if isinstance(so_far, int) and not so_far:
            break
        found = found + pick(so_far, 1, 0)
    return found


def each_once(links: Array[Any], first: int, count: int, holds: Callable[[Any], Any]) -> Any:
    """Is each of the `count` elements that a list has, which begins at `first`, there once, and does it hold of each?

    links: behind each element, the next one; count: 0..length of `links`, an engine's number too
    """
    if isinstance(links, Keeps):
        return links.each_once(first, count, holds)
    before: list[Any] = []
    met: set[int] = set()
    for n in range(len(links)):
        if not n < count:
            break
        if not holds(first):
            return False
        if isinstance(first, int):
            if first in met:
                return False
            met.add(first)
        elif any(first == other for other in before):
            return False
        before.append(first)
        first = links[first]
    return True


@dataclass(frozen=True)
class Of:
    """The element range of an `Array` field: `Annotated[Array[int], Of(Bits(16))]`."""

    element: Bits | Upto | type[bool]
