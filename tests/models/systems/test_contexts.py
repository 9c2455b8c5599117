"""A context is found by itself and by whose code it runs: what people call it is nobody's key."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from vrx.models.engines.z3.waypoints import start
from vrx.models.simulation.simulator import Simulator
from vrx.models.systems.fields import parts
from vrx.models.systems.standard_systems import peers, standard
from vrx.models.systems.system import System, rx
from vrx.models.traces.trace import replay
from vrx.spec.properties import Property

ENDS = Property("ends", lambda s: False, "always")
SYSTEMS = [
    rx(memory="tso", max_packet=1),
    rx(max_packet=1, busy_poll="other", irq="same"),
    rx(max_packet=1, opens="task"),
    rx(size=2, data=True, mergeable=True),
]


def under_other_names(system: System) -> System:
    """The system whose contexts are called otherwise."""

    def renamed(cfg: Any) -> Any:
        state = system.new_state(cfg)
        for number, (_, part) in enumerate(parts(state)):
            if isinstance(getattr(part, "name", None), str):
                part.name = f"x{number}"
        return state

    return replace(system, new_state=renamed)


@pytest.mark.parametrize("schedule", ["random", "burst"])
@pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: s.name)
def test_a_run_is_the_same_whatever_contexts_are_called(system: System, schedule: Any) -> None:
    runs = [Simulator(s, (), 5, schedule=schedule).run(4).moves for s in (system, under_other_names(system))]
    assert runs[0] == runs[1]
    told = [replay("r", s, ENDS, runs[0]).steps for s in (system, under_other_names(system))]
    for one, other in zip(*told, strict=True):
        assert one.who.name != other.who.name
        assert replace(other, who=one.who) == one and replace(other.who, name=one.who.name) == one.who


def test_a_named_state_is_found_whatever_contexts_are_called() -> None:
    system = rx(max_packet=1)
    assert start(system, "parked").way == start(under_other_names(system), "parked").way


SIDES = [rx(memory="tso", opens="task"), rx(netpoll="same", size=2, max_packet=1), peers(memory="tso"), standard()]


@pytest.mark.parametrize("system", SIDES, ids=lambda s: s.name)
def test_every_context_says_whose_it_is(system: System) -> None:
    assert {actor.side for actor in system.built().actors} == {"driver", "device"}
