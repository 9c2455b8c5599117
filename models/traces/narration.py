"""A trace as text: a line per step, a lane per context, and only what changed."""

from __future__ import annotations

from collections.abc import Iterator

from vrx.models.systems.fields import Field
from vrx.models.traces.events import Access, Change, End, Loop, Step, Trace, Who
from vrx.models.traces.legend import AT_REST, plain
from vrx.spec.explanations import OWNERS, counted
from vrx.spec.memory import SHARED

_PLACE = ("pc", "ret0", "ret1")
"""Where a context stands: the names of functions say it."""
_OWNER = "ghost.owner"
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
    return "\n".join([*lines, *_events(trace), *_exchanged(trace), *_words(trace)])


def _events(trace: Trace) -> Iterator[str]:
    lane = max((len(s.who.name) for s in trace.steps), default=0)
    called = max((len(s.function.name) for s in trace.steps), default=0)
    for event in trace.events:
        if isinstance(event, Step):
            said = "; ".join(_told(event, trace))
            yield f"{event.number:4}  {event.who.name:{lane}}  {event.function.name:{called}}  {said}".rstrip()
        elif isinstance(event, Loop):
            yield "     -- from here for ever --"
        else:
            yield ""
            yield from _ending(trace, event)


def _told(step: Step, trace: Trace) -> Iterator[str]:
    """What one step did, in parts."""
    yield from (f"{name}={value}" for name, value in step.choices if value)
    yield from (_BARRIERS[b.kind] for b in step.barriers if b.orders)
    yield from (_access(a, trace) for a in step.accesses)
    yield from (_change(c, trace) for c in step.changes if not _hidden(c.field, trace))
    yield from (f"[{mark}]" for mark in step.marks)


def _access(access: Access, trace: Trace) -> str:
    numbers = access.value if isinstance(access.value, tuple) else (access.value,)
    in_c = "".join(_in_c(name, value, trace) for name, value in zip(access.fields, numbers, strict=True))
    if access.kind == "load":
        return f"reads {access.place} {access.value}{in_c}"
    if access.kind == "drain":
        return f"{access.place} = {access.value}{in_c}, visible to all"
    return f"{access.place} <- {access.value}{in_c}" + (" (store buffer)" if access.waits else "")


def _in_c(name: str, value: int, trace: Trace) -> str:
    """Behind the value of a field: what the C has in its place, where that is two numbers."""
    pair = trace.pairs.get(plain(name))
    return f" ({pair.said(value)})" if pair else ""


def _change(change: Change, trace: Trace) -> str:
    f, old, new = change.field, change.before, change.after
    if (f.name, new) in _LINES:
        return _LINES[f.name, new]
    if f.whole == _OWNER:
        return f"buffer {f.element} {OWNERS[old]} -> {OWNERS[new]}"
    return f"{_short(f, trace)} {f.show(old)} -> {f.show(new)}{_in_c(f.name, new, trace)}"


def _context(f: Field, trace: Trace) -> Who | None:
    """The context whose own the field is."""
    return next((who for who in trace.contexts if who.part == f.part), None)


def _hidden(f: Field, trace: Trace) -> bool:
    """Is it memory, which accesses tell of, or where a context stands?"""
    who = _context(f, trace)
    return f.part in SHARED or f.attribute in _PLACE or (who is not None and who.buffer)


def _short(f: Field, trace: Trace) -> str:
    """The field without the part of the state that it is in, where that is clear."""
    head, _, tail = f.name.partition(".")
    if other := {"vq": "dev", "dev": "vq"}.get(head):
        return f.name if f"{other}.{tail}" in trace.names else tail
    return f.name if _context(f, trace) is None else f.name.removeprefix(f"{f.part}.")


def _ending(trace: Trace, end: End) -> Iterator[str]:
    """What is wrong at the end, and the values that say so."""
    n = len(trace.steps)
    values = ", ".join(_valued(trace, f, value) for f, value in end.values)
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


def _valued(trace: Trace, f: Field, value: int) -> str:
    """A field and its value as the end of a trace has them: memory by the standard's names, a context by its own."""
    if f.whole == _OWNER:
        return f"buffer {f.element} {OWNERS[value]}"
    if f.part in SHARED:
        place = f.name.removeprefix(f"{f.part}.")
        name = f"buffer.{place}" if f.part == "contents" else place.replace("_", ".", 1)
        return f"{name} {f.show(value)}{_in_c(f.name, value, trace)}"
    who = _context(f, trace)
    if f.attribute in _PLACE:
        context = who.name if who else f.part
        return f"{context} {'at' if f.attribute == 'pc' else 'returns to'} {f.show(value)}"
    if who is not None and who.buffer and f.attribute == "count":
        return f"{counted(value, 'store')} in {who.name}"
    return f"{_short(f, trace)} {f.show(value)}{_in_c(f.name, value, trace)}"


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
        c.field.whole
        for step in trace.steps
        for c in step.changes
        if not _hidden(c.field, trace) and c.field.whole != _OWNER and (c.field.name, 0) not in _LINES
    }
    lines = list(dict.fromkeys(line for name, line in trace.words.items() if name in shown))
    if trace.end.how == "rest":
        lines.append(AT_REST)
    if lines:
        yield from ["", "words:", *(f"  {line}" for line in lines)]
