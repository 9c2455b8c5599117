"""Mistakes in a target of one's own: what it lacks is said before it runs, what it does wrong is told where it is."""

from __future__ import annotations

import os
import py_compile
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.models.conformance.example import device, text
from vrx.models.conformance.errors import NoTarget
from vrx.models.conformance.main import conform
from vrx.models.conformance.memory import SharedFile
from vrx.models.conformance.protocol import QueueDriver, Setup, Taken, Unsupported, setup
from vrx.models.conformance.search import search
from vrx.models.conformance.targets.model.spec_driver import SpecDriver
from vrx.models.conformance.worker import supervisor
from vrx.models.conformance.worker.locate import locate
from vrx.models.conformance.worker.own_target import OPTIONS, UNASKED, Raised, made_by
from vrx.proofs.command.cli import main

Device: Any = device()


def without(name: str) -> type[Any]:
    """The device, but for one method."""

    def hidden(self: Any, asked: str) -> Any:
        if asked == name:
            raise AttributeError(asked)
        return object.__getattribute__(self, asked)

    return type("Lacks", (Device,), {"__getattribute__": hidden})


def gives(**methods: Any) -> type[Any]:
    return type("Other", (Device,), methods)


class Whole:
    """A driver that posts and takes by itself."""

    can = frozenset[str]()

    def start(self, setup: Setup) -> None: ...
    def interrupt(self) -> None: ...
    def kicks(self) -> None: ...


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        *((without(name), f"has no method {name}()") for name in ("kick", "settle", "interrupts", "close", "version")),
        (without("inject"), "a device has inject(frame), a driver post(segments, token)"),
        (Whole, "is a whole driver, and vrx has no device yet"),
        (5, "name a class, or a function"),
        (gives(__init__=lambda self, path: None), "is made without arguments"),
        (gives(inject=lambda self: None), "inject() is called with 1 arguments"),
        (gives(__init__=lambda self: None), "memory is none"),
        (gives(can=None), "can is None"),
        (gives(can={"stpos"}), "did you mean steps or stop?"),
        (gives(can={"steps"}), 'no method steps(), though "steps" is in can'),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_before_anything_runs(kind: Any, said: str) -> None:
    with pytest.raises(NoTarget) as refused:
        made_by(kind, "my.py:Mine")
    assert said in str(refused.value) and "my.py:Mine" in str(refused.value)


def test_the_example_and_what_comes_with_vrx_are_targets() -> None:
    assert made_by(Device, "x").side == made_by(lambda: Device(), "x").side == "device"
    assert made_by(SpecDriver, "x").side == "driver"


def test_every_method_that_need_not_be_there_is_one_of_the_protocols() -> None:
    assert set(OPTIONS["prepare"]) | {"delivered", "enable_delayed"} <= {n for n in dir(QueueDriver) if n in UNASKED}


@pytest.mark.parametrize(
    ("method", "given", "said"),
    [
        ("version", None, "version() returns None: use a text"),
        ("broken", None, "broken() returns None: use True or False"),
        ("interrupts", "1", "interrupts() returns '1': use a number"),
        ("setups", 5, "setups() returns 5: use a list"),
        ("setups", [], "setups() returns []: use a list"),
        ("setups", [4], "setups() has 4, which is no setup(...)"),
    ],
)
def test_what_a_method_returns_is_looked_at(method: str, given: object, said: str) -> None:
    target: Any = made_by(gives(**{method: lambda self: given}), "my.py:Mine")
    with pytest.raises(NoTarget) as refused:
        getattr(target, method)()
    assert said in str(refused.value)


@pytest.mark.parametrize(("method", "given"), [("take", (1, 64)), ("start", None), ("post", None)])
def test_what_a_driver_returns_is_looked_at(method: str, given: object) -> None:
    kind = type("Mine", (SpecDriver,), {method: lambda self, *arguments: given})
    target: Any = made_by(kind, "my.py:Mine")
    arguments: list[Any] = {"take": list[Any](), "start": [setup(2)], "post": [[], 1]}[method]
    with pytest.raises(NoTarget, match=f"{method}\\(\\) returns"):
        getattr(target, method)(*arguments)


def test_a_queue_that_gives_back_is_believed() -> None:
    kind = type("Mine", (SpecDriver,), {"take": lambda self: Taken(1, 64)})
    assert made_by(kind, "x").take() == (1, 64)


