"""A scenario: a configuration and a list of operations, in the terms of the side that the target is.

An operation is a tuple: its name, then integers or lists of integers.  Operations
are never wrong: one that means nothing where the run stands (take with nothing
used, the third of no buffers) does nothing, or takes the next that there is.  So
any part of a scenario is a scenario, which is what makes it shrink.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar, cast, get_args

from vrx.models.conformance.entrances import OWN
from vrx.models.conformance.errors import BadScenario
from vrx.models.conformance.protocol import Buffers, Feature, Setup
from vrx.models.systems.nearest_names import nearest

VERSION: Final = 1
NO_BRACES: Final = str.maketrans("{}", "()")
"""The first brace of a program is that of its scenario."""
Operation = tuple[Any, ...]


@dataclass(frozen=True)
class Scenario:
    """What is done to a target.

    hostile: the harness may break the rules itself; only crashes, hangs and foreign memory count
    origin: where it comes from: "drawn", "tour", "solved", "saved", "soak"
    """

    target: str
    setup: Setup
    operations: tuple[Operation, ...]
    hostile: bool = False
    origin: str = "drawn"

    def with_operations(self, operations: Sequence[Operation]) -> Scenario:
        return replace(self, operations=tuple(operations))

    def as_json(self) -> dict[str, Any]:
        """As kept in files."""
        return {
            "version": VERSION,
            "target": self.target,
            "size": self.setup.size,
            "features": [f.name for f in sorted(self.setup.features)],
            "buffers": self.setup.buffers,
            "hostile": self.hostile,
            "origin": self.origin,
            "operations": [list(o) for o in self.operations],
        }

    def text(self) -> str:
        """For people: the configuration, and one operation a line."""
        lines = [f"{self.target}, {self.setup.name}" + (", hostile" if self.hostile else "")]
        return "\n".join([*lines, *(f"{i:4}  {said(o)}" for i, o in enumerate(self.operations, 1))])


def said(operation: Operation) -> str:
    """An operation for people."""
    return " ".join([operation[0], *(str(a) for a in operation[1:])])


def from_json(data: Any) -> Scenario:
    """What `as_json` made.  Raises BadScenario."""
    if not isinstance(data, Mapping) or "version" not in data:
        raise BadScenario("this is no scenario: docs/formats.md has the fields of one")
    if "deviations" in data:
        raise BadScenario("this is the report of a run: copy the `scenario` of one of its deviations into a file")
    if data["version"] != VERSION:
        raise BadScenario(f"a scenario of version {data['version']}; this vrx reads version {VERSION}")
    names = _field(data, "features", list)
    for name in names:
        if name not in Feature.__members__:
            raise BadScenario(f"features: there is no {name!r}; {nearest(str(name), Feature.__members__)}")
    buffers, kinds = _field(data, "buffers", str), get_args(Buffers)
    if buffers not in kinds:
        raise BadScenario(f"buffers: {buffers!r}: use one of {', '.join(kinds)}")
    try:
        setup = Setup(_field(data, "size", int), frozenset(Feature[name] for name in names), cast(Buffers, buffers))
    except ValueError as error:
        raise BadScenario(str(error)) from None
    operations = tuple(_operations(_field(data, "operations", list)))
    origin = str(data.get("origin", "saved"))
    return Scenario(_field(data, "target", str), setup, operations, _field(data, "hostile", bool), origin)


T = TypeVar("T")
WORDS: Final[Mapping[type, str]] = {int: "a number", str: "a text", bool: "true or false", list: "a list"}


def _field(data: Mapping[str, Any], name: str, kind: type[T]) -> T:
    """A field of a scenario.  Raises BadScenario."""
    if name not in data:
        raise BadScenario(f"the field {name!r} is missing")
    value = data[name]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise BadScenario(f"{name}: {value!r}: use {WORDS[kind]}")
    return value


def _operations(data: Iterable[Any]) -> Iterator[Operation]:
    for number, entry in enumerate(data, 1):
        if not isinstance(entry, list) or not entry or not isinstance(entry[0], str):
            raise BadScenario(f"operation {number}: {entry!r}: use a list, of a name and its arguments")
        for a in entry[1:]:
            if not all(type(n) is int for n in (a if isinstance(a, list) else [a])):
                raise BadScenario(f"operation {number}: {entry!r}: arguments are whole numbers, or lists of them")
        yield tuple(entry)


def from_text(text: str) -> Scenario:
    """A scenario file: JSON, or a Python file written by `as_program`.  Raises BadScenario."""
    begin, end = text.find("{"), text.rfind("}")
    if begin < 0 or end < begin:
        raise BadScenario("there is no scenario in it")
    try:
        return from_json(json.loads(text[begin : end + 1]))
    except json.JSONDecodeError as error:
        at = text.count("\n", 0, begin) + error.lineno
        raise BadScenario(f"the scenario is damaged at line {at}: {error.msg}") from None
    except RecursionError:
        raise BadScenario("the scenario is damaged: lists in lists without end") from None


def as_program(scenario: Scenario, about: str, replay: str = OWN.replay) -> str:
    """A Python file that runs the scenario again and says what came of it.  replay: as in `Entrances`."""
    data = scenario.as_json()
    operations = data.pop("operations")
    head = json.dumps(data, indent=4)[:-2]
    listed = ",\n".join(f"        {json.dumps(o)}" for o in operations)
    return (
        f"# {' '.join(about.translate(NO_BRACES).split())}\n"
        "# Run it: python THIS_FILE.  Exit status 1 while the target still deviates.\n"
        "import sys\n\n"
        f"from {replay} import replay_text\n\n"
        f'sys.exit(replay_text(r"""{head},\n    "operations": [\n{listed}\n    ]\n}}"""))\n'
    )
