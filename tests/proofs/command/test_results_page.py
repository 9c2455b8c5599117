"""docs/results.md is of this tree, and a run that says something else than the page is noticed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests import ROOT
from vrx.models.claims import Figures, Outcome, Result, Safety, claims_of, cover, figures_key
from vrx.models.deciding.counted import counted
from vrx.models.deciding.many_claims import prove_here
from vrx.models.systems.system import rx
from vrx.proofs.command import results, results_page
from vrx.proofs.command.results_page import differences, outdated, page, read
from vrx.proofs.command.searched import pinned
from vrx.proofs.museum.device import parks_without_looking
from vrx.spec.layouts.split.driver import virtqueue_poll
from vrx.spec.properties import no_lost_kick, single_owner

SMALL = rx(idx_bits=2, max_packet=1)
HELP = f"{results_page.REGENERATE} (--resume takes what was found of the same C)"


def test_the_pages_are_of_this_tree() -> None:
    """The digests of what was decided are those of tests/digests.txt, and every claim has its row; the night's too."""
    lines = results.outdated(pinned())
    assert not lines, "\n".join([*lines[:40], f"{len(lines)} differences: {HELP}"])


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> list[Result]:
    """What is found of five claims, two of which hold by construction; the page knows no others."""
    same = SMALL.without("virtqueue_num_heads__rmb")
    equal = SMALL.replace("virtqueue_poll", lambda s, me: virtqueue_poll(s, me), called="the same")
    claims = [
        *claims_of(SMALL, single_owner),
        *claims_of(same, single_owner),
        replace(claims_of(equal, single_owner)[0], name="equal"),
        Safety("parks", rx().replace("virtio_queue_split_poll", parks_without_looking), no_lost_kick, "refuted"),
        cover("looks", SMALL, "virtqueue_poll finds work"),
    ]
    claims = [replace(c, module="ownership") for c in claims]
    monkeypatch.setattr(results_page, "all_claims", lambda: tuple(claims))
    monkeypatch.setattr(results_page, "all_exhibits", tuple)
    first, *rest = prove_here(claims)
    measured = replace(first.claim, figures=Figures(first.outcome.states, first.outcome.depth))
    return [measured.judge(first.outcome), *rest]


DIGESTS = {figures_key(SMALL): ("0123456789abcdef", "fedcba9876543210")}


def test_a_run_says_what_its_page_says(few: list[Result]) -> None:
    text = page("quick", few, DIGESTS)
    assert "3 distinct questions in 5 claims, 2 of them by construction" in text
    assert list(differences(few, read(text))) == [] and read(text).digests == DIGESTS
    assert "earlier run" not in text
    kept = [replace(r, outcome=replace(r.outcome, engine=results_page.KEPT)) for r in few]
    assert "5 claims by searches of an earlier run" in page("quick", kept, DIGESTS)
    rows = [line.split(" | ")[1] for line in text.splitlines() if line.startswith("| rx(")]
    assert rows == ["proved", "by construction", "by construction", "refuted", "reached"]


def test_what_is_found_otherwise_is_a_difference(few: list[Result]) -> None:
    there = read(page("quick", few, {}))
    first, *_, parks, _ = few
    for found, claim in (
        (replace(first.outcome, states=7), first.claim),
        (replace(first.outcome, depth=9), first.claim),
        (replace(first.outcome, digest="another"), first.claim),
        (replace(first.outcome, verdict="refuted", steps=3), first.claim),
        (replace(parks.outcome, steps=7), parks.claim),
        (replace(parks.outcome, verdict="proved", steps=None), parks.claim),
    ):
        (line,) = differences([Result(claim, found, True)], there)
        assert line.startswith(f"{claim.name}: ")
    new = claims_of(SMALL, no_lost_kick)[0].judge(first.outcome)
    assert "nothing of it" in next(differences([new], there))


def test_a_page_of_other_steps_or_other_questions_is_outdated(few: list[Result]) -> None:
    there, claims = read(page("quick", few, DIGESTS)), [r.claim for r in few]
    (name,) = DIGESTS
    assert list(outdated(there, DIGESTS, claims, ())) == []
    (line,) = outdated(there, {name: ("other", "other")}, claims, ())
    assert line == f"{name}: its steps are not what the page is of"
    (line,) = outdated(there, {name: (DIGESTS[name][0], "other")}, claims, ())
    assert line == f"{name}: what is asked of it is not what the page is of"
    assert list(outdated(there, {}, claims, ())) == [f"{name}: not searched any more"]
    assert list(outdated(there, {**DIGESTS, "new": ("", "")}, claims, ())) == ["new: not on the page"]
    (line,) = outdated(there, DIGESTS, [*claims, *claims_of(SMALL, no_lost_kick)], ())
    assert "no_lost_kick is not on the page" in line
    (line,) = outdated(there, DIGESTS, claims[:-1], ())
    assert "is not claimed any more" in line


