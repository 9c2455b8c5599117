"""The digest of a system: of the C that is generated from it, and of the names that the C does not say.

Two systems with the same digest are one transition system, whatever their
Python looks like: their states have the same fields, and each step does the
same in each of them.  With properties, the digest is that of a question: what
was found out for it is true for whoever asks it again.  Caches, claims that share
a search, measured figures, the page of results and the test of what moved
go by it, and nothing goes by a name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache
from typing import Any

from vrx.models.engines.native.codegen import Source, generate
from vrx.models.symbolic.reading import Reading
from vrx.models.symbolic.trees import Leaf, mapped
from vrx.models.systems.standard_systems import watched
from vrx.models.systems.system import System
from vrx.spec.config import BadConfiguration
from vrx.spec.steps import ModelError, Replaced

SHORT = 16
"""Hexadecimal digits of a digest."""
SAME = "the same transition system as without the change"
"""What is said of an equal mutant."""


def digest(source: Source) -> str:
    """The digest of a system with its properties: of the whole question."""
    names = (f"{number} {p.when} {p.name}" for number, p in enumerate(source.properties))
    return _short(steps_digest(source), source.asked, *names)


def steps_digest(source: Source) -> str:
    """The digest of a system alone: initial state, steps, fields with their ranges, actions, marks."""
    return _short(source.steps, *source.fields, "actions", *source.actions, "marks", *source.marks)


def with_runs(source: Source, asked: tuple[object, ...]) -> str:
    """The digest of a question that is of runs without end, too.  asked: what `same_system.asked_of_runs` says"""
    return _short(digest(source), repr(asked))


def _short(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:SHORT]


def identity(system: System) -> object:
    """What tells systems apart without reading them: the configuration, and which functions its steps run.

    Systems of one identity are one transition system.  So may be two of different identities: their digests say it.
    """
    # A function is itself and no other, whatever it says about `==`: the system in the key keeps it alive.
    steps = ((s.name, id(s.run), tuple(s.choices.items())) for s in system.steps)
    return system, tuple(steps), tuple((name, id(run)) for name, run in getattr(system, "instead", ()))


def original(system: System) -> System:
    """The system that a variant was made from: every exchange undone, every barrier back in its place."""
    looked_on = bool(getattr(system.cfg, "watched", False))  # by the standard, whichever steps there are
    cfg = replace(system.cfg, watched=False) if looked_on else system.cfg
    cfg = replace(cfg, without=frozenset()) if hasattr(cfg, "without") else cfg
    own: dict[str, Any] = {name: () for name in ("instead", "declared") if hasattr(system, name)}
    plain = replace(system, cfg=cfg, changed=(), steps=(), **own)  # the steps of the machines
    return watched(plain) if looked_on else plain


def equal_mutant(system: System) -> bool:
    """Does a variant change nothing, so that what holds of the original holds of it too?  False for an original."""
    before = original(system)
    if not system.changed and before.cfg == system.cfg:
        return False
    return of_steps_alone(system) == of_steps_alone(before)


def unchanged(system: System, found: str) -> bool:
    """The same, where the digest of the variant's steps is known: the system without the change is read once."""
    before = original(system)
    if not system.changed and before.cfg == system.cfg:
        return False
    if getattr(system, "instead", ()):
        return equal_mutant(system)
    return found == _of_original(before)


@cache
def _of_original(system: System) -> str:
    return steps_digest(generate(Reading(system)))


def of_steps_alone(system: System) -> str:
    """The digest of the steps without the marks that exchanged helpers leave.  Raises ModelError."""
    reading = Reading(system)
    reading.actions = [replace(traced, tree=mapped(traced.tree, _unmarked)) for traced in reading.actions]
    return steps_digest(generate(reading))


def idle_options(system: System, options: Mapping[str, Any]) -> list[str]:
    """Those of some options of a receive system that change nothing: with the usual value it would be the same C."""
    found = []
    for one in fields(system.cfg):
        if one.name not in options or options[one.name] == one.default:
            continue
        try:
            usual = system.under(replace(system.cfg, **{one.name: one.default}))
            if usual.cfg != system.cfg and of_steps_alone(usual) == of_steps_alone(system):
                found.append(one.name)
        except (BadConfiguration, ModelError):
            continue  # it does not go without; or it cannot be read, which is said where it is asked
    return found


def _unmarked(leaf: Leaf) -> Leaf:
    return replace(leaf, marks=tuple(mark for mark in leaf.marks if not isinstance(mark, Replaced)))
