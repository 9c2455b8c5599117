"""The integer reading on plain numbers: what its paths say of one state, to compare with the step itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vrx.models.engines.induction.integer_reading import IntegerReading, Path, Taken
from vrx.models.symbolic.terms import Num, Row, Truth
from vrx.models.symbolic.walk import in_order
from vrx.models.systems.fields import Values
from vrx.models.systems.system import Program


class Plain:
    """The values of terms; rows are tuples.  size: what the symbolic ring size is worth."""

    def __init__(self, variables: Mapping[str, Any], size: int) -> None:
        self._variables = {**variables, "N": size}
        self._known: dict[int, Any] = {}

    def value(self, term: Num | Truth | Row) -> Any:
        """What a term is worth."""
        roots: Any = (term,)
        for t in in_order(roots, self._known):
            self._known[id(t)] = self._one(t)
        return self._known[id(term)]

    def _one(self, term: Any) -> Any:
        if term.op == "const":
            return int(term.data)
        if term.op == "var":
            return self._variables[term.data]
        if term.op == "zeros":
            return (0,) * self._variables["N"]
        args = [self._known[id(a)] for a in term.args]
        match term.op:
            case "add":
                return args[0] + args[1]
            case "sub":
                return args[0] - args[1]
            case "scale":
                return args[0] * term.data
            case "wrap":
                return args[0] % (1 << term.data)
            case "slot" | "around":
                return args[0] % args[1]
            case "ite":
                return args[1] if args[0] else args[2]
            case "eq":
                return args[0] == args[1]
            case "lt":
                return args[0] < args[1]
            case "not":
                return not args[0]
            case "and":
                return args[0] and args[1]
            case "or":
                return args[0] or args[1]
            case "at":
                # A term may ask for an element that no path taken here reads.
                return args[0][args[1]] if 0 <= args[1] < len(args[0]) else 0
            case "put":
                row = list(args[0])
                if 0 <= args[1] < len(row):
                    row[args[1]] = args[2]
                return tuple(row)
        raise ValueError(f"a term of the kind {term.op!r}")


def named(reading: IntegerReading, program: Program, values: Values) -> dict[str, Any]:
    """The values of a state by the names of the reading's places; rows as tuples."""
    flat = dict(zip((f.name for f in program.view.fields), (int(v) for v in values), strict=True))
    size = program.system.cfg.size
    return {
        p.name: tuple(flat[f"{p.name}[{k}]"] for k in range(size)) if isinstance(p.variable, Row) else flat[p.name]
        for p in reading.places
    }


def taken_path(
    reading: IntegerReading, taken: Taken, before: Mapping[str, Any], choice: Sequence[int], size: int
) -> tuple[Path, dict[str, Any]] | None:
    """The path that a state leads to, and the fields after it; None where the reading says that it is disabled."""
    chosen = {c.data: v for (c, _), v in zip(taken.choices, choice, strict=True) if c.op == "var"}
    plain = Plain({**before, **chosen}, size)
    if taken.counter is not None and plain.value(taken.counter) != taken.point:
        return None
    for path in taken.paths:
        if all(bool(plain.value(condition)) == value for condition, value in path.decisions):
            after = dict(before)
            for i, value in path.updates.items():
                found = plain.value(value)
                after[reading.places[i].name] = tuple(map(int, found)) if isinstance(found, tuple) else int(found)
            return path, after
    return None
