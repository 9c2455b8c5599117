"""The graph of a native search: the edges between the states of one predicate, and its fair cycles."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from math import inf
from time import monotonic
from typing import Any

from vrx.models.engines.native.explore import CHUNK_MS, NONE, STATES, Native
from vrx.models.systems.fields import Values

NUMBERS, FIRST, TARGETS, LABELS, ENABLED, REGIONS = range(6)
CONTEXTS = 64
"""Sets of contexts are 64 bits."""


def declare(lib: ctypes.CDLL) -> None:
    """The types of the functions in graph.c."""
    u32, u64, pointer = ctypes.c_uint32, ctypes.c_uint64, ctypes.c_void_p
    for name, result, arguments in (
        ("vrx_graph_new", pointer, (pointer, ctypes.c_int)),
        ("vrx_graph_free", None, (pointer,)),
        ("vrx_graph_extend", ctypes.c_int, (pointer, ctypes.c_char_p, ctypes.c_int)),
        ("vrx_graph_fair", u32, (pointer, u64, u64, ctypes.c_int64)),
        ("vrx_graph_array", pointer, (pointer, ctypes.c_int)),
        ("vrx_graph_size", u64, (pointer, ctypes.c_int)),
        ("vrx_successors", u32, (pointer, ctypes.POINTER(u64), ctypes.POINTER(u64), ctypes.POINTER(ctypes.c_uint16))),
    ):
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments


class OutOfTime(Exception):
    """The time for a graph is over."""


class NativeGraph:
    """The states of a complete search in which predicate number `predicate` holds, as nodes 0, 1, ...

    allowed: for each action whether its edges count.  The search must have one worker.
    ends: on the clock `time.monotonic`; OutOfTime is raised then.
    """

    def __init__(
        self,
        native: Native,
        predicate: int,
        allowed: Sequence[bool],
        progress: Callable[[int, int], None] | None = None,
        ends: float = inf,
    ) -> None:
        if native.threads != 1:
            raise ValueError("a graph needs a search with one thread")
        self.native = native
        self.ends = ends
        declare(native.lib)
        self.handle = native.lib.vrx_graph_new(native.handle, predicate)
        if not self.handle:
            raise MemoryError("the graph does not fit into memory")
        flags = bytes(allowed)
        try:
            while not native.lib.vrx_graph_extend(self.handle, flags, CHUNK_MS):
                if progress:
                    progress(native.count(STATES), native.depth())
                if monotonic() >= ends:
                    raise OutOfTime
        except BaseException:
            self.close()
            raise
        self.nodes = int(native.lib.vrx_graph_size(self.handle, 0))
        self.edges = int(native.lib.vrx_graph_size(self.handle, 1))
        self._numbers = self._array(NUMBERS, ctypes.c_uint32)
        self._first = self._array(FIRST, ctypes.c_uint64)
        self._targets = self._array(TARGETS, ctypes.c_uint32)
        self._labels = self._array(LABELS, ctypes.c_uint16)
        self._enabled = self._array(ENABLED, ctypes.c_uint64)
        self._regions = self._array(REGIONS, ctypes.c_uint32)

    def _array(self, which: int, kind: Any) -> Any:
        return ctypes.cast(self.native.lib.vrx_graph_array(self.handle, which), ctypes.POINTER(kind))

    def close(self) -> None:
        """Give the memory back."""
        if self.handle:
            self.native.lib.vrx_graph_free(self.handle)
        self.handle = None

    def fair(self, weak: int, strong: int) -> int | None:
        """A node of the nearest fair component for these sets of contexts, or None when there is none."""
        left = 0 if self.ends == inf else max(1, int(1000 * (self.ends - monotonic())))
        node = int(self.native.lib.vrx_graph_fair(self.handle, weak, strong, left))
        if node == NONE - 2:
            raise OutOfTime
        if node == NONE - 1:
            raise MemoryError("the search for cycles does not fit into memory")
        return None if node == NONE else node

    def inside(self, node: int) -> Iterator[tuple[int, int]]:
        """The edges of a node that stay in its component: action, other node."""
        region = self._regions[node]
        for e in range(self._first[node], self._first[node + 1]):
            other = self._targets[e]
            if self._regions[other] == region:
                yield self._labels[e], other

    def enabled(self, node: int) -> int:
        """The contexts that could take a step in a node, to wherever."""
        return int(self._enabled[node])

    def number(self, node: int) -> int:
        """The number of a node's state in the search."""
        return int(self._numbers[node])

    def values(self, node: int) -> Values:
        """A node's state."""
        return self.native.values(self.number(node))


def successors(native: Native, values: Values) -> list[tuple[int, Values]]:
    """The native reading of all steps in one state: action, state after it.  For comparing readings."""
    declare(native.lib)
    width = native.source.layout.words
    words = native.source.layout.pack(values)
    most = native.source.most_successors
    out, actions = (ctypes.c_uint64 * (most * width))(), (ctypes.c_uint16 * most)()
    n = native.lib.vrx_successors(native.handle, (ctypes.c_uint64 * width)(*words), out, actions)
    return [(actions[i], native.source.layout.unpack(out[i * width : (i + 1) * width])) for i in range(n)]
