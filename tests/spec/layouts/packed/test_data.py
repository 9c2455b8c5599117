"""A packed ring with data: engines that share no code agree, lists lie over its end, and the bugs of lists are told."""

from __future__ import annotations

from typing import Any

import pytest

from vrx.models.engines.explorer import explore
from vrx.models.engines.native.explore import explore_native
from vrx.models.engines.z3.bmc import bmc
from vrx.models.simulation.simulator import Simulator
from vrx.models.systems.system import System, rx
from vrx.models.traces.narration import text
from vrx.models.traces.trace import replay
from vrx.proofs.museum.packed_data import ODD, TOO_LARGE, big, exhibits, mergeable, merging, small, unpopping_all
from vrx.spec.layouts.packed.device_descriptors import first_counted, first_of_element, names_table
from vrx.spec.layouts.packed.memory import AVAIL, INDIRECT, NEXT, USED, WRITE
from vrx.spec.layouts.packed.properties import packed_slots_contiguous, wrap_counters_coherent
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.layouts.packed.view import PackedView
from vrx.spec.memory import over
from vrx.spec.properties import Property, num_buffers_before_publication, used_entries_exact
from vrx.spec.qemu.state import MainLoop
from vrx.spec.questions import standard_for

SMALL = [
    small(size=1), mergeable(size=2, max_packet=2, arrivals=False), big(), ODD, big(memory="tso"),
    big(size=3, segments=3, max_packet=3), big(size=1, indirect=True),
    merging(max_packet=2, arrivals=False),
]  # fmt: skip


def forgets_num_buffers(s: PackedState, me: MainLoop) -> None:
    """num_buffers is written by nobody."""
    over(s, me, "mhdr")


def asked(system: System) -> list[Property]:
    return [q for q in standard_for(system.cfg)[0] if isinstance(q, Property)]


@pytest.mark.parametrize("system", SMALL, ids=lambda s: s.name)
def test_the_reference_and_the_native_explorer_agree(system: System) -> None:
    found, native = explore(system, asked(system)), explore_native(system, asked(system))
    assert found.complete and not found.violations and not native.violations
    assert (found.states, found.depth, found.rests) == (native.states, native.depth, native.rests)


def test_z3_finds_what_the_explorers_find() -> None:
    exhibit = next(e for e in exhibits() if e.id == "mask-on-odd-ring-list")
    assert exhibit.asks == wrap_counters_coherent
    found = explore_native(exhibit.faulty, [wrap_counters_coherent], stop_at_violation=True)
    bounded = bmc(exhibit.faulty, wrap_counters_coherent, 8)
    assert len(bounded.moves) == len(found.violations[wrap_counters_coherent.name].path) == 6


def test_the_bug_of_qemu_is_found_told_and_mended() -> None:
    """virtqueue_unpop() goes back by one descriptor of a list."""
    search = explore_native(TOO_LARGE, [used_entries_exact], stop_at_violation=True)
    path = search.violations[used_entries_exact.name].path
    told = text(replay("unpop", TOO_LARGE, used_entries_exact, path))
    assert len(path) == 44 and "virtqueue_unpop" in told and "ndescs" in told
    assert not explore_native(unpopping_all(TOO_LARGE), asked(TOO_LARGE)).violations


def test_a_flush_goes_on_behind_all_descriptors_of_the_elements_before() -> None:
    """Element i at position + i: the second of two lists is marked as used in the middle of the first."""
    exhibit = next(e for e in exhibits() if e.id == "packed-flush-offset")
    search = explore_native(exhibit.faulty, [packed_slots_contiguous], stop_at_violation=True)
    path = search.violations[packed_slots_contiguous.name].path
    told = text(replay(exhibit.id, exhibit.faulty, packed_slots_contiguous, path))
    assert len(path) == 56 and "virtqueue_packed_flush__flags" in told
    whole = explore_native(exhibit.fixed, asked(exhibit.fixed))
    assert whole.complete and not whole.violations
    assert {"a flush of several lists", "a flush of several lists over the end"} <= set(whole.covers)


def test_a_packet_in_two_lists_comes_out_whole() -> None:
    """Both engines that run steps say the same of a header that is published before num_buffers stands in it."""
    early = merging().replace("write_num_buffers", forgets_num_buffers)
    native = explore_native(early, [num_buffers_before_publication], stop_at_violation=True)
    found = explore(early, [num_buffers_before_publication], stop_at_violation=True)
    paths = [search.violations[num_buffers_before_publication.name].path for search in (found, native)]
    assert len(paths[0]) == len(paths[1])


@pytest.mark.parametrize(
    "options",
    [
        {"size": 5, "mergeable": True, "max_packet": 6, "event_idx": True},
        {"size": 7, "mergeable": True, "segments": 2, "max_packet": 3, "event_idx": True},
        {"size": 9, "mergeable": True, "segments": 3, "buffer_len": 3, "max_packet": 11},
        {"size": 4, "mergeable": True, "segments": 2, "indirect": True, "max_packet": 3},
        {"size": 7, "segments": 3, "buffer_len": 3, "max_packet": 4},
        {"size": 3, "segments": 3, "buffer_len": 3, "max_packet": 4, "event_idx": True},
        {"size": 4, "segments": 3, "buffer_len": 3, "max_packet": 8, "indirect": True},
    ],
    ids=str,
)
def test_the_simulator_runs_it(options: dict[str, Any]) -> None:
    system = rx(ring="packed", data=True, **options)
    run = Simulator(system, asked(system), 5).run(60)
    counts = run.counts()
    assert run.finished and run.violated is None
    assert counts["packets delivered"] + counts["packets dropped"] == 60


def test_a_list_over_the_end_is_one_buffer_to_the_view() -> None:
    """On a ring of five a list of two begins in the last place; its second descriptor is of the next lap."""
    s = big(size=5).built().state
    s.vq.last_used_idx, s.vq.next_avail_idx, s.dev.last_avail_idx, s.dev.used_idx = 2, 6, 2, 2
    flags = s.ring.desc_flags
    flags[2], flags[3] = AVAIL + WRITE + NEXT, AVAIL + WRITE
    flags[4], flags[0], flags[1] = AVAIL + WRITE + NEXT, USED + WRITE, AVAIL + WRITE
    ring = PackedView(s)
    assert (ring.offered, ring.returned) == (6, 2)
    assert packed_slots_contiguous.holds(s) and wrap_counters_coherent.holds(s)
    flags[2] = AVAIL + USED
    s.dev.used_idx = 4
    assert (ring.offered, ring.returned) == (6, 4) and packed_slots_contiguous.holds(s)
    flags[3] = AVAIL + USED
    assert not packed_slots_contiguous.holds(s), "of a list only the first one is used"


def test_a_table_is_named_by_the_first_descriptor_of_a_buffer_alone() -> None:
    """INDIRECT further on in a list is not looked at, neither where buffers are popped nor where they are counted."""
    s = big(size=4, indirect=True).built().state
    me = s.main
    for ahead in 0, 2:
        s.dev.last_avail_idx, me.idx = 1, 1 + ahead
        me.walked = ahead
        assert names_table(s, first_counted(s, me), INDIRECT)
        me.walked = ahead + 1
        assert not names_table(s, first_counted(s, me), INDIRECT)
    me.walked = 0
    assert names_table(s, first_of_element(s, me), INDIRECT) and not names_table(s, first_of_element(s, me), WRITE)
    me.walked = 1
    assert not names_table(s, first_of_element(s, me), INDIRECT)
