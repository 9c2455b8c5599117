"""The page of results and the figures that claims are held to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vrx.models.claims import Figures, Outcome, Safety, claims_of, figures_key
from vrx.models.deciding.many_claims import prove_here
from vrx.models.systems.system import rx
from vrx.proofs import AGAIN
from vrx.proofs.command import results, results_page
from vrx.proofs.museum.device import parks_without_looking
from vrx.spec.linux.state import L, Softirq
from vrx.spec.properties import no_lost_kick, single_owner

SMALL = rx(arrivals=False)
FAULTY = rx().replace("virtio_queue_split_poll", parks_without_looking)


def sleeps(s: Any, me: Softirq) -> None:
    """A driver that does not look again."""
    me.opaque = 0
    me.goto(L.IDLE)


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> None:
    searches = {figures_key(SMALL): (5, 5, "of-old"), figures_key(rx()): (7, 7, "as-was"), "gone": (1, 1, "")}
    monkeypatch.setattr(results, "SEARCHES", searches)
    monkeypatch.setattr(results, "STEPS", {"parks": (99, "of-old"), "other": (3, "as-was"), "gone": (1, "")})


def test_pinned_is_what_has_its_verdict_and_nothing_is_lost(figures: None, tmp_path: Path) -> None:
    (small,) = claims_of(SMALL, single_owner, states=5, depth=5)
    long = Figures(steps=99)
    parks, other = (Safety(name, FAULTY, no_lost_kick, "refuted", figures=long) for name in ("parks", "other"))
    (wrong,) = claims_of(rx(), single_owner)
    found = [
        small.judge(Outcome("proved", "native", 10, 4, digest="now")),
        parks.judge(Outcome("refuted", "native", 20, 6, 44, digest="now")),
        wrong.judge(Outcome("refuted", "native", 30, 8, 9)),
    ]
    assert not any(r.ok for r in found)
    judged = results.pin(tmp_path, found, [small, parks, other, wrong])
    assert [r.ok for r in judged] == [True, True, False]
    written: dict[str, dict[str, object]] = {}
    exec((tmp_path / "museum.py").read_text(), written)  # a claim of no module is an exhibit's
    assert written["SEARCHES"] == {figures_key(SMALL): (10, 4, "now"), figures_key(rx()): (7, 7, "as-was")}
    assert written["STEPS"] == {"parks": (44, "now"), "other": (3, "as-was")}


def test_figures_belong_to_the_c_that_they_were_measured_on() -> None:
    """Whatever the system is called: figures of other steps are a difference, and the line says what to do."""
    (small,) = claims_of(SMALL, single_owner)
    (found,) = prove_here([small])
    found_now = Figures(found.outcome.states, found.outcome.depth, measured=found.outcome.digest, again=AGAIN)
    measured = replace(small, figures=found_now)
    (same,) = prove_here([measured])
    assert same.ok and same.outcome.digest
    renamed = SMALL.replace("virtqueue_poll", sleeps)
    unnamed = replace(SMALL, steps=renamed.steps)
    assert figures_key(unnamed) == figures_key(SMALL)  # by its name it is the one that was measured
    other = replace(measured, system=unnamed)
    (moved,) = prove_here([other])
    assert not moved.ok and "figures were measured on other C" in moved.reason and "--pin" in str(moved)


def test_the_page_tells_systems_of_one_name_apart() -> None:
    one, two = (replace(c, name=str(n)) for n, c in enumerate(claims_of(SMALL, single_owner) * 2))
    rows = results_page.table([
        one.judge(Outcome("proved", "native", 10, 4, digest="aaaa")),
        two.judge(Outcome("proved", "native", 12, 5, digest="bbbb")),
    ]).splitlines()
    assert [row.split(" | ")[-3:] for row in rows[2:]] == [["10", "4", "aaaa |"], ["12", "5", "bbbb |"]]


def test_an_interrupted_run_keeps_the_page_and_the_figures_it_has(
    figures: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (small,) = claims_of(SMALL, single_owner)

    def interrupted(*args: object, **options: object) -> object:
        yield small.judge(Outcome("proved", "native", 10, 4))
        raise KeyboardInterrupt

    (tmp_path / "proofs" / "figures").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(results, "prove", interrupted)
    monkeypatch.setattr("sys.argv", ["results", "--pin", "-o", "page.md"])
    assert results.main() == 3
    assert not Path("page.md").exists()
    assert f'"{figures_key(SMALL)}": (10, 4, "")' in Path("proofs/figures/museum.py").read_text()
    said = capsys.readouterr()
    assert "1/" in said.out and "ok " in said.out
    assert "interrupted" in said.err and "--resume" in said.err
