"""Buffers and the packets that they hold are compared in one unit: with bytes a lost kick is seen as without."""

from __future__ import annotations

from typing import Any

import pytest

from vrx.models.deciding.engine import search_for
from vrx.models.engines.liveness import liveness
from vrx.models.simulation.simulator import Simulator
from vrx.models.systems.system import rx
from vrx.models.traces import narration
from vrx.models.traces.trace import replay
from vrx.proofs.command.simulate import BUFFERS
from vrx.proofs.museum.device import parks_without_looking
from vrx.spec.config import BadConfiguration, Config
from vrx.spec.explanations import packet_not_taken
from vrx.spec.layouts.packed.memory import AVAIL
from vrx.spec.layouts.packed.shape import SHAPE as PACKED
from vrx.spec.liveness import every_packet_ends
from vrx.spec.properties import no_lost_kick, no_stranded_packet

UNITS = {"data": True, "buffer_len": 3, "max_packet": 2}
MERGING: dict[str, Any] = {"data": True, "mergeable": True, "segments": 2, "max_packet": 3, "idx_bits": 0}
LISTS: dict[str, Any] = {"layout": PACKED, **MERGING}
KINDS: dict[str, dict[str, Any]] = {
    "small": UNITS,
    "mergeable": {**UNITS, "mergeable": True},
    "big": {**UNITS, "segments": 2, "indirect": True},
}


def parked(**options: Any) -> Any:
    return rx(**options).replace("virtio_queue_split_poll", parks_without_looking)


@pytest.mark.parametrize(("kind", "steps"), [("small", 63), ("mergeable", 68), ("big", 85)])
def test_a_lost_kick_is_seen_where_lengths_are_in_units(kind: str, steps: int) -> None:
    system = parked(**KINDS[kind])
    found = search_for(system, no_lost_kick)
    assert found is not None and len(found.path) == steps
    told = narration.text(replay("x", system, no_lost_kick, found.path))
    assert "a packet of " in told and " unit" in told and "and a header of 1 unit waits" in told
    assert "1 buffer posted" in told


def test_so_it_is_by_the_liveness_claim() -> None:
    (verdict,) = liveness(parked(idx_bits=2, **UNITS), [every_packet_ends])
    assert verdict.lasso is not None and not verdict.lasso.loop


@pytest.mark.parametrize("kind", BUFFERS)
def test_the_simulator_sees_it_where_lengths_are_in_bytes(kind: str) -> None:
    system = parked(size=2, idx_bits=16, max_packet=1514, **BUFFERS[kind])
    run = Simulator(system, [no_lost_kick], weights={"cpu0 napi": 60}).run(300)
    assert run.violated is no_lost_kick
    state = system.built()
    here = state.initial
    for move in run.moves:
        here = state.take(here, move) or here
    state.view.set(here)
    assert " bytes and a header of 12 bytes waits" in packet_not_taken(state.state)


@pytest.mark.parametrize(
    ("options", "packet", "enough"),
    [
        ({"mergeable": True, "size": 4, "max_packet": 4}, 3, 3),
        ({"size": 4}, 1, 1),
        ({"size": 4}, 2, None),
        ({"data": True, "mergeable": True, "size": 4, "buffer_len": 3, "max_packet": 11}, 5, 2),
        ({"data": True, "mergeable": True, "size": 4, "buffer_len": 3, "max_packet": 11}, 6, 3),
        ({"data": True, "size": 4, "buffer_len": 3}, 2, 1),
        ({"data": True, "size": 4, "buffer_len": 3, "max_packet": 3}, 3, None),
        ({"data": True, "size": 4, "segments": 2, "buffer_len": 4}, 3, 1),
        ({"data": True, "size": 4, "segments": 2, "buffer_len": 4, "max_packet": 4}, 4, None),
        ({**LISTS, "size": 4}, 1, 1),
        ({**LISTS, "size": 4}, 2, 2),
        ({**LISTS, "size": 6, "buffer_len": 3}, 3, 2),
        ({"caller": "any", "size": 4}, 3, 3),
    ],
)
def test_so_many_posted_buffers_hold_a_packet(options: dict[str, Any], packet: int, enough: int | None) -> None:
    cfg = Config(**{"idx_bits": 4, **options})
    least = next((n for n in range(cfg.in_ring + 1) if not cfg.too_few(n, packet)), None)
    assert least == enough
    if enough is not None:
        assert all(not cfg.too_few(n, packet) for n in range(enough, cfg.in_ring + 1))


def test_a_ring_holds_as_many_chains_as_it_has_descriptors_for() -> None:
    data: Any = {"data": True, "idx_bits": 4}
    assert Config(size=4, idx_bits=4).in_ring == Config(size=4, segments=3, indirect=True, **data).in_ring == 4
    assert Config(size=4, segments=3, **data).in_ring == 1
    assert Config(size=4, segments=2, **data).in_ring == 2


def test_a_packet_that_fits_no_buffer_is_stranded_in_no_ring() -> None:
    program = rx(size=2, max_packet=2).built()
    program.state.net.queued = 2
    assert no_stranded_packet.holds(program.state)
    program.state.net.queued = 1
    assert not no_stranded_packet.holds(program.state)


def test_lists_merge_where_a_used_entry_counts_their_descriptors() -> None:
    cfg = Config(**LISTS, size=4)
    assert cfg.lists_merge and cfg.in_hand == 2 and cfg.fits
    assert not Config(**LISTS, size=4, indirect=True).lists_merge
    with pytest.raises(BadConfiguration, match=r"use 1..3, or size=8"):
        Config(**{**LISTS, "max_packet": 4}, size=4)
    with pytest.raises(BadConfiguration, match=r"use segments=1, or ring=packed"):
        Config(**MERGING, size=4)


def test_what_waits_is_told_in_buffers_where_indices_count_descriptors() -> None:
    s = rx(ring="packed", size=4, data=True, mergeable=True, segments=2, max_packet=3).built().state
    s.vq.next_avail_idx, s.net.queued = 4, 3
    for n in range(4):
        s.ring.desc_flags[n] = AVAIL
    assert "2 buffers posted" in packet_not_taken(s) and not no_lost_kick.holds(s)
    s.net.queued, s.dev.last_avail_idx = 2, 2
    assert "1 buffer posted" in packet_not_taken(s) and no_lost_kick.holds(s), "a list holds two, with the header"
