"""`vrx coverage`: which functions of the receive path and which rules of the standard are modelled and checked.

The data is `proofs.coverage`.  What can be read off the source is read off it: the steps
of a C function from their `C:` lines, the guards of a clause from the functions of
`spec.standard` that name it.  What checks a function is what went red when its steps were
mutated (`proofs.killed`).  `python -m vrx.proofs.command.coverage` writes docs/coverage.md.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections import defaultdict
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from vrx import spec
from vrx.models.mutation.mutants import MACHINES
from vrx.models.mutation.table import dead_by_rule, drawn, killers
from vrx.models.systems.system import RINGS
from vrx.proofs.coverage import CHECKS, DECISIONS, FUNCTIONS, PROVED, WHY_NOT
from vrx.proofs.killed import KILLED
from vrx.proofs.never_taken import BRANCHES
from vrx.proofs.running import guarded
from vrx.spec.standard.clauses import CLAUSES
from vrx.spec.steps import Machine, Step

COVERAGE_VERSION = 2
ROOT = Path(spec.__file__).parent
PACKED_RULES = "not asked of a packed ring yet; of its steps the standard questions are (packed.md)"


@cache
def all_steps() -> tuple[Step, ...]:
    """Every step of every machine of the specification; those of two layouts may have one name."""
    found: dict[int, Step] = {}
    for path in sorted(ROOT.rglob("*.py")):
        name = ".".join(("vrx.spec", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
        for value in vars(import_module(name)).values():
            if isinstance(value, Machine):
                found.update((id(s), s) for s in value)
    return tuple(found.values())


@cache
def steps() -> dict[str, Step]:
    """Every step by its name; of those that have one name the last."""
    return {s.name: s for s in all_steps()}


@cache
def guards() -> dict[str, tuple[str, ...]]:
    """Clause -> the functions that name it in their code, with a layout or without: `module.function`."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for path in sorted(ROOT.glob("**/standard/*.py")):
        if path.stem in ("clauses", "watch"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for part in ast.walk(node):
                    if isinstance(part, ast.Constant) and part.value in CLAUSES:
                        found[str(part.value)][f"{path.stem}.{node.name}"] = None
    from vrx.spec.standard.header import NEEDED

    for clause, _ in NEEDED.values():
        found[clause]["header.broken"] = None
    return {clause: tuple(names) for clause, names in found.items()}


SECTIONS = {"2.7.": "split", "2.8.": "packed"}
"""The sections of the standard that are about one layout: how the number of a rule begins, without the letter of what
the tables took from prose."""


@cache
def _layouts() -> dict[str, frozenset[str]]:
    """Step or helper -> the layouts in whose folders one of that name stands; an empty name for what no layout has."""
    runs = [(s.name, s.run) for s in all_steps()] + [(h.__name__, h) for m in MACHINES for h in m.helpers]
    found: dict[str, set[str]] = defaultdict(set)
    for name, run in runs:
        words = inspect.unwrap(run).__module__.split(".")
        found[name].add(next((word for word in words if word in RINGS), ""))
    return {name: frozenset(layouts) for name, layouts in found.items()}


def is_of(ring: str | None, row: dict[str, Any]) -> bool:
    """Is a row about a ring of this layout, or about no layout?  None: any."""
    if ring is None:
        return True
    if "function" not in row:
        number = re.sub(r"^[A-Z]+-", "", row["id"])
        return next((layout for begins, layout in SECTIONS.items() if number.startswith(begins)), ring) == ring
    stands = {layout for name in row["steps"] for layout in _layouts()[name]}
    stands = stands or {layout for layout in RINGS if f"_{layout}" in row["function"]}
    return not stands or bool(stands & {ring, ""})


def steps_of(names: str) -> list[str]:
    """The steps, and the helpers between them, whose `C:` line names one of the C functions."""
    wanted = [re.compile(rf"\b{re.escape(name)}\(\)") for name in names.split(",")]
    found = [s.name for s in all_steps() if any(w.search(s.labelled("C")) for w in wanted)]
    for name, doc in _helpers().items():
        if any(w.search(doc) for w in wanted):
            found.append(name)
    return list(dict.fromkeys(found))


def with_helpers(names: list[str]) -> list[str]:
    """Some steps and helpers, and the helpers that they call and that are no C function of their own."""
    runs = [(s.name, s.run) for s in all_steps()] + [(h.__name__, h) for m in MACHINES for h in m.helpers]
    found = list(names)
    for name in found:  # grows
        for run in (run for of, run in runs if of == name):
            for called in inspect.unwrap(run).__code__.co_names:
                if _helpers().get(called) == "" and called not in found:
                    found.append(called)
    return found


@cache
def _helpers() -> dict[str, str]:
    """The helpers between steps, each with its `C:` line; an empty one where there is none.

    Those of two layouts that have one name have one entry.
    """
    lines: dict[str, str] = defaultdict(str)
    for helper in (h for m in MACHINES for h in m.helpers):
        doc = inspect.cleandoc(inspect.unwrap(helper).__doc__ or "")
        lines[helper.__name__] += "".join(line for line in doc.splitlines() if line.startswith("C: "))
    return dict(lines)


def functions() -> list[dict[str, Any]]:
    """A row for each function of the receive path."""
    rows = []
    for number, title, why_not in FUNCTIONS:
        name, _, called = title.partition("=")
        mine = [] if why_not else steps_of(called or name)
        mutated = with_helpers(mine)
        red = killers(KILLED, mutated)
        checked = [q for q, _ in sorted(red.items(), key=lambda item: (-item[1], item[0]))]
        rows.append(
            {
                "id": number,
                "function": name,
                "modelled": not why_not,
                "steps": mine,
                "mutants": drawn(KILLED, mutated),
                "checked_by": [*checked, *PROVED.get(number, "").split()],
                "why_not": why_not,
            }
        )
    return rows


def clauses() -> list[dict[str, Any]]:
    """A row for each rule of the standard."""
    rows = []
    dead = dead_by_rule(KILLED)
    for number in CLAUSES:
        named = list(dict.fromkeys([*guards().get(number, ()), *CHECKS.get(number, "").split()]))
        by = [n for n in named if n in steps() or _is_guard(n)]
        packed = PACKED_RULES if number.startswith("P-2.8.") else ""
        rows.append(
            {
                "id": number,
                "modelled": bool(named),
                "expressed_by": by,
                "checked_by": [n for n in named if n not in by],
                "mutants": dead[number],
                "why_not": "" if named else WHY_NOT.get(number, packed),
            }
        )
    return rows


def _is_guard(name: str) -> bool:
    file = f"{name.partition('.')[0]}.py"
    return any(ROOT.glob(f"**/standard/{file}")) or (ROOT / file).exists()


