"""A trace as text: a line per step, a lane per actor, and only what changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import IntEnum
from itertools import pairwise
from typing import Any

from vrx.models.systems.fields import Field, Values
from vrx.models.systems.system import Program
from vrx.models.traces.failing_values import values_read
from vrx.models.traces.legend import AT_REST, legend
from vrx.models.traces.trace import Access, Step, Trace
from vrx.spec.layouts.view import view
from vrx.spec.memory import SHARED
from vrx.spec.ring import idx_sub
from vrx.spec.steps import ModelError

OWNERS = ("free", "offered", "with the device", "filled", "part of a chain")
_HIDDEN = re.compile(r"^(ring|contents|variables|buffers\d+)\.|\.(pc|ret0|ret1)$")
_OWNER = re.compile(r"^ghost\.owner\[(\d+)\]$")
_LINES = {
    ("lines.kick", 1): "a kick is on its way",
    ("lines.kick", 0): "the kick is taken",
    ("lines.irq", 1): "an interrupt is on its way",
    ("lines.irq", 0): "the interrupt is taken",
}


def text(trace: Trace) -> str:
    """The whole trace: what fails, the steps, the values at the end that break it, and what the words mean."""
    lines = [f"{trace.verdict}  {trace.title}   {trace.system.name}   {counted(len(trace.steps), 'step')}"]
    lines += [f"{'':9}{trace.sentence}", ""] if trace.sentence else [""]
    return "\n".join([*lines, *_steps(trace), "", *_ending(trace), *_exchanged(trace), *_words(trace)])


def way(trace: Trace) -> str:
    """The steps alone, of a run whose last step is a fault."""
    head = f"the run up to the step that fails   {trace.system.name}   {counted(len(trace.steps), 'step')}"
    return "\n".join([head, "", *_steps(trace), *_exchanged(trace), *_words(trace)])


def _steps(trace: Trace) -> Iterator[str]:
    program = trace.program
    actions = [program.actions[s.move.action] for s in trace.steps]
    lane = max((len(a.actor_name) for a in actions), default=0)
    called = max((len(a.step.name) for a in actions), default=0)
    here = program.initial
    for n, (step, action) in enumerate(zip(trace.steps, actions, strict=True), 1):
        if trace.loop is not None and n == trace.loop + 1:
            yield "     -- from here for ever --"
        said = "; ".join(tell(trace, here, step))
        yield f"{n:4}  {action.actor_name:{lane}}  {action.step.name:{called}}  {said}".rstrip()
        here = step.after


def counted(n: int, thing: str) -> str:
    """`1 step`, `2 steps`, `1,000 steps`."""
    return f"{n:,} {thing}" + ("" if n == 1 else "s")


def tell(trace: Trace, before: Values, step: Step) -> Iterator[str]:
    """What one step did, in parts."""
    program = trace.program
    action = program.actions[step.move.action]
    chosen = zip(action.choices, step.move.choice, strict=True)
    yield from (f"{name}={value}" for (name, _), value in chosen if value)
    buffered = bool(program.state.buffers)
    yield from (_access(a, buffered) for a in step.accesses)
    if action.actor_name.endswith("stores"):
        yield _drained(program, program.actors[action.actor], before, step.after)
    for f, old, new in zip(program.view.fields, before, step.after, strict=True):
        if old != new and not _HIDDEN.search(f.name):
            yield _change(f, int(old), int(new), program.view.index)
    yield from (f"[{mark}]" for mark in step.marks)


def _access(access: Access, buffered: bool) -> str:
    if access.kind == "load":
        return f"reads {access.place} {access.value}"
    return f"{access.place} <- {access.value}" + (" (store buffer)" if buffered else "")


def _drained(program: Program, buffer: Any, before: Values, after: Values) -> str:
    program.view.set(after)
    left = _stores(buffer)
    program.view.set(before)
    gone = next((store for n, store in enumerate(_stores(buffer)) if store not in left[n : n + 1]), None)
    for loc in buffer.locations:
        if gone and loc.code == gone[0]:
            at = f"[{gone[1]}]" if loc.array else ""
            parts = gone[2 : 2 + len(loc.fields)]
            value: Any = parts if len(parts) > 1 else parts[0]
            return f"{loc.name}{at} = {value}, visible to all"
    raise ModelError(f"{buffer.name}: no location has the code {gone and gone[0]}")


def _stores(buffer: Any) -> list[tuple[int, ...]]:
    """Those that wait: code, element, and what is stored."""
    everything = zip(buffer.where, buffer.at, *buffer.parts, strict=True)
    return [tuple(int(x) for x in store) for store in everything][: int(buffer.count)]


def _change(f: Field, old: int, new: int, index: dict[str, int]) -> str:
    if (f.name, new) in _LINES:
        return _LINES[f.name, new]
    owner = _OWNER.match(f.name)
    if owner:
        return f"buffer {owner[1]} {OWNERS[old]} -> {OWNERS[new]}"
    return f"{_short(f.name, index)} {f.show(old)} -> {f.show(new)}"


def _short(name: str, index: dict[str, int]) -> str:
    """The field without the part of the state that it is in, where that is clear."""
    head, _, tail = name.partition(".")
    if head.startswith(("cpus", "opener", "busy", "netpoll", "threads", "main")):
        return name.rpartition(".")[2]
    other = {"vq": "dev.", "dev": "vq."}.get(head)
    return tail if other and other + tail not in index else name


def _ending(trace: Trace) -> Iterator[str]:
    """What is wrong at the end, and the values that say so."""
    n = len(trace.steps)
    if trace.verdict == "REACHED":
        yield f"{n:4}  {trace.title}"
        return
    last = trace.states[-1]
    read = values_read(trace.system, trace.holds, last)
    values = ", ".join(_valued(trace.program, f, value) for f, value in read)
    if trace.loop is not None:
        yield f"{n:4}  back at state {trace.loop}, and so for ever" + (f": {values}" if values else "")
        return
    trace.program.view.set(last)
    state = trace.program.state
    explain = WRONG.get(trace.title)
    place = "at rest" if trace.of_rests else "here"
    if explain and hasattr(state, "vq"):
        yield f"{n:4}  {place}: {explain(state)}"
        if values:
            yield f"      {values}"
    else:
        yield f"{n:4}  {place}: {values or 'this does not hold'}"


def _valued(program: Program, f: Field, value: int) -> str:
    """A field and its value as the end of a trace has them: memory by the standard's names, a context by its own."""
    owner = _OWNER.match(f.name)
    if owner:
        return f"buffer {owner[1]} {OWNERS[value]}"
    memory, _, place = f.name.partition(".")
    if memory in SHARED:
        name = f"buffer.{place}" if memory == "contents" else place.replace("_", ".", 1)
        return f"{name} {f.show(value)}"
    part, _, attribute = f.name.rpartition(".")
    if attribute in ("pc", "ret0", "ret1"):
        return f"{_context(program, part)} {'at' if attribute == 'pc' else 'returns to'} {f.show(value)}"
    if part.startswith("buffers") and attribute == "count":
        return f"{counted(value, 'store')} in {program.state.buffers[int(part[len('buffers') :])].name}"
    return f"{_short(f.name, program.view.index)} {f.show(value)}"


