"""A trace as text: a line per step, a lane per context, and only what changed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vrx.models.systems.fields import Field
from vrx.models.traces.events import Access, Change, End, Loop, Step, Trace
from vrx.models.traces.legend import AT_REST, plain
from vrx.spec.explanations import OWNERS, counted
from vrx.spec.memory import SHARED

_HIDDEN = re.compile(r"^(ring|contents|variables|buffers\d+)\.|\.(pc|ret0|ret1)$")
_OWNER = re.compile(r"^ghost\.owner\[(\d+)\]$")
_BARRIERS = {"mb": "full barrier", "rmb": "read barrier", "wmb": "write barrier", "lock": "locked instruction"}
_LINES = {
    ("lines.kick", 1): "a kick is on its way",
    ("lines.kick", 0): "the kick is taken",
    ("lines.irq", 1): "an interrupt is on its way",
    ("lines.irq", 0): "the interrupt is taken",
}


def text(trace: Trace) -> str:
    """The whole trace: what fails, the steps, the values at the end that break it, and what the words mean."""
    head = f"{trace.verdict}  {trace.title}"
    if trace.end.how == "fault":
        head = "the run up to the step that fails"
    lines = [f"{head}   {trace.system}   {counted(len(trace.steps), 'step')}"]
    lines += [f"{'':9}{trace.sentence}", ""] if trace.sentence else [""]
    names = frozenset(f.name for f in trace.fields)
    return "\n".join([*lines, *_events(trace, names), *_exchanged(trace), *_words(trace)])


def _events(trace: Trace, names: frozenset[str]) -> Iterator[str]:
    lane = max((len(s.who.name) for s in trace.steps), default=0)
    called = max((len(s.function.name) for s in trace.steps), default=0)
    for event in trace.events:
        if isinstance(event, Step):
            said = "; ".join(_told(event, names))
            yield f"{event.number:4}  {event.who.name:{lane}}  {event.function.name:{called}}  {said}".rstrip()
        elif isinstance(event, Loop):
            yield "     -- from here for ever --"
        else:
            yield ""
            yield from _ending(trace, event, names)


def _told(step: Step, names: frozenset[str]) -> Iterator[str]:
    """What one step did, in parts."""
    yield from (f"{name}={value}" for name, value in step.choices if value)
    yield from (_BARRIERS[b.kind] for b in step.barriers if b.orders)
    yield from (_access(a) for a in step.accesses)
    yield from (_change(c, names) for c in step.changes if not _HIDDEN.search(c.field.name))
    yield from (f"[{mark}]" for mark in step.marks)


def _access(access: Access) -> str:
    if access.kind == "load":
        return f"reads {access.place} {access.value}"
    if access.kind == "drain":
        return f"{access.place} = {access.value}, visible to all"
    return f"{access.place} <- {access.value}" + (" (store buffer)" if access.waits else "")


def _change(change: Change, names: frozenset[str]) -> str:
    f, old, new = change.field, change.before, change.after
    if (f.name, new) in _LINES:
        return _LINES[f.name, new]
    owner = _OWNER.match(f.name)
    if owner:
        return f"buffer {owner[1]} {OWNERS[old]} -> {OWNERS[new]}"
    return f"{_short(f.name, names)} {f.show(old)} -> {f.show(new)}"


def _short(name: str, names: frozenset[str]) -> str:
    """The field without the part of the state that it is in, where that is clear."""
    head, _, tail = name.partition(".")
    if head.startswith(("cpus", "opener", "busy", "netpoll", "threads", "main")):
        return name.rpartition(".")[2]
    other = {"vq": "dev.", "dev": "vq."}.get(head)
    return tail if other and other + tail not in names else name


def _ending(trace: Trace, end: End, names: frozenset[str]) -> Iterator[str]:
    """What is wrong at the end, and the values that say so."""
    n = len(trace.steps)
    values = ", ".join(_valued(trace, f, value, names) for f, value in end.values)
    match end.how:
        case "reached":
            yield f"{n:4}  {trace.title}"
            return
        case "fault":
            yield f"{n:4}  {end.said}"
            return
        case "loop":
            place, nothing = f"back at state {trace.loop}, and so for ever", ""
        case "rest":
            place, nothing = "at rest", "this does not hold"
        case "here":
            place, nothing = "here", "this does not hold"
    said = end.said or values or nothing
    yield f"{n:4}  {place}: {said}" if said else f"{n:4}  {place}"
    if end.said and values:
        yield f"      {values}"


def _valued(trace: Trace, f: Field, value: int, names: frozenset[str]) -> str:
    """A field and its value as the end of a trace has them: memory by the standard's names, a context by its own."""
    owner = _OWNER.match(f.name)
    if owner:
        return f"buffer {owner[1]} {OWNERS[value]}"
    memory, _, place = f.name.partition(".")
    if memory in SHARED:
        name = f"buffer.{place}" if memory == "contents" else place.replace("_", ".", 1)
        return f"{name} {f.show(value)}"
    part, _, attribute = f.name.rpartition(".")
    context = next((who.name for who in trace.contexts if who.part == part), part)
    if attribute in ("pc", "ret0", "ret1"):
        return f"{context} {'at' if attribute == 'pc' else 'returns to'} {f.show(value)}"
    if part.startswith("buffers") and attribute == "count":
        return f"{counted(value, 'store')} in {context}"
    return f"{_short(f.name, names)} {f.show(value)}"


def _exchanged(trace: Trace) -> Iterator[str]:
    """What the exchanged steps of a variant do, in the words of whoever wrote them."""
    told = {s.function.name: s.function for s in trace.steps if s.function.exchanged}
    if told:
        yield ""
    for function in told.values():
        yield f"{function.name} is exchanged: {function.sentence}"


def _words(trace: Trace) -> Iterator[str]:
    """The legend: every field that the trace shows, in the words of the specification."""
    shown = {
        plain(c.field.name)
        for step in trace.steps
        for c in step.changes
        if not _HIDDEN.search(c.field.name) and not _OWNER.match(c.field.name) and (c.field.name, 0) not in _LINES
    }
    lines = list(dict.fromkeys(line for name, line in trace.words.items() if name in shown))
    if trace.end.how == "rest":
        lines.append(AT_REST)
    if lines:
        yield from ["", "words:", *(f"  {line}" for line in lines)]
