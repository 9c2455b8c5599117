"""Docstrings as Markdown: what they say of parameters and fields, a line for each, becomes a list."""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension, Object

ALIGNED = re.compile(r"(\w+) {2,}(\S.*)")
"""A line of a table, as in `Config`: a name, blanks, what it is."""
SAID = re.compile(r"(\w+(?:, \w+)*): (.*)")
"""`size: entries of the queue`, also behind the end of a sentence: `called: what reports name it`."""


class Lists(Extension):
    """An extension of griffe, which reads the sources for mkdocstrings."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        """Change the docstring of one function or class."""
        if obj.docstring:
            names = {p.name for p in getattr(obj, "parameters", ())} | set(obj.members) | {"C", "Spec", "result"}
            obj.docstring.value = as_markdown(obj.docstring.value, names)


def as_markdown(text: str, names: set[str]) -> str:
    """The docstring with a list item for each of the names that it explains."""
    out: list[str] = []
    item = False
    for line in text.splitlines():
        aligned, said = ALIGNED.fullmatch(line), SAID.fullmatch(line)
        if said and not {*said[1].split(", ")} <= names:
            said = None
        if found := aligned or said:
            out += [] if item or out[-1:] in ([], [""]) else [""]
            out.append(f"- {', '.join(f'`{name}`' for name in found[1].split(', '))}: {found[2]}")
        elif item and line.strip() and (line[0] == " " or not out[-1].endswith(".")):
            out.append("    " + line.strip())
            continue
        else:
            out += [*([""] if item and line.strip() else []), line]
        item = bool(found)
    return "\n".join(out)
