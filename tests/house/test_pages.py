"""README.md and docs/*.md: what can be run of a page is run, and what a page names is there.

A block of Python is a file where the line before it names one, and a program elsewhere; a comment behind its `print` is
what it prints.  A block `console` has commands and lines that they print.  Other commands, in indented blocks and
between backticks, are run in the order of the page, or stand in NOT_RUN with the reason.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests import ROOT
from vrx.models.conformance.known_deviations import KNOWN
from vrx.models.systems.family import family
from vrx.models.systems.system import rx
from vrx.proofs import all_claims, all_exhibits
from vrx.proofs.command import cli, results
from vrx.proofs.running import chosen

GENERATED = {
    *("results", "results-night", "coverage", "lemmas", "control-linux", "control-qemu", "sensitivity", "barriers"),
}
"""Pages that are written by the tool: what they name is what there was."""
REPORTS = sorted((ROOT / "docs" / "reports").glob("*.md"))
PAGES = [
    ROOT / "README.md",
    *(p for p in sorted((ROOT / "docs").glob("*.md")) if p.stem not in GENERATED),
    *REPORTS,
]
WRITES = "writes into the tree"
REAL = "drives a real implementation for long: tests/models/conformance/"
NOT_RUN = {
    r"make .*": "sets everything up, or is what runs this test",
    r"XDG_CACHE_HOME=.*": "the whole of a tier, measured on a quiet machine",
    r"python -m tests\.benchmarks\..*": "measures for minutes, on a quiet machine",
    r"python -m vrx\.proofs\.command\.results --.*|python -m vrx\.proofs\.command\.searched --pin": WRITES,
    r"python -m vrx\.proofs\.command\.(coverage|mutants_page)|python -m vrx\.models\.traces\.control_graph": WRITES,
    r"vrx prove|vrx bugs": "the whole of the quick tier: `make claims`, in .ci/run",
    r"python -m vrx\.proofs\.(refill|symmetry) --tier full": "minutes",
    r"python -m vrx\.proofs\.(standard|induction|every_system.*|packed_sizes --.*)": "minutes",
    r"python -m vrx\.proofs\.induction --(full|mutants|bits|no-cache|ring|system) ?.*": "minutes",
    r"vrx prove --lemmas": "minutes",
    r"vrx prove --tier \w+.*": "the whole of a tier: tens of minutes",
    r"vrx prove (lost_wakeup|packed|'breach-\*'|refines-.*|\w*follow\w*_the_standard)":
        "some are of the full tier: minutes",
    r"vrx (bugs|prove) ('packed-notify.*|packed-flush.*|packed packed_sizes|'packed-barrier.*|'\*-any-caller.*)":
        "some are of the full tier: minutes; what is claimed the results say",
    r"vrx check --size 2 --memory tso|vrx check my\.py --family":
        "minutes: tests/models/deciding/test_check.py has small ones",
    r"vrx check": "the command, named",
    r"vrx mutants.*": "minutes: tests/models/mutation/test_mutants.py",
    r"vrx conform.*": REAL,
    r"vrx simulate --pcap .*": "needs a capture: tests/models/simulation/test_capture.py",
}
"""Commands that are only read, and why."""
PLACE = re.compile(r"[A-Z][A-Z_]*(\.\.\.)?")
"""A word in a command that stands for another."""
A_SYSTEM = "from vrx.models import rx\n\nsystem = rx(arrivals=False)\n"


@dataclass
class Example:
    """A section of a page: files by name, commands with the lines that they print, and programs."""

    title: str
    files: dict[str, str] = field(default_factory=dict)
    commands: list[tuple[str, list[str]]] = field(default_factory=list)
    programs: list[str] = field(default_factory=list)


def examples() -> Iterator[Example]:
    for page in PAGES:
        for part in page.read_text(encoding="utf-8").split("\n## "):
            one = Example(f"{page.stem}: {part.splitlines()[0].removeprefix('# ')}")
            for before, kind, block in re.findall(r"([^\n]*)\n\n```(python|console)\n(.*?)```", part, re.S):
                name = re.search(r"`(\w+\.py)`:$", before)
                if kind == "python" and name:
                    one.files[name[1]] = block
                elif kind == "python":
                    one.programs.append(block)
                else:
                    for command in re.split(r"^\$ ", block, flags=re.M)[1:]:
                        first, *lines = command.splitlines()
                        one.commands.append((first, lines))
            if one.files or one.commands or one.programs:
                yield one


def commands(page: Path) -> list[str]:
    """The commands of a page outside of its blocks with a language, each once, in their order."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    found = []
    for block, inline in re.findall(r"^    (?=[\w.(])(.*)$|`([^`]+)`", text, re.M):
        parts = [re.split(r"\s{2,}", part.strip())[0] for part in block.split(";  ")]
        found += [part.removeprefix(".venv/bin/") for part in (*parts, " ".join(inline.split()))]
    start = re.compile(r"(vrx|python -m|make|XDG_\w+=\S+) \S|\(.*\) > \w|vrx (prove|check|bugs|mutants|conform)$")
    return [c for c in dict.fromkeys(found) if start.match(c)]


