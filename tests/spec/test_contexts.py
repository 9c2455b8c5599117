"""A layout's own points and locals are in every context that its steps run in, and in no other."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, cast

import pytest

from tests.one_slot import ONE_SLOT
from tests.one_slot.state import OneL
from vrx.models.systems.fields import View
from vrx.models.systems.system import rx
from vrx.models.traces.legend import legend
from vrx.spec.contexts import with_ring
from vrx.spec.layouts.split.contexts import SplitL, SplitMainLoop, SplitQ, SplitSoftirq
from vrx.spec.linux.state import BusyPoller, L, NetPoller, NetRx, Opener
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.steps import ModelError


@pytest.mark.parametrize("role", [NetRx, Opener, BusyPoller, NetPoller])
def test_each_role_has_the_rings_locals_and_no_other_attributes(role: Any) -> None:
    poller: Any = with_ring(role, SplitSoftirq)("poller", 0)
    assert isinstance(poller, role) and isinstance(poller, SplitSoftirq) and not hasattr(poller, "__dict__")
    assert {f.name for f in fields(poller)} >= {"flags", "desc", "head", *(f.name for f in fields(role))}
    assert with_ring(role, SplitSoftirq) is type(poller) and "desc" not in {f.name for f in fields(role)}
    with pytest.raises(AttributeError):
        cast(Any, poller).descr = 1


def test_locals_stand_where_the_c_has_them_and_are_explained() -> None:
    state = rx(data=True).state()
    names = [f.name.removeprefix("main.") for f in View(state).fields if f.name.startswith("main.")]
    assert names[names.index("opaque") + 1] == "between" and names.index("desc") == names.index("owed") + 1
    assert legend(state)["main.between"].startswith("between: used.flags, or avail.idx")
    assert legend(state)["cpus0.softirq.desc"].startswith("desc: i of virtqueue_add_split()")


def test_a_point_is_known_by_its_number_in_its_own_context_only() -> None:
    main = with_ring(MainLoop, SplitMainLoop)("main loop", 1)
    assert main.point(SplitQ.POP_HEAD) is SplitQ.POP_HEAD and main.point(0) is Q.IDLE
    with pytest.raises(ValueError, match="99 is no program point of main loop"):
        main.point(99)
    with pytest.raises(ModelError, match=r"L\.MORE_USED is no program point of main loop: use .*\.Q or .*\.SplitQ"):
        main.goto(L.MORE_USED)


def test_a_point_of_another_layout_is_refused() -> None:
    softirq = rx(layout=ONE_SLOT, max_packet=1).state().cpus[0].softirq
    softirq.goto(OneL.ADD)
    with pytest.raises(ModelError, match=r"SplitL\.ADD_RING is no program point of cpu0 napi"):
        softirq.goto(SplitL.ADD_RING)
    field = next(f for f in View(rx(layout=ONE_SLOT, max_packet=1).state()).fields if f.name == "cpus0.softirq.pc")
    assert field.show(OneL.ADD) == "ADD" and field.foreign(SplitL.ADD_RING) == (
        "cpus0.softirq.pc becomes SplitL.ADD_RING: its values are those of L and OneL"
    )
