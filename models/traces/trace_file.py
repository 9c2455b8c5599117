"""Traces in files: JSON that `vrx trace --replay` reads back.  The format is described in docs/formats.md."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

from vrx.models.claims import Question, Reached
from vrx.models.systems.fields import Values
from vrx.models.systems.system import RINGS, Move, Program, System, rx
from vrx.models.traces.events import Step, Trace
from vrx.models.traces.trace import Mismatch, Replay, config_as_json
from vrx.spec.config import BadConfiguration, Config
from vrx.spec.property import Property
from vrx.spec.questions import STANDARD

FORMAT = "vrx-trace"
VERSION = 4
Finder = Callable[[str, str], "tuple[System, Question] | None"]
"""The system and the question of these names, of a claim, a bug or a file; None for a name that is not known."""


class BadTrace(Exception):
    """A file that is no trace of this tool and this specification; the text is one line."""


def to_json(trace: Trace) -> dict[str, Any]:
    """The trace as JSON: names of actors and steps, the fields that each step changed."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "subject": trace.subject,
        "mark" if trace.verdict == "REACHED" else "property": trace.title,
        "system": {"name": trace.system, "config": dict(trace.config), "changed": list(trace.changed)},
        "initial": {f.name: v for f, v in zip(trace.fields, trace.initial, strict=True)},
        "steps": [_entry(step) for step in trace.steps],
        "loop": trace.loop,
        "end": {
            "how": trace.end.how,
            "said": trace.end.said,
            "values": {f.name: value for f, value in trace.end.values},
        },
    }


def _entry(step: Step) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "actor": step.who.name,
        "step": step.function.name,
        "choice": dict(step.choices),
        "changes": {c.field.name: c.after for c in step.changes},
    }
    if step.accesses:
        entry["accesses"] = [[a.kind, a.place, a.value] for a in step.accesses]
    if step.barriers:
        entry["barriers"] = [[b.kind, b.name] for b in step.barriers]
    if step.marks:
        entry["marks"] = list(step.marks)
    return entry


def from_text(text: str, find: Finder) -> Trace:
    """Read a trace and replay it.

    Raises BadTrace for a file that is no trace of this specification, Mismatch where the replay differs from it.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadTrace(f"not JSON, or cut off: line {error.lineno}: {error.msg}") from None
    except RecursionError:
        raise BadTrace("not a trace: nested too deeply") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise BadTrace(f'not a trace of vrx: there is no "format": "{FORMAT}"')
    if data.get("version") != VERSION:
        of = f"version {data.get('version')!r} of the trace format"
        raise BadTrace(f"{of}: this tool reads version {VERSION}: write the trace again")
    subject = _get(data, "subject", str)
    system, asks = _system(data, subject, find)
    run = Replay(system)
    _initial(run.program, _get(data, "initial", dict))
    for n, entry in enumerate(_get(data, "steps", list), 1):
        if not isinstance(entry, dict):
            raise BadTrace(f"step {n} is not an object")
        before = run.here
        run.take(_move(run.program, before, entry, n))
        _compare(run, before, _get(entry, "changes", dict))
    loop = data.get("loop")
    if loop is not None and not (type(loop) is int and 0 <= loop < len(run.states) - 1):
        raise BadTrace(f'"loop" is {loop!r}, not the number of a state that a step leaves')
    trace = run.told(subject, asks, loop)
    _same(to_json(trace), data)
    return trace


def _get(data: dict[str, Any], key: str, kind: type[Any]) -> Any:
    value = data.get(key)
    if not isinstance(value, kind):
        raise BadTrace(f'"{key}" is missing or not {_KINDS[kind]}: the file is damaged')
    return value


_KINDS: dict[type[Any], str] = {str: "a string", dict: "an object", list: "a list"}


def _system(data: dict[str, Any], subject: str, find: Finder) -> tuple[System, Question]:
    form = _get(data, "system", dict)
    _get(form, "name", str)
    mark = Reached(_get(data, "mark", str)) if "mark" in data else None
    wanted = mark.name if mark else _get(data, "property", str)
    config, changed = _get(form, "config", dict), _get(form, "changed", list)
    known = find(subject, wanted)
    if known is not None:
        system, prop = known
        if differs := _first_difference(config_as_json(system.cfg), config) or _of_variants(system, changed):
            raise BadTrace(f"{subject} is now about another system: {differs}")
        if prop.name != wanted:
            raise BadTrace(f"the trace is about {wanted}, but {subject} is now about {prop.name}")
        return system, prop
    if changed:
        file = subject.partition(".py:")[0]
        own = f"; name the file that it is in: --replay TRACE {file}.py" if file != subject else ""
        raise BadTrace(f"the trace is of {subject!r}, which is not known here{own}")
    standard = (*STANDARD, *(q for layout in RINGS.values() for q in layout.shape.questions))
    properties = {q.name: q for q in standard if isinstance(q, Property)}
    if wanted not in properties and mark is None:
        raise BadTrace(f"no property is called {wanted!r}")
    try:
        options = {key: frozenset(v) if isinstance(v, list) else v for key, v in config.items()}
        layout = options.pop("layout", Config.layout.name)
        if layout not in RINGS:
            raise BadTrace(f"the trace is of a ring that is {layout}: name the file that its layout is in")
        for key, default in ((f.name, f.default) for f in dataclasses.fields(Config)):
            if type(options.get(key, default)) is not type(default):
                raise BadConfiguration(f"{key}={options[key]!r}")
        system = rx(ring=layout, **options)
    except (BadConfiguration, TypeError) as error:
        raise BadTrace(f"no system has this configuration: {error}") from None
    return system, mark or properties[wanted]


def _first_difference(mine: dict[str, Any], theirs: dict[str, Any]) -> str:
    """Where two configurations differ; an empty string where they do not."""
    for key in dict.fromkeys([*mine, *theirs]):
        if key not in theirs:
            return f"{key} is {in_json(mine[key])}, and missing in the trace"
        if key not in mine:
            return f"the trace says {key}, which no configuration has"
        if not _alike(mine[key], theirs[key]):
            return f"{key} is {in_json(mine[key])}, {in_json(theirs[key])} in the trace"
    return ""


def _of_variants(system: System, changed: list[Any]) -> str:
    here = list(system.changed)
    return "" if _alike(here, changed) else f"it changes {in_json(here)}, {in_json(changed)} in the trace"


def _alike(mine: Any, theirs: Any) -> bool:
    """Are two values the same as JSON has them?  For Python true is 1, and 1.0 is 1."""
    return in_json(mine) == in_json(theirs)


def in_json(value: Any) -> str:
    """A value in one line, keys in order, as a file and its errors have it."""
    return json.dumps(value, sort_keys=True)


def _same(mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Compare what is told of a run with what its file says beside the states.  Raises Mismatch.

    What this version does not know is passed over: a field may be added without a new version.
    """
    for n, (here, there) in enumerate(zip(mine["steps"], theirs["steps"], strict=True), 1):
        for key in ("accesses", "barriers", "marks"):
            if not _alike(here.get(key, []), there.get(key, [])):
                own, said = (in_json(entry[key]) if key in entry else "none" for entry in (here, there))
                raise Mismatch(f"step {n} differs: its {key} are {own} here, {said} in the trace")
    end = theirs.get("end")
    if not isinstance(end, dict):
        raise BadTrace('"end" is missing or not an object: the file is damaged')
    for key, value in mine["end"].items():
        if not _alike(value, end.get(key)):
            raise Mismatch(f"the end differs: {key} is {in_json(value)} here, {in_json(end.get(key))} in the trace")
    name = theirs["system"]["name"]
    if mine["system"]["name"] != name:
        raise Mismatch(f"the system is called {mine['system']['name']} here, {name} in the trace")