def why_not(command: str) -> str:
    """Why a command is not run; empty where it is."""
    if any(PLACE.fullmatch(word) for word in command.split()):
        return "a word stands for others"
    return next((why for pattern, why in NOT_RUN.items() if re.fullmatch(pattern, command)), "")


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of a page in a folder; `vrx` and `python` are the ones that run this."""
    if command.startswith("("):
        words = ["bash", "-c", command]
    else:
        first, *rest = shlex.split(command, comments=True)
        words = [sys.executable, *(["-m", "vrx.proofs.command.cli"] if first == "vrx" else []), *rest]
    return subprocess.run(
        words, cwd=folder, capture_output=True, text=True, check=False, timeout=300, stdin=subprocess.DEVNULL
    )


def said(line: str, printed: str) -> bool:
    """Is the line printed?  Blanks count once, and `...` stands for anything on the line."""
    pattern = r".*".join(re.escape(" ".join(piece.split())) for piece in line.split("..."))
    return any(re.fullmatch(pattern.replace(r"\ ", " "), " ".join(text.split())) for text in printed.splitlines())


def test_the_page_for_users_has_five_files() -> None:
    assert sum(len(e.files) for e in examples() if e.title.startswith("your-own: ")) == 5


@pytest.mark.parametrize("example", [*examples()], ids=lambda e: e.title)
def test_a_page_says_what_the_tool_prints(example: Example, tmp_path: Path) -> None:
    for name, text in example.files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for command, lines in example.commands:
        assert command.startswith("vrx ")
        found = run(command, tmp_path)
        for line in lines:
            printed = f"{command} does not print {line!r}:\n{found.stdout}{found.stderr}"
            assert line == "..." or said(line, found.stdout), printed
    for program in example.programs:
        (tmp_path / "program.py").write_text(program, encoding="utf-8")
        found = run("python program.py", tmp_path)
        assert found.returncode == 0, found.stderr
        for line in re.findall(r"^print\(.*\)  +# (.*)$", program, re.M):
            assert said(line, found.stdout), f"the program does not print {line!r}:\n{found.stdout}"


def to_run() -> dict[Path, list[str]]:
    """What is run of each page: what an earlier page has is run there.  The changelog tells what stands on others."""
    found: dict[Path, list[str]] = {}
    known = set[str]()
    for page in PAGES:
        if page.stem != "changelog":
            found[page] = [c for c in commands(page) if not why_not(c) and c not in known]
            known.update(found[page])
    return {page: of for page, of in found.items() if of}


@pytest.mark.slow
@pytest.mark.parametrize("page", to_run(), ids=lambda p: p.stem)
def test_the_commands_of_a_page_run(page: Path, tmp_path: Path) -> None:
    """One that asks questions of `my.py` may say that an answer says nothing (1); all others end with 0."""
    (tmp_path / "my.py").write_text(A_SYSTEM)
    for command in to_run()[page]:
        found = run(command, tmp_path)
        assert found.returncode in ((0, 1) if " my.py" in command else (0,)), f"{command}:\n{found.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_the_commands_that_are_not_run_are_commands(page: Path) -> None:
    """Their options exist, and what they name does."""
    for command in commands(page):
        words = shlex.split(command, comments=True)
        if words[0] != "vrx" or len(words) == 2 or not why_not(command):
            continue
        parsed = cli._parser().parse_args(words[1:])
        if words[1] == "prove" and not any(map(PLACE.fullmatch, words)):
            assert chosen(parsed.names, all_claims(), "full")
        if words[1] == "conform" and parsed.replay:
            assert parsed.replay in {k.id for k in KNOWN}, command


MODULES = sorted({(w[2], o) for p in PAGES for c in commands(p) if (w := c.split())[:2] == ["python", "-m"]
                  for o in [*(x for x in w[3:] if x.startswith("--")), ""]})  # fmt: skip


@pytest.mark.parametrize("module", sorted({module for module, _ in MODULES}))
def test_the_modules_that_pages_run_have_the_options(module: str, tmp_path: Path) -> None:
    where = module.removeprefix("vrx.").replace(".", "/")
    (file,) = [f for f in (ROOT / f"{where}.py", ROOT / where / "__main__.py") if f.is_file()]
    if options := [option for name, option in MODULES if name == module and option]:
        known = file.read_text(encoding="utf-8") + run(f"python -m {module} --help", tmp_path).stdout
        assert [option for option in options if option not in known] == []


def test_every_reason_not_to_run_is_needed() -> None:
    everything = [command for page in PAGES for command in commands(page)]
    assert len([c for c in everything if not why_not(c)]) >= 12
    assert [p for p in NOT_RUN if not any(re.fullmatch(p, c) for c in everything)] == []


NAMES = {n for c in all_claims() for n in (c.name, c.asks.name)} | {e.id for e in all_exhibits()}
OTHERS = {
    *(k.id for k in KNOWN),
    *("linux-vring", "linux-qemu", "qemu-pci", "spec-device", "spec-driver"),  # targets
    *("linux-source-6.1", "every_step_fires-..."),
}
"""Names with a hyphen that are no claims: known deviations, targets, a package, a row of a report."""


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_what_a_page_names_is_there(page: Path) -> None:
    """Claims, bugs, files, other pages."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    wrong = [link for link in re.findall(r"\]\(([\w./-]+\.md)", text) if not (page.parent / link).is_file()]
    for word in dict.fromkeys(re.findall(r"`([^`\n]+)`", text)):
        if re.fullmatch(r"[a-z0-9_.*]+(-[a-zA-Z0-9_.*]+)+", word) and word not in OTHERS:
            wrong += [] if any(fnmatchcase(name, word) for name in NAMES) else [word]
        if path := re.match(r"(?:spec|models|proofs|tests|docs)/[\w./*-]*", word):
            wrong += [] if list(ROOT.glob(path[0].rstrip("/."))) else [word]
    assert wrong == []


def test_the_counterexample_of_the_readme_is_what_the_tool_shows() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert results.readme(text) == text


def test_the_counterexample_of_the_readme_is_that_of_its_patch(tmp_path: Path) -> None:
    """The command that the table ends with shows what stands below it."""
    (example,) = [e for e in examples() if "patch.py" in e.files]
    (tmp_path / "patch.py").write_text(example.files["patch.py"], encoding="utf-8")
    (command,) = [line.partition(":  ")[2] for _, lines in example.commands for line in lines if ":  vrx trace" in line]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"```\n{run(command, tmp_path).stdout}```\n" in text


def test_what_the_readme_says_of_its_counterexample() -> None:
    """The steps that it speaks of by their numbers are those."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    told = text.partition("A line is a step:")[2].partition("\n\n")[0]
    names = dict(re.findall(r"^ +(\d+)  \w+ \w+ +(\w+)", text, re.M))
    assert [names[number] for number in re.findall(r"\((\d+)\)", told)] == [
        "virtqueue_split_flush",
        "virtqueue_get_buf_ctx_split__more_used",
        "virtio_split_should_notify",
        "virtqueue_enable_cb_prepare_split__flags",
    ]


def test_the_refill_page_strands_as_it_says(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "refill.md").read_text(encoding="utf-8")
    (small, large, command) = re.findall(r"yes (\d+) \| head -22; echo (\d+)\) > sizes.txt\n +\S*(vrx .*)\n", text)[0]
    for packets, strands in ((22, True), (21, False)):
        (tmp_path / "sizes.txt").write_text(f"{small}\n" * packets + f"{large}\n")
        assert ("STRANDED" in run(command, tmp_path).stdout) == strands


def test_numbers_of_claims_stand_on_pages_that_are_computed() -> None:
    """A number that is written by hand is of some day, and counts what asks the same twice."""
    found = [(p.stem, n) for p in PAGES for n in re.findall(r"\b[\d,]{2,} (?:\w+ )?claims\b", p.read_text("utf-8"))]
    assert found == []


def test_the_pages_say_how_many_configurations_a_family_has() -> None:
    (number,) = re.findall(r"\(`--family` asks (\d+)\)", (ROOT / "docs" / "trust.md").read_text(encoding="utf-8"))
    assert len(family(rx()).members) == int(number)


def test_one_page_comes_first() -> None:
    """Where to begin is said once, in the reading guide, and README leads there."""
    texts = {p.stem: p.read_text(encoding="utf-8") for p in PAGES}
    assert "[docs/reading-guide.md](docs/reading-guide.md) says where to begin" in texts["README"]
    start = re.compile(r"\(start here\)|[Ss]tart reading|to be read first")
    first = [stem for stem, text in texts.items() if start.search(text)]
    assert first == ["README"] and "reading-guide.md (start here)" in texts["README"]


def named_modules() -> dict[str, str]:
    """Every module of ours that a text of the tree says how to run, pages that the tool writes and messages included,
    and one file that says it."""
    found: dict[str, str] = {}
    texts = [ROOT / "README.md", ROOT / "Makefile", *(ROOT / ".github").rglob("*.*"), *(ROOT / ".ci").rglob("run")]
    for folder, kind in (("docs", "*.md"), *((top, "*.py") for top in ("spec", "models", "proofs", "tests"))):
        texts += (ROOT / folder).rglob(kind)
    for path in texts:
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"python -m ((?:vrx|tests)\.\w[\w.]*\w)(?![\w.]*[{<])", text):
            found.setdefault(name, str(path.relative_to(ROOT)))
    return found


@pytest.mark.parametrize("module", sorted(named_modules()))
def test_a_module_that_any_text_says_how_to_run_can_be_run(module: str) -> None:
    where = ROOT / module.removeprefix("vrx.").replace(".", "/")
    as_program = where / "__main__.py"
    text = where.with_suffix(".py").read_text("utf-8") if where.with_suffix(".py").is_file() else ""
    assert as_program.is_file() or 'if __name__ == "__main__":' in text, f"{named_modules()[module]} names {module}"
