"""The page of results and the figures that claims are held to."""

from __future__ import annotations

from pathlib import Path

import pytest

from vrx.models import results
from vrx.models.claims import Claim, Outcome, claims_of, figures_key
from vrx.models.system import rx
from vrx.proofs.museum.device import parks_without_looking
from vrx.spec.properties import no_lost_kick, single_owner

SMALL = rx(arrivals=False)
FAULTY = rx().replace("virtio_queue_split_poll", parks_without_looking)


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "SEARCHES", {figures_key(SMALL): (5, 5), figures_key(rx()): (7, 7), "gone": (1, 1)})
    monkeypatch.setattr(results, "STEPS", {"parks": 99, "other": 3, "gone": 1})


def test_pinned_is_what_has_its_verdict_and_nothing_is_lost(figures: None, tmp_path: Path) -> None:
    (small,) = claims_of(SMALL, single_owner, states=5, depth=5)
    parks, other = (Claim(name, FAULTY, no_lost_kick, "refuted", steps=99) for name in ("parks", "other"))
    (wrong,) = claims_of(rx(), single_owner)
    found = [
        small.judge(Outcome("proved", "native", 10, 4)),
        parks.judge(Outcome("refuted", "native", 20, 6, 44)),
        wrong.judge(Outcome("refuted", "native", 30, 8, 9)),
    ]
    assert not any(r.ok for r in found)
    judged = results.pin(tmp_path / "figures.py", found, [small, parks, other, wrong])
    assert [r.ok for r in judged] == [True, True, False]
    written: dict[str, dict[str, object]] = {}
    exec((tmp_path / "figures.py").read_text(), written)
    assert written["SEARCHES"] == {figures_key(SMALL): (10, 4), figures_key(rx()): (7, 7)}
    assert written["STEPS"] == {"parks": 44, "other": 3}


def test_an_interrupted_run_keeps_the_page_and_the_figures_it_has(
    figures: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (small,) = claims_of(SMALL, single_owner)

    def interrupted(*args: object, **options: object) -> object:
        yield small.judge(Outcome("proved", "native", 10, 4))
        raise KeyboardInterrupt

    (tmp_path / "proofs").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(results, "prove", interrupted)
    monkeypatch.setattr("sys.argv", ["results", "--pin", "-o", "page.md"])
    assert results.main() == 3
    assert not Path("page.md").exists()
    assert f'"{figures_key(SMALL)}": (10, 4)' in Path("proofs/figures.py").read_text()
    said = capsys.readouterr()
    assert "1/" in said.out and "ok " in said.out
    assert "interrupted" in said.err and "--resume" in said.err
