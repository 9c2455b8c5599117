"""Step by step with Z3: whatever state satisfies the lemmas, no step of the system leads out of them.

Bit-vectors as wide as the fields: 16-bit indices are 16 bits here.  Each action is asked
by itself against each lemma, which keeps the questions small and names both in the answer.
Nothing is said of which states are reachable: the lemmas are an invariant that contains them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import z3

from vrx.models.claims import Outcome
from vrx.models.engines.z3.bitvectors import BitVectors, width
from vrx.models.symbolic.reading import Reading
from vrx.models.symbolic.relation import Relation, Rule
from vrx.models.symbolic.terms import Num, Truth
from vrx.models.systems.system import System
from vrx.spec.properties import Property

TIMEOUT_MS = 60_000


def stepwise(system: System, lemmas: Sequence[Property], asked: Collection[str] = ()) -> Outcome:
    """Is the conjunction of the lemmas inductive?  Refuted: the reason names steps, and the lemmas that they leave.

    asked: the names of the steps that are asked; none: all of them.  One that leaves the lemmas is enough to refute;
    that none of some does is undecided.
    """
    reading = Reading(system)
    relation, low = Relation(reading), BitVectors()
    program = reading.program
    program.view.set(program.initial)
    outside = [lemma.name for lemma in lemmas if not lemma.holds(program.state)]
    formulas = {lemma.name: low.truth(relation.holds(lemma)) for lemma in lemmas}
    solver = z3.SolverFor("QF_BV")
    solver.set("timeout", TIMEOUT_MS)
    solver.add(*formulas.values(), *ranges(relation, low))
    complaints = [f"the initial state is outside {name}" for name in outside]
    unknown = []
    rules = [r for r in relation.rules if not asked or reading.actions[r.number].action.step.name in asked]
    for rule in rules:
        solver.push()
        solver.add(low.truth(rule.guard), *_chosen(rule, low))
        if solver.check() != z3.unsat:
            updates = _updates(rule, relation, low)
            after = {name: z3.substitute(f, *updates) if updates else f for name, f in formulas.items()}
            wanted = {name: f for name, f in after.items() if not f.eq(formulas[name])}
            wanted["its ranges"] = low.truth(rule.fits)
            for name, formula in wanted.items():
                answer = solver.check(z3.Not(formula))
                if answer == z3.sat:
                    complaints.append(f"{rule.name} leaves {name}")
                elif answer == z3.unknown:
                    unknown.append(f"{rule.name} and {name}")
        solver.pop()
    if complaints:
        return Outcome("refuted", "z3", reason="; ".join(complaints))
    if unknown:
        return Outcome("undecided", "z3", reason="no answer in time: " + "; ".join(unknown), why="time")
    if asked:
        return Outcome("undecided", "z3", reason="nothing was asked of the other actions")
    return Outcome("inductive", "z3", reason=f"{len(rules)} actions, {len(lemmas)} lemmas")


def _updates(rule: Rule, relation: Relation, low: BitVectors) -> list[tuple[z3.ExprRef, z3.ExprRef]]:
    """Each field that the action changes, and what becomes of it."""
    pairs: list[tuple[z3.ExprRef, z3.ExprRef]] = []
    for i, value in rule.updates.items():
        variable = relation.variables[i]
        if variable.op != "var":
            continue
        if isinstance(value, Truth):
            new: z3.ExprRef = low.truth(value)
        else:
            low.number(value)
            new = low.fitted(value, width(0, relation.fields[i].top))
        pairs.append((low.term(variable), new))
    return pairs


def _chosen(rule: Rule, low: BitVectors) -> list[z3.BoolRef]:
    """The free choices are in their ranges."""
    return [z3.ULE(low.number(c), z3.BitVecVal(c.high, width(0, c.high))) for c in rule.choices]


def ranges(relation: Relation, low: BitVectors) -> list[z3.BoolRef]:
    """Every field is in its range: fields have more bit patterns than values."""
    found = []
    for variable, form in zip(relation.variables, relation.fields, strict=True):
        if isinstance(variable, Num) and variable.op == "var" and form.top + 1 & form.top:
            bits = width(0, form.top)
            found.append(z3.ULE(low.number(variable), z3.BitVecVal(form.top, bits)))
    return found
