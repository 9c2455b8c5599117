"""Steps and machines: how a piece of C becomes transition functions.

A *step* is a function `(state, me)` that changes the state in place and makes
at most one access to memory that both sides can see.  It is executed, never
parsed.  `require(condition)` says when it is enabled.  A *machine* is an
explicit list of steps; a step runs in every context whose program counter
stands at the step's point and whose type the step accepts.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial, wraps
from typing import Any, TypeVar, get_type_hints

from vrx.spec.size import Size
from vrx.spec.sizes import refused
from vrx.spec.switch import ANYWHERE, Where

F = TypeVar("F", bound=Callable[..., None])
H = TypeVar("H", bound=Callable[..., Any])


class Disabled(Exception):
    """The step cannot be taken in this state.  Raised by `require`, caught by engines."""


class ModelError(Exception):
    """A step broke a rule of the language (two shared accesses, a value out of its range)."""


class OutsideArray(ModelError):
    """A step uses an array index that the array does not have: an error in every reading, like a value out of range."""


def require(condition: bool) -> None:
    """Make the step disabled unless the condition holds.  Raises ModelError for what is no condition."""
    if not isinstance(condition, int) and not hasattr(condition, "picked"):
        raise ModelError(f"require({condition!r}): it takes a condition, such as s.vq.num_free != 0")
    if not condition:
        raise Disabled


def mark(s: Any, name: str, when: bool = True) -> None:
    """Say that something worth covering happens here (a *cover*), where a condition holds.  Never changes the state."""
    marks = s.marks
    if marks is not None and when:
        marks.append(name)


def function_of(run: Callable[..., Any]) -> Callable[..., Any]:
    """The function behind a callable: what a `partial` calls, the `__call__` of an object."""
    while isinstance(run, partial):
        run = run.func
    return run if inspect.isroutine(run) else type(run).__call__


def contexts_of(run: Callable[..., Any]) -> tuple[type[Any], ...]:
    """The context types that a step accepts: the annotation of its second parameter; empty where that says none.

    Raises ModelError for an annotation that cannot be resolved, or is no type of a context.
    """
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [p.name for p in inspect.signature(run).parameters.values() if p.kind in positional]
    me = names[1] if len(names) > 1 else ""
    try:
        hint = get_type_hints(function_of(run)).get(me)
    except NameError as error:
        raise ModelError(f"an annotation names {error.name}, which its module does not have: import it there") from None
    if hint in (None, Any):
        return ()
    members: tuple[Any, ...] = getattr(hint, "__args__", (hint,))  # a union lists its members
    for member in members:
        if not isinstance(member, type):
            raise ModelError(f"{member!r}, the type of `{me}`, is no type of a context")
    return members


def only_where(name: str, only: Any) -> None:
    """Raise ModelError unless what is written behind `only=` is made of switches.  name: of the step or question."""
    if not isinstance(only, Where):
        words = only.split() if isinstance(only, str) else ["data"]
        example = " & ".join(word.upper().replace("!", "~") for word in words if word.strip("!&|"))
        raise ModelError(f"{name}: only={only!r} is no switch: write only={example}, from vrx.spec.switches")


@dataclass(frozen=True)
class Step:
    """One transition function and where it stands.

    at: the program points from which a context takes it; empty for a step that no
        program counter leads to (a store buffer drains, a packet arrives).
    choices: free choices as argument name -> number of values (0..n-1), which the configuration
        may say (`spec.sizes`).
    environment: a step that the closed system may take or leave for ever.
    only: where the step belongs, in switches of the configuration (`DATA`; `~EVENT_IDX` where it is off;
        `DATA & MERGEABLE` where both are on).
    stands_for: the step that this one replaces in a variant; it runs in the same contexts, whatever `me` accepts.
    Steps are equal where they run the same object, whatever it says about `==`.
    """

    name: str
    run: Callable[..., None] = field(compare=False)
    machine: str
    at: tuple[IntEnum, ...] = ()
    choices: Mapping[str, int | Size] = field(default_factory=dict)
    environment: bool = False
    only: Where = ANYWHERE
    stands_for: Step | None = None
    runs: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        only_where(self.name, self.only)
        for choice, count in self.choices.items():
            if wrong := refused(f"{choice}={{}}", count):
                raise ModelError(f"{self.name}: {wrong}")
        object.__setattr__(self, "runs", id(self.run))

    @property
    def origin(self) -> Step:
        """The step that this one goes back to, however often it was exchanged."""
        step = self
        while step.stands_for is not None:
            step = step.stands_for
        return step

    def belongs_to(self, cfg: Any) -> bool:
        """Is the step part of a system with this configuration?"""
        return self.only.holds(cfg)

    @property
    def runs_on(self) -> tuple[type[Any], ...]:
        """The context types that the step runs in."""
        if self.stands_for is not None:
            return self.stands_for.runs_on
        kinds = contexts_of(self.run)
        if not kinds:
            raise ModelError(f"step {self.name}: say which contexts run it by the type of its parameter `me`")
        return kinds

    @property
    def doc(self) -> str:
        """The docstring of the function; of a `partial`, that of what it calls."""
        return inspect.cleandoc(function_of(self.run).__doc__ or "")

    @property
    def sentence(self) -> str:
        """What the step does, in one sentence: the docstring's first paragraph, or that there is none."""
        said = " ".join(self.doc.split("\n\n")[0].split())
        return said or f"(no docstring) {getattr(function_of(self.run), '__name__', self.name)}"

    def labelled(self, label: str) -> str:
        """The docstring's line `label: ...`, or an empty string."""
        for line in self.doc.splitlines():
            if line.startswith(label + ": "):
                return line[len(label) + 2 :].strip()
        return ""


class Machine:
    """The steps of one C file, in the order of the C, and the helpers between them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.steps: list[Step] = []
        self.helpers: list[Callable[..., Any]] = []

    def step(
        self,
        at: IntEnum | tuple[IntEnum, ...] = (),
        *,
        environment: bool = False,
        only: Where = ANYWHERE,
        **choices: int | Size,
    ) -> Callable[[F], F]:
        """Decorator: append the function to this machine as a step."""
        points = at if isinstance(at, tuple) else (at,)

        def add(run: F) -> F:
            self.steps.append(Step(run.__name__, run, self.name, points, choices, environment, only))
            return run

        return add

    def helper(self, run: H) -> H:
        """Decorator: a function that steps call, and that a variant can exchange as it can a step.

        The variant's own function stands in `s.instead`.  Where it runs, it leaves the mark `Replaced(NAME)`, and the
        helper's name is the original, which it may so call.
        """
        name = run.__name__

        @wraps(run)
        def called(s: Any, *arguments: Any, **named: Any) -> Any:
            if not s.instead or name not in s.instead:
                return run(s, *arguments, **named)
            mark(s, Replaced(name))
            everything = s.instead
            s.instead = {n: other for n, other in everything.items() if n != name}
            try:
                return everything[name](s, *arguments, **named)
            finally:
                s.instead = everything

        self.helpers.append(called)
        return called  # type: ignore[return-value]  # of the same signature

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)


class Replaced(str):
    """The mark `replaced: NAME` of an exchanged helper.  helper: its name"""

    helper: str

    def __new__(cls, helper: str) -> Replaced:
        self = super().__new__(cls, f"replaced: {helper}")
        self.helper = helper
        return self

    def __getnewargs__(self) -> tuple[str]:
        return (self.helper,)
