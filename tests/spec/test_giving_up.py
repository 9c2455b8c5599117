"""Drops and their reasons: what counts as one, and that a variant is asked wherever something may be dropped."""

from __future__ import annotations

from typing import Any

import pytest

from vrx.models.claims import Reached
from vrx.models.deciding.checking import check
from vrx.models.systems.system import rx
from vrx.proofs.giving_up import never_ready, wants_nothing
from vrx.spec.giving_up import DROPPED, WATCHED, drop_judged, drop_needless, drops_only_with_a_reason
from vrx.spec.rx import DROP


def test_a_packet_is_too_large_for_one_buffer_for_the_ring_or_for_an_element() -> None:
    def needless(packet: int, queued: bool = False, **options: Any) -> bool:
        s: Any = rx(decisions=True, **options).state()
        if queued:
            s.net.queued, s.net.queued_mark = packet, WATCHED
        else:
            s.main.size, s.main.mark = packet, WATCHED
        return bool(drop_needless(s, s.main))

    assert needless(1, watch=True) and not needless(2, watch=True)
    assert needless(1, queued=True, watch=True) and not needless(2, queued=True, watch=True)
    merging: dict[str, Any] = {"size": 2, "data": True, "mergeable": True, "max_packet": 3}
    assert needless(3, **merging)
    assert not needless(3, max_elements=1, **merging) and needless(1, max_elements=1, **merging)
    chain: dict[str, Any] = {"size": 2, "data": True, "segments": 2, "max_packet": 2, "max_elements": 1}
    assert needless(1, **chain) and not needless(2, **chain)  # pages of one element are no elements


def test_the_driver_has_no_reason_and_the_device_has_one_for_its_own_packet_only() -> None:
    s: Any = rx(decisions=True, watch=True).state()
    assert drop_needless(s, s.cpus[0].softirq)
    s.main.size, s.main.mark = 2, WATCHED - 1
    assert drop_needless(s, s.main)  # another packet is too large


def test_a_machine_stands_still_if_it_does_behind_the_step() -> None:
    s: Any = rx(decisions=True, watch=True, max_packet=1, stops=True).state()

    def drops(s: Any, me: Any, running: bool) -> None:
        s.ghost.watched, s.net.running = DROPPED, running

    for before, after, wrong in ((True, False, False), (False, False, False), (False, True, True), (True, True, True)):
        s.ghost.watched, s.ghost.needless[DROP], s.net.running = 1, False, before
        drop_judged(drops)(s, s.main, running=after)
        assert bool(s.ghost.needless[DROP]) is wrong
        drop_judged(drops)(s, s.main, running=True)  # it has its fate already
        assert bool(s.ghost.needless[DROP]) is wrong


@pytest.mark.needs("compiler")
def test_a_packet_shorter_than_its_own_header_is_dropped_unread_and_nobody_asks_what_became_of_it() -> None:
    """Linux counts an error of length.  It arrives all the same, beside others, which are asked about."""
    system = rx(idx_bits=2, data=True, notify=False, eth_len=2)
    names = ["in_order", "one_fate", "length_within_buffer"]
    found = check(system, [Reached("short packet")], only=[*names, "short packet"])
    assert [a.verdict for a in found.answers] == ["proved"] * 4


@pytest.mark.needs("compiler")
@pytest.mark.parametrize(
    ("options", "step", "by"),
    [
        ({"idx_bits": 2}, "virtio_net_can_receive", never_ready),
        ({"idx_bits": 2, "stops": True, "max_packet": 1}, "virtio_net_can_receive", never_ready),
        ({"size": 2, "data": True, "notify": False, "filter": True}, "receive_filter", wants_nothing),
    ],
)
def test_check_asks_it_of_a_variant_whose_configuration_follows_nothing(
    options: dict[str, Any], step: str, by: Any
) -> None:
    name = drops_only_with_a_reason.name
    system = rx(**options)
    assert check(system, only=[name]).answer(name).verdict == "proved"
    assert check(system.replace(step, by), only=[name]).answer(name).verdict == "refuted"
