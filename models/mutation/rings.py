"""The layouts whose steps get faults: whoever writes one adds it here."""

from __future__ import annotations

from typing import Final

from vrx.models.mutation import packed, split
from vrx.models.mutation.ring import Ring

RINGS: Final[tuple[Ring, ...]] = (split.RING, packed.RING)