def _initial(program: Program, given: dict[str, Any]) -> None:
    fields = program.view.fields
    if set(given) != {f.name for f in fields}:
        odd = sorted(set(given) ^ {f.name for f in fields})
        raise BadTrace(f"made with another version of the specification: the fields differ, first {odd[0]}")
    for f, value in zip(fields, program.initial, strict=True):
        if given[f.name] != int(value):
            raise Mismatch(f"step 0 differs: {f.name} begins as {f.show(int(value))}, {given[f.name]!r} in the trace")


def _move(program: Program, here: Values, entry: dict[str, Any], n: int) -> Move:
    actor, name = _get(entry, "actor", str), _get(entry, "step", str)
    choice = _get(entry, "choice", dict)
    numbers = [
        i for i, a in enumerate(program.actions) if a.actor_name == actor and a.step.name == name
    ]
    if not numbers:
        raise BadTrace(f"step {n}: the system has no step {name!r} of {actor!r}")
    program.view.set(here)
    held = program.actors[program.actions[numbers[0]].actor]
    fitting = [i for i in numbers if program.actions[i].point in (-1, int(getattr(held, "pc", -1)))]
    number = fitting[0] if fitting else numbers[0]
    counts = program.actions[number].choices
    if set(choice) != {c for c, _ in counts}:
        raise BadTrace(f"step {n}: {name} has the choices {', '.join(c for c, _ in counts) or 'none'}")
    for c, count in counts:
        if not isinstance(choice[c], int) or not 0 <= choice[c] < count:
            raise BadTrace(f"step {n}: {name} has {c} 0..{count - 1}, not {choice[c]!r}")
    return Move(number, tuple(choice[c] for c, _ in counts))


def _compare(run: Replay, before: Values, changes: dict[str, Any]) -> None:
    view, n = run.program.view, len(run.states) - 1
    unknown = [name for name in changes if name not in view.index]
    if unknown:
        raise BadTrace(f"step {n}: no field is called {unknown[0]!r}")
    for f, old, new in zip(view.fields, before, run.here, strict=True):
        said = changes.get(f.name, int(old))
        if said != int(new):
            raise Mismatch(f"step {n} differs: {f.name} becomes {f.show(int(new))} here, {said!r} in the trace")
