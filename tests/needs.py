"""What tests need that a machine may lack: without it a visible skip, and a failure in continuous integration.

`@pytest.mark.needs("compiler")`, or `need("qemu")` where only the test knows.  The end of a run says each missing thing
once, with the number of tests and the command that gets it.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from shutil import which

import pytest

from vrx.models.conformance.errors import Missing
from vrx.models.conformance.targets.linux_vring import source as linux_source
from vrx.models.conformance.targets.qemu import process as qemu_process
from vrx.models.conformance.worker.supervisor import Worker
from vrx.models.engines.native.build import NoCompiler, find_compiler

REASON = "missing: "
"""How the reason of such a skip begins; the names of what is missing follow."""


@dataclass(frozen=True)
class Need:
    """Something to install.  there: is it; what: as people call it; apt, pip: its packages"""

    what: str
    there: Callable[[], bool]
    apt: str = ""
    pip: str = ""

    @property
    def command(self) -> str:
        """How to get it."""
        return command([self])


def compiler() -> bool:
    """Is there a C compiler?"""
    try:
        return bool(find_compiler())
    except NoCompiler:
        return False


def module(name: str) -> Need:
    """A package of Python."""
    return Need(name, lambda: find_spec(name) is not None, pip=name)


NEEDS = {
    "compiler": Need("a C compiler", compiler, apt="gcc libc6-dev"),
    "spin": Need("Spin", lambda: which("spin") is not None, apt="spin"),
    "linux": Need("the kernel's source", linux_source.TARBALL.exists, apt=f"{linux_source.PACKAGE} xz-utils"),
    "qemu": Need("QEMU", lambda: which(qemu_process.PROGRAM) is not None, apt=qemu_process.PACKAGE),
    "dpkt": module("dpkt"),
    "matplotlib": module("matplotlib"),
    "bitwuzla": module("bitwuzla"),
    "mkdocs": module("mkdocs"),
}
TARGETS = {
    "linux-vring": ("linux", "compiler"),
    "qemu": ("qemu",),
    "qemu-pci": ("qemu",),
    "linux-qemu": ("linux", "compiler", "qemu"),
    "spec-driver": (),
    "spec-device": (),
}
"""What the targets of `vrx conform` need."""


def command(needs: Iterable[Need]) -> str:
    """The one command that gets them all."""
    apt, pip = set[str](), set[str]()
    for one in needs:
        apt.update(one.apt.split())
        pip.update(one.pip.split())
    parts = [f"apt-get install -y --no-install-recommends {' '.join(sorted(apt))}"] if apt else []
    return " && ".join([*parts, f"{sys.executable} -m pip install {' '.join(sorted(pip))}"] if pip else parts)


def need(*names: str) -> None:
    """Skip the test, and fail it in continuous integration, without one of these: names of `NEEDS`, or targets."""
    wanted = dict.fromkeys(n for name in names for n in TARGETS.get(name, (name,)))
    lacking = [n for n in wanted if not NEEDS[n].there()]
    if lacking:
        _without(REASON + ", ".join(lacking), command(NEEDS[n] for n in lacking))
    for name in names:
        if why := _fails_to_start(name) if name in TARGETS else "":
            _without(why, "")


@cache
def _fails_to_start(target: str) -> str:
    """What the target lacks although its packages are there, in one line; empty if it runs."""
    try:
        with Worker(target) as worker:
            worker.about()
    except Missing as error:
        return str(error)
    return ""


def _without(why: str, how: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{why}: {how}" if how else why, pytrace=False)
    pytest.skip(why)


def summary(reasons: Iterable[str]) -> list[str]:
    """The reasons of skips, each once: how many tests, what is missing, how to get it; at last how to get it all."""
    counted: Counter[str] = Counter()
    missing: set[str] = set()
    for reason in reasons:
        names = reason.removeprefix(REASON).split(", ") if reason.startswith(REASON) else []
        missing.update(names)
        counted.update(names or [reason])
    lines = []
    for name, count in counted.most_common():
        tests = f"{count} test needs" if count == 1 else f"{count} tests need"
        if name in missing:
            lines.append(f"{tests} {NEEDS[name].what}: {NEEDS[name].command}")
        else:
            lines.append(f"{count} skipped: {name}")
    if len(missing) > 1:
        lines.append(f"all of them: {command(NEEDS[name] for name in sorted(missing))}")
    return lines
