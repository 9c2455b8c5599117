"""What a step of a variant depends on beside the state: what no engine sees.

A step is read on terms, once for each path, and what is decided is what was read.
That is the step itself only if it depends on nothing but the state, and treats the
terms as it treats integers.  Python promises neither: a step may keep a variable of
its own (a global, a closure, an attribute), draw a random number, or ask `x is True`,
`isinstance(x, int)`, or what `x` looks like in a string.  So the code of the steps that a
variant exchanges is looked through (`chance`, `telling_apart`), and beside that they are run
next to their reading before anything is searched, on states that a random walk reaches
and on others near them, and what they can change outside of the state is looked at before and after.
"""

from __future__ import annotations

import random
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from itertools import product
from types import FunctionType, GeneratorType, ModuleType
from typing import Any

from vrx.models.claims import Question, Reached
from vrx.models.symbolic.reading import Reading, Traced
from vrx.models.symbolic.trees import Tree, marks_in
from vrx.models.symbolic.walk import Evaluator
from vrx.models.systems.fields import Values, parts
from vrx.models.systems.step_errors import MEND
from vrx.models.systems.system import Move, Program, System, step_of
from vrx.models.systems.variant_names import exchanged_helpers, exchanged_steps
from vrx.models.variants.chance import is_source, random_state, reached
from vrx.models.variants.reaching import ATOMS, OURS, below, of_this_tool
from vrx.models.variants.telling_apart import (
    COMPARE,
    asks_an_engine,
    is_telling,
    keeps_answers,
    of_python,
    tells_apart,
)
from vrx.spec.bound_names import all_of, of_another_meaning, written_in
from vrx.spec.memory import SHARED, Location
from vrx.spec.properties import Property
from vrx.spec.steps import ModelError, Replaced

WALK = 120
"""Steps of the random walk."""
NEAR = 24
"""States near one that was reached, for each action."""
CHOICES = 4
"""Free choices of a step that are tried in a state, about."""
MOST_SEEN = 20_000
"""Values outside of the state that are looked at."""
DECLARE = 'a variable of its own is declared, as in .declare("vq.late", bool)'
CHOOSE = 'what may go either way is a free choice of the step, as in .replace("virtqueue_poll", run, odd=2)'
MADE = "make the function in one of its own, def made(x): def step(s, me): ...; return step, and exchange made(x)"
MADE_QUESTION = "make it in a function of its own, def made(x): def question(s): ...; return invariant(question)"
AROUND = "asked: "
"""What comes before a name that a question's function reads, which stands in a function of this tool's."""
DRAWN = "the state of Python's random numbers"
_known: dict[int, tuple[Any, str]] = {}
"""Functions that were found to keep something, with what they keep: by then it may not change any more."""


def depends_on_more(system: System) -> str:
    """What a variant depends on beside its state; an empty string where nothing was found.

    Raises ModelError where it cannot be read.
    """
    runs = [*((s.name, s.run) for s in system.steps if s.stands_for is not None), *getattr(system, "instead", ())]
    if not runs or not (exchanged_steps(system) or exchanged_helpers(system)):
        return ""
    for step, run in runs:
        if name := of_another_meaning(run):
            return f"{step} reads {name}, which meant something else when the variant was made: {MADE}"
    for _, run in runs:
        if id(run) in _known:
            return _known[id(run)][1]
    found = asks_outside(runs) or _acts_outside(system, runs)
    if found:
        for _, run in runs:
            _known[id(run)] = run, found
    return found


def _acts_outside(system: System, runs: Sequence[tuple[str, Any]]) -> str:
    """What steps change outside of the state, or where they are not what was read; an empty string where neither."""
    program = system.built()
    before = _around(program, runs)
    helpers = exchanged_helpers(system)
    names = exchanged_steps(system)
    reading = Reading(system, None if helpers else names)
    wanted = [t for t in reading.actions if t.action.step.name in names or (helpers and calls_exchanged(t.tree))]
    differs = _differs(reading, program, wanted)
    who = f"{'one of ' if len(runs) > 1 else ''}{', '.join(name for name, _ in runs)}"
    return _changed(who, before, _around(program, runs)) or differs


def asks_outside(runs: Sequence[tuple[str, Any]]) -> str:
    """Which module or function that may ask a clock, chance or the machine functions can reach, or what in their code
    may tell a term from a number; empty for none."""
    seen: dict[int, tuple[str, Any]] = {}
    out: dict[str, str] = {}
    for name, run in runs:
        _look(name, run, out, seen)
        if len(out) >= MOST_SEEN:
            return f"{name} reaches more than {MOST_SEEN:,} values outside of the state, which nobody looks through"
    for path, one in seen.values():
        if told := is_telling(one):
            return f"{path} is {told}, which tells a number from the term that it is read as: {MEND}; {COMPARE}"
        if keeps_answers(one) and not of_this_tool(written_in(one)):
            return f"{path} keeps what it answered once, which no engine sees: {MEND}; leave out the cache"
    for path, one in seen.values():
        if isinstance(one, FunctionType):
            ours = of_this_tool(written_in(one))
            found = [] if ours else [path] if of_python(one) and is_source(one) else [*reached(path, one)]
            if not (ours or found or of_python(one)) and (
                told := tells_apart(one) or asks_an_engine(one)
            ):
                return f"{path.partition(':')[0]}: {told}; {MEND}, and is the same on numbers and terms"
        else:
            found = [path] if not isinstance(one, ModuleType) and is_source(one) else []
        if found:
            return f"{found[0]} may ask a clock, chance or the machine, which no engine sees: {MEND}; {CHOOSE}"
    return ""


