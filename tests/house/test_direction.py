"""Which way imports go: spec <- models <- proofs <- the command line, and nowhere in a circle.

Read from the text of every module, imports inside of functions and for types included.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import networkx as nx
import pytest

from tests import ROOT

PACKAGE = "vrx"
MAY = {
    "spec": ("spec",),
    "models": ("spec", "models"),
    "proofs": ("spec", "models", "proofs"),
    "proofs.command": ("spec", "models", "proofs", "proofs.command"),
}
"""What the modules of a floor may import."""
ORDER = (
    "terminal", "systems", "outcome", "claims", "symbolic", "traces", "engines", "variants", "simulation", "deciding",
    "mutation", "conformance", "__init__",
)  # fmt: skip
"""The rooms of `models/`: each imports only those before it."""


def modules() -> dict[str, Path]:
    """The modules of the tree by name, `spec.rx`; a package by the name of its folder."""
    found = {}
    for top in ("spec", "models", "proofs"):
        for path in (ROOT / top).rglob("*.py"):
            if "stubs" not in path.parts:
                parts = path.relative_to(ROOT).with_suffix("").parts
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(tree: ast.AST, known: Iterable[str]) -> Iterator[str]:
    """The modules of ours that a text imports, wherever it does.  Raises ValueError for a relative import."""
    names = set(known)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            asked = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise ValueError(f"line {node.lineno}: a relative import: write the module's whole name")
            asked = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in asked:
            top, _, inner = name.partition(".")
            if top != PACKAGE:
                continue
            yield inner if inner in names else inner.rpartition(".")[0]


def graph() -> dict[str, set[str]]:
    """Who imports whom."""
    known = modules()
    return {
        name: set(imported(ast.parse(path.read_text(encoding="utf-8")), known)) - {name, ""}
        for name, path in known.items()
    }


IMPORTS = graph()


def floor(module: str) -> str:
    """The floor on which a module stands."""
    return max((f for f in MAY if module == f or module.startswith(f + ".")), key=len)


def room(module: str) -> str:
    """The folder, or the file, of `models/` in which a module is."""
    return module.split(".")[1] if "." in module else "__init__"


def circles(imports: Mapping[str, Iterable[str]]) -> list[str]:
    """The circles of a graph, one line each: all that import each other, and one way around."""
    drawn = nx.DiGraph([(a, b) for a, others in imports.items() for b in others])
    found = []
    for group in nx.strongly_connected_components(drawn):
        if len(group) > 1:
            way = nx.find_cycle(drawn.subgraph(group), sorted(group)[0])
            found.append(f"{len(group)} in a circle: {' -> '.join([a for a, *_ in way] + [way[0][0]])}")
    return sorted(found)


def upward(imports: Mapping[str, Iterable[str]]) -> list[str]:
    """Imports of what stands above."""
    return sorted(f"{a} imports {b}" for a, others in imports.items() for b in others if floor(b) not in MAY[floor(a)])


def test_every_import_goes_down() -> None:
    """Spec knows spec alone, models do not know what is claimed, and nothing but the command line knows itself."""
    assert upward(IMPORTS) == []


ABOVE = {"spec": "models|proofs", "models": "proofs"}
"""The floors whose modules a floor may not even name: what a string names can be loaded by it."""


def named(floor: str, text: str) -> list[str]:
    """Modules and files of higher floors that a text names, wherever it does: in a string, in a comment."""
    top = f"(?:{ABOVE[floor]})"
    return [found[0] for found in re.finditer(rf"\b(?:vrx\.{top}\b|{top}[./:]\w)[\w./:]*", text)]


def test_nothing_below_names_what_stands_above() -> None:
    """A name in a string is an import that no import shows; in an error, it is a mend that only one caller knows."""
    files = {p: floor for floor in ABOVE for p in (ROOT / floor).rglob("*") if p.suffix in (".py", ".c", ".h", ".json")}
    found = {str(p.relative_to(ROOT)): named(floor, p.read_text(encoding="utf-8")) for p, floor in files.items()}
    assert len(files) > 200 and {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("floor", "text", "found"),
    [
        ("models", 'MUSEUM = "vrx.proofs.museum:all_exhibits"', ["vrx.proofs.museum:all_exhibits"]),
        ("models", "import_module('vrx.proofs')", ["vrx.proofs"]),
        ("models", 'FILE = "proofs/killed.py"', ["proofs/killed.py"]),
        ("models", "run `python -m vrx.proofs.command.results`", ["vrx.proofs.command.results"]),
        ("models", "# what the proofs are about.  All proofs.", []),
        ("spec", "models.systems takes it", ["models.systems"]),
    ],
)
def test_names_of_what_stands_above_are_found(floor: str, text: str, found: list[str]) -> None:
    assert named(floor, text) == found


def test_nobody_imports_in_a_circle() -> None:
    assert circles(IMPORTS) == []


def rooms() -> dict[str, set[str]]:
    """Which rooms of `models/` import which."""
    found: dict[str, set[str]] = {}
    for module, others in IMPORTS.items():
        if floor(module) == "models":
            inside = {room(other) for other in others if floor(other) == "models"}
            found.setdefault(room(module), set()).update(inside - {room(module)})
    return found


def test_the_rooms_of_models_are_in_order() -> None:
    """The folders of `models/` are as listed, and each imports only those listed before it."""
    found = rooms()
    assert sorted(found) == sorted(ORDER)
    place = {name: i for i, name in enumerate(ORDER)}
    assert [f"{a} imports {b}" for a in ORDER for b in sorted(found[a]) if place[b] > place[a]] == []


def test_the_page_of_the_architecture_has_the_rooms_in_order() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    at = [page.index(f"    {name}{'.py' if name in ('outcome', 'claims') else '/'}") for name in ORDER[:-1]]
    assert all(a < b for a, b in pairwise(at))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def f():\n    from vrx.models.claims import Claim\n", ["models.claims"]),
        ("from vrx.proofs import data", ["proofs.data"]),
        ("from vrx.proofs import all_claims", ["proofs"]),
        ("import vrx.models.claims, os", ["models.claims"]),
        ("from z3 import Solver", []),
    ],
)
def test_imports_are_found(text: str, found: list[str]) -> None:
    assert list(imported(ast.parse(text), modules())) == found


def test_an_import_that_goes_up_is_named() -> None:
    assert upward({"models.claims": {"proofs.data"}, "proofs.data": {"models.claims", "proofs.command.cli"}}) == [
        "models.claims imports proofs.data",
        "proofs.data imports proofs.command.cli",
    ]


def test_a_circle_is_named() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == ["3 in a circle: a -> b -> c -> a"]
