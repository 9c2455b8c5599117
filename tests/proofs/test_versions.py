"""docs/versions.md is true: which functions newer code has another text of, and what the variants of it come to."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import ROOT
from vrx.models.claims import Cover
from vrx.proofs import all_claims, all_exhibits, versions, versions_texts
from vrx.proofs.figures import STEPS
from vrx.proofs.versions import VERSIONS, Version
from vrx.proofs.versions_texts import HARMLESS, TEXTS, digest, functions, measured, modelled

PAGE = (ROOT / "docs" / "versions.md").read_text(encoding="utf-8")
SOURCES = os.environ.get("VRX_SOURCES", "")
SIDES = {"Linux": versions.LINUX, "QEMU": versions.QEMU}
DIFFERING = {name for of in TEXTS.values() for name, (_, older, newer) in of.items() if older != newer}
NAME = re.compile(r"`((?:linux-6-12|qemu-10-0)-[\w-]+)\*?`")


def section(title: str) -> str:
    """A section of the page."""
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(title: str) -> Iterator[list[str]]:
    """The cells of each row of a section's table."""
    for line in section(title).splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def same() -> dict[str, set[str]]:
    """Version -> the functions that the page says have the same text."""
    found = {}
    for version, part in re.findall(r"\*\*(.*?)\*\*\n(.*?)(?=\n\*\*|\Z)", section("Where the text is the same"), re.S):
        lists = [line.partition(": ")[2] for line in part.splitlines() if line.startswith("- ")]
        found[version] = {name for line in lists for name in re.findall(r"`(\w+)`", line)}
    return found


def test_every_function_that_a_step_names_was_compared() -> None:
    """A step that names another function of the C has to be read in the newer code, too."""
    assert {side: set(names) for side, names in modelled().items()} == {side: set(of) for side, of in TEXTS.items()}


def test_every_difference_is_harmless_or_a_variant() -> None:
    matters = {name for version in VERSIONS for name in version.functions}
    assert matters | HARMLESS.keys() == DIFFERING and not matters & HARMLESS.keys()


def test_the_page_lists_every_function_once() -> None:
    """As the same, as harmless with the reason, or as one that matters."""
    harmless = {(cells[0].strip("`"), cells[1], cells[2]) for cells in rows("What differs and does not matter")}
    version_of = {name: SIDES[side] for side, of in TEXTS.items() for name in of}
    assert harmless == {(name, version_of[name], why) for name, why in HARMLESS.items()}
    assert same() == {SIDES[side]: set(of) - DIFFERING for side, of in TEXTS.items()}
    listed = {(cells[3].strip("`*"), cells[0].strip("`")) for cells in rows("What matters")}
    expected = {(v.name, name) for v in VERSIONS for name in v.functions}
    together = VERSIONS[-1]  # whose functions have their rows already
    assert {row for row in listed if row[0] != together.name} == {row for row in expected if row[0] != together.name}
    assert together.name in {name for name, _ in listed}


def test_every_name_on_the_page_is_claimed() -> None:
    known = {v.name for v in VERSIONS} | {c.name for c in all_claims() if c.module == "versions"}
    assert set(NAME.findall(PAGE)) <= known


@pytest.mark.parametrize("version", VERSIONS, ids=lambda v: str(v.name))
def test_the_page_has_the_verdict_that_the_figures_pin(version: Version) -> None:
    (verdict, *others) = [cells[4] for cells in rows("What matters") if cells[3] == f"`{version.name}*`"]
    claims = {c.name: c for c in all_claims() if c.name.startswith(version.name)}
    refuted = {name for name, c in claims.items() if c.expected == "refuted" and not isinstance(c, Cover)}
    said = set()
    for title in (f"{version.name}-{name}" for name, *_ in version.without):
        assert f"`{title}`, refuted in {STEPS[title][0]} steps" in verdict
        said.add(title)
    if version.broken is None:
        assert verdict.startswith("proved") and all(text.startswith("proved") for text in others)
    else:
        assert verdict.startswith(f"`{version.broken.name}` refuted in {STEPS[f'{version.name}:faulty'][0]} steps")
        for name in refuted - said:
            assert re.search(rf"\b{STEPS[name][0]} ", verdict), f"{name}: {STEPS[name][0]} steps"
            said.add(name)
        assert version.name in {e.id for e in all_exhibits()}
    assert refuted == said
    assert all(c.expected == "proved" for name, c in claims.items() if name not in refuted and not isinstance(c, Cover))


def test_what_else_the_page_says_of_steps_is_pinned() -> None:
    for name, steps in re.findall(rf"{NAME.pattern},\s+refuted in (\d+) steps", PAGE):
        assert STEPS[name][0] == int(steps), name


def test_a_variant_says_which_text_it_is_of() -> None:
    """Each step of a newer text has its `C:` line: the functions, and the version."""
    named = set()
    for function in vars(versions).values():
        for line in re.findall(r"C: (.*)", getattr(function, "__doc__", None) or ""):
            if getattr(function, "__module__", "") == versions.__name__:
                assert line.endswith(tuple(SIDES.values())), line
                named.update(re.findall(r"(\w+)\(\)", line))
    exchanged = {name for v in VERSIONS for name in v.functions} - {"virtqueue_split_read_next_desc"}
    assert exchanged <= named, "a barrier is taken out there, and no step exchanged"


def test_texts_differ_where_more_than_comments_and_lines_do() -> None:
    old = "int before;\n\nstatic int look(struct a *a,\n\t\tint b)\n{\n\treturn b; /* why */\n}\n"
    found = functions(old + "\nvoid PRINTF(2, 3) other(int a)\n{\n}\n")
    assert set(found) == {"look", "other"}
    assert digest(found["look"]) == digest("static int look(struct a *a, int b)\n{ return b; }")
    assert digest(found["look"]) != digest(found["look"].replace("return b", "return *b"))


@pytest.mark.skipif(not SOURCES, reason="VRX_SOURCES names no folder with the four sources (docs/versions.md)")
def test_the_digests_are_those_of_the_sources() -> None:
    found: dict[str, dict[str, tuple[str, str, str]]] = {side: {} for side in TEXTS}
    for side, name, row in measured(Path(SOURCES)):
        found[side][name] = row
    assert found == versions_texts.TEXTS
