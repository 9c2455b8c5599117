"""Who reads a field of the state: the steps and properties whose terms depend on it."""

from __future__ import annotations

from collections.abc import Callable

from vrx.models.claims import Outcome, Statement
from vrx.models.symbolic.reading import Reading
from vrx.models.symbolic.relation import Term, variables_of
from vrx.models.symbolic.trees import Fork, Tree, nodes
from vrx.models.systems.system import System
from vrx.spec.properties import ALL


def read_only_by(field: str, step: str) -> Callable[[Statement], Outcome]:
    """Is a step the only one that reads a field of the claim's system, and does no property read it?"""

    def decide(claim: Statement) -> Outcome:
        assert claim.system is not None
        found = readers_of(claim.system, field)
        if found == {step}:
            return Outcome("proved", "terms")
        return Outcome("refuted", "terms", reason=f"read by {', '.join(sorted(found)) or 'no step'}")

    return decide


def readers_of(system: System, field: str) -> set[str]:
    """The steps and properties that depend on a field of the state, in any configuration of their arguments."""
    reading = Reading(system)
    place = next(i for i, f in enumerate(reading.fields) if f.name == field)
    wanted = id(reading.variables[place])
    trees = [(t.action.step.name, t.tree) for t in reading.actions]
    trees += [(p.name, reading.property_tree(p)) for p in ALL]
    return {name for name, tree in trees if _depends(tree, wanted)}


def _depends(tree: Tree, wanted: int) -> bool:
    return any(wanted in variables_of(term) for node in nodes(tree) for term in _terms(node))


def _terms(node: Tree) -> list[Term]:
    if isinstance(node, Fork):
        return [node.condition]
    return [*(node.updates or {}).values(), *([node.result] if node.result is not None else [])]
