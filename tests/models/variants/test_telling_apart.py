"""What may tell a term from a number is refused where it is written, however rare the states that come to it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cache, cached_property, partial, singledispatch, wraps
from types import FunctionType
from typing import Any, NamedTuple

import pytest

import vrx.models.symbolic.terms
from tests.quiet_variants import QUIET, SMALL
from vrx.models.deciding.checking import check
from vrx.models.deciding.refusals import outside_of, refusals
from vrx.models.symbolic.reading import Reading
from vrx.models.symbolic.terms import deciders, num
from vrx.models.variants.hidden_inputs import asks_more, asks_outside
from vrx.models.variants.telling_apart import tells_apart
from vrx.spec import properties
from vrx.spec.config import BadConfiguration
from vrx.spec.layouts.split.driver import virtqueue_poll
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import Softirq
from vrx.spec.properties import single_owner
from vrx.spec.property import Property, invariant
from vrx.spec.steps import ModelError


def rare(s: SplitState) -> bool:
    """A state that no random walk of a few steps comes to."""
    return s.vq.last_used_idx == 1 and s.vq.num_free == 1 and s.vq.avail_idx_shadow == 2


def by_is(s: Any) -> bool:
    return rare(s) and s.dev.inuse is s.vq.num_free


def by_is_not(s: Any) -> bool:
    return rare(s) and (s.dev.inuse == 1) is not False


def by_except(s: Any) -> bool:
    try:
        return rare(s) and {1: True}.get(s.dev.inuse, False)
    except Exception:
        return False


def by_bare_except(s: Any) -> bool:
    try:
        return rare(s) and {1: True}.get(s.dev.inuse, False)
    except:  # noqa: E722
        return False


def by_finally(s: Any) -> bool:
    try:
        return rare(s)
    finally:
        return False  # noqa: B012, SIM107


def by_type(s: Any) -> bool:
    return rare(s) and type(s.dev.inuse) == int  # noqa: E721


def by_isinstance(s: Any) -> bool:
    return rare(s) and any(isinstance(x, int) for x in (s.dev.inuse,))


def by_class(s: Any) -> bool:
    return rare(s) and s.dev.inuse.__class__ == int  # noqa: E721


def by_match(s: Any) -> bool:
    match s.dev.inuse:
        case int():
            return rare(s)
    return False


def by_default(s: Any) -> bool:
    return rare(s) and getattr(s.dev.inuse, "real", 7) == 7


def by_hasattr(s: Any) -> bool:
    return rare(s) and hasattr(s.dev.inuse, "real")


def by_callable(s: Any) -> bool:
    return rare(s) and callable(s.dev.inuse)


def by_attribute_of_terms(s: Any) -> bool:
    return bool(rare(s) and s.dev.inuse.high == 1)


def by_operator(s: Any) -> bool:
    return rare(s) and operator.is_(s.dev.inuse, 1)


def by_map(s: Any) -> bool:
    return rare(s) and list(map(str, [s.dev.inuse])) == ["1"]


def by_inner(s: Any) -> bool:
    return rare(s) and (lambda x: x is True)(s.dev.inuse == 1)


def by_late_import(s: Any) -> bool:
    from tests import quiet_variants

    return rare(s) and quiet_variants.ONE == ["x"]


WAYS = (
    *(by_is, by_is_not, by_except, by_bare_except, by_finally, by_type, by_isinstance, by_class, by_match, by_default),
    *(by_hasattr, by_callable, by_attribute_of_terms, by_operator, by_map, by_inner, by_late_import),
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_question_and_a_step_that_may_tell_are_refused_with_the_line(way: Callable[[Any], bool]) -> None:
    """Unmended, each would be read as another question than the one that integers answer."""
    assert isinstance(way, FunctionType)
    first = way.__code__.co_firstlineno
    said = tells_apart(way)
    line = int(said.partition("test_telling_apart.py:")[2].partition(":")[0])
    assert first <= line <= first + 6
    assert said in outside_of(QUIET, Property("mine", lambda s: not way(s), "always"))

    def step(s: SplitState, me: Softirq) -> None:
        if not way(s):
            virtqueue_poll(s, me)

    assert said in refusals(SMALL.replace("virtqueue_poll", step))


class Asks:
    def __call__(self, s: Any) -> bool:
        return s.dev.inuse is not True


held = [isinstance]


class Points(IntEnum):
    """A user's own, whose class has methods of Python's that look at types."""

    IDLE = 0
    BUSY = 1


class Kept(NamedTuple):
    number: int


@dataclass(frozen=True)
class Bound:
    """Made outside of the question, and checked there."""

    most: int

    def __post_init__(self) -> None:
        if not isinstance(self.most, int):
            raise TypeError(self.most)

    def __call__(self, s: Any) -> bool:
        return Kept(s.dev.inuse).number <= Points.BUSY and s.dev.inuse + s.vq.num_free <= self.most


class Holds:
    def __init__(self, value: Any) -> None:
        self.one = value is True

    def __eq__(self, other: object) -> bool:
        return other is self

    @staticmethod
    def of_all(x: Any) -> bool:
        return x is True

    @classmethod
    def of_the_class(cls, x: Any) -> bool:
        return x is True

    @property
    def shown(self) -> bool:
        mine: Any = self
        return mine is not True


class Made:
    def __init__(self, value: Any) -> None:
        self.one = value is True


@singledispatch
def dispatched(x: object) -> bool:
    return False


HOLDS = Holds(1)


def test_a_class_of_the_user_s_is_looked_through() -> None:
    """Every method that may run by what a question asks; one that makes objects where the question makes some."""
    assert asks_outside([("mine", lambda s: Holds.of_all(s.dev.inuse))])
    assert asks_outside([("mine", lambda s: s.dev.inuse == HOLDS)])
    assert asks_outside([("mine", lambda s: Made(s.dev.inuse).one)])
    assert asks_outside([("mine", lambda s: dispatched(s.dev.inuse))])
    for name in ("of_all", "of_the_class", "shown", "__eq__"):
        assert "asks with `is`" in asks_outside([("mine", {vars(Holds)[name]})])
    assert asks_outside([("mine", Bound(1))]) == ""
    assert asks_more(QUIET, Property("mine", Bound(9), "always")) == ""


class Swallows:
    """What `hasattr` does, without a word of it."""

    def __init__(self, value: Any) -> None:
        self.value = value

    @property
    def whole(self) -> Any:
        return self.value.real

    def __getattr__(self, name: str) -> Any:
        return 7


def test_an_attribute_that_no_term_has_is_remembered() -> None:
    asked = Property("mine", lambda s: Swallows(s.dev.inuse).whole == s.dev.inuse, "always")
    with pytest.raises(AttributeError, match="no attribute 'real'"):
        Reading(QUIET, ()).property_tree(asked)
    assert not hasattr(Reading(QUIET, ()).variables[0], "real")


@pytest.mark.parametrize("hidden", [
    partial(by_is), Asks(), Asks().__call__, lambda s, f=by_is: f(s), lambda s: held[0](s.dev.inuse, int),
    wraps(single_owner.holds)(lambda s: s.dev.inuse is not True),
    wraps(virtqueue_poll)(lambda s: s.dev.inuse is not True), invariant(by_is).holds,
], ids=lambda hidden: type(hidden).__name__)  # fmt: skip
def test_it_is_found_wherever_the_function_is_held(hidden: Any) -> None:
    """Also under the name and the module of a function of this tool."""
    assert "tells a number" in asks_outside([("mine", hidden)]) or "asks with `is`" in asks_outside([("mine", hidden)])


def by_nothing(s: Any, other: Any = None) -> bool:
    if other is None:
        other = s
    kept = None if other is not None else 7
    match s.dev.inuse:
        case 1 | 2:
            return kept is None
    return all(x != 1 for x in (s.dev.inuse, other.vq.num_free)) and s.dev.inuse in (1, 2)


def test_what_tells_nothing_is_let_through() -> None:
    assert tells_apart(by_nothing) == ""  # type: ignore[arg-type]
    assert outside_of(QUIET, Property("mine", by_nothing, "always")) == ""


def test_nothing_of_the_tool_s_own_is_looked_through() -> None:
    standard = [p for p in vars(properties).values() if isinstance(p, Property)]
    assert standard and [p.name for p in standard if outside_of(QUIET, p)] == []


@pytest.mark.parametrize("shown", [
    lambda x: f"{x}" == "1", lambda x: f"{x:d}" == "1", lambda x: f"{x!r}" == "1", lambda x: "%s" % x == "1",  # noqa: UP031
    lambda x: "{}".format(x) == "1",  # noqa: UP032
    lambda x: {1: True}.get(x, False), lambda x: x in {1, 2},
])  # fmt: skip
def test_a_refusal_that_a_function_swallows_is_one_all_the_same(shown: Callable[[Any], bool]) -> None:
    def mine(s: SplitState) -> bool:
        try:
            return rare(s) and shown(s.dev.inuse)
        except BaseException:
            return False

    with pytest.raises(ModelError, match=r"made a string|looked up in a dict"):
        Reading(QUIET, ()).property_tree(Property("mine", mine, "always"))


def test_terms_are_shown_to_who_looks_at_them() -> None:
    """In a debugger, and in this tool's own errors."""
    assert all(str(v) and repr(v) and f"{v}" for v in Reading(QUIET, ()).variables)


