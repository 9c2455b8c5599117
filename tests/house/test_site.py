"""The site, the glossary and the forms: what leads somewhere leads there, on GitHub and on the site."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import vrx.models
from tests import ROOT

SOURCES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
API = "\n".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / "docs" / "api").glob("*.md")))


def module(name: str) -> ModuleType:
    """A file of .site, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / ".site" / f"{name}.py")
    assert spec and spec.loader
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


pages = module("pages")


@pytest.mark.parametrize("page", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_link_leads_to_a_file_of_the_tree(page: Path) -> None:
    path, text = page.relative_to(ROOT).as_posix(), page.read_text(encoding="utf-8")
    assert [x[0] for x in pages.links(text) if not (ROOT / pages.in_tree(path, x[0])).is_file()] == []


@pytest.mark.parametrize(
    "page, link, there",
    [
        ("README.md", "docs/trust.md", "trust.md"),
        ("README.md", "LICENSE", "tree/LICENSE.md"),
        ("docs/trust.md", "results.md", "results.md"),
        ("docs/trust.md", "../spec/rx.py", "tree/spec/rx.py.md"),
        ("docs/trust.md", "../README.md", "index.md"),
        ("docs/api/models.md", "../trust.md", "../trust.md"),
        ("docs/api/models.md", "../../spec/rx.py", "../tree/spec/rx.py.md"),
        ("docs/trust.md", "nowhere.md", "nowhere.md"),
        ("docs/trust.md", "https://example.org/a.md", "https://example.org/a.md"),
    ],
)
def test_a_link_of_the_tree_is_one_of_the_site(page: str, link: str, there: str) -> None:
    """One that leads nowhere stays, so that the generator finds it."""
    assert pages.on_site(page, f"see [that]({link}#place).") == f"see [that]({there}#place)."


def test_code_has_no_links() -> None:
    text = "`[a](../spec/rx.py)`\n\n```python\nx = y[z](README.md)\n```\n"
    assert pages.on_site("docs/trust.md", text) == text


def test_a_file_of_the_tree_has_a_page() -> None:
    """Whole, and whatever fences stand in it."""
    text = (ROOT / "spec" / "ring.py").read_text(encoding="utf-8")
    assert f"~~~~python\n{text}~~~~\n" in pages.shown("spec/ring.py")


def site(folder: Path) -> Path:
    """What the generator needs, in another folder, with the pages."""
    pages.write(folder / "pages")
    config = (ROOT / ".site" / "mkdocs.yml").read_text(encoding="utf-8")
    (folder / "mkdocs.yml").write_text(config.replace("../.venv/src", str(ROOT / ".venv" / "src")), encoding="utf-8")
    shutil.copy(ROOT / ".site" / "docstrings.py", folder)
    return folder


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mkdocs", "build", "--config-file", str(folder / "mkdocs.yml")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.needs("mkdocs")
@pytest.mark.parametrize(
    "broken",
    [
        {
            "[there](nowhere.md)": "contains a link 'nowhere.md'",
            "[there](../spec/nowhere.py)": "contains a link '../spec/nowhere.py'",
            "[there](glossary.md#nowhere)": "does not contain an anchor '#nowhere'",
            "": "forgotten.md",
        },
        {"::: vrx.models.nowhere": "vrx.models.nowhere could not be found"},
    ],
    ids=["links", "names"],
)
def test_what_leads_nowhere_ends_the_build(broken: dict[str, str], tmp_path: Path) -> None:
    """Nor has a page its place by itself.  `make site`, in .ci/run, builds the tree as it is."""
    page = site(tmp_path) / "pages" / "figures.md"
    page.write_text("\n\n".join([page.read_text(encoding="utf-8"), *broken]), encoding="utf-8")
    (tmp_path / "pages" / "forgotten.md").write_text("# Forgotten\n", encoding="utf-8")
    found = build(tmp_path)
    assert found.returncode != 0
    assert [said for said in broken.values() if said not in found.stdout + found.stderr] == []


def test_what_the_prelude_exports_is_documented() -> None:
    """Each by a directive, or by name beside the directive of its module."""
    said = {*re.findall(r"^::: vrx\.models\.(\w+)$", API, re.M), *re.findall(r"`(\w+)`", API)}
    assert [name for name in vrx.models.__all__ if name not in said] == []


def test_every_word_of_the_glossary_is_linked_from_where_it_matters() -> None:
    """And what is linked is there."""
    glossary = ROOT / "docs" / "glossary.md"
    words = re.findall(r'<a id="([\w-]+)">', glossary.read_text(encoding="utf-8"))
    linked = {w for p in SOURCES if p != glossary for w in re.findall(r"glossary\.md#([\w-]+)", p.read_text("utf-8"))}
    assert len(words) == len(set(words)) and set(words) == linked


@pytest.mark.needs("mkdocs")
def test_docstrings_become_lists() -> None:
    text = "One thing.\n\nsize: entries; 1..4,\n    or none\nmore, less: both.\nIt is: prose.\n\nidx_bits   aligned"
    assert module("docstrings").as_markdown(text, {"size", "more", "less"}).splitlines() == [
        "One thing.", "", "- `size`: entries; 1..4,", "    or none", "- `more`, `less`: both.", "", "It is: prose.",
        "", "- `idx_bits`: aligned",
    ]  # fmt: skip


@pytest.mark.needs("mkdocs")
def test_each_kind_of_report_has_a_form() -> None:
    """Those that CONTRIBUTING names; each asks for the version, without which nothing can be repeated."""
    import yaml  # comes with mkdocs

    text = (ROOT / "docs" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    kinds = re.findall(r"^\*\*(.*)\.\*\* ", text, re.M)
    forms = [yaml.safe_load(p.read_text("utf-8")) for p in sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("[0-9]*.yml"))]
    assert len(kinds) == 4 and [form["name"] for form in forms] == kinds
    for form in forms:
        fields = [part for part in form["body"] if part["type"] != "markdown"]
        assert {part["type"] for part in fields} <= {"input", "textarea", "dropdown"}
        assert len({part["id"] for part in fields}) == len(fields) and fields[0]["id"] == "version"
        assert all(part["attributes"]["label"] for part in fields)


def test_the_changelog_has_the_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert re.search(rf"^## .*\b{re.escape(version)}\b", (ROOT / "docs/changelog.md").read_text("utf-8"), re.M)
