"""A system and its questions as a compiled walk: read, written as C, compiled once for each content."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

from vrx.models.engines.native.build import CompilerFailed, NoCompiler, compiled
from vrx.models.simulation.native.codegen import OCCUPANCY, RECEIVED, Asked, CannotCompile, Writer, runtime
from vrx.models.simulation.native.reading import ArrayReading
from vrx.models.simulation.simulator import Scheduled
from vrx.models.simulation.statistics import ARRIVAL, FILL, FLUSH, PARKS, PIECE, REFILL, SHORT, WOKEN, occupied, whole
from vrx.models.symbolic.trees import Tree
from vrx.models.systems.system import Program, System
from vrx.spec.layouts.view import view
from vrx.spec.linux.returns import DROP
from vrx.spec.properties import Property
from vrx.spec.steps import ModelError

SPREAD = 4
"""Numbers of a spread: how many, their sum, the least, the most."""
NUMBERS: dict[str, int] = {
    **dict.fromkeys(("STEPS", "RESTS", "LIMIT", "PACKETS", "ARRIVED", "SIZES", "TAKEN", "BUDGET", "ALONE", "ALIKE"), 1),
    **dict.fromkeys(("RANDOM", "WAKE", "FAILED", "FAILED_HERE", "PENDING", "STRUCK", "KEEP_MOVES", "MOVES"), 1),
    **dict.fromkeys(("BUFFERS", "DELIVERED", "POLLED", "FILLED", "RECEIVED", "PARKED_AT", "PARKS"), 1),
    **dict.fromkeys(("KEEP_OCCUPANCY", "OCCUPANCIES", "OCCUPANCIES_KNOWN"), 1),
    **dict.fromkeys(("PER_POLL", "PER_PACKET", "PARKED", "LAST_OCCUPANCY"), SPREAD),
}
"""What Python reads and writes of a walk, and of how many numbers it is; the names are an enum in the C."""
AT = {name: sum(list(NUMBERS.values())[:i]) for i, name in enumerate(NUMBERS)}
"""Where each begins."""
PARTS = ("n", "weight", "fired", "marked", "watch", "moves", "parks", "occupancy", "choice")
"""The arrays of a walk, in the order of `vrx_part`."""
CODE_BITS = 48
"""Bits of a move's choices as one number."""
FLAGS = ("-O2", "-fno-strict-overflow", "-std=gnu11", "-shared", "-fPIC", "-w")
CANNOT = (ModelError, CannotCompile, NoCompiler, CompilerFailed, RecursionError, ValueError, AttributeError, OSError)
"""Why a system is walked in Python: it cannot be read, or written as C, or there is no compiler."""


@dataclass(frozen=True)
class Compiled:
    """A compiled walk.

    always, rest: the questions; by_python: those of either that are asked in Python, and why
    places: the fields and arrays by number; marks: covers by number
    """

    lib: ctypes.CDLL
    always: tuple[Property, ...]
    rest: tuple[Property, ...]
    by_python: dict[str, str]
    places: tuple[str, ...]
    marks: tuple[str, ...]
    fields: int


def compile_walk(
    system: System, program: Program, properties: Sequence[Property], scheduled: Sequence[Scheduled]
) -> Compiled:
    """Compile a walk.  Raises one of `CANNOT`; none for a question, which is then Python's."""
    reading = ArrayReading(system, program)
    always = tuple(p for p in properties if p.when == "always")
    rest = tuple(p for p in properties if p.when == "rest")
    by_python: dict[str, str] = {}

    def asked(prop: Property) -> Asked:
        try:
            return Asked(prop.name, reading.property_tree(prop))
        except (ModelError, RecursionError, ValueError) as error:
            by_python[prop.name] = " ".join(str(error).split())
            return Asked(prop.name, None)

    questions = [asked(p) for p in always]
    at_rest = [asked(p) for p in rest]
    received, all_of_it = _numbers(reading, _received), _numbers(reading, _whole)
    owners = _numbers(reading, *(partial(_owned, k) for k in range(SPREAD)))
    writer = Writer(reading, questions, {RECEIVED: received, OCCUPANCY: owners})
    most = max((prod(n for _, n in a.choices) for a in program.actions), default=1)
    if most >> CODE_BITS or len(program.actions) >> 16:
        raise CannotCompile(f"a step has {most:,} free choices: at most 2**{CODE_BITS} fit")
    begin, walk = runtime()
    head = _head(writer, program, always, rest)
    steps = [writer.action(traced) for traced in reading.actions]
    functions = [
        *(_question(writer, f"always{i}", one.tree) for i, one in enumerate(questions)),
        *(_question(writer, f"rest{i}", one.tree) for i, one in enumerate(at_rest)),
        _several(writer, "received_now", received),
        _several(writer, "whole_now", all_of_it),
        _several(writer, "occupied", owners),
        _table("ALWAYS", "always", questions),
        _table("REST", "rest", at_rest),
    ]  # fmt: skip
    mask = sum(1 << i for i, one in enumerate(questions) if one.tree is not None)
    functions.append(f"#define ASKED {mask}ull")
    functions.append(f"#define REST_BY_PYTHON {int(any(one.tree is None for one in at_rest))}")
    text = [head, writer.structure(), begin, *steps, *functions, writer.candidates(),
            *_tables(writer, program, scheduled), walk]  # fmt: skip
    lib = compiled("\n".join(text), FLAGS)
    _declare(lib)
    return Compiled(lib, always, rest, by_python, tuple(writer.places), writer.marks, len(program.view.fields))


