"""What a property is: a plain function from a state to a truth value, and when it is asked.

An *invariant* is asked of every reachable state, an *at-rest* property of every
state in which no step of the system is enabled (the environment aside).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Literal, overload

from vrx.spec.bound_names import remember_question
from vrx.spec.meaning import meaningless
from vrx.spec.parts import NOTHING, Parts, only_parts
from vrx.spec.steps import ModelError, only_where
from vrx.spec.switch import ANYWHERE, Where
from vrx.spec.switches import NOTIFY
from vrx.spec.words import Condition, Number


@dataclass(frozen=True)
class Property:
    """A named claim about states.  when: "always", or "rest" for states at rest.

    only, reads: the switches of a configuration, and the parts of a state, that it needs to have a meaning
    (`spec.meaning`); a property at rest has none where nothing comes to rest
    about: what it speaks of; where no reachable state is such, that it holds says nothing; None: any state is
    explain: what is wrong in a state of integers where it fails, in words; None: the values that it reads say enough
    Properties are equal where they ask the same objects, whatever these say about `==`.
    """

    name: str
    holds: Callable[[Any], bool] = field(compare=False)
    when: Literal["always", "rest"]
    only: Where = ANYWHERE
    reads: Parts = NOTHING
    about: Callable[[Any], bool] | None = field(default=None, compare=False)
    explain: Callable[[Any], str] | None = field(default=None, compare=False)
    asks: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "asks", (id(self.holds), id(self.about), id(self.explain)))
        if self.when not in ("always", "rest") or not callable(self.holds):
            raise ModelError(f'property {self.name}: it is a function, asked "always" or at "rest"')
        only_where(self.name, self.only)
        only_parts(self.name, self.reads)
        remember_question(self.holds, self.about)

    @property
    def sentence(self) -> str:
        return sentence_of(self.holds)

    @property
    def needs(self) -> Where:
        """Where it has a meaning: `only`, and for a property at rest where something comes to rest."""
        return NOTIFY & self.only if self.when == "rest" else self.only

    def meaningless(self, cfg: Any) -> str:
        """Why the property has no meaning for systems with this configuration; an empty string where it has one."""
        return meaningless(cfg, self.needs, self.reads)


def sentence_of(function: Callable[..., Any]) -> str:
    """The first paragraph of a docstring, as one line."""
    return " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split()) if function.__doc__ else ""


def answering(asked: Callable[[Any], Any]) -> Callable[[Any], bool]:
    """The function of a question, which raises ModelError where the answer is no truth value."""

    @wraps(asked)
    def answer(s: Any) -> bool:
        said = asked(s)
        if isinstance(said, bool) or (isinstance(said, Condition) and not isinstance(said, Number)):
            return said  # type: ignore[return-value]
        if said is None:
            raise ModelError(f"{asked.__name__} answers nothing: write `return` before what holds")
        raise ModelError(f"{asked.__name__} answers with a number: write what is said of it, such as `!= 0`")

    return answer


Asked = Callable[[Any], bool]
Told = Callable[[Any], str]


@overload
def invariant(holds: Asked) -> Property: ...
@overload
def invariant(
    *, only: Where = ANYWHERE, reads: Parts = NOTHING, about: Asked | None = None, explain: Told | None = None
) -> Callable[[Asked], Property]: ...
def invariant(
    holds: Asked | None = None,
    *,
    only: Where = ANYWHERE,
    reads: Parts = NOTHING,
    about: Asked | None = None,
    explain: Told | None = None,
) -> Any:
    """Decorator: a property of every reachable state.  The options are fields of `Property`."""
    return _decorated(holds, "always", only, reads, about, explain)


@overload
def at_rest(holds: Asked) -> Property: ...
@overload
def at_rest(
    *, only: Where = ANYWHERE, reads: Parts = NOTHING, about: Asked | None = None, explain: Told | None = None
) -> Callable[[Asked], Property]: ...
def at_rest(
    holds: Asked | None = None,
    *,
    only: Where = ANYWHERE,
    reads: Parts = NOTHING,
    about: Asked | None = None,
    explain: Told | None = None,
) -> Any:
    """Decorator: a property of every rest.  The options are fields of `Property`."""
    return _decorated(holds, "rest", only, reads, about, explain)


def _decorated(
    holds: Asked | None,
    when: Literal["always", "rest"],
    only: Where,
    reads: Parts,
    about: Asked | None,
    explain: Told | None,
) -> Any:
    def decorate(function: Asked) -> Property:
        speaks_of = answering(about) if about else None
        return Property(function.__name__, answering(function), when, only, reads, speaks_of, explain)

    return decorate if holds is None else decorate(holds)
