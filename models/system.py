"""Closed systems: machines, memory model, environment and bounds put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from vrx.models.fields import Values, View
from vrx.spec import rx as receive
from vrx.spec.config import BadConfiguration, Config
from vrx.spec.linux.chains import chains
from vrx.spec.linux.napi import napi
from vrx.spec.linux.receive import receive as linux_receive
from vrx.spec.linux.virtio_net import virtio_net as linux_net
from vrx.spec.linux.virtio_ring import BARRIERS as LINUX_BARRIERS
from vrx.spec.linux.virtio_ring import virtio_ring
from vrx.spec.litmus import Instruction, LitmusConfig, always_runs, litmus_actors, new_litmus
from vrx.spec.litmus import litmus as LITMUS
from vrx.spec.memory import Barrier
from vrx.spec.memory import memory as MEMORY
from vrx.spec.qemu.caller import caller
from vrx.spec.qemu.chain import CHAIN_BARRIERS, chain
from vrx.spec.qemu.net_queue import net_queue
from vrx.spec.qemu.virtio import BARRIERS as QEMU_BARRIERS
from vrx.spec.qemu.virtio import virtio
from vrx.spec.qemu.virtio_net import virtio_net as qemu_net
from vrx.spec.steps import Disabled, Machine, ModelError, OutsideArray, Step

LOCKS = ("napi_schedule_prep__lock", "napi_complete_done__lock", "napi_enable__lock", "wake_up_process__lock")


@dataclass(frozen=True)
class Action:
    """One step as one context takes it.  Its number is its place in `System.actions`."""

    actor: int
    actor_name: str
    step: Step
    point: int
    choices: tuple[tuple[str, int], ...]

    @property
    def name(self) -> str:
        return f"{self.actor_name}: {self.step.name}"


@dataclass(frozen=True)
class Move:
    """An action with its free choices made."""

    action: int
    choice: tuple[int, ...] = ()


@dataclass(frozen=True)
class System:
    """A closed system.  Build one with `rx(...)`; `.without` and `.replace` build its variants."""

    cfg: Any
    machines: tuple[Machine, ...]
    new_state: Callable[[Any], Any]
    actors: Callable[[Any], Sequence[Any]]
    may_run: Callable[[Any, Any], None]
    barriers: tuple[Barrier, ...] = ()
    changed: tuple[str, ...] = ()
    steps: tuple[Step, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if not self.steps:
            object.__setattr__(self, "steps", tuple(s for m in self.machines for s in m))

    @property
    def name(self) -> str:
        """What reports call it."""
        described: str = self.cfg.describe()
        return described + "".join(f" with {c}" for c in self.changed)

    def without(self, barrier: str) -> System:
        """The system with a barrier (or the barrier effect of a locked instruction) taken out."""
        names = [b.name for b in self.barriers] + list(LOCKS if self.barriers else ())
        if barrier not in names:
            raise BadConfiguration(f"no barrier is called {barrier!r}: use one of {', '.join(names)}")
        return replace(self, cfg=replace(self.cfg, without=self.cfg.without | {barrier}))

    def replace(self, name: str, run: Callable[..., None], called: str = "", **choices: int | str) -> System:
        """The system with a step's function exchanged; its program points stay, its choices too unless given.

        run must accept the same contexts; called: what reports name the variant.
        """
        if not any(s.name == name for s in self.steps):
            raise BadConfiguration(f"no step is called {name!r}: use one of {', '.join(s.name for s in self.steps)}")
        steps = tuple(
            replace(s, run=run, choices=choices or s.choices, stands_for=s) if s.name == name else s
            for s in self.steps
        )
        changed = (*self.changed, called or f"{name} := {run.__name__}")
        return replace(self, steps=steps, changed=changed)

    def built(self) -> Program:
        """The system ready to run on integers."""
        return Program(self)


class Program:
    """A system on integers: its actions, its initial state, its successors."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.state = system.new_state(system.cfg)
        self.view = View(self.state)
        self.initial: Values = tuple(int(v) for v in self.view.get())
        self.actors = list(system.actors(self.state))
        self.actions: list[Action] = []
        self._by_point: list[dict[int, list[int]]] = [{} for _ in self.actors]
        for number, actor in enumerate(self.actors):
            for step in system.steps:
                if not step.belongs_to(system.cfg) or not isinstance(actor, step.runs_on):
                    continue
                counts = tuple(
                    (n, getattr(system.cfg, c) if isinstance(c, str) else c) for n, c in step.choices.items()
                )
                for point in step.at or (-1,):
                    self._by_point[number].setdefault(int(point), []).append(len(self.actions))
                    self.actions.append(Action(number, actor.name, step, int(point), counts))

    def candidates(self) -> Iterable[int]:
        """Actions that the program counters of the current state allow."""
        for number, actor in enumerate(self.actors):
            points = self._by_point[number]
            yield from points.get(-1, ())
            if hasattr(actor, "pc"):
                yield from points.get(int(actor.pc), ())

    def take(self, values: Values, move: Move, marks: list[str] | None = None) -> Values | None:
        """The state after a move, or None where the move is not enabled."""
        self.view.set(values)
        action = self.actions[move.action]
        actor = self.actors[action.actor]
        if action.point >= 0 and int(actor.pc) != action.point:
            return None
        return self._run(action, actor, move.choice, marks)

    def _run(self, action: Action, actor: Any, choice: Sequence[int], marks: list[str] | None) -> Values | None:
        self.state.accesses = 0
        self.state.marks = marks
        before = len(marks or ())
        try:
            self.system.may_run(self.state, actor)
            action.step.run(self.state, actor, **dict(zip(action.step.choices, choice, strict=True)))
        except Disabled:
            if marks:
                del marks[before:]  # marks of a step that was not taken are not the next one's
            return None
        except IndexError as error:
            raise OutsideArray(f"{action.name}: {error}") from None
        return self.view.get()

    def successors(self, values: Values, marks: list[str] | None = None) -> Iterator[tuple[Move, Values]]:
        """Every move enabled in a state, and where it leads."""
        view = self.view
        view.set(values)
        for number in list(self.candidates()):
            action = self.actions[number]
            for choice in product(*(range(n) for _, n in action.choices)):
                view.set(values)  # whoever takes what is yielded may have set another state
                after = self._run(action, self.actors[action.actor], choice, marks)
                if after is not None:
                    yield Move(number, choice), after

    def checked(self, values: Values) -> Values:
        """The values, or ModelError when one is out of its range."""
        bad = self.view.out_of_range(values)
        if bad:
            raise ModelError("; ".join(bad))
        return values


def rx(**options: Any) -> System:
    """The receive system: QEMU's device with Linux's driver.  Options: see `spec.config.Config`."""
    try:
        cfg = Config(**options)
    except TypeError:
        known = ", ".join(Config.__dataclass_fields__)
        unknown = ", ".join(sorted(set(options) - set(Config.__dataclass_fields__)))
        raise BadConfiguration(f"no option is called {unknown}: use one of {known}") from None
    device = (net_queue, caller, qemu_net, virtio, chain)
    driver = (virtio_ring, chains, napi, linux_net, linux_receive)
    machines = (MEMORY, *device, *driver)
    barriers = (*QEMU_BARRIERS, *(CHAIN_BARRIERS if cfg.data else ()), *LINUX_BARRIERS)
    return System(cfg, machines, receive.new_state, receive.actors, receive.may_run, barriers)


def litmus_test(threads: tuple[tuple[Instruction, ...], ...], memory: str) -> System:
    """A litmus program as a closed system."""
    cfg = LitmusConfig(threads, memory)  # type: ignore[arg-type]
    return System(cfg, (MEMORY, LITMUS), new_litmus, litmus_actors, always_runs)
