"""The judge: for each rule that events can break, what it forbids is refused and what it allows passes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from vrx.spec.layouts.packed.standard.wording import WORDING as PACKED
from vrx.spec.layouts.split.standard.wording import WORDING
from vrx.spec.standard.clauses import CLAUSES
from vrx.spec.standard.judge import (
    AskInterrupts,
    AskKicks,
    Available,
    AvailablePublished,
    DriverOk,
    Event,
    Header,
    Interrupted,
    Judge,
    Kicked,
    Reset,
    Settled,
    Suspended,
    Used,
    UsedPublished,
)

OK = DriverOk()
DEVICE = Settled("device")
EVENT, FLAGS = {"event_idx": True}, {"event_idx": False}
MERGE = {"mergeable": True}
PLAIN = {"net": False}
H1, H2 = Header(1), Header(2)
GSO = Header(1, 1, 1, 1448)


def post(*heads: int, capacity: int = 1526) -> list[Event]:
    """The driver offers buffers, all at once."""
    return [*(Available(h, capacity) for h in heads), AvailablePublished(len(heads))]


def back(*heads: int, length: int = 60) -> list[Event]:
    """The device returns buffers, a packet in each, all at once."""
    return [*(Used(h, length, H1) for h in heads), UsedPublished(len(heads))]


def spans(head: int, slots: int) -> list[Event]:
    """On a packed ring: the driver offers a list of so many descriptors."""
    return [Available(head, 1526, slots), AvailablePublished(1)]


RING: dict[str, Any] = {"wording": PACKED}
RING_EVENT = {**RING, **EVENT}

Case = tuple[str, dict[str, Any], Sequence[Event], Sequence[Event]]
CASES: list[Case] = [
    # clause, options, what it forbids (all of it allowed but the last event), what it allows
    ("2.1.2-1", {}, [*post(0), Used(0, 60, H1)], [*post(0), OK, *back(0)]),
    ("2.1.2-1", {}, [Interrupted()], [OK, *post(0), *back(0), Interrupted()]),
    ("2.4.1-2", {}, [OK, Reset(), UsedPublished(0)], [OK, Reset(), OK, *post(0), *back(0)]),
    ("2.4.1-2", {}, [OK, *post(0), Reset(), UsedPublished()], [OK, *post(0), Reset()]),
    ("2.6.1.1.1-1", {}, [OK, *post(0), Reset(), Interrupted()], [OK, Reset(), OK, *post(0), *back(0), Interrupted()]),
    ("2.7.6.1-1", {}, [OK, *post(0, 1), AvailablePublished(0xFFFF)],
     [OK, *post(0, 1), Available(2, 1526), AvailablePublished(1)]),
    ("2.7.6.1-1", {}, [OK, *post(0), AvailablePublished(1)], [OK, Available(0, 1526), AvailablePublished(0)]),
    ("2.7.7.1-1", FLAGS, [OK, AskInterrupts(flags=2)], [OK, AskInterrupts(flags=1), AskInterrupts(flags=0)]),
    ("2.7.7.1-3", EVENT, [OK, AskInterrupts(flags=1)], [OK, AskInterrupts(event=5)]),
    ("2.7.10.2-1", FLAGS, [OK, AskKicks(flags=3)], [OK, AskKicks(flags=1), AskKicks(flags=0)]),
    ("2.7.10.2-3", EVENT, [OK, AskKicks(flags=1)], [OK, AskKicks(event=5)]),
    ("2.7.10.1-1", {}, [DriverOk(used_flags=1)], [DriverOk(used_flags=0)]),
    ("2.7.7.2-2", FLAGS, [OK, *post(0), AskInterrupts(flags=1), *back(0), Interrupted()],
     [OK, *post(0), AskInterrupts(flags=1), *back(0), Settled("device")]),
    ("2.7.7.2-3", FLAGS, [OK, *post(0), *back(0), Settled("device")],
     [OK, *post(0), *back(0), Interrupted(), Settled("device")]),
    ("2.7.7.2-3", FLAGS, [OK, *post(0, 1), *back(0), Interrupted(), *back(1), Settled("device")],
     [OK, *post(0, 1), *back(0), *back(1), Interrupted(), Settled("device")]),
    ("2.7.7.2-5", EVENT, [OK, *post(0, 1), AskInterrupts(event=1), *back(0, 1), Settled("device")],
     [OK, *post(0, 1), AskInterrupts(event=1), *back(0), DEVICE, *back(1), Interrupted(), DEVICE]),
    ("2.7.7.2-6", EVENT, [OK, *post(0, 1), AskInterrupts(event=1), *back(0), Interrupted()],
     [OK, *post(0, 1), AskInterrupts(event=1), *back(0, 1), Interrupted()]),
    ("2.7.10.1-3", FLAGS, [OK, AskKicks(flags=1), *post(0), Kicked()],
     [OK, AskKicks(flags=1), *post(0), Settled("driver")]),
    ("2.7.10.1-4", FLAGS, [OK, *post(0), Settled("driver")], [OK, *post(0), Kicked(), Settled("driver")]),
    ("2.7.10.1-6", EVENT, [OK, AskKicks(event=1), *post(0, 1), Settled("driver")],
     [OK, AskKicks(event=2), *post(0, 1), Settled("driver")]),
    ("2.7.10.1-7", EVENT, [OK, AskKicks(event=1), *post(0), Kicked()],
     [OK, AskKicks(event=1), *post(0, 1), Kicked(), Settled("driver")]),
    ("2.7.8.2-1", {}, [OK, *post(0), UsedPublished(1)], [OK, *post(0), *back(0)]),
    ("2.7.13.2-2", {}, [OK, Available(0, 1526), Used(0, 60, H1)],
     [OK, Available(0, 1526), AvailablePublished(), *back(0)]),
    ("3.1.1-7", {}, [*post(0), Kicked()], [*post(0), OK, Kicked()]),
    ("3.3.1-1", {}, [OK, *post(0), Available(0, 1526)], [OK, *post(0), *back(0), Available(0, 1526)]),
    ("3.4.1-3", {}, [OK, Suspended(), Available(0, 1526), AvailablePublished()], [OK, Suspended(), OK, *post(0)]),
    ("3.4.1-4", {}, [OK, *post(0), Suspended(), Kicked()], [OK, *post(0), Suspended(), OK, Kicked()]),
    ("3.4.2-3", {}, [OK, Suspended(), Interrupted()], [OK, *post(0), *back(0), Suspended(), OK, Interrupted()]),
    ("3.4.2-3", {}, [OK, *post(0), Suspended(), Used(0, 60, H1)], [OK, *post(0), Suspended(), OK, *back(0)]),
    ("2.7.1-1", {"wording": WORDING}, [DriverOk(0, (16, 3, 4))], [DriverOk(0, (16, 2, 4))]),
    ("5.1.4.1-5", {"mtu": 1500}, [OK, *post(0, capacity=2000), Used(0, 1531, H1)],
     [OK, *post(0, capacity=2000), *back(0, length=1530)]),
    ("5.1.4.1-5", {"mtu": 1500, "mergeable": True},
     [OK, *post(0, 1, capacity=1000), Used(0, 1000, H2), Used(1, 531)],
     [OK, *post(0, 1, capacity=1000), Used(0, 1000, H2), Used(1, 530), UsedPublished(2)]),
    ("5.1.4.1-5", {"mtu": 1500, "features": {"GUEST_CSUM", "GUEST_TSO4"}, "whole": 0},
     [OK, *post(0, capacity=9000), Used(0, 9000, Header(1, 1, 0x80, 1448))],
     [OK, *post(0, capacity=9000), Used(0, 9000, GSO), UsedPublished()]),
    ("5.1.9.3.1-2", {}, [OK, Available(0, 1525)], [OK, Available(0, 1526)]),
    ("5.1.9.3.1-3", MERGE, [OK, Available(0, 11)], [OK, Available(0, 12)]),
    ("5.1.9.4.1-1", {}, [OK, *post(0, 1), Used(0, 1526, H2)], [OK, *post(0, 1), *back(0)]),
    ("5.1.9.4.1-2", MERGE, [OK, *post(0, 1), Used(0, 1526, Header(0))],
     [OK, *post(0, 1), Used(0, 1526, H2), Used(1, 1), UsedPublished(2)]),
    ("5.1.9.4.1-3", MERGE, [OK, *post(0, 1), Used(0, 1525, H2)],
     [OK, *post(0, 1), Used(0, 1526, H2), Used(1, 1), UsedPublished(2)]),
    ("5.1.9.4.1-4", MERGE, [OK, *post(0, 1), Used(0, 1526, H2), UsedPublished(1)],
     [OK, *post(0, 1, 2), *(Used(0, 1526, H2), Used(1, 1), Used(2, 60, H1)), UsedPublished(3)]),
    ("5.1.9.4.1-4", MERGE, [OK, *post(0, 1), Used(0, 1526, H2), Used(1, 1), UsedPublished(1)],
     [OK, *post(0, 1), Used(0, 1526, H2), Used(1, 1), UsedPublished(2)]),
    ("5.1.9.4.1-5", {}, [OK, *post(0), Used(0, 60, Header(flags=2))],
     [OK, *post(0), Used(0, 60, Header(flags=0))]),
    ("5.1.9.4.1-5", {"features": {"OTHER"}}, [OK, *post(0), Used(0, 60, Header(flags=1))],
     [OK, *post(0), *back(0)]),
    ("5.1.9.4.1-7", {"features": {"GUEST_CSUM", "GUEST_TSO6"}},
     [OK, *post(0), Used(0, 60, Header(1, 1, 1, 1448))], [OK, *post(0), Used(0, 60, Header(1, 1, 4, 1448))]),
    ("5.1.9.4.1-8", {"features": {"GUEST_CSUM", "GUEST_TSO4"}},
     [OK, *post(0), Used(0, 60, Header(1, 1, 3, 1448))], [OK, *post(0), Used(0, 60, Header(1, 1, 1, 1448))]),
    ("5.1.9.4.1-9", {"features": {"GUEST_CSUM", "GUEST_TSO4"}},
     [OK, *post(0), Used(0, 60, Header(1, 1, 4, 1448))], [OK, *post(0), Used(0, 60, Header(1, 1, 0x81, 9))]),
    ("5.1.9.4.1-10", {"features": {"GUEST_CSUM", "GUEST_TSO4"}},
     [OK, *post(0), Used(0, 60, Header(1, 1, 5, 1448))], [OK, *post(0), Used(0, 60, Header(1, 1, 1, 1448))]),
    ("5.1.9.4.1-26", {"features": {"GUEST_CSUM"}}, [OK, *post(0), Used(0, 60, Header(1, 1, 0x20, 1))],
     [OK, *post(0), Used(0, 60, Header(1, 1, 0, 0))]),
    ("5.1.9.4.1-27", {"features": {"GUEST_CSUM", "GUEST_TSO4"}},
     [OK, *post(0), Used(0, 60, Header(1, 0, 1, 1448))], [OK, *post(0), Used(0, 60, Header(1, 1, 1, 1448))]),
    ("5.1.9.4.1-28", {"features": {"GUEST_CSUM", "GUEST_TSO4"}},
     [OK, *post(0), Used(0, 60, Header(1, 1, 1, 0))], [OK, *post(0), Used(0, 60, Header(1, 1, 1, 1))]),
    ("6.2-5", {"in_order": True}, [OK, *post(0, 1), Used(1, 60, H1)],
     [OK, *post(1, 0), *back(1), *back(0)]),
    ("P-2.6-2", {"in_order": False}, [], [OK, *post(0, 1), *back(1), *back(0)]),
    ("P-2.7-1", {}, [OK, Available(4, 1526)], [OK, Available(3, 1526)]),
    ("P-2.7.8-1", {}, [OK, *post(0), Used(1, 60, H1)], [OK, *post(0), *back(0)]),
    ("P-2.7.8-1", {}, [OK, *post(0), Used(4, 60, H1)], [OK, *post(3), *back(3)]),
    ("P-2.7.8-1", {}, [OK, *post(0), *back(0), Used(0, 60, H1)], [OK, *post(0), *back(0), *post(0), *back(0)]),
    ("P-2.7.8-2", {}, [OK, *post(0), Used(0, 1527, H1)], [OK, *post(0), Used(0, 1526, H1)]),
    ("P-2.7.8-3", {}, [], [OK, *post(0, 1, 2, 3), *back(0, 1, 2, 3), *post(0), *back(0)]),
    ("P-2.7.9-1", {"in_order": True, **PLAIN}, [], [OK, *post(2, 1, 0), Used(0), UsedPublished(3), *post(0)]),
    ("P-2.7.9-3", {"in_order": True, **MERGE}, [], [OK, *post(0, 1), Used(1, 1, H2), UsedPublished(2), *post(0)]),
    ("P-2.9-1", {}, [OK, *post(0), Kicked(data=0)], [OK, *post(0), Kicked(data=1)]),
    ("P-5.1.9-1", {}, [OK, *post(0), Used(0, 11, H1)], [OK, *post(0), Used(0, 12, H1)]),
    ("2.8.11-1", RING, [DriverOk(0, (16, 2, 4))], [DriverOk(0, (16, 4, 4))]),
    ("2.8.16-3", RING, [OK, *post(0), Kicked(data=1)], [OK, *post(0), Kicked(data=1 | 1 << 15)]),
    ("P-2.8.6-4", RING, [], [OK, *spans(0, 3), *back(0), *spans(1, 2), Kicked(data=1), *back(1), *spans(0, 4)]),
    ("P-2.8.10-1", RING, [OK, AskInterrupts(flags=3)], [OK, AskInterrupts(flags=1), AskInterrupts(flags=0)]),
    ("P-2.8.10-1", RING, [OK, AskKicks(flags=2, event=1)], [OK, AskKicks(flags=1), AskKicks(flags=0)]),
    ("P-2.8.10-1", RING_EVENT, [OK, AskKicks(flags=2 | 4)], [OK, AskKicks(flags=2, event=7), AskInterrupts(flags=1)]),
    ("P-2.8.10-2", RING_EVENT, [], [OK, AskInterrupts(2, 1), AskKicks(2, 1), *post(0), *back(0), Settled()]),
    ("P-2.8.10-2", RING_EVENT, [], [OK, AskInterrupts(2, 4), AskKicks(2, 4), *post(0), *back(0), Settled()]),
    ("P-2.8.10-3", RING, [OK, *post(0), *back(0), DEVICE], [OK, *post(0), *back(0), Interrupted(), DEVICE]),
    ("P-2.8.10-3", RING, [OK, *post(0), Settled("driver")], [OK, AskKicks(1), *post(0), Settled("driver")]),
    ("P-2.8.10-3", RING_EVENT, [OK, AskInterrupts(2, 2), *spans(0, 3), *back(0), DEVICE],
     [OK, AskInterrupts(2, 3), *spans(0, 3), *back(0), DEVICE, AskInterrupts(0), AskInterrupts(1), DEVICE]),
    ("P-2.8.21.1-2", RING, [OK, Available(4, 1526)], [OK, Available(3, 1526)]),
]  # fmt: skip

NAMES = [f"{i}-{c[0]}" for i, c in enumerate(CASES)]


def run(options: dict[str, Any], events: Sequence[Event]) -> list[list[str]]:
    """The clauses that each event breaks."""
    judge = Judge(**{"size": 4, "whole": 1526, **options})
    return [[v.clause for v in judge.feed(e)] for e in events]


@pytest.mark.parametrize(("clause", "options", "forbids", "allows"), CASES, ids=NAMES)
def test_a_rule_forbids_and_allows(
    clause: str, options: dict[str, Any], forbids: Sequence[Event], allows: Sequence[Event]
) -> None:
    """What it forbids is refused at the last event, by its number; what it allows passes without a word."""
    if forbids:
        *before, last = run(options, forbids)
        assert not any(before)
        same = {"2.6.1.1.1-1": "2.1.2-1", "P-2.7.8-3": "2.7.8.2-1"}
        assert same.get(clause, clause) in last
    assert not any(run(options, allows))
    assert clause in CLAUSES


def test_a_chain_is_one_position_on_a_split_ring() -> None:
    """However many descriptors a harness has seen it take."""
    assert not any(run({}, [OK, *spans(0, 3), Kicked(data=1), *back(0), *spans(1, 2), Kicked(data=2)]))


def test_advice_is_no_deviation() -> None:
    """A SHOULD NOT is a verdict, but not a deviation."""
    judge = Judge(4)
    judge.feed(OK)
    judge.feed(AskInterrupts(flags=1))
    (found,) = judge.feed(Interrupted())
    assert not found.deviation


def test_an_empty_notification_is_advised_against_only_where_quiet_was_asked_for() -> None:
    """Without the event index the clauses speak of a flag that is 1; one that announces nothing has to be tolerated."""
    judge = Judge(4)
    for e in (OK, Interrupted(), Kicked(), AskKicks(flags=1)):
        assert judge.feed(e) == []
    assert [v.clause for v in judge.feed(Kicked())] == ["2.7.10.1-3"]
    judge = Judge(4, event_idx=True)
    judge.feed(OK)
    assert [v.clause for v in judge.feed(Interrupted())] == ["2.7.7.2-6"]


def test_a_reset_is_a_new_queue() -> None:
    """Everything is as at the start: buffers that were offered are the driver's again, indices begin at 0."""
    judge, new = Judge(4, event_idx=True), Judge(4, event_idx=True)
    for e in (OK, *post(0, 1), Kicked(), AskInterrupts(event=3), AskKicks(event=2), *back(1), Reset()):
        judge.feed(e)
    assert judge.queue == new.queue
    assert not any(judge.feed(e) for e in (OK, *post(0, 1), Kicked(), *back(1, 0)))


