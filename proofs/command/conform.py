"""`vrx conform`, whose targets can be planted with the exhibits of the museum.

`models/` knows no exhibits, and a target runs in a process of its own: this module is what that process runs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Final

from vrx.models.claims import Exhibit
from vrx.models.conformance import command
from vrx.models.conformance.entrances import Entrances
from vrx.models.conformance.worker import child

HERE: Final = "vrx.proofs.command.conform"
WITH_EXHIBITS: Final = Entrances(worker=HERE, replay=HERE)


def exhibits() -> Sequence[Exhibit]:
    """The museum's, which is loaded where one is planted."""
    from vrx.proofs.museum import all_exhibits

    return all_exhibits()


def run(options: argparse.Namespace) -> int:
    """Run the command; the result is the exit status."""
    return command.run(options, WITH_EXHIBITS)


def replay_text(text: str) -> int:
    """What the program of a finding does: run its scenario, say what came of it."""
    return command.replay_text(text, WITH_EXHIBITS)


if __name__ == "__main__":
    sys.exit(child.main(sys.argv[1:], exhibits))
