"""A layout that is given wrongly is refused at once: what was wrong, in which field, and what mends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.one_slot import ONE_SLOT, SHAPE
from tests.one_slot.memory import loc
from tests.one_slot.state import OneMainLoop, OneSoftirq
from vrx.models.systems.standard_systems import peers
from vrx.models.systems.system import rx
from vrx.spec.config import BadConfiguration
from vrx.spec.contexts import IN_ITS_ROLE
from vrx.spec.layouts.layout import Layout
from vrx.spec.linux.state import DriverPoint, L, Softirq
from vrx.spec.memory import Barrier
from vrx.spec.steps import Machine, ModelError


class Taken(DriverPoint):
    """A point whose number another one has."""

    HERE = int(L.MORE_USED)


@dataclass
class Confused(Softirq):
    """Who polls."""

    __slots__ = IN_ITS_ROLE
    points = (L, Taken)


@dataclass
class Pointless(Softirq):
    """Who polls, and forgets the points that every ring has."""

    __slots__ = IN_ITS_ROLE
    points = (Taken,)


def table(**fields: Any) -> Callable[[], Layout]:
    return lambda: replace(ONE_SLOT, **fields)


def shape(**fields: Any) -> Callable[[], Layout]:
    return lambda: replace(ONE_SLOT, shape=replace(SHAPE, **fields))


def returns(value: Any) -> Callable[[Any], Any]:
    return lambda given: value


def fails(given: Any) -> Any:
    return 1 // 0


WRONG = [
    (table(shape=None), "a layout's shape=None: give a Shape"),
    (table(driver=()), r"driver=\(\): give a tuple of machines, at least one"),
    (table(device=ONE_SLOT.device[0]), "device=.*: give a tuple of machines"),
    (table(driver=(Machine("empty"),)), "driver has no steps: decorate"),
    (table(driver=ONE_SLOT.device, device=ONE_SLOT.driver), "driver: one_empty runs in MainLoop: give it to the other"),
    (table(gathering="x"), "gathering='x': give a machine, or None"),
    (table(peers=3), "peers=3: give a Peers"),
    (table(barriers=()), r"barriers=\(\): give a function of the configuration"),
    (table(barriers=returns(None)), r"barriers\(cfg\) is None: return a tuple of Barriers"),
    (table(barriers=returns((Barrier("b", "full", "-"),))), "b is a 'full': a barrier is one of mb, rmb, wmb"),
    (table(barriers=returns(2 * (Barrier("b", "mb", "-"),))), "two are called b: give one of them another name"),
    (shape(name=" "), "name=' ': give it a word or two"),
    (shape(turn=3), "turn=3: give a function of the configuration"),
    (shape(turn=returns(1)), r"turn\(cfg\) is 1: .* a number from 2 to 65536"),
    (shape(turn=returns("3")), r"turn\(cfg\) is '3': .* a number from 2 to 65536"),
    (shape(turn=fails), "one slot: ZeroDivisionError: .*, at tests/spec/layouts/test_layout_errors.py:"),
    (shape(idx_bits=returns("x")), "one slot: TypeError"),
    (shape(wrong=returns(None)), r"wrong\(cfg\) is None: return an empty string"),
    (shape(events="yes"), "events='yes': give True or False"),
    (shape(indices="vq.added"), "indices='vq.added': give a tuple of paths"),
    (shape(indices=("vq.addd",)), "indices: the state has no vq.addd: did you mean vq.added"),
    (shape(indices=("vq.num_free",)), "indices: vq.num_free goes to 1 and a ring index to 2: declare it as an Index"),
    (shape(stored=()), r"stored=\(\): give a function of the configuration"),
    (shape(stored=returns(("state",))), "return a tuple of Locations"),
    (shape(stored=returns((loc.state, replace(loc.no_notify, code=1)))), "state and no_notify have the code 1"),
    (shape(stored=returns((replace(loc.state, code=32),))), "the code of state is 32: use one up to 31"),
    (shape(stored=returns((replace(loc.state, fields=("stat",)),))), "state is stat of the ring, which has no"),
    (shape(ring=returns(None)), r"ring\(cfg\) is None: return a dataclass with slots"),
    (shape(vq=returns(object())), r"vq\(cfg\) is object, which has no num_free"),
    (shape(dev=SHAPE.vq), r"dev\(cfg\) is OneVirtqueue, which has no shadow_avail_idx"),
    (shape(view=None), "view=None: give a function of the state"),
    (shape(view=returns(object())), r"view\(s\) is object, which has no added"),
    (shape(softirq=OneMainLoop), "softirq=.*: give a class that extends Softirq"),
    (shape(main=OneSoftirq), "main=.*: give a class that extends MainLoop"),
    (shape(softirq=Confused), "Taken.HERE and L.MORE_USED are both 11: give it a number that L leaves out"),
    (shape(softirq=Pointless), "the points of Pointless: first L, then enumerations of its own"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "says"), WRONG, ids=[says[:40] for _, says in WRONG])
def test_what_is_wrong_with_a_layout_is_said(given: Callable[[], Layout], says: str) -> None:
    with pytest.raises((BadConfiguration, ModelError), match=says) as raised:
        rx(layout=given(), max_packet=1)
    assert ("\n" not in str(raised.value) and "one slot" in str(raised.value)) or "a layout's" in str(raised.value)


def test_what_is_no_layout_is_refused() -> None:
    with pytest.raises(BadConfiguration, match="layout=Shape one slot: use a table, a Layout of"):
        rx(layout=SHAPE)


def test_a_layout_without_the_standards_sides_is_refused_there() -> None:
    with pytest.raises(BadConfiguration, match="nobody has written the standard's sides for it; use rx"):
        peers(layout=ONE_SLOT)
