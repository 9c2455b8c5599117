"""Several threads of the native explorer, watched by ThreadSanitizer, while the table grows many times."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.spin_ratio import PROPERTIES, core_system
from vrx.models.engines.native.build import find_compiler
from vrx.models.engines.native.codegen import generate
from vrx.models.symbolic.reading import Reading
from vrx.models.systems.system import System, rx
from vrx.spec.properties import SPINE

MAIN = """
#include <stdio.h>
int main(int argc, char **argv) {
    Search *s = vrx_new((uint32_t)atoi(argv[1]), 0, 1ull << 30, 0);
    int status = RUNNING;
    while (status == RUNNING) status = vrx_run(s, 100);
    printf("%d", status);
    for (int what = 0; what < 4; what++) printf(" %llu", (unsigned long long)vrx_count(s, what));
    for (int action = 0; action < ACTIONS; action++) printf(" %llu", (unsigned long long)vrx_fired(s, action));
    printf(" grown %d", s->lines > LEAST_LINES);
    vrx_free(s);
}
"""
FLAGS = ["-O1", "-g", "-fno-strict-overflow", "-std=gnu11", "-pthread", "-w"]
SMALL_TABLE = ["-DLEAST_LINES=8192u", "-DPIECE=16u"]
"""The fewest lines that work, so that a small search makes the table grow several times; moved in small pieces."""


def build(where: Path, text: str, *flags: str) -> Path:
    """A program that searches to the end and prints what it counted."""
    source, program = where / "search.c", where / f"search{len(flags)}"
    source.write_text(text + MAIN, encoding="utf-8")
    command = [*find_compiler(), *FLAGS, *SMALL_TABLE, *flags, "-o", str(program), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and flags:
        pytest.skip(f"the compiler cannot build for ThreadSanitizer: {done.stderr.strip()[-200:]}")
    assert done.returncode == 0, done.stderr
    return program


def run(program: Path, threads: int) -> str:
    """What one search counted; fails with ThreadSanitizer's report if it has one."""
    env = {**os.environ, "TSAN_OPTIONS": "halt_on_error=1 exitcode=66"}
    done = subprocess.run([str(program), str(threads)], capture_output=True, text=True, env=env, check=False)
    if "unexpected memory mapping" in done.stderr:
        pytest.skip("ThreadSanitizer does not run on this kernel: unexpected memory mapping (vm.mmap_rnd_bits)")
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


CASES: dict[str, tuple[System, Any]] = {
    "core, sc": (core_system(size=1, idx_bits=3), PROPERTIES),
    "core, tso": (core_system(size=1, idx_bits=3, memory="tso"), PROPERTIES),
    "receive path": (rx(idx_bits=2, max_packet=1), SPINE),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_threads_do_not_race(case: str, tmp_path: Path) -> None:
    """One thread, several, and several under ThreadSanitizer count the same."""
    system, properties = CASES[case]
    text = generate(Reading(system), properties).text
    plain, watched = build(tmp_path, text), build(tmp_path, text, "-fsanitize=thread")
    one = run(plain, 1)
    assert one.startswith("1 ") and one.endswith("grown 1"), one
    for threads in (2, 3, 4):
        assert run(plain, threads) == one
    assert run(watched, 2) == one
