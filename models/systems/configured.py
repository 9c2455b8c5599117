"""A configuration from the options of a system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args, get_type_hints

from vrx.models.systems.nearest_names import nearest
from vrx.spec.config import BadConfiguration
from vrx.spec.memory import Memory


def configured(kind: type[Any], options: Mapping[str, Any]) -> Any:
    """A configuration of a kind.  Raises BadConfiguration for an option, or a kind of value, that it does not have."""
    known = {f.name: f.default for f in fields(kind)}
    for name, value in options.items():
        if name not in known:
            raise BadConfiguration(f"no option is called {name}: {nearest(name, known)}")
        if type(value) is not type(known[name]) and not (name == "memory" and isinstance(value, Memory)):
            words = words_of(get_type_hints(kind)[name])
            use = f"one of {', '.join(words)}" if isinstance(known[name], str) and words else _KINDS[type(known[name])]
            use += ", or an object of a class under vrx.spec.memory.Memory" if name == "memory" else ""
            raise BadConfiguration(f"{name}={value!r}: use {use}")
    return kind(**options)


def words_of(hint: Any) -> tuple[str, ...]:
    """The words that an option may be, from its type."""
    return tuple(word for part in get_args(hint) for word in (get_args(part) or (part,)) if isinstance(word, str))


_KINDS: dict[Any, str] = {
    bool: "True or False",
    int: "a number",
    str: "a word",
    frozenset: "system.without(name)",
}
