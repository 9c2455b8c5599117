"""The standard questions: where each has a meaning, that they hold of the code as it is, and what answers they take."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.readings import core_system
from vrx.models.claims import Statement
from vrx.models.engines.explorer import explore
from vrx.models.engines.liveness import liveness, situations
from vrx.models.engines.native.explore import explore_native
from vrx.models.simulation.simulator import Simulator
from vrx.models.symbolic.reading import Reading
from vrx.models.systems.standard_systems import peers, standard, watched
from vrx.models.systems.system import System, litmus_test, rx
from vrx.models.traces import narration
from vrx.models.traces.trace import replay
from vrx.proofs import all_claims, all_exhibits
from vrx.proofs.command.cli import main
from vrx.proofs.deciders.refill_sizes import may_strand
from vrx.proofs.museum.data import big, mergeable, small
from vrx.proofs.museum.peer import callback_driver
from vrx.proofs.variants import TWOS, never_refills
from vrx.spec import parts
from vrx.spec.broken import broken_for_ever, each_packet_is_counted_once
from vrx.spec.config import Config
from vrx.spec.core import CoreConfig
from vrx.spec.giving_up import drops_nothing_without_a_reason
from vrx.spec.linux.state import Softirq
from vrx.spec.litmus import SHAPES
from vrx.spec.liveness import (
    LIVENESS,
    Liveness,
    every_packet_ends,
    never_forever,
    no_packet_blocks_the_queue,
    no_packet_is_read_for_ever,
)
from vrx.spec.meaning import parts_of
from vrx.spec.properties import (
    ALL,
    CONTENTS,
    REFILL,
    SPINE,
    Property,
    at_rest,
    descriptors_conserved,
    free_list_intact,
    in_order,
    interrupts_suppressed_while_polling,
    inuse_exact,
    invariant,
    no_lost_interrupt,
    no_lost_kick,
    single_owner,
    strands_only_where_it_may,
)
from vrx.spec.questions import STANDARD, meaningful, standard_for
from vrx.spec.standard.properties import follows_the_standard
from vrx.spec.steps import Machine, ModelError
from vrx.spec.switch import ANYWHERE
from vrx.spec.switches import DATA, FILTER, INDIRECT_DESC, MERGEABLE, STOPS

WATCHED = watched(peers(peer="any-driver", idx_bits=2))
KINDS: dict[str, System] = {
    "rx": rx(),
    "data": rx(data=True, size=2, mergeable=True),
    "free": small(),
    "hostile": small(size=1, hostile="device"),
    "hostile driver": rx(hostile="driver", idx_bits=2),
    "general": rx(caller="any"),
    "linux": peers(peer="any-device", idx_bits=2),
    "qemu": peers(peer="any-driver", idx_bits=2),
    "any": peers(peer="any", idx_bits=2),
    "watched": WATCHED,
    "standard": standard(),
    "core": core_system(CoreConfig()),
    "litmus": litmus_test(SHAPES["SB"], "sc"),
}


def names(questions: Any) -> set[str]:
    return {q.name for q in questions}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_asked_can_be_asked_and_what_is_not_has_a_reason(kind: str) -> None:
    system = KINDS[kind]
    asked, others = standard_for(system.cfg)
    assert names(asked) | names(q for q, _ in others) == names(STANDARD)
    assert len(asked) + len(others) == len(STANDARD)
    assert all(reason and "\n" not in reason for _, reason in others)
    reading = Reading(system)
    program = system.built()
    for question in asked:
        for prop in situations([question]) if isinstance(question, Liveness) else [question]:
            program.view.set(program.initial)
            assert prop.holds(program.state) in (True, False)
            assert reading.property_tree(prop)


@pytest.mark.parametrize("kind", KINDS)
def test_the_parts_of_a_state_are_there(kind: str) -> None:
    system = KINDS[kind]
    state = system.built().state
    there = parts_of(system.cfg)
    assert there is not None
    for place in (place for places in there.every for place in places):
        held = state
        for name in place.split("."):
            held = getattr(held, name)
        assert held is not None or place == "watch"


@pytest.mark.parametrize(
    ("reads", "mend"),
    [
        ("net vq.num_free", "write reads=parts.NET & parts.NUM_FREE, and `from vrx.spec import parts`"),
        ("vq.has|dev.has", "write reads=parts.VQ_HAS"),
        ("hope", "write reads=parts.NET & parts.MAIN"),
        (None, "write reads=parts.NET & parts.MAIN"),
    ],
)
def test_a_part_of_a_state_is_no_text(reads: Any, mend: str) -> None:
    with pytest.raises(ModelError, match=re.escape(f"mine: reads={reads!r} is no part of a state: {mend}")):
        Property("mine", bool, "always", reads=reads)
    with pytest.raises(ModelError, match=r"mine: reads="):
        Liveness("mine", "", bool, reads=reads)


def test_one_part_of_several_is_enough_where_the_question_says_so() -> None:
    either = parts.VQ_HAS | parts.DEV_HAS
    assert not either.lacking(parts.DEV_HAS) and either.lacking(parts.NET) == "vq.has"
    assert (parts.NET & either).names == ("s.net", "s.vq.has or s.dev.has")
    with pytest.raises(ModelError, match="between single parts"):
        parts.NET & parts.MAIN | parts.VQ


def test_where_a_question_has_no_meaning_the_reason_says_why() -> None:
    assert "notify=False" in no_lost_interrupt.meaningless(small().cfg)
    assert "notify=False" in interrupts_suppressed_while_polling.meaningless(small().cfg)
    assert "notify=False" in every_packet_ends.meaningless(small().cfg)
    assert "positions=True" in in_order.meaningless(rx().cfg)
    assert in_order.meaningless(rx(positions=True).cfg) == in_order.meaningless(rx(watch=True).cfg) == ""
    assert "lies" in single_owner.meaningless(small(hostile="device").cfg)
    assert free_list_intact.meaningless(small(hostile="device").cfg) == ""
    assert "in the place of Linux" in free_list_intact.meaningless(rx(hostile="driver").cfg)
    assert "in the place of QEMU" in inuse_exact.meaningless(rx(hostile="device").cfg)
    assert inuse_exact.meaningless(rx(hostile="driver").cfg) == ""
    assert "neither side lies" in broken_for_ever.meaningless(rx().cfg)
    assert no_lost_kick.meaningless(core_system(CoreConfig()).cfg) == "it reads s.net, which this system has not"
    litmus = litmus_test(SHAPES["SB"], "sc")
    assert no_lost_interrupt.meaningless(litmus.cfg) == "it reads s.napi, which this system has not"
    assert no_lost_kick.meaningless(standard().cfg) == "it reads s.net, which this system has not"
    assert follows_the_standard.meaningless(rx().cfg) == "it reads s.watch, which this system has not"
    assert "caller=any" in every_packet_ends.meaningless(rx(caller="any").cfg)
    assert "max_packet=1" in drops_nothing_without_a_reason.meaningless(rx(watch=True).cfg)
    assert "filter" in drops_nothing_without_a_reason.meaningless(mergeable(filter=True).cfg)
    assert "stopped" in drops_nothing_without_a_reason.meaningless(rx(watch=True, max_packet=1, stops=True).cfg)
    assert drops_nothing_without_a_reason.meaningless(rx(watch=True, max_packet=1).cfg) == ""
    assert "no device lies" in each_packet_is_counted_once.meaningless(mergeable().cfg)
    assert no_packet_is_read_for_ever.meaningless(mergeable().cfg) == ""  # where nothing rests, too
    assert "no device lies" in no_packet_is_read_for_ever.meaningless(small().cfg)
    assert "mergeable=True" in CONTENTS[1].meaningless(small().cfg) and CONTENTS[1].meaningless(mergeable().cfg) == ""


def test_what_is_no_standard_question_says_what_to_use() -> None:
    reasons = {q.name: reason for q, reason in standard_for(rx().cfg)[1]}
    assert "max_packet=1" in reasons["no_packet_blocks_the_queue"]
    assert no_packet_blocks_the_queue in standard_for(rx(max_packet=1).cfg)[0]
    assert no_packet_blocks_the_queue in standard_for(rx(size=2, mergeable=True).cfg)[0]
    asked, others = standard_for(rx(size=8, idx_bits=5).cfg)
    reading = Reading(rx(size=8, idx_bits=5))
    assert all(reading.property_tree(q) for q in asked if isinstance(q, Property))
    assert {descriptors_conserved, free_list_intact} <= {q for q, _ in others}


def test_every_switch_that_a_question_names_has_a_reason() -> None:
    for question in STANDARD:
        for part in question.needs.parts:
            assert "it is a question for systems with" not in str(part.reason), question.name


def test_a_switch_of_the_users_own_is_named() -> None:
    @invariant(only=FILTER & ~INDIRECT_DESC)
    def mine(s: Any) -> bool:
        """Mine."""
        return True

    assert "systems with filter" in mine.meaningless(rx().cfg)
    assert "systems with no indirect" in mine.meaningless(rx(data=True, filter=True, segments=2, indirect=True).cfg)
    assert mine.meaningless(rx(data=True, filter=True).cfg) == ""


def test_switches_are_values_and_a_string_says_what_to_write() -> None:
    old: Any = "data !liar"
    with pytest.raises(ModelError, match=r"only=.data !liar. is no switch: write only=DATA & ~LIAR, from vrx\.spec"):
        Property("mine", lambda s: True, "always", old)
    with pytest.raises(ModelError, match=r"here: only=.data !liar. is no switch"):
        Machine("mine").step(only=old)(here)
    with pytest.raises(TypeError, match="combine switches by &"):
        bool(DATA and MERGEABLE)


def here(s: Any, me: Softirq) -> None:
    """A step."""


def test_switches_combine() -> None:
    small, merging = rx().cfg, rx(mergeable=True, size=2).cfg
    assert (DATA | MERGEABLE).holds(merging) and not (DATA | MERGEABLE).holds(small)
    assert (~DATA & MERGEABLE).holds(merging) and not (DATA & MERGEABLE).holds(merging)
    assert ANYWHERE.holds(small) and (ANYWHERE & DATA).parts == (DATA,) and ~~DATA == DATA
    assert DATA in (DATA | MERGEABLE) & ~STOPS and STOPS not in (DATA | MERGEABLE) & ~STOPS


def test_no_claim_asks_what_has_no_meaning() -> None:
    for claim in all_claims():
        if not isinstance(claim, Statement):
            assert claim.asks.meaningless(claim.system.cfg) == "", claim.name


def test_no_exhibit_asks_what_has_no_meaning() -> None:
    for exhibit in all_exhibits():
        for system in (exhibit.faulty, exhibit.fixed):
            assert exhibit.asks.meaningless(system.cfg) == "", exhibit.id


UNMUTATED = {
    "rx": rx(),
    "fitting": rx(max_packet=1, idx_bits=2),
    "two-cpus": rx(irq="other", idx_bits=2),
    "tso": rx(memory="tso", idx_bits=2, max_packet=1),
    "event": rx(event_idx=True, idx_bits=2, max_packet=1),
    "watch": rx(watch=True, idx_bits=2),
    "positions": rx(positions=True),
    "stops": rx(stops=True, max_packet=1),
    "task": rx(busy_poll="same", idx_bits=2, max_packet=1),
    "timer": rx(gro_flush_timeout=True, defer_hard_irqs=1, idx_bits=2, max_packet=1),
    "netpoll": rx(netpoll="same", idx_bits=2, max_packet=1),
    "general": rx(caller="any"),
    "small": small(),
    "mergeable": mergeable(size=1, max_packet=1),
    "fits": rx(watch=True, idx_bits=2, max_packet=1),
    "merging": mergeable(),
    "merging-liar": mergeable(size=1, max_packet=1, hostile="device"),
    "big": big(),
    "linux": peers(peer="any-device", idx_bits=2),
    "qemu": peers(peer="any-driver", idx_bits=2),
    "any": peers(peer="any", idx_bits=2),
    "watched": WATCHED,
}


@pytest.mark.parametrize("name", UNMUTATED)
def test_the_standard_questions_hold_of_the_code_as_it_is(name: str) -> None:
    system = UNMUTATED[name]
    asked, _ = standard_for(system.cfg)
    found = explore_native(system, [q for q in asked if isinstance(q, Property)], threads=2)
    assert found.complete and not found.violations
    forever = [q for q in asked if isinstance(q, Liveness)]
    assert all(v.holds for v in liveness(system, forever)) if forever else True


def test_a_driver_that_never_asks_for_quiet_is_told_so_and_loses_nothing() -> None:
    system = callback_driver(peers(peer="any-device", idx_bits=2))
    asked, _ = standard_for(system.cfg)
    found = explore_native(system, [q for q in asked if isinstance(q, Property)], threads=2)
    assert set(found.violations) == {"interrupts_suppressed_while_polling"}
    assert "never a wake-up" in (interrupts_suppressed_while_polling.holds.__doc__ or "")


@pytest.mark.parametrize(
    ("system", "refuted"),
    [
        (rx().replace("virtnet_receive__refill", never_refills), {"strands_only_where_it_may"}),
        (TWOS, {"strands_only_where_it_may", "device_holds_nothing", "every_packet_ends"}),
    ],
    ids=["never-refills", "publishes-in-twos"],
)
def test_a_side_that_keeps_what_it_should_give_on_is_refuted(system: System, refuted: set[str]) -> None:
    asked, _ = standard_for(system.cfg)
    found = explore_native(system, [q for q in asked if isinstance(q, Property)], threads=2)
    lasting = liveness(system, [q for q in asked if isinstance(q, Liveness)])
    assert found.complete
    told = {name: narration.text(replay(name, system, p, found.violations[name].path))
            for p in asked if (name := p.name) in found.violations and isinstance(p, Property)}  # fmt: skip
    assert "a packet of 1 buffer waits, 0 buffers posted" in told["strands_only_where_it_may"]
    held = "the device has taken 1 buffer and neither published nor given back"
    assert "device_holds_nothing" not in told or held in told["device_holds_nothing"]
    assert {*found.violations, *(v.claim.name for v in lasting if not v.holds)} == refuted


@pytest.mark.parametrize("size", [1, 2, 4, 8, 16])
def test_where_a_packet_may_strand_is_what_the_formula_says(size: int) -> None:
    """The same as `refill_sizes.may_strand` with a budget of the whole ring, and in units as in buffers."""
    cfg = Config(size=size, idx_bits=6, mergeable=True, max_packet=size)
    units = Config(size=size, idx_bits=6, mergeable=True, data=True, buffer_len=3, max_packet=3 * size - 1)
    for packet in range(1, size + 1):
        assert cfg.too_few(size - size // 2, packet) == may_strand(size, size, packet)
        assert units.too_few(size - size // 2, 3 * packet - 1) == may_strand(size, size, packet)


def test_a_driver_that_leaves_too_little_is_seen_with_data_as_without() -> None:
    for options in ({}, {"data": True, "buffer_len": 3, "max_packet": 2}):
        program = rx(size=2, **options).built()
        program.state.net.queued = 1
        assert not strands_only_where_it_may.holds(program.state)


def test_an_answer_that_is_no_truth_value_is_an_error_that_names_the_question() -> None:
    @invariant
    def forgets(s: Any) -> bool:  # type: ignore[return]
        """Nothing is free."""
        s.vq.num_free == 0  # noqa: B015

    @at_rest
    def counts_them(s: Any) -> bool:
        """Something is free."""
        return s.vq.num_free  # type: ignore[no-any-return]

    @never_forever(same=lambda s: None)  # type: ignore[arg-type, return-value]
    def nothing_same(s: Any) -> bool:
        """It ends."""
        return s.vq.num_free == 0  # type: ignore[no-any-return]

    system = rx(arrivals=False)
    for ask in (explore_native, explore):
        with pytest.raises(ModelError, match="forgets answers nothing: write `return` before what holds"):
            ask(system, [forgets])
        with pytest.raises(ModelError, match="counts_them answers with a number: write what is said of it"):
            ask(system, [counts_them])
    with pytest.raises(ModelError, match="gives no number: write `return` before what progress changes"):
        liveness(system, [nothing_same])


def test_the_simulator_asks_what_has_a_meaning(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--size", "2", "--data", "--no-event-idx", "--max-packet", "2", "--memory", "sc"]
    assert main(["simulate", *options, "--packets", "50"]) == 0
    simulator = Simulator(small(), meaningful(small().cfg, ALL))
    assert not simulator.at_rest and simulator.run(20, limit=2000).violated is None
    capsys.readouterr()


def test_the_groups_are_all_of_the_standard() -> None:
    assert names(STANDARD) >= names((*SPINE, *CONTENTS, *REFILL, *LIVENESS))
    assert meaningful(rx().cfg, REFILL) == list(REFILL)
