"""A decision tree as nested `if`s in C; what is met again is written once, and jumped to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from vrx.models.engines.native.expressions import Block
from vrx.models.engines.native.hoisting import Needs
from vrx.models.symbolic.trees import Fork, Leaf, Tree, folded, nodes


def nested(block: Block, tree: Tree, end: Callable[[Leaf], None]) -> None:
    """Write a tree into the body of a function.  end: writes a leaf, whose last line returns."""
    needs = Needs(tree)
    again = _again(tree)
    numbers: dict[int, int] = {}
    waiting: list[Tree] = [tree]
    for root in waiting:  # grows: what is met again stands behind the rest
        if root is not tree:
            block.open(f"n{numbers[id(root)]}: {{")
        stack: list[Tree | str] = [root]
        while stack:
            node = stack.pop()
            if isinstance(node, str):
                block.close()
                if node:
                    block.open(node)
            elif id(node) in again and node is not root:
                if id(node) not in numbers:
                    numbers[id(node)] = len(numbers)
                    waiting.append(node)
                block.lines.append(f"goto n{numbers[id(node)]};")
            elif isinstance(node, Fork):
                for term in needs.shared(node).values():
                    block.use(term)
                block.open(f"if ({block.use(node.condition)}) {{")
                stack += ["", node.no, "else {", node.yes]
            else:
                end(node)
        if root is not tree:
            block.close()


def _again(tree: Tree) -> set[int]:
    """The parts of a tree that are met more than once, by identity."""
    met = Counter(id(side) for node in nodes(tree) if isinstance(node, Fork) for side in (node.yes, node.no))
    return {number for number, times in met.items() if times > 1}


def shared(tree: Tree) -> Tree:
    """The same tree, equal parts of which are one object: a property that asks the same again after all it has seen."""
    alike: dict[tuple[object, ...], Tree] = {}

    def leaf(node: Leaf) -> Tree:
        key = (id(node.result), *((i, id(term)) for i, term in sorted((node.updates or {}).items())))
        return alike.setdefault(key, node)

    def fork(node: Fork, yes: Tree, no: Tree) -> Tree:
        if yes is no:
            return yes
        return alike.setdefault((id(node.condition), id(yes), id(no)), Fork(node.condition, yes, no))

    return folded(tree, leaf, fork)
