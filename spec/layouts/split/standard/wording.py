"""How the split chapter words the rules of a queue: its functions name them; addresses are the layout's."""

from __future__ import annotations

from typing import Final

from vrx.spec.layouts.split.shape import SHAPE
from vrx.spec.layouts.split.standard.chain import aligned
from vrx.spec.standard.wording import Wording

WORDING: Final = Wording(SHAPE, aligned=aligned)