def said_of_function(row: dict[str, Any], code: str = "`") -> str:
    """What checks a function, or why nothing does, in words."""
    if not row["modelled"]:
        return f"*no*: {row['why_not']}" if code else str(row["why_not"])
    names = ", ".join(_quoted(n, code) for n in row["checked_by"])
    if names:
        return names
    if not row["mutants"]:
        return "not checked: no mutant of its steps was drawn"
    return f"not checked: nothing went red for {row['mutants']} mutant{'s' * (row['mutants'] > 1)} of its steps"


def said_of_clause(row: dict[str, Any], code: str = "`") -> str:
    """What checks a rule, or that nothing does, in words."""
    if not row["modelled"]:
        return f"*no*: {row['why_not']}" if code else str(row["why_not"])
    said = [_quoted(n, code) for n in row["checked_by"]]
    if row["mutants"]:
        said.append(f"{row['mutants']} mutant{'s' * (row['mutants'] > 1)} died of it")
    return ", ".join(said) or "by construction: the standard's side does nothing else, and no fault touches it"


def _quoted(name: str, code: str) -> str:
    return f"{code}{name}{code}" if " " not in name else name


def as_json(ring: str | None = None) -> dict[str, Any]:
    """What `vrx coverage --json` writes.  ring: only what is about a ring of this layout, or about none"""
    keys = ("id", "function", "modelled", "steps", "mutants", "checked_by")
    return {
        "version": COVERAGE_VERSION,
        "functions": [{key: row[key] for key in keys} for row in functions() if is_of(ring, row)],
        "clauses": [row for row in clauses() if is_of(ring, row)],
    }


