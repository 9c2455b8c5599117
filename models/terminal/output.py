"""How a command ends, how far it is, and the files that it writes."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from pathlib import Path
from typing import Any, TextIO

OK, DIFFERS, USAGE, UNDECIDED = 0, 1, 2, 3
"""Exit statuses."""


class Progress:
    """One line at the bottom of a terminal, rewritten as work goes on; nothing in a pipe."""

    def __init__(self, total: int, what: str, stream: TextIO | None = None) -> None:
        self.stream = stream if stream is not None else sys.stderr
        self.on = self.stream.isatty()
        self.total, self.what, self.done, self.now = total, what, 0, ""

    def searching(self, system: str, states: int, depth: int) -> None:
        """A search has got this far."""
        self.now = f"{states:,} states, depth {depth}: {system}"
        self._draw()

    def counting(self, done: int, steps: int) -> None:
        """A simulation has got this far."""
        self.done, self.now = done, f"{steps:,} steps"
        self._draw()

    def line(self, text: str, out: TextIO, done: int = 1) -> None:
        """Print a line of results above the progress."""
        self.clear()
        print(text, file=out, flush=True)
        self.done += done
        self._draw()

    def clear(self) -> None:
        """Take the line of progress away."""
        if self.on:
            self.stream.write("\r\x1b[2K")
            self.stream.flush()

    def _draw(self) -> None:
        if self.on:
            width = os.get_terminal_size(self.stream.fileno()).columns or 80
            text = f"{self.done}/{self.total} {self.what}  {self.now}"
            self.stream.write("\r\x1b[2K" + text[: width - 1])
            self.stream.flush()


def count_from_1(text: str) -> int:
    """An option's value that is a number from 1 on."""
    n = int(text) if text.isascii() and text.isdigit() else 0
    if n < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return n


def seconds(text: str) -> float:
    """An option's value that is a time."""
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return value


def install(extra: str) -> str:
    """The command that gets an extra of this tool, for the very Python that it runs with."""
    here = Path(sys.executable)
    shown = here.relative_to(Path.cwd()) if here.is_relative_to(Path.cwd()) else here
    return f"{shlex.quote(str(shown))} -m pip install 'vrx[{extra}]'"


class Usage(Exception):
    """What the user asked for cannot be done; the text is one line."""


class CannotWrite(Exception):
    """A file that the user named cannot be written; the text is one line."""


def writable(path: str) -> str:
    """The path, or CannotWrite: said before the work begins, not after.  `-` is standard output."""
    place = Path(path)
    if path == "-" or (place.exists() and not place.is_dir() and os.access(place, os.W_OK)):
        return path
    if place.is_dir():
        raise CannotWrite(f"cannot write {path}: it is a directory")
    if not place.parent.is_dir():
        raise CannotWrite(f"cannot write {path}: there is no directory {place.parent}")
    if place.exists() or not os.access(place.parent, os.W_OK | os.X_OK):
        raise CannotWrite(f"cannot write {path}: not allowed")
    return path


def write(path: str, text: str) -> None:
    """Write a file, or to standard output for `-`."""
    if path == "-":
        sys.stdout.write(text)
        return
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotWrite(f"cannot write {path}: {error.strerror}") from None


def as_text(data: dict[str, Any]) -> str:
    """JSON as this tool writes it."""
    return json.dumps(data, indent=2) + "\n"