def test_an_exception_in_a_target_is_a_crash_that_says_where() -> None:
    """Equal for all that come from there, whatever their text says; what a target raises to say something stays."""
    target: Any = made_by(gives(settle=lambda self: [][self.done]), "my.py:Mine")
    target._target.done = 3
    with pytest.raises(Raised) as raised:
        target.settle()
    assert "settle() raises IndexError: test_own_target.py, line" in str(raised.value)
    assert raised.value.summary == str(raised.value).rpartition(": ")[0]

    def refuses(self: Any, *arguments: Any) -> None:
        raise Unsupported("not today")

    with pytest.raises(Unsupported):
        made_by(gives(start=refuses), "x").start(None, None)


WRONG = """
import os

class Late(TinyDevice):
    frames_so_far = 0
    def inject(self, frame):
        self.frames_so_far += 1
        if self.frames_so_far > 20:
            raise KeyError(self.frames_so_far)
        super().inject(frame)

class Leaves(TinyDevice):
    def inject(self, frame):
        os._exit(0)

class Loops(TinyDevice):
    def inject(self, frame):
        while True:
            pass

class Never(TinyDevice):
    def start(self, setup, queue):
        from vrx.models.conformance.protocol import Unsupported
        raise Unsupported("not today")
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Beside the device that it is made from: what stands beside a file is its own."""
    (tmp_path / "tiny_device.py").write_text(text())
    path = tmp_path / "own.py"
    path.write_text("from tiny_device import TinyDevice\n" + WRONG)
    return path


@pytest.mark.parametrize(("name", "seen"), [("Late", "inject() raises KeyError: own.py"), ("Leaves", "exit status 0")])
def test_what_ends_a_target_is_a_finding_with_its_scenario(own: Path, name: str, seen: str) -> None:
    report = conform(f"{own}:{name}", examples=2, saved=str(own.parent))
    (found,) = report.new
    assert found.deviation.clause == "crash" and seen in found.deviation.seen and not report.ended
    assert found.deviation.expected == "the implementation goes on"


def test_one_that_hangs_ends_the_run_with_what_was_found(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not waited for again and again, and the exit status is that of a deviation."""
    monkeypatch.setattr(supervisor, "LIMIT", 1.0)
    monkeypatch.setattr(search, "AFTER_A_HANG", 0.2)
    monkeypatch.setattr(search, "MOST_HANGS", 3)
    report = conform(f"{own}:Loops", examples=1, saved=str(own.parent))
    assert [f.deviation.clause for f in report.new] == ["hang"] and report.status == 1
    assert report.ended == "3 scenarios found no end: nothing more was tried"
    assert f"ended     {report.ended}" in report.text()


def test_one_that_takes_nothing_is_not_one_that_keeps_the_rules(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conform", f"{own}:Never", "--examples", "1", "--save", str(own.parent)]) == 2
    assert "ended     nothing was tested: not today" in capsys.readouterr().out
    assert main(["conform", f"{own}:Never", "--soak", "100"]) == 2
    assert "takes none of its configurations: not today" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("import sys\nsys.exit(4)", "ends the process when it is loaded: sys.exit(4)"),
        ("import os\nos.abort()", "ended while it was loaded: signal SIGABRT"),
        ("class X:\n  def (", "SyntaxError: invalid syntax"),
        ("import nothing_there", "ModuleNotFoundError: No module named 'nothing_there'"),
        ("class MyDevice: pass", "did you mean MyDevice?"),
        ("raise ValueError('two\\nlines')", "ValueError: two lines"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_one_line(
    content: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "own.py"
    path.write_text(content)
    assert main(["conform", f"{path}:MyDevic"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("vrx: ") and err.count("\n") == 1 and said in err


@pytest.mark.parametrize("compiled", [False, True])
def test_a_file_that_was_edited_at_once_is_the_new_one(
    tmp_path: Path, compiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python's own cache of a module goes by its second and its size, and so would that of what stands beside it."""
    mine, beside = tmp_path / "mine.py", tmp_path / "own_beside.py"
    found = []
    for n in (1, 2):
        mine.write_text(f"from own_beside import VERSION\nMine = {n}, VERSION\n")
        beside.write_text(f"VERSION = {n}\n")
        for file in (mine, beside):
            os.utime(file, (1_700_000_000, 1_700_000_000))
            if compiled and n == 1:
                py_compile.compile(str(file))
        monkeypatch.delitem(sys.modules, "own_beside", raising=False)  # each target has a process of its own
        with pytest.raises(NoTarget) as refused:
            locate(f"{mine}:Mine").make()
        found.append(str(refused.value))
    assert "(1, 1)" in found[0] and "(2, 2)" in found[1]
    assert compiled or not (tmp_path / "__pycache__").exists()


def test_memory_comes_from_a_shared_file() -> None:
    """What the error about missing memory says to write is memory."""
    kind = gives(__init__=lambda self: setattr(self, "memory", SharedFile(16 << 20).memory()))
    assert made_by(kind, "x").side == "device"
