"""What is kept on disk: a name for each content, whole or as good as none, and not for ever."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from vrx.models.terminal import cache

DAY = 24 * 3600


@pytest.fixture(autouse=True)
def _own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def aged(path: Path, days: float) -> None:
    """Make an entry look as if nobody had asked for it so long."""
    then = time.time() - days * DAY
    os.utime(path, (then, then))


def test_another_part_is_another_name() -> None:
    names = {cache.fingerprint(*parts) for parts in (("a", "b"), ("ab",), ("a", "b", ""), ("b", "a"))}
    assert len(names) == 4


def test_another_text_is_another_digest(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    source = tmp_path / "sources" / "one.py"
    source.write_text("a = 1\n")
    before = cache.of_files([tmp_path / "sources"])
    (tmp_path / "sources" / "notes.txt").write_text("not a source")
    assert cache.of_files([source]) == cache.of_files([tmp_path / "sources"]) == before
    source.write_text("a = 2\n")
    assert cache.of_files([source]) != before


def test_what_is_damaged_is_as_good_as_none() -> None:
    place = cache.cache_dir() / "kind" / "entry.json"
    assert cache.read(place) is None
    cache.write(place, {"found": [1, 2]})
    assert cache.read(place) == {"found": [1, 2]}
    assert [p.name for p in place.parent.iterdir()] == ["entry.json"]
    for spoiled in (b"", b'{"found": [1', b"\xff\xfe"):
        place.write_bytes(spoiled)
        assert cache.read(place) is None
    cache.write(place, {"found": [1, 2]})
    whole = place.read_bytes()
    place.write_bytes(whole.replace(b"1, 2", b""))  # JSON all the same
    assert cache.read(place) is None
    other = place.with_name("other.json")
    other.write_bytes(whole)
    assert cache.read(other) is None, "what was kept of something else"


def test_a_sealed_entry_is_known_to_be_whole() -> None:
    place = cache.cache_dir() / "library.so"
    assert not cache.intact(place)
    place.write_bytes(b"content")
    cache.seal(place)
    assert cache.intact(place)
    whole = place.read_bytes()
    for spoiled in (b"", whole[:-1], b"C" + whole[1:], whole[7:]):
        place.write_bytes(spoiled)
        assert not cache.intact(place)


def test_what_nobody_asks_for_goes_and_nothing_else() -> None:
    cache._without_old.cache_clear()
    folder = cache.cache_dir() / "kind"
    old, asked, young, other = (folder / name for name in ("old.json", "asked.json", "young.json", "other.proved"))
    for path in (old, asked, young):
        cache.write(path, path.name)
    cache.append(other, "a line")
    for path in (old, asked, other):
        aged(path, cache.DAYS + 1)
    aged(young, cache.DAYS - 1)
    assert cache.read(asked) == "asked.json"
    cache._without_old.cache_clear()  # another process
    cache.write(folder / "new.json", "new")
    assert {p.name for p in folder.iterdir()} == {"asked.json", "young.json", "other.proved", "new.json"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_keeps_nothing() -> None:
    folder = cache.cache_dir() / "kind"
    folder.mkdir(mode=0o500)
    cache.write(folder / "entry.json", 1)
    cache.append(folder / "entry.proved", "line")
    assert cache.read(folder / "entry.json") is None and cache.lines(folder / "entry.proved") == []


def test_a_place_that_is_no_folder_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert cache.cache_dir() == cache.own_dir()
    cache.write(tmp_path / "file" / "kind" / "entry.json", 1)
    cache.append(tmp_path / "file" / "kind" / "entry.proved", "line")
