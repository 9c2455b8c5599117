"""What the words of a trace mean: the docstrings of the state's classes, one field a line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from inspect import cleandoc
from typing import Any

from vrx.models.systems.fields import walk

_ENTRY = re.compile(r"^(\w+): (.*)$")
AT_REST = "at rest: no step of the system is enabled, only the environment could go on"


def legend(state: Any, names: Iterable[str]) -> list[str]:
    """A line for each field that is named and explained, `word: meaning`, in the order of the state.

    names: of fields, as `models.systems.fields` has them
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


def meanings(kind: type[Any]) -> dict[str, str]:
    """What the docstring of a class (and of those that it extends) says of its fields."""
    found: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        if one is not object:
            found.update(_entries(one.__doc__ or ""))
    return found


def _entries(doc: str) -> dict[str, str]:
    """`field: what it is`, and the lines behind it that are further in."""
    found: dict[str, str] = {}
    name = ""
    for line in cleandoc(doc).splitlines()[1:]:
        entry = _ENTRY.match(line)
        if entry:
            name = entry[1]
            found[name] = entry[2]
        elif line.startswith("    ") and name:
            found[name] += " " + line.strip()
        else:
            name = ""
    return found