def test_a_claim_without_figures_is_a_difference() -> None:
    (claim,) = claims_of(SMALL, single_owner)
    found = Outcome("proved", "native", 798, 182, digest="0123")
    assert results.without_figures(claim.judge(found))
    assert not results.without_figures(replace(claim, figures=Figures(measured="0123")).judge(found))


def test_continuous_integration_notices_what_is_found_otherwise(
    few: list[Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`python -m vrx.proofs.command.results --check`: 0 where everything is as written, else 1; it writes nothing."""
    claims = [replace(r.claim, figures=replace(r.claim.figures, measured=r.outcome.digest)) for r in few]
    monkeypatch.setattr(results, "all_claims", lambda: tuple(claims))
    monkeypatch.setattr(results, "all_exhibits", tuple)
    monkeypatch.setattr(results, "readme", lambda text: text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["results", "--check"])
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text("as it is")
    written = page("quick", few, {})
    results.PAGE.write_text(written)
    assert results.main() == 0, capsys.readouterr().out
    assert capsys.readouterr().out.splitlines()[-1] == (
        "3 distinct questions in 5 claims, 2 of them by construction: no difference"
    )
    states = f"{few[0].outcome.states:,}"
    results.PAGE.write_text(written.replace(f"single_owner | {states}", "single_owner | 7"))
    assert results.main() == 1
    assert "the page says" in capsys.readouterr().out
    results.PAGE.write_text(written)
    claims[0] = replace(claims[0], figures=replace(claims[0].figures, states=7))
    assert results.main() == 1
    assert "expected 7 states" in capsys.readouterr().out
    claims[0] = replace(claims[0], figures=Figures(few[0].outcome.states))
    assert results.main() == 1
    assert "has no figures" in capsys.readouterr().out
    monkeypatch.setattr(results, "readme", lambda text: text + "!")
    assert results.main() == 1
    assert results.PAGE.read_text() == written and (tmp_path / "README.md").read_text() == "as it is"


def test_a_full_run_writes_the_page_the_figures_and_the_digests(
    few: list[Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of one run: what the page carries is what tests/digests.txt says of the systems that were decided."""
    claims = tuple(r.claim for r in few if r.claim.expected == "proved" and not r.outcome.by_construction)
    monkeypatch.setattr(results, "all_claims", lambda: claims)
    monkeypatch.setattr(results, "all_exhibits", tuple)
    monkeypatch.setattr(results, "readme", lambda text: text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["results", "--tier", "full", "--pin", "--jobs", "1"])
    for folder in ("docs", "proofs/figures", "tests"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "README.md").write_text("as it is")
    assert results.main() == 0, capsys.readouterr().out
    there = read(results.PAGE.read_text())
    name = figures_key(SMALL)
    assert there.digests == {name: pinned(ROOT / "tests" / "digests.txt")[name]} == pinned()
    assert name in (results.FIGURES / "ownership.py").read_text()


def test_questions_are_counted_once(few: list[Result]) -> None:
    numbers = counted(few)
    assert (numbers.claims, numbers.questions, numbers.by_construction) == (5, 3, 2)
    unknown = [replace(r, outcome=replace(r.outcome, digest="")) for r in few]
    assert counted(unknown).questions == 5  # what nobody searched is a question each


def test_the_night_has_a_page_of_its_own(
    few: list[Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It decides what is left to it alone, carries the digests, and is outdated where they are no longer the tree's."""
    early = few[0].claim
    late = Safety("late", SMALL, no_lost_kick, "proved", tier="night", module="ownership")
    for module in (results, results_page):
        monkeypatch.setattr(module, "all_claims", lambda: (early, late))
        monkeypatch.setattr(module, "all_exhibits", tuple)
    monkeypatch.setattr(results, "readme", lambda text: text)
    monkeypatch.chdir(tmp_path)
    for folder in ("docs", "proofs/figures", "tests"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "README.md").write_text("as it is")
    (tmp_path / "tests" / "digests.txt").write_text("another\tsteps\twhole\n")
    name, of = figures_key(SMALL), pinned(ROOT / "tests" / "digests.txt")[figures_key(SMALL)]
    assert any("results-night.md" in line for line in results.outdated({name: of}))  # as long as it has no page
    monkeypatch.setattr("sys.argv", ["results", "--tier", "night", "--pin", "--jobs", "1"])
    assert results.main() == 0, capsys.readouterr().out
    assert not results.PAGE.exists()
    there = read(results.PAGES["night"].read_text())
    assert there.digests == {name: of} and there.asked() == {(SMALL.name, "no_lost_kick")}
    assert pinned() == {"another": ("steps", "whole"), name: of}
    results.PAGE.write_text(page("full", few[:1], {name: of}))
    assert results.outdated({name: of, "of no claim": ("", "")}) == []
    lines = results.outdated({name: (of[0], "other")})
    assert lines == [f"{p}: {name}: what is asked of it is not what the page is of" for p in results.PAGES.values()][1:]