def _numbers(reading: ArrayReading, *numbers: Callable[[Any], int]) -> list[Tree]:
    """What the statistics look at in a state; nothing where it has no such parts, as a side of the standard's."""
    try:
        return [reading.value_tree(number) for number in numbers]
    except AttributeError:
        return []


def _received(s: Any) -> int:
    return view(s).received


def _whole(s: Any) -> int:
    return 1 if whole(s) else 0


def _owned(k: int, s: Any) -> int:
    return occupied(s)[k]


def _several(writer: Writer, name: str, trees: Sequence[Tree]) -> str:
    """Numbers of a state as one function."""
    ones = [writer.function(f"static int64_t {name}{k}(const State *s)", tree) for k, tree in enumerate(trees)]
    calls = " ".join(f"to[{k}] = {name}{k}(s);" for k in range(len(trees)))
    return "\n".join([*ones, f"static void {name}(const State *s, int64_t *to) {{ {calls} }}"])


def _head(writer: Writer, program: Program, always: Sequence[Property], rest: Sequence[Property]) -> str:
    constants = {
        "ACTIONS": max(1, len(program.actions)),
        "MARKS": max(1, len(writer.marks)),
        "PLACES": max(1, len(writer.places)),
        "CHOICES": max(1, *(len(a.choices) for a in program.actions)),
        "RESTING": len(rest),
        "COUNTERS": sum(NUMBERS.values()),
        "DATA": int(bool(getattr(program.system.cfg, "data", False))),
    }
    lines = ["#include <stdint.h>", "#include <stdlib.h>", "#include <string.h>"]
    lines += [f"#define {name} {value}" for name, value in constants.items()]
    special = {SHORT: 1, DROP: 2, PARKS: 4, WOKEN: 8}
    lines.append("enum { " + ", ".join(f"{name} = {at}" for name, at in AT.items()) + " };")
    passed = ", ".join(str(special.get(mark, 0)) for mark in writer.marks) or "0"
    lines.append(f"static const uint8_t PASSED[] = {{{passed}}};")
    return "\n".join(lines)


def _question(writer: Writer, name: str, tree: Tree | None) -> str:
    return "" if tree is None else writer.function(f"static int {name}(const State *s)", tree)


def _table(name: str, function: str, asked: Sequence[Asked]) -> str:
    entries = ", ".join("0" if one.tree is None else f"{function}{i}" for i, one in enumerate(asked)) or "0"
    return f"static int (*const {name}[])(const State *) = {{{entries}}};"


def _tables(writer: Writer, program: Program, scheduled: Sequence[Scheduled]) -> list[str]:
    """What the walk knows of each action."""
    counted = {FILL: "FILLS", FLUSH: "FLUSHES"}
    by_step = {REFILL: "REFILLS", PIECE: "PIECE"}
    number = {"free": 0, "size": 1, "exhausted": 2, "budget": 3}
    kinds = {"PLAIN": 0, "FILLS": 1, "FLUSHES": 2, "REFILLS": 3, "PIECE": 4}
    kind = [kinds[counted.get(one.point) or by_step.get(one.step, "PLAIN")] for one in scheduled]
    rows = {
        "uint8_t ENVIRONMENT[]": [int(one.outside) for one in scheduled],
        "uint8_t LOOKS[]": [int(one.looks) for one in scheduled],
        "uint8_t POLLS[]": [int(one.polls) for one in scheduled],
        "uint8_t ARRIVES[]": [int(one.step == ARRIVAL) for one in scheduled],
        "uint8_t HAS_FEW[]": [int(one.few) for one in scheduled],
        "uint8_t KIND[]": kind,
        "uint8_t CHOICE_COUNT[]": [len(a.choices) for a in program.actions],
    }
    lines = [f"static const {what} = {{{', '.join(map(str, row)) or '0'}}};" for what, row in rows.items()]
    counts = [[n for _, n in a.choices] or [0] for a in program.actions]
    made = [[number[k] for k in one.kinds] or [0] for one in scheduled]
    for what, table in (("int CHOICE[][CHOICES]", counts), ("uint8_t CHOICE_KIND[][CHOICES]", made)):
        lines.append(f"static const {what} = {{{', '.join('{' + ', '.join(map(str, row)) + '}' for row in table)}}};")
    steps = ", ".join(f"action{t.number}" for t in writer.reading.actions)
    lines.append(f"static int (*const STEP[])(Run *, State *, const int *) = {{{steps}}};")
    return lines


def _declare(lib: ctypes.CDLL) -> None:
    pointer, u64 = ctypes.c_void_p, ctypes.c_uint64
    numbers = ctypes.POINTER(ctypes.c_int64)
    for name, result, arguments in (
        ("vrx_new", pointer, ()),
        ("vrx_free", None, (pointer,)),
        ("vrx_get", None, (pointer, numbers)),
        ("vrx_put", None, (pointer, numbers)),
        ("vrx_walk", ctypes.c_int, (pointer, u64)),
        ("vrx_take", ctypes.c_int, (pointer, ctypes.c_int, ctypes.POINTER(ctypes.c_int))),
        ("vrx_holds", ctypes.c_int, (pointer, ctypes.c_int, ctypes.c_int)),
        ("vrx_ask_all", None, (pointer,)),
        ("vrx_ask", ctypes.c_int, (pointer,)),
        ("vrx_part", pointer, (pointer, ctypes.c_int)),
    ):
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