def test_the_field_without_a_meaning_is_not_looked_at() -> None:
    """With the event index the flags decide nothing, and without it the event index decides nothing."""
    for flags, event, event_idx, owed in (
        (0, 3, True, False),
        (0, 0, True, True),
        (1, 0, False, False),
        (0, 3, False, True),
    ):
        judge = Judge(4, event_idx=event_idx)
        for e in (OK, AskInterrupts(flags, event), AskKicks(flags, event), *post(0), *back(0)):
            assert judge.feed(e) == []
        assert bool(judge.outstanding("device")) == bool(judge.outstanding("driver")) == owed


def test_what_a_header_may_say() -> None:
    """With GUEST_CSUM both checksum bits are allowed, together and alone."""
    judge = Judge(4, features={"GUEST_CSUM"})
    for e in (OK, *post(0, 1, 2), *(Used(h, 60, Header(flags=h + 1)) for h in range(3)), UsedPublished(3)):
        assert judge.feed(e) == []


def test_sizes_follow_from_the_features() -> None:
    """The size of the header, and of the buffer that a driver should post."""
    for features, header, whole, clause in (
        ((), 12, 1526, "5.1.9.3.1-2"),
        (("HASH_REPORT",), 20, 1534, "5.1.9.3.1-2"),
        (("GUEST_TSO4",), 12, 65601, "5.1.9.3.1-1"),
        (("GUEST_USO6", "HASH_REPORT", "HOST_UDP_TUNNEL_GSO"), 24, 65609, "5.1.9.3.1-1"),
        (("OUT_NET_HEADER",), 32, 1526, "5.1.9.3.1-2"),
    ):
        judge = Judge(4, features=features)
        assert judge.cfg.header == header
        assert [v.clause for v in judge.feed(Available(0, whole - 1))] == [clause]
        assert judge.feed(Available(1, whole)) == []


