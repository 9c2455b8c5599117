"""The C file of a system: its actions, its properties, and the runtime around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from math import prod
from typing import Any

from vrx.models.engines.native.branches import nested
from vrx.models.engines.native.expressions import Block, c_type
from vrx.models.engines.native.layout import Layout
from vrx.models.engines.native.merging import merged
from vrx.models.engines.native.narrow import bounds
from vrx.models.engines.native.parts import key_words, masks, parts
from vrx.models.symbolic.reading import Reading, Traced
from vrx.models.symbolic.terms import Num, Truth
from vrx.models.symbolic.trees import Fork, Leaf, Tree, folded, marks_in
from vrx.spec.properties import Property

MOST_PROPERTIES = 64
"""Properties by number are a set of bits."""


@dataclass(frozen=True)
class Source:
    """A generated C file and what its numbers mean.

    text: the C; layout: of the states; always, rest: properties by number; marks: covers by number
    most_successors: no state has more
    steps, asked: what of the text is generated: from the steps, and from the properties
    fields, actions: what the numbers of both are called, of a field with its range
    """

    text: str
    layout: Layout
    always: tuple[Property, ...]
    rest: tuple[Property, ...]
    marks: tuple[str, ...]
    most_successors: int
    steps: str
    asked: str
    fields: tuple[str, ...]
    actions: tuple[str, ...]

    @property
    def properties(self) -> tuple[Property, ...]:
        """All properties, in the order of their numbers."""
        return self.always + self.rest


def generate(
    reading: Reading,
    properties: Sequence[Property] = (),
    *,
    graph: Sequence[Property] | None = None,
    same: Sequence[Callable[[Any], int] | None] = (),
    again: Sequence[Property | None] = (),
    anywhere: bool = False,
    apart: int | None = None,
) -> Source:
    """The C of a system.

    graph: with the cycle finder, for the states of these predicates (`when` does not matter)
    same: beside each predicate, a number that does not change along its edges
    again: beside each predicate, what its cycles come to
    anywhere: for all states of the declared ranges, not only for those that are reachable
    apart: so many words for the numbers of the parts of a state, 0 where it is kept whole (digests are the same)
    Raises ValueError for more than `MOST_PROPERTIES` at a time.
    """
    if max(len(properties), len(graph or ())) > MOST_PROPERTIES:
        raise ValueError(f"{len(properties)} properties in one search: at most {MOST_PROPERTIES} fit")
    always = tuple(p for p in properties if p.when == "always")
    rest = tuple(p for p in properties if p.when == "rest")
    marks = marks_of(reading)
    writer = _Writer(reading, marks, Layout(reading.fields, None if anywhere else bounds(reading)))
    steps = [*(writer.action(traced) for traced in reading.actions), writer.expand()]
    asked = [writer.judge("always_fails", always, 0), writer.judge("rest_fails", rest, len(always))]
    layout = writer.layout
    constants = {
        "W": layout.words,
        "BITS": layout.bits,
        "ACTIONS": max(1, len(reading.actions)),
        "PROPERTIES": max(1, len(properties)),
        "MARKS": max(1, len(marks)),
        "SUCCESSORS": writer.most_successors(),
    }
    head = [f"#define {name} {value}" for name, value in constants.items()]
    head.append(
        "#define INITIAL " + ", ".join(f"{w}u" if w < 1 << 31 else f"{w}ull" for w in layout.pack(reading.initial))
    )
    of_steps = [line for line in head if "PROPERTIES" not in line]
    if graph is not None:
        head.append("#define GRAPH")
    apart = key_words(layout) if apart is None else apart
    parted = masks(parts(reading, layout), layout) if apart else []
    if parted:
        rows = ("{" + ", ".join(f"{word}ull" for word in mask) + "}" for mask in parted)
        head += [f"#define PARTS {len(parted)}", f"#define KEY {apart}", f"#define MASKS {', '.join(rows)}"]
    kept = "parts.c" if parted else "plain.c"
    search = [*asked, *map(runtime, ("team.c", kept, "table.c", "steps.c", "runtime.c"))]
    if graph is not None:
        asked += [writer.judge("predicates", graph, 0, holds=True), writer.same(same), writer.comes(again)]
        search += [writer.who(), *asked[-3:], runtime("graph.c")]
    text = ["\n".join(head), runtime("state.h"), "#ifdef STEPS", *steps, "#endif", "#ifdef SEARCH", *search, "#endif"]
    return Source(
        "\n".join(text),
        layout,
        always,
        rest,
        marks,
        writer.most_successors(),
        "\n".join([*of_steps, *steps]),
        "\n".join(asked),
        tuple(f"{f.name} 0..{f.top}" for f in reading.fields),
        tuple(t.action.name for t in reading.actions),
    )


def wider(source: Source) -> Source:
    """The same with more room for the numbers of a state's parts: two words, then states as they are."""
    one, two = "#define KEY 1\n", "#define KEY 2\n"
    if one in source.text:
        return replace(source, text=source.text.replace(one, two))
    lines = source.text.replace(runtime("parts.c"), runtime("plain.c")).split("\n")
    whole = (line for line in lines if not line.startswith(("#define PARTS ", "#define KEY 2", "#define MASKS ")))
    return replace(source, text="\n".join(whole))


