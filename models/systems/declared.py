"""Fields that a variant has of its own, and ranges that it widens.

A part of the state with another field, or another range, is of a class of its own: a
dataclass under that of the part.  So whatever reads the fields of a state reads these too.
"""

from __future__ import annotations

import keyword
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, make_dataclass
from enum import IntEnum
from functools import cache
from typing import Annotated, Any

from vrx.models.systems.fields import inner_parts, parts, top_of, walk
from vrx.models.systems.nearest_names import nearest
from vrx.spec.config import BadConfiguration
from vrx.spec.memory import SHARED
from vrx.spec.size import Size, size_of
from vrx.spec.sizes import refused
from vrx.spec.words import Array, Bits, Of, Upto

Range = Bits | Upto | type[Any]
"""What a field holds: a range, `bool`, or an enumeration."""
MOST_BITS = 32


@dataclass(frozen=True)
class Declared:
    """A field of a variant's own, or (widens) a new range of an existing one.

    path: the part and the name, `vq.late`; softirq and hardirq mean those of every CPU; range: of an element where it
    is an array; length: of an array, or the size of the configuration that says it; None where it is none
    """

    path: str
    range: Range
    initial: int = 0
    length: int | Size | None = None
    widens: bool = False

    @property
    def part(self) -> str:
        """Which part of the state."""
        return self.path.rpartition(".")[0]

    @property
    def name(self) -> str:
        """What the field is called there."""
        return self.path.rpartition(".")[2]

    @property
    def text(self) -> str:
        """As the name of a system says it."""
        n = getattr(self.range, "n", "")
        if isinstance(self.range, Upto):
            said = f"0..{n}"
        elif isinstance(self.range, Bits):
            said = f"{n} bits" if isinstance(n, int) else str(n)
        else:
            said = self.range.__name__
        many = "" if self.length is None else f" {self.length} of"
        begins = f" from {int(self.initial)}" if self.initial else ""
        return f"{self.path}:{many} {said}{begins}"


def declare(state: Any, path: str, kind: Range | Of, initial: int, length: int | Size | None) -> Declared:
    """A new field.  Raises BadConfiguration where it cannot be one."""
    if isinstance(kind, Of):
        if length is None:
            raise BadConfiguration(f'{path}: how long is the array? .declare("{path}", {kind}, length=SIZE)')
        kind = kind.element
    elif length is not None:
        kind = kind if not isinstance(kind, type) or kind is bool else _refuse(path, "an array holds numbers or bool")
    new = Declared(path, kind, initial, length)
    _check_range(new, state)
    found = _parts_of(state, new)
    if new.part in SHARED:
        _refuse(path, "shared memory has the fields of the ring; declare it in the part of the side that keeps it")
    if new.name == "cfg":
        _refuse(path, "that is what the configuration is called, which is no state; use another name")
    if not new.name.isidentifier() or keyword.iskeyword(new.name):
        _refuse(path, f"{new.name!r} is no name of a field")
    if new.name in ("marks", "listener", "instead", "accesses"):
        _refuse(path, "engines keep something of this name at the state; use another one")
    for part in found:
        if new.name in type(part).__dataclass_fields__:
            _refuse(path, f'there is such a field; to give it another range: .widen("{path}", Bits(16))')
        if hasattr(part, new.name):
            _refuse(path, "the name is taken by the part itself; use another one")
    if not 0 <= initial <= top_of(kind, state.cfg):
        _refuse(path, f"it begins as {initial}, which is outside 0..{top_of(kind, state.cfg)}")
    return new


def widen(state: Any, path: str, kind: Range) -> Declared:
    """A new range of a field.  Raises BadConfiguration for one that is no number, or a narrower range."""
    new = Declared(path, kind, widens=True)
    if not isinstance(kind, (Bits, Upto)):
        _refuse(path, f"{kind!r} is no range; use Bits(16) or Upto(3)")
    _check_range(new, state)
    found = {id(part) for part in _parts_of(state, new)}
    here = {attribute: spec for _, owner, attribute, _, spec in walk(state, "") if id(owner) in found}
    if new.name not in here:
        _refuse(path, f"there is no such field; {nearest(new.name, here)}")
    spec = here[new.name]
    old = spec.element if isinstance(spec, Of) else spec
    if not isinstance(old, (Bits, Upto)):
        _refuse(path, "it is no number, and has all the values of its kind already")
    if top_of(kind, state.cfg) < top_of(old, state.cfg):
        _refuse(path, f"that is narrower: it holds 0..{top_of(old, state.cfg)} already")
    return new


