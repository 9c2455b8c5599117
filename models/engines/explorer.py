"""The reference explorer: breadth-first search over all reachable states, in plain Python.

Slow and simple on purpose: it runs the steps themselves on integers, keeps a
dictionary, and is what the native explorer is compared with.  Traces are
shortest; a rest is found as a state with no enabled step of the system.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from time import monotonic

from vrx.models.claims import Why
from vrx.models.systems.fields import Values
from vrx.models.systems.system import Move, System
from vrx.spec.properties import Property


@dataclass
class Found:
    """A state reached by a path: moves from the initial state."""

    path: list[Move]


@dataclass
class Search:
    """What a search found.

    complete: every reachable state was visited; states, depth: how many, and the longest shortest path
    violations: name of a property (as in `by_name`) -> shortest way to a state where it fails
    covers: mark -> shortest way to it
    fired: action number -> how often it was taken; seen: all states, if they were asked for
    reason, why: it is not complete, in words and in one; mend: what a user can do about it
    """

    complete: bool = False
    states: int = 0
    depth: int = 0
    rests: int = 0
    violations: dict[str, Found] = field(default_factory=dict)
    covers: dict[str, Found] = field(default_factory=dict)
    fired: Counter[int] = field(default_factory=Counter)
    seen: set[Values] | None = None
    reason: str = ""
    why: Why = ""
    mend: str = ""


def by_name(properties: Sequence[Property]) -> dict[str, Property]:
    """Properties under names of their own: of those that share one, the second is `name#2`.

    In the order in which engines number them: those of every state first.
    """
    names: dict[str, Property] = {}
    for prop in dict.fromkeys(sorted(properties, key=lambda p: p.when != "always")):
        name, n = prop.name, 1
        while name in names:
            n += 1
            name = f"{prop.name}#{n}"
        names[name] = prop
    return names


def explore(
    system: System,
    properties: Sequence[Property] = (),
    *,
    limit: int = 0,
    seconds: float = 0,
    stop_at_violation: bool = False,
    keep_states: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Search:
    """Visit every reachable state.  limit, seconds: stop after that many states, that time; 0 for no limit."""
    ends = monotonic() + seconds if seconds else inf
    program = system.built()
    view, state = program.view, program.state
    view.set(program.initial)
    initial = view.get()
    named = by_name(properties)
    always = [(name, p) for name, p in named.items() if p.when == "always"]
    at_rest = [(name, p) for name, p in named.items() if p.when == "rest"]
    free = [action.step.environment for action in program.actions]
    parents: dict[Values, tuple[Values, Move] | None] = {initial: None}
    found = Search()

    def way(values: Values, last: Move | None = None) -> Found:
        path = [last] if last else []
        while (step := parents[values]) is not None:
            values, move = step
            path.append(move)
        return Found(path[::-1])

    def judge(values: Values, over: Sequence[tuple[str, Property]]) -> None:
        view.put(values)
        for name, prop in over:
            if name not in found.violations and not prop.holds(state):
                found.violations[name] = way(values)

    level = [initial]
    judge(initial, always)
    try:
        while level:
            following: list[Values] = []
            for values in level:
                resting = True
                marks: list[str] = []
                for move, after in program.successors(values, marks):
                    found.fired[move.action] += 1
                    resting = resting and free[move.action]
                    while marks:
                        if (name := marks.pop()) not in found.covers:
                            found.covers[name] = way(values, move)
                    if after not in parents:
                        program.checked(after, move)
                        parents[after] = (values, move)
                        following.append(after)
                        judge(after, always)
                if resting:
                    found.rests += 1
                    judge(values, at_rest)
                if stop_at_violation and found.violations:
                    return _closed(found, parents, keep_states, "violation", "stopped at the first violation")
                if limit and len(parents) >= limit:
                    return _closed(found, parents, keep_states, "too_large", f"stopped at the limit of {limit} states")
                if monotonic() >= ends:
                    reason = out_of_time(seconds, len(parents), found.depth)
                    return _closed(found, parents, keep_states, "time", reason)
            level = following
            found.depth += bool(level)
            if progress:
                progress(len(parents), found.depth)
    except KeyboardInterrupt:
        return _closed(found, parents, keep_states, "interrupted", "interrupted")
    found.complete = True
    return _closed(found, parents, keep_states)


def out_of_time(seconds: float, states: int, depth: int) -> str:
    """Why a search that was given so many seconds ended."""
    return f"stopped after {seconds:g} s at {states:,} states, depth {depth}"


def _closed(
    found: Search,
    parents: dict[Values, tuple[Values, Move] | None],
    keep_states: bool,
    why: Why = "",
    reason: str = "",
) -> Search:
    found.states = len(parents)
    found.reason, found.why = reason, why
    if keep_states:
        found.seen = {tuple(int(v) for v in values) for values in parents}
    return found
