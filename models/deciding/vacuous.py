"""When a proof says nothing: what a claim speaks of does not occur in the system that was searched.

A property of rests says nothing where nothing ever rests, a variant says nothing
of a change that never comes into play, and a mark that no step has is no
question.  Such a claim is *vacuous*, which is never what was hoped for.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache

from vrx.models.symbolic.reading import Reading
from vrx.models.symbolic.terms import YES, Truth
from vrx.models.symbolic.trees import Fork, Tree, leaves, nodes
from vrx.models.symbolic.walk import in_order
from vrx.models.systems.system import Program, System
from vrx.models.systems.variant_names import exchanged_helpers, exchanged_steps
from vrx.spec.bound_names import OURS, all_of
from vrx.spec.liveness import Liveness
from vrx.spec.property import Property, sentence_of
from vrx.spec.steps import Replaced


def never_taken(program: Program, fired: Mapping[int, int]) -> tuple[str, ...]:
    """The steps of a system that a search never took, by name.  fired: action number -> how often it was taken."""
    taken = {program.actions[number].step.name for number, count in fired.items() if count}
    return tuple(sorted({action.step.name for action in program.actions} - taken))


def change_without_effect(program: Program, fired: Counter[int], covers: Container[str]) -> str:
    """Which exchange of a variant never comes into play; empty where all do, and for an original."""
    taken = {program.actions[number].step.name for number, count in fired.items() if count}
    if idle := [name for name in exchanged_steps(program.system) if name not in taken]:
        return f"never taken, although exchanged: {_listed('step', idle)}"
    if idle := [name for name in exchanged_helpers(program.system) if Replaced(name) not in covers]:
        return f"never called, although exchanged: {_listed('helper', idle)}"
    return ""


@cache
def occasion(prop: Property) -> Property | None:
    """That what a property speaks of never occurs: where this holds, the property says nothing."""
    about = prop.about
    if about is None:
        return None
    return Property(f"{prop.name}, about", lambda s: not about(s), "always")


def nothing_to_say(prop: Property | Liveness) -> str:
    """Why a question says nothing where its occasion never comes."""
    said = sentence_of(prop.about) if prop.about else ""
    return f"{OCCASION}{said.rstrip('.')}"


def cannot_fail(reading: Reading, prop: Property) -> str:
    """Why a property holds whatever happens: it is true in every state that the ranges of the fields allow, or reads
    only ghosts that no step writes; empty where it may fail.

    Of a question of the user's Z3 says so, and of those of this tool a test does.
    """
    tree = reading.property_tree(prop)
    if always_true(tree) or (not all_of(prop.holds, (OURS,)) and _always_so(reading, prop)):
        return CONSTANT
    written = {i for traced in reading.actions for leaf in leaves(traced.tree) for i in leaf.updates or ()}
    names = {f.name: i for i, f in enumerate(reading.fields)}
    read = {t.data for t in in_order([*_conditions(tree)]) if t.op == "var"}
    if read and all(name.startswith("ghost.") and names.get(name) not in written for name in read):
        return f"no step of this system writes {', '.join(sorted(read))}, which is all that it reads"
    return ""


def always_true(tree: Tree) -> bool:
    """Is what a property answers true on each of its ways, whatever it reads on them?"""
    return all(leaf.result is YES for leaf in leaves(tree))


def _always_so(reading: Reading, prop: Property) -> bool:
    from vrx.models.engines.z3.constant import Constants  # Z3 takes its time to load, and most searches need none

    return Constants(Reading(reading.system, ())).always_so(prop)


def _conditions(tree: Tree) -> Iterator[Truth]:
    """What a property asks on its ways, and what it answers."""
    for node in nodes(tree):
        if isinstance(node, Fork):
            yield node.condition
        elif node.result is not None:
            yield node.result


def ghosts_lost(system: System) -> dict[str, list[str]]:
    """Exchanged steps that do not write a ghost which the steps that they stand for write, nor does another exchanged
    step in their place: step -> the ghosts."""
    names = exchanged_steps(system)
    before = replace(system, steps=tuple(s.origin if s.name in names else s for s in system.steps), instead=())
    found: dict[str, list[str]] = {}
    there, here = _ghosts(Reading(before, names)), _ghosts(Reading(system, names))
    gained = {ghost for step, ghosts in here.items() for ghost in ghosts - there.get(step, set())}
    for step, ghosts in there.items():
        if lost := sorted(ghosts - here.get(step, set()) - gained):
            found[step] = lost
    return found


def rests_on_lost(system: System, lost: Mapping[str, Collection[str]], prop: Property) -> str:
    """Why a property that holds says nothing: it reads a ghost that an exchanged step writes no more, and that no other
    exchanged step has begun to write; empty where it reads none."""
    asked = [*_conditions(Reading(system, ()).property_tree(prop))]
    read = {t.data.partition("[")[0] for t in in_order(asked) if t.op == "var"}
    for step, ghosts in lost.items():
        if gone := sorted(read.intersection(ghosts)):
            return f"it reads {', '.join(gone)}, which {step} does not write as the step that it stands for does"
    return ""


def _ghosts(reading: Reading) -> dict[str, set[str]]:
    """The ghosts that each step writes, arrays whole."""
    found: dict[str, set[str]] = {}
    for traced in reading.actions:
        for leaf in leaves(traced.tree):
            written = (reading.fields[i].name.partition("[")[0] for i in leaf.updates or ())
            found.setdefault(traced.action.step.name, set()).update(w for w in written if w.startswith("ghost."))
    return found


def no_such_mark(mark: str, marks: Iterable[str]) -> str:
    """Why a cover of a mark that no step has is no question."""
    known = list(marks)
    close = difflib.get_close_matches(mark, known, n=3, cutoff=0.4)
    near = f"the nearest: {', '.join(map(repr, close))}" if close else f"there are: {', '.join(map(repr, known))}"
    return f"no step of this system has the mark {mark!r}; {near if known else 'they have none'}"


def _listed(what: str, names: list[str]) -> str:
    return f"{what}{'' if len(names) == 1 else 's'} {', '.join(names)}"


CONSTANT = "it is true in every state that there could be, whatever the steps do"
OCCASION = "what it speaks of never occurs: "
NO_REST = "the system never comes to rest, so a property of rests says nothing"
NO_SITUATION = "the situation that must not last never occurs"
