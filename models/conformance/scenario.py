"""A scenario: a configuration and a list of operations, in the terms of the side that the target is.

An operation is a tuple: its name, then integers or lists of integers.  Operations
are never wrong: one that means nothing where the run stands (take with nothing
used, the third of no buffers) does nothing, or takes the next that there is.  So
any part of a scenario is a scenario, which is what makes it shrink.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from vrx.models.conformance.entrances import OWN
from vrx.models.conformance.errors import BadScenario
from vrx.models.conformance.protocol import Feature, Setup

VERSION: Final = 1
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
    if not isinstance(data, Mapping) or data.get("version") != VERSION:
        raise BadScenario(f"not a scenario of version {VERSION}")
    try:
        features = frozenset(Feature[name] for name in data["features"])
        setup = Setup(int(data["size"]), features, data["buffers"])
        operations = tuple(_operations(data["operations"]))
        return Scenario(str(data["target"]), setup, operations, bool(data["hostile"]), str(data.get("origin", "saved")))
    except KeyError as error:
        raise BadScenario(f"{error} is missing or unknown") from None
    except (TypeError, ValueError) as error:
        raise BadScenario(str(error)) from None


def _operations(data: Any) -> Iterator[Operation]:
    for entry in data:
        if not isinstance(entry, Sequence) or isinstance(entry, str) or not entry or not isinstance(entry[0], str):
            raise BadScenario(f"not an operation: {entry!r}")
        for a in entry[1:]:
            whole = a if isinstance(a, list) else [a]
            if not all(isinstance(n, int) for n in whole):
                raise BadScenario(f"arguments are integers or lists of them: {entry!r}")
        yield tuple(entry)


def from_text(text: str) -> Scenario:
    """A scenario file: JSON, or a Python file written by `as_program`.  Raises BadScenario."""
    begin, end = text.find("{"), text.rfind("}")
    try:
        return from_json(json.loads(text[begin : end + 1]))
    except json.JSONDecodeError as error:
        raise BadScenario(f"no scenario in it: {error}") from None


def as_program(scenario: Scenario, about: str, replay: str = OWN.replay) -> str:
    """A Python file that runs the scenario again and says what came of it.  replay: as in `Entrances`."""
    data = scenario.as_json()
    operations = data.pop("operations")
    head = json.dumps(data, indent=4)[:-2]
    listed = ",\n".join(f"        {json.dumps(o)}" for o in operations)
    return (
        f"# {about}\n"
        "# Run it: python THIS_FILE.  Exit status 1 while the target still deviates.\n"
        "import sys\n\n"
        f"from {replay} import replay_text\n\n"
        f'sys.exit(replay_text("""{head},\n    "operations": [\n{listed}\n    ]\n}}"""))\n'
    )