def test_a_question_that_makes_a_string_of_a_value_is_refused() -> None:
    @invariant
    def mine(s: SplitState) -> bool:
        """Not what it looks like."""
        return not (rare(s) and f"{s.dev.inuse}" == "0")

    (fault,) = check(QUIET, [mine], only=["mine"]).faults
    assert "question mine" in fault and "compare the value itself" in fault and "test_telling_apart.py" in fault


@cache
def kept() -> list[int]:
    return [0]


class Once:
    @cached_property
    def asked(self) -> list[int]:
        return [0]


once = Once()


def looks_who_asks(s: Any) -> bool:
    return rare(s) and not deciders


def looks_in_a_module(s: Any) -> bool:
    return rare(s) and not vrx.models.symbolic.terms.deciders


def makes_a_term(s: Any) -> bool:
    return rare(s) and bool(num(s.dev.inuse) == 1)


def imports_an_engine(s: Any) -> bool:
    from vrx.models.symbolic import terms

    return rare(s) and not terms.deciders


def looks_who_listens(s: Any) -> bool:
    return rare(s) and s.listener is None


def throws_away_marks(s: Any) -> bool:
    s.marks = None
    return rare(s)


@pytest.mark.parametrize("hidden, said", [
    (lambda s: len(kept()) > 1, "kept keeps what it answered once"),
    (lambda s: len(once.asked) > 1, "keeps what it answered once"),
    (looks_who_asks, "uses deciders, which is of an engine"),
    (looks_in_a_module, "which is of an engine"),
    (makes_a_term, "uses num, which is of an engine"),
    (imports_an_engine, "which is of an engine"),
    (lambda s, engine=deciders: rare(s) and not engine, "uses a default, which is of an engine"),
    (looks_who_listens, "asks for .listener"),
    (throws_away_marks, "writes .marks"),
], ids=lambda value: value if isinstance(value, str) else "hidden")  # fmt: skip
def test_what_an_engine_or_a_cache_keeps_is_refused(hidden: Callable[[Any], bool], said: str) -> None:
    """However rare the states in which it matters: what a step or a question answers would depend on who asks."""
    assert said in asks_outside([("mine", hidden)])
    assert said in outside_of(QUIET, Property("mine", hidden, "always"))


def test_a_field_is_not_called_as_what_engines_keep() -> None:
    with pytest.raises(BadConfiguration, match="engines keep something of this name"):
        QUIET.declare("vq.marks", bool)


def test_a_step_that_exchanges_the_configuration_is_refused() -> None:
    def other(s: SplitState, me: Softirq) -> None:
        s.cfg = replace(s.cfg, event_idx=True)
        virtqueue_poll(s, me)

    (fault,) = check(SMALL.replace("virtqueue_poll", other), only=["no_lost_interrupt"]).faults
    assert "s.cfg is exchanged" in fault
