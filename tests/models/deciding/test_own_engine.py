"""What a claim's own engine found out stands only where nothing has changed that it rests on."""

from __future__ import annotations

import importlib
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from vrx.models.claims import Outcome, Sentence, Statement
from vrx.models.deciding import described, many_claims, own_engine, source_closure
from vrx.models.deciding.described import described as describe
from vrx.models.deciding.own_engine import Answer, answer_digest
from vrx.models.deciding.source_closure import NoDigest
from vrx.models.systems.system import rx
from vrx.models.terminal import cache, started
from vrx.proofs import all_claims
from vrx.spec.properties import single_owner

FILES = {
    "__init__": "",
    "lemmas": 'BOUND = 3\n\ndef lemma(k):\n    """Holds."""\n    return k < BOUND\n',
    "engine": (
        "from vrx_own import tables\n\ndef engine(lemma):\n    from vrx_own.lemmas import lemma\n    return lemma(2)\n"
    ),
    "tables": "SIZES = (1, 2)\n",
    "beside": "SIZE = 1\n",
    "decider": (
        "from vrx.models.claims import Outcome\n"
        "from vrx_own import engine, front\n\n"
        "def deciding(depth, lemma=None):\n"
        "    def decide(claim):\n"
        "        return Outcome('proved' if engine.engine(lemma) else 'refuted', 'own', steps=depth)\n"
        "    return decide\n\n"
        "if __name__ == '__main__':\n    front.main()\n"
    ),
    "front": "def main():\n    pass\n",
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of a decider, of what it imports, and of what it does not; written before the run began."""
    folder = tmp_path / "vrx_own"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield folder
    _forget()


def _forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "vrx_own"]:
        del sys.modules[name]
    importlib.invalidate_caches()
    for one in vars(source_closure).values():
        if hasattr(one, "cache_clear"):
            one.cache_clear()
    own_engine._tools.cache_clear()
    described._known.clear()


def again(monkeypatch: pytest.MonkeyPatch, **options: object) -> Statement:
    """The claim as a run has it that begins now."""
    _forget()
    monkeypatch.setattr(started, "STARTED", time.time() + 10)  # files of just now are older than the run
    decider = importlib.import_module("vrx_own.decider")
    return Statement(
        "own", None, Sentence("it_is_so", "It is so."), "proved", decide=decider.deciding(7, **options), module="m"
    )


def edited(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / f"{name}.py"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("lemmas", "k < BOUND", "k <= BOUND"),  # a lemma
        ("lemmas", "BOUND = 3", "BOUND = 4"),  # a constant that no function of the decider names
        ("engine", "lemma(2)", "lemma(1)"),  # the engine
        ("tables", "(1, 2)", "(1, 2, 4)"),  # what only the engine imports
        ("decider", "'own'", "'mine'"),  # the decider
        ("__init__", "", "import sys\n"),  # the package that all of it is in
    ],
)
def test_what_matters_makes_it_be_decided_again(
    package: Path, monkeypatch: pytest.MonkeyPatch, name: str, old: str, new: str
) -> None:
    before = answer_digest(again(monkeypatch))
    edited(package, name, old, new)
    assert before and answer_digest(again(monkeypatch)) not in ("", before)


def test_what_nothing_rests_on_moves_nothing(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = answer_digest(again(monkeypatch))
    edited(package, "lemmas", "Holds.", "Holds, and how.")
    edited(package, "lemmas", "BOUND = 3", "# of the ring\n\nBOUND = 3")
    edited(package, "beside", "1", "2")  # imported by nobody
    edited(package, "front", "pass", "return 1")  # needed by nobody but who runs the file
    assert before and answer_digest(again(monkeypatch)) == before


def test_a_file_of_another_kind_counts(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = answer_digest(again(monkeypatch))
    (package / "runtime.c").write_text("int bound = 3;")
    assert answer_digest(again(monkeypatch)) not in ("", before)


def test_a_name_that_is_computed_reaches_all(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edited(package, "engine", "from vrx_own import tables", "from importlib import import_module")
    edited(package, "engine", "return lemma(2)", "return import_module('vrx_own.' + 'beside').SIZE")
    before = answer_digest(again(monkeypatch))
    edited(package, "beside", "1", "2")
    assert before and answer_digest(again(monkeypatch)) not in ("", before)


def test_the_claim_itself_counts(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name, what is asked, the verdict, the system, and what its engine closes over."""
    claim = again(monkeypatch)
    deciding = importlib.import_module("vrx_own.decider").deciding
    lemma = importlib.import_module("vrx_own.lemmas").lemma
    others = [
        replace(claim, name="other"),
        replace(claim, asks=Sentence("it_is_so", "It is not.")),
        replace(claim, expected="refuted"),
        replace(claim, system=rx()),
        replace(claim, system=rx(size=2)),
        replace(claim, system=rx().without("virtqueue_poll__mb")),
        replace(claim, decide=deciding(8)),
        replace(claim, decide=deciding(7, lemma)),
        replace(claim, decide=deciding(7, lambda k: k < 3)),
        replace(claim, decide=deciding(7, lambda k: k < 4)),
        replace(claim, decide=deciding(7, single_owner)),
    ]
    digests = [answer_digest(c) for c in (claim, *others)]
    assert all(digests) and len(set(digests)) == len(digests)


def test_the_tools_count(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Solvers, the C compiler, Python: each in another version is another run."""
    found = [answer_digest(again(monkeypatch))]
    real = metadata.version
    edited(package, "engine", "from vrx_own import tables", "from vrx_own import tables\nimport z3")
    found.append(answer_digest(again(monkeypatch)))
    for name, value in (("version", lambda n: "99" if n == "z3-solver" else real(n)),):
        with monkeypatch.context() as patch:
            patch.setattr(metadata, name, value)
            found.append(answer_digest(again(monkeypatch)))
    for module, what, now in (
        (own_engine, "solver_version", lambda: "another bitwuzla"),
        (own_engine, "identity", lambda command: "another compiler"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(module, what, now)
            found.append(answer_digest(again(monkeypatch)))
    with monkeypatch.context() as patch:
        patch.setattr(sys, "version", "3.99")
        found.append(answer_digest(again(monkeypatch)))
    assert all(found) and len(set(found)) == len(found)


def test_what_changes_while_a_run_goes_on_is_not_kept(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read is not what stands there now: the answer is of the one, its digest would be of the other."""
    claim = again(monkeypatch)
    place = Answer(claim)
    monkeypatch.setattr(started, "STARTED", time.time() - 10)
    place.put(Outcome("proved", "own"))
    assert place.get() is None and answer_digest(claim) == ""
    _forget()
    with pytest.raises(NoDigest, match="has changed since this run began"):
        Answer(claim)


def test_a_time_that_was_set_back_deceives_nobody(tmp_path: Path) -> None:
    file = tmp_path / "edited.py"
    file.write_text("")
    os.utime(file, (0, 0))
    assert started.changed_since(file) and started.changed_since(tmp_path / "gone.py")
    assert not started.changed_since(Path(source_closure.__file__)) or time.time() - started.STARTED < 3600


def test_an_answer_is_taken_only_where_it_is_asked_for(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = again(monkeypatch)
    assert [r.outcome.engine for r in many_claims.prove([claim])] == ["own"]
    assert [r.outcome.engine for r in many_claims.prove([claim])] == ["own"]
    (kept,) = many_claims.prove([claim], resume=True)
    assert kept.ok and kept.outcome.engine == "own, kept" and kept.outcome.steps == 7
    edited(package, "lemmas", "k < BOUND", "k > BOUND")
    (anew,) = many_claims.prove([again(monkeypatch)], resume=True)
    assert (anew.outcome.verdict, anew.outcome.engine, anew.ok) == ("refuted", "own", False)


@pytest.mark.parametrize("spoil", [lambda kept: {}, lambda kept: [], lambda kept: {**kept, "seal": "0"}, None])
def test_a_spoiled_answer_is_none(
    package: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[object], object] | None
) -> None:
    place = Answer(again(monkeypatch))
    place.put(Outcome("refuted", "own", 3, 4, 5))
    assert place.get() == Outcome("refuted", "own, kept", 3, 4, 5)
    text = place._path.read_text()
    if spoil is None:
        place._path.write_text(text.replace("refuted", "proved!"))
    else:
        cache.write(place._path, spoil(cache.read(place._path)))
    assert place.get() is None


@pytest.mark.parametrize("found", [Outcome("undecided", "own", why="time"), Outcome("refuted", "own", fault=True)])
def test_what_is_no_answer_is_not_kept(package: Path, monkeypatch: pytest.MonkeyPatch, found: Outcome) -> None:
    place = Answer(again(monkeypatch))
    place.put(found)
    assert place.get() is None


def test_what_cannot_be_described_has_no_digest(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = again(monkeypatch)
    deciding = importlib.import_module("vrx_own.decider").deciding
    for one in (iter(()), sys.stdout, (n for n in (1,)), re.compile("a"), object().__str__, bytearray(b"a")):
        assert answer_digest(replace(claim, decide=deciding(one))) == ""
        with pytest.raises(NoDigest):
            describe([one])


def test_a_class_that_was_made_on_the_way_is_what_it_holds() -> None:
    def made(bound: int) -> type:
        class Lemma:
            def holds(self, k: int) -> bool:
                return k < bound

        return Lemma

    found = [describe(one).digest for n in (1, 2) for one in (made(n), made(n)(), [made(n)])]
    assert len(set(found)) == len(found) and describe(made(1)).digest == found[0]


def test_a_circle_is_described_to_its_end(package: Path) -> None:
    """Two functions that know each other: what changes in one changes what is said of the other."""

    def pair(bound: int) -> Callable[[int], bool]:
        def even(n: int) -> bool:
            return n == bound or odd(n - 1)

        def odd(n: int) -> bool:
            return n != bound and even(n - 1)

        return odd

    assert describe(pair(0)).digest != describe(pair(1)).digest
    first, second = pair(2), pair(3)
    assert first.__closure__ and second.__closure__
    inner = [next(c.cell_contents for c in f.__closure__ or () if callable(c.cell_contents)) for f in (first, second)]
    assert describe(inner[0]).digest != describe(inner[1]).digest


def test_every_claim_with_an_engine_of_its_own_has_a_digest() -> None:
    """Of this tree: none is decided again for want of one, and no two have one digest."""
    claims = [c for c in all_claims() if c.decide is not None]
    told = {c.name: describe((type(c), c.asks, c.system, c.decide)) for c in claims}
    for modules in {one.modules for one in told.values()}:
        try:
            source_closure.closure(modules)
        except NoDigest as error:
            assert "has changed since this run began" in str(error)


