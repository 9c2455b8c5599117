"""What every test starts from: draws that repeat themselves, a cache of its own, and what a skip means."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.needs import need, summary
from vrx.models.conformance.search import corpus
from vrx.models.engines.native.build import NoCompiler

# A shell that starts the tests in the background has SIGINT ignored, programs inherit that, and Python then leaves
# Ctrl-C alone: the tests of Ctrl-C would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _copied(there: Path, to: Path) -> None:
    """Copy compiled C, which is named by its text and its compiler, and nothing else of a cache."""
    to.mkdir(parents=True, exist_ok=True)
    for made in there.glob("*.so"):
        if not (to / made.name).exists():
            shutil.copy2(made, to / made.name)


# The user's cache is neither read nor written.  Processes that pytest-xdist starts share that of the first one.
# .ci/run names a folder in which the tests with one Python leave what they compiled to those with the next.
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="vrx-tests-")
    atexit.register(shutil.rmtree, os.environ["XDG_CACHE_HOME"], ignore_errors=True)
    if _libraries := os.environ.pop("VRX_TESTS_LIBRARIES", ""):  # not for tests that tests start
        _cache = Path(os.environ["XDG_CACHE_HOME"]) / "vrx"
        _copied(Path(_libraries), _cache)
        atexit.register(_copied, _cache, Path(_libraries))  # what is registered last runs first

# The tests that gate a change draw the same every time, whatever the clock, the machine and earlier runs say.
# `make soak` searches: it takes the other profile, and a seed.
settings.register_profile(
    "gate", derandomize=True, database=None, deadline=None, print_blob=False,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
settings.register_profile("soak", settings.get_profile("gate"), derandomize=False)
settings.load_profile("gate")
# Hypothesis also draws numbers that stand in modules imported so far, which depends on the order of the tests.
with contextlib.suppress(ImportError):  # releases that do not
    from hypothesis.internal.conjecture import providers
    from hypothesis.internal.constants_ast import Constants

    providers._get_local_constants = Constants


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*names): skipped where the machine lacks one of them (tests/needs.py)")
    config.addinivalue_line("markers", "slow: takes long, or asks what no Python changes: left out of the quick tests")
    config.addinivalue_line("markers", "draws: draws at random; `make soak` runs it with other seeds")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--cases", type=int, default=0, metavar="N",
        help="of a test with many cases run N, spread over all: for what each case shows, such as another Python",
    )  # fmt: skip


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    for item in items:
        if " at 0x" in item.nodeid:  # each process would call it otherwise, and run nothing
            raise pytest.UsageError(f"{item.nodeid}: the name of a case has an address; give it one by `ids=`")
        if item.get_closest_marker("hypothesis"):
            item.add_marker("draws")
    yield  # what -m and -k leave out, goes
    if most := config.getoption("--cases"):
        kept = {*few_cases([item.nodeid for item in items], most)}
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in kept])
        items[:] = [item for item in items if item.nodeid in kept]


def few_cases(tests: list[str], most: int) -> list[str]:
    """Of the cases of each test at most so many, the first among them and the others as far apart as can be.

    tests: as pytest names them, `tests/test_a.py::test_one[case]`
    """
    cases: dict[str, list[str]] = {}
    for test in tests:
        cases.setdefault(test.partition("[")[0], []).append(test)
    return [of[n * len(of) // few] for of in cases.values() for few in [min(most, len(of))] for n in range(few)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    need(*(name for marker in item.iter_markers("needs") for name in marker.args))
    with _compiler_needed():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    with _compiler_needed():
        yield


@contextlib.contextmanager
def _compiler_needed() -> Iterator[None]:
    """Most tests search at some point, and nearly every search is native: those that say so need no marker."""
    try:
        yield
    except NoCompiler:
        need("compiler")
        raise


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section("left out on this machine")
        reasons = (r.longrepr[2] if isinstance(r.longrepr, tuple) else str(r.longrepr) for r in skipped)
        for line in summary(reason.removeprefix("Skipped: ") for reason in reasons):
            terminalreporter.write_line(line)


@pytest.fixture(autouse=True)
def _no_findings_of_others(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A run of `vrx conform` tries first what earlier ones have found: here no test knows of another."""
    made: list[Path] = []

    def cache_dir() -> Path:
        if not made:
            made.append(tmp_path_factory.mktemp("cache"))
        return made[0]

    monkeypatch.setattr(corpus, "cache_dir", cache_dir)
    yield
