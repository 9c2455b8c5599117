"""The C file of a random walk: the state as a structure with arrays, the steps, the properties, the walk around them.

Each end of a step first computes all that it writes, and knows which questions have read
what it writes: a property is asked again only after a step that changes something of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from vrx.models.engines.native.branches import nested
from vrx.models.engines.native.expressions import Block, Term, c_type
from vrx.models.engines.native.merging import merged
from vrx.models.simulation.native.reading import ArrayReading
from vrx.models.symbolic.loops import BOUND, LOOPS, of_loop
from vrx.models.symbolic.reading import Traced
from vrx.models.symbolic.terms import Num, Row
from vrx.models.symbolic.trees import Fork, Leaf, Tree, folded, marks_in, nodes
from vrx.models.symbolic.walk import in_order
from vrx.spec.memory import StoreBuffer

MOST_QUESTIONS = 62
"""Questions by number are a set of bits; two more bits are the statistics'."""
RECEIVED, OCCUPANCY = 62, 63
"""The bits of what the statistics look at: how much the driver has taken, and who has the ring's buffers."""


class CannotCompile(Exception):
    """The system cannot be walked natively; the text says why."""


@dataclass(frozen=True)
class Asked:
    """What is compiled of a question by number; the tree is None for one that Python is asked."""

    name: str
    tree: Tree | None


class Expressions(Block):
    """Terms as C, in which arrays are arrays and a loop over one is a loop.

    cells: the C name and the length of an array, by its name in the state
    """

    def __init__(self, variable: Callable[[str], str], cells: Mapping[str, tuple[str, int]]) -> None:
        super().__init__(variable)
        self._cells = cells
        self._loops = 0

    def _known(self, term: Any) -> str | None:
        if isinstance(term, Row):
            return self._cells[term.data][0]
        if term.op == "var" and term.data.startswith(BOUND):
            return f"b{of_loop(term)[0]}"
        return super()._known(term)

    def _local(self, term: Term) -> None:
        if term.op in LOOPS:
            self._loop(term)
        else:
            super()._local(term)

    def _formula(self, term: Term) -> str:
        if term.op not in ("at", "count"):
            return super()._formula(term)
        array, length = self._cells[term.args[0].data]
        index = self._known(term.args[1])
        if term.op == "count":
            return f"COUNT({array}, {length}, {index})"
        kind = f"({c_type(term)})" if isinstance(term, Num) else ""
        inside = term.args[1].low >= 0 and term.args[1].high < length
        # Computed early, for several paths, of which one would have ended before an index that is none.
        return f"{kind}{array}[{index}]" if inside else f"{kind}((uint64_t){index} < {length} ? {array}[{index}] : 0)"

    def _loop(self, term: Term) -> None:
        """The local of a term about all elements: 1 until one says otherwise, or how many have said nothing else."""
        bound, body = term.data
        name, variable = f"every{self._loops}", self._known(bound)
        array, length = self._cells[of_loop(bound)[1]]
        self._loops += 1
        if term.op == "leading":
            self.lines.append(f"int {name} = 0;")
            self.open(f"for (int {variable} = 0; {variable} < {length}; {variable}++, {name}++) {{")
            self.lines.append(f"if (!({self.use(body)})) break;")
            self.close()
            self._scopes[-1][id(term)] = name
            return
        self.lines.append(f"int {name} = 1;")
        count = self._known(term.args[-1])
        most = f"({count} < {length} ? {count} : {length})"
        if term.op == "every":
            self.open(f"for (int {variable} = 0; {variable} < {most}; {variable}++) {{")
            self.lines.append(f"if (!({self.use(body)})) {{ {name} = 0; break; }}")
        else:
            self.lines.append(f"uint8_t met{name}[{length}] = {{0}};")
            first = self._known(term.args[1])
            self.open(f"for (int k = 0, {variable} = {first}; k < {most}; k++, {variable} = {array}[{variable}]) {{")
            self.lines.append(f"if (met{name}[{variable}] || !({self.use(body)})) {{ {name} = 0; break; }}")
            self.lines.append(f"met{name}[{variable}] = 1;")
        self.close()
        self._scopes[-1][id(term)] = name


