"""A system as a Promela text, for Spin: written from the traced steps, as the native explorer's C is.

A process for each context; a `d_step` for each way through a step, with what is asked on that way as its guard.  The
program counter of a context is a variable like any other field, and a process stands in its loop whenever it is looked
at, so that Spin's states are ours, one for one.  Spin searches them; what it is asked is left to whoever runs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product

from vrx.models.symbolic.reading import Reading, Traced
from vrx.models.symbolic.terms import Num, Truth
from vrx.models.symbolic.trees import Leaf, leaves, paths
from vrx.models.systems.fields import Field
from vrx.models.systems.system import System
from vrx.spec.steps import ModelError

Term = Num | Truth
INFIX = {"add": "+", "sub": "-", "band": "&", "bor": "|", "eq": "==", "lt": "<", "and": "&&", "or": "||"}
LONGEST = 20_000
"""Characters of one expression at most: a text that nobody can read, and Spin neither, is refused."""
RESERVED = frozenset(
    ("c_code", "c_decl", "c_expr", "c_state", "c_track", "d_step", "get_priority", "pc_value", "set_priority")
)
"""Words of Promela with a `_` between letters; names without one get one at their end, and are none of the others."""
WIDEST = 31
"""Bits of a number of Promela that is never negative."""


def promela(system: System) -> str:
    """The text.  Raises ModelError where a step cannot be read, or Promela has no room for a number."""
    return "\n".join(_Writer(Reading(system)).text()) + "\n"


class _Writer:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.names = _names(reading.fields)
        self.place = {f.name: i for i, f in enumerate(reading.fields)}
        self.olds: dict[str, None] = {}
        self.written = {i for t in reading.actions for leaf in leaves(t.tree) for i in (leaf.updates or {})}

    def text(self) -> Iterator[str]:
        """The lines of the file."""
        program = self.reading.program
        yield f"/* {self.reading.system.name}"
        yield "   Written by `vrx export --promela` from the traced steps: a state of Spin is a state of vrx,"
        yield "   with `spin -a -o2 -o3` (what only properties read stays, no steps are merged). */"
        yield ""
        yield from self._declarations()
        processes: list[str] = []
        for number, actor in enumerate(program.actors):
            mine = [t for t in self.reading.actions if t.action.actor == number]
            options = [line for traced in mine for line in self._action(traced)]
            if options:
                processes += ["", f"active proctype {_identifier(actor.name)}() {{", "end:", "    do", *options]
                processes += ["    od", "}"]
        hidden = "a value while several change places: no part of a state"
        yield from (f"hidden int {old};  /* {hidden} */" for old in self.olds)
        yield from processes

    def _declarations(self) -> Iterator[str]:
        for i, field in enumerate(self.reading.fields):
            first = int(self.reading.initial[i])
            name = self.names[i]
            if field.bits > WIDEST:
                raise ModelError(f"{field.name} has {field.bits} bits: a number of Promela has {WIDEST}")
            if i not in self.written:
                yield f"#define {name} {first}"
            elif field.kind is bool:
                yield f"bool {name} = {first};"
            else:
                yield f"unsigned {name} : {max(1, field.bits)} = {first};  /* 0..{field.top} */"

    def _action(self, traced: Traced) -> Iterator[str]:
        """A comment with the step and its sentence, and an option for each way through it and each choice."""
        action = traced.action
        about = (action.step.run.__doc__ or "").strip().partition("\n")[0].replace("*/", "* /")
        yield f"    /* {action.step.name}: {about} */"
        pc = self.reading.program.counters.get(action.actor)
        for choice in product(*(range(count) for _, count in action.choices)):
            given = {f"choice:{name}": value for (name, _), value in zip(action.choices, choice, strict=True)}
            for path, leaf in paths(traced.tree):
                if leaf.updates is None:
                    continue
                asked = [f"{self.names[pc]} == {action.point}"] if action.point >= 0 and pc is not None else []
                asked += [said if holds else _not(said) for c, holds in path for said in [self.said(c, given)]]
                if "false" in asked:
                    continue
                yield f"    :: d_step {{ {' && '.join(one for one in asked if one != 'true') or 'true'} ->"
                yield from (f"        {line};" for line in self._updates(leaf, given))
                yield "    }"

    def _updates(self, leaf: Leaf, given: Mapping[str, int]) -> Iterator[str]:
        """Assignments, one after the other, that do what the step does at once: a field is written after all that read
        it, and where they read one another its old value is kept.  Who changes nothing skips."""
        left = dict(leaf.updates or {})
        reads = {i: _fields_in(term, self.place) - {i} for i, term in left.items()}
        kept: dict[str, str] = {}
        if not left:
            yield "skip"
        while left:
            ready = next((i for i in left if not any(i in reads[j] for j in left if j != i)), None)
            if ready is None:
                first = self.reading.fields[next(iter(left))]
                kept[first.name] = f"old{len(kept)}"
                self.olds.setdefault(kept[first.name])
                yield f"{kept[first.name]} = {self.names[self.place[first.name]]}"
                for others in reads.values():
                    others.discard(self.place[first.name])
                continue
            term = left.pop(ready)
            field, told = self.reading.fields[ready], self.said(term, {**given, **kept})
            if isinstance(term, Num) and (term.low < 0 or term.high > field.top):
                yield f"assert({told} >= 0 && {told} <= {field.top})"
            yield f"{self.names[ready]} = {told}"

    def said(self, term: Term, given: Mapping[str, int | str]) -> str:
        """A term in Promela.  given: what to write for some of the variables: free choices, old values."""
        done: dict[int, str] = {}
        stack: list[tuple[Term, bool]] = [(term, False)]
        while stack:
            node, ready = stack.pop()
            if id(node) in done:
                continue
            if not ready:
                stack += [(node, True), *((arg, False) for arg in node.args)]
                continue
            text = self._formula(node, [done[id(arg)] for arg in node.args], given)
            if len(text) > LONGEST:
                raise ModelError(f"a step of {self.reading.system.name} computes more than Promela can be written of")
            done[id(node)] = text
        return done[id(term)]

    def _formula(self, term: Term, args: list[str], given: Mapping[str, int | str]) -> str:
        if isinstance(term, Num) and not -(1 << WIDEST) <= term.low <= term.high < 1 << WIDEST:
            raise ModelError(
                f"a step of {self.reading.system.name} computes a number of {term.low:,}..{term.high:,}: "
                f"Promela computes with {-(1 << WIDEST):,}..{(1 << WIDEST) - 1:,}"
            )
        if term.op == "const":
            return str(int(term.data)) if isinstance(term, Num) else str(bool(term.data)).lower()
        if term.op == "var":
            return str(given[term.data]) if term.data in given else self.names[self.place[term.data]]
        if term.op in ("eq", "lt") and all(arg.isdecimal() for arg in args):
            return str(int(args[0]) == int(args[1]) if term.op == "eq" else int(args[0]) < int(args[1])).lower()
        if term.op in INFIX:
            return f"({args[0]} {INFIX[term.op]} {args[1]})"
        if term.op == "not":
            return _not(args[0])
        if term.op == "ite":
            return f"({args[0]} -> {args[1]} : {args[2]})"
        if term.op == "scale":
            return f"({args[0]} * {term.data})"
        if term.op == "wrap":
            return f"({args[0]} & {(1 << term.data) - 1})"
        raise ModelError(f"no Promela for a term of kind {term.op}")


def _not(said: str) -> str:
    if said in ("true", "false"):
        return "false" if said == "true" else "true"
    return said[1:] if said.startswith("!") else f"!{said}"  # what is behind a `!` is a name or in brackets


def _names(fields: list[Field]) -> list[str]:
    """A name of Promela for each field, all different."""
    names: list[str] = []
    for field in fields:
        name = _identifier(field.name)
        while name in names:
            name += "_"
        names.append(name)
    return names


def _identifier(text: str) -> str:
    name = re.sub(r"\W+", "_", text).strip("_")
    return f"{name}_" if name in RESERVED or "_" not in name else name


def _fields_in(term: Term, place: Mapping[str, int]) -> set[int]:
    """The fields that a term reads, by number."""
    found: set[int] = set()
    seen: set[int] = set()
    stack: list[Term] = [term]
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen.add(id(node))
            stack += node.args
            if node.op == "var" and node.data in place:
                found.add(place[node.data])
    return found
