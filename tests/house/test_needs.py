"""What a machine lacks is said once, with the command that gets it, and never passes in continuous integration."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from tests import ROOT
from tests.conftest import few_cases
from tests.needs import NEEDS, need, summary


def test_each_missing_thing_is_said_once() -> None:
    """With the number of tests, the most wanted first; other reasons as they are; at last one command for all."""
    lines = summary(["missing: linux, compiler"] * 3 + ["missing: dpkt", "missing: compiler", "the kernel says no"])
    apt, pip = "apt-get install -y --no-install-recommends", f"{sys.executable} -m pip install dpkt"
    assert lines == [
        f"4 tests need a C compiler: {apt} gcc libc6-dev",
        f"3 tests need the kernel's source: {apt} linux-source-6.1 xz-utils",
        f"1 test needs dpkt: {pip}",
        "1 skipped: the kernel says no",
        f"all of them: {apt} gcc libc6-dev linux-source-6.1 xz-utils && {pip}",
    ]


@pytest.mark.parametrize(("most", "kept"), [(1, "a[1] b c[1]"), (2, "a[1] a[2] b c[1] c[3]"), (9, "all")])
def test_few_cases_of_each_test_are_spread_and_no_test_is_lost(most: int, kept: str) -> None:
    """`--cases`, with which .ci/run asks the newest Python."""
    tests = ["a[1]", "a[2]", "b", "c[1]", "c[2]", "c[3]", "c[4]"]
    assert few_cases(tests, most) == (tests if kept == "all" else kept.split())


@pytest.mark.parametrize("name", NEEDS)
def test_what_is_missing_is_a_skip_here_and_a_failure_in_continuous_integration(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(NEEDS, name, replace(NEEDS[name], there=lambda: False))
    monkeypatch.setenv("CI", "")
    with pytest.raises(pytest.skip.Exception, match=f"^missing: {name}$"):
        need(name)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=f"^missing: {name}: .*install"):
        need(name)


def test_continuous_integration_gets_what_is_missing() -> None:
    """Its script installs every package of the system that tests need; those of Python belong to the extras."""
    script, project = (ROOT / ".ci" / "run").read_text(), (ROOT / "pyproject.toml").read_text()
    for one in NEEDS.values():
        assert all(word in script for word in one.apt.split())
        assert all(f'"{word}>=' in project for word in one.pip.split())
