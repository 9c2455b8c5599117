"""How the split chapter words the rules of a queue: the functions of the queue name its clauses themselves."""

from __future__ import annotations

from typing import Final

from vrx.spec.layouts.split.shape import SHAPE
from vrx.spec.layouts.split.standard.chain import aligned
from vrx.spec.standard.wording import Wording


def _data(size: int, position: int) -> int:
    return position


WORDING: Final = Wording(SHAPE, event_structure=False, aligned=aligned, data=_data)
