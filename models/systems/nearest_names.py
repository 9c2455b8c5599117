"""The names that somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

FEW = 8
"""So many names are listed where none is close."""


def nearest(name: str, known: Iterable[str]) -> str:
    """For the end of an error text: the names that are close to a wrong one, or all where they are few."""
    names = list(dict.fromkeys(known))
    close = get_close_matches(name, names, 3, 0.5) or [k for k in names if name and name in k][:3]
    if close:
        return f"did you mean {' or '.join(close)}?"
    if len(names) <= FEW:
        return f"use one of {', '.join(names)}" if names else "there is none"
    return f"the nearest are {', '.join(get_close_matches(name, names, 3, 0.0))}"
