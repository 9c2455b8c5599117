"""The rules of the step language, checked on the syntax trees of `spec/` and on every step.

They are what keeps the readings equal: a step that asks a solver, compares
state by `is`, or reaches into shared memory past `load` and `store` would mean
one thing on integers and another on terms.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.readings import core_system
from vrx import spec
from vrx.models.symbolic.reading import Reading
from vrx.models.systems.standard_systems import peers, standard
from vrx.models.systems.system import System, litmus_test, rx
from vrx.spec import core
from vrx.spec.layouts.split.memory import loc
from vrx.spec.linux.state import L, Softirq
from vrx.spec.litmus import SHAPES, fenced
from vrx.spec.memory import SHARED, load, store
from vrx.spec.steps import Machine, ModelError, Step

ROOT = Path(spec.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
OF_A_LAYOUT = ("driver", "device", "lying")
"""How the names of the files of a layout that have steps begin."""
SIDES = [
    f for f in FILES
    if (first := f.relative_to(ROOT).parts[0]) in ("linux", "qemu")
    or (first == "layouts" and f.name.startswith(OF_A_LAYOUT))
]
MODULES = ("__future__", "collections", "dataclasses", "enum", "functools", "inspect", "itertools", "typing")
ALLOWED_IMPORTS = {"vrx.spec", *MODULES}
READS_CODE = {"bound_names.py": {"dis", "types"}}
"""Which names a question reads is asked of its code, when it is made; no state is seen there."""

each_file = pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
each_side = pytest.mark.parametrize("path", SIDES, ids=lambda p: str(p.relative_to(ROOT)))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def imports(module: ast.Module) -> Iterator[str]:
    """The packages that a module imports; of this project's, which of the three."""
    names: list[str] = []
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "" if node.level == 0 else "vrx.spec")
    yield from (".".join(name.split(".")[: 2 if name.startswith("vrx.") else 1]) for name in names)


def identity_comparisons(module: ast.Module) -> Iterator[int]:
    """Lines with an `is` or `is not` that is not about None."""
    for node in ast.walk(module):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        for op, left, right in zip(node.ops, sides, sides[1:], strict=False):
            none = any(isinstance(x, ast.Constant) and x.value is None for x in (left, right))
            if isinstance(op, (ast.Is, ast.IsNot)) and not none:
                yield node.lineno


def reaches_into_memory(module: ast.Module) -> Iterator[int]:
    """Lines that name an attribute that is shared memory, whatever it is called before the dot."""
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and node.value in SHARED:
            yield node.lineno
        elif isinstance(node, ast.Attribute) and node.attr in SHARED:
            yield node.lineno


@each_file
def test_spec_imports_no_solver_and_no_engine(path: Path) -> None:
    """`spec/` stands alone: itself and a few modules of the standard library."""
    assert set(imports(tree(path))) <= ALLOWED_IMPORTS | READS_CODE.get(path.name, set())


STATEFUL = [f for f in FILES if "config" not in (f.stem, f.parent.name)]


@pytest.mark.parametrize("path", STATEFUL, ids=lambda p: str(p.relative_to(ROOT)))
def test_state_is_never_compared_by_identity(path: Path) -> None:
    """On a term `is` is silently false.  (`spec.config` holds no state, and tells True from 1.)"""
    assert list(identity_comparisons(tree(path))) == []


@each_side
def test_shared_memory_is_reached_by_load_and_store_only(path: Path) -> None:
    """No step of either side names the memory itself."""
    assert list(reaches_into_memory(tree(path))) == []


def test_the_syntax_rules_can_fail() -> None:
    """Each of the three walks finds what it looks for."""
    assert set(imports(ast.parse("import z3\nfrom vrx.models.symbolic.terms import num"))) == {"z3", "vrx.models"}
    assert list(identity_comparisons(ast.parse("x is None\ny = a is b\n"))) == [2]
    assert list(reaches_into_memory(ast.parse("a = s.vq\nb = s.ring.used_idx\nc = getattr(s, 'contents')\n"))) == [2, 3]


