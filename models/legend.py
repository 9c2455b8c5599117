"""What the words of a trace mean: the docstrings of the state's classes, read as `name, name: what it is` lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from vrx.models.fields import walk

_ENTRY = re.compile(r"^\s*((?:\w+)(?:, \w+)*): (.*)$")
AT_REST = "at rest: no step of the system is enabled, only the environment could go on"


def legend(state: Any, names: Iterable[str]) -> list[str]:
    """A line for each field that is named and explained, `word: meaning`, in the order of the state.

    names: of fields, as `models.fields` has them
    """
    wanted = {plain(name) for name in names}
    lines: dict[str, None] = {}
    for name, owner, attribute, _, _ in walk(state, ""):
        if plain(name) in wanted:
            meaning = meanings(type(owner)).get(attribute, "")
            if meaning:
                lines[f"{attribute}: {meaning}"] = None
    return list(lines)


def plain(name: str) -> str:
    """A field's name without an index."""
    return name.partition("[")[0]


@cache
def meanings(kind: type[Any]) -> dict[str, str]:
    """What the docstring of a class (and of those that it extends) says of its fields."""
    found: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        if one.__module__.startswith("vrx."):
            found.update(_entries(one.__doc__ or ""))
    return found


def _entries(doc: str) -> dict[str, str]:
    """`a, b: words` and the lines that go on with it."""
    found: dict[str, str] = {}
    open_names: list[str] = []
    for line in doc.splitlines()[1:]:
        entry = _ENTRY.match(line)
        if entry:
            # One line may have several entries: `size, mark: the packet in hand; rest: how much is left`.
            open_names = []
            for part in re.split(r"; (?=\w+(?:, \w+)*: )", line.strip()):
                names, _, words = part.partition(": ")
                open_names = [n.strip() for n in names.split(",")]
                found.update(dict.fromkeys(open_names, words))
        elif line.strip() and open_names:
            more = line.strip()
            found.update({n: f"{found[n]} {more}" for n in open_names})
        else:
            open_names = []
    return found
