"""docs/your-own.md: every file on the page, every command, and what it prints."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

PAGE = Path(__file__).parent.parent / "docs" / "your-own.md"


@dataclass
class Example:
    """A section of the page: files by name, and commands with the lines that they print."""

    title: str
    files: dict[str, str] = field(default_factory=dict)
    commands: list[tuple[str, list[str]]] = field(default_factory=list)
    program: str = ""


def examples() -> list[Example]:
    found = []
    for part in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        one = Example(part.splitlines()[0])
        for before, kind, block in re.findall(r"([^\n]*)\n\n```(\w+)\n(.*?)```", part, re.S):
            name = re.search(r"`(\w+\.py)`:$", before)
            if kind == "python" and name:
                one.files[name[1]] = block
            elif kind == "python":
                one.program = block
            else:
                for command in re.split(r"^\$ ", block, flags=re.M)[1:]:
                    first, *lines = command.splitlines()
                    one.commands.append((first, lines))
        found.append(one)
    return found


def said(line: str, printed: str) -> bool:
    """Is the line printed?  Blanks count once, and `...` stands for anything on the line."""
    pattern = r".*".join(re.escape(" ".join(piece.split())) for piece in line.split("..."))
    return any(re.fullmatch(pattern.replace(r"\ ", " "), " ".join(text.split())) for text in printed.splitlines())


def test_the_page_has_five_files() -> None:
    assert sum(len(e.files) for e in examples()) == 5


@pytest.mark.parametrize("example", examples(), ids=lambda e: e.title)
def test_the_page_says_what_the_tool_prints(example: Example, tmp_path: Path) -> None:
    for name, text in example.files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for command, lines in example.commands:
        assert command.startswith("vrx ")
        run = subprocess.run(
            [sys.executable, "-m", "vrx.models.cli", *command.split()[1:]],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        for line in lines:
            printed = f"{command} does not print {line!r}:\n{run.stdout}{run.stderr}"
            assert line == "..." or said(line, run.stdout), printed
    if example.program:
        run = subprocess.run(
            [sys.executable, "-c", example.program], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0 and run.stdout.startswith("True "), run.stderr
