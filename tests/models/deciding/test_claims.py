"""A claim is of one of four kinds, and says itself what it asks, who decides it, and why nobody could."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from time import sleep

import pytest

from vrx.models import MainLoop
from vrx.models.claims import (
    Claim,
    Cover,
    Figures,
    Outcome,
    Safety,
    Sentence,
    Statement,
    about,
    claims_of,
    cover,
    lasting,
    reached,
)
from vrx.models.deciding.engine import Decided, decide, search_for
from vrx.models.deciding.many_claims import prove
from vrx.models.systems.system import rx
from vrx.models.traces import narration
from vrx.models.traces.trace import replay
from vrx.models.traces.trace_file import BadTrace, from_text, to_json
from vrx.proofs import all_claims
from vrx.spec.liveness import no_spin
from vrx.spec.properties import single_owner

SMALL = rx(arrivals=False)
PARKS = reached("the device parks")
KINDS: tuple[Claim, ...] = (
    *claims_of(SMALL, single_owner),
    cover("parks", rx(), PARKS.mark),
    *lasting(SMALL, no_spin("device")),
    Statement("one", None, Sentence("one_is_one", "One is one."), "proved", decide=lambda c: Outcome("proved", "-")),
)


def test_the_four_kinds() -> None:
    assert [c.kind for c in KINDS] == ["safety", "cover", "liveness", "statement"]
    assert [c.kind for c in KINDS] == [c.judge(Outcome(c.expected, "-")).as_json()["kind"] for c in KINDS]
    assert {c.kind for c in all_claims()} == {c.kind for c in KINDS}
    asked = [c for c in KINDS if not isinstance(c, Statement)]
    assert all(isinstance(about("x", SMALL, c.asks, c.expected), type(c)) for c in asked)


@pytest.mark.parametrize("claim", KINDS, ids=lambda c: c.kind)
def test_each_kind_is_judged_in_both_directions(claim: Claim) -> None:
    other = Outcome("proved" if claim.expected == "refuted" else "refuted", "-")
    assert claim.judge(Outcome(claim.expected, "-")).ok and not claim.judge(other).ok
    longer = replace(claim, figures=Figures(steps=7))
    assert longer.judge(Outcome(claim.expected, "-", steps=7)).ok
    assert "expected 7 steps, found 8" in longer.judge(Outcome(claim.expected, "-", steps=8)).reason
    left = claim.judge(Outcome("undecided", "-", reason="too long", why="time", mend="wait"))
    assert left.undecided and not left.ok and left.reason == "too long"
    assert (left.as_json()["why"], left.as_json()["mend"]) == ("time", "wait")


def test_a_cover_is_reached_or_never_reached() -> None:
    parks = cover("parks", rx(), PARKS.mark)
    assert "reached in 9 steps" in str(parks.judge(Outcome("refuted", "-", steps=9)))
    never = Cover("never", SMALL, PARKS, "proved")
    (outcome,) = decide([never]).outcomes
    assert never.judge(outcome).ok and "never reached" in str(never.judge(outcome))
    assert parks.judge(outcome).as_json()["property"] == "the device parks"


def test_the_run_to_a_mark_is_written_and_read_back() -> None:
    way = search_for(rx(), PARKS)
    assert way is not None
    trace = replay("configuration", rx(), PARKS, way.path)
    assert narration.text(trace).startswith("REACHED  the device parks")
    data = to_json(trace)
    assert data["mark"] == "the device parks" and "property" not in data
    assert from_text(json.dumps(data), lambda subject, wanted: None).steps == trace.steps
    with pytest.raises(BadTrace, match='"mark" is missing or not a string'):
        from_text(json.dumps(data | {"mark": 7}), lambda subject, wanted: None)


def test_an_engine_of_a_claims_own_is_timed() -> None:
    def slow(claim: Claim) -> Outcome:
        sleep(0.01)
        return Outcome("proved", "own")

    def itself(claim: Claim) -> Outcome:
        return Outcome("proved", "own", seconds=7)

    def seconds(engine: Callable[[Claim], Outcome]) -> float:
        return decide([Safety("x", SMALL, single_owner, "proved", decide=engine)]).outcomes[0].seconds

    assert seconds(slow) >= 0.01 and seconds(itself) == 7


@pytest.mark.parametrize("engine", ["native", "reference"])
def test_why_a_search_knows_nothing_is_a_word(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if engine == "reference":
        monkeypatch.setenv("CC", "there-is-no-such-compiler")
    claims = claims_of(rx(size=2), single_owner)
    (slow,) = decide(claims, seconds=0.2).outcomes
    assert (slow.verdict, slow.why, slow.mend != "") == ("undecided", "time", engine == "reference")
    if engine == "native":
        (small,) = decide(claims, max_bytes=16 << 20).outcomes
        assert (small.verdict, small.why) == ("undecided", "memory")
        (endless,) = decide(lasting(rx(size=2), no_spin("device")), max_bytes=16 << 20).outcomes
        assert (endless.verdict, endless.why) == ("undecided", "memory")
    else:
        large = [replace(c, figures=Figures(10**7)) for c in claims]
        (left,) = decide(large).outcomes
        assert (left.why, left.states) == ("too_large", None) and "compiler" in left.mend


def test_where_memory_was_too_small_the_search_runs_again_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the word, whatever the reason says."""
    def decided(claims: list[Claim], **options: int) -> Decided:
        why = Outcome("undecided", "native", reason="no room", why="memory")
        return Decided([why if options["max_bytes"] < 4 << 30 else Outcome("proved", "native", 10)])

    monkeypatch.setattr("vrx.models.deciding.many_claims.decide", decided)
    monkeypatch.setattr("vrx.models.deciding.many_claims.memory", lambda: 4 << 30)
    claims = [replace(c, figures=Figures(10)) for s in (SMALL, rx()) for c in claims_of(s, single_owner)]
    assert [str(r) for r in prove(claims, jobs=2) if not r.ok] == []


def dropped(s: object, me: MainLoop) -> None:
    """Nothing."""


def test_what_is_no_question_is_refused() -> None:
    with pytest.raises(TypeError, match=r"use lasting\(system, question\)"):
        Safety("x", SMALL, no_spin("device"), "proved")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="dropped is no property"):
        Safety("x", SMALL, dropped, "proved")  # type: ignore[arg-type]


def test_a_verdict_that_is_none_is_refused() -> None:
    with pytest.raises(TypeError, match="'refutd' is no verdict: use one of proved, refuted"):
        Safety("mine", rx(), single_owner, "refutd")  # type: ignore[arg-type]