def test_what_is_owed_depends_on_no_moment() -> None:
    """Suppression that changes after publication excuses the publisher either way: it may have looked before."""
    for event_idx, asked, later in (
        (False, AskInterrupts(flags=1), AskInterrupts(flags=0)),
        (True, AskInterrupts(event=9), AskInterrupts(event=0)),
    ):
        for first, second in ((asked, later), (later, asked)):
            judge = Judge(4, event_idx=event_idx)
            for e in (OK, *post(0), first, *back(0), second):
                assert judge.feed(e) == []
            assert judge.outstanding("device") == []
            assert judge.feed(Interrupted()) == []


def test_a_look_after_enabling_makes_the_next_one_owed() -> None:
    """What is published after the driver has enabled interrupts is owed one, whatever was before."""
    judge = Judge(4)
    for e in (OK, *post(0, 1), AskInterrupts(flags=1), *back(0), AskInterrupts(flags=0), *back(1)):
        assert judge.feed(e) == []
    assert [v.clause for v in judge.outstanding("device")] == ["2.7.7.2-3"]
    assert judge.feed(Settled("driver")) != []
    assert [v.clause for v in judge.feed(Settled())] == ["2.7.7.2-3"]
    assert judge.outstanding() == []


def test_one_interrupt_per_packet_is_allowed() -> None:
    """A device that notifies of each entry by itself is not wasteful without the event index."""
    judge = Judge(4)
    for e in (OK, *post(0, 1), *back(0), *back(1), Interrupted(), Interrupted()):
        assert judge.feed(e) == []
    judge.feed(AskInterrupts(flags=1))
    assert [v.clause for v in judge.feed(Interrupted())] == ["2.7.7.2-2"]


