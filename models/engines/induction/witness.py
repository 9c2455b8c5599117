"""What a failed induction step means: a state inside the invariant, where the step leads, and whether it is real.

A counterexample to induction is a pair of states, not a bug: the first state may
be unreachable.  So it is first made on a small ring, where z3 can answer with
numbers, and replayed on integers with the step itself; then the search looks for
a real trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import z3

from vrx.models.engines.induction.integer_reading import BITS, Taken, sized
from vrx.models.engines.induction.logic import Lemma
from vrx.models.engines.induction.prover import Prover
from vrx.models.engines.induction.step_result import Failure
from vrx.models.engines.native.explore import explore_native
from vrx.models.symbolic.terms import Row
from vrx.models.systems.fields import Values, parts
from vrx.models.systems.system import Move, Program, System
from vrx.spec.layouts.view import view
from vrx.spec.memory import StoreBuffer
from vrx.spec.properties import Property
from vrx.spec.ring import idx_add


@dataclass(frozen=True)
class Witness:
    """A step out of the invariant, on a ring of `size`.

    before, changed: the fields that are not zero, and what waits in store buffers; the fields that changed
    confirmed: the step, run on these integers, does the same, and the lemmas say the same
    """

    size: int
    before: dict[str, str]
    changed: dict[str, tuple[str, str]]
    confirmed: bool

    def lines(self) -> list[str]:
        """The witness as text."""
        state = ", ".join(f"{k}: {v}" if " <- " in v else f"{k}={v}" for k, v in self.before.items())
        change = ", ".join(f"{k}: {a} -> {b}" for k, (a, b) in self.changed.items())
        return [f"ring of {self.size}: {state}", f"changes {change}"]


def witness(
    system: System, lemmas: Sequence[Lemma], failure: Failure, sizes: Sequence[int] = (1, 2, 4)
) -> Witness | None:
    """A state inside the invariant from which the step breaks the lemma, if there is one on a small ring."""
    for size in sizes:
        prover = Prover(system, lemmas, size=size)
        taken = next(t for t in prover.reading.actions if t.name == failure.step)
        for path in taken.paths:
            solver = prover.solver()
            solver.add(*prover.hypotheses(taken, path), *prover.before.values())
            wrong = [o.formula for o in prover.obligations(path) if o.name == failure.lemma]
            if not wrong:
                continue
            solver.add(z3.Not(z3.And(wrong)))
            if solver.check() == z3.sat:
                return _told(prover, taken, solver.model(), lemmas, failure.lemma)
    return None


def _told(prover: Prover, taken: Taken, model: z3.ModelRef, lemmas: Sequence[Lemma], name: str) -> Witness:
    assert prover.size is not None
    cfg = sized(prover.reading.system.cfg, prover.size, BITS)
    program = replace(prover.reading.system, cfg=cfg).built()
    values = state_of(prover, model, program)
    choice = tuple(int(_value(model, prover.low.lower(c))) for c, _ in taken.choices)
    after = None
    for number, action in enumerate(program.actions):
        if action.key == taken.key:
            after = program.take(values, Move(number, choice))
    fields = zip(program.view.fields, values, strict=True)
    buffers = {path for path, part in parts(program.state) if isinstance(part, StoreBuffer)}
    shown = {f.name: f.show(v) for f, v in fields if v and f.part not in buffers}
    shown |= _waiting(program, values)
    if after is None:
        return Witness(prover.size, shown, {}, False)
    inside = not broken_names(program, values, lemmas)
    outside = (
        bool(program.view.out_of_range(after)) if name == "ranges" else name in broken_names(program, after, lemmas)
    )
    return Witness(prover.size, shown, program.view.differences(values, after), inside and outside)


def _waiting(program: Program, values: Values) -> dict[str, str]:
    """What waits in each store buffer, oldest first."""
    program.view.set(values)
    out = {}
    for buffer in getattr(program.state, "buffers", ()):
        names = {loc.code: loc for loc in buffer.locations}
        texts = []
        for where, at, value in zip(buffer.where, buffer.at, buffer.value, strict=True):
            if int(where) in names:
                loc = names[int(where)]
                texts.append(f"{loc.name}{f'[{int(at)}]' if loc.array else ''} <- {int(value)}")
        if texts:
            out[buffer.name] = "; ".join(texts)
    return out


def broken_names(program: Program, values: Values, lemmas: Sequence[Lemma]) -> set[str]:
    """The lemmas that a state of numbers violates; also one that asks for an element that an array has not."""
    program.view.set(values)
    return {lemma.name for lemma in lemmas if not _holds(lemma, program.state)}


def _holds(lemma: Lemma, s: Any) -> bool:
    try:
        return all(lemma.holds(s, *i) for i in instances(lemma, s))
    except IndexError:
        return False


def instances(lemma: Lemma, s: Any) -> list[tuple[int, ...]]:
    """What a lemma is said of in a state of numbers.

    Indices outside the ring that is in use make no claim, so the indices of one ring are all of them.
    """
    if not lemma.over:
        return [()]
    if lemma.over == "indices":
        return [(idx_add(s.cfg, view(s).received, k),) for k in range(s.cfg.size + 1)]
    return [(i,) for i in range(s.cfg.size)]


def state_of(prover: Prover, model: z3.ModelRef, program: Program) -> Values:
    """A model of z3 as the values of a program's fields."""
    assert prover.size is not None
    found: dict[str, int] = {}
    for place in prover.reading.places:
        lowered = prover.low.lower(place.variable)
        if isinstance(place.variable, Row):
            for k in range(prover.size):
                found[f"{place.name}[{k}]"] = _value(model, lowered[k])
        else:
            found[place.name] = _value(model, lowered)
    return tuple(found[f.name] for f in program.view.fields)


def _value(model: z3.ModelRef, term: Any) -> int:
    value: Any = model.eval(term, True)
    return value.as_long() if z3.is_int_value(value) else int(z3.is_true(value))


@dataclass(frozen=True)
class Judgement:
    """What the search says of a failing system.

    kind: "bug" with a property and the length of a shortest trace; "hole" if every reachable state of the ring
    searched is good: the invariant is too weak there, or the change is a correct program; "open" if it was too large
    """

    kind: Literal["bug", "hole", "open"]
    property: str = ""
    steps: int = 0
    states: int = 0
    size: int = 0


def judge(
    system: System, properties: Sequence[Property], sizes: Sequence[int] = (1, 2), limit: int = 10_000_000
) -> Judgement:
    """Search small rings for a real trace."""
    states = size = 0
    complete = True
    for size in sizes:
        cfg = sized(replace(system.cfg, positions=False), size, 3 if size < 4 else 4)
        found = explore_native(replace(system, cfg=cfg), properties, limit=limit, stop_at_violation=True)
        states += found.states
        if found.violations:
            name, way = min(found.violations.items(), key=lambda item: len(item[1].path))
            return Judgement("bug", name, len(way.path), states, size)
        complete = complete and found.complete
    return Judgement("hole" if complete else "open", states=states, size=size)
