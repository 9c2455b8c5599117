"""What the words of a trace mean: the docstrings of the state's classes, one field a line."""

from __future__ import annotations

import re
from functools import lru_cache
from inspect import cleandoc
from typing import Any, cast

from vrx.models.systems.fields import walk
from vrx.spec.layouts.pairs import Pair

_ENTRY = re.compile(r"^(\w+): (.*)$")
AT_REST = "at rest: no step of the system is enabled, only the environment could go on"


def legend(state: Any) -> dict[str, str]:
    """What the fields mean that are explained: name without an index -> `word: meaning`, in the order of the state.

    The names are those that `models.systems.fields` has; two fields may have the same line.
    """
    lines: dict[str, str] = {}
    for name, owner, attribute, _, _ in walk(state, ""):
        if meaning := meanings(cast(Any, type(owner))).get(attribute, ""):
            lines[plain(name)] = f"{attribute}: {meaning}"
    return lines


def pairs(state: Any) -> dict[str, Pair]:
    """Which numbers the C keeps as two, by the layout's own words: names as those of the legend."""
    layout = getattr(state.cfg, "layout", None)
    if layout is None:
        return {}
    known = layout.pairs(state.cfg)
    named = ((plain(name), attribute) for name, _, attribute, _, _ in walk(state, ""))
    found = ((name, known.get(name) or known.get(attribute)) for name, attribute in named)
    return {name: pair for name, pair in found if pair is not None}


def plain(name: str) -> str:
    """A field's name without an index."""
    return name.partition("[")[0]


@lru_cache(maxsize=256)
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