def runtime(name: str) -> str:
    """A hand-written C file of this package."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def marks_of(reading: Reading) -> tuple[str, ...]:
    """Every mark that a step of the system can pass, in the order of the alphabet."""
    return tuple(sorted({mark for traced in reading.actions for mark in marks_in(traced.tree)}))


class _Writer:
    def __init__(self, reading: Reading, marks: tuple[str, ...], layout: Layout) -> None:
        self.reading = reading
        self.layout = layout
        self.number = {name: i for i, name in enumerate(marks)}
        self.field = {f.name: i for i, f in enumerate(reading.fields)}

    def get(self, name: str) -> str:
        """A field, read from the words of the state."""
        place = self.layout.places[self.field[name]]
        if place.bits >= 63:
            raise ValueError(f"{name} has {place.bits} bits: at most 62 can be computed with")
        kind = "int" if place.bits < 32 else "int64_t"
        return f"({kind})(s[{place.word}] >> {place.shift} & {place.mask}u{'ll' * (place.bits > 31)})"

    def action(self, traced: Traced) -> str:
        """One action: writes the successors, says whether there is one."""
        names = {f"choice:{name}": f"c{i}" for i, (name, _) in enumerate(traced.action.choices)}
        block = Block(lambda name: names.get(name) or self.get(name))
        block.open(f"static int action{traced.number}(Worker *w, const uint64_t *s) {{ // {traced.action.name}")
        block.lines.append("int enabled = 0;")
        for i, (_, count) in enumerate(traced.action.choices):
            block.open(f"for (int c{i} = 0; c{i} < {count}; c{i}++) {{")
        self._branches(block, traced)
        for _ in traced.action.choices:
            block.close()
        block.lines.append("return enabled;")
        block.close()
        return "\n".join(block.lines)

    def _branches(self, block: Block, traced: Traced) -> None:
        """The tree of an action as nested `if`s."""
        choice = "0"
        for i, (_, count) in enumerate(traced.action.choices):
            choice = f"({choice}) * {count} + c{i}"

        def end(leaf: Leaf) -> None:
            write = self._marks if leaf.updates is None else self._leaf
            write(block, traced.number, leaf, choice)

        nested(block, merged(traced.tree, self.reading.variables), end, goes_on=True)

    def _leaf(self, block: Block, number: int, leaf: Leaf, choice: str) -> None:
        changed: dict[int, tuple[int, int, list[str]]] = {}
        fit: list[str] = []
        for i, term in (leaf.updates or {}).items():
            place, top = self.layout.places[i], self.layout.tops[i]
            value = block.use(term)
            fit += self._fits(term, top, value)
            mask, fixed, parts = changed.get(place.word, (0, 0, []))
            if term.op == "const":
                fixed |= int(term.data) << place.shift if 0 <= int(term.data) <= top else 0
            elif place.bits:
                parts = [*parts, f"(uint64_t){value} << {place.shift}"]
            changed[place.word] = (mask | place.mask << place.shift, fixed, parts)
        if fit:
            block.lines.append(f"CHECK({' & '.join(fit)}, {number}, {choice});")
        self._marks(block, number, leaf, choice)
        block.lines.append("uint64_t *n = w->out; w->out = n + W;")
        for word in range(self.layout.words):
            mask, fixed, parts = changed.get(word, (0, 0, []))
            terms = [f"(s[{word}] & {~mask & (1 << 64) - 1}ull)" if mask else f"s[{word}]", *parts]
            if fixed:
                terms.append(f"{fixed}ull")
            block.lines.append(f"n[{word}] = {' | '.join(terms)};")
        block.lines.append(f"EMIT({number});")

    def _marks(self, block: Block, number: int, leaf: Leaf, choice: str) -> None:
        for name in leaf.marks:
            block.lines.append(f"MARK({self.number[name]}, {number}, {choice});")

    @staticmethod
    def _fits(term: Num | Truth, top: int, value: str) -> list[str]:
        """Whether a value that may leave its field's range does not: it would spoil its neighbours."""
        if isinstance(term, Num) and (term.low < 0 or term.high > top):
            unsigned = "unsigned" if c_type(term) == "int" else "uint64_t"
            return [f"(({unsigned}){value} <= {top}u)"]
        return []

    def expand(self) -> str:
        """All actions of a state: what the program counters select, in the order of the actors."""
        lines = ["SHARED int expand(Worker *w, const uint64_t *s) {", "int busy = 0;"]
        for actor in range(len(self.reading.program.actors)):
            pc = self.reading.program.counters.get(actor)
            mine = [t for t in self.reading.actions if t.action.actor == actor]
            lines += [self._call(t) for t in mine if t.action.point < 0]
            points = sorted({t.action.point for t in mine if t.action.point >= 0})
            if not points or pc is None:
                continue
            lines.append(f"switch ({self.get(self.reading.fields[pc].name)}) {{")
            for point in points:
                calls = " ".join(self._call(t) for t in mine if t.action.point == point)
                lines.append(f"case {point}: {calls} break;")
            lines.append("}")
        return "\n".join([*lines, "return busy;", "}"])

    def who(self) -> str:
        """Who takes each action, and which are the environment's."""
        actors = ", ".join(str(t.action.actor) for t in self.reading.actions)
        free = ", ".join(str(int(t.action.step.environment)) for t in self.reading.actions)
        who = f"static const uint8_t CONTEXT[] = {{{actors}}}, FREE[] = {{{free}}};"
        return f"#define WITNESS {len(self.reading.program.actors)}\n{who}"

    @staticmethod
    def _call(traced: Traced) -> str:
        busy = "" if traced.action.step.environment else "busy |= "
        return f"{busy}action{traced.number}(w, s);"

    def most_successors(self) -> int:
        """No state has more successors than this."""
        total = 0
        for actor in range(len(self.reading.program.actors)):
            by_point: dict[int, int] = {}
            for t in self.reading.actions:
                if t.action.actor == actor:
                    count = prod(n for _, n in t.action.choices)
                    by_point[t.action.point] = by_point.get(t.action.point, 0) + count
            total += by_point.pop(-1, 0) + max(by_point.values(), default=0)
        return max(1, total)

    def judge(self, name: str, properties: Sequence[Property], first: int, *, holds: bool = False) -> str:
        """The properties that fail (or hold) in a state, as a set of bits that begins at `first`."""
        functions, calls = [], []
        for i, prop in enumerate(properties):
            functions.append(self._property(f"{name}{i}", self.reading.property_tree(prop)))
            calls.append(f"if ({'' if holds else '!'}{name}{i}(s)) set |= 1ull << {first + i};")
        body = ["uint64_t set = 0;", *calls, "return set;"] if calls else ["return 0;"]
        return "\n".join([*functions, f"static uint64_t {name}(const uint64_t *s) {{", *body, "}"])

    def same(self, values: Sequence[Callable[[Any], int] | None]) -> str:
        """The number that does not change along the edges of a predicate: 0 where any edge will do."""
        functions, calls = [], []
        for i, value in enumerate(values):
            if value is not None:
                functions.append(self._property(f"same{i}", self.reading.value_tree(value), "int64_t"))
                calls.append(f"case {i}: return same{i}(s);")
        body = ["(void)s;", "switch (which) {", *calls, "default: return 0;", "}"]
        return "\n".join([*functions, "static int64_t same(int which, const uint64_t *s) {", *body, "}"])

    def comes(self, wanted: Sequence[Property | None]) -> str:
        """Has a state what the cycles of a predicate come to?  Every one has, where they need not come to anything."""
        functions, calls = [], []
        for i, prop in enumerate(wanted):
            if prop is not None:
                functions.append(self._property(f"comes{i}", self.reading.property_tree(prop)))
                calls.append(f"case {i}: return comes{i}(s);")
        body = ["(void)s;", "switch (which) {", *calls, "default: return 1;", "}"]
        return "\n".join([*functions, "static int comes(int which, const uint64_t *s) {", *body, "}"])

    def _property(self, name: str, tree: Tree, result: str = "int") -> str:
        """A decision tree as jumps: equal subtrees, of which a counting property has many, are written once."""
        nodes, root = _shared(tree)
        lines = [f"static {result} {name}(const uint64_t *s) {{", f"goto n{root};"]
        for i, node in enumerate(nodes):
            block = Block(self.get)
            block.open(f"n{i}: {{")
            if not isinstance(node, tuple):
                block.lines.append(f"return {block.use(node)};")
            else:
                condition, yes, no = node
                block.lines.append(f"if ({block.use(condition)}) goto n{yes}; else goto n{no};")
            block.close()
            lines += block.lines
        return "\n".join([*lines, "}"])


_Node = Num | Truth | tuple[Truth, int, int]


def _shared(tree: Tree) -> tuple[list[_Node], int]:
    """The distinct subtrees of a tree, children first, and the number of the whole."""
    nodes: list[_Node] = []
    numbers: dict[tuple[int, ...], int] = {}

    def numbered(key: tuple[int, ...], entry: _Node) -> int:
        if key not in numbers:
            numbers[key] = len(nodes)
            nodes.append(entry)
        return numbers[key]

    def leaf(node: Leaf) -> int:
        entry = node.result if node.result is not None else (node.updates or {})[0]
        return numbered((id(entry),), entry)

    def fork(node: Fork, yes: int, no: int) -> int:
        return yes if yes == no else numbered((id(node.condition), yes, no), (node.condition, yes, no))

    root = folded(tree, leaf, fork)
    return nodes, root
