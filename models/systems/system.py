"""Closed systems: machines, memory model, environment and bounds put together, and their variants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from typing import Any

from vrx.models.systems import declared as own
from vrx.models.systems import exchange, layouts
from vrx.models.systems.configured import configured
from vrx.models.systems.declared import Declared, Range
from vrx.models.systems.fields import Values, View
from vrx.models.systems.locks import locks
from vrx.models.systems.nearest_names import nearest
from vrx.models.systems.step_errors import out_of_range
from vrx.models.systems.take_step import take_step
from vrx.spec import rx as receive
from vrx.spec.config import BadConfiguration, Config
from vrx.spec.giving_up import drop_judged
from vrx.spec.layouts.layout import Layout
from vrx.spec.layouts.packed.layout import PACKED
from vrx.spec.layouts.shape import Shape
from vrx.spec.layouts.split.layout import SPLIT
from vrx.spec.linux.busy_poll import busy_poll
from vrx.spec.linux.deferral import deferral
from vrx.spec.linux.napi import napi
from vrx.spec.linux.netpoll import netpoll
from vrx.spec.linux.returns import returns as linux_returns
from vrx.spec.linux.state import GuestContext
from vrx.spec.linux.virtio_net import receive as linux_receive
from vrx.spec.linux.virtio_net import virtio_net as linux_net
from vrx.spec.litmus import Instruction, LitmusConfig, always_runs, litmus_actors, new_litmus
from vrx.spec.litmus import litmus as LITMUS
from vrx.spec.memory import Barrier, Listener, Memory
from vrx.spec.memory import model as memory_model
from vrx.spec.qemu.caller import caller
from vrx.spec.qemu.net_queue import net_queue
from vrx.spec.qemu.returns import returns as qemu_returns
from vrx.spec.qemu.virtio_net import virtio_net as qemu_net
from vrx.spec.size import Size, size_of
from vrx.spec.steps import Machine, ModelError, Step
from vrx.spec.suppression import DECIDES, decided
from vrx.spec.words import Of

ActionKey = tuple[int, str, int]
"""An action: the number of its context, the name of its step, where the context stands."""


@dataclass(frozen=True)
class Action:
    """One step as one context takes it.  Its number is its place in `System.actions`.

    actor: the number of the context, in `Program.actors`; context: itself
    """

    actor: int
    context: Any = field(compare=False, repr=False)
    step: Step
    point: int
    choices: tuple[tuple[str, int], ...]

    @property
    def actor_name(self) -> str:
        """What people call the context."""
        return str(self.context.name)

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.actor_name}: {self.step.name}"

    @property
    def key(self) -> ActionKey:
        """What it is in any system of this shape."""
        return self.actor, self.step.name, self.point


@dataclass(frozen=True)
class Move:
    """An action with its free choices made."""

    action: int
    choice: tuple[int, ...] = ()


Composed = Callable[[Any], tuple[tuple[Machine, ...], tuple[Barrier, ...]]]


@dataclass(frozen=True)
class System:
    """A closed system.  Build one with `rx(...)`; `.without`, `.replace`, `.declare` and `.widen` build its variants.

    What a system is, its steps say: two systems are equal where all steps, and the helpers that a variant exchanges,
    are the same function objects.

    instead: helpers between steps that a variant exchanges; declared: its own fields, and ranges that it widens
    changed: what a variant changes, in words
    composed: the machines and barriers of a configuration; None where they are the same for all
    """

    cfg: Any
    machines: tuple[Machine, ...]
    new_state: Callable[[Any], Any]
    actors: Callable[[Any], Sequence[Any]]
    may_run: Callable[[Any, Any], None]
    barriers: tuple[Barrier, ...] = ()
    changed: tuple[str, ...] = ()
    steps: tuple[Step, ...] = field(default=(), hash=False)
    instead: tuple[tuple[str, Callable[..., Any]], ...] = field(default=(), compare=False)
    declared: tuple[Declared, ...] = ()
    composed: Composed | None = field(default=None, compare=False)
    calls: tuple[tuple[str, int], ...] = field(init=False, repr=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "calls", tuple((name, id(run)) for name, run in self.instead))
        if not self.steps:
            object.__setattr__(self, "steps", tuple(s for m in self.machines for s in m))
            for name, count in Counter(s.name for s in self.steps).items():
                if count > 1:
                    raise BadConfiguration(f"two steps are called {name}: give one of them another name")

    def __repr__(self) -> str:
        return f"<{self.name}>"

    @property
    def name(self) -> str:
        """What reports call it."""
        described: str = self.cfg.describe()
        return described + "".join(f" with {c}" for c in self.changed)

    @property
    def helpers(self) -> dict[str, Callable[..., Any]]:
        """The functions between its steps that a variant can exchange, by name."""
        return {h.__name__: h for m in self.machines for h in m.helpers}

    def state(self, cfg: Any = None) -> Any:
        """A new state: what `new_state` builds, with the fields and the helpers of the variant.

        cfg: another configuration than the system's
        """
        state = self.new_state(self.cfg if cfg is None else cfg)
        if self.declared:
            state = own.extended(state, self.declared)
        if self.instead:
            state.instead = dict(self.instead)
        return state

    def lacking(self, cfg: Any) -> list[str]:
        """The exchanged steps and helpers that have no place in another configuration, by name."""
        machines = self.composed(cfg)[0] if self.composed else self.machines
        steps = {s.name for m in machines for s in m} if self.composed else {s.name for s in self.steps}
        helpers = {h.__name__ for m in machines for h in m.helpers}
        exchanged = [s for s in self.steps if s.stands_for is not None]
        out = [s.name for s in exchanged if s.name not in steps or not s.belongs_to(cfg)]
        return [*out, *(name for name, _ in self.instead if name not in helpers)]

    def under(self, cfg: Any) -> System:
        """The system in another configuration: who takes steps there, with what the variant exchanges.

        Raises BadConfiguration where an exchanged step does not belong to it.
        """
        if self.composed is None:
            return replace(self, cfg=cfg)
        if lacking := self.lacking(cfg):
            raise BadConfiguration(f"{lacking[0]} is no step of {cfg.describe()}, and the variant exchanges it")
        machines, barriers = self.composed(cfg)
        steps = {s.name: s for m in machines for s in m}
        steps |= {s.name: s for s in self.steps if s.stands_for is not None}
        return replace(self, cfg=cfg, machines=machines, barriers=barriers, steps=tuple(steps.values()))

    def without(self, barrier: str) -> System:
        """The system with a barrier (or the barrier effect of a locked instruction) taken out."""
        names = [b.name for b in self.barriers] + list(locks(self.cfg) if self.barriers else ())
        if barrier not in names:
            raise BadConfiguration(f"no barrier is called {barrier!r}: {nearest(barrier, names)}")
        return replace(self, cfg=replace(self.cfg, without=self.cfg.without | {barrier}))

    def replace(
        self,
        name: str | Mapping[str, Callable[..., Any]],
        run: Callable[..., Any] | None = None,
        called: str = "",
        **choices: int | Size,
    ) -> System:
        """The system with a step's function exchanged, or that of a helper between steps; or several, by name.

        The step keeps its program points and its contexts, its choices too unless they are given: name and number of
        values.  called: what reports name the variant.  Raises BadConfiguration where a function cannot stand there.
        """
        if isinstance(name, str):
            if run is None:
                raise BadConfiguration(f"replace({name!r}): by which function?")
            several: Mapping[str, Callable[..., Any]] = {name: run}
        elif not isinstance(name, Mapping):
            raise exchange.not_by_name(name)
        elif run is not None or choices:
            raise BadConfiguration("several steps at once have no choices of their own: exchange each by itself")
        else:
            several = name
        steps, instead, helpers = {s.name: s for s in self.steps}, dict(self.instead), self.helpers
        actors = list(self.actors(self.state()))
        for one, other in several.items():
            if not callable(other):
                raise BadConfiguration(f"replace({one!r}): {other!r} is no function")
            if one in steps:
                steps[one] = exchange.exchanged(steps[one], other, choices, self.cfg, actors)
            elif one in helpers:
                if choices:
                    raise BadConfiguration(f"{one} is a helper between steps: it has no choices of its own")
                instead[one] = exchange.exchanged_helper(helpers[one], other)
            else:
                raise exchange.unknown(one, self.steps, list(helpers.values()))
        said = [called] if called else [f"{one} := {exchange.named(other, one)}" for one, other in several.items()]
        changed = (*self.changed, *said)
        return replace(self, steps=tuple(steps.values()), instead=tuple(instead.items()), changed=changed)

    def declare(
        self, path: str, kind: Range | Of, initial: int = 0, length: int | Size | None = None
    ) -> System:
        """The system with a field of the variant's own, which its steps may read and write.

        path: the part of the state and a new name, as `vq.late`, `dev.seen`, `main.tries`, `ghost.count`;
        `softirq.tries` and `hardirq.tries` are one for every CPU of the guest.  kind: `bool`, `Bits(n)`, `Upto(n)`, an
        IntEnum; n up to 32 bits, or one of `vrx.spec.sizes`.  With a length it is an array of these.
        Raises BadConfiguration.
        """
        return self._with(own.declare(self.state(), path, kind, initial, length))

    def widen(self, path: str, kind: Range) -> System:
        """The system with another range of a field, which holds all values of the old one: `widen("vq.num_added",
        Bits(16))`.  Only the range is another one: nothing wraps that did not.  Raises BadConfiguration."""
        return self._with(own.widen(self.state(), path, kind))

    def _with(self, one: Declared) -> System:
        return replace(self, declared=(*self.declared, one), changed=(*self.changed, one.text))

    @property
    def replaced(self) -> tuple[str, ...]:
        """The names of the steps and helpers that a variant exchanges."""
        return (*(s.name for s in self.steps if s.stands_for is not None), *(name for name, _ in self.instead))

    def built(self) -> Program:
        """The system ready to run on integers."""
        return Program(self)


class Program:
    """A system on integers: its actions, its initial state, its successors.

    counters: actor number -> number of the field that is its program counter, where it has one
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self.state = system.state()
        self.view = View(self.state)
        self.initial: Values = tuple(int(v) for v in self.view.get())
        self.actors = list(system.actors(self.state))
        self.counters = self.view.counters(self.actors)
        self.actions: list[Action] = []
        self._by_point: list[dict[int, list[int]]] = [{} for _ in self.actors]
        self._moves: dict[int, list[Move]] = {}
        names = system.cfg.layout.free_names if getattr(system.cfg, "symmetry", False) else None
        steps = [(step, step.runs_on) for step in system.steps if step.belongs_to(system.cfg)]
        for number, actor in enumerate(self.actors):
            for step, kinds in steps:
                if not isinstance(actor, kinds):
                    continue
                counts = tuple((n, size_of(c, system.cfg)) for n, c in step.choices.items())
                if isinstance(actor, DECIDES) and isinstance(system.cfg, Config) and system.cfg.decisions:
                    step = replace(step, run=decided(step.run))
                    if system.cfg.packets and not system.cfg.liar:
                        step = replace(step, run=drop_judged(step.run))
                if names is not None and step.name in names.behind and isinstance(actor, GuestContext):
                    step = replace(step, run=names.around(step.run))
                for point in step.at or (-1,):
                    self._by_point[number].setdefault(int(point), []).append(len(self.actions))
                    self.actions.append(Action(number, actor, step, int(point), counts))

    def candidates(self) -> Iterable[int]:
        """Actions that the program counters of the current state allow."""
        for actor, points in zip(self.actors, self._by_point, strict=True):
            if -1 in points:
                yield from points[-1]
            if hasattr(actor, "pc") and actor.pc in points:
                yield from points[actor.pc]

    def take(
        self, values: Values, move: Move, marks: list[str] | None = None, listener: Listener | None = None
    ) -> Values | None:
        """The state after a move, or None where the move is not enabled.

        marks: those that it passes are added; listener: hears what it does to memory
        """
        self.view.set(values)
        action = self.actions[move.action]
        actor = self.actors[action.actor]
        if action.point >= 0 and int(actor.pc) != action.point:
            return None
        return self._run(action, actor, move.choice, marks, listener)

    def _run(
        self,
        action: Action,
        actor: Any,
        choice: Sequence[int],
        marks: list[str] | None,
        listener: Listener | None = None,
    ) -> Values | None:
        may_run, after = self.system.may_run, self._after
        return take_step(self.state, actor, action.step, choice, may_run, after, marks, listener=listener)

    def _after(self) -> Values:
        after = self.view.get()
        if not self.view.sound(after) and (wrong := self.view.misused(after)):
            raise ModelError(wrong)
        return after

    def moves(self, number: int) -> list[Move]:
        """The moves of an action, one for everything that it may choose."""
        if number not in self._moves:
            choices = product(*(range(n) for _, n in self.actions[number].choices))
            self._moves[number] = [Move(number, choice) for choice in choices]
        return self._moves[number]

    def successors(self, values: Values, marks: list[str] | None = None) -> Iterator[tuple[Move, Values]]:
        """Every move enabled in a state, and where it leads.  marks: those that a move passes are added as it comes."""
        state, may_run, view = self.state, self.system.may_run, self.view
        view.set(values)
        here = view.get()
        found: list[tuple[Move, Values, list[str] | None]] = []
        fresh = True
        for number in list(self.candidates()):
            action = self.actions[number]
            actor = self.actors[action.actor]
            for move in self.moves(number):
                if not fresh:
                    view.put(here)
                fresh = False
                passed: list[str] | None = None if marks is None else []
                after = take_step(state, actor, action.step, move.choice, may_run, self._after, passed)
                if after is not None:
                    found.append((move, after, passed))
        for move, after, passed in found:  # whoever takes them may set another state meanwhile
            if marks is not None and passed:
                marks += passed
            yield move, after

    def checked(self, values: Values, move: Move | None = None) -> Values:
        """The values, or ModelError when one is out of its range.  move: the one that led there."""
        bad = self.view.out_of_range(values)
        if bad:
            name = "" if move is None else step_of(self.actions[move.action])
            raise out_of_range(bad, name, bool(self.system.changed))
        return values