def text(ring: str | None = None) -> str:
    """Both tables for a terminal.  ring: as in `as_json`"""
    lines = []
    for row in (row for row in functions() if is_of(ring, row)):
        lines.append(f"{row['id']:12} {'yes' if row['modelled'] else 'no ':3}  {row['function']}")
        lines += [f"{'':17} {'by: ' * row['modelled']}{said_of_function(row, '')}"]
    lines.append("")
    for row in (row for row in clauses() if is_of(ring, row)):
        rule = CLAUSES[row["id"]]
        lines.append(f"{row['id']:12} {'yes' if row['modelled'] else 'no ':3}  {rule.who} {rule.level}: {rule.text}")
        lines += [f"{'':17} {'by: ' * row['modelled']}{said_of_clause(row, '')}"]
    lines += ["", counted(ring)]
    return "\n".join(lines)


def counted(ring: str | None = None) -> str:
    """How much is covered, in a line.  ring: as in `as_json`"""
    parts = []
    for what, every in (("functions", functions()), ("rules", clauses())):
        rows = [row for row in every if is_of(ring, row)]
        parts.append(f"{sum(r['modelled'] for r in rows)} of {len(rows)} {what} modelled")
    return "; ".join(parts)


HEAD = """# Coverage

Generated by `python -m vrx.proofs.command.coverage`; do not edit. `vrx coverage` prints the same tables.

{counted}.

What checks a function is what went red when its steps were mutated, those with its name in the `C:` line and what they
call, most often first ({sample} mutants; [mutants.md](mutants.md)). The step language refuses what leaves a range or
makes a second access. What expresses a rule is a guard (a function of `spec/standard/` that names the clause) or a step
of the standard's own sides; what checks it is a claim, a variant that must fail or a test that names it, and mutants
that `follows_the_standard` refuted by this very rule. A test of the suite says that each of these exists.
"""


BRANCHES_HEAD = """Each condition that a step of Linux's or of QEMU's asks is answered both ways in some search of
`proofs/branches.py`, but for these; one that is taken after all is an error. `vrx prove every_branch_is_taken` asks, in
half a minute of processor time.
"""


def page() -> str:
    """docs/coverage.md."""
    out = [HEAD.format(counted=counted(), sample=len(KILLED.died))]
    out += ["\n## Functions of the receive path\n", "| | function | steps | checked by |", "|---|---|---|---|"]
    for row in functions():
        modelled = ", ".join(f"`{s}`" for s in row["steps"])
        out.append(f"| {row['id']} | `{row['function']}` | {modelled} | {said_of_function(row)} |")
    out += ["\n## Rules of VIRTIO 1.4\n", "| | who | rule | expressed by | checked by |", "|---|---|---|---|---|"]
    for row in clauses():
        rule = CLAUSES[row["id"]]
        by = ", ".join(f"`{n}`" for n in row["expressed_by"])
        out.append(f"| {row['id']} | {rule.who} {rule.level} | {rule.text} | {by} | {said_of_clause(row)} |")
    out += ["\n## Branches that no search takes\n", BRANCHES_HEAD]
    out += [f"- `{b.function}()`: `{b.asks}` is {'so' if b.answer else 'not so'}: {b.reason}" for b in BRANCHES]
    out += ["\n## How ambiguous text is read\n"]
    out += [f"- **{number}** {how}" for number, how in DECISIONS.items()]
    return "\n".join(out) + "\n"


def main() -> int:
    """Write the page."""
    Path("docs/coverage.md").write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))
