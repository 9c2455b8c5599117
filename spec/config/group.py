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
        hints = _hints(kind)
        values = [(f.name, hints[f.name], getattr(self, f.name)) for f in fields(self)]
        for name, hint, value in values:
            words = _words(hint)
            if words and value not in words and not isinstance(value, _kinds(hint)):
                told = ", ".join(str(word) or "''" for word in words)
                told += "".join(f", or an object of a class under {kind.__name__}" for kind in _kinds(hint))
                yield f"{name}={value!r}: use one of {told}"
        for name, hint, value in values:
            if get_origin(hint) is Annotated and isinstance(value, int):
                for limits in hint.__metadata__:
                    if isinstance(limits, Within) and not limits.least <= value <= limits.most:
                        yield f"{name}={value}: use {limits.least}..{limits.most}"

    def wrong(self) -> Iterator[str]:
        """What cannot go together, in one line each, with the mend: of the groups that this one rests on, then its own.

        Whoever asks stops at the first: what comes later may make no sense where something before it is wrong.
        """
        yield from ()


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _words(hint: Any) -> tuple[Any, ...]:
    """The words that an annotation allows: a Literal, or one beside a class."""
    members = get_args(hint) if get_origin(hint) in _UNIONS else (hint,)
    return tuple(word for member in members if get_origin(member) is Literal for word in get_args(member))


def _kinds(hint: Any) -> tuple[type, ...]:
    """The classes beside those words."""
    members = get_args(hint) if get_origin(hint) in _UNIONS else ()
    return tuple(member for member in members if isinstance(member, type))
