"""Where the C keeps a position and a wrap counter, a trace says both beside the index of the state."""

from __future__ import annotations

import re

import pytest

from vrx.models.simulation.simulator import Simulator
from vrx.models.systems.system import rx
from vrx.models.traces.events import Trace
from vrx.models.traces.narration import text
from vrx.models.traces.trace import replay
from vrx.spec.layouts.packed.wrap_counters import BESIDE
from vrx.spec.layouts.pairs import Pair
from vrx.spec.property import Property


def way(ring: str, size: int, event_idx: bool = False) -> Trace:
    """A run of two laps."""
    system = rx(ring=ring, size=size, event_idx=event_idx, max_packet=1)
    moves = Simulator(system, (), 0).run(2 * size + 1).moves
    return replay("way", system, Property("ends", lambda s: False, "always"), moves)


def test_a_pair_says_position_and_lap() -> None:
    pair = Pair(3, ("first", "second"))
    assert [pair.said(n) for n in range(6)] == [f"{n}, first" for n in range(3)] + [f"{n}, second" for n in range(3)]


@pytest.mark.parametrize("size", [1, 3])
def test_a_trace_of_a_packed_ring_has_the_names_of_the_c(size: int) -> None:
    trace = way("packed", size, event_idx=True)
    told = text(trace)
    assert f"next_avail_idx {size - 1} -> {size} (0, avail_wrap_counter 0, avail_used_flags USED)" in told
    assert f"used_idx {size - 1} -> {size} (0, used_wrap_counter 0)" in told
    assert f"last_used_idx {size - 1} -> {size} (0, wrap counter 0 in bit 15)" in told
    stored = re.findall(r"driver\.off_wrap <- (\d+) \((\d+), wrap counter ([01]) in bit 15\)", told)
    assert stored and all(int(n) == int(at) + size * (lap == "0") for n, at, lap in stored)
    for step in trace.steps:  # what is said is what the number is
        for change in step.changes:
            if pair := trace.pairs.get(change.field.whole):
                position, _, words = pair.said(change.after).partition(", ")
                assert int(position) == change.after % size
                assert ("1" in words.replace("bit 15", "")) == (change.after < size)


def test_every_name_is_one_of_a_field() -> None:
    pairs = way("packed", 1).pairs
    assert {name for name in BESIDE if "." in name} <= set(pairs)
    assert {name.rpartition(".")[2] for name in pairs} >= {name for name in BESIDE if "." not in name}


def test_a_split_ring_has_none() -> None:
    trace = way("split", 1)
    assert not trace.pairs and "wrap" not in text(trace)
