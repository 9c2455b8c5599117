"""What the model keeps as zero although the C leaves another value there, and variants that would read it.

Where no step of the C reads a value again, the model makes it zero, so that equal
situations are equal states (`spec.memory.dead`, `spec.memory.over`).  A variant
that reads it would see a value that no machine has.  Which fields these are is
found, not listed: every step is traced with and without the switch `stale`, and
the fields whose new values differ are those.

A variant may take a field in its own charge: where an exchanged step gives it other
values than the C does, what another exchanged step reads there is the variant's
affair (a device that keeps the last descriptor until it fills the entry).

What this does not see: a variant that reads, in a step whose original reads the
same field, another element of it, or the field at another time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from vrx.models.symbolic.reading import Reading, Traced
from vrx.models.symbolic.terms import Num, Row, Truth
from vrx.models.symbolic.trees import Fork, Leaf, Tree, leaves, nodes
from vrx.models.systems.standard_systems import watched
from vrx.models.systems.system import ActionKey, System
from vrx.models.systems.variant_names import exchanged_steps

Term = Num | Truth | Row


def as_in_c(system: System, kept: str = "all") -> System:
    """The system in which values stay as the C leaves them; exchanged steps stay exchanged.

    kept: "memory", the ring, the buffers and structures; or "all", local variables as well
    """
    system = with_names(system)
    return replace(system, cfg=replace(system.cfg, stale=kept))


def with_names(system: System) -> System:
    """The system in which every buffer keeps its number; a step reads and leaves the same there."""
    if not getattr(system.cfg, "symmetry", False):
        return system
    return replace(system, cfg=replace(system.cfg, symmetry=False))


def original(system: System) -> System:
    """The system of which this one is a variant: every exchanged step is again what it stands for, and every helper."""
    plain = replace(system, steps=tuple(step.origin for step in system.steps), changed=(), instead=())
    if not getattr(system.cfg, "watched", False):
        return plain
    return watched(replace(plain, cfg=replace(system.cfg, watched=False)))


@cache
def reads_what_is_not_kept(system: System, of: System | None = None) -> str:
    """Why the answers about a variant would be about values that no machine has; an empty string where they are not.

    of: the system that it is a variant of; None: the one in which no step is exchanged
    """
    exchanged = exchanged_steps(system)
    of_another = of is not None
    if not (exchanged or system.instead or of_another) or getattr(system.cfg, "stale", "all") == "all":
        return ""
    system, of = with_names(system), with_names(of or original(system))
    # A helper may be called by any step; else only the exchanged steps can read what the others do not.
    only = exchanged if not (system.instead or of_another) else None
    reading, plain = Reading(system, only), Reading(of, only)
    before = _reads(plain, plain.actions)
    news = {key: fields - before.get(key, frozenset()) for key, fields in _reads(reading, reading.actions).items()}
    if not any(news.values()) or not any(fields & not_kept(of) for fields in news.values()):
        return ""
    own = _in_charge(Reading(system), Reading(of))
    for (_, name, _), fields in news.items():
        if unkept := fields & not_kept(of) - own:
            field = min(unkept)
            enough = "memory" if field not in not_kept(as_in_c(of, "memory")) else "all"
            return (
                f"{name} reads {field}, which the step that it stands for does not read: where nobody reads it, the "
                f'model keeps zero and not what the C leaves there; use stale="{enough}", as in rx(..., '
                f'stale="{enough}")'
            )
    return ""


def _in_charge(variant: Reading, plain: Reading) -> frozenset[str]:
    """The fields to which a step of the variant gives other values than the original, `stale` or not."""
    left = Reading(as_in_c(variant.system))
    there = {t.action.key: _new_values(plain, t.tree) for t in plain.actions}
    found = set()
    for one, other in zip(variant.actions, left.actions, strict=True):
        before = there.get(one.action.key)
        mine, c = _new_values(variant, one.tree), _new_values(left, other.tree)
        for i, field in enumerate(variant.fields):
            if mine[i] == c[i] and (before is None or mine[i] != before[i]):
                found.add(_whole(field.name))
    return frozenset(found)


@cache
def not_kept(system: System) -> frozenset[str]:
    """The fields of a system that its steps make zero where the C would leave another value, by name, arrays whole.

    Asked of sequentially consistent memory: what waits in a store buffer is on its way to such a field.
    """
    plain = with_names(system)
    plain = plain.under(replace(plain.cfg, memory="sc", without=frozenset()))
    kept, left = Reading(plain), Reading(as_in_c(plain))
    found = set()
    for one, other in zip(kept.actions, left.actions, strict=True):
        before, after = _new_values(kept, one.tree), _new_values(left, other.tree)
        found |= {_whole(f.name) for i, f in enumerate(kept.fields) if before[i] != after[i]}
    return frozenset(found)


def _new_values(reading: Reading, tree: Tree) -> list[set[int]]:
    """For each field the terms that it may become, by identity: equal terms are one."""
    values: list[set[int]] = [set() for _ in reading.fields]
    for leaf in leaves(tree):
        if leaf.updates is not None:
            for i, variable in enumerate(reading.variables):
                values[i].add(id(leaf.updates.get(i, variable)))
    return values


"""An action by its actor, its step and its program point."""


def reads_dead_values(reading: Reading, before: Iterable[Traced], after: Iterable[Traced], of: System) -> bool:
    """May steps read what the model does not keep, where those that they stand for do not?  `reads_what_is_not_kept`
    tells.  of: the original"""
    there = _reads(reading, before)
    return any((fields - there[key]) & not_kept(of) for key, fields in _reads(reading, after).items())


def _reads(reading: Reading, actions: Iterable[Traced]) -> dict[ActionKey, frozenset[str]]:
    """The fields that each of some actions depends on."""
    names = {id(v): _whole(f.name) for v, f in zip(reading.variables, reading.fields, strict=True)}
    out = {}
    for traced in actions:
        seen: set[int] = set()
        for term in _asked(reading, traced.tree):
            _variables(term, seen)
        out[traced.action.key] = frozenset(names[v] for v in seen if v in names)
    return out


def _asked(reading: Reading, tree: Tree) -> Iterator[Term]:
    """What a tree depends on: its conditions, and its new values, but not that a field stays as it is."""
    for node in nodes(tree):
        if isinstance(node, Fork):
            yield node.condition
        else:
            yield from _changed(reading, node)


def _changed(reading: Reading, leaf: Leaf) -> Iterator[Term]:
    """The new values of a leaf; of one that is chosen, the choice, and what is chosen unless it is the old value."""
    for i, value in (leaf.updates or {}).items():
        stack: list[Term] = [value]
        while stack:
            term = stack.pop()
            if term is reading.variables[i]:
                continue
            if isinstance(term, Num) and term.op == "ite":
                condition, yes, no = term.args
                yield condition
                stack += [yes, no]
            else:
                yield term


def _variables(term: Term, seen: set[int]) -> None:
    """Add the terms below a term, by identity."""
    stack: list[Term] = [term]
    while stack:
        here = stack.pop()
        if id(here) not in seen:
            seen.add(id(here))
            stack += here.args


def _whole(name: str) -> str:
    """The name of a field without the number of the element."""
    return name.partition("[")[0]