class Writer:
    """The C of one system.  asked: the compiled questions by number; marks: covers by number."""

    def __init__(self, reading: ArrayReading, asked: Sequence[Asked], values: Mapping[int, Sequence[Tree]]) -> None:
        if len(asked) > MOST_QUESTIONS:
            raise CannotCompile(f"{len(asked)} questions in one run: at most {MOST_QUESTIONS} fit")
        self.reading, self.asked = reading, asked
        self.marks = tuple(sorted({m for traced in reading.actions for m in marks_in(traced.tree)}))
        self.mark = {name: i for i, name in enumerate(self.marks)}
        self.fields = {name: i for i, (name, *_) in enumerate(reading.scalars)}
        self.cells = {c.name: (f"s->a{i}", c.length) for i, c in enumerate(reading.arrays)}
        self.places = [*self.fields, *self.cells]
        self.readers = self._readers(values)

    def _readers(self, values: Mapping[int, Sequence[Tree]]) -> dict[str, int]:
        """Of each field and array, which questions look at it, as a set of bits."""
        found: dict[str, int] = defaultdict(int)
        trees = [(n, one.tree) for n, one in enumerate(self.asked) if one.tree]
        trees += [(n, tree) for n, several in values.items() for tree in several]
        for number, tree in trees:
            for name in variables_in(tree):
                found[name] |= 1 << number
        return found

    def structure(self) -> str:
        """The state, and its values in the order of the fields of a state."""
        lines = ["typedef struct {"]
        for i, (name, _, _, _, top) in enumerate(self.reading.scalars):
            lines.append(f"{_unsigned(name, top)} f{i}; // {name}")
        for i, cells in enumerate(self.reading.arrays):
            kind = _unsigned(cells.name, 1 if cells.top is None else cells.top)
            lines.append(f"{kind} a{i}[{cells.length + 1}]; // {cells.name}, and what no step reads")
        lines.append("} State;")
        for name, form, kind in (("get", "*v++ = {};", "const State"), ("put", "{} = *v++;", "State")):
            lines.append(f"static void {name}({kind} *s, int64_t *v) {{")
            lines += [form.format(f"s->f{i}") for i in range(len(self.fields))]
            for array, length in self.cells.values():
                lines.append(f"for (int i = 0; i < {length}; i++) {form.format(f'{array}[i]')}")
            lines.append("}")
        return "\n".join(lines)

    def get(self, name: str) -> str:
        """A field of the state in C."""
        i = self.fields[name]
        return f"({'int' if self.reading.scalars[i][4] < 1 << 31 else 'int64_t'})s->f{i}"

    def action(self, traced: Traced) -> str:
        """One action with its choices made: 1 where it is enabled, and then it is taken if `r->commit` says so."""
        names = {f"choice:{name}": f"c[{i}]" for i, (name, _) in enumerate(traced.action.choices)}
        block = self._block(lambda name: names.get(name) or self.get(name))
        block.open(f"static int action{traced.number}(Run *r, State *s, const int *c) {{ // {traced.action.name}")
        tree = merged(traced.tree, self.reading.variables)
        nested(block, tree, lambda leaf: self._end(block, leaf))
        block.close()
        return "\n".join(block.lines)

    def _block(self, variable: Callable[[str], str]) -> Expressions:
        return Expressions(variable, self.cells)

    def _end(self, block: Block, leaf: Leaf) -> None:
        if leaf.updates is None:
            block.lines.append("return 0;")
            return
        writes: list[str] = []
        changed: set[str] = set()
        updates = dict(sorted(leaf.updates.items()))
        for number, term in updates.items():
            slot = self.reading.slots[number]
            value = block.use(term)
            if isinstance(term, Num) and (term.low < 0 or term.high > slot.top):
                unsigned = "unsigned" if c_type(term) == "int" else "uint64_t"
                block.lines.append(f"if (__builtin_expect(({unsigned}){value} > {slot.top}u, 0)) return OUTSIDE;")
            changed.add(slot.array)
            if slot.kind == "field":
                writes.append(f"s->f{self.fields[slot.array]} = {value};")
                continue
            array, _ = self.cells[slot.array]
            if slot.kind == "clear":
                writes.append(f"if ({value}) memset({array}, 0, sizeof {array});")
            elif slot.kind == "index":
                written = updates.get(number + 1, self.reading.slots[number + 1].default)
                writes.append(f"{array}[{value}] = {block.use(written)};")
            elif number - 1 not in updates:
                raise CannotCompile(f"{slot.array} is written nowhere")  # both sides of a fork have the same index
        block.lines.append("if (!r->commit) return 1;")
        for name in leaf.marks:
            block.lines.append(f"MARK({self.mark[name]});")
        block.lines += writes
        bits = 0
        for name in changed:
            bits |= self.readers.get(name, 0)
        if bits:
            block.lines.append(f"r->dirty |= {bits}ull;")
        watched = " | ".join(f"r->watch[{self.places.index(name)}]" for name in sorted(changed))
        if watched and self._python:
            block.lines.append(f"r->wake |= {watched};")
        block.lines.append("return 1;")

    @property
    def _python(self) -> bool:
        return any(one.tree is None for one in self.asked)

    def function(self, head: str, tree: Tree) -> str:
        """A decision tree as a function of the state: what is true, or the number."""
        block = self._block(self.get)
        block.open(f"{head} {{")

        def end(leaf: Leaf) -> None:
            term = leaf.result if leaf.result is not None else (leaf.updates or {})[0]
            block.lines.append(f"return {block.use(term)};")

        nested(block, shared(tree), end)
        block.close()
        return "\n".join(block.lines)

    def candidates(self) -> str:
        """The actions that the program counters select, in the order of the actors; of a store buffer if one waits."""
        lines = ["static int candidates(const State *s, uint16_t *to) {", "int n = 0;"]
        for number, actor in enumerate(self.reading.actors):
            mine = [t for t in self.reading.actions if t.action.actor == number]
            always = _listed(t.number for t in mine if t.action.point < 0)
            waits = isinstance(actor, StoreBuffer)
            count = next((n for n, o, a, _, _ in self.reading.scalars if waits and o is actor and a == "count"), None)
            if always:
                lines.append(f"if ({self.get(count)}) {{ {always} }}" if count else always)
            counter = self.reading.counters.get(number)
            points = sorted({t.action.point for t in mine if t.action.point >= 0})
            if not points or counter is None:
                continue
            lines.append(f"switch ({self.get(counter)}) {{")
            for point in points:
                lines.append(f"case {point}: {_listed(t.number for t in mine if t.action.point == point)} break;")
            lines.append("}")
        return "\n".join([*lines, "return n;", "}"])


