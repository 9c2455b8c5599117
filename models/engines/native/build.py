"""Compiling generated C, once for each content and compiler: the libraries are kept in the cache."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from vrx.models.terminal.cache import cache_dir, fingerprint, intact, moved, own_dir, seal

FLAGS = ("-O1", "-fno-strict-overflow", "-std=gnu11", "-shared", "-fPIC", "-pthread", "-w")
"""-O1: the search waits for memory, not for arithmetic; -O2 runs no faster and takes longer to compile."""
HASTY = ("-O0", *FLAGS[1:])
"""For a search that takes less time than it takes to compile it well: half the time to compile, four times to run."""
PARTS = ("STEPS", "SEARCH")
"""The halves of a generated file."""
LARGE = 150_000
"""Characters of a generated file from which on it is compiled in halves: for less it does not pay."""


class NoCompiler(RuntimeError):
    """There is no C compiler; the text says what to install."""


class CompilerFailed(RuntimeError):
    """The C compiler did not accept a generated file: a fault of the generator, or of the compiler's installation."""


def find_compiler() -> list[str]:
    """The command of a C compiler: $CC, else cc, gcc or clang, else the one in the package ziglang."""
    wanted = shlex.split(os.environ.get("CC", ""))
    if wanted:
        if shutil.which(wanted[0]):
            return wanted
        raise NoCompiler(
            f"CC={os.environ['CC']}: there is no such program; unset CC, or set it to a C compiler that is installed"
        )
    for name in ("cc", "gcc", "clang"):
        if shutil.which(name):
            return [name]
    if importlib.util.find_spec("ziglang"):
        return [sys.executable, "-m", "ziglang", "cc"]
    raise NoCompiler(
        "the native explorer needs a C compiler and found none (cc, gcc, clang, ziglang): "
        "`apt-get install gcc`, or `pip install 'vrx[zig]'`"
    )


def identity(command: list[str]) -> str:
    """What tells one compiler from another without running it: its command, its file, that file's size and date."""
    program = os.path.realpath(shutil.which(command[0]) or command[0])
    try:
        about = os.stat(program)
    except OSError:
        return " ".join(command)
    return f"{' '.join(command)} {program} {about.st_size} {about.st_mtime_ns} {os.uname().machine}"


def compiled(text: str, flags: tuple[str, ...] = FLAGS, parts: tuple[str, ...] = ()) -> ctypes.CDLL:
    """The library of a C file, from the cache or compiled now.  What the flags name is taken to stay as it is.

    parts: macros, each of which leaves a part of the file; the parts are compiled at the same time
    A library ends in a digest of itself: one that was cut short or spoiled is built again, never loaded.
    """
    command = [*find_compiler(), *flags]
    target = cache_dir() / f"{fingerprint(identity(command), text)}.so"
    if not intact(target):
        _build(command, text, target, parts)
    try:
        return ctypes.CDLL(str(target))
    except OSError:  # whole, but not loadable here: the home of another machine, a cache on a noexec file system
        target = own_dir() / target.name
        _build(command, text, target, parts)
        return ctypes.CDLL(str(target))


def _build(command: list[str], text: str, target: Path, parts: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        made = Path(work) / "system.so"
        source = Path(work) / "system.c"
        source.write_text(text, encoding="utf-8")
        objects = [str(Path(work) / f"{part}.o") for part in parts]
        wanted = [[f"-D{part}", "-c", "-o", there, str(source)] for part, there in zip(parts, objects, strict=True)]
        for together in (wanted, [["-o", str(made), *(objects or [str(source)])]]):
            _run([[*command, *options] for options in together])
        seal(made)
        moved(made, target)


def _run(commands: list[list[str]]) -> None:
    """Run compilers at the same time."""
    pipe = subprocess.PIPE
    running = [subprocess.Popen(c, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True) for c in commands]
    for run, command, (_, said) in zip(running, commands, [r.communicate() for r in running], strict=True):
        if run.returncode:
            raise CompilerFailed(f"{shlex.join(command)} failed:\n{said.strip()[-2000:]}")
