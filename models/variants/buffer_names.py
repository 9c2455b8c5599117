"""A variant, or a question, that tells buffers apart by their numbers: with `symmetry` its answers would be others.

The switch takes states for one that differ in the numbers of free buffers, which is right
where a number is a name: kept, handed on, compared with another, used as an index.  A step that
fills buffer 0, whatever is in hand, gives numbers a meaning.

Before any search two names are exchanged everywhere in states that random walks reach, and what can happen then
is compared: a step that tells buffers apart there does so in a run, so nothing is asked of it.  A walk ends
where a buffer has two owners, or a free one's number stands elsewhere: that is refuted by a question of its own,
and behind it the model's numbers are no machine's.

That walks find nothing proves nothing.  So where a search finds no fault, Z3 has to show the same of every state in
which `BESIDE` holds (`models.engines.z3.exchanged_names`), and the search that `BESIDE` does.  Steps and
questions of this tool are not asked each time: `tests/models/variants/test_buffer_names.py` shows it of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from vrx.models.claims import Question, Reached
from vrx.models.systems.fields import Values
from vrx.models.systems.system import Move, Program, System, step_of
from vrx.models.systems.variant_names import exchanged_helpers, exchanged_steps
from vrx.models.variants.reaching import OURS
from vrx.spec.bound_names import all_of
from vrx.spec.config import Config
from vrx.spec.layouts.free_names import FreeNames
from vrx.spec.layouts.packed import free_names as packed
from vrx.spec.layouts.split import free_names as split
from vrx.spec.liveness import Liveness
from vrx.spec.memory import SC, TSO, model
from vrx.spec.properties import Property, free_list_intact, single_owner
from vrx.spec.steps import ModelError
from vrx.spec.symmetry import free_numbers_stand_nowhere_else, numbers_stand_where_they_are_read

if TYPE_CHECKING:
    from vrx.models.engines.z3.exchanged_names import Difference, Exchange

WALKS = 6
"""Random walks from the beginning."""
STEPS = 150
"""Steps of each."""
MEND = "use symmetry=False"
ASK_WITHOUT = "ask without --symmetry (symmetry=False)"
BESIDE = (
    single_owner,
    free_list_intact,
    free_numbers_stand_nowhere_else,
    Property("numbers_stand_where_they_are_read", numbers_stand_where_they_are_read, "always"),
)
"""What holds of the states in which a step is shown to treat numbers as names."""
KNOWN_ORDERS = (split.FREE_NAMES, packed.FREE_NAMES)


def in_plain_memory(system: System) -> System:
    """The system in which every buffer keeps its number, under sequentially consistent memory, where names stand in the
    ring alone."""
    return system.under(replace(system.cfg, symmetry=False, memory="sc", without=frozenset()))


@cache
def steps_to_show(system: System) -> frozenset[str]:
    """The steps of which it has to be shown that numbers are names to them: those that are no steps of this tool's, or
    run where something else than this tool's helpers, memory models or places of names stand.  None without the switch.
    """
    if not _nameless(system):
        return frozenset()
    own = system.instead or system.cfg.layout.free_names not in KNOWN_ORDERS or model(system.cfg) not in (SC, TSO)
    own = own or not all_of(system.may_run, OURS)
    every = {step.name: step for step in system.steps if step.belongs_to(system.cfg)}
    if own:
        return frozenset(every)
    theirs = {name for name, step in every.items() if not all_of(step.run, OURS)}
    return frozenset(theirs.union(exchanged_steps(system)).intersection(every))


def is_to_be_shown(system: System, question: Question) -> bool:
    """Does what holds rest on something of the user's that may tell buffers apart?"""
    return _nameless(system) and bool(steps_to_show(system) or not all(all_of(f, OURS) for f in functions_of(question)))


def not_shown(system: System, question: Question) -> str:
    """Why it is not shown that numbers are names to the steps of a variant and to a question of the user's; empty where
    it is, in all states in which `BESIDE` holds."""
    if not is_to_be_shown(system, question):
        return ""
    if type(system.cfg.layout.free_names) is not FreeNames:
        return "the layout has an order of free buffers of its own, of which nobody has shown that it only renames them"
    try:
        from vrx.models.engines.z3.exchanged_names import Exchange  # Z3 takes its time to load
    except ImportError:
        return "Z3 is not there, which would show that numbers of buffers are names"
    try:
        return _steps_not_shown(system) or _question_not_shown(Exchange(system, (), BESIDE), question)
    except ModelError as error:
        return f"Z3 cannot read whether numbers of buffers are names: {error}"


@cache
def _steps_not_shown(system: System) -> str:
    from vrx.models.engines.z3.exchanged_names import Exchange

    steps = steps_to_show(system)
    found = next(Exchange(system, steps, BESIDE).steps(), None) if steps else None
    return "" if found is None else _told(found, "does")


def _question_not_shown(exchange: Exchange, question: Question) -> str:
    if all(all_of(function, OURS) for function in functions_of(question)):
        return ""
    same = [question.same] if isinstance(question, Liveness) and question.same is not None else []
    truths = [function for function in functions_of(question) if function not in same]
    found = exchange.question(question.name, truths, same)
    return "" if found is None else _told(found, "answers")


def _told(found: Difference, does: str) -> str:
    two = f"buffers {found.a} and {found.b}"
    if not found.where:
        return f"that {found.who} treats the numbers of {two} as names is not shown: Z3 finds no answer"
    return (
        f"{found.who} may tell buffers apart by their numbers, and with symmetry these are any: with {two} exchanged "
        f"it {does} something else where {found.where}, if a run comes there"
    )


def functions_of(question: Question) -> list[Callable[[Any], Any]]:
    """What a question asks of a state."""
    if isinstance(question, Reached):
        return []
    if isinstance(question, Property):
        asked: list[Callable[[Any], Any] | None] = [question.holds, question.about]
    else:
        asked = [question.lasts, question.stuck, question.same, question.again, question.about]
    return [function for function in asked if function is not None]


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
    asked = functions_of(question)
    if not _nameless(system) or all(all_of(function, OURS) for function in asked):
        return ""
    program, walked = _walks(in_plain_memory(system))
    for values in walked:
        for a, b in _pairs(program):
            other = exchanged(program, values, a, b)
            for function in asked:
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
