"""What a variant exchanges: whether a function can stand for a step or a helper, and what it is called."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from vrx.models.systems.nearest_names import nearest
from vrx.models.systems.step_errors import short
from vrx.spec.bound_names import remember
from vrx.spec.config import BadConfiguration
from vrx.spec.size import Size, size_of
from vrx.spec.sizes import refused
from vrx.spec.steps import ModelError, Step, contexts_of, function_of

Run = Callable[..., Any]
KNOWN = ("vrx.spec", "vrx.models")
"""The modules whose functions mean today what they meant when a variant was made."""
SIMPLE = (bool, int, str, type(None))
"""Values that tell two functions of one factory apart, in a name."""


def exchanged(step: Step, run: Run, choices: Mapping[str, int | Size], cfg: Any, actors: Sequence[Any]) -> Step:
    """The step with another function.  Raises BadConfiguration where the function cannot stand for it."""
    if not step.belongs_to(cfg):
        lacks = [lacking.setting for lacking in step.only.lacking(cfg)]
        raise BadConfiguration(
            f"{step.name} is no step of {cfg.describe()}, which would never take it: it needs {' and '.join(lacks)}"
        )
    said = f"{step.name} := {named(run, step.name)}"
    _runs_at_once(said, run)
    there = [actor for actor in actors if isinstance(actor, step.runs_on)]
    _accepts(said, run, step.runs_on, there)
    takes = {**(choices or step.choices)}
    for name, count in takes.items():
        try:
            size_of(count, cfg)
        except LookupError as error:
            raise BadConfiguration(f"{said}: {error}") from None
        if wrong := refused(f"{name}={{}}", count):
            raise BadConfiguration(f"{said}: {wrong}")
        if isinstance(count, int) and count < 1:
            raise BadConfiguration(f"{said}: {name}={count}: a choice has one value at least; say how many")
    _can_be_called(said, run, takes, step)
    remember(run, KNOWN)
    return Step(step.name, run, step.machine, step.at, takes, step.environment, step.only, step)


def exchanged_helper(helper: Run, run: Run) -> Run:
    """The function, which can stand for a helper between steps.  Raises BadConfiguration where it cannot."""
    said = f"{helper.__name__} := {named(run, helper.__name__)}"
    _runs_at_once(said, run)
    kinds = contexts_of(helper)
    own = _contexts(said, run)
    if kinds and own and not all(issubclass(kind, own) for kind in kinds):
        raise BadConfiguration(f"{said} is for {_names(own)}, and {helper.__name__} for {_names(kinds)}")
    try:
        needed = [p for p in inspect.signature(helper).parameters.values() if p.default is p.empty]
        inspect.signature(run).bind(*needed)
    except TypeError:
        arguments = ", ".join(p.name for p in needed)
        mend = f"write def {function_name(run)}({arguments})"
        raise BadConfiguration(f"{said} is called with ({arguments}): {mend}") from None
    except ValueError:
        pass  # of a builtin nobody knows
    remember(run, KNOWN)
    return run


def not_by_name(given: object) -> BadConfiguration:
    """What to say to somebody who has given a function, where the name of the step or helper belongs."""
    name = getattr(function_of(given), "__name__", "") if callable(given) else ""
    mend = f"replace({name!r}, ...)" if name else "replace('NAME', function), or {'NAME': function, ...}"
    return BadConfiguration(f"replace({given!r}): a step or helper is exchanged by its name: {mend}")


def named(run: Run, instead_of: str) -> str:
    """What reports call a function: its name, and where it stands if the name alone does not tell which it is."""
    inner = function_of(run)
    name = getattr(inner, "__name__", type(run).__name__)
    if name == "__call__":
        name, kept = type(run).__name__, getattr(run, "__dict__", {})
        name += f"({', '.join(f'{k}={v!r}' for k, v in kept.items() if isinstance(v, SIMPLE))})"
    told_apart = name not in (instead_of, "<lambda>") and not isinstance(run, partial)
    if isinstance(run, partial):
        given = [repr(a) for a in run.args] + [f"{k}={v!r}" for k, v in run.keywords.items()]
        name += f"({', '.join(given)})"
    elif kept := _kept(inner):
        name += f"({kept})"
    code = getattr(inner, "__code__", None)
    return name if told_apart or code is None else f"{name} ({short(code.co_filename)}:{code.co_firstlineno})"


def _kept(run: Any) -> str:
    """The simple values that a function has from the factory that made it."""
    cells = zip(
        getattr(getattr(run, "__code__", None), "co_freevars", ()),
        getattr(run, "__closure__", None) or (),
        strict=False,
    )
    values = []
    for name, cell in cells:
        try:
            value = cell.cell_contents
        except ValueError:
            continue  # not bound yet
        if isinstance(value, SIMPLE):
            values.append(f"{name}={value!r}")
    return ", ".join(values)


def _contexts(said: str, run: Run) -> tuple[type[Any], ...]:
    try:
        return contexts_of(run)
    except (ModelError, ValueError, TypeError) as error:
        raise BadConfiguration(f"{said}: {error}") from None


def _runs_at_once(said: str, run: Run) -> None:
    """A call of a generator or a coroutine does nothing yet."""
    inner = function_of(run)
    if any(
        lazy(inner) for lazy in (inspect.isgeneratorfunction, inspect.iscoroutinefunction, inspect.isasyncgenfunction)
    ):
        raise BadConfiguration(
            f"{said} would do nothing when it is called: write a plain function, without yield or async"
        )


def _accepts(said: str, run: Run, kinds: tuple[type[Any], ...], there: Sequence[Any]) -> None:
    own = _contexts(said, run)
    refused = [actor.name for actor in there if own and not isinstance(actor, own)]
    if refused:
        raise BadConfiguration(
            f"{said} is for {_names(own)}, and the step for {_names(kinds)}: nothing would run it in {refused[0]}"
        )


def _can_be_called(said: str, run: Run, choices: Mapping[str, int | Size], step: Step) -> None:
    try:
        signature = inspect.signature(run)
    except ValueError:
        return  # of a builtin nobody knows
    try:
        signature.bind("s", "me", **choices)
    except TypeError as error:
        wanted = ", ".join(["s", "me", *choices])
        free = [
            p.name
            for p in list(signature.parameters.values())[2:]
            if p.default is p.empty and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) and p.name not in choices
        ]
        text = f"{said}: {error}; write def {function_name(run)}({wanted})"
        if free:
            mend = ", ".join(f"{n}=2" for n in [*choices, *free])
            text += f", or say how many values each choice has: .replace({step.name!r}, ..., {mend})"
        raise BadConfiguration(text) from None


def function_name(run: Run) -> str:
    """The bare name of a function."""
    return str(getattr(function_of(run), "__name__", type(run).__name__)).replace("<lambda>", "step")


def _names(kinds: Sequence[type[Any]]) -> str:
    return " | ".join(kind.__name__ for kind in kinds)


def unknown(name: str, steps: Sequence[Step], helpers: Sequence[Run]) -> BadConfiguration:
    """The error for a name that is no step and no helper."""
    known = [*(s.name for s in steps), *(h.__name__ for h in helpers)]
    return BadConfiguration(f"no step or helper is called {name!r}: {nearest(name, known)}")
