"""A step is the function object that stands for it, and one that does something when it is called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.quiet_variants import ONE, QUIET, SMALL, asleep
from vrx.models.deciding.checking import check
from vrx.spec.config import BadConfiguration
from vrx.spec.layouts.split.driver import virtqueue_poll
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import Softirq


@dataclass
class Unhashable:
    """A step that cannot be a key."""

    looks: bool

    def __call__(self, s: SplitState, me: Softirq) -> None:
        if self.looks:
            virtqueue_poll(s, me)
        else:
            asleep(me)


@dataclass(frozen=True)
class Alike:
    """A step that says of another one that they are equal."""

    looks: bool = field(compare=False)

    def __call__(self, s: SplitState, me: Softirq) -> None:
        if self.looks:
            virtqueue_poll(s, me)
        else:
            asleep(me)


@pytest.mark.parametrize("kind", [Unhashable, Alike])
def test_a_step_is_the_object_and_not_what_it_says_of_itself(kind: Any) -> None:
    systems = {looks: SMALL.replace("virtqueue_poll", kind(looks), called="a poll") for looks in (True, False)}
    assert systems[True] != systems[False]
    for looks, system in systems.items():
        assert check(system, only=ONE).answer(*ONE).verdict == ("proved" if looks else "refuted")


def lazy(s: SplitState, me: Softirq) -> Iterator[int]:
    asleep(me)
    yield 1


async def later(s: SplitState, me: Softirq) -> None:
    asleep(me)


@pytest.mark.parametrize("run", [lazy, later])
def test_a_function_that_does_nothing_when_it_is_called_is_no_step(run: Any) -> None:
    with pytest.raises(BadConfiguration, match="would do nothing"):
        QUIET.replace("virtqueue_poll", run)


def test_a_function_in_the_place_of_a_name_is_told_its_name() -> None:
    with pytest.raises(BadConfiguration, match=r"exchanged by its name: replace\('virtqueue_poll', ...\)"):
        QUIET.replace(virtqueue_poll, asleep)  # type: ignore[arg-type]