def machines() -> Iterator[Machine]:
    """Every machine of the specification, found in its modules."""
    for path in FILES:
        name = ".".join(("vrx.spec", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, Machine):
                yield value


MACHINES = list({id(m): m for m in machines()}.values())
STEPS = [s for m in MACHINES for s in m]
MODELLED = [s for s in STEPS if s.run.__module__.split(".")[2] not in ("litmus", "core")]
"""The steps that stand for C code; the litmus shapes and the core of the path stand for none."""

FILE = r"[\w/.-]+\.[ch]"
FUNCTIONS = r"\w+\(\)(, \w+\(\))*"
PLACE = rf"({FUNCTIONS}, {FILE}|{FILE} {FUNCTIONS})"
C_LINE = re.compile(rf"(none: [^;]+|({PLACE}|none: [^;]+)(; {PLACE})*, (Linux 6\.1|QEMU 7\.2))")
SPEC_LINE = re.compile(r"VIRTIO 1\.4, \d+(\.\d+)* \([^()]+\)(, VIRTIO_\w+)?")


@pytest.mark.parametrize("step", STEPS, ids=lambda s: s.name)
def test_every_step_says_what_it_does(step: Step) -> None:
    """In a sentence."""
    assert re.match(r"[A-Z].*[.?]$", step.sentence), step.sentence


@pytest.mark.parametrize("step", MODELLED, ids=lambda s: s.name)
def test_every_step_says_what_it_models(step: Step) -> None:
    """The C function with file and version, and the clause with its title."""
    assert C_LINE.fullmatch(step.labelled("C")), step.labelled("C")
    assert SPEC_LINE.fullmatch(step.labelled("Spec")), step.labelled("Spec")


def test_a_section_has_one_title() -> None:
    """The same section of the standard is called the same everywhere."""
    titles: dict[str, set[str]] = {}
    for path in FILES:
        for number, title in re.findall(r"Spec: VIRTIO 1\.4, (\d+(?:\.\d+)*) \(([^()]+)\)", path.read_text()):
            titles.setdefault(number, set()).add(title)
    assert {n: t for n, t in titles.items() if len(t) > 1} == {}


SYSTEMS = [
    rx(),
    rx(size=2, caller="any", event_idx=True, memory="tso"),
    rx(size=2, event_idx=True, memory="tso", irq="any"),
    rx(size=2, mergeable=True, event_idx=True, memory="tso", guest="up", stops=True),
    rx(size=2, watch=True),
    rx(busy_poll="other", gro_flush_timeout=True, defer_hard_irqs=1, memory="tso"),
    rx(netpoll="same", memory="tso"),
    rx(enable_cb="delayed"),
    rx(size=2, data=True, memory="tso", irq="other", stops=True),
    rx(size=2, data=True, event_idx=True, memory="tso"),
    rx(size=2, data=True, mergeable=True, memory="tso", max_packet=3, notify=False, filter=True),
    rx(size=2, data=True, segments=2, memory="tso"),
    rx(size=2, data=True, segments=2, indirect=True, memory="tso"),
    rx(ring="packed", size=2, memory="tso"),
    rx(ring="packed", size=2, event_idx=True, enable_cb="delayed"),
    rx(ring="packed", size=3, event_idx=True, memory="tso", caller="any"),
    rx(ring="packed", size=3, data=True, mergeable=True, memory="tso", max_packet=3),
    rx(ring="packed", size=3, data=True, segments=2, event_idx=True, memory="tso"),
    rx(ring="packed", size=5, data=True, mergeable=True, segments=2, memory="tso"),
    rx(ring="packed", size=2, data=True, segments=2, indirect=True, memory="tso"),
    rx(hostile="device"),
    rx(data=True, mergeable=True, max_packet=1, event_idx=True, hostile="device"),
    rx(hostile="driver"),
    rx(size=2, data=True, notify=False, hostile="driver"),
    rx(data=True, segments=2, indirect=True, notify=False, hostile="driver"),
    rx(ring="packed", size=2, event_idx=True, hostile="device"),
    rx(ring="packed", size=2, data=True, mergeable=True, notify=False, hostile="device"),
    rx(ring="packed", size=2, event_idx=True, hostile="driver"),
    rx(ring="packed", size=2, data=True, notify=False, hostile="driver"),
    rx(ring="packed", size=2, data=True, segments=2, indirect=True, notify=False, hostile="driver"),
    core_system(core.CoreConfig(size=2, memory="tso")),
    *(litmus_test(fenced(shape), "tso") for shape in SHAPES),
    peers(peer="any", event_idx=True, memory="tso", idx_bits=2),
    peers(ring="packed", peer="any", size=2, event_idx=True, memory="tso", max_packet=1),
    peers(ring="packed", peer="any", size=2, in_order=True, max_packet=1),
    standard(idx_bits=2),
]


def test_every_path_of_every_step_makes_at_most_one_access() -> None:
    """The symbolic reading runs every path of a step, and the language raises on a second access."""
    read: set[str] = set()
    for system in SYSTEMS:
        read |= {a.action.step.name for a in Reading(system).actions}
    assert {s.name for s in STEPS} <= read


def _two_loads(s: Any, me: Softirq) -> None:
    """Reads the used index twice, on one path only."""
    if load(s, me, loc.used_idx) == s.vq.last_used_idx:
        load(s, me, loc.used_idx)
    me.goto(L.IDLE)


def _load_and_store(s: Any, me: Softirq) -> None:
    """Reads an index and writes the event index in one step."""
    store(s, me, loc.used_event, load(s, me, loc.used_idx))


@pytest.mark.parametrize("faulty", [_two_loads, _load_and_store])
def test_a_second_access_is_noticed(faulty: Any) -> None:
    """Two accesses in one step raise, whichever path they are on."""
    system: System = rx().replace("virtqueue_poll", faulty)
    with pytest.raises(ModelError, match="second shared access"):
        Reading(system)


def test_a_solver_term_cannot_decide_a_step() -> None:
    """A symbolic truth value outside a symbolic run raises instead of being true."""
    from vrx.models.symbolic import terms

    with pytest.raises(ModelError):
        bool(terms.variable("x", 3) == 1)
    with pytest.raises(ModelError):
        bool(terms.variable("x", 3))