def step_of(action: Action) -> str:
    """An action as errors name it."""
    return f"step {action.step.name} ({action.actor_name})"


def rx(**options: Any) -> System:
    """The receive system: QEMU's device with Linux's driver.

    Options: see `spec.config.Config`; but layout is a table of `spec.layouts`, with the machines; ring: the name of a
    layout of VIRTIO, "split" or "packed", in its place
    """
    layout = layout_of(options)
    options = {name: value for name, value in options.items() if name != "ring"}
    with layouts.told(layout):
        cfg = configured(Config, options | {"layout": layout.shape})
        layouts.check(layout, cfg, receive.new_state)
        composed = partial(_composed, layout)
        machines, barriers = composed(cfg)
    return System(cfg, machines, receive.new_state, receive.actors, receive.may_run, barriers, composed=composed)


RINGS: dict[str, Layout] = {str(layout): layout for layout in (SPLIT, PACKED)}
"""The layouts of VIRTIO, by name."""


def layout_of(options: Mapping[str, Any]) -> Layout:
    """The layout that options say, a split ring where they say none.  Raises BadConfiguration for what is none."""
    ring = options.get("ring", str(SPLIT))
    if ring not in RINGS or ("ring" in options and "layout" in options):
        said = " beside layout" if ring in RINGS else ""
        raise BadConfiguration(f"ring={ring!r}{said}: use {' or '.join(RINGS)}, or layout= with a table of your own")
    layout = options.get("layout", RINGS[ring])
    if not isinstance(layout, Layout):
        said = f"{type(layout).__name__} {layout}" if isinstance(layout, Shape) else repr(layout)
        raise BadConfiguration(f"layout={said}: use a table, a Layout of `spec.layouts.layout`")
    return layout


