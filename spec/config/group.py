"""What the groups of a configuration have in common: fields with their values, and rules between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

_UNIONS = (Union, get_origin(int | str))


@dataclass(frozen=True)
class Within:
    """The least and the largest value of a number: `Annotated[int, Within(1, 8)]`."""

    least: int
    most: int


@dataclass(frozen=True)
class Group:
    """Options that are about one thing.  A group inherits those that its rules and derived values speak of."""

    def outside(self) -> Iterator[str]:
        """Which values are none of their option, by the option's annotation: words first, then numbers."""
        kind: Any = type(self)
        for name, words, kinds in _worded(kind):
            value = getattr(self, name)
            if value not in words and not isinstance(value, kinds):
                told = ", ".join(str(word) or "''" for word in words)
                told += "".join(f", or an object of a class under {of.__name__}" for of in kinds)
                yield f"{name}={value!r}: use one of {told}"
        for name, limits in _limited(kind):
            value = getattr(self, name)
            if isinstance(value, int) and not limits.least <= value <= limits.most:
                yield f"{name}={value}: use {limits.least}..{limits.most}"

    def wrong(self) -> Iterator[str]:
        """What cannot go together, in one line each, with the mend: of the groups that this one rests on, then its own.

        Whoever asks stops at the first: what comes later may make no sense where something before it is wrong.
        """
        yield from ()


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


@cache
def _worded(kind: Any) -> list[tuple[str, tuple[Any, ...], tuple[type, ...]]]:
    """The options of a class that have words, with the classes beside those words: read once, asked of every object."""
    found = [(f.name, _words(_hints(kind)[f.name]), _kinds(_hints(kind)[f.name])) for f in fields(kind)]
    return [(name, words, kinds) for name, words, kinds in found if words]


@cache
def _limited(kind: Any) -> list[tuple[str, Within]]:
    """The options of a class that are numbers within limits."""
    hints = {f.name: _hints(kind)[f.name] for f in fields(kind)}
    annotated = [(name, hint) for name, hint in hints.items() if get_origin(hint) is Annotated]
    return [(name, limits) for name, hint in annotated for limits in hint.__metadata__ if isinstance(limits, Within)]


def _words(hint: Any) -> tuple[Any, ...]:
    """The words that an annotation allows: a Literal, or one beside a class."""
    members = get_args(hint) if get_origin(hint) in _UNIONS else (hint,)
    return tuple(word for member in members if get_origin(member) is Literal for word in get_args(member))


def _kinds(hint: Any) -> tuple[type, ...]:
    """The classes beside those words."""
    members = get_args(hint) if get_origin(hint) in _UNIONS else ()
    return tuple(member for member in members if isinstance(member, type))