def test_after_a_breach_of_ownership_nothing_is_said_until_reset() -> None:
    """Nobody knows who has what: no verdicts, and none is outstanding."""
    judge = Judge(4)
    for e in (OK, *post(0)):
        judge.feed(e)
    assert judge.feed(Used(2, 60, H1)) and judge.lost
    assert judge.feed(UsedPublished(9)) == [] and judge.outstanding() == []
    judge.feed(Reset())
    assert not judge.lost and not any(judge.feed(e) for e in (OK, *post(0), *back(0)))


def test_a_breach_that_leaves_ownership_clear_does_not_end_the_judgement() -> None:
    """Length, framing, and header rules: said once, and everything after is judged as before."""
    judge = Judge(4, mergeable=True)
    for e in (OK, *post(0, 1, 2)):
        judge.feed(e)
    assert [v.clause for v in judge.feed(Used(0, 3000, H2))] == ["P-2.7.8-2"]
    assert [v.clause for v in judge.feed(UsedPublished(1))] == ["5.1.9.4.1-4"]
    assert not judge.expects_header and not judge.lost
    assert not any(judge.feed(e) for e in (Used(1, 5), UsedPublished(1), *back(2)))


@pytest.mark.parametrize(("size", "event_idx", "buffers"), [(1, True, 300), (256, True, 70_000), (1024, False, 5_000)])
def test_a_long_run_of_a_conforming_pair_has_no_verdicts(size: int, event_idx: bool, buffers: int) -> None:
    """Out of order, in random batches; in one run more than 2**16 buffers."""
    rng = random.Random(size)
    judge = Judge(size, event_idx=event_idx)
    free = list(range(size))
    out: list[int] = []
    used = avail = 0
    judge.feed(OK)
    while used < buffers:
        batch = [free.pop() for _ in range(rng.randint(0, len(free)))]
        avail += len(batch)
        out += batch
        assert not any(judge.feed(e) for e in post(*batch))
        if judge.outstanding("driver"):
            assert judge.feed(Kicked()) == []
        rng.shuffle(out)
        batch = [out.pop() for _ in range(rng.randint(0, len(out)))]
        used += len(batch)
        free += batch
        assert not any(judge.feed(e) for e in back(*batch))
        if judge.outstanding("device"):
            assert judge.feed(Interrupted()) == []
        ahead = rng.randint(0, 3)
        assert judge.feed(AskInterrupts(event=used + ahead & 0xFFFF) if event_idx else AskInterrupts(ahead & 1)) == []
        assert judge.feed(AskKicks(event=avail + ahead & 0xFFFF) if event_idx else AskKicks(ahead & 1)) == []
        assert judge.feed(Settled()) == []