def _composed(layout: Layout, cfg: Config) -> tuple[tuple[Machine, ...], tuple[Barrier, ...]]:
    """Who takes steps in a configuration, and what barriers there are."""
    device: tuple[Machine, ...] = (net_queue, caller, qemu_net, qemu_returns, *layout.device)
    driver: tuple[Machine, ...] = (*layout.driver, napi, deferral, busy_poll, netpoll, linux_net, linux_returns)
    driver = (*driver, linux_receive, *([layout.gathering] if layout.gathering else []))
    if cfg.device_lies:
        device = (_liar(layout.lying_device, cfg),)
    if cfg.driver_lies:
        driver = (_liar(layout.lying_driver, cfg),)
    return (memory_model(cfg).steps, *device, *driver), layout.barriers(cfg)


def _liar(machine: Machine | None, cfg: Config) -> Machine:
    if machine is None:
        raise BadConfiguration(f"hostile={cfg.hostile}: nobody has written one for this layout; use no")
    return machine


def litmus_test(threads: tuple[tuple[Instruction, ...], ...], memory: str | Memory) -> System:
    """A litmus program as a closed system, under a memory model."""
    cfg = LitmusConfig(threads, memory)  # type: ignore[arg-type]
    return System(cfg, (memory_model(cfg).steps, LITMUS), new_litmus, litmus_actors, always_runs)