def _context(program: Program, part: str) -> str:
    """`cpu0 napi` of `cpus0.softirq`: what traces call the context at a place of the state."""
    here: Any = program.state
    for word in part.split("."):
        name, number = re.fullmatch(r"(\D+)(\d*)", word).groups()  # type: ignore[union-attr]
        here = getattr(here, name)[int(number)] if number else getattr(here, name)
    return str(here.name)


def _exchanged(trace: Trace) -> Iterator[str]:
    """What the exchanged steps of a variant do, in the words of whoever wrote them."""
    taken = [trace.program.actions[s.move.action].step for s in trace.steps]
    told = {step.name: step for step in taken if step.stands_for is not None}
    if told:
        yield ""
    for step in told.values():
        yield f"{step.name} is exchanged: {step.sentence}"


def _words(trace: Trace) -> Iterator[str]:
    """The legend: every field that the trace shows, in the words of the specification."""
    states = trace.states
    shown = {
        f.name
        for before, after in pairwise(states)
        for f, old, new in zip(trace.program.view.fields, before, after, strict=True)
        if old != new and not _HIDDEN.search(f.name) and not _OWNER.match(f.name) and (f.name, 0) not in _LINES
    }
    lines = legend(trace.program.state, shown)
    if trace.of_rests:
        lines.append(AT_REST)
    if lines:
        yield from ["", "words:", *(f"  {line}" for line in lines)]