def _listed(numbers: Iterable[int]) -> str:
    return " ".join(f"to[n++] = {n};" for n in numbers)


def _unsigned(name: str, top: int) -> str:
    bits = top.bit_length()
    if bits > 62:
        raise CannotCompile(f"{name} has {bits} bits: at most 62 can be computed with")
    return next(f"uint{width}_t" for width in (8, 16, 32, 64) if bits <= width)


def variables_in(tree: Tree) -> set[str]:
    """The fields and the arrays that a tree looks at, by name."""
    roots: list[Any] = []
    for node in nodes(tree):
        if isinstance(node, Fork):
            roots.append(node.condition)
        else:
            roots += [node.result] if node.result is not None else list((node.updates or {}).values())
    found: set[str] = set()
    done: set[int] = set()
    while roots:
        for term in in_order(roots, done):
            done.add(id(term))
            if term.op == "var" and not str(term.data).startswith(BOUND):
                found.add(str(term.data))
        bodies = [t for root in roots for t in in_order((root,)) if t.op in LOOPS]
        roots = [t.data[1] for t in bodies if id(t.data[1]) not in done]
        roots += [t.data[0] for t in bodies if id(t.data[0]) not in done]
    return found


def shared(tree: Tree) -> Tree:
    """The same tree, equal parts of which are one object: a property that asks the same again after all it has seen."""
    alike: dict[tuple[object, ...], Tree] = {}

    def leaf(node: Leaf) -> Tree:
        key = (id(node.result), *((i, id(term)) for i, term in sorted((node.updates or {}).items())))
        return alike.setdefault(key, node)

    def fork(node: Fork, yes: Tree, no: Tree) -> Tree:
        if yes is no:
            return yes
        return alike.setdefault((id(node.condition), id(yes), id(no)), Fork(node.condition, yes, no))

    return folded(tree, leaf, fork)


def runtime() -> tuple[str, str]:
    """The hand-written C: what stands before the generated part, and what stands behind it."""
    here = files(__package__)
    return here.joinpath("walk.h").read_text(encoding="utf-8"), here.joinpath("walk.c").read_text(encoding="utf-8")

