"""By which modules the processes of a conformance run are entered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from vrx.models.claims import Exhibit

Exhibits = Callable[[], Sequence[Exhibit]]
"""The bugs that can be planted in the models; asked where one is planted."""


@dataclass(frozen=True)
class Entrances:
    """The modules that a new process runs.  A function cannot be handed to it, so the name of a module is.

    `models/` knows no exhibits.  Who stands above it and does hands down modules of its own.
    worker: `python -m WORKER CONNECTION PROGRESS TARGET` ends in `worker.child.main`
    replay: has `replay_text(text)`, which is called by the program that a finding is kept as
    """

    worker: str = "vrx.models.conformance.worker.child"
    replay: str = "vrx.models.conformance.command"


OWN: Final = Entrances()
"""Without exhibits."""


def no_exhibits() -> Sequence[Exhibit]:
    """None: what `models/` has by itself."""
    return ()
