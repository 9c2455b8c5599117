"""A verdict is about the question that was asked, of the system that was asked about, and says when it says nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import pytest

from vrx.models.claims import Figures, Outcome, Safety, claims_of, cover, lasting
from vrx.models.deciding import engine as engine_module
from vrx.models.deciding import printing
from vrx.models.deciding.digest import digest, equal_mutant, original, steps_digest
from vrx.models.deciding.engine import decide
from vrx.models.deciding.many_claims import prove, prove_here
from vrx.models.deciding.same_system import alike
from vrx.models.deciding.schedule import likeness, work
from vrx.models.engines.explorer import by_name, explore
from vrx.models.engines.liveness import liveness
from vrx.models.engines.liveness_reference import liveness_reference
from vrx.models.engines.native import explore_native
from vrx.models.engines.native.explore import write
from vrx.models.systems.standard_systems import peers, watched
from vrx.models.systems.system import System, rx
from vrx.models.systems.variant_names import exchanged_helpers, exchanged_steps
from vrx.models.terminal.output import DIFFERS
from vrx.spec.layouts.split.device_used import virtqueue_split_flush
from vrx.spec.layouts.split.driver import virtqueue_poll
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L, Softirq
from vrx.spec.liveness import Liveness, no_spin
from vrx.spec.properties import Property, inuse_exact, no_lost_interrupt, no_lost_kick, single_owner
from vrx.spec.qemu.state import MainLoop
from vrx.spec.steps import Replaced, mark

QUIET = rx(arrivals=False)
"""A system in which no packet comes: 800 states."""


def poll(looks: bool) -> Callable[[SplitState, Softirq], None]:
    """The last look of the driver, or a driver that goes to sleep without it: two functions of one name."""

    def virtqueue_poll_again(s: SplitState, me: Softirq) -> None:
        if looks:
            virtqueue_poll(s, me)
        else:
            me.opaque = 0
            me.goto(L.IDLE)

    return virtqueue_poll_again


def with_poll(looks: bool) -> System:
    return rx(max_packet=1, idx_bits=2).replace("virtqueue_poll", poll(looks))


def restless(s: SplitState, me: Softirq) -> None:
    """A driver that always finds work, and so never comes to rest."""
    me.opaque = 0
    me.call(L.NAPI_SCHEDULE_PREP, then=L.IDLE)


@pytest.fixture(params=["native", "reference"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "reference":
        monkeypatch.setenv("CC", "there-is-no-such-compiler")
    return str(request.param)


@pytest.mark.parametrize("order", [(True, False), (False, True)])
def test_two_functions_of_one_name_are_two_systems(order: tuple[bool, bool]) -> None:
    systems = {looks: with_poll(looks) for looks in order}
    systems = {looks: replace(s, changed=("virtqueue_poll := again",)) for looks, s in systems.items()}
    assert systems[True].name == systems[False].name
    assert likeness(systems[True]) != likeness(systems[False])
    claims = [Safety(str(looks), systems[looks], no_lost_interrupt, "proved") for looks in order]
    assert len(work(claims)) == 2
    assert [group.numbers for group in alike(claims)[0]] == [[0], [1]]
    for results in (prove_here(claims), [c.judge(o) for c, o in zip(claims, decide(claims).outcomes, strict=True)]):
        verdicts = {r.claim.name: r.outcome.verdict for r in results}
        assert verdicts == {"True": "proved", "False": "refuted"}, [r.reason for r in results]


def test_systems_that_do_the_same_share_a_search_and_say_so() -> None:
    one, two = QUIET.replace("virtqueue_poll", poll(False)), QUIET.replace("virtqueue_poll", poll(False), "asleep")
    claims = [Safety(s.name, s, single_owner, "proved") for s in (one, two)]
    assert [group.numbers for group in alike(claims)[0]] == [[0, 1]]
    outcomes = decide(claims).outcomes
    assert [o.reason for o in outcomes] == ["", f"the same C as {one.name}, decided by its search"]
    assert {o.verdict for o in outcomes} == {"proved"} and outcomes[0].states == outcomes[1].states


def test_the_same_c_with_other_marks_is_another_system() -> None:
    def marked(name: str) -> Callable[[SplitState, Softirq], None]:
        def step(s: SplitState, me: Softirq) -> None:
            mark(s, name)
            me.opaque = 0
            me.goto(L.IDLE)

        return step

    one, two = (QUIET.replace("virtqueue_poll", marked(name)) for name in ("asleep", "awake"))
    sources = [write(s, [single_owner])[1] for s in (one, two)]
    assert sources[0].text == sources[1].text and digest(sources[0]) != digest(sources[1])
    claims = [cover("a", one, "awake"), cover("b", two, "awake")]
    assert [o.verdict for o in decide(claims).outcomes] == ["vacuous", "refuted"]


@pytest.mark.parametrize("first, second", [(True, False), (False, True)])
def test_two_properties_of_one_name_are_two_questions(
    engine: str, first: bool, second: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def asks(holds: bool) -> Property:
        def mine(s: SplitState) -> bool:
            return s.dev.inuse == 0 if holds else s.vq.num_free == 3

        return Property("mine", mine, "rest")

    if engine == "native":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    properties = [asks(first), asks(second)]
    claims = [Safety(str(n), QUIET, p, "proved") for n, p in enumerate(properties)]
    wanted = ["proved" if holds else "refuted" for holds in (first, second)]
    assert [o.verdict for o in decide(claims).outcomes] == wanted
    assert [o.verdict for o in decide(claims, resume=True).outcomes] == wanted
    turned = decide(claims[::-1], resume=True).outcomes
    assert [o.verdict for o in turned] == wanted[::-1] and turned[0].engine == engine
    alone = [replace(c, expected="refuted") for c in claims]
    assert [len(one.claims) for one in work(alone)] == [1, 1]
    search = explore if engine == "reference" else explore_native
    (failed,) = search(QUIET, properties).violations
    assert by_name(properties)[failed] is properties[wanted.index("refuted")]


def test_the_second_property_of_a_name_has_a_name_of_its_own_in_the_order_of_the_engines() -> None:
    rest, always, other = (Property("p", lambda s: True, when) for when in ("rest", "always", "rest"))
    assert list(by_name([rest, always, other, rest]).items()) == [("p", always), ("p#2", rest), ("p#3", other)]
    taken = Property("p#2", lambda s: True, "always")
    assert list(by_name([always, taken, rest])) == ["p", "p#2", "p#3"]
    for order in ([rest, always], [always, rest]):
        assert by_name(order)["p"] is by_name(write(QUIET, order)[1].properties)["p"] is always


def test_two_claims_about_runs_without_end_of_one_name(engine: str) -> None:
    rests = Liveness("ends", "", lambda s: True, lambda s: True)
    nothing = Liveness("ends", "", lambda s: False)
    decided = liveness if engine == "native" else liveness_reference
    for order in ([rests, nothing], [nothing, rests]):
        found = {v.claim: v.lasso for v in decided(QUIET, order)}
        assert found[rests] is not None and found[nothing] is None
    claims = lasting(QUIET, rests, nothing)
    few = [replace(c, figures=Figures(states=800)) for c in claims]
    assert [o.verdict for o in decide(few).outcomes] == ["refuted", "vacuous"]


def test_what_never_rests_has_no_proof_at_rest(engine: str) -> None:
    system = QUIET.replace("virtqueue_poll", restless)
    rest, always = decide([*claims_of(system, no_lost_interrupt, single_owner)]).outcomes
    assert (rest.verdict, always.verdict, rest.engine) == ("vacuous", "proved", engine)
    assert "never comes to rest" in rest.reason


def test_a_change_that_is_never_taken_proves_nothing(engine: str) -> None:
    def flush_again(s: SplitState, me: MainLoop) -> None:
        virtqueue_split_flush(s, me)

    system = QUIET.replace("virtqueue_split_flush", flush_again)
    (outcome,) = decide(claims_of(system, single_owner)).outcomes
    assert (outcome.verdict, outcome.engine) == ("vacuous", engine)
    assert "virtqueue_split_flush" in outcome.reason and "virtqueue_split_flush" in outcome.never_taken
    assert "virtqueue_poll" not in outcome.never_taken
    never = Property("never", lambda s: False, "always")
    (refuted,) = decide([Safety("x", system, never, "proved")]).outcomes
    assert refuted.verdict == "refuted"
    (original_says,) = decide(claims_of(QUIET, single_owner)).outcomes
    assert original_says.verdict == "proved" and "virtqueue_split_flush" in original_says.never_taken


@dataclass(frozen=True)
class WithHelpers(System):
    """A system whose steps call functions that a variant exchanges."""

    instead: tuple[tuple[str, Callable[..., Any]], ...] = ()


def test_a_helper_that_is_never_called_proves_nothing() -> None:
    def leaves_its_mark(s: SplitState, me: Softirq) -> None:
        mark(s, Replaced("counts_them"))
        virtqueue_poll(s, me)

    variant = QUIET.replace("virtqueue_poll", leaves_its_mark)
    parts = {f.name: getattr(variant, f.name) for f in fields(System) if f.init and f.name != "instead"}
    for helper, verdict in (("counts_them", "proved"), ("loses_them", "vacuous")):
        system = WithHelpers(**parts, instead=((helper, lambda s: True),))
        assert exchanged_helpers(system) == [helper] and exchanged_steps(system) == ["virtqueue_poll"]
        (outcome,) = decide(claims_of(system, single_owner)).outcomes
        assert outcome.verdict == verdict
        assert verdict == "proved" or helper in outcome.reason


def test_a_mark_that_no_step_has_is_no_question(engine: str) -> None:
    claims = [cover("a", QUIET, "the device is parked"), cover("b", QUIET, "the device parks")]
    mistyped, never = decide(claims).outcomes
    assert (mistyped.verdict, never.verdict, mistyped.engine) == ("vacuous", "proved", engine)
    assert "'the device parks'" in mistyped.reason


def test_a_situation_that_never_occurs_proves_nothing(engine: str) -> None:
    waits = Liveness("ends", "", lambda s: s.net.queued != 0 or s.main.size != 0)
    claims = [replace(c, figures=Figures(states=800)) for c in lasting(QUIET, waits, no_spin("driver"))]
    packet, spin = decide(claims).outcomes
    assert (packet.verdict, spin.verdict, packet.engine) == ("vacuous", "proved", engine)
    assert "never occurs" in packet.reason
    variant = QUIET.replace("virtqueue_split_flush", lambda s, me: virtqueue_split_flush(s, me), "again")
    (idle,) = decide([replace(c, figures=Figures(states=800)) for c in lasting(variant, no_spin("driver"))]).outcomes
    assert idle.verdict == "vacuous" and "virtqueue_split_flush" in idle.reason


def test_vacuous_is_never_green() -> None:
    system = QUIET.replace("virtqueue_poll", restless)
    (result,) = prove_here(claims_of(system, no_lost_interrupt))
    assert not result.ok and not result.undecided
    assert printing.status([result]) == DIFFERS
    assert str(result).startswith("FAIL") and "vacuous" in str(result) and "expected proved" in str(result)
    assert result.as_json()["verdict"] == "vacuous"
    assert '<failure message=' in printing.junit([result]) and 'type="vacuous"' in printing.junit([result])


@dataclass(frozen=True)
class Limited(Property):
    """A property that has no meaning without packets."""

    def meaningless(self, cfg: Any) -> str:
        return "" if cfg.arrivals else "no packet ever comes"


def test_a_question_without_a_meaning_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    limited = Limited("limited", lambda s: (s.dev.inuse == 0) | (s.vq.num_free == 0), "always")
    first, second = decide([Safety("a", QUIET, limited, "proved"), *claims_of(QUIET, single_owner)]).outcomes
    assert (first.verdict, first.fault, first.engine) == ("undecided", True, "-")
    assert "no packet ever comes" in first.reason and "limited" in first.reason
    assert second.verdict == "proved"

    def stale(system: System) -> str:
        return "reads what nobody keeps" if system.changed else ""

    monkeypatch.setattr(engine_module, "refusals", stale)
    claims = [*claims_of(QUIET.replace("virtqueue_poll", poll(False)), single_owner), *claims_of(QUIET, single_owner)]
    assert [(o.fault, o.reason) for o in decide(claims).outcomes] == [(True, "reads what nobody keeps"), (False, "")]
    (asked,) = decide([Safety("a", rx(max_packet=1, idx_bits=2), limited, "proved")]).outcomes
    assert asked.verdict == "proved"


def test_an_equal_mutant_is_the_original() -> None:
    same = rx().replace("virtqueue_poll", poll(True))
    assert equal_mutant(same) and not equal_mutant(rx().replace("virtqueue_poll", poll(False)))
    assert not equal_mutant(rx())
    assert equal_mutant(rx().without("virtqueue_poll__mb"))
    assert not equal_mutant(rx(memory="tso").without("virtqueue_poll__mb"))
    ring = peers(peer="any-device", idx_bits=2)
    looked_at = watched(ring.replace("virtqueue_poll", poll(True)))
    assert exchanged_steps(looked_at) == ["virtqueue_poll"] and exchanged_steps(watched(ring)) == []
    assert equal_mutant(looked_at) and not equal_mutant(watched(ring.replace("virtqueue_poll", poll(False))))
    twice = same.replace("virtqueue_poll", poll(False)).without("virtqueue_poll__mb")
    assert steps_digest(write(original(twice), [])[1]) == steps_digest(write(rx(), [])[1])

    def calls_a_helper(s: SplitState, me: Softirq) -> None:
        mark(s, Replaced("counts_them"))
        virtqueue_poll(s, me)

    assert equal_mutant(rx().replace("virtqueue_poll", calls_a_helper))


def test_the_readme_asks_for_one_result_and_gets_one() -> None:
    """Nothing is appended, on an original either, and the order is that of the claims."""
    (result,) = prove_here(claims_of(QUIET, single_owner))
    assert result.ok and str(result) == f"ok    {result.claim.name}  {result.outcome}"
    assert str(result.outcome).startswith(f"proved, {result.outcome.states} states, depth ")
    claims = [*claims_of(QUIET, single_owner), *claims_of(rx(max_packet=1, idx_bits=2), single_owner, no_lost_kick)]
    mixed = [claims[1], claims[0], claims[2]]
    assert [r.claim for r in prove_here(mixed)] == mixed
    assert len(list(prove(mixed))) == 3


def test_what_is_wrong_with_the_steps_belongs_to_the_result() -> None:
    first, second = prove_here(claims_of(QUIET, single_owner, inuse_exact), unreachable=[])
    assert not first.ok and "never fired: " in first.reason and second.ok
    _, appended = prove(claims_of(QUIET, single_owner), unreachable=[])
    assert appended.claim.asks.name == "every_step_fires" and not appended.ok


def test_the_fault_of_a_variant_is_not_that_of_the_model() -> None:
    def too_many(s: SplitState, me: Softirq) -> None:
        s.vq.num_free = 7
        me.goto(L.IDLE)

    variant = QUIET.replace("virtqueue_poll", too_many)
    (theirs,) = decide(claims_of(variant, single_owner)).outcomes
    (ours,) = decide([Safety("x", replace(variant, changed=()), single_owner, "proved")]).outcomes
    assert theirs.fault and "num_free" in theirs.reason and "the model is wrong" not in theirs.reason
    assert ours.reason.startswith("the model is wrong: ") and "num_free" in ours.reason


def test_one_broken_system_leaves_the_others_their_verdict() -> None:
    def two_accesses(s: SplitState, me: Softirq) -> None:
        virtqueue_poll(s, me)
        virtqueue_poll(s, me)

    broken = QUIET.replace("virtqueue_poll", two_accesses)
    claims = [*claims_of(broken, single_owner), *claims_of(QUIET, single_owner)]
    assert [(o.verdict, o.fault) for o in decide(claims).outcomes] == [("undecided", True), ("proved", False)]


def test_a_search_ends_by_the_clock() -> None:
    large = rx(size=2, event_idx=True, memory="tso")
    for search in (explore, explore_native):
        found = search(large, [single_owner], seconds=0.5)
        assert not found.complete and 0 < found.states and found.depth > 5
        assert found.reason == f"stopped after 0.5 s at {found.states:,} states, depth {found.depth}"
    claims = [*claims_of(large, single_owner), *lasting(large, no_spin("driver"))]
    assert [w.claims for w in work(claims)] and all(c.system is large for c in claims)
    states, runs = decide(claims, seconds=0.5).outcomes
    for outcome in (states, runs):
        assert (outcome.verdict, outcome.fault) == ("undecided", False)
        assert outcome.reason.startswith("stopped after 0.5 s at ")
    (here,) = prove_here(claims[:1], seconds=0.5)
    (there,) = prove(claims[:1], seconds=0.5)
    assert here.undecided and there.undecided
    assert [o.verdict for o in decide(claims_of(QUIET, single_owner), seconds=60).outcomes] == ["proved"]


def test_a_graph_ends_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where all states are there already, and only the cycles are looked for."""
    from vrx.models.engines.native.explore import Native

    run = Native.run

    def slow(self: Native, *arguments: Any, ends: float = 0) -> int:
        return run(self)

    monkeypatch.setattr(Native, "run", slow)
    (found,) = liveness(rx(max_packet=1, idx_bits=2), [no_spin("driver")], seconds=0.001)
    assert not found.complete and found.lasso is None
    assert found.reason == f"stopped after 0.001 s in the graph of {found.states:,} states"
    (reference,) = liveness_reference(rx(max_packet=1), [no_spin("driver")], seconds=0.2)
    assert not reference.complete and "stopped after 0.2 s" in reference.reason


def test_more_properties_than_a_set_of_bits_holds_are_refused() -> None:
    many = [Property(f"p{n}", lambda s, n=n: s.vq.num_free != n + 9, "always") for n in range(65)]  # type: ignore[misc]
    with pytest.raises(ValueError, match="at most 64"):
        write(QUIET, many)


def test_an_outcome_tells_itself() -> None:
    found = Outcome("refuted", "native", 1234567, 40, 31, 2.0)
    assert str(found) == "refuted in 31 steps, 1,234,567 states, depth 40, native, 2.0 s"
    assert str(Outcome("undecided", "-", reason="interrupted")) == "undecided, -, 0.0 s  (interrupted)"
