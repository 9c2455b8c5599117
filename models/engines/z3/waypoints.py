"""Named reachable states: where a search with a depth bound had better begin.

From the initial state a bounded search spends its depth on filling the ring.
A named state is found on integers, by a breadth-first search in which only some
of the actors move, and is kept together with the way there, so that a trace
that begins in it still begins at the beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vrx.models.systems.fields import Values
from vrx.models.systems.system import Action, Move, Program, System
from vrx.spec.layouts.view import view
from vrx.spec.linux.state import L
from vrx.spec.qemu.state import Q
from vrx.spec.rx import State
from vrx.spec.steps import ModelError

LIMIT = 200_000


@dataclass(frozen=True)
class Named:
    """A named situation.  after: the named state that the way there passes, or an empty string.

    moves: may this action be taken on the way; reached: is this the situation
    """

    name: str
    sentence: str
    after: str
    moves: Callable[[Action], bool]
    reached: Callable[[State], bool]


@dataclass(frozen=True)
class Start:
    """A reachable state, what it is called, and the way there from the initial state."""

    name: str
    values: Values
    way: tuple[Move, ...] = ()


def _system_steps(action: Action) -> bool:
    return not action.step.environment


def device_steps(action: Action) -> bool:
    """The main loop, its store buffer, and packets that arrive; the driver stands still."""
    return bool(action.context.side == "device") and action.step.name not in ("vm_stop", "vm_continue")


def driver_steps(action: Action) -> bool:
    return bool(action.context.side == "driver")


def _drained(s: State) -> bool:
    return all(buffer.count == 0 for buffer in s.buffers)


def _asleep(s: State) -> bool:
    driver_idle = all(cpu.hardirq.pc == L.IDLE and cpu.softirq.pc == L.IDLE for cpu in s.cpus)
    ring = view(s)
    armed = not s.napi.sched and not ring.callbacks_off and s.napi.poll_list == 0
    lines_idle = not s.lines.kick and not s.lines.irq
    nothing_used = ring.returned == ring.received and s.net.queued == 0
    posted = s.vq.num_free == 0 and ring.offered == ring.added
    return driver_idle and armed and lines_idle and nothing_used and posted and s.main.pc == Q.IDLE and _drained(s)


def _parked(s: State) -> bool:
    return s.net.receive_disabled and s.net.queued > 0 and s.main.pc == Q.IDLE and _drained(s)


def _deciding(s: State) -> bool:
    return s.main.pc == Q.SHOULD_NOTIFY and _drained(s)


def _interrupted(s: State) -> bool:
    return s.lines.irq and s.main.pc == Q.IDLE and _drained(s)


def _polling(s: State) -> bool:
    behind = view(s).received != view(s).returned
    return behind and any(cpu.softirq.pc == L.MORE_USED for cpu in s.cpus) and _drained(s)


def _completing(s: State) -> bool:
    caught_up = view(s).received == view(s).returned and s.vq.num_free == 0
    return caught_up and any(cpu.softirq.pc == L.ENABLE_CB_PREPARE for cpu in s.cpus) and _drained(s)


NAMED = {
    n.name: n
    for n in (
        Named("asleep", "The ring is posted, the NAPI asleep, callbacks armed, the main loop idle, nothing on its "
              "way.", "", _system_steps, _asleep),
        Named("parked", "No buffer is left, the device is parked with a packet queued, and the driver was not woken "
              "yet.", "asleep", device_steps, _parked),
        Named("deciding", "The first packet is published, and the device has not decided about the interrupt.",
              "asleep", device_steps, _deciding),
        Named("interrupted", "The first packet is published and its interrupt pending.", "asleep", device_steps,
              _interrupted),
        Named("polling", "The driver polls, with a used entry to take.", "interrupted", driver_steps, _polling),
        Named("completing", "The driver has taken every used entry, refilled, and is about to enable callbacks.",
              "polling", driver_steps, _completing),
    )
}
"""The named states of a receive system, by name."""


def start(system: System, name: str, program: Program | None = None) -> Start:
    """A named reachable state of a system, with the way there; ModelError where it is not found."""
    if name not in NAMED:
        raise ModelError(f"no state is called {name!r}: use one of {', '.join(NAMED)}")
    program = program or system.built()
    wanted = NAMED[name]
    before = start(system, wanted.after, program) if wanted.after else Start("initial", program.initial)
    way = search(program, before.values, wanted.moves, wanted.reached)
    if way is None:
        raise ModelError(f"{system.name}: no state {name!r} ({wanted.sentence})")
    moves, values = way
    return Start(name, values, (*before.way, *moves))


def search(
    program: Program,
    begin: Values,
    may_move: Callable[[Action], bool],
    reached: Callable[[Any], bool],
    chosen: Mapping[str, int] | None = None,
) -> tuple[list[Move], Values] | None:
    """The shortest way from a state to one that is `reached`, over the actions that may move; None if there is none.

    chosen: free choices of the system's steps, by name, that are made once and for all.
    What the environment chooses is always its first choice (the smallest packet), so that the way is a plain one.
    """
    parents: dict[Values, tuple[Values, Move] | None] = {begin: None}
    level = [begin]
    while level:
        following: list[Values] = []
        for values in level:
            program.view.set(values)
            if reached(program.state):
                return _way(parents, values), values
            for move, after in program.successors(values):
                action = program.actions[move.action]
                if after in parents or not may_move(action) or (action.step.environment and any(move.choice)):
                    continue
                if chosen and any(chosen.get(n, v) != v for (n, _), v in zip(action.choices, move.choice, strict=True)):
                    continue
                parents[after] = (values, move)
                following.append(after)
        if len(parents) > LIMIT:
            return None
        level = following
    return None


def _way(parents: dict[Values, tuple[Values, Move] | None], values: Values) -> list[Move]:
    path: list[Move] = []
    while (step := parents[values]) is not None:
        values, move = step
        path.append(move)
    return path[::-1]
