"""Claims share a search where all that their answers rest on is the same, and as many as fit into one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.quiet_variants import QUIET
from vrx.models.claims import Lasting, Safety
from vrx.models.deciding.engine import decide, first_violation
from vrx.models.deciding.same_system import alike
from vrx.models.systems.system import rx
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.liveness import Liveness, never_forever
from vrx.spec.property import Property, invariant

WITH, WITHOUT = rx(arrivals=False), rx(arrivals=False).without("virtqueue_poll__mb")


def moves(s: SplitState) -> int:
    return 0 if s.cfg.without else s.vq.last_used_idx


def nothing_out(s: SplitState) -> bool:
    return not s.cfg.without


def there(s: SplitState) -> bool:
    """Always."""
    return s.vq.num_free >= 0


BY_CONFIGURATION: dict[str, Liveness] = {
    "same": never_forever(stuck=None, same=moves)(there),
    "again": never_forever(stuck=None, again=nothing_out)(there),
    "about": never_forever(stuck=None, about=nothing_out)(there),
    "stuck": never_forever(stuck=nothing_out)(there),
}


@pytest.mark.parametrize("kind", BY_CONFIGURATION)
@pytest.mark.parametrize("turned", [False, True])
def test_a_claim_that_reads_the_configuration_shares_no_search(kind: str, turned: bool) -> None:
    """The steps are the same C, and the answers are not."""
    systems = (WITHOUT, WITH) if turned else (WITH, WITHOUT)
    groups, unread = alike([Lasting("x", system, BY_CONFIGURATION[kind], "proved") for system in systems])
    assert [g.numbers for g in groups] == [[0], [1]] and not unread


def test_claims_that_say_the_same_of_the_same_c_share_one() -> None:
    question = never_forever(stuck=None, same=moves_free)(there)
    groups, _ = alike([Lasting("x", system, question, "proved") for system in (WITH, WITHOUT)])
    assert [g.numbers for g in groups] == [[0, 1]]


def moves_free(s: SplitState) -> int:
    return s.vq.last_used_idx


@dataclass(frozen=True)
class Most:
    """At most so many, and not the index that is excluded."""

    most: int
    excluded: int = field(default=9, compare=False)

    def __call__(self, s: SplitState) -> bool:
        return (s.dev.inuse + s.vq.num_free <= self.most) & (s.dev.used_idx != self.excluded)


Make = Callable[[Any], Property | Liveness]


@pytest.mark.parametrize("make", [
    lambda run: Property("sum", run, "always"), lambda run: Property("sum", there, "always", about=run),
    lambda run: Liveness("sum", "", run), lambda run: Liveness("sum", "", there, stuck=run),
    lambda run: Liveness("sum", "", there, same=run), lambda run: Liveness("sum", "", there, again=run),
])  # fmt: skip
def test_questions_are_equal_where_they_ask_the_same_objects(make: Make) -> None:
    first, second = Most(1), Most(1, excluded=1)
    assert first == second and make(first) != make(second) and make(first) == make(first)
    assert len({make(first), make(second), make(first)}) == 2


@pytest.mark.needs("compiler")
def test_two_questions_that_call_themselves_equal_have_an_answer_each() -> None:
    asked = [Property("sum", Most(1), "always"), Property("sum", Most(1, excluded=0), "always")]
    found = decide([Safety(str(n), QUIET, p, "proved") for n, p in enumerate(asked)]).outcomes
    assert [o.verdict for o in found] == ["proved", "refuted"]


def test_systems_with_helpers_that_call_themselves_equal_are_two() -> None:
    @dataclass(frozen=True)
    class Helper:
        said: int = field(default=0, compare=False)

        def __call__(self, s: SplitState, me: Any, *others: Any) -> None: ...

    name = next(iter(QUIET.helpers))
    one, other = (replace(QUIET, instead=((name, Helper(n)),)) for n in (0, 1))
    assert one != other and one == replace(one) and len({one, other}) == 2


def never(n: int) -> Property:
    @invariant
    def mine(s: SplitState) -> bool:
        """Never."""
        return s.dev.used_idx + n != 70

    return mine


@pytest.mark.needs("compiler")
def test_more_questions_than_fit_into_one_search_have_several() -> None:
    asked = [never(n) for n in range(71)]  # used_idx is 0 at the beginning, so that only the last is refuted
    claims = [Safety(str(n), QUIET, p, "proved") for n, p in enumerate(asked)]
    groups, _ = alike(claims)
    assert [len(g.numbers) for g in groups] == [64, 7]
    assert [n for n, o in enumerate(decide(claims).outcomes) if o.verdict == "refuted"] == [70]
    violation = first_violation(QUIET, asked)
    assert violation is not None and violation[0] is asked[-1]
