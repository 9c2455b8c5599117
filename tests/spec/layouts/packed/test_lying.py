"""Sides that lie on a packed ring: engines that share no code agree, and what is not told would say nothing new."""

from __future__ import annotations

from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest

from vrx.models.engines.explorer import explore
from vrx.models.engines.native.explore import explore_native
from vrx.models.engines.z3.bmc import bmc, confirm
from vrx.models.simulation.simulator import Simulator
from vrx.models.systems.mended import asking, with_room
from vrx.models.systems.system import System, rx
from vrx.models.traces.narration import text
from vrx.models.traces.trace import replay
from vrx.proofs.museum.packed_data import big, mergeable, small
from vrx.proofs.packed_hostile import MERGING2, SMALL
from vrx.spec.broken import broken_for_ever
from vrx.spec.layouts.packed.lying import ENTRIES, shapes
from vrx.spec.layouts.packed.notification import need_event
from vrx.spec.layouts.packed.properties import no_more_in_hand_than_the_ring
from vrx.spec.properties import Property
from vrx.spec.questions import standard_for

SYSTEMS = [
    rx(ring="packed", hostile="driver"),
    rx(ring="packed", hostile="driver", size=2, max_packet=1),
    small(size=1, hostile="device"),
    mergeable(size=1, max_packet=1, hostile="device"),
    big(hostile="device"),
    small(size=1, hostile="driver", max_packet=1),
]


def asked(system: System) -> list[Property]:
    return [q for q in standard_for(system.cfg)[0] if isinstance(q, Property)]


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: s.name)
def test_the_reference_and_the_native_explorer_agree(system: System) -> None:
    questions = asked(system)
    found, native = explore(system, questions), explore_native(system, questions)
    assert found.complete and found.states > 900
    assert (found.states, found.depth, found.rests) == (native.states, native.depth, native.rests)
    assert {k: len(v.path) for k, v in found.violations.items()} == {
        k: len(v.path) for k, v in native.violations.items()
    }


@pytest.mark.parametrize(
    "system", [small(hostile="device"), SMALL, mergeable(size=1, max_packet=1, hostile="driver")], ids=lambda s: s.name
)
def test_that_words_are_forgotten_moves_no_verdict(system: System) -> None:
    """With `stale` each word of the ring keeps what was written there, however many states that makes."""
    kept = rx(ring="packed", **{**options(system), "stale": "memory"})
    less, more = explore_native(system, asked(system)), explore_native(kept, asked(system))
    assert less.complete and more.complete and less.states < more.states
    assert less.violations.keys() == more.violations.keys()


def options(system: System) -> dict[str, Any]:
    names = ("size", "data", "notify", "mergeable", "max_packet", "hostile")
    return {name: getattr(system.cfg, name) for name in names}


def test_z3_finds_that_a_broken_device_looks() -> None:
    found = explore_native(SMALL, [broken_for_ever], stop_at_violation=True)
    path = found.violations[broken_for_ever.name].path
    assert len(path) == 11
    assert confirm(SMALL, path, broken_for_ever)
    assert len(bmc(SMALL, broken_for_ever, 11).moves) == 11
    assert not explore_native(asking(SMALL), [broken_for_ever]).violations


def test_a_list_of_the_whole_ring_is_popped_while_something_is_in_hand() -> None:
    found = explore_native(MERGING2, [no_more_in_hand_than_the_ring], stop_at_violation=True)
    path = found.violations[no_more_in_hand_than_the_ring.name].path
    told = text(replay("crowded", MERGING2, no_more_in_hand_than_the_ring, path))
    assert "inuse 1 -> 3" in told, told[-1500:]
    assert not explore_native(with_room(MERGING2), [no_more_in_hand_than_the_ring]).violations


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_a_position_past_the_end_is_met_where_one_of_the_ring_would_be(size: int) -> None:
    """So no lie of a position is left out: of one that the ring does not have the C makes one that it has, or none."""
    cfg: Any = SimpleNamespace(size=size)
    ways = [(new, wraps, new - count) for new, wraps, count in product(range(size), (0, size), range(size + 1))]

    def met(position: int, lap: int) -> tuple[bool, ...]:
        """The test of both sides, as the C writes it, with a position and a wrap counter of their own."""
        return tuple(
            (new - (position if lap == wraps else position - size) - 1) % 2**16 < (new - old) % 2**16
            for new, wraps, old in ways
        )

    in_ring = {met(position, lap) for position in range(size) for lap in (0, size)}
    for index in range(2 * size):
        said = tuple(need_event(cfg, index, new, new + wraps, old) for new, wraps, old in ways)
        assert said == met(index % size, 0 if index < size else size)
    for position in (*range(size, 4 * size + 2), 255, 32766, 32767):
        for lap in (0, size):
            one = met(position, lap)
            of_each_lap = [{met(p, lap_)[k] for p in range(size) for lap_ in (0, size)} for k in range(len(ways))]
            assert one in in_ring or all(answer in may for answer, may in zip(one, of_each_lap, strict=True))


@pytest.mark.parametrize("system", [SMALL, big(hostile="driver", indirect=True)], ids=lambda s: s.name)
def test_each_lie_of_a_word_stands_in_some_shape(system: System) -> None:
    """The device reads word by word, so each word needs to be there once, whatever stands beside it."""
    flags, there, lengths, names = (set(words) for words in zip(*shapes(system.cfg), strict=True))
    assert there == {True, False} and len(lengths) > 2 and 0 in lengths and len(names) == 2 and len(flags) > 3
    assert {entry[1] for entry in ENTRIES} == {True, False}


@pytest.mark.parametrize("options", [{"hostile": "driver"}, {"hostile": "device"}], ids=str)
def test_the_simulator_runs_a_ring_that_no_search_reaches(options: dict[str, Any]) -> None:
    system = rx(ring="packed", size=5, data=True, segments=2, **options)
    run = Simulator(system, asked(system), 3).run(20)
    assert run.violated is None or run.violated.name == broken_for_ever.name
