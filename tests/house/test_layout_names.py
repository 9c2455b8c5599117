"""Parts of the split ring are named under the split layout, and elsewhere only where this file says why.

Read are names in the code, not in what is said of it: imports from a folder `split`, fields of the ring's words and of
what both sides keep for themselves that not every layout has, and paths of such fields in texts.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from tests import ROOT
from vrx.proofs import MODULES
from vrx.spec.layouts.split.memory import SplitRing
from vrx.spec.layouts.split.queues import SplitVirtQueue, SplitVirtqueue
from vrx.spec.linux.state import Virtqueue
from vrx.spec.qemu.state import VirtQueue

OWN = {
    "ring": {f.name for f in fields(SplitRing)},
    "vq": {f.name for f in fields(SplitVirtqueue)} - set(Virtqueue.__annotations__),
    "dev": {f.name for f in fields(SplitVirtQueue)} - set(VirtQueue.__annotations__),
}
"""Part of the state -> fields that only a split ring's state has there."""
FOLDERS = {path.name for path in (ROOT / "spec/layouts").iterdir() if path.is_dir()}
"""A folder of each layout, which may call its fields as it likes: Linux and QEMU call some alike."""
PATH = re.compile(r"\b(ring|vq|dev)\.(\w+)\b")
"""A field in a text."""
ALLOWED = {
    "spec/config/ring": "the layout of a configuration that names none",
    "models/systems/system": "the layout of a system that names none",
    "models/__init__": "what a user's file imports has the names of the layout that it has where it names none",
    "spec/layouts/shape": "an error shows how a path is written",
    "spec/layouts/driver": "what the C has once for a split and for a packed ring",
    "spec/layouts/sides_view": "what the sides keep with a split and with a packed ring",
    "spec/core": "a small ring of its own, whose indices are called so",
    "spec/layouts/free_names": "the free list of Linux's virtqueues, of any layout that says where its names stand",
    "models/engines/z3/exchanged_names": "the free list of Linux's virtqueues, of any layout that has it",
    "models/variants/buffer_names": "the list of orders of names that are argued for",
    "spec/symmetry": "the free list of Linux's virtqueues, of any layout that says where its names stand",
    "models/mutation/rings": "the list of layouts whose steps get faults",
    "proofs/induction/words": "the list of layouts that have words for the lemmas",
    "proofs/induction/layouts": "the list of layouts that have a proof for every size",
    "proofs/induction/faults": "the list of faults of the proof",
    "models/conformance/wire/__init__": "what a target of one's own imports, for either layout",
    "models/conformance/wire/layouts": "the list of layouts that a harness can take hold of",
    "models/conformance/targets/": "a target speaks the layout that its implementation has",
    "proofs/museum/": "a bug is exchanged steps, and those of a ring are a split ring's",
    "proofs/killed": "names of mutants, which tell what was changed",
    "proofs/mutants": "names of mutants, which tell what was changed",
    "proofs/never_taken": "an explanation, about the split ring's steps",
    "proofs/deciders/refill_rest": "a claim about a variant of the split driver",
}
"""Module, or folder, of the others -> why it names split parts."""
CLAIMS = "claims are about systems that have a layout: these exchange a split ring's steps, or take out its barriers"


def names(path: Path, its_own: bool = False) -> Iterator[str]:
    """The names of split parts in the code of a module.  its_own: it is of another layout, whose fields are its own"""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and "split" in (node.module or "").split("."):
            yield f"{node.lineno}: from {node.module}"
        elif isinstance(node, ast.ImportFrom) and "split" in [alias.name for alias in node.names]:
            yield f"{node.lineno}: from {node.module} import split"
        elif isinstance(node, ast.Attribute):
            part = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if not its_own and node.attr in OWN.get(part, ()):
                yield f"{node.lineno}: {part}.{node.attr}"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said and not its_own:
            yield from (f"{node.lineno}: {m[0]}" for m in PATH.finditer(node.value) if m[2] in OWN.get(m[1], ()))


def outside() -> dict[str, Path]:
    """The modules that are not of the split layout, by their path without the ending."""
    found = (path for top in ("spec", "models", "proofs") for path in sorted((ROOT / top).rglob("*.py")))
    by_name = {path.relative_to(ROOT).with_suffix("").as_posix(): path for path in found}
    return {name: path for name, path in by_name.items() if "split" not in name.split("/")}


def found_in(name: str, path: Path) -> list[str]:
    """The names of split parts in a module, `spec/rx`."""
    return [*names(path, its_own=not FOLDERS.isdisjoint(name.split("/")))]


def allowed(name: str) -> str:
    """Why a module may name split parts; empty where it may not."""
    if name.removeprefix("proofs/") in MODULES:
        return CLAIMS
    return next((why for where, why in ALLOWED.items() if name == where or (where[-1] == "/" and where in name)), "")


def test_the_split_ring_is_named_under_the_split_layout() -> None:
    found = {name: said for name, path in outside().items() if not allowed(name) and (said := found_in(name, path))}
    assert found == {}, "ask the layout's view or table, or move it under a folder `split`"


def test_nothing_is_allowed_for_nothing() -> None:
    there = outside()
    named = [name for name, path in there.items() if found_in(name, path)]
    idle = [where for where in ALLOWED if where in there and where not in named]
    idle += [where for where in ALLOWED if where[-1] == "/" and not any(where in name for name in named)]
    assert idle == [], "it names no split part any more: take it off the list"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("from vrx.spec.layouts.split.contexts import SplitL", "1: from vrx.spec.layouts.split.contexts"),
        ("from vrx.spec.layouts import split", "1: from vrx.spec.layouts import split"),
        ("x = s.ring.avail_idx", "1: ring.avail_idx"),
        ("vq = s.vq\nvq.num_added = 0", "2: vq.num_added"),
        ('about = ("dev.signalled_used",)', "1: dev.signalled_used"),
    ],
)
def test_each_way_to_name_a_part_is_seen(code: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "one.py"
    path.write_text(code)
    assert [*names(path)] == [said]


def test_another_layout_calls_its_fields_as_it_likes_and_takes_nothing_of_the_split_one(tmp_path: Path) -> None:
    path = tmp_path / "driver.py"
    path.write_text("from vrx.spec.layouts.split.memory import loc\ns.vq.free_head = s.dev.signalled_used\n")
    assert [*names(path, its_own=True)] == ["1: from vrx.spec.layouts.split.memory"]


def test_what_every_layout_has_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "one.py"
    path.write_text('"""Of ring.avail_idx."""\nx = s.dev.used_idx == s.vq.last_used_idx or view(s).added\n')
    assert [*names(path)] == []
