"""Making a failing scenario short: without Hypothesis, for those that Hypothesis did not draw."""

from __future__ import annotations

from collections.abc import Callable

from vrx.models.conformance.scenario import Operation, Scenario

SIMPLER = (0, 1, 64)


def shrink(scenario: Scenario, fails: Callable[[Scenario], bool], tries: int = 400) -> Scenario:
    """A part of the scenario that still fails, with operations as simple as they can be; at most `tries` runs."""
    left = tries

    def still(operations: list[Operation]) -> bool:
        nonlocal left
        left -= 1
        return left >= 0 and fails(scenario.with_operations(operations))

    kept = list(scenario.operations)
    size = len(kept)
    while size and left > 0:
        i = 0
        while i < len(kept) and left > 0:
            shorter = kept[:i] + kept[i + size :]
            if still(shorter):
                kept = shorter
            else:
                i += size
        size //= 2
    for i in range(len(kept)):
        for j in range(1, len(kept[i])):
            for value in _simpler(kept[i][j]):
                changed = (*kept[i][:j], value, *kept[i][j + 1 :])
                if still([*kept[:i], changed, *kept[i + 1 :]]):
                    kept[i] = changed
                    break
    return scenario.with_operations(kept)


def _simpler(value: int | list[int]) -> list[int | list[int]]:
    if not isinstance(value, list):
        return [n for n in SIMPLER if n < value]
    shorter: list[int | list[int]] = [value[:n] for n in range(1, len(value))]
    return [*shorter, *([*value[:i], 64, *value[i + 1 :]] for i in range(len(value)) if value[i] != 64)]
