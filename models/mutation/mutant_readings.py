"""Readings of mutants beside that of the original: what a fault does not touch is not traced again.

A fault changes one step, or one helper and with it the steps that call the helper.  All
other steps, and all questions, are read as they are for the original, once for a process
and those that it starts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container
from functools import cache
from typing import Any

from vrx.models.deciding.digest import SHORT
from vrx.models.engines.liveness import Fairness, allowed, situations, written
from vrx.models.engines.native.codegen import generate
from vrx.models.mutation.mutants import Mutant
from vrx.models.symbolic.reading import Reading, Traced
from vrx.models.symbolic.trees import Tree, marks_in
from vrx.models.systems.standard_systems import watched
from vrx.models.systems.system import System
from vrx.models.variants.canonical import not_kept, reads_dead_values
from vrx.spec.liveness import Liveness
from vrx.spec.properties import Property
from vrx.spec.questions import standard_for
from vrx.spec.standard.config import PeerConfig
from vrx.spec.steps import Replaced


def final(system: System) -> System:
    """The system as it is asked about."""
    return watched(system) if isinstance(system.cfg, PeerConfig) else system


class Plain(Reading):
    """The reading of an original, which keeps what it has read of questions."""

    def __init__(self, system: System, steps: Container[str] | None = None) -> None:
        super().__init__(system, steps)
        self._asked: dict[object, Tree] = {}

    def property_tree(self, prop: Property) -> Tree:
        if prop not in self._asked:
            self._asked[prop] = super().property_tree(prop)
        return self._asked[prop]

    def value_tree(self, value: Callable[[Any], int]) -> Tree:
        if value not in self._asked:
            self._asked[value] = super().value_tree(value)
        return self._asked[value]


class Beside(Reading):
    """The reading of a mutant's system.  again: its actions that the fault touches; plain: the original's reading.

    Raises ModelError where a touched step cannot be read.
    """

    def __init__(self, system: System, plain: Plain, touched: Container[str]) -> None:
        super().__init__(system, touched)
        self.plain, self.again = plain, self.actions
        traced = {t.number: t for t in self.again}
        self.actions = [traced.get(t.number, t) for t in plain.actions]

    def property_tree(self, prop: Property) -> Tree:
        return self.plain.property_tree(prop)

    def value_tree(self, value: Callable[[Any], int]) -> Tree:
        return self.plain.value_tree(value)

    @property
    def before(self) -> list[Traced]:
        """The original's actions in the place of those that are touched."""
        return [self.plain.actions[t.number] for t in self.again]


    def may_read_dead_values(self) -> bool:
        """May it read what the model does not keep?  `models.variants.canonical` tells."""
        return reads_dead_values(self, self.before, self.again, self.plain.system)


@cache
def plain(system: System) -> Plain:
    """The reading of an original as it is asked about."""
    return Plain(final(system))


@cache
def _callers(system: System) -> dict[str, frozenset[str]]:
    """Helper -> the steps that call it, on any path."""
    itself = system
    for name, helper in system.helpers.items():
        itself = itself.replace(name, helper)
    found: dict[str, set[str]] = {name: set() for name in system.helpers}
    for traced in Reading(itself).actions:
        for mark in marks_in(traced.tree):
            if isinstance(mark, Replaced):
                found[mark.helper].add(traced.action.step.name)
    return {name: frozenset(steps) for name, steps in found.items()}


def touched(mutant: Mutant, system: System) -> frozenset[str]:
    """The steps of a system that do something else because of a mutant, if any does."""
    return _callers(system)[mutant.function] if mutant.function in system.helpers else frozenset((mutant.function,))


def beside(mutant: Mutant, system: System) -> Beside:
    """The reading of a system with a fault.  Raises ModelError where the fault cannot be read."""
    return Beside(final(mutant.of(system)), plain(system), touched(mutant, system))


def prepare(system: System) -> None:
    """Read everything of an original that its mutants need, so that processes that are started later have it."""
    of = plain(system)
    _callers(system)
    not_kept(of.system)
    for question in standard_for(of.system.cfg)[0]:
        digest_of(system, question)
        for prop in situations([question]) if isinstance(question, Liveness) else [question]:
            of.property_tree(prop)


@cache
def digest_of(system: System, question: Property | Liveness) -> str:
    """The digest of what a question asks of a system's states, and of its name."""
    reading = Plain(final(system), ())
    if isinstance(question, Property):
        text = f"{question.name} {question.when} {generate(reading, [question], anywhere=True).asked}"
    else:
        program = reading.program
        source = written(reading, [question], anywhere=True)
        text = f"{question.name} {allowed(program, question)} {Fairness.of(program)} {source.asked}"
    return hashlib.sha256(text.encode()).hexdigest()[:SHORT]
