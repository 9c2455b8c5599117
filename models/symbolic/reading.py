"""The symbolic reading of a system: every step run once per path, on terms.

Running a step with a symbolic state gives a decision tree: at each fork a
condition, at each leaf the fields that changed, the marks passed, or the fact
that the step is disabled there.  The same goes for a property, whose leaves are
true or false.  The engines that work on formulas start from these trees; no
engine parses a step.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Any

from vrx.models.symbolic import terms
from vrx.models.symbolic.terms import Num, Truth
from vrx.models.symbolic.trees import Leaf, TooManyPaths, Tree, every_path
from vrx.models.systems.fields import Field, View
from vrx.models.systems.step_errors import told, told_question
from vrx.models.systems.system import Action, System
from vrx.models.systems.take_step import take_step
from vrx.spec.memory import Listener
from vrx.spec.properties import Property
from vrx.spec.steps import ModelError, OutsideArray


@dataclass(frozen=True)
class Traced:
    """One action as a decision tree, with the variables of its free choices."""

    number: int
    action: Action
    choices: tuple[Num, ...]
    tree: Tree


class Reading:
    """The decision trees of a system's actions and properties.

    fields: the fields of the state; variables: the term of each field, in the same order
    steps: the names of the steps that are read, where not all are
    listener: hears what each path of a step does to memory
    """

    def __init__(
        self, system: System, steps: Container[str] | None = None, listener: Listener | None = None
    ) -> None:
        self.system = system
        self.listener = listener
        program = system.built()
        self.program = program
        self.initial = program.initial
        self.fields: list[Field] = program.view.fields
        self.variables: list[Num | Truth] = [
            terms.truth_variable(f.name) if f.kind is bool else terms.variable(f.name, f.top) for f in self.fields
        ]
        self._state = system.state()
        self._view = View(self._state)
        self._actors = list(system.actors(self._state))
        wanted = [(i, a) for i, a in enumerate(program.actions) if steps is None or a.step.name in steps]
        self.actions = [self._trace(i, a) for i, a in wanted]

    def property_tree(self, prop: Property) -> Tree:
        """A property as a decision tree whose leaves have a `result`."""

        def run(state: Any) -> Leaf:
            try:
                return Leaf({}, (), terms.truth(prop.holds(state)))
            except (Exception, SystemExit) as error:
                raise told_question(error, prop.name, state) from error

        return self._explore(run)

    def value_tree(self, value: Callable[[Any], int]) -> Tree:
        """A number that depends on the state, as a decision tree whose leaves have it as their update 0."""

        def run(state: Any) -> Leaf:
            try:
                return Leaf({0: terms.num(value(state))})
            except (Exception, SystemExit) as error:
                raise told_question(error, getattr(value, "__name__", "same"), state) from error

        return self._explore(run)

    def _trace(self, number: int, action: Action) -> Traced:
        step = action.step
        choices = tuple(terms.variable(f"choice:{name}", count - 1) for name, count in action.choices)

        def run(state: Any) -> Leaf:
            actor = self._actors[action.actor]
            marks: list[str] = []
            try:
                changed = take_step(
                    *(state, actor, step, choices, self.system.may_run, self._changes, marks, action.point),
                    listener=self.listener,
                )
            except OutsideArray:
                return self._spill(action.actor)
            return Leaf(changed, tuple(marks))

        try:
            return Traced(number, action, choices, self._explore(run))
        except TooManyPaths as error:
            raise told(error, step.name, action.actor_name, self._state) from error

    def _spill(self, actor: int) -> Leaf:
        """The end of a path on which integers have no result: a value that its field cannot hold, which all engines
        take for the error that it is."""
        field = self.program.counters.get(actor, 0)
        return Leaf({field: terms.const(self.fields[field].top + 1)})

    def _changes(self) -> dict[int, Num | Truth]:
        changed: dict[int, Num | Truth] = {}
        values: Sequence[Any] = self._view.get()
        if wrong := self._view.misused(values):
            raise ModelError(wrong)
        for i, (value, before, f) in enumerate(zip(values, self.variables, self.fields, strict=True)):
            if value is before:
                continue
            if foreign := f.foreign(value):
                raise ModelError(foreign)
            try:
                term: Num | Truth = terms.truth(value) if f.kind is bool else terms.num(value)
            except ModelError as error:
                raise ModelError(f"{f.name}: {error}") from None
            if term is not before:
                changed[i] = term
        return changed

    def _symbolic_state(self) -> Any:
        self._view.set(self.variables)
        return self._state

    def _explore(self, run: Callable[[Any], Leaf]) -> Tree:
        return every_path(lambda: run(self._symbolic_state()))