def asks_more(system: System, question: Question) -> str:
    """What a question of the user's depends on beside the state; an empty string where nothing was found, and for the
    questions of this tool.

    Raises ModelError where it cannot be read.
    """
    if isinstance(question, Reached):
        return ""
    if isinstance(question, Property):
        every: list[tuple[str, Any]] = [("", question.holds)]
    else:
        every = [("", question.lasts), ("stuck", question.stuck), ("same", question.same), ("again", question.again)]
    every = [(kind, function) for kind, function in (*every, ("about", question.about)) if function is not None]
    asked = [(kind, function) for kind, function in every if not all_of(function, OURS)]
    if not asked:
        return ""
    for _, function in asked:
        if name := of_another_meaning(function):
            reads = f"question {question.name} reads {name.removeprefix(AROUND)}"
            return f"{reads}, which meant something else when it was made: {MADE_QUESTION}"
    program, reading = system.built(), Reading(system, ())
    runs = [(question.name, function) for _, function in asked]
    if outside := asks_outside(runs):
        return outside
    before = _around(program, runs)
    rng = random.Random(0)
    walked = _reached(program, rng)
    states = [*walked, *(_disturbed(program, rng, walked, None, 0) for _ in range(NEAR))]
    for kind, function in asked:
        if kind == "same":
            tree = reading.value_tree(function)
        else:
            tree = reading.property_tree(Property(question.name, function, "always"))
        for values in states:
            program.view.set(_as_declared(program, values))
            try:
                said = int(function(program.state))
            except Exception as error:  # of a reading that fails, whoever reads says it
                return f"question {question.name} fails on integers and not as it was read: {error}; {_why()}"
            at = Evaluator({f.name: v for f, v in zip(reading.fields, values, strict=True)})
            leaf = at.leaf(tree)
            read = at.value((leaf.updates or {})[0] if leaf.result is None else leaf.result)
            if said != read:
                return f"question {question.name} answers {said} on integers and {read} as it was read; {_why()}"
    return _changed(f"question {question.name}", before, _around(program, runs))


def _differs(reading: Reading, program: Program, wanted: Sequence[Traced]) -> str:
    """Where a step on integers does something else than its reading; an empty string where it does not."""
    rng = random.Random(0)
    walked = _reached(program, rng)
    for traced in wanted:
        moves = [Move(traced.number, c) for c in product(*(range(n) for _, n in traced.action.choices))]
        counter = program.counters[traced.action.actor] if traced.action.point >= 0 else None
        here = [v for v in walked if counter is None or v[counter] == traced.action.point]
        near = [_disturbed(program, rng, walked, counter, traced.action.point) for _ in range(NEAR)]
        for values in (*here[:NEAR], *near):
            for move in moves:
                if len(moves) > CHOICES and rng.random() * len(moves) > CHOICES:
                    continue
                if text := _compared(reading, program, traced, move, values):
                    return f"{step_of(traced.action)} does something else on integers than as it was read: {text}"
    return ""


def _compared(reading: Reading, program: Program, traced: Traced, move: Move, values: Values) -> str:
    try:
        after = program.take(_as_declared(program, values), move)
    except ModelError:
        return ""  # an error of the step: of a state that is reached, the search says it
    names = (f"choice:{name}" for name, _ in traced.action.choices)
    by_name = {f.name: v for f, v in zip(reading.fields, values, strict=True)}
    at = Evaluator({**by_name, **dict(zip(names, move.choice, strict=True))})
    leaf = at.leaf(traced.tree)
    if after is None or leaf.updates is None:
        return "" if after is None and leaf.updates is None else f"only one of them takes it; {_why()}"
    for i, f in enumerate(reading.fields):
        term = leaf.updates.get(i)
        read = values[i] if term is None else at.value(term)
        if not 0 <= read <= f.top or not 0 <= int(after[i]) <= f.top:
            return ""  # an error in both, or no state that there is
        if read != int(after[i]):
            return f"{f.name} becomes {f.show(int(after[i]))} and not {f.show(read)}; {_why()}"
    return ""


def _as_declared(program: Program, values: Values) -> Values:
    """The values as the annotations of the fields say: truth values and enumerations, which `is` may ask for."""
    return tuple(f.declared(v) for f, v in zip(program.view.fields, values, strict=True))


