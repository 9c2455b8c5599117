"""Symbolic numbers: what a step runs on when an engine wants its formula instead of its value.

A `Num` stands for a Python integer with a known range, a `Truth` for a truth
value.  Arithmetic widens, as Python's does, so no term ever wraps by itself; an
engine reads the range to choose its width.  Terms are shared: building the same
term twice gives the same object, so `is` compares terms and a memo keyed by
`id` visits each once.  A `Truth` in an `if` forks the run (`models.symbolic.reading`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from vrx.models.symbolic.refusals import IN_CONDITIONS, Refused, RefusedByNumbers, RefusedByTruths
from vrx.spec.steps import ModelError

Value = "int | Num"


MOST_LAPS: Final = 4
"""How often a number may go round a modulus that is no power of two with a term for each time."""


class NotANumber(ModelError):
    """A term is asked for its truth where there are only numbers."""


class Num(RefusedByNumbers):
    """An integer term.  op: const var add sub scale wrap slot around at ite band bor; low..high: its range.

    slot: modulo a symbolic ring size; around: modulo another number that is one; at: an element of a `Row`.  All
    three are for the integer reading only.
    """

    __slots__ = ("args", "data", "high", "low", "op")
    __hash__ = RefusedByNumbers.__hash__

    def __init__(self, op: str, args: tuple[Any, ...], data: Any, low: int, high: int) -> None:
        self.op, self.args, self.data, self.low, self.high = op, args, data, low, high

    def __add__(self, other: Any) -> Num:
        return add(self, num(other))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Num:
        return sub(self, num(other))

    def __rsub__(self, other: Any) -> Num:
        return sub(num(other), self)

    def __mul__(self, other: Any) -> Num:
        if not isinstance(other, int):
            raise Refused("`*` of two numbers of the state: a number is multiplied by a constant only")
        return scale(self, int(other))

    __rmul__ = __mul__

    def __neg__(self) -> Num:
        return sub(const(0), self)

    def __and__(self, other: Any) -> Num:
        return bitwise("band", self, other)

    __rand__ = __and__

    def __or__(self, other: Any) -> Num:
        return bitwise("bor", self, other)

    __ror__ = __or__

    def __eq__(self, other: Any) -> Any:
        return equal(self, num(other))

    def __ne__(self, other: Any) -> Any:
        return negate(equal(self, num(other)))

    def __lt__(self, other: Any) -> Truth:
        return less(self, num(other))

    def __gt__(self, other: Any) -> Truth:
        return less(num(other), self)

    def __le__(self, other: Any) -> Truth:
        return negate(less(num(other), self))

    def __ge__(self, other: Any) -> Truth:
        return negate(less(self, num(other)))

    def __bool__(self) -> bool:
        raise Refused(f"a number is used as a truth value ({IN_CONDITIONS}): write `!= 0` behind it")

    def __index__(self) -> int:
        if self.op == "const":
            return int(self.data)
        raise Refused(
            "a number of the state is used where Python needs a plain one (range, int(), an index of a list): "
            "loop over a constant with an `if`, or index an Array"
        )

    __int__ = __index__

    def wrapped(self, bits: int) -> Num:
        """This number modulo 2**bits."""
        if 0 <= self.low and self.high < 1 << bits:
            return self
        if self.op == "const":
            return const(self.data & ((1 << bits) - 1))
        return _shared("wrap", (self,), bits, 0, (1 << bits) - 1)

    def modulo(self, n: Any) -> Num:
        """This number modulo n: low bits where n is a power of two, else n is added or subtracted often enough."""
        if isinstance(n, Num):
            return _shared("slot" if n.op == "var" else "around", (self, n), None, 0, n.high - 1)
        if n & (n - 1) == 0:
            return self.wrapped(n.bit_length() - 1)
        first, last = self.low // n, self.high // n
        around = add(self, const(-first * n))
        if last - first > MOST_LAPS:
            return _halved(around, n, last - first)
        for lap in range(first + 1, last + 1):
            around = choose(less(self, const(lap * n)), around, add(self, const(-lap * n)))
        if first == last or around.op != "ite":
            return around
        return _shared("ite", around.args, None, 0, n - 1)

    def _inside(self, length: int) -> None:
        """The run forks where the number may be no index of so many items, and ends there."""
        if (self.low < 0 and less(self, const(0))) or (self.high >= length and not less(self, const(length))):
            raise IndexError(f"array index is outside 0..{length - 1}")

    def select(self, items: Sequence[Any]) -> Any:
        """items[self]; IndexError where there is no such item, as integers do."""
        self._inside(len(items))
        chosen = items[len(items) - 1]
        for i in reversed(range(len(items) - 1)):
            chosen = choose(equal(self, const(i)), items[i], chosen)
        return chosen

    def update(self, items: Sequence[Any], value: Any) -> list[Any]:
        """A copy of items with items[self] = value; IndexError where there is no such item, as integers do."""
        self._inside(len(items))
        old: list[Any] = list(items)
        return [choose(equal(self, const(i)), value, item) for i, item in enumerate(old)]


class Truth(RefusedByTruths):
    """A truth term.  op: const var eq lt not and or; at: an element of a `Row` of truth values."""

    __slots__ = ("args", "data", "op")
    __hash__ = RefusedByTruths.__hash__

    def __init__(self, op: str, args: tuple[Any, ...], data: Any) -> None:
        self.op, self.args, self.data = op, args, data

    def __bool__(self) -> bool:
        asked[0] += 1
        if asked[0] > MOST_ASKED and deciders:
            raise Refused(
                f"more than {MOST_ASKED} conditions in one run: a loop over numbers of the state has no end on them; "
                "loop over a constant with an `if`, or make a step of each round"
            )
        if self.op == "const":
            return bool(self.data)
        if not deciders:
            raise NotANumber("a symbolic truth value is decided outside a symbolic run")
        return deciders[-1](self)

    def __eq__(self, other: Any) -> Any:
        o = truth(other)
        if o.op == "const":
            return self if o.data else negate(self)
        return both(either(negate(self), o), either(self, negate(o)))

    def __ne__(self, other: Any) -> Any:
        return negate(truth(self == other))

    def __and__(self, other: Any) -> Truth:
        return both(self, truth(other))

    __rand__ = __and__

    def __or__(self, other: Any) -> Truth:
        return either(self, truth(other))

    __ror__ = __or__

    def picked(self, yes: Any, no: Any) -> Any:
        """yes where this holds, else no, as one term."""
        return choose(self, yes, no)


class Row:
    """An array term of unknown length.  op: var, zeros, or put (args: row, index, value); top: the largest element,
    None for truth values.  Immutable: the array that a step sees is `Cells` of the integer reading."""

    __slots__ = ("args", "data", "op", "top")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, op: str, args: tuple[Any, ...], data: Any, top: int | None) -> None:
        self.op, self.args, self.data, self.top = op, args, data, top

    def at(self, i: Num) -> Num | Truth:
        """Element i."""
        if self.op == "put" and self.args[1] is i:
            value: Num | Truth = self.args[2]
            return value
        if self.op == "zeros":
            return NO if self.top is None else const(0)
        return _fact("at", (self, i)) if self.top is None else _shared("at", (self, i), None, 0, self.top)

    def put(self, i: Num, value: Num | Truth) -> Row:
        """The row with element i exchanged."""
        return row("put", (self, i, value), None, self.top)


def _halved(a: Num, n: int, laps: int) -> Num:
    """a modulo n, where a is below (laps + 1) * n: halves of what is above n are taken away, so terms are few."""
    for k in reversed(range(laps.bit_length())):
        part = const(n << k)
        fits = less(a, part)
        if fits is not YES:
            a = _shared("ite", (fits, a, sub(a, part)), None, 0, (n << k) - 1)
    return a


deciders: Final[list[Callable[[Truth], bool]]] = []
"""The symbolic runs under way, innermost last: who decides a truth value."""

MOST_ASKED = 20_000
"""Conditions that a run may ask: a path of a step, which on terms may be one that no integers take."""
asked: Final[list[int]] = [0]
"""How many the run under way has asked."""

_NUMS: Final[dict[Any, Num]] = {}
_TRUTHS: Final[dict[Any, Truth]] = {}
_ROWS: Final[dict[Any, Row]] = {}


def row(op: str, args: tuple[Any, ...], data: Any, top: int | None) -> Row:
    """A row, the same object for the same term."""
    key = (op, tuple(map(id, args)), data, top)
    term = _ROWS.get(key)
    if term is None:
        term = _ROWS[key] = Row(op, args, data, top)
    return term


def _shared(op: str, args: tuple[Num | Truth | Row, ...], data: Any, low: int, high: int) -> Num:
    key = (op, tuple(map(id, args)), data, low, high)
    term = _NUMS.get(key)
    if term is None:
        term = _NUMS[key] = Num(op, args, data, low, high)
    return term


def _fact(op: str, args: tuple[Num | Truth | Row, ...], data: Any = None) -> Truth:
    key = (op, tuple(map(id, args)), data)
    term = _TRUTHS.get(key)
    if term is None:
        term = _TRUTHS[key] = Truth(op, args, data)
    return term


def const(value: int) -> Num:
    """An integer constant."""
    value = int(value)
    return _shared("const", (), value, value, value)


YES: Final = _fact("const", (), True)
NO: Final = _fact("const", (), False)


def variable(name: str, top: int, low: int = 0) -> Num:
    """A variable with values low..top."""
    return const(0) if top == 0 else _shared("var", (), name, low, top)


def truth_variable(name: str) -> Truth:
    """A variable that is true or false."""
    return _fact("var", (), name)


def num(x: Any) -> Num:
    """A number as a term."""
    if isinstance(x, Num):
        return x
    if isinstance(x, int):
        return const(x)
    if isinstance(x, Truth):
        raise Refused("a truth value is used as a number: write pick(condition, 1, 0)")
    raise Refused(f"{x!r} is no whole number")


def truth(x: Any) -> Truth:
    """A truth value as a term."""
    if isinstance(x, Truth):
        return x
    if isinstance(x, int) and x in (0, 1):
        return YES if x else NO
    if isinstance(x, Num):
        raise Refused("a number is used as a truth value: write `!= 0` behind it")
    raise Refused(f"{x!r} is no truth value")


def add(a: Num, b: Num) -> Num:
    """a + b"""
    if a.op == "const" and b.op == "const":
        return const(a.data + b.data)
    if b.op == "const" and b.data == 0:
        return a
    if a.op == "const":
        a, b = b, a
        if b.data == 0:
            return a
    return _shared("add", (a, b), None, a.low + b.low, a.high + b.high)


def sub(a: Num, b: Num) -> Num:
    """a - b"""
    if b.op == "const":
        return add(a, const(-b.data))
    if a is b:
        return const(0)
    return _shared("sub", (a, b), None, a.low - b.high, a.high - b.low)


def scale(a: Num, k: int) -> Num:
    """a * k for a constant k"""
    if k < 0:
        return sub(const(0), scale(a, -k))
    if a.op == "const":
        return const(a.data * k)
    return const(0) if k == 0 else a if k == 1 else _shared("scale", (a,), k, a.low * k, a.high * k)


def bitwise(op: str, a: Num, b: Any) -> Num:
    """a & b or a | b for numbers that are not negative"""
    b = num(b)
    if a.low < 0 or b.low < 0:
        raise Refused("& and | are for numbers that are not negative")
    if a.op == "const" and b.op == "const":
        return const(a.data & b.data if op == "band" else a.data | b.data)
    top = min(a.high, b.high) if op == "band" else (1 << max(a.high, b.high).bit_length()) - 1
    return _shared(op, (a, b), None, 0, top)


def equal(a: Num, b: Num) -> Truth:
    """a == b"""
    if a is b:
        return YES
    if a.high < b.low or b.high < a.low:
        return NO
    if a.op == "const" and b.op != "const":
        a, b = b, a
    return _fact("eq", (a, b))


def less(a: Num, b: Num) -> Truth:
    """a < b"""
    if a.high < b.low:
        return YES
    if a is b or a.low >= b.high:
        return NO
    return _fact("lt", (a, b))


def negate(a: Truth) -> Truth:
    """not a"""
    if a.op == "const":
        return NO if a.data else YES
    return a.args[0] if a.op == "not" else _fact("not", (a,))


def both(a: Truth, b: Truth) -> Truth:
    """a and b"""
    if a is NO or b is NO or a is negate(b):
        return NO
    if a is YES or a is b:
        return b
    return a if b is YES else _fact("and", (a, b))


def either(a: Truth, b: Truth) -> Truth:
    """a or b"""
    return negate(both(negate(a), negate(b)))


def choose(c: Truth, a: Any, b: Any) -> Any:
    """a if c else b, as one term"""
    if c is YES:
        return a
    if c is NO:
        return b
    if isinstance(a, (Truth, bool)):
        a, b = truth(a), truth(b)
        return a if a is b else either(both(c, a), both(negate(c), b))
    a, b = num(a), num(b)
    return a if a is b else _shared("ite", (c, a, b), None, min(a.low, b.low), max(a.high, b.high))