def extended(state: Any, declared: Sequence[Declared]) -> Any:
    """The state, just built, with its parts extended.  Raises BadConfiguration for a start outside the range."""
    for one in declared:
        wanted = {id(part) for part in _parts_of(state, one)}
        state = _rebuilt(state, one, wanted, state.cfg)
    return state


def _rebuilt(part: Any, one: Declared, wanted: set[int], cfg: Any) -> Any:
    """A part of the state with those inside it extended, and itself where it is wanted."""
    here = id(part) in wanted
    for name, value in inner_parts(part):
        if isinstance(value, tuple):
            setattr(part, name, tuple(_rebuilt(v, one, wanted, cfg) for v in value))
        else:
            setattr(part, name, _rebuilt(value, one, wanted, cfg))
    if not here:
        return part
    kind: Any = type(part)
    if one.widens:
        array = isinstance(getattr(part, one.name), list)
    else:
        array = one.length is not None
    bigger = _class(kind, one.name, _hint(one.range, array))
    new = object.__new__(bigger)
    for f in fields(part):
        setattr(new, f.name, getattr(part, f.name))
    if not one.widens:
        if one.initial > top_of(one.range, cfg):
            _refuse(one.path, f"it begins as {one.initial}, which is outside 0..{top_of(one.range, cfg)}")
        length = None if one.length is None else size_of(one.length, cfg)
        first = _first(one)
        setattr(new, one.name, first if length is None else Array([first] * length))
    return new


def _first(one: Declared) -> Any:
    return one.range(one.initial) if isinstance(one.range, type) else one.initial


def _hint(kind: Range, array: bool) -> Any:
    if array:
        return Annotated[Array[Any], Of(kind)]
    return kind if isinstance(kind, type) else Annotated[int, kind]


@cache
def _class(kind: type[Any], name: str, hint: Any) -> type[Any]:
    """The class of a part with one more field, or one that has another range."""
    return make_dataclass(kind.__name__, [(name, hint, field(default=None))], bases=(kind,), slots=True)


def _parts_of(state: Any, one: Declared) -> list[Any]:
    found = parts(state)
    known = [(path, path.rpartition(".")[2].rstrip("0123456789"), part) for path, part in found]
    here = [part for path, short, part in known if one.part in (path, short)]
    if not here:
        example = f"; write the part before it, like vq.{one.path}" if not one.part else ""
        _refuse(one.path, f"the state has no part {one.part!r}{example}; {nearest(one.part, [s for _, s, _ in known])}")
    return here


def _check_range(one: Declared, state: Any) -> None:
    kind = one.range
    if isinstance(kind, type):
        if kind is not bool and not issubclass(kind, IntEnum):
            _refuse(one.path, f"{kind.__name__} is no range; use bool, Bits(16), Upto(3) or an IntEnum")
        return
    if not isinstance(kind, (Bits, Upto)):
        _refuse(one.path, f"{kind!r} is no range; use bool, Bits(16), Upto(3) or an IntEnum")
    for n in (kind.n, one.length):
        try:
            size_of(n or 0, state.cfg)
        except LookupError as error:
            _refuse(one.path, str(error))
    if wrong := refused("length={}", one.length):
        _refuse(one.path, wrong)
    if top_of(kind, state.cfg) >= 1 << MOST_BITS or top_of(kind, state.cfg) < 0:
        _refuse(one.path, f"{kind} is too wide or no range; use up to {MOST_BITS} bits")


def _refuse(path: str, why: str) -> Any:
    raise BadConfiguration(f"{path}: {why}")
