"""A variant, or a question, that tells buffers apart by their numbers: with `symmetry` its answers would be others.

The switch takes states for one that differ in the numbers of free buffers, which is right
where a number is a name: kept, handed on, compared with another, used as an index.  A step that
fills buffer 0, whatever is in hand, gives numbers a meaning.  So two names are exchanged
everywhere in states that random walks reach, and what can happen then is compared.

A walk ends where a buffer has two owners, or a free one's number stands elsewhere: that is
refuted by a question of its own, and behind it the model's numbers are no machine's.
What this does not see: what tells buffers apart only in states that no such walk reaches.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from vrx.models.claims import Question, Reached
from vrx.models.systems.fields import Values
from vrx.models.systems.system import Move, Program, System, step_of
from vrx.models.systems.variant_names import exchanged_helpers, exchanged_steps
from vrx.models.variants.reaching import OURS
from vrx.spec.bound_names import all_of
from vrx.spec.config import Config
from vrx.spec.properties import Property, single_owner
from vrx.spec.symmetry import free_numbers_stand_nowhere_else

WALKS = 6
"""Random walks from the beginning."""
STEPS = 150
"""Steps of each."""
MEND = "use symmetry=False"
SAMPLED = (
    "what is proved here of a variant rests on symmetry: that no exchanged step tells buffers apart by their numbers "
    f"was seen in states of random walks, and not in every state; {MEND} to ask without (docs/symmetry.md)"
)


def in_plain_memory(system: System) -> System:
    """The system in which every buffer keeps its number, under sequentially consistent memory, where names stand in the
    ring alone."""
    return system.under(replace(system.cfg, symmetry=False, memory="sc", without=frozenset()))


def names_are_sampled(system: System) -> bool:
    """Does what holds of a variant rest on what random walks have reached, as its numbers of buffers are any?"""
    return _nameless(system) and bool(exchanged_steps(system) or exchanged_helpers(system))


@cache
def tells_buffers_apart(system: System) -> str:
    """Which step of a variant tells buffers apart by their numbers; empty for none, and where numbers are kept.

    Raises ModelError.
    """
    if not _nameless(system) or not (exchanged_steps(system) or exchanged_helpers(system)):
        return ""
    program, walked = _walks(in_plain_memory(system))
    for values in walked:
        for a, b in _pairs(program):
            if step := _differs(program, values, a, b):
                return (
                    f"{step} tells buffers apart by their numbers: with buffers {a} and {b} exchanged it does "
                    f"something else, and with symmetry their numbers are any; {MEND}"
                )
    return ""


def names_a_buffer(system: System, question: Question) -> str:
    """Why a question of the user's is none where numbers are any: it tells buffers apart by them.  Empty where it does
    not, and for the questions of this tool.

    Raises ModelError.
    """
    if not _nameless(system) or isinstance(question, Reached):
        return ""
    if isinstance(question, Property):
        asked: list[Callable[[Any], Any] | None] = [question.holds]
    else:
        asked = [question.lasts, question.stuck, question.same, question.again]
    if all(function is None or all_of(function, OURS) for function in asked):
        return ""
    program, walked = _walks(in_plain_memory(system))
    for values in walked:
        for a, b in _pairs(program):
            other = exchanged(program, values, a, b)
            for function in filter(None, asked):
                if _answer(program, function, values) != _answer(program, function, other):
                    return (
                        f"it tells buffers apart by their numbers: with buffers {a} and {b} exchanged it answers "
                        f"something else, and with symmetry their numbers are any; {MEND}"
                    )
    return ""


def exchanged(program: Program, values: Values, a: int, b: int) -> Values:
    """A state with two names of buffers exchanged everywhere, and zero where nobody reads a name."""
    program.view.set(values)
    program.system.cfg.layout.free_names.exchange(program.state, a, b)
    return tuple(int(v) for v in program.view.get())


def _differs(program: Program, values: Values, a: int, b: int) -> str:
    """The step of an action by which something else can happen with two names exchanged; empty for none."""
    here = dict(_moves(program, values))
    there = dict(_moves(program, exchanged(program, values, a, b)))
    for move in {**here, **there}:
        one, other = here.get(move), there.get(move)
        if one is None or other is None:
            return step_of(program.actions[move.action])
        if exchanged(program, one, a, b) != exchanged(program, exchanged(program, other, a, b), a, b):
            return step_of(program.actions[move.action])
    return ""


def _moves(program: Program, values: Values) -> Iterator[tuple[Move, Values]]:
    for move, after in program.successors(values):
        yield move, tuple(int(v) for v in after)


@cache
def _walks(system: System) -> tuple[Program, tuple[Values, ...]]:
    """The system on integers, and states that random walks reach, always the same ones."""
    program = system.built()
    return program, tuple(dict.fromkeys(_reached(program)))


def _reached(program: Program) -> Iterator[Values]:
    rng = random.Random(0)
    for _ in range(WALKS):
        values = program.initial
        for _ in range(STEPS):
            program.view.set(values)
            if not all(one.holds(program.state) for one in (single_owner, free_numbers_stand_nowhere_else)):
                break
            yield values
            following = [after for _, after in _moves(program, values) if not program.view.out_of_range(after)]
            if not following:
                break
            values = rng.choice(following)


def _pairs(program: Program) -> Iterator[tuple[int, int]]:
    """Exchanges of neighbours make every other one."""
    n = program.system.cfg.size
    return ((a, a + 1) for a in range(n - 1))


def _answer(program: Program, function: Callable[[Any], Any], values: Values) -> int:
    program.view.set(values)
    return int(function(program.state))


def _nameless(system: System) -> bool:
    return isinstance(system.cfg, Config) and system.cfg.symmetry and system.cfg.size > 1