def _why() -> str:
    return (
        f"{MEND}, and asks it with == < & | and `if` only: no `is`, isinstance, f-string of a value, nothing random, "
        f"no variable outside ({DECLARE})"
    )


def _reached(program: Program, rng: random.Random) -> list[Values]:
    """States of a random walk from the beginning."""
    values, found = program.initial, [program.initial]
    for _ in range(WALK):
        try:
            following = [after for _, after in program.successors(values)]
        except ModelError:
            break  # an error of a step, which the search says
        following = [tuple(int(v) for v in f) for f in following if not program.view.out_of_range(f)]
        if not following:
            break
        values = rng.choice(following)
        found.append(values)
    return found


def _disturbed(
    program: Program, rng: random.Random, walked: Sequence[Values], counter: int | None, point: int
) -> Values:
    """A reached state with some fields overwritten, in which the action's context stands at its point."""
    values = list(rng.choice(walked))
    fields = program.view.fields
    for _ in range(rng.choice((0, 1, 2, 4, 8, len(fields)))):
        i = rng.randrange(len(fields))
        top = fields[i].top
        values[i] = rng.choice((0, top, min(1, top), rng.randint(0, top), rng.randint(0, top)))
    if counter is not None:
        values[counter] = point
    return tuple(values)


def calls_exchanged(tree: Tree) -> bool:
    """Does a step run a helper that a variant exchanges?"""
    return any(isinstance(mark, Replaced) for mark in marks_in(tree))


def _changed(who: str, before: Mapping[str, str], after: Mapping[str, str]) -> str:
    for path in [*before, *after]:
        if before.get(path) != after.get(path):
            if path == DRAWN:
                return f"{who} draws from {path}, which no engine sees: {MEND}; {CHOOSE}"
            return f"{who} changes {path}, which is no part of the state, so that no engine sees it: {MEND}; {DECLARE}"
    return ""


def _around(program: Program, runs: Sequence[tuple[str, Any]]) -> dict[str, str]:
    """What the functions can reach outside of the fields of the state, as texts that tell values apart."""
    out: dict[str, str] = {DRAWN: random_state()}
    seen: dict[int, tuple[str, Any]] = {}
    for name, run in runs:
        _look(f"{name}", run, out, seen)
    state, cfg = program.state, program.system.cfg
    fields = {(id(owner), name) for owner, name in program.view._plain}
    for path, part in parts(state):
        for name in type(part).__dataclass_fields__:
            value = getattr(part, name)
            if (id(part), name) not in fields and isinstance(value, ATOMS):
                out[f"{path}.{name}"] = repr(value)
    places = _places(state)
    for kind in {type(state), *(type(p) for _, p in parts(state)), *places, type(cfg)}:
        for base in kind.__mro__[:-1]:
            out[f"the class {base.__name__} of {base.__module__}"] = ", ".join(_own(base))
    out["s.cfg"] = repr(vars(cfg))
    for kind in places:
        for name in _own(kind):
            if hasattr(place := vars(kind)[name], "__dict__"):
                out[f"{kind.__name__}.{name} of {kind.__module__}"] = repr(vars(place))
    return out


def _places(state: Any) -> list[type]:
    """The classes that have the locations of shared memory: they stand beside what the memory looks like."""
    shared = [getattr(state, part) for part in SHARED if hasattr(state, part)]
    modules = {type(part).__module__: sys.modules[type(part).__module__] for part in shared}
    kinds = [kind for module in modules.values() for kind in vars(module).values() if isinstance(kind, type)]
    return [kind for kind in kinds if any(isinstance(place, Location) for place in vars(kind).values())]


def _own(kind: type) -> list[str]:
    return [name for name in vars(kind) if not name.startswith("__")]


def _look(path: str, value: Any, out: dict[str, str], seen: dict[int, tuple[str, Any]]) -> None:
    """Add what is reached from a value.  seen: path and value by identity, kept so that no other takes its number."""
    stack = [(path, value)]
    while stack and len(out) < MOST_SEEN:
        at, one = stack.pop()
        if isinstance(one, ATOMS):
            out[at] = repr(one)
        elif id(one) not in seen:
            seen[id(one)] = at, one
            out[at] = _text(one)
            stack += [(f"{at}{name}", inner) for name, inner in below(one)]


def _text(one: Any) -> str:
    if isinstance(one, (set, frozenset)):
        return repr(sorted(map(repr, one)))
    if isinstance(one, (list, tuple, deque, dict, bytearray)):
        return f"{type(one).__name__} of {len(one)}"
    if isinstance(one, GeneratorType):
        return f"generator at {one.gi_frame.f_lasti if one.gi_frame else 'its end'}"
    if isinstance(one, random.Random):
        return str(hash(one.getstate()))
    if hasattr(one, "__next__"):
        try:
            return repr(one.__reduce__())
        except Exception:
            return repr(type(one))
    return f"{type(one).__name__} {id(one)}"
