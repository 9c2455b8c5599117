"""The fields of a state: which numbers it consists of, their ranges, reading and writing them all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import Field as Declaration
from dataclasses import dataclass, fields, is_dataclass
from enum import IntEnum
from functools import cache
from operator import itemgetter, le
from typing import Annotated, Any, cast, get_args, get_origin, get_type_hints

from vrx.spec.contexts import Context
from vrx.spec.size import size_of
from vrx.spec.words import Array, Behind, Bits, Of, Upto

Values = tuple[int, ...]
"""A state as an engine keeps it: the value of every field, in the order of `View.fields`."""


@dataclass(frozen=True)
class Field:
    """One number of a state: its path, its largest value (the smallest is 0), and what to show it as.

    points: the enumerations of a program point's values: those that every ring has, and those of a layout's own
    """

    name: str
    top: int
    kind: type[Any]
    points: tuple[type[IntEnum], ...] = ()

    @property
    def kinds(self) -> tuple[type[Any], ...]:
        """The types of its values, an enumeration each."""
        return self.points or (self.kind,)

    @property
    def whole(self) -> str:
        """Its path without an index: all elements of an array have one."""
        return self.name.partition("[")[0]

    @property
    def part(self) -> str:
        """The part of the state that it is in: `vq`, `cpus0.softirq`; empty for a field of the state itself."""
        return self.whole.rpartition(".")[0]

    @property
    def attribute(self) -> str:
        """What it is called there."""
        return self.whole.rpartition(".")[2]

    @property
    def element(self) -> int | None:
        """Which element of an array it is; None for no array."""
        index = self.name[len(self.whole) + 1 : -1]
        return int(index) if index else None

    @property
    def bits(self) -> int:
        """How many bits hold it."""
        return self.top.bit_length()

    def foreign(self, value: Any) -> str:
        """What is wrong with a member of another enumeration in this field; an empty string where it is none."""
        if not isinstance(value, IntEnum) or isinstance(value, self.kinds):
            return ""
        names = " and ".join(kind.__name__ for kind in self.kinds)
        own = f"its values are those of {names}" if issubclass(self.kind, IntEnum) else "it is a number"
        return f"{self.name} becomes {type(value).__name__}.{value.name}: {own}"

    def declared(self, value: int) -> Any:
        """The value as the annotation of the field says: a truth value, a member of an enumeration, or a number."""
        if self.kind is bool:
            return value != 0
        for kind in self.kinds if issubclass(self.kind, IntEnum) else ():
            if value in _numbers(cast(Any, kind)):
                return kind(value)
        return value

    def show(self, value: int) -> str:
        """The value as a person reads it."""
        declared = self.declared(value)
        if isinstance(declared, IntEnum):
            return declared.name
        if self.kind is bool:
            return "yes" if value else "no"
        return str(value)


@cache
def _numbers(kind: Any) -> frozenset[int]:
    return frozenset(int(member) for member in kind)


def top_of(spec: Bits | Upto | type[Any], cfg: Any) -> int:
    """The largest value of a range; of a truth value 1, of an enumeration its last member."""
    if isinstance(spec, type):
        return 1 if spec is bool else max(int(member) for member in cast(type[IntEnum], spec))
    n = size_of(spec.n, cfg)
    return (1 << n) - 1 if isinstance(spec, Bits) else n


class View:
    """A state object and its fields, in a fixed order."""

    def __init__(self, state: Any) -> None:
        self.state = state
        self.fields: list[Field] = []
        self._plain: list[tuple[Any, str]] = []
        self._arrays: list[tuple[Array[Any], int]] = []
        self._held: list[tuple[Any, str, Any, str]] = []
        arrays: list[tuple[Field, Array[Any]]] = []
        for name, owner, attribute, kind, spec in walk(state, ""):
            if isinstance(spec, Of):
                held = getattr(owner, attribute)
                top = top_of(spec.element, state.cfg)
                element = bool if spec.element is bool else int
                arrays.append((Field(name, top, element), held))
                self._held.append((owner, attribute, held, name))
            else:
                top = top_of(spec, state.cfg)
                points = owner.points if isinstance(owner, Context) and issubclass(kind, IntEnum) else ()
                self.fields.append(Field(name, top, kind, points))
                self._plain.append((owner, attribute))
        for form, held in arrays:
            self._arrays.append((held, len(held)))
            self.fields.extend(Field(f"{form.name}[{i}]", form.top, form.kind) for i in range(len(held)))
        for path, owner in [("", state), *((f"{path}.", part) for path, part in parts(state))]:
            self._held += [(owner, n, p, path + n) for n, p in inner_parts(owner) if not isinstance(p, tuple)]
        if hasattr(state, "cfg"):
            self._held.append((state, "cfg", state.cfg, "cfg"))
        self._truths = [(i, *self._plain[i]) for i, x in enumerate(self.fields[: len(self._plain)]) if x.kind is bool]
        self._truth_arrays = [held for form, held in arrays if form.kind is bool]
        truths = [i for i, x in enumerate(self.fields) if x.kind is bool]
        self._truth_values = itemgetter(*truths, *truths[:1]) if truths else lambda values: ()
        self._tops = [f.top for f in self.fields]
        self._kinds = {int, bool, *(f.kind for f in self.fields)}
        self._points = [(i, f.kinds) for i, f in enumerate(self.fields) if issubclass(f.kind, IntEnum)]
        self.index = {f.name: i for i, f in enumerate(self.fields)}
        self.get, self.put, self.sound = self._accessors()

    def _accessors(self) -> tuple[Callable[[], Values], Callable[[Sequence[Any]], None], Callable[[Values], bool]]:
        """Three functions that name each field: a loop over `getattr` and `setattr` takes ten times as long.

        get: the values of all fields; put: give them values that `get` has returned
        sound: is every part, and every array, the one that it was, and every value what its field shows it as?
        """
        known: dict[str, Any] = {"every": slice(None), "elements": list.__getitem__, "write": list.__setitem__}

        def called(what: Any) -> str:
            known[f"o{id(what)}"] = what
            return f"o{id(what)}"

        plain = [f"{called(owner)}.{name}" for owner, name in self._plain]
        rows = [(called(held), length) for held, length in self._arrays if length]
        read = [*plain, *(f"*elements({held}, every)" for held, _ in rows)]
        put = [f"{', '.join([*plain, '*rest'])}, = values"]
        n = 0
        for held, length in rows:
            put.append(f"write({held}, every, rest[{n}:{n + length}])")
            n += length
        same = [f"{called(owner)}.{name} is {called(held)}" for owner, name, held, _ in self._held]
        text = f"def get(): return ({''.join(f'{one}, ' for one in read)})\n"
        text += f"def put(values):\n    {'; '.join(put)}\n"
        points = [(f"values[{i}].__class__", called(kind)) for i, kind in self._points]
        same += [f"({one} is {kind} or {one} is int)" for one, kind in points]
        text += f"def sound(values): return {' and '.join(same) or True}\n"
        exec(compile(text, __file__, "exec"), known)  # of this file, for whoever asks who looks at a state
        return known["get"], known["put"], known["sound"]

    def set(self, values: Sequence[Any]) -> None:
        """Give all fields the values; truth values may be 0 and 1, as engines keep them."""
        self.put(values)
        if int not in map(type, self._truth_values(values)):
            return
        for i, owner, name in self._truths:
            if values[i].__class__ is int:
                setattr(owner, name, values[i] != 0)
        for held in self._truth_arrays:
            if any(x.__class__ is int for x in list.__iter__(held)):
                list.__setitem__(held, slice(None), [x != 0 for x in list.__iter__(held)])

    def counters(self, actors: Sequence[Any]) -> dict[int, int]:
        """Which field is the program counter of which context, by number; without those that have none."""
        where = {id(owner): i for i, (owner, name) in enumerate(self._plain) if name == "pc"}
        return {number: where[id(actor)] for number, actor in enumerate(actors) if id(actor) in where}

    def out_of_range(self, values: Values) -> list[str]:
        """Fields whose value does not fit; empty for a good state."""
        numbers = self._kinds.issuperset(map(type, values))
        if numbers and min(values, default=0) >= 0 and all(map(le, values, self._tops)):
            return []
        return [
            f"{f.name}={int(v)} is outside 0..{f.top}" if isinstance(v, int) else f"{f.name}={v!r} is no whole number"
            for f, v in zip(self.fields, values, strict=True)
            if not isinstance(v, int) or not 0 <= v <= f.top
        ]

    def misused(self, values: Sequence[Any]) -> str:
        """What a step did to a field that no value can say; an empty string where it did nothing of the kind."""
        for owner, name, held, path in self._held:
            if getattr(owner, name) is not held:
                if name == "cfg":
                    return "s.cfg is exchanged, which no engine sees: a configuration stays; what changes is a field"
                one = f"{path}[i]" if isinstance(held, list) else f"{path}.{fields(held)[0].name}"
                return f"{path} is exchanged as a whole, which no engine sees: write into it, {one} = ..."
        for i, kinds in self._points:
            if values[i].__class__ not in kinds and (foreign := self.fields[i].foreign(values[i])):
                return foreign
        return ""

    def differences(self, before: Values, after: Values) -> dict[str, tuple[str, str]]:
        """Fields that changed, as they read."""
        return {
            f.name: (f.show(int(a)), f.show(int(b)))
            for f, a, b in zip(self.fields, before, after, strict=True)
            if a != b
        }


@cache
def _hints(cls: type[Any]) -> dict[str, Any]:
    return get_type_hints(cls, include_extras=True)


def inner_parts(part: Any) -> Iterator[tuple[str, Any]]:
    """The attributes of a part of the state that are parts themselves, or tuples of parts."""
    for field in fields(part):
        value = getattr(part, field.name)
        if field.name != "cfg" and (_is_part(value) or (isinstance(value, tuple) and value and _is_part(value[0]))):
            yield field.name, value


def _is_part(value: Any) -> bool:
    return is_dataclass(value) and not getattr(value, "__dataclass_params__").frozen  # noqa: B009


def parts(state: Any) -> list[tuple[str, Any]]:
    """The parts of a state and theirs, with their paths: `vq`, `cpus0.softirq`, `buffers1`."""
    found: list[tuple[str, Any]] = []
    for name, value in inner_parts(state):
        several = value if isinstance(value, tuple) else (value,)
        for i, part in enumerate(several):
            path = f"{name}{i}" if isinstance(value, tuple) else name
            found.append((path, part))
            found += [(f"{path}.{inner}", p) for inner, p in parts(part)]
    return found


@cache
def _in_order(cls: Any) -> list[Declaration[Any]]:
    """The fields of a part, those of an extended class where they say that they stand (`spec.words.Behind`)."""
    out: list[Declaration[Any]] = []
    for field in fields(cls):
        marks = [m for m in getattr(_hints(cls)[field.name], "__metadata__", ()) if isinstance(m, Behind)]
        at = [f.name for f in out].index(marks[0].field) + 1 if marks else len(out)
        out.insert(at, field)
    return out


def walk(obj: Any, prefix: str) -> Iterator[tuple[str, Any, str, type[Any], Any]]:
    """The fields of a state: name, the object that has it, its attribute there, the type, the range."""
    cls: Any = type(obj)
    hints = _hints(cls)
    for field in _in_order(cls):
        hint, value, name = hints[field.name], getattr(obj, field.name), prefix + field.name
        if field.name == "cfg":
            continue
        if get_origin(hint) is Annotated:
            yield name, obj, field.name, *get_args(hint)[:2]
        elif isinstance(hint, type) and (hint is bool or issubclass(hint, IntEnum)):
            yield name, obj, field.name, hint, hint
        elif is_dataclass(value):
            yield from walk(value, name + ".")
        elif isinstance(value, tuple):
            for i, part in enumerate(value):
                if is_dataclass(part) and not getattr(part, "__dataclass_params__").frozen:  # noqa: B009
                    yield from walk(part, f"{name}{i}.")
