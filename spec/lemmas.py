"""Words for facts that are said of every state, on numbers and on terms alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vrx.spec.property import Property


def stated(name: str, holds: Callable[[Any], bool], sentence: str) -> Property:
    """A fact in the words of a property of every state."""

    def holding(s: Any) -> bool:
        return holds(s)

    holding.__doc__ = sentence
    return Property(name, holding, "always")


def only_where(condition: Any, then: Callable[[], bool]) -> bool:
    """Where the condition holds, what is asked only there, as it may make no sense elsewhere: a fork on terms."""
    return then() if condition else True
