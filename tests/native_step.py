"""One state at a time through the generated C: the third reading, as a test can ask it.

The native explorer has no function for a single state, so one is appended to
the C that `models.engines.native.codegen` generates.  What is tested are the generated
functions themselves.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from vrx.models.engines.native.build import compiled
from vrx.models.engines.native.codegen import generate
from vrx.models.symbolic.reading import Reading
from vrx.models.systems.fields import Values
from vrx.spec.properties import Property

ONE_STATE = """
static Search one_search;
static Worker one_worker;
uint64_t one_state(const uint64_t *s, uint64_t *out, uint64_t *fired, uint64_t *said) {
    Worker *w = &one_worker;
    memset(w, 0, sizeof *w);
    w->search = &one_search;
    w->out = out;
    said[0] = expand(w, s) != 0;
    said[1] = always_fails(s) | rest_fails(s);
    said[2] = w->error.seen;
    for (int i = 0; i < ACTIONS; i++) fired[i] = w->fired[i];
    return (uint64_t)(w->out - out) / W;
}
"""


@dataclass(frozen=True)
class Expanded:
    """What the C says of a state.

    after: its successors, as often as moves lead to each; fired: action number -> how many of its choices are enabled
    busy: a step of the system is enabled; spills: one left the range of a field; holds: the truth of each property
    """

    after: Counter[Values]
    fired: Counter[int]
    busy: bool
    spills: bool
    holds: tuple[bool, ...]


class NativeStep:
    """The generated C of a system, one state at a time."""

    def __init__(self, reading: Reading, props: Sequence[Property]) -> None:
        source = generate(reading, props, anywhere=True)
        self.layout = source.layout
        order = {p.name: i for i, p in enumerate(source.properties)}
        self.order = [order[p.name] for p in props]
        self.actions = len(reading.actions)
        room = sum(max(1, _product([n for _, n in t.action.choices])) for t in reading.actions)
        self._room = (ctypes.c_uint64 * (room * self.layout.words))()
        self._fired = (ctypes.c_uint64 * self.actions)()
        self._said = (ctypes.c_uint64 * 3)()
        self._call = compiled(source.text + ONE_STATE).one_state
        self._call.restype = ctypes.c_uint64

    def expand(self, values: Values) -> Expanded:
        """Everything about one state."""
        words = self.layout.pack(values)
        packed = (ctypes.c_uint64 * len(words))(*words)
        n = int(self._call(packed, self._room, self._fired, self._said))
        after = Counter(self.layout.unpack_all(self._room[: n * self.layout.words]))
        fired = Counter({i: count for i, count in enumerate(self._fired) if count})
        failed = int(self._said[1])
        holds = tuple(not failed >> i & 1 for i in self.order)
        return Expanded(after, fired, bool(self._said[0]), bool(self._said[2]), holds)


def _product(counts: Sequence[int]) -> int:
    total = 1
    for n in counts:
        total *= n
    return total