def _asleep(s: Any) -> str:
    if not s.napi.sched:
        napi = "NAPI asleep"
    elif s.napi.poll_list:
        napi = f"NAPI on the list of CPU {s.napi.poll_list - 1}"
    else:
        napi = "SCHED set and the NAPI on no list"
    return f"{napi}, {'an' if s.lines.irq else 'no'} interrupt on its way"


def _lost_interrupt(s: Any) -> str:
    waiting = idx_sub(s.cfg, view(s).returned, view(s).received)
    entries = "entry" if waiting == 1 else "entries"
    return f"{waiting} used {entries} that the driver has not taken, {_asleep(s)}"


def _lost_kick(s: Any) -> str:
    posted = idx_sub(s.cfg, view(s).offered, view(s).popped)
    kick = "a" if s.lines.kick else "no"
    if s.cfg.general:
        waits = f"the device waits for {counted(s.net.queued, 'buffer')}"
    elif s.cfg.data:
        header, one = s.cfg.amount(s.cfg.hdr_len), s.cfg.amount(s.cfg.capacity)
        waits = f"a packet of {s.cfg.amount(s.net.queued)} and a header of {header} waits, a buffer holds {one}"
    else:
        waits = f"a packet of {s.cfg.amount(s.net.queued)} waits"
    return f"{waits}, {counted(posted, 'buffer')} posted, the device is parked, {kick} kick on its way"


def _held(s: Any) -> str:
    held = idx_sub(s.cfg, view(s).popped, view(s).returned)
    return f"the device has taken {counted(held, 'buffer')} and neither published nor given back"


def _not_idle(s: Any) -> str:
    contexts = [c for cpu in s.cpus for c in (cpu.hardirq, cpu.softirq)] + [*s.opener, *s.busy, *s.netpoll]
    stuck = [f"{c.name} at {_point(c)}" for c in contexts if c.pc != 0]
    if s.main.pc != 0:
        stuck.append(f"{s.main.name} at {_point(s.main)}")
    stuck += [f"{b.name} hold {counted(b.count, 'store')}" for b in s.buffers if b.count]
    return "not idle: " + ", ".join(stuck)


def _point(context: Any) -> str:
    points: type[IntEnum] = type(context.idle())
    return points(int(context.pc)).name


def _misuse(s: Any) -> str:
    owners = ", ".join(f"buffer {i} {OWNERS[int(o)]}" for i, o in enumerate(s.ghost.owner))
    return f"a side took, gave or touched a buffer that is not its own ({owners})"


def _not_conserved(s: Any) -> str:
    free = sum(1 for o in s.ghost.owner if o == 0)
    held = sum(1 for o in s.ghost.owner if o in (2, 3))
    return f"num_free {s.vq.num_free} but {free} free; the device has {s.main.held} in hand but owns {held}"


def _inuse(s: Any) -> str:
    return f"inuse {s.dev.inuse}, elements in the device's hand {s.main.held}"


def _broken(s: Any) -> str:
    sides = [side for side, broken in (("driver", s.vq.broken), ("device", s.dev.broken)) if broken]
    return " and ".join(sides) + " declared the ring broken"


WRONG: dict[str, Callable[[Any], str]] = {
    "no_lost_interrupt": _lost_interrupt,
    "no_lost_kick": _lost_kick,
    "no_stranded_packet": _lost_kick,
    "strands_only_where_it_may": _lost_kick,
    "device_holds_nothing": _held,
    "rest_is_idle": _not_idle,
    "single_owner": _misuse,
    "descriptors_conserved": _not_conserved,
    "inuse_exact": _inuse,
    "ring_not_broken": _broken,
}
"""Property -> what is wrong in a state where it fails."""
